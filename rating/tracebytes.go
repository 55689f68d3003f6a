package rating

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// The encoding of a trace, version 1. Numbers are varints as in encoding/binary, signed ones zigzag. A text is the
// number of an earlier text of the same trace, counted from 0, or the next number followed by length and bytes.
//
//	1 byte   traceFormat
//	         rules version; tariff (text), its version; currency (text)
//	1 byte   mode: 1 gross, 2 net
//	         start in Unix seconds, energy in micro-kWh, seconds, idle seconds, all signed
//	1 byte   bit 0 held, bit 1 durations proven
//	         flags, as the bits of flagSet
//	         number of steps, then each:
//	1 byte   component code
//	1 byte   outcome; if priced:
//	           unit price (signed), free time in seconds, VAT code (text), row (text),
//	           matched keys as bits from the lowest, their values (texts), exact amount, minor units (both signed)
//	1 byte   reason, 0 when no row was rejected; else the rejected row (text)
//
// Measured, free and billed quantities follow from these. There is exactly one encoding of a trace.
const traceFormat = 1

// modes and reasons by their number in a trace; 0 is none.
var (
	modes   = [...]Mode{1: Gross, 2: Net}
	reasons = [...]Reason{0: "", 1: LowerPriority, 2: LessSpecific, 3: LaterGroup, 4: NoMatch}
)

// mostTexts is the number of texts in a trace: two, and in each step VAT code, row, key values and rejected row.
const mostTexts = 2 + componentCount*(3+keyCount)

// traceWriter appends to a trace. It keeps the texts in an array because a slice would cost an allocation per session.
type traceWriter struct {
	b     []byte
	texts [mostTexts]string
	n     int // texts so far
}

func (w *traceWriter) byte(v byte)       { w.b = append(w.b, v) }
func (w *traceWriter) signed(v int64)    { w.b = binary.AppendVarint(w.b, v) }
func (w *traceWriter) unsigned(v uint64) { w.b = binary.AppendUvarint(w.b, v) }

func (w *traceWriter) text(s string) {
	for i := range w.texts[:w.n] {
		if w.texts[i] == s {
			w.unsigned(uint64(i))
			return
		}
	}
	w.unsigned(uint64(w.n))
	w.texts[w.n] = s
	w.n++
	w.unsigned(uint64(len(s)))
	w.b = append(w.b, s...)
}

// encode appends the encoding of a trace with these steps to b. It does not look at t.Steps.
func (t *Trace) encode(b []byte, steps []Step) []byte {
	w := traceWriter{b: b}
	w.byte(traceFormat)
	w.unsigned(uint64(t.Rules))
	w.text(t.Tariff)
	w.signed(int64(t.Version))
	w.text(string(t.Currency))
	w.byte(number(modes[:], t.Mode))
	w.signed(t.Start.Unix())
	w.signed(int64(t.Energy))
	w.signed(t.Seconds)
	w.signed(t.Idle)
	w.byte(bit(t.Held, 0) | bit(t.Proven, 1))
	w.unsigned(uint64(t.flags))
	w.unsigned(uint64(len(steps)))
	for i := range steps {
		w.step(&steps[i])
	}
	return w.b
}

func (w *traceWriter) step(s *Step) {
	w.byte(components[componentIndex(s.Component)].code)
	w.byte(byte(s.Outcome))
	if s.Outcome == Priced {
		w.signed(int64(s.Unit))
		w.unsigned(uint64(s.FreeTime))
		w.text(s.VATCode)
		w.text(s.Row)
		mask := uint64(0)
		for k, v := range s.Matched {
			if v != "" {
				mask |= 1 << k
			}
		}
		w.unsigned(mask)
		for _, v := range s.Matched {
			if v != "" {
				w.text(v)
			}
		}
		w.signed(int64(s.Exact))
		w.signed(s.Amount)
	}
	w.byte(number(reasons[:], s.Reason))
	if s.Reason != "" {
		w.text(s.Rejected)
	}
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

func bit(set bool, n int) byte {
	if set {
		return 1 << n
	}
	return 0
}

// errTrace is the fault of bytes that are no trace.
var errTrace = errors.New("trace: bytes are damaged or incomplete")

// DecodeTrace reads the trace of a Rated. It accepts only bytes that Rate can write for the same content, of the
// format versions known here.
func DecodeTrace(b []byte) (Trace, error) {
	if len(b) > 0 && b[0] != traceFormat {
		return Trace{}, fmt.Errorf("trace: format version %d is not known to this program", b[0])
	}
	r := traceReader{b: b}
	t := r.trace()
	if r.failed || len(r.b) != 0 {
		return Trace{}, errTrace
	}
	// A number can be written as a longer varint and a text be repeated: comparing leaves one encoding.
	if !bytes.Equal(t.encode(make([]byte, 0, len(b)), t.Steps), b) {
		return Trace{}, errTrace
	}
	return t, nil
}

// traceReader takes a trace apart. After a fault it gives zeros and stays failed.
type traceReader struct {
	b      []byte
	texts  []string
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
	n := r.unsigned()
	switch {
	case r.failed || n > uint64(len(r.texts)):
		r.fail()
		return ""
	case n < uint64(len(r.texts)):
		return r.texts[n]
	}
	length := r.unsigned()
	if length > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	s := string(r.b[:length])
	r.b = r.b[length:]
	r.texts = append(r.texts, s)
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

func (r *traceReader) trace() Trace {
	r.byte() // the format version, which DecodeTrace has looked at
	t := Trace{
		Rules:    int(r.unsigned()),
		Tariff:   r.text(),
		Version:  int(r.signed()),
		Currency: money.Currency(r.text()),
		Mode:     pick(r, modes[:]),
		Start:    time.Unix(r.signed(), 0).UTC(),
		Energy:   cdr.MicroKWh(r.signed()),
		Seconds:  r.signed(),
		Idle:     r.signed(),
	}
	bits := r.byte()
	t.Held, t.Proven = bits&1 != 0, bits&2 != 0
	t.flags = flagSet(r.unsigned())
	if t.Mode == "" || t.flags >= 1<<len(flags) {
		r.fail()
	}
	last := -1
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		i := codeIndex(r.byte())
		if i <= last {
			r.fail() // not known, or out of order
			break
		}
		last = i
		t.Steps = append(t.Steps, r.step(&components[i], t.usage()))
	}
	return t
}

func (r *traceReader) step(comp *component, used usage) Step {
	s := Step{Component: comp.name, Outcome: Outcome(r.byte()), Measured: comp.used(used)}
	if s.Outcome < Priced || s.Outcome > FreeOfCharge {
		r.fail()
	}
	if s.Outcome == Priced {
		s.Unit = money.Price(r.signed())
		s.FreeTime = int64(r.unsigned())
		if s.FreeTime < 0 {
			r.fail()
		}
		s.deduct()
		s.VATCode, s.Row = r.text(), r.text()
		mask := r.unsigned()
		for k := range s.Matched {
			if mask&(1<<k) != 0 {
				s.Matched[k] = r.text()
			}
		}
		s.Exact, s.Amount = money.Exact(r.signed()), r.signed()
	}
	if s.Reason = pick(r, reasons[:]); s.Reason != "" {
		s.Rejected = r.text()
	}
	return s
}
