package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
)

// mostDifferences is how many differences from the truth are named one by one.
const mostDifferences = 5

// checkFindings compares what comparing the sessions found with what was planted: exactly these, none more. It returns how
// many there are.
func checkFindings(ctx context.Context, a *app, t store.Tenant, world *simulate.World) (int, error) {
	truth, err := world.Truth()
	if err != nil {
		return 0, err
	}
	rows, err := a.Findings(ctx, t, jobs.FindingQuery{})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, x := range truth {
		n += len(x.Findings)
	}
	return n, differences(truth, rows)
}

// differences is an error that names what was planted and not found, and what was found and not planted. What is closed has
// turned out otherwise.
func differences(truth []simulate.Expectation, rows []store.FoundRow) error {
	planted := map[string]bool{}
	for _, x := range truth {
		for _, f := range x.Findings {
			planted[x.Key.String()+" "+f.String()] = true
		}
	}
	var list []string
	for _, r := range rows {
		text := r.Record + " " + r.Code
		if r.Other != "" {
			text += "=" + r.Other
		}
		if r.State != "closed" && !planted[text] {
			list = append(list, "not planted: "+text)
		}
		delete(planted, text)
	}
	for text := range planted {
		list = append(list, "not found: "+text)
	}
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	more := ""
	if n := len(list) - mostDifferences; n > 0 {
		list, more = list[:mostDifferences], fmt.Sprintf("\n  and %d more", n)
	}
	return fmt.Errorf("findings.json and truth.csv differ:\n  %s%s", strings.Join(list, "\n  "), more)
}
