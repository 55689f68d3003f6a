package calendar

import (
	"fmt"
	"time"
)

// Period is a span of whole local days: First is the first day, Next the day after the last.
type Period struct {
	First Date `json:"first"`
	Next  Date `json:"next"`
}

// ParsePeriod reads a month (2026-10) or a single day (2026-10-31).
func ParsePeriod(s string) (Period, error) {
	if t, err := time.Parse("2006-01", s); err == nil {
		return NewDate(t.Year(), t.Month(), 1).MonthOf(), nil
	}
	if d, err := ParseDate(s); err == nil {
		return Period{d, d.AddDays(1)}, nil
	}
	return Period{}, fmt.Errorf("period %q: want a month such as 2026-10 or a day such as 2026-10-31", s)
}

// String prints the month (2026-10), the day (2026-10-31) or first..last.
func (p Period) String() string {
	switch {
	case p.First.Day == 1 && p.First.MonthOf() == p:
		return fmt.Sprintf("%04d-%02d", p.First.Year, int(p.First.Month))
	case p.First.AddDays(1) == p.Next:
		return p.First.String()
	}
	return p.First.String() + ".." + p.Last().String()
}

// Last returns the last day of the period.
func (p Period) Last() Date { return p.Next.AddDays(-1) }

// Contains reports whether the date lies in the period.
func (p Period) Contains(d Date) bool { return !d.Before(p.First) && d.Before(p.Next) }
