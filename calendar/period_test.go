package calendar

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParsePeriod(t *testing.T) {
	cases := []struct {
		text, first, next, last string
	}{
		{"2026-10", "2026-10-01", "2026-11-01", "2026-10-31"},
		{"2026-12", "2026-12-01", "2027-01-01", "2026-12-31"},
		{"2024-02", "2024-02-01", "2024-03-01", "2024-02-29"},
		{"2026-10-31", "2026-10-31", "2026-11-01", "2026-10-31"},
		{"2026-12-31", "2026-12-31", "2027-01-01", "2026-12-31"},
	}
	for _, c := range cases {
		p, err := ParsePeriod(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if p.First.String() != c.first || p.Next.String() != c.next || p.Last().String() != c.last {
			t.Errorf("%s: first %s, next %s, last %s", c.text, p.First, p.Next, p.Last())
		}
		if p.String() != c.text {
			t.Errorf("%s prints %s", c.text, p)
		}
	}
	for _, s := range []string{"", "2026", "2026-13", "2026-1", "10/2026", "2026-02-30", "2026-10-01..2026-10-02"} {
		if p, err := ParsePeriod(s); err == nil {
			t.Errorf("%q was read as %s", s, p)
		}
	}
}

func TestPrintOddPeriod(t *testing.T) {
	week := Period{date(t, "2026-10-26"), date(t, "2026-11-02")}
	if got := week.String(); got != "2026-10-26..2026-11-01" {
		t.Errorf("a week prints %q", got)
	}
	twoMonths := Period{date(t, "2026-10-01"), date(t, "2026-12-01")}
	if got := twoMonths.String(); got != "2026-10-01..2026-11-30" {
		t.Errorf("two months print %q", got)
	}
}

func TestContains(t *testing.T) {
	october := date(t, "2026-10-14").MonthOf()
	for s, want := range map[string]bool{
		"2026-09-30": false, "2026-10-01": true, "2026-10-31": true, "2026-11-01": false, "2025-10-14": false,
	} {
		if got := october.Contains(date(t, s)); got != want {
			t.Errorf("October 2026 contains %s: %v", s, got)
		}
	}
}

func TestMonthsMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDate(2000, 1, 1+rapid.IntRange(0, 40000).Draw(t, "day"))
		m := d.MonthOf()
		if !m.Contains(d) || m.First.Day != 1 || m.Next.MonthOf().First != m.Next {
			t.Fatalf("month of %s is %s to %s", d, m.First, m.Next)
		}
		if n := m.First.DaysUntil(m.Next); n < 28 || n > 31 {
			t.Fatalf("month of %s has %d days", d, n)
		}
	})
}
