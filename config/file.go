package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader walks the nodes of a file, which know their lines.
type reader struct {
	name     string
	values   layer
	lines    map[string]string
	problems Problems
}

// parseFile returns the values of a YAML file by full name, where each stands, and all that is wrong.
func parseFile(name string, b []byte) (layer, map[string]string, Problems) {
	r := reader{name: name, values: layer{}, lines: map[string]string{}}
	d := yaml.NewDecoder(bytes.NewReader(b))
	var doc, more yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF): // nothing but comments
		return r.values, r.lines, nil
	case err != nil:
		r.refuseSyntax(err)
		return r.values, r.lines, r.problems
	}
	switch err := d.Decode(&more); {
	case err == nil:
		r.refuse(more.Line, "the file holds a second document", "remove everything from the line --- on")
	case !errors.Is(err, io.EOF):
		r.refuseSyntax(err)
	}
	if len(doc.Content) == 1 && !empty(doc.Content[0]) {
		r.section("", doc.Content[0])
	}
	return r.values, r.lines, r.problems
}

func (r *reader) refuse(line int, what, hint string) {
	r.problems = append(r.problems, Problem{Where: fmt.Sprintf("%s:%d", r.name, line), What: what, Hint: hint})
}

// refuseSyntax turns "yaml: line 3: ..." into the form of all other problems.
func (r *reader) refuseSyntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, what, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = n, what
			}
		}
	}
	r.refuse(line, "this is not YAML: "+text, "check indentation and quotes at or just above this line")
}

// section reads the settings below a path.
func (r *reader) section(path string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.refuse(n.Line, what(path)+"want settings, each as name: value", "see the example file")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		full := key.Value
		if path != "" {
			full = path + "." + key.Value
		}
		switch {
		case seen[key.Value]:
			r.refuse(key.Line, full+" is given twice", "remove one of the two")
		case value.Kind == yaml.AliasNode || value.Anchor != "" || key.Tag == "!!merge":
			r.refuse(key.Line, full+": anchors and aliases are not supported", "write the value out")
		default:
			r.entry(full, key, value)
		}
		seen[key.Value] = true
	}
}

func (r *reader) entry(full string, key, value *yaml.Node) {
	if section(full) {
		if !empty(value) {
			r.section(full, value)
		}
		return
	}
	s, ok := known(full)
	if !ok {
		r.refuse(key.Line, "there is no setting "+strconv.Quote(full)+suggestion(full, siblings(full)), "remove the line or correct the name")
		return
	}
	if empty(value) {
		return
	}
	v, err := decode(s.typ, value)
	if err != nil {
		line := value.Line
		var at *atLine
		if errors.As(err, &at) {
			line = at.line
		}
		r.refuse(line, full+": "+err.Error(), "correct the value")
		return
	}
	r.values[full], r.lines[full] = v, fmt.Sprintf("%s:%d", r.name, key.Line)
}

// empty reports a value that was left out, as in "tenant:"; it keeps the default.
func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func what(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// siblings lists what could stand where the path stands, sections included.
func siblings(path string) []string {
	parent := path[:strings.LastIndex(path, ".")+1]
	var out []string
	for _, s := range settings() {
		rest, ok := strings.CutPrefix(s.path, parent)
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(rest, ".")
		out = append(out, parent+name)
	}
	return out
}
