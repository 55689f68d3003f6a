package masterdata

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with a record. Its text never holds a value of a party, contract, token or mandate.
type Fault struct {
	Line   int    `json:"line,omitempty"` // of the file, from 1; 0: not known
	Record string `json:"record"`         // kind with number, such as "contract V1", or with its place, such as "party 3"
	Field  string `json:"field,omitempty"`
	Text   string `json:"text"` // what is wrong and what to do
}

// String prints the fault on one line.
func (f Fault) String() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", f.Line)
	}
	b.WriteString(f.Record + ": ")
	if f.Field != "" {
		b.WriteString(f.Field + ": ")
	}
	b.WriteString(f.Text)
	return b.String()
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

// Sort puts faults into the order of their lines; faults of one line keep theirs.
func (f Faults) Sort() {
	slices.SortStableFunc(f, func(a, b Fault) int { return a.Line - b.Line })
}

// Kind is a kind of record, as messages name it.
type Kind string

// The kinds.
const (
	TenantKind   Kind = "tenant"
	PartyKind    Kind = "party"
	ContractKind Kind = "contract"
	TokenKind    Kind = "token"
	MandateKind  Kind = "mandate"
	EVSEKind     Kind = "evse"
	PolicyKind   Kind = "signature policy"
	AgeingKind   Kind = "ageing rule"
	TariffKind   Kind = "tariff"
	ScheduleKind Kind = "schedule"
)

// Fault makes a fault of record i of a kind, counted from 0, with its name and line.
func (f *File) Fault(k Kind, i int, field, text string) Fault {
	fault := Fault{Record: f.name(k, i), Field: field, Text: text}
	if lines := f.lines[k]; i < len(lines) {
		fault.Line = lines[i]
	}
	return fault
}

// name names a record by its number, or by its place where it has none that can be shown. The uid of a token is a card
// in somebody's pocket, so tokens go by their place.
func (f *File) name(k Kind, i int) string {
	key := ""
	switch k {
	case TenantKind:
		return string(k)
	case PartyKind:
		key = f.Parties[i].No
	case ContractKind:
		key = f.Contracts[i].No
	case TokenKind:
		if no := f.Tokens[i].ContractNo; no != "" {
			return fmt.Sprintf("token %d, of contract %s", i+1, no)
		}
	case MandateKind:
		key = f.Mandates[i].Reference
	case EVSEKind:
		key = f.EVSEs[i].ID
	case PolicyKind:
		key = f.Policies[i].ID
	case AgeingKind:
		key = f.Ageing[i].ID
	case TariffKind:
		if t := f.Tariffs[i]; t.Code != "" && t.Version > 0 {
			return fmt.Sprintf("tariff %s version %d", t.Code, t.Version)
		}
	case ScheduleKind:
		key = f.Schedules[i].Job
	}
	if key == "" {
		return fmt.Sprintf("%s %d", k, i+1)
	}
	return string(k) + " " + key
}
