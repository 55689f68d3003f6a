package sml

import "fmt"

// Types of elements (SML 1.04, 6.3): the bits 6 to 4 of the type-length byte.
const (
	typeOctets   = 0x00
	typeBoolean  = 0x40
	typeSigned   = 0x50
	typeUnsigned = 0x60
	typeList     = 0x70
)

// The two elements of a single byte.
const (
	absent       = 0x01 // an empty octet string, which stands for every optional element left out
	endOfMessage = 0x00
)

// What a file may hold at most; lists of meters are far below.
const (
	maxDepth    = 8
	maxElements = 20_000
	maxLength   = 4 // type-length bytes of one element
)

// decoder reads elements one after the other. The first error stays; everything read after it is zero.
type decoder struct {
	b        []byte
	at       int
	elements int
	err      error
	where    int // of the error
}

func (d *decoder) failf(at int, format string, args ...any) {
	if d.err == nil {
		d.err, d.where = fmt.Errorf(format, args...), at
	}
}

// next shows the byte the next element begins with. At the end, and after an error, it is an end of message.
func (d *decoder) next() byte {
	if d.err != nil || d.at >= len(d.b) {
		return endOfMessage
	}
	return d.b[d.at]
}

// head reads the type-length bytes. For a list n counts elements, for everything else the bytes of the content, which
// are there.
func (d *decoder) head(what string) (kind byte, n int) {
	if d.err != nil {
		return 0, 0
	}
	begin := d.at
	if begin >= len(d.b) {
		d.failf(begin, "the file ends before %s", what)
		return 0, 0
	}
	if d.elements++; d.elements > maxElements {
		d.failf(begin, "more than %d elements", maxElements)
		return 0, 0
	}
	c := d.b[begin]
	if c == endOfMessage {
		d.failf(begin, "the message ends before %s", what)
		return 0, 0
	}
	kind, n = c&0x70, int(c&0x0f)
	d.at++
	for c&0x80 != 0 {
		if d.at == begin+maxLength || d.at >= len(d.b) || d.b[d.at]&0x70 != 0 {
			d.failf(begin, "the length of %s cannot be read", what)
			return 0, 0
		}
		c = d.b[d.at]
		n = n<<4 | int(c&0x0f)
		d.at++
	}
	if kind != typeList {
		n -= d.at - begin // the length counts its own bytes
	}
	// Every element of a list takes a byte at least.
	if n < 0 || n > len(d.b)-d.at {
		d.failf(begin, "%s is said to be longer than the file", what)
		return 0, 0
	}
	return kind, n
}

// list enters a list of so many elements.
func (d *decoder) list(what string, count int) {
	begin := d.at
	if kind, n := d.head(what); kind != typeList || n != count {
		d.failf(begin, "%s is no list of %d elements", what, count)
	}
}

// octets reads an octet string; an absent one is nil.
func (d *decoder) octets(what string) []byte {
	begin := d.at
	kind, n := d.head(what)
	if kind != typeOctets {
		d.failf(begin, "%s is no octet string", what)
	}
	if d.err != nil || n == 0 {
		return nil
	}
	d.at += n
	return d.b[d.at-n : d.at : d.at]
}

// integer reads a number, signed or not, between the bounds. Meters leave out leading bytes.
func (d *decoder) integer(what string, least, most int64) int64 {
	begin := d.at
	kind, n := d.head(what)
	if kind != typeSigned && kind != typeUnsigned {
		d.failf(begin, "%s is no number", what)
	}
	bits := d.content(begin, what, n)
	if d.err != nil {
		return 0
	}
	v := int64(bits)
	if kind == typeSigned {
		v = int64(bits<<(64-8*n)) >> (64 - 8*n)
	}
	if kind == typeUnsigned && v < 0 || v < least || v > most {
		d.failf(begin, "%s is out of range", what)
		return 0
	}
	return v
}

// content reads n bytes as a number, first byte first.
func (d *decoder) content(begin int, what string, n int) uint64 {
	if n < 1 || n > 8 {
		d.failf(begin, "%s is a number of %d bytes; 1 to 8 are possible", what, n)
	}
	if d.err != nil {
		return 0
	}
	bits := uint64(0)
	for _, c := range d.b[d.at : d.at+n] {
		bits = bits<<8 | uint64(c)
	}
	d.at += n
	return bits
}

// missing steps over an optional element that is left out.
func (d *decoder) missing() bool {
	if d.next() != absent {
		return false
	}
	d.at++
	return true
}

// skip steps over an element, whatever it is.
func (d *decoder) skip(what string, depth int) {
	begin := d.at
	kind, n := d.head(what)
	switch {
	case d.err != nil:
	case kind != typeList:
		d.at += n
	case depth == maxDepth:
		d.failf(begin, "lists are nested more than %d deep", maxDepth)
	default:
		for range n {
			if d.skip(what, depth+1); d.err != nil {
				return
			}
		}
	}
}
