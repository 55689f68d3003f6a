package customer

import (
	"testing"
	"time"

	"wattdue/calendar"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func day(t *testing.T, s string) calendar.Date {
	t.Helper()
	if s == "" {
		return calendar.Date{}
	}
	v, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestContractIsActiveByItsOwnZone(t *testing.T) {
	for _, tc := range []struct {
		name, zone, from, until, at string
		want                        bool
	}{
		{"last second before the first day", "Europe/Berlin", "2026-10-01", "", "2026-09-30T21:59:59Z", false},
		{"first second of the first day", "Europe/Berlin", "2026-10-01", "", "2026-09-30T22:00:00Z", true},
		{"the same instant is still the day before in Lisbon", "Europe/Lisbon", "2026-10-01", "", "2026-09-30T22:00:00Z", false},
		{"last second of the last day, winter time", "Europe/Berlin", "2026-01-01", "2026-11-01", "2026-10-31T22:59:59Z", true},
		{"the end date itself is out", "Europe/Berlin", "2026-01-01", "2026-11-01", "2026-10-31T23:00:00Z", false},
		{"open end", "Europe/Berlin", "2026-01-01", "", "2099-12-31T12:00:00Z", true},
		{"ended before it began", "Europe/Berlin", "2026-01-01", "2026-01-01", "2026-01-01T12:00:00Z", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Contract{ZoneLocation: zone(t, tc.zone), From: day(t, tc.from), Until: day(t, tc.until)}
			if got := c.ActiveAt(at(t, tc.at)); got != tc.want {
				t.Errorf("active at %s = %v, want %v", tc.at, got, tc.want)
			}
		})
	}
}

func TestNormalisedIds(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"DE-ABC-C12345678-X", "DEABCC12345678X"},
		{"de*abc*c12345678*x", "DEABCC12345678X"},
		{"DE ABC C12345678 X", "DEABCC12345678X"},
		{"DEABCC12345678X", "DEABCC12345678X"},
		{"", ""},
	} {
		if got := NormaliseEMAID(tc.in); got != tc.want {
			t.Errorf("NormaliseEMAID(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
	for _, tc := range []struct{ in, want string }{
		{" 04a2b3c4d5e6f7\t", "04A2B3C4D5E6F7"},
		{"04A2B3C4D5E6F7", "04A2B3C4D5E6F7"},
		{"app-user-1", "APP-USER-1"}, // a hyphen is part of a uid
	} {
		if got := NormaliseUID(tc.in); got != tc.want {
			t.Errorf("NormaliseUID(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}
