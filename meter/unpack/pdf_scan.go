package unpack

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
)

var (
	objMark       = []byte("obj")
	trailerMark   = []byte("trailer")
	streamMark    = []byte("stream")
	endstreamMark = []byte("endstream")
)

// sameNumber is how many different lengths of one object number are remembered; later definitions replace earlier ones.
const sameNumber = 4

// numbers finds the objects that are a mere number. They are wanted before their turn: a stream may name as its length
// an object that comes after it. What looks like one inside a stream does no harm, because a length must lead to the
// end mark.
func numbers(data []byte) map[int64][]int64 {
	out := map[int64][]int64{}
	for at, found := 0, 0; found < maxObjects; {
		next := bytes.Index(data[at:], objMark)
		if next < 0 {
			break
		}
		begin := at + next
		at = begin + len(objMark)
		number, ok := objectNumber(data[:begin])
		if !ok {
			continue
		}
		rest := trimBlanks(data[at:min(len(data), at+40)])
		end := bytes.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		n, ok := decimal(rest[:max(end, 0)])
		if ok && len(out[number]) < sameNumber {
			out[number] = append(out[number], n)
			found++
		}
	}
	return out
}

func trimBlanks(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n\f\x00") }

// objectNumber reads the two numbers that stand before the word obj, from the end of b.
func objectNumber(b []byte) (int64, bool) {
	_, b, ok := lastNumber(b)
	if !ok {
		return 0, false
	}
	number, _, ok := lastNumber(b)
	return number, ok
}

// lastNumber cuts a number off the end of b, with the blanks behind it, of which there must be one.
func lastNumber(b []byte) (n int64, rest []byte, ok bool) {
	const most = 2 * maxDigits
	tail := b[max(0, len(b)-most):]
	trimmed := bytes.TrimRight(tail, " \t\r\n\f\x00")
	digits := len(trimmed)
	for digits > 0 && digit(trimmed[digits-1]) {
		digits--
	}
	n, ok = decimal(trimmed[digits:])
	return n, b[:len(b)-len(tail)+digits], ok && len(trimmed) < len(tail)
}

// mark finds one word again and again, always ahead of a place that only grows.
type mark struct {
	word []byte
	at   int // of the next one, behind the end when there is none
	from int // the place from which it was looked for
}

func (m *mark) after(data []byte, place int) int {
	if m.from >= 0 && place <= m.at && place >= m.from {
		return m.at
	}
	m.from, m.at = place, len(data)
	if next := bytes.Index(data[place:], m.word); next >= 0 {
		m.at = place + next
	}
	return m.at
}

// scan looks through the file from front to back: objects with their streams, and trailers. It never goes back, so its
// time grows with the length of the file only.
func (d *document) scan(data []byte) {
	objs, trailers := mark{word: objMark, from: -1}, mark{word: trailerMark, from: -1}
	for at := 0; !d.w.done && !d.crowded; {
		obj, trailer := objs.after(data, at), trailers.after(data, at)
		switch {
		case obj == len(data) && trailer == len(data):
			return
		case trailer < obj:
			v, next, err := parse(data, trailer+len(trailerMark), func(value) {})
			d.encrypted = d.encrypted || err == nil && v.has("Encrypt")
			at = next
		default:
			at = d.object(data, obj)
		}
	}
}

// object reads the object whose word obj stands at a place, and returns the place behind it.
func (d *document) object(data []byte, obj int) int {
	behind := obj + len(objMark)
	number, ok := objectNumber(data[:obj])
	if !ok {
		return behind
	}
	v, at, err := d.defined(number, data, behind)
	if err != nil || v.kind != dictionary {
		return at
	}
	rest := trimBlanks(data[at:min(len(data), at+100)])
	if !bytes.HasPrefix(rest, streamMark) {
		return at
	}
	begin := at + bytes.Index(data[at:], streamMark) + len(streamMark)
	raw, at := d.content(data, begin, v.get("Length"))
	o := d.objects[number]
	o.stream = newStream(v, raw)
	d.objects[number] = o
	switch {
	case v.get("Type").isName("XRef"):
		d.encrypted = d.encrypted || v.has("Encrypt")
	case v.get("Type").isName("ObjStm"):
		d.packed(v, o.stream)
	}
	return at
}

// defined reads the value of an object and remembers it, with the file specifications in it.
func (d *document) defined(number int64, b []byte, at int) (value, int, error) {
	if d.count++; d.count > maxObjects {
		d.crowded = true
		return value{}, at, errValue
	}
	serial := d.count
	v, at, err := parse(b, at, func(inner value) {
		if inner.has("EF") {
			d.specs = append(d.specs, spec{number, serial, inner})
			d.crowded = d.crowded || len(d.specs) > maxObjects
		}
	})
	d.define(number, object{serial: serial, value: v})
	return v, at, err
}

// content cuts the bytes of a stream out, and returns the place behind them. The length is believed when the end mark
// stands behind it; otherwise the next end mark ends the stream.
func (d *document) content(data []byte, begin int, length value) (raw []byte, at int) {
	switch {
	case bytes.HasPrefix(data[begin:], []byte("\r\n")):
		begin += 2
	case begin < len(data) && (data[begin] == '\n' || data[begin] == '\r'):
		begin++
	}
	var lengths []int64
	switch length.kind {
	case integer:
		lengths = []int64{length.number}
	case reference:
		lengths = d.lengths[length.number]
	default:
	}
	for _, n := range lengths {
		if n > int64(len(data)-begin) {
			continue
		}
		end := begin + int(n)
		if bytes.HasPrefix(trimBlanks(data[end:min(len(data), end+20)]), endstreamMark) {
			return data[begin:end], end
		}
	}
	next := bytes.Index(data[begin:], endstreamMark)
	if next < 0 {
		return data[begin:], len(data)
	}
	raw = data[begin : begin+next]
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	return bytes.TrimSuffix(raw, []byte("\r")), begin + next
}

// newStream looks at the filters of a stream. Data in another file, and predictors, are as good as unknown filters.
func newStream(v value, raw []byte) *stream {
	s := &stream{raw: raw, embedded: v.get("Type").isName("EmbeddedFile")}
	filters := []value{v.get("Filter")}
	switch filters[0].kind {
	case array:
		filters = filters[0].items
	case other:
		filters = nil
	default:
	}
	s.deflated = len(filters) == 1 && (filters[0].isName("FlateDecode") || filters[0].isName("Fl"))
	s.unsupported = len(filters) > 0 && !s.deflated || v.has("F")
	for _, parameters := range append(v.get("DecodeParms").items, v.get("DecodeParms")) {
		s.unsupported = s.unsupported || parameters.get("Predictor").number > 1
	}
	return s
}

// place says where an object begins inside an object stream.
type place struct{ number, offset int64 }

// packed reads the objects inside an object stream (7.5.7): pairs of number and offset, then the objects. Each ends
// where the next begins, so that no byte is read twice.
func (d *document) packed(v value, s *stream) {
	data, ok := d.inflated(s)
	first := v.get("First").number
	if !ok || first > int64(len(data)) {
		d.damaged = true
		return
	}
	places, ok := directory(data[:first], int64(len(data))-first, v.get("N").number)
	d.damaged = d.damaged || !ok
	for i, p := range places {
		end := len(data)
		if i+1 < len(places) {
			end = int(first + places[i+1].offset)
		}
		// An object that cannot be read leaves the others alone.
		if _, _, err := d.defined(p.number, data[:end], int(first+p.offset)); err != nil {
			d.damaged = true
		}
		if d.crowded {
			return
		}
	}
}

// directory reads up to n pairs of number and offset, in the order of the offsets, which are not beyond most.
func directory(head []byte, most, n int64) (places []place, ok bool) {
	for int64(len(places)) < n {
		number, rest, isNumber := firstNumber(head)
		offset, rest, isOffset := firstNumber(rest)
		if !isNumber || !isOffset || offset > most || len(places) > maxObjects {
			return nil, false
		}
		places = append(places, place{number, offset})
		head = rest
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.offset, b.offset) })
	return places, true
}

func firstNumber(b []byte) (n int64, rest []byte, ok bool) {
	b = trimBlanks(b)
	end := 0
	for end < len(b) && digit(b[end]) {
		end++
	}
	n, ok = decimal(b[:end])
	return n, b[end:], ok
}

// inflated unpacks an object stream. Its size counts against the limits, but it is no file, and a fault in it is told
// only when it may have hidden attachments.
func (d *document) inflated(s *stream) ([]byte, bool) {
	if s.unsupported || !s.deflated {
		return s.raw, !s.unsupported
	}
	r, err := d.inflate(s.raw)
	if err != nil {
		return nil, false
	}
	data, err := d.w.drain(metered{r, d.w})
	if errors.Is(err, errSpent) {
		d.w.spent(d.path)
	}
	return data, err == nil && int64(len(data)) <= d.w.limits.Single
}
