package ocpi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// What is read is bounded, whatever it claims about itself.
const (
	maxBytes = 8 << 20 // a record with signed data is below one megabyte
	maxNodes = 200_000
	maxDepth = 32
)

// node is a value of a JSON text, numbers as they are written.
type node struct {
	kind    byte // '{' '[' '"' '0' 't' 'f' 'n'
	text    string
	members []member
	items   []node
}

type member struct {
	name  string
	value node
}

// get returns a member that is there and not null.
func (n node) get(name string) (node, bool) {
	for _, m := range n.members {
		if m.name == name {
			return m.value, m.value.kind != 'n'
		}
	}
	return node{}, false
}

// parse reads one JSON object. It also takes the object out of an array of one, and out of the response of a partner with
// its data.
func parse(text []byte) (node, error) {
	if len(text) > maxBytes {
		return node{}, fmt.Errorf("the text has %d bytes; a single object has at most %d", len(text), maxBytes)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return node{}, fmt.Errorf("no JSON at byte %d: %w", syntax.Offset, err)
		}
		return node{}, fmt.Errorf("no JSON: %w", err)
	}
	p := treeParser{decoder: json.NewDecoder(bytes.NewReader(text))}
	p.decoder.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return node{}, err
	}
	if data, ok := n.get("data"); ok {
		if _, ok = n.get("status_code"); ok {
			n = data
		}
	}
	if n.kind == '[' {
		if len(n.items) != 1 {
			return node{}, fmt.Errorf("the text is an array of %d; give one object at a time", len(n.items))
		}
		n = n.items[0]
	}
	if n.kind != '{' {
		return node{}, errors.New("the text is no JSON object; give the object of the tariff or record itself")
	}
	return n, nil
}

type treeParser struct {
	decoder *json.Decoder
	nodes   int
}

func (p *treeParser) value(depth int) (node, error) {
	token, err := p.decoder.Token()
	if err != nil {
		return node{}, fmt.Errorf("no JSON: %w", err)
	}
	if p.nodes++; p.nodes > maxNodes || depth > maxDepth {
		return node{}, fmt.Errorf("the object has more than %d values or %d levels; send the tariff or record alone", maxNodes, maxDepth)
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	case string:
		return node{kind: '"', text: v}, nil
	case json.Number:
		return node{kind: '0', text: v.String()}, nil
	case bool:
		if v {
			return node{kind: 't'}, nil
		}
		return node{kind: 'f'}, nil
	}
	return node{kind: 'n'}, nil
}

// object reads the members. A name that comes twice is refused: it would depend on the reader which one counts.
func (p *treeParser) object(depth int) (node, error) {
	n := node{kind: '{'}
	seen := map[string]bool{}
	for p.decoder.More() {
		token, err := p.decoder.Token()
		if err != nil {
			return node{}, fmt.Errorf("no JSON: %w", err)
		}
		name, _ := token.(string)
		if seen[name] {
			return node{}, fmt.Errorf("member %s stands twice in one object; send it once", quoted(name))
		}
		seen[name] = true
		v, err := p.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, member{name, v})
	}
	_, err := p.decoder.Token() // the closing brace
	return n, err
}

func (p *treeParser) array(depth int) (node, error) {
	n := node{kind: '['}
	for p.decoder.More() {
		v, err := p.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, v)
	}
	_, err := p.decoder.Token()
	return n, err
}

// quoted is text of others for a message: only what a number, date, code or id consists of, and never much of it.
func quoted(text string) string {
	const longest = 32
	if text == "" || len(text) > longest {
		return "the value"
	}
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '.', c == ':', c == '-', c == '+', c == '_', c == '*':
		default:
			return "the value"
		}
	}
	return `"` + text + `"`
}
