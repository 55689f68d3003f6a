package cdr

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// errShort says that the bytes at hand end inside a value. More bytes may follow in the stream.
var errShort = errors.New("more bytes needed")

// syntaxError is a violation of the JSON grammar (RFC 8259) at a position.
type syntaxError struct {
	at   int // offset from the first byte scanned
	what string
}

func (e *syntaxError) Error() string { return e.what }

// maxDepth bounds nesting. A CDR nests eight levels deep.
const maxDepth = 64

// scanner walks over JSON text in one pass without building a tree. It checks the whole grammar, also of what it
// skips, so that a record it accepts is valid JSON to everyone. Numbers stay text.
type scanner struct {
	b     []byte
	i     int
	depth int
	wide  bool // a byte beyond ASCII was met, so UTF-8 has to be checked
}

func (s *scanner) bad(what string) error { return &syntaxError{s.i, what} }

// peek returns the first byte of the next token.
func (s *scanner) peek() (byte, error) {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c, nil
		}
	}
	return 0, errShort
}

// open consumes the opening brace or bracket that peek returned.
func (s *scanner) open() error {
	s.i++
	s.depth++
	if s.depth > maxDepth {
		return s.bad("nested deeper than 64 levels")
	}
	return nil
}

// next steps to the next item of the object or array being read and reports whether there is one; otherwise it
// has consumed the closing byte.
func (s *scanner) next(first bool, closer byte) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c == closer {
		s.i++
		s.depth--
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, s.bad("expected a comma or " + string(closer))
	}
	s.i++
	c, err = s.peek()
	if err == nil && c == closer {
		err = s.bad("expected a value after the comma")
	}
	return true, err
}

// key reads a member name and its colon.
func (s *scanner) key() ([]byte, error) {
	c, err := s.peek()
	if err != nil {
		return nil, err
	}
	if c != '"' {
		return nil, s.bad("expected a member name in double quotes")
	}
	name, escaped, err := s.str()
	if err != nil {
		return nil, err
	}
	if escaped {
		// A name that does not unescape is an unknown member like any other.
		if plain, ok := unescape(name); ok {
			name = plain
		}
	}
	if c, err = s.peek(); err != nil {
		return nil, err
	}
	if c != ':' {
		return nil, s.bad("expected a colon after the member name")
	}
	s.i++
	return name, nil
}

// str reads the string at the current quote and returns what stands between the quotes, and whether escapes
// occur in it.
func (s *scanner) str() (raw []byte, escaped bool, err error) {
	start := s.i + 1
	i := start
	for {
		i = s.plain(i)
		if i >= len(s.b) {
			return nil, false, errShort
		}
		switch c := s.b[i]; {
		case c == '"':
			s.i = i + 1
			return s.b[start:i], escaped, nil
		case c == '\\':
			n, err := s.escape(i)
			if err != nil {
				return nil, false, err
			}
			escaped = true
			i += n
		case c >= 0x80:
			s.wide = true
			i++
		default:
			s.i = i
			return nil, false, s.bad("line break or control character inside a text (is its closing quote missing?)")
		}
	}
}

// plain returns the first position from i on that is a quote, a backslash, a control character or not ASCII. It
// looks at eight bytes at a time, because signed meter values make most of a record one long text.
func (s *scanner) plain(i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(s.b) {
		v := binary.LittleEndian.Uint64(s.b[i:])
		quote := v ^ ones*'"'
		slash := v ^ ones*'\\'
		hit := (v-ones*0x20)&^v | (quote-ones)&^quote | (slash-ones)&^slash | v
		if hit &= highs; hit != 0 {
			// Borrows run upwards only, so the lowest hit is exact.
			return i + bits.TrailingZeros64(hit)/8
		}
		i += 8
	}
	for i < len(s.b) {
		if c := s.b[i]; c == '"' || c == '\\' || c < 0x20 || c >= 0x80 {
			return i
		}
		i++
	}
	return i
}

// escape returns the length of the escape sequence at i.
func (s *scanner) escape(i int) (int, error) {
	if i+1 >= len(s.b) {
		return 0, errShort
	}
	switch s.b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if k >= len(s.b) {
				return 0, errShort
			}
			if hexDigit(s.b[k]) < 0 {
				s.i = k
				return 0, s.bad("expected four hexadecimal digits after \\u")
			}
		}
		return 6, nil
	}
	s.i = i
	return 0, s.bad("unknown escape after a backslash")
}

// number reads the number at the current byte and returns its text.
func (s *scanner) number() ([]byte, error) {
	start := s.i
	if s.b[s.i] == '-' {
		s.i++
	}
	zero := s.i < len(s.b) && s.b[s.i] == '0'
	if n, err := s.digits(); err != nil {
		return nil, err
	} else if zero && n > 1 {
		return nil, s.bad("a number must not start with 0")
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if _, err := s.digits(); err != nil {
			return nil, err
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if _, err := s.digits(); err != nil {
			return nil, err
		}
	}
	if s.i == len(s.b) {
		return nil, errShort
	}
	return s.b[start:s.i], nil
}

// digits consumes at least one digit and returns how many it consumed.
func (s *scanner) digits() (int, error) {
	start := s.i
	for s.i < len(s.b) && isDigit(s.b[s.i]) {
		s.i++
	}
	if s.i == len(s.b) {
		return 0, errShort
	}
	if s.i == start {
		return 0, s.bad("expected a digit")
	}
	return s.i - start, nil
}

// literal consumes true, false or null.
func (s *scanner) literal(word string) error {
	n := min(len(word), len(s.b)-s.i)
	if string(s.b[s.i:s.i+n]) != word[:n] {
		return s.bad("expected a value (text needs double quotes)")
	}
	if n < len(word) {
		return errShort
	}
	s.i += n
	return nil
}

// skip consumes a value of any kind and checks its grammar.
func (s *scanner) skip() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '"':
		_, _, err = s.str()
	case '{':
		err = s.skipObject()
	case '[':
		err = s.skipArray()
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, err = s.number()
	default:
		err = s.bad("expected a value (text needs double quotes)")
	}
	return err
}

func (s *scanner) skipObject() error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next(first, '}')
		if err != nil || !more {
			return err
		}
		if _, err = s.key(); err != nil {
			return err
		}
		if err = s.skip(); err != nil {
			return err
		}
	}
}

func (s *scanner) skipArray() error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next(first, ']')
		if err != nil || !more {
			return err
		}
		if err = s.skip(); err != nil {
			return err
		}
	}
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
