package rating

import (
	"encoding/binary"
	"time"

	"wattdue/money"
)

// The encoding of a trace, version 2. Numbers are varints as in encoding/binary, signed ones zigzag; a text has its length
// in front. A name is the number of an earlier name of the same trace, counted from 0, or the next number and the text.
//
//	1 byte   traceFormat
//	terms    rules version, tariff (text), its version, currency (text); bytes: mode, round, rounding; session minimum and
//	         maximum (exact, signed), 1 byte min_on_zero, limit VAT code (text); number of discounts, each: id (text), components
//	         as bits, percent, amount (signed), best-of group (text)
//	session  start in Unix seconds, how many it lasts, idle seconds, energy, export, seconds reserved, all signed; 1 byte proofs of time
//	         as bits, with 16 booked, 32 operator's total stated; energy of the month before (signed), that total (exact, signed);
//	         discounts the contract gets as bits; flags as bits of flagSet; number of allowances, each: id (text), 1 byte component,
//	         what is left (signed)
//	rules    their number, each as candidate.encode writes it, then the static keys as bits and their values (texts)
//	slices   their number, each: 1 byte component, 1 byte outcome, rule + 1, from, to, measured, billed, local day (signed),
//	         1 byte reason, and unless that is 0 the rejected row (name)
//	adjustments  their number, each: 1 byte kind, 1 byte component or 0, label (name), line + 1, before, after (signed)
//	lines    their number, each: 1 byte kind, 1 byte component or 0, quantity, unit, exact, amount, block (signed),
//	         VAT code, row, label (names)
//	         total (signed)
//
// There is exactly one encoding of a trace.
const traceFormat = 2

// Values by their number in a trace.
var (
	modes     = [...]Mode{Gross, Net}
	roundings = [...]money.Rounding{money.HalfAway, money.HalfEven, money.Down, money.Up}
	roundAts  = [...]RoundAt{AtLine, AtSession, AtDocument}
	lineKinds = [...]LineKind{QuantityLine, IncludedLine, CapLine, DiscountLine, LimitLine}
)

// traceWriter collects a trace in a room that is used again.
type traceWriter struct {
	b     []byte
	rules []byte // of the rules so far
	names []string
}

func (w *traceWriter) reset() { w.b, w.rules, w.names = w.b[:0], w.rules[:0], w.names[:0] }

