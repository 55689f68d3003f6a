package main

import (
	"strings"
	"testing"

	"wattdue/cdr"
	"wattdue/dev/simulate"
	"wattdue/sql/store"
)

func TestDifferencesFromTheTruth(t *testing.T) {
	key := func(id string) cdr.Key { return cdr.Key{Country: "DE", Party: "X", ID: id} }
	truth := []simulate.Expectation{
		{Key: key("A")},
		{Key: key("B"), Findings: []simulate.Finding{{Code: "replay", Other: key("A")}, {Code: "power-above-limit"}}},
	}
	replay, power := store.FoundRow{Code: "replay", State: "held", Record: "DE/X/B", Other: "DE/X/A"}, store.FoundRow{Code: "power-above-limit", Record: "DE/X/B"}
	gap := store.FoundRow{Code: "page-gap", State: "noted", Record: "DE/X/A", Other: "DE/X/0"}
	closed := gap
	closed.State = "closed"
	var many []store.FoundRow
	for id := range 7 {
		r := gap
		r.Record += string(rune('0' + id))
		many = append(many, r)
	}
	for _, c := range []struct {
		name string
		rows []store.FoundRow
		want string
	}{
		{"none", []store.FoundRow{replay, power}, ""},
		{"closed does not count", []store.FoundRow{closed, power, replay}, ""},
		{"one is missing", []store.FoundRow{replay}, "findings.json and truth.csv differ:\n  not found: DE/X/B power-above-limit"},
		{"one too many", []store.FoundRow{replay, gap, power}, "findings.json and truth.csv differ:\n  not planted: DE/X/A page-gap=DE/X/0"},
		{"many", append(many, replay, power), "DE/X/A4 page-gap=DE/X/0\n  and 2 more"},
	} {
		got := ""
		if err := differences(truth, c.rows); err != nil {
			got = err.Error()
		}
		if !strings.HasSuffix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
