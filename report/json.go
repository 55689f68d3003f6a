package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Schema names the layout of the JSON. Members may be added under the same name; nothing is renamed or taken away.
const Schema = "wattdue-report/1"

// JSON writes the report for machines: its own figures, then the checks and whether all of them hold. Amounts are
// minor units of the currency, energy is micro-kWh, durations are nanoseconds; lists are never null. The error names
// the report when a date in it cannot be written.
func JSON(r Report) ([]byte, error) {
	r = r.complete()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(struct {
		Schema string `json:"schema"`
		Report
		Closes bool    `json:"closes"`
		Checks []Check `json:"checks"`
	}{Schema, r, r.Closes(), r.Checks()})
	if err != nil {
		return nil, fmt.Errorf("report of %s for %s: %w", r.Tenant, r.Period, err)
	}
	return out.Bytes(), nil
}

// complete returns the report with the words of held groups filled in, the largest group first (then by stage and
// code), and without nil lists. The caller's lists are not changed.
func (r Report) complete() Report {
	held := make([]Held, len(r.Held))
	for i, h := range r.Held {
		what, todo := Meaning(h.Code)
		if h.Meaning == "" {
			h.Meaning = what
		}
		if h.ToDo == "" {
			h.ToDo = todo
		}
		held[i] = h
	}
	slices.SortStableFunc(held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Code, b.Code))
	})
	r.Held = held
	r.Findings = r.Findings.complete()
	r.Documents.VAT = list(r.Documents.VAT)
	r.Documents.ByMethod = list(r.Documents.ByMethod)
	r.Mails, r.BankFiles, r.Ledger = list(r.Mails), list(r.BankFiles), list(r.Ledger)
	r.Days, r.Locations, r.Tariffs = list(r.Days), list(r.Locations), list(r.Tariffs)
	r.Stages, r.Places, r.Next = list(r.Stages), list(r.Places), list(r.Next)
	return r
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
