package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// kind is the type of a JSON value.
type kind byte

const (
	isNull kind = iota
	isTruth
	isNumber
	isText
	isList
	isObject
)

// value is a JSON value with the line it begins on. Numbers keep their digits.
type value struct {
	kind    kind
	line    int
	truth   bool
	text    string // of a text, or the digits of a number
	list    []value
	members []member
}

type member struct {
	name  string
	line  int
	value value
}

// source reads the tokens of a text that is known to be JSON.
type source struct {
	dec  *json.Decoder
	data []byte
	seen int // bytes whose lines were counted
	line int
}

// largestFile bounds what is read: a session with a reading per minute of a week has less than a megabyte.
const largestFile = 4 << 20

// readValue reads a text as one JSON value. When it cannot, it says on which line and why.
func readValue(data []byte) (v value, line int, fault string) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	lineAt := func(offset int) int { return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n")) }
	switch {
	case len(data) > largestFile:
		return v, 0, "is larger than 4 MB; a file holds one session"
	case !utf8.Valid(data):
		return v, 0, "the text is not UTF-8; save the file as UTF-8"
	case len(bytes.TrimSpace(data)) == 0:
		return v, 0, "is empty; want a session in braces, see docs/formats/session.md"
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		offset := len(data)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			offset = int(syntax.Offset) - 1
		}
		return v, lineAt(offset), "this is no JSON; look for a missing comma, quote or bracket here or just before"
	}
	s := &source{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	s.dec.UseNumber()
	return s.rest(s.token()), 0, ""
}

// token returns the next token; its line is s.line. The text is known to be JSON, so nil comes at its end only.
func (s *source) token() json.Token {
	t, err := s.dec.Token()
	if err != nil {
		return nil
	}
	end := int(s.dec.InputOffset())
	s.line += bytes.Count(s.data[s.seen:end], []byte("\n"))
	s.seen = end
	return t
}

// rest reads a value whose first token was read. How deep values may nest is bounded by encoding/json.
func (s *source) rest(first json.Token) value {
	v := value{line: s.line}
	switch t := first.(type) {
	case bool:
		v.kind, v.truth = isTruth, t
	case json.Number:
		v.kind, v.text = isNumber, t.String()
	case string:
		v.kind, v.text = isText, t
	case json.Delim:
		v.kind = isObject
		if t == '[' {
			v.kind = isList
		}
		for s.dec.More() {
			if v.kind == isList {
				v.list = append(v.list, s.rest(s.token()))
				continue
			}
			name, _ := s.token().(string)
			m := member{name: name, line: s.line}
			m.value = s.rest(s.token())
			v.members = append(v.members, m)
		}
		s.token() // the closing bracket
	}
	return v
}
