package cdr

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fault is one thing wrong with a record.
type fault struct{ code, field, detail string }

// field is a member of a JSON object: its name and its bit in the sets of its object.
type field struct {
	bit  uint32
	name string
}

// scope is one object or array around the member being read, for the path in a message.
type scope struct {
	name  string
	index int // position in an array, -1 for an object
}

// fieldReader reads the members of one record and collects what is wrong with them instead of stopping. Only
// broken JSON ends it early.
type fieldReader struct {
	scanner
	faults []fault
	path   []scope
	sent   uint32 // members met in the current object
	given  uint32 // of these, the ones that are neither null nor empty
}

// reset prepares the reader for the record at the start of b.
func (p *fieldReader) reset(b []byte) {
	p.scanner = scanner{b: b}
	p.faults, p.path = p.faults[:0], p.path[:0]
}

// mostFaults bounds what is noted about one record; the sender has enough to mend by then.
const mostFaults = 100

// fail notes a fault of a member of the current object; an empty name means the object itself.
func (p *fieldReader) fail(code, name, detail string) {
	if len(p.faults) >= mostFaults {
		return
	}
	var b strings.Builder
	for _, s := range p.path {
		if b.Len() > 0 && s.name != "" {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
		if s.index >= 0 {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	if b.Len() > 0 && name != "" {
		b.WriteByte('.')
	}
	b.WriteString(name)
	p.faults = append(p.faults, fault{code, b.String(), detail})
}

// once notes that a member is there and reports whether it is the first of its name. Sent twice, nobody can say
// which value is meant; readers differ (RFC 8259, section 4).
func (p *fieldReader) once(f field) bool {
	if p.sent&f.bit == 0 {
		p.sent |= f.bit
		return true
	}
	p.fail(CodeDuplicate, f.name, "sent twice; send it once")
	return false
}

// object reads the members of the object at the current brace and then notes which mandatory ones are absent.
func (p *fieldReader) object(member func(key []byte) error, mandatory []field) error {
	sent, given := p.sent, p.given
	p.sent, p.given = 0, 0
	if err := p.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := p.next(first, '}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		key, err := p.key()
		if err != nil {
			return err
		}
		if err = member(key); err != nil {
			return err
		}
	}
	for _, f := range mandatory {
		if p.given&f.bit == 0 {
			p.fail(CodeMissing, f.name, "mandatory but absent or empty; ask the sender to fill it")
		}
	}
	p.sent, p.given = sent, given
	return nil
}

// child reads a member that is an object.
func (p *fieldReader) child(f field, member func(key []byte) error, mandatory []field) error {
	ok, err := p.expect(f, '{')
	if !ok {
		return err
	}
	p.path = append(p.path, scope{f.name, -1})
	err = p.object(member, mandatory)
	p.path = p.path[:len(p.path)-1]
	return err
}

// list reads a member that is an array of objects. grow is called before each of them. An empty array does not
// count as given.
func (p *fieldReader) list(f field, grow func(), member func(key []byte) error, mandatory []field) error {
	ok, err := p.expect(f, '[')
	if !ok {
		return err
	}
	if err = p.open(); err != nil {
		return err
	}
	p.path = append(p.path, scope{f.name, 0})
	n := 0
	for ; ; n++ {
		more, err := p.next(n == 0, ']')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		p.path[len(p.path)-1].index = n
		c, err := p.peek()
		if err != nil {
			return err
		}
		if c != '{' {
			p.fail(CodeType, "", "is "+kindName(c)+", not an object; check the sender's export")
			if err = p.skip(); err != nil {
				return err
			}
			continue
		}
		grow()
		if err = p.object(member, mandatory); err != nil {
			return err
		}
	}
	p.path = p.path[:len(p.path)-1]
	if n == 0 {
		p.given &^= f.bit
	}
	return nil
}

// expect reports whether the member's value is of the wanted kind. If not, it has consumed the value: null counts
// as absent, any other kind is a fault.
func (p *fieldReader) expect(f field, want byte) (bool, error) {
	c, err := p.peek()
	if err != nil {
		return false, err
	}
	if !p.once(f) {
		return false, p.skip()
	}
	switch kind := kindOf(c); kind {
	case want:
		p.given |= f.bit
		return true, nil
	case 'n':
	default:
		p.given |= f.bit
		p.fail(CodeType, f.name, "is "+kindName(kind)+", not "+kindName(want)+"; ask the sender to correct it")
	}
	return false, p.skip()
}

// raw reads a member that is text and returns its resolved bytes, valid as long as the record.
func (p *fieldReader) raw(f field) (text []byte, ok bool, err error) {
	if ok, err = p.expect(f, '"'); !ok {
		return nil, false, err
	}
	text, escaped, err := p.str()
	if err != nil {
		return nil, false, err
	}
	if escaped {
		if text, ok = unescape(text); !ok {
			p.fail(CodeValue, f.name, "contains half a surrogate pair; send the character in UTF-8")
			return nil, false, nil
		}
	}
	if bytes.IndexByte(text, 0) >= 0 {
		p.fail(CodeValue, f.name, "contains a NUL character; remove it")
		return nil, false, nil
	}
	if len(bytes.TrimSpace(text)) == 0 {
		p.given &^= f.bit
	}
	return text, true, nil
}

// maxText bounds identifiers and names, in bytes. OCPI allows 36 to 255 characters, depending on the field.
const maxText = 255

// text reads a member that is an identifier or a name.
func (p *fieldReader) text(f field, dst *string) error {
	b, ok, err := p.raw(f)
	if !ok {
		return err
	}
	if len(b) > maxText {
		p.fail(CodeValue, f.name, "longer than 255 bytes; shorten it")
		return nil
	}
	*dst = string(b)
	return nil
}

// long reads a member that is text of any length.
func (p *fieldReader) long(f field, dst *string) error {
	b, ok, err := p.raw(f)
	if ok {
		*dst = string(b)
	}
	return err
}

// enum reads a member that is one word of a list, in any case; it is kept in upper case.
func (p *fieldReader) enum(f field, dst *string) error {
	err := p.text(f, dst)
	*dst = strings.ToUpper(*dst)
	return err
}

// flag reads a member that is true or false.
func (p *fieldReader) flag(f field, dst *bool) error {
	ok, err := p.expect(f, 't')
	if !ok {
		return err
	}
	*dst = p.b[p.i] == 't'
	return p.skip()
}

// decimal reads a member that is a number, or text that holds a plain decimal: some senders quote numbers. It
// returns the number and its text, both valid as long as the record.
func (p *fieldReader) decimal(f field) (d decimal, text []byte, ok bool, err error) {
	c, err := p.peek()
	if err != nil {
		return d, nil, false, err
	}
	if c == '"' {
		text, ok, err = p.raw(f)
		ok = ok && p.given&f.bit != 0
	} else if ok, err = p.expect(f, '0'); ok {
		text, err = p.number()
	}
	if !ok || err != nil {
		return d, nil, false, err
	}
	d, ok = parseDecimal(text)
	if !ok || c == '"' && !d.plain {
		p.fail(CodeType, f.name, "is text"+quote(text)+", not a number; send digits with a decimal point, such as 12.5")
		return d, nil, false, nil
	}
	return d, text, true, nil
}

// kindOf maps the first byte of a value to its kind: { [ " t n or 0.
func kindOf(c byte) byte {
	switch {
	case c == 'f':
		return 't'
	case c == '-' || isDigit(c):
		return '0'
	}
	return c
}

// kindName names the kind of value that begins with a byte.
func kindName(c byte) string {
	switch kindOf(c) {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "text"
	case 't':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// quote shows a value in a message if it can hold nothing personal: short, and made of the characters of numbers
// and times only.
func quote(text []byte) string {
	if len(text) == 0 || len(text) > maxPrice || len(bytes.Trim(text, "0123456789.,+-:eETZ ")) > 0 {
		return ""
	}
	return " " + strconv.Quote(string(text))
}

// printable reports whether a text can stand in a one-line message.
func printable(s string) bool {
	if len(s) > maxText || !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) < 0
}
