package jobs

import (
	"testing"
	"time"

	"wattdue/calendar"
)

func TestCronBothClockChanges(t *testing.T) {
	for _, c := range []struct{ name, spec, after, want string }{
		{"a plain night", "30 2 * * *", "2026-11-21T12:00:00+01:00", "2026-11-22T02:30:00+01:00"},
		{"the hour that does not exist is due when the clock jumps", "30 2 * * *", "2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"and the next day is as always", "30 2 * * *", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		{"the hour that comes twice is due the first time", "30 2 * * *", "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"and not the second", "30 2 * * *", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		{"not even asked between the two", "30 2 * * *", "2026-10-25T02:10:00+01:00", "2026-10-26T02:30:00+01:00"},
		{"monthly", "0 4 2 * *", "2026-11-02T04:00:00+01:00", "2026-12-02T04:00:00+01:00"},
		{"leap day", "0 0 29 2 *", "2026-11-22T00:00:00+01:00", "2028-02-29T00:00:00+01:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseCron(c.spec, "Europe/Berlin")
			if err != nil {
				t.Fatal(err)
			}
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Next(after)
			if err != nil {
				t.Fatal(err)
			}
			if got.Format(time.RFC3339) != c.want {
				t.Errorf("after %s: got %s, want %s", c.after, got.Format(time.RFC3339), c.want)
			}
		})
	}
}

func TestCronOnceADayAllYear(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"} {
		for _, spec := range []string{"30 2 * * *", "0 2 * * *", "15 1 * * *", "0 0 * * *"} {
			s, err := ParseCron(spec, zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := s.Next(time.Date(2017, 12, 31, 12, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			for range 800 {
				next, err := s.Next(at)
				if err != nil {
					t.Fatal(err)
				}
				if want := calendar.DateOf(at, at.Location()).AddDays(1).String(); next.Format(time.DateOnly) != want {
					t.Fatalf("%s %s: after %s came %s, want a time on %s", zone, spec, at, next, want)
				}
				at = next
			}
		}
	}
}

func TestCronRefuses(t *testing.T) {
	for _, c := range []struct{ spec, zone string }{
		{"TZ=Europe/Berlin", "Europe/Berlin"},
		{"CRON_TZ=UTC 0 0 * * *", "UTC"},
		{"@every 5m", "UTC"},
		{"", "UTC"},
		{"61 * * * *", "UTC"},
		{"0 0 * * *", "Berlin"},
		{"0 0 * * *", ""},
	} {
		if _, err := ParseCron(c.spec, c.zone); err == nil {
			t.Errorf("spec %q in zone %q was accepted", c.spec, c.zone)
		}
	}
	never, err := ParseCron("0 0 30 2 *", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := never.Next(time.Now()); err == nil {
		t.Error("30 February was found")
	}
}
