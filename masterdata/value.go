package masterdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// source reads JSON values one after the other, so that only one record is held at a time.
type source struct {
	dec  *json.Decoder
	data []byte
	seen int // bytes whose lines were counted
	line int
}

// newSource refuses what is no JSON as a whole, so that whatever is read later is known to be well-formed.
func newSource(data []byte) (*source, *Fault) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	refuse := func(offset int, text string) (*source, *Fault) {
		line := 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
		return nil, &Fault{Line: line, Record: "file", Text: text}
	}
	if !utf8.Valid(data) {
		i := 0
		for r, n := utf8.DecodeRune(data); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(data[i:]) {
			i += n
		}
		return refuse(i, "the text is not UTF-8; save the file as UTF-8")
	}
	if !json.Valid(data) {
		var syntax *json.SyntaxError
		var whole json.RawMessage
		offset := len(data)
		if errors.As(json.Unmarshal(data, &whole), &syntax) {
			offset = int(syntax.Offset) - 1
		}
		return refuse(offset, "this is no JSON; look for a missing comma, quote or bracket here or just before")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return &source{dec: dec, data: data, line: 1}, nil
}

// token returns the next token; its line is s.line. The text is known to be JSON, so there is no error but the end.
func (s *source) token() json.Token {
	t, err := s.dec.Token()
	if err != nil {
		panic(fmt.Sprintf("masterdata: valid JSON is refused: %v", err))
	}
	end := int(s.dec.InputOffset())
	s.line += bytes.Count(s.data[s.seen:end], []byte("\n"))
	s.seen = end
	return t
}

// next reads the next value whole.
func (s *source) next() value { return s.rest(s.token()) }

// rest reads a value whose first token was read.
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
		if t == '[' {
			v.kind = isList
			for s.dec.More() {
				v.list = append(v.list, s.next())
			}
		} else {
			v.kind = isObject
			for s.dec.More() {
				name, _ := s.token().(string)
				m := member{name: name, line: s.line}
				m.value = s.next()
				v.members = append(v.members, m)
			}
		}
		s.token() // the closing bracket
	}
	return v
}
