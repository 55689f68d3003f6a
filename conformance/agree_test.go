package conformance

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wattdue/conformance/checker"
)

// TestMonthAgrees goes over the billed month with the independent checker: documents, bank file, books, findings and truth.
func TestMonthAgrees(t *testing.T) {
	need(t, "pdftotext", "hledger")
	dir := month(t)
	m, err := checker.Outside().Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Check() {
		t.Error(f)
	}
	if len(m.Balances) == 0 {
		t.Error("hledger told no balance")
	}
	notEmpty(t, m)
}

// notEmpty makes sure that the checker had something to compare, of every kind.
func notEmpty(t *testing.T, m checker.Month) {
	t.Helper()
	kinds := map[string]int{}
	for _, r := range m.Truth {
		kinds[r.Expected]++
		if r.Expected == "billed" {
			kinds[r.Payment]++
			for component, part := range r.Parts {
				if part != 0 {
					kinds[component]++
				}
			}
			if r.End.Format("2006-01") != r.Period {
				kinds["supplied in the next month"]++
			}
		}
	}
	for _, kind := range []string{
		"billed", "free", "held", "rejected", "duplicate", "conflict", "direct_debit", "on_account",
		"energy", "charging", "idle", "session", "supplied in the next month",
	} {
		if kinds[kind] == 0 {
			t.Errorf("the month has no record of kind %q", kind)
		}
	}
	codes := map[string]int{}
	for _, f := range m.Found {
		codes[f.Code]++
	}
	if len(codes) != 10 {
		t.Errorf("findings of the month: %v, want all ten codes", codes)
	}
	if len(m.Invoices) < 30 || len(m.Bank) == 0 || len(m.Journal.Entries) < 300 {
		t.Errorf("%d documents, %d bank files, %d entries are no month", len(m.Invoices), len(m.Bank), len(m.Journal.Entries))
	}
}

// TestCheckerSharesNothing holds the checker to its promise: it imports the standard library and nothing else.
func TestCheckerSharesNothing(t *testing.T) {
	files := glob(t, filepath.Join("checker", "*.go"))
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(name, "/")
			if strings.Contains(first, ".") || first == "wattdue" {
				t.Errorf("%s imports %s", file, name)
			}
		}
	}
}
