// Package calendar holds civil dates, billing periods and bank days.
//
// A Date has no time zone; binding an instant to a Date always names the zone. Nothing here reads a clock.
package calendar

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar. The zero Date is "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate returns the date, normalised as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), time.UTC)
}

// DateOf returns the local date of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want YYYY-MM-DD, such as 2026-10-31", s)
	}
	return DateOf(t, time.UTC), nil
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String prints YYYY-MM-DD, or nothing for the zero date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// German prints DD.MM.YYYY, or nothing for the zero date.
func (d Date) German() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year)
}

// AddDays returns the date n days later.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// Before reports whether d is earlier than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// Compare returns -1, 0 or 1 as d is before, equal to or after o.
func (d Date) Compare(o Date) int {
	return d.midnight(time.UTC).Compare(o.midnight(time.UTC))
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight(time.UTC).Weekday() }

// DaysUntil returns the number of days from d to o; negative when o is earlier.
func (d Date) DaysUntil(o Date) int {
	const day = 24 * 60 * 60 // in UTC every day has it; a time.Duration would end after 292 years
	return int((o.midnight(time.UTC).Unix() - d.midnight(time.UTC).Unix()) / day)
}

// Start returns the first instant of the date in a zone. It is not always 00:00: where the clock changes at
// midnight, as in the Azores, a date may begin at 01:00 or see midnight twice. A date that a zone skipped starts
// where the next one does.
func (d Date) Start(zone *time.Location) time.Time {
	const widest = 26 * time.Hour // no offset was ever larger, with some room
	midnight := d.midnight(time.UTC)
	var first time.Time
	for t := midnight.Add(-widest); t.Before(midnight.Add(widest)); {
		_, offset := t.In(zone).Zone()
		_, change := t.In(zone).ZoneBounds()
		for _, c := range [2]time.Time{midnight.Add(-time.Duration(offset) * time.Second), change} {
			if !c.IsZero() && !DateOf(c, zone).Before(d) && (first.IsZero() || c.Before(first)) {
				first = c
			}
		}
		if change.IsZero() {
			break
		}
		t = change
	}
	return first.In(zone)
}

// MonthOf returns the month the date lies in.
func (d Date) MonthOf() Period {
	return Period{First: NewDate(d.Year, d.Month, 1), Next: NewDate(d.Year, d.Month+1, 1)}
}

func (d Date) midnight(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD or nothing.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Scan reads a date from a database column of type date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		*d = DateOf(v, v.Location())
		return nil
	}
	return fmt.Errorf("date: cannot read a %T", src)
}
