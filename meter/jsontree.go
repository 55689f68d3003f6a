package meter

import "bytes"

// node is a JSON value of a container, read with every number as text. Containers nest their facts deep, and which names
// matter differs from format to format, so these are looked up in a tree; single records are scanned in place.
type node struct {
	kind    byte // {, [, " for text, 0 for numbers, true and false; n for null or a value that is not there
	text    string
	raw     []byte // as it stands in the input
	members []member
	items   []node
}

type member struct {
	name  string
	value node
}

// maxNodes bounds a tree to some 25 MB; real containers have some hundred values per session.
const maxNodes = 100_000

// parseJSON reads one JSON value and refuses anything after it.
func parseJSON(b []byte) (node, error) {
	s := &jsonScanner{b: b}
	left := maxNodes
	n, err := s.node(&left)
	if err == nil && (s.peek() != 0 || s.i < len(s.b)) {
		err = s.fail("the end")
	}
	return n, err
}

func (s *jsonScanner) node(left *int) (n node, err error) {
	if *left--; *left < 0 {
		return node{}, s.fail("fewer values")
	}
	n.kind = s.peek()
	start := s.i
	switch n.kind {
	case '{':
		err = s.object(func(name []byte) error {
			value, err := s.node(left)
			n.members = append(n.members, member{string(name), value})
			return err
		})
	case '[':
		err = s.array(func() error {
			item, err := s.node(left)
			n.items = append(n.items, item)
			return err
		})
	default:
		var text []byte
		text, err = s.scalar()
		n.text = string(text)
		if n.kind != '"' && n.kind != 'n' {
			n.kind = 0
		}
	}
	n.raw = s.b[start:s.i]
	return n, err
}

// at follows names through objects; what is not there is like null.
func (n node) at(path ...string) node {
	for _, name := range path {
		n = n.member(name)
	}
	return n
}

func (n node) member(name string) node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return node{kind: 'n'}
}

// isThere reports a value other than null.
func (n node) isThere() bool { return n.kind != 'n' }

// looksLikeObject reports text that begins like a JSON object and contains all the given names in quotes. It tells
// containers apart without reading them.
func looksLikeObject(payload []byte, names ...string) bool {
	if !bytes.HasPrefix(payload, []byte("{")) {
		return false
	}
	for _, name := range names {
		if !bytes.Contains(payload, []byte(`"`+name+`"`)) {
			return false
		}
	}
	return true
}
