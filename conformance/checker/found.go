package checker

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Found is something that comparing the sessions of a meter has brought to light about a record.
type Found struct {
	Code   string `json:"code"`
	State  string `json:"state"`  // held, noted; closed is what turned out otherwise
	Record string `json:"record"` // country/party/id
	Other  string `json:"other"`  // the record it contradicts or follows; may be empty
}

// name is how truth.csv writes it behind its record.
func (f Found) name() string {
	if f.Other == "" {
		return f.Record + " " + f.Code
	}
	return f.Record + " " + f.Code + "=" + f.Other
}

// holding are the codes that keep a record from being billed, the gravest first.
var holding = []string{"replay", "page-conflict", "overlap", "counter-regression", "power-above-limit"}

// information are the others.
var information = []string{"page-gap", "advance-unexplained", "meter-changed", "key-changed", "firmware-changed"}

// ParseFindings reads findings.json.
func ParseFindings(b []byte) ([]Found, error) {
	var list []Found
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	for i, f := range list {
		if f.Code == "" || f.State == "" || f.Record == "" {
			return nil, fmt.Errorf("findings: number %d lacks code, state or record", i+1)
		}
	}
	return list, nil
}

// parseFindings reads the last column of truth.csv: code=other record, or the code alone, with ; between.
func parseFindings(record, column string) []Found {
	var list []Found
	for _, text := range strings.Split(column, ";") {
		if text == "" {
			continue
		}
		code, other, _ := strings.Cut(text, "=")
		list = append(list, Found{Code: code, Record: record, Other: other})
	}
	return list
}

// checkFound compares what was found with the truth: exactly what it lists, and held is what contradicts another record.
func checkFound(f *findings, found []Found, truth []Row) {
	want := map[string]int{}
	for _, r := range truth {
		checkHeld(f, r)
		for _, x := range r.Findings {
			want[x.name()]++
		}
	}
	for _, x := range found {
		if x.State == "closed" {
			continue
		}
		state := "noted"
		if slices.Contains(holding, x.Code) {
			state = "held"
		}
		same(f, "finding, "+x.name(), "state", x.State, state)
		want[x.name()]--
	}
	for name, n := range want {
		switch {
		case n > 0:
			f.addf("truth, "+name, "is not found")
		case n < 0:
			f.addf("finding, "+name, "is not in the truth")
		}
	}
}

// checkHeld looks at a row of truth.csv alone: it expects what its findings demand.
func checkHeld(f *findings, r Row) {
	code := ""
	for _, grave := range slices.Backward(holding) {
		if slices.ContainsFunc(r.Findings, func(x Found) bool { return x.Code == grave }) {
			code = grave
		}
	}
	where := "truth, " + r.Record
	switch {
	case code != "" && (r.Expected != "held" || r.Reason != code):
		f.addf(where, "is %s %s, want held %s", r.Expected, r.Reason, code)
	case code == "" && slices.Contains(holding, r.Reason):
		f.addf(where, "is held for %s, which is not among its findings", r.Reason)
	}
	for _, x := range r.Findings {
		if !slices.Contains(holding, x.Code) && !slices.Contains(information, x.Code) {
			f.addf(where, "has a finding %q", x.Code)
		}
	}
}
