package pricelist

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is one thing wrong with a file.
type Fault struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"` // from 1; 0: of the file as a whole
	Column int    `json:"column,omitempty"`
	Field  string `json:"field,omitempty"` // such as "row night, energy, cap"
	Text   string `json:"text"`            // what is wrong and what to write instead
}

// String prints the fault on one line.
func (f Fault) String() string {
	var parts []string
	if f.File != "" {
		parts = append(parts, f.File)
	}
	if f.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", f.Line))
	}
	if f.Column > 0 {
		parts = append(parts, fmt.Sprintf("column %d", f.Column))
	}
	text := strings.Join(parts, ", ")
	for _, s := range []string{f.Field, f.Text} {
		if text != "" && s != "" {
			text += ": "
		}
		text += s
	}
	return text
}

// Faults are all faults of a file, in the order of its lines.
type Faults []Fault

// Error prints one fault per line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// mostFaults bounds the list: whoever sees a hundred has the wrong file.
const mostFaults = 100

// parser collects what is wrong while it reads.
type parser struct {
	file   string
	known  Known
	faults Faults

	currency string // of the tariff, when it is known
	vat      string // the code of prices that name none
}

// faultf reports a fault at a node; nil is the file as a whole.
func (p *parser) faultf(n *yaml.Node, field, format string, args ...any) {
	f := Fault{File: p.file, Field: field, Text: fmt.Sprintf(format, args...)}
	if n != nil {
		f.Line, f.Column = n.Line, n.Column
	}
	p.faults = append(p.faults, f)
}

// sorted returns the faults in the order of the file.
func (p *parser) sorted() Faults {
	slices.SortStableFunc(p.faults, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	if len(p.faults) > mostFaults {
		more := len(p.faults) - mostFaults
		p.faults = append(p.faults[:mostFaults:mostFaults], Fault{File: p.file, Text: fmt.Sprintf("and %d faults more", more)})
	}
	return p.faults
}
