package rating

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// errTrace is the fault of bytes that are no trace.
var errTrace = errors.New("trace: bytes are damaged or incomplete")

// DecodeTrace reads the trace of a Rated. It accepts only bytes in the one encoding of their content, of the format
// versions known here; whether amounts follow from the rest is what Replay finds out.
func DecodeTrace(b []byte) (Trace, error) {
	if len(b) > 0 && b[0] != traceFormat {
		return Trace{}, fmt.Errorf("trace: format version %d is not known to this program", b[0])
	}
	r := traceReader{b: b}
	r.byte()
	var t Trace
	r.terms(&t)
	r.session(&t)
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		r.rule(&t)
	}
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		r.slice(&t)
	}
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		r.adjustment(&t)
	}
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		r.line(&t)
	}
	t.w.total = r.signed()
	if r.failed || len(r.b) != 0 {
		return Trace{}, errTrace
	}
	// A number can be written as a longer varint and a name be repeated: comparing leaves one encoding.
	if !bytes.Equal(t.encode(), b) {
		return Trace{}, errTrace
	}
	t.finish(b)
	return t, nil
}

// encode writes a trace as it was read.
func (t *Trace) encode() []byte {
	var w traceWriter
	for i := range t.keys {
		w.again(&t.w.rules[i], &t.keys[i])
	}
	t.w.terms.bytes = t.w.terms.encode(nil)
	if t.Rules != RulesVersion { // of another engine
		t.w.terms.bytes = append(binary.AppendUvarint(nil, uint64(t.Rules)), t.w.terms.bytes[len(binary.AppendUvarint(nil, RulesVersion)):]...)
	}
	return w.trace(&t.w)
}

// finish fills what people read.
func (t *Trace) finish(b []byte) {
	u := &t.w.used
	t.bytes = bytes.Clone(b)
	t.Tariff, t.Version, t.Currency, t.Mode, t.Round = t.w.terms.tariff, t.w.terms.version, t.w.terms.currency, t.w.terms.mode, t.w.terms.round
	t.Start, t.Seconds, t.Idle = u.instant(0), u.seconds, u.idle
	t.Energy, t.Export = cdr.MicroKWh(u.energy), cdr.MicroKWh(u.export)
	t.Adjustments, t.Lines, t.Total, t.Held = t.w.adjustments, t.w.lines, t.w.total, t.w.flags&holding != 0
	for i := range t.w.slices {
		s := &t.w.slices[i]
		v := Slice{
			From: u.instant(s.from), To: u.instant(s.to), Component: components[s.comp].name, Outcome: s.outcome,
			Measured: s.measured, Billed: s.billed, Rejected: s.rejected, Reason: reasons[s.reason],
		}
		if s.rule >= 0 {
			r, k := &t.w.rules[s.rule], &t.keys[s.rule]
			v.Row, v.Price, v.Priority, v.Matched, v.When = r.row, *r.price, k.priority, k.matched, k.when
		}
		t.Slices = append(t.Slices, v)
	}
}

// traceReader takes a trace apart. After a fault it gives zeros and stays failed.
type traceReader struct {
	b      []byte
	names  []string
	failed bool
}

func (r *traceReader) fail() { r.b, r.failed = nil, true }

func (r *traceReader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *traceReader) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *traceReader) unsigned() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *traceReader) text() string {
	length := r.unsigned()
	if length > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	s := string(r.b[:length])
	r.b = r.b[length:]
	return s
}

func (r *traceReader) name() string {
	n := r.unsigned()
	switch {
	case r.failed || n > uint64(len(r.names)):
		r.fail()
		return ""
	case n < uint64(len(r.names)):
		return r.names[n]
	}
	s := r.text()
	r.names = append(r.names, s)
	return s
}

// pick reads the number of a value in a table.
func pick[T any](r *traceReader, table []T) T {
	var none T
	n := int(r.byte())
	if n >= len(table) {
		r.fail()
		return none
	}
	return table[n]
}

// component reads the code of a component, or 0 where there may be none.
func (r *traceReader) component(orNone bool) (int, Component) {
	code := r.byte()
	if code == 0 && orNone {
		return -1, ""
	}
	i := codeIndex(code)
	if i < 0 {
		r.fail()
		return 0, ""
	}
	return i, components[i].name
}

// line number, counted from 1, 0 for none.
func (r *traceReader) index() int {
	n := r.unsigned()
	if n > math.MaxInt32 {
		r.fail()
		return 0
	}
	return int(n) - 1
}

