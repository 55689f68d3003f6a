package meter

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON in a signed record; real ones nest three deep.
const maxDepth = 32

// maxNames bounds the names of one object, because each is compared with all before it; real records have some thirty.
const maxNames = 512

// jsonScanner reads JSON in place. Signed records need what encoding/json cannot give: the exact end of an object
// within a longer line, numbers as text, and an error for a name stated twice, because a reader that shows the
// first value and one that bills the second would disagree about signed content.
type jsonScanner struct {
	b     []byte
	i     int
	depth int
}

func (s *jsonScanner) fail(want string) error {
	return fmt.Errorf("byte %d: want %s", s.i+1, want)
}

func (s *jsonScanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

// peek returns the next byte after blanks, 0 at the end.
func (s *jsonScanner) peek() byte {
	s.space()
	if s.i == len(s.b) {
		return 0
	}
	return s.b[s.i]
}

// take consumes the byte c if it comes next after blanks.
func (s *jsonScanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

// object reads an object. member is called with each name and must consume the value.
func (s *jsonScanner) object(member func(name []byte) error) error {
	if !s.take('{') {
		return s.fail("{")
	}
	if s.depth++; s.depth > maxDepth {
		return s.fail("less nesting")
	}
	defer func() { s.depth-- }()
	if s.take('}') {
		return nil
	}
	var seenArray [32][]byte
	seen := seenArray[:0]
	for {
		name, err := s.text()
		if err != nil {
			return err
		}
		for _, other := range seen {
			if bytes.Equal(name, other) {
				return fmt.Errorf("byte %d: name %s stated twice", s.i+1, clean(string(name)))
			}
		}
		if seen = append(seen, name); len(seen) > maxNames {
			return s.fail("fewer names in an object")
		}
		if !s.take(':') {
			return s.fail(":")
		}
		if err := member(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.fail(", or }")
		}
	}
}

// array reads an array. element is called once per element and must consume it.
func (s *jsonScanner) array(element func() error) error {
	if !s.take('[') {
		return s.fail("[")
	}
	if s.depth++; s.depth > maxDepth {
		return s.fail("less nesting")
	}
	defer func() { s.depth-- }()
	if s.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.fail(", or ]")
		}
	}
}

// skip reads any value and forgets it.
func (s *jsonScanner) skip() error {
	switch s.peek() {
	case '{':
		return s.object(func([]byte) error { return s.skip() })
	case '[':
		return s.array(s.skip)
	}
	_, err := s.scalar()
	return err
}

// scalar reads a string, number, true, false or null as text; null is empty.
func (s *jsonScanner) scalar() ([]byte, error) {
	c := s.peek()
	switch {
	case c == '"':
		return s.text()
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(s.b[s.i:], []byte(word)) {
			start := s.i
			s.i += len(word)
			if word == "null" {
				return nil, nil
			}
			return s.b[start:s.i], nil
		}
	}
	return nil, s.fail("a string or number")
}

// number reads a number and returns its text. Its digits are judged by ParseDecimal where they matter.
func (s *jsonScanner) number() ([]byte, error) {
	start := s.i
	for s.i < len(s.b) {
		c := s.b[s.i]
		if c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E' {
			s.i++
			continue
		}
		break
	}
	return s.b[start:s.i], nil
}

// text reads a string. Without escapes the result points into the input.
func (s *jsonScanner) text() ([]byte, error) {
	if !s.take('"') {
		return nil, s.fail(`"`)
	}
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1], nil
		case c == '\\':
			return s.escapedText(start)
		case c < ' ':
			return nil, s.fail("no control character inside a string")
		}
		s.i++
	}
	return nil, s.fail(`a closing "`)
}

// escapedText reads the rest of a string whose first escape stands at s.i.
func (s *jsonScanner) escapedText(start int) ([]byte, error) {
	out := append([]byte(nil), s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			return out, nil
		case c < ' ':
			return nil, s.fail("no control character inside a string")
		case c != '\\':
			out = append(out, c)
			continue
		}
		r, err := s.escape()
		if err != nil {
			return nil, err
		}
		out = utf8.AppendRune(out, r)
	}
	return nil, s.fail(`a closing "`)
}

// escape reads what follows a backslash.
func (s *jsonScanner) escape() (rune, error) {
	if s.i == len(s.b) {
		return 0, s.fail("an escape")
	}
	c := s.b[s.i]
	s.i++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return s.unicodeEscape()
	}
	return 0, s.fail("a known escape")
}

// unicodeEscape reads the digits after \u, and the second half of a surrogate pair.
func (s *jsonScanner) unicodeEscape() (rune, error) {
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !bytes.HasPrefix(s.b[s.i:], []byte(`\u`)) {
		return utf8.RuneError, nil
	}
	s.i += 2
	low, err := s.hex4()
	return utf16.DecodeRune(r, low), err
}

func (s *jsonScanner) hex4() (rune, error) {
	if len(s.b)-s.i < 4 {
		return 0, s.fail("four hexadecimal digits")
	}
	n, err := strconv.ParseUint(string(s.b[s.i:s.i+4]), 16, 32)
	if err != nil {
		return 0, s.fail("four hexadecimal digits")
	}
	s.i += 4
	return rune(n), nil
}
