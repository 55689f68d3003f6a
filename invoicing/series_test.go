package invoicing

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		year    int
		n       int64
		want    string
	}{
		{"RE-{yyyy}-{n:7}", 2026, 1, "RE-2026-0000001"},
		{"RE-{yyyy}-{n:7}", 2026, 9999999, "RE-2026-9999999"},
		{"RE-{yyyy}-{n:7}", 2027, 42, "RE-2027-0000042"},
		{"{n:1}", 2026, 9, "9"},
		{"A{yyyy}AT-{n:10}", 2026, 1234567890, "A2026AT-1234567890"},
		{"ABCDEFG-{n:12}", 2026, 1, "ABCDEFG-000000000001"}, // exactly 20 characters
	} {
		s, err := NewSeries("invoice", tc.pattern, tc.year)
		if err != nil {
			t.Errorf("%s: %v", tc.pattern, err)
			continue
		}
		got, err := s.Number(tc.n)
		if err != nil || got != tc.want {
			t.Errorf("%s number %d = %q (%v), want %q", tc.pattern, tc.n, got, err, tc.want)
		}
		// What the documented SQL gives: prefix || lpad(n::text, width, '0').
		digits := fmt.Sprint(tc.n)
		if sql := s.Prefix + strings.Repeat("0", s.Width-len(digits)) + digits; sql != tc.want {
			t.Errorf("%s number %d by the SQL rule = %q, want %q", tc.pattern, tc.n, sql, tc.want)
		}
	}
}

func TestSeriesEnds(t *testing.T) {
	s, err := NewSeries("invoice", "RE-{yyyy}-{n:3}", 2026)
	if err != nil {
		t.Fatal(err)
	}
	if s.Last() != 999 {
		t.Errorf("last %d, want 999", s.Last())
	}
	for _, n := range []int64{-1, 0, 1000} {
		if got, err := s.Number(n); err == nil {
			t.Errorf("number %d gives %q, want an error", n, got)
		}
	}
}

func TestSeriesRefusesPatterns(t *testing.T) {
	for _, tc := range []struct {
		code, pattern string
		year          int
		text          string
	}{
		{"", "RE-{n:7}", 2026, "code is missing"},
		{"x", "RE-{yyyy}-", 2026, "{n:width}"},
		{"x", "RE-{n:7", 2026, "{n:width}"},
		{"x", "RE-{n:7}-A", 2026, "{n:width}"},
		{"x", "RE-{n:}", 2026, "counter width"},
		{"x", "RE-{n:0}", 2026, "counter width"},
		{"x", "RE-{n:13}", 2026, "counter width"},
		{"x", "RE-{n:99999999999999999999}", 2026, "counter width"},
		{"x", "RE-{n:-7}", 2026, "counter width"},
		{"x", "RE/{yyyy}/{n:7}", 2026, "character '/'"},
		{"x", "RE {n:7}", 2026, "character ' '"},
		{"x", "RÉ-{n:7}", 2026, "character 'É'"},
		{"x", "RE-{mm}-{n:7}", 2026, "character '{'"},
		{"x", "ABCDEFGH-{n:12}", 2026, "21 characters"},
		{"x", "RE-{yyyy}-{n:7}", 26, "year 26"},
	} {
		if s, err := NewSeries(tc.code, tc.pattern, tc.year); err == nil || !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%q: %+v, error %v, want %q", tc.pattern, s, err, tc.text)
		}
	}
}

func TestIssueGivesANumberAndNothingElse(t *testing.T) {
	draft := build(t, october())
	d, err := Issue(draft, "RE-2026-0000001")
	if err != nil {
		t.Fatal(err)
	}
	if d.Number != "RE-2026-0000001" || draft.Number != "" {
		t.Errorf("number %q, draft %q", d.Number, draft.Number)
	}
	d.Number = ""
	if Hash(d) != Hash(draft) {
		t.Error("issuing changed more than the number")
	}
}

func TestIssueRefuses(t *testing.T) {
	issued := build(t, october())
	issued.Number = "RE-2026-0000001"
	cent := build(t, october())
	cent.Gross++
	for _, tc := range []struct {
		name   string
		draft  Document
		number string
		text   string
	}{
		{"issued twice", issued, "RE-2026-0000002", "already issued as RE-2026-0000001"},
		{"no number", build(t, october()), "", "number"},
		{"blank in the number", build(t, october()), "RE 1", "number"},
		{"number too long", build(t, october()), "RE-2026-0000000000001", "number"},
		{"nothing to pay", build(t, settlement(charges(1, "2026-10-03", 0)...)), "RE-2026-0000001", "free"},
		{"a cent off", cent, "RE-2026-0000001", "totals"},
	} {
		if _, err := Issue(tc.draft, tc.number); err == nil || !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.text)
		}
	}
}

func TestCheckFindsOneCent(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*Document)
	}{
		{"line", func(d *Document) { d.Sessions[0].Lines[0].Amount++ }},
		{"line and session", func(d *Document) { d.Sessions[0].Lines[0].Amount++; d.Sessions[0].Total++ }},
		{"session", func(d *Document) { d.Sessions[1].Total-- }},
		{"VAT group", func(d *Document) { d.VAT[0].Tax++; d.VAT[0].Net-- }},
		{"VAT group missing", func(d *Document) { d.VAT = nil }},
		{"net and tax", func(d *Document) { d.Net++; d.Tax-- }},
		{"gross", func(d *Document) { d.Gross++ }},
		{"rate", func(d *Document) { d.Sessions[0].Lines[0].Rate = 160_000 }},
	} {
		d := build(t, october())
		tc.spoil(&d)
		if err := d.Check(); !errors.Is(err, ErrTotals) {
			t.Errorf("%s: error %v, want totals do not agree", tc.name, err)
		}
	}
}