func (r *traceReader) terms(t *Trace) {
	t.Rules = r.index() + 1
	w := &terms{tariff: r.text(), version: int(r.signed()), currency: money.Currency(r.text())}
	w.mode, w.round, w.rounding = pick(r, modes[:]), pick(r, roundAts[:]), pick(r, roundings[:])
	w.minor, _ = w.currency.Minor()
	w.min, w.max = money.Exact(r.signed()), money.Exact(r.signed())
	w.minOnZero, w.limitVAT = pick(r, []bool{false, true}), r.text()
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		d := Discount{ID: r.text()}
		mask := r.unsigned()
		for i := range components {
			if mask&(1<<i) != 0 {
				d.Components = append(d.Components, components[i].name)
			}
		}
		d.Percent, d.Amount, d.BestOf = money.Fraction(r.signed()), money.Price(r.signed()), r.text()
		w.discounts = append(w.discounts, d)
	}
	t.w.terms = w
}

func (r *traceReader) session(t *Trace) {
	u := &t.w.used
	for _, v := range [...]*int64{&u.start, &u.seconds, &u.idle, &u.energy, &u.export, &u.reserve} {
		*v = r.signed()
	}
	bits := r.byte()
	t.w.proven, u.booked, t.w.hasStated = bits&15, bits&16 != 0, bits&32 != 0
	t.w.taken, t.w.stated = r.signed(), money.Exact(r.signed())
	t.w.discounts, t.w.flags = r.unsigned(), flagSet(r.unsigned())
	if t.w.flags >= 1<<len(flags) || t.w.discounts>>len(t.w.terms.discounts) != 0 {
		r.fail()
	}
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		a := Allowance{ID: r.text()}
		_, a.Component = r.component(true)
		a.Left = r.signed()
		t.w.allowances = append(t.w.allowances, a)
	}
}

func (r *traceReader) rule(t *Trace) {
	var v rule
	var k traced
	p := new(Price)
	v.comp, _ = r.component(false)
	v.row, p.Unit, p.VATCode = r.text(), money.Price(r.signed()), r.text()
	set := r.unsigned()
	if set >= ruleBits {
		r.fail()
	}
	part := func(bit uint64) int64 {
		if set&bit == 0 {
			return 0
		}
		return r.signed()
	}
	k.priority = int(part(hasPriority))
	free := part(hasFreeTime)
	if free < 0 || free > math.MaxInt64/int64(time.Second) {
		r.fail()
	}
	p.FreeTime = time.Duration(free) * time.Second
	p.FreeEnergy, p.Step, p.Cap = cdr.MicroKWh(part(hasFreeEnergy)), part(hasStep), money.Price(part(hasCap))
	if set&isCliff != 0 {
		p.Grace = Cliff
	} else if set&isDeduct != 0 {
		p.Grace = Deduct
	}
	p.StartedBlock, p.CapPerDay, p.Volume, p.PassThrough = set&isBlock != 0, set&isPerDay != 0, set&isVolume != 0, set&isPassThrough != 0
	if set&hasTiers != 0 {
		for n := r.unsigned(); n > 0 && !r.failed; n-- {
			p.Tiers = append(p.Tiers, Tier{Below: cdr.MicroKWh(r.signed()), Unit: money.Price(r.signed())})
		}
	}
	p.Markup = money.Fraction(part(hasMarkup))
	if set&hasWhen != 0 {
		k.when = r.text()
	}
	mask := r.unsigned()
	if mask >= 1<<keyCount {
		r.fail()
	}
	for i := range k.matched {
		if mask&(1<<i) != 0 {
			k.matched[i] = r.text()
		}
	}
	v.price = p
	t.w.rules, t.keys = append(t.w.rules, v), append(t.keys, k)
}

func (r *traceReader) slice(t *Trace) {
	comp, _ := r.component(false)
	s := slice{comp: int32(comp), outcome: Outcome(r.byte()), rule: int32(r.index())}
	s.from, s.to, s.measured, s.billed = r.signed(), r.signed(), r.signed(), r.signed()
	day := r.signed()
	s.day, s.reason = int32(day), r.byte()
	if s.outcome < Priced || s.outcome > FreeOfCharge || (s.rule >= 0) != (s.outcome == Priced) || int(s.rule) >= len(t.w.rules) ||
		int64(s.day) != day || int(s.reason) >= len(reasons) {
		r.fail()
	}
	if s.reason != noReason {
		s.rejected = r.name()
	}
	t.w.slices = append(t.w.slices, s)
}

func (r *traceReader) adjustment(t *Trace) {
	a := Adjustment{Kind: pick(r, adjustmentKinds[:])}
	_, a.Component = r.component(true)
	a.Label, a.Line, a.Before, a.After = r.name(), r.index(), r.signed(), r.signed()
	t.w.adjustments = append(t.w.adjustments, a)
}

func (r *traceReader) line(t *Trace) {
	l := Line{Kind: pick(r, lineKinds[:])}
	_, l.Component = r.component(true)
	l.Quantity, l.Unit, l.Exact = r.signed(), money.Price(r.signed()), money.Exact(r.signed())
	l.Amount, l.Block = r.signed(), r.signed()
	l.VATCode, l.Row, l.Label = r.name(), r.name(), r.name()
	t.w.lines = append(t.w.lines, l)
}