// name appends a name, with its text where it is the first time.
func (w *traceWriter) name(b []byte, s string) []byte {
	for i := range w.names {
		if w.names[i] == s {
			return binary.AppendUvarint(b, uint64(i))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(w.names)))
	w.names = append(w.names, s)
	return appendText(b, s)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// trace returns the bytes of a settlement whose rules were written before. The room is handed from part to part, because
// storing it after each number would cost more than the number.
func (w *traceWriter) trace(s *settlement) []byte {
	b := append(append(w.b[:0], traceFormat), s.terms.bytes...)
	b = s.session(b)
	b = append(binary.AppendUvarint(b, uint64(len(s.rules))), w.rules...)
	b = binary.AppendUvarint(b, uint64(len(s.slices)))
	for i := range s.slices {
		b = w.slice(b, &s.slices[i])
	}
	b = binary.AppendUvarint(b, uint64(len(s.adjustments)))
	for i := range s.adjustments {
		a := &s.adjustments[i]
		b = w.name(append(b, number(adjustmentKinds[:], a.Kind), codeOf(a.Component)), a.Label)
		b = binary.AppendVarint(binary.AppendVarint(binary.AppendUvarint(b, uint64(a.Line+1)), a.Before), a.After)
	}
	b = binary.AppendUvarint(b, uint64(len(s.lines)))
	for i := range s.lines {
		b = w.line(b, &s.lines[i])
	}
	w.b = binary.AppendVarint(b, s.total)
	return append(make([]byte, 0, len(w.b)), w.b...)
}

func (w *settlement) session(b []byte) []byte {
	u := &w.used
	for _, v := range [...]int64{u.start, u.seconds, u.idle, u.energy, u.export, u.reserve} {
		b = binary.AppendVarint(b, v)
	}
	b = append(b, w.proven|bit(u.booked, 4)|bit(w.hasStated, 5))
	b = binary.AppendVarint(binary.AppendVarint(b, w.taken), int64(w.stated))
	b = binary.AppendUvarint(binary.AppendUvarint(b, w.discounts), uint64(w.flags))
	b = binary.AppendUvarint(b, uint64(len(w.allowances)))
	for i := range w.allowances {
		a := &w.allowances[i]
		b = binary.AppendVarint(append(appendText(b, a.ID), codeOf(a.Component)), a.Left)
	}
	return b
}

func (w *traceWriter) slice(b []byte, s *slice) []byte {
	b = binary.AppendUvarint(append(b, components[s.comp].code, byte(s.outcome)), uint64(s.rule+1))
	for _, v := range [...]int64{s.from, s.to, s.measured, s.billed, int64(s.day)} {
		b = binary.AppendVarint(b, v)
	}
	b = append(b, s.reason)
	if s.reason != noReason {
		b = w.name(b, s.rejected)
	}
	return b
}

func (w *traceWriter) line(b []byte, l *Line) []byte {
	b = append(b, number(lineKinds[:], l.Kind), codeOf(l.Component))
	for _, v := range [...]int64{l.Quantity, int64(l.Unit), int64(l.Exact), l.Amount, l.Block} {
		b = binary.AppendVarint(b, v)
	}
	return w.name(w.name(w.name(b, l.VATCode), l.Row), l.Label)
}

// rule writes down a row that is used.
func (w *traceWriter) rule(c *candidate, matched KeyValues) {
	w.rules = matched.encode(append(w.rules, c.bytes...))
}

// again writes down a rule as it was read.
func (w *traceWriter) again(r *rule, k *traced) {
	c := candidate{row: r.row, comp: r.comp, priority: k.priority, price: r.price}
	if k.when != "" {
		c.condition = &condition{text: k.when}
	}
	w.rules = k.matched.encode(c.encode(w.rules))
}

func (v *KeyValues) encode(b []byte) []byte {
	mask := uint64(0)
	for k := range v {
		if v[k] != "" {
			mask |= 1 << k
		}
	}
	b = binary.AppendUvarint(b, mask)
	for k := range v {
		if v[k] != "" {
			b = appendText(b, v[k])
		}
	}
	return b
}

// The parts of a rule that most have not, as bits.
const (
	hasPriority = 1 << iota
	hasFreeTime
	hasFreeEnergy
	isCliff
	isDeduct
	hasStep
	isBlock
	hasCap
	isPerDay
	hasTiers
	isVolume
	isPassThrough
	hasMarkup
	hasWhen
	ruleBits
)

// encode appends a row as a rule: 1 byte component, row (text), unit price (signed), VAT code (text), the parts it has as
// bits, and of those in this order: priority (signed), free seconds, free energy, step, cap, number of tiers with below and
// unit each, markup (all signed), moving keys (text).
func (c *candidate) encode(b []byte) []byte {
	p := c.price
	b = appendText(append(b, components[c.comp].code), c.row)
	b = appendText(binary.AppendVarint(b, int64(p.Unit)), p.VATCode)
	set := uint64(0)
	for _, has := range [...]struct {
		is  bool
		bit uint64
	}{
		{c.priority != 0, hasPriority},
		{p.FreeTime != 0, hasFreeTime},
		{p.FreeEnergy != 0, hasFreeEnergy},
		{p.Grace == Cliff, isCliff},
		{p.Grace == Deduct, isDeduct},
		{p.Step != 0, hasStep},
		{p.StartedBlock, isBlock},
		{p.Cap != 0, hasCap},
		{p.CapPerDay, isPerDay},
		{len(p.Tiers) > 0, hasTiers},
		{p.Volume, isVolume},
		{p.PassThrough, isPassThrough},
		{p.Markup != 0, hasMarkup},
		{c.condition != nil, hasWhen},
	} {
		if has.is {
			set |= has.bit
		}
	}
	b = binary.AppendUvarint(b, set)
	for _, v := range [...]struct {
		bit uint64
		v   int64
	}{
		{hasPriority, int64(c.priority)},
		{hasFreeTime, int64(p.FreeTime / time.Second)},
		{hasFreeEnergy, int64(p.FreeEnergy)},
		{hasStep, p.Step},
		{hasCap, int64(p.Cap)},
	} {
		if set&v.bit != 0 {
			b = binary.AppendVarint(b, v.v)
		}
	}
	if set&hasTiers != 0 {
		b = binary.AppendUvarint(b, uint64(len(p.Tiers)))
		for _, t := range p.Tiers {
			b = binary.AppendVarint(binary.AppendVarint(b, int64(t.Below)), int64(t.Unit))
		}
	}
	if set&hasMarkup != 0 {
		b = binary.AppendVarint(b, int64(p.Markup))
	}
	if set&hasWhen != 0 {
		b = appendText(b, c.condition.text)
	}
	return b
}

// encode appends the terms.
func (t *terms) encode(b []byte) []byte {
	b = binary.AppendUvarint(b, RulesVersion)
	b = appendText(binary.AppendVarint(appendText(b, t.tariff), int64(t.version)), string(t.currency))
	b = append(b, number(modes[:], t.mode), number(roundAts[:], t.round), number(roundings[:], t.rounding))
	b = binary.AppendVarint(binary.AppendVarint(b, int64(t.min)), int64(t.max))
	b = appendText(append(b, bit(t.minOnZero, 0)), t.limitVAT)
	b = binary.AppendUvarint(b, uint64(len(t.discounts)))
	for i := range t.discounts {
		d := &t.discounts[i]
		mask := uint64(0)
		for _, c := range d.Components {
			mask |= 1 << componentIndex(c)
		}
		b = binary.AppendUvarint(appendText(b, d.ID), mask)
		b = binary.AppendVarint(binary.AppendVarint(b, int64(d.Percent)), int64(d.Amount))
		b = appendText(b, d.BestOf)
	}
	return b
}

// number returns the place of a value in a table; values always come from the table.
func number[T comparable](table []T, v T) byte {
	for i := range table {
		if table[i] == v {
			return byte(i)
		}
	}
	return 0
}

// codeOf is the code of a component, 0 for none.
func codeOf(name Component) byte {
	if i := componentIndex(name); i >= 0 {
		return components[i].code
	}
	return 0
}
