package unpack

import (
	"bytes"
	"errors"
)

// kind is the type of a PDF value (ISO 32000-1, 7.3). Reals, booleans, null and operators are all other: nothing here
// asks for them.
type kind uint8

const (
	other kind = iota
	integer
	reference
	name
	literal // text in brackets
	hexText
	dictionary
	array
)

// value is a PDF value. Texts are kept as they are written and decoded when somebody asks.
type value struct {
	kind    kind
	number  int64 // of an integer, or of the object referred to
	text    []byte
	entries []entry // of a dictionary
	items   []value // of an array
}

type entry struct {
	key   string
	value value
}

// What is kept of a value. More is read and forgotten, so that a value takes no more memory than a few times its text.
const (
	maxNesting = 32
	maxEntries = 100
	maxItems   = 8
	maxText    = 64 << 10
	maxObject  = 1 << 20
	maxDigits  = 10
)

var errValue = errors.New("no PDF value")

// get returns the entry of a dictionary; absent ones are of kind other.
func (v value) get(key string) value {
	for _, e := range v.entries {
		if e.key == key {
			return e.value
		}
	}
	return value{}
}

func (v value) has(key string) bool {
	for _, e := range v.entries {
		if e.key == key {
			return true
		}
	}
	return false
}

func (v value) isName(want string) bool { return v.kind == name && string(v.text) == want }

// lexer reads values. After an error it stands where it could not go on.
type lexer struct {
	b       []byte
	at      int
	end     int // the value must end before
	nesting int
	seen    func(value) // is shown every dictionary, the inner ones too
}

// parse reads the value at a place of b, and returns the place behind it. On an error that is where it stopped.
func parse(b []byte, at int, seen func(value)) (value, int, error) {
	l := lexer{b: b, at: at, end: min(len(b), at+maxObject), seen: seen}
	v, err := l.value()
	return v, l.at, err
}

// peek returns the byte at an offset from here, 0 behind the end.
func (l *lexer) peek(offset int) byte {
	if l.at+offset >= l.end {
		return 0
	}
	return l.b[l.at+offset]
}

func blank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// regular tells the characters of names and operators (7.2.2).
func regular(c byte) bool { return !blank(c) && bytes.IndexByte([]byte("()<>[]{}/%"), c) < 0 }

// skip steps over blanks and comments.
func (l *lexer) skip() {
	for l.at < l.end {
		switch c := l.b[l.at]; {
		case c == '%':
			for l.at < l.end && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		case !blank(c):
			return
		default:
			l.at++
		}
	}
}

func (l *lexer) value() (value, error) {
	l.skip()
	switch c := l.peek(0); {
	case l.at >= l.end:
		return value{}, errValue
	case c == '<' && l.peek(1) == '<':
		return l.dictionary()
	case c == '<':
		return l.hexadecimal()
	case c == '(':
		return l.literal()
	case c == '[':
		return l.array()
	case c == '/':
		l.at++
		return value{kind: name, text: unescapeName(l.word())}, nil
	case digit(c):
		return l.numeric(), nil
	case regular(c):
		l.word()
		return value{}, nil
	}
	return value{}, errValue
}

func (l *lexer) word() []byte {
	begin := l.at
	for l.at < l.end && regular(l.b[l.at]) {
		l.at++
	}
	return l.b[begin:l.at]
}

// numeric reads an integer, a reference such as 12 0 R, or something else that begins with a digit.
func (l *lexer) numeric() value {
	number, ok := decimal(l.word())
	if !ok {
		return value{}
	}
	behind := l.at
	l.skip()
	if generation, isNumber := decimal(l.word()); isNumber && generation >= 0 {
		l.skip()
		if l.peek(0) == 'R' && !regular(l.peek(1)) {
			l.at++
			return value{kind: reference, number: number}
		}
	}
	l.at = behind
	return value{kind: integer, number: number}
}

// decimal reads digits only.
func decimal(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > maxDigits {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if !digit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// nested reads the values of an array or dictionary with read, up to the closing mark.
func (l *lexer) nested(open, closing string, read func() error) error {
	if l.nesting++; l.nesting > maxNesting {
		return errValue
	}
	l.at += len(open)
	for {
		l.skip()
		if bytes.HasPrefix(l.b[l.at:l.end], []byte(closing)) {
			l.at += len(closing)
			l.nesting--
			return nil
		}
		if err := read(); err != nil {
			return err
		}
	}
}

func (l *lexer) dictionary() (value, error) {
	v := value{kind: dictionary}
	err := l.nested("<<", ">>", func() error {
		key, err := l.value()
		if err != nil || key.kind != name {
			return errValue
		}
		inner, err := l.value()
		if err == nil && len(v.entries) < maxEntries {
			v.entries = append(v.entries, entry{string(key.text), inner})
		}
		return err
	})
	if err == nil {
		l.seen(v)
	}
	return v, err
}

func (l *lexer) array() (value, error) {
	v := value{kind: array}
	err := l.nested("[", "]", func() error {
		inner, err := l.value()
		if err == nil && len(v.items) < maxItems {
			v.items = append(v.items, inner)
		}
		return err
	})
	return v, err
}

// literal reads a text in brackets, which may hold brackets in pairs.
func (l *lexer) literal() (value, error) {
	begin, open := l.at+1, 0
	for ; l.at < min(l.end, begin+maxText); l.at++ {
		switch l.b[l.at] {
		case '\\':
			l.at++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				l.at++
				return value{kind: literal, text: l.b[begin : l.at-1]}, nil
			}
		}
	}
	l.at = min(l.at, l.end)
	return value{}, errValue
}

func (l *lexer) hexadecimal() (value, error) {
	begin := l.at + 1
	n := bytes.IndexByte(l.b[begin:min(l.end, begin+maxText)], '>')
	if n < 0 {
		l.at = begin
		return value{}, errValue
	}
	l.at = begin + n + 1
	return value{kind: hexText, text: l.b[begin : begin+n]}, nil
}
