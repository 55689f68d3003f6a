package pricelist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document reads the YAML and returns the mapping at its top, or nil after a fault.
func (p *parser) document(data []byte) *yaml.Node {
	if len(data) > largestFile {
		p.faultf(nil, "", "the file has %d bytes; a tariff has at most %d", len(data), largestFile)
		return nil
	}
	if !utf8.Valid(data) {
		p.faults = append(p.faults, Fault{File: p.file, Line: lineOfBadByte(data), Text: "the text is not UTF-8; save the file as UTF-8"})
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		p.faultf(nil, "", "the file is empty; a tariff begins with tariff, version, valid_from, currency, mode and price")
		return nil
	} else if err != nil {
		p.syntax(err, data)
		return nil
	}
	if err := dec.Decode(&second); err == nil {
		p.faultf(&second, "", "a second document begins here; a file holds one tariff")
		return nil
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err, data)
		return nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		p.faultf(root, "", "a tariff is a list of keys and values, such as %q", "currency: EUR")
		return nil
	}
	return root
}

// parserFaults are messages about what stands around a value, in which the YAML reader names the line before.
var parserFaults = []string{
	"did not find expected node content", "did not find expected '-' indicator", "did not find expected key", "did not find expected ',' or",
	"did not find expected <", "did not find expected tag handle",
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax reports what the YAML reader said, in words for whoever wrote the file.
func (p *parser) syntax(err error, data []byte) {
	text := err.Error()
	m := syntaxLine.FindStringSubmatch(text)
	f := Fault{File: p.file, Text: text}
	if m != nil {
		f.Text = text[len(m[0]):]
		f.Line, _ = strconv.Atoi(m[1]) // no line is line 0
	}
	for _, s := range parserFaults {
		if strings.Contains(f.Text, s) {
			f.Line++ // the reader counts lines from 0 in these messages
		}
	}
	lines := strings.Split(string(data), "\n")
	here := ""
	if f.Line >= 1 && f.Line <= len(lines) {
		here = lines[f.Line-1]
	}
	switch {
	case strings.Contains(f.Text, "cannot start any token") && strings.HasPrefix(strings.TrimLeft(here, " "), "\t"):
		f.Text = "the line is indented with a tab; use blanks"
	case strings.Contains(f.Text, "mapping values are not allowed"):
		f.Text = "a colon where none may be; give each key a line of its own, or look for a wrong indent here or just before"
	case strings.Contains(f.Text, "did not find expected key"), strings.Contains(f.Text, "did not find expected '-' indicator"):
		f.Text = "the indent does not fit the lines around it, or a quote or bracket is not closed; give keys of one level the same indent, here and below"
	case strings.Contains(f.Text, "unknown anchor"):
		if _, name, ok := strings.Cut(f.Text, "'"); ok {
			before, _, _ := strings.Cut(string(data), "*"+strings.TrimSuffix(name, "' referenced"))
			f.Line = 1 + strings.Count(before, "\n")
		}
		f.Text = "a value begins with *; put it in quotes (references of YAML are not used in tariffs)"
	default:
		f.Text = "this is no YAML (" + f.Text + "); look for a missing colon, quote or bracket from here on"
	}
	p.faults = append(p.faults, f)
}

func lineOfBadByte(data []byte) int {
	good := 0
	for good < len(data) {
		r, n := utf8.DecodeRune(data[good:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		good += n
	}
	return 1 + bytes.Count(data[:good], []byte("\n"))
}

// refuseReferences reports anchors, aliases, merge keys and types of YAML's own. They are never followed, so that a file
// cannot grow while it is read, and what stands in a row is what the row says.
func (p *parser) refuseReferences(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		p.faultf(n, "", "*%s refers to another place; write the value out, or put it in quotes if it begins with a star", n.Value)
		return
	case n.Anchor != "":
		p.faultf(n, "", "&%s names a place to refer to; take it out and write values where they are used", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		p.faultf(n, "", "%s is a type of YAML; take it out", n.Tag)
	}
	for _, c := range n.Content {
		p.refuseReferences(c)
	}
}

// object is a mapping whose keys were checked against those that may be there.
type object struct {
	p      *parser
	node   *yaml.Node
	at     string // its field, empty at the top
	keys   map[string]*yaml.Node
	values map[string]*yaml.Node
	meant  map[string]bool // keys of which a misspelt form was reported
}

// object reads a mapping. Keys that occur twice and keys nobody knows are faults, the latter with the nearest that is known.
func (p *parser) object(n *yaml.Node, at string, allowed []string) (object, bool) {
	o := object{p: p, node: n, at: at, keys: map[string]*yaml.Node{}, values: map[string]*yaml.Node{}, meant: map[string]bool{}}
	if n.Kind == yaml.AliasNode {
		return o, false
	}
	if n.Kind != yaml.MappingNode {
		p.faultf(n, at, "want keys and values here: %s", strings.Join(allowed, ", "))
		return o, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		switch {
		case key.Kind != yaml.ScalarNode:
			p.faultf(key, at, "a key must be one word: %s", strings.Join(allowed, ", "))
		case key.Tag == "!!merge":
			p.faultf(key, at, "<< takes values from another place; write them out")
		case !listed(allowed, name) && value.Tag == "!!null" && n.Style&yaml.FlowStyle != 0 && i > 0:
			p.faultf(key, at, "%s", flowCommaAdvice(n.Content[i-1].Value, name))
		case !listed(allowed, name):
			meant, advice := instead(name, allowed)
			o.meant[meant] = true
			p.faultf(key, at, "the key %s is not known%s", shown(name), advice)
		case o.keys[name] != nil:
			p.faultf(key, at, "%s is there twice, first in line %d; delete one", name, o.keys[name].Line)
		default:
			o.keys[name], o.values[name] = key, value
		}
	}
	return o, true
}

// flowCommaAdvice is for a comma inside of braces, where YAML begins a new key.
func flowCommaAdvice(before, after string) string {
	if allDigits(before) && allDigits(after) {
		return fmt.Sprintf("%s,%s has a comma; write %s.%s with a point", before, after, before, after)
	}
	return fmt.Sprintf("inside of braces a comma begins a new key; write several values in square brackets: [%s, %s]", before, after)
}

// field names a key of the object in messages.
func (o object) field(name string) string {
	if o.at == "" {
		return name
	}
	return o.at + ", " + name
}

// scalar returns the text of a value. Anything else is a fault, which says what to write.
func (p *parser) scalar(n *yaml.Node, field, want string) (string, bool) {
	switch {
	case n.Kind == yaml.AliasNode:
		return "", false // told already
	case n.Kind != yaml.ScalarNode:
		p.faultf(n, field, "want one value, not several: %s", want)
		return "", false
	case n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		p.faultf(n, field, "there is no value; want %s", want)
		return "", false
	}
	return strings.TrimSpace(n.Value), true
}

// text returns the text of a key that may be missing.
func (o object) text(name, want string) (string, *yaml.Node, bool) {
	n := o.values[name]
	if n == nil {
		return "", nil, false
	}
	s, ok := o.p.scalar(n, o.field(name), want)
	return s, n, ok
}

// need is text for a key that must be there.
func (o object) need(name, want string) (string, *yaml.Node, bool) {
	if o.values[name] == nil {
		o.missingf(name, "%s is missing; want %s", name, want)
		return "", nil, false
	}
	return o.text(name, want)
}

// missingf reports a key that is not there, unless it was misspelt, which was told.
func (o object) missingf(name, format string, args ...any) {
	if !o.meant[name] {
		o.p.faultf(o.node, o.at, format, args...)
	}
}

// word reads one of a few words; the first is meant where the key is missing.
func (o object) word(name string, words ...string) string {
	want := "one of " + strings.Join(words, ", ")
	s, n, ok := o.text(name, want)
	if !ok {
		return words[0]
	}
	if !listed(words, s) {
		o.p.faultf(n, o.field(name), "%s is not known; want %s", shown(s), want)
		return words[0]
	}
	return s
}

// truth reads yes or no; a missing key is no.
func (o object) truth(name string) bool {
	s, n, ok := o.text(name, "yes or no")
	if !ok {
		return false
	}
	switch strings.ToLower(s) {
	case "yes", "true":
		return true
	case "no", "false":
		return false
	}
	o.p.faultf(n, o.field(name), "%s is neither yes nor no", shown(s))
	return false
}

// list reads a value or several: "a", "a, b" or a list. Texts between commas are separate only outside of lists.
func (o object) list(name, want string) []item {
	n := o.values[name]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		s, ok := o.p.scalar(n, o.field(name), want)
		if !ok {
			return nil
		}
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			return []item{{s, n}}
		}
		var items []item
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part == "" {
				o.p.faultf(n, o.field(name), "there is a comma too many in %s; want %s", shown(s), want)
				return nil
			}
			items = append(items, item{part, n})
		}
		return items
	}
	if len(n.Content) == 0 {
		o.p.faultf(n, o.field(name), "the list is empty; want %s, or leave the key out", want)
	}
	var items []item
	for _, c := range n.Content {
		if s, ok := o.p.scalar(c, o.field(name), want); ok {
			items = append(items, item{s, c})
		}
	}
	return items
}

// item is a text with its place.
type item struct {
	text string
	node *yaml.Node
}
