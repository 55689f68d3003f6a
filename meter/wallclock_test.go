package meter

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The clocks of 2026 changed on 29 March and 25 October, those of 2027 on 28 March and 31 October, at 01:00 UTC.
func TestGermanTime(t *testing.T) {
	none, summer := zoneOffset{}, zoneOffset{7200, true}
	for _, c := range []struct {
		wall   string
		stated zoneOffset
		utc    string
		zone   int
	}{
		{"2026-01-15 12:00:00", none, "2026-01-15 11:00:00", 3600},
		{"2026-07-15 12:00:00", none, "2026-07-15 10:00:00", 7200},
		{"2026-03-29 01:59:59", none, "2026-03-29 00:59:59", 3600},
		{"2026-03-29 02:00:00", none, "2026-03-29 01:00:00", 3600}, // no clock showed it; one not yet set forward did
		{"2026-03-29 02:59:59", none, "2026-03-29 01:59:59", 3600},
		{"2026-03-29 03:00:00", none, "2026-03-29 01:00:00", 7200},
		{"2026-10-25 01:59:59", none, "2026-10-24 23:59:59", 7200},
		{"2026-10-25 02:00:00", none, "2026-10-25 00:00:00", 7200}, // the first of two
		{"2026-10-25 02:59:59", none, "2026-10-25 00:59:59", 7200},
		{"2026-10-25 02:00:00", summer, "2026-10-25 00:00:00", 7200},
		{"2026-10-25 02:00:00", standardOffset, "2026-10-25 01:00:00", 3600}, // the second, as stated
		{"2026-10-25 02:59:59", standardOffset, "2026-10-25 01:59:59", 3600},
		{"2026-10-25 03:00:00", none, "2026-10-25 02:00:00", 3600},
		{"2026-10-25 03:00:00", summer, "2026-10-25 02:00:00", 3600},
		{"2026-07-15 12:00:00", standardOffset, "2026-07-15 10:00:00", 7200}, // a statement moves no other hour
		{"2027-03-28 03:00:00", none, "2027-03-28 01:00:00", 7200},
		{"2027-10-31 02:30:00", none, "2027-10-31 00:30:00", 7200},
		{"1970-07-01 00:00:00", none, "1970-06-30 23:00:00", 3600}, // a clock that was never set
		{"2106-02-07 06:28:15", none, "2106-02-07 05:28:15", 3600}, // the last second of four bytes
	} {
		utc, zone := germanTime(parseUTC(t, c.wall), c.stated)
		if !utc.Equal(parseUTC(t, c.utc)) || zone != c.zone {
			t.Errorf("%s stated %v: %s %d, want %s %d", c.wall, c.stated, utc, zone, c.utc, c.zone)
		}
	}
}

func parseUTC(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestSettleHourNeedsCounters(t *testing.T) {
	at, zone := germanTime(parseUTC(t, "2026-10-25 02:10:00"), zoneOffset{})
	for _, e := range []Entry{{Wall: true, Seconds: 5400}, {Counted: true, Seconds: 5400}} {
		e.Time, e.Zone = at, zone
		begin, before := Entry{Time: at.Add(-1800 * time.Second), Wall: true, Counted: true}, e
		if settleHour(&begin, &e); e != before {
			t.Errorf("moved to %s", e.Time)
		}
	}
}

// Wall clocks of the night of 25 October 2026, and what the counter of the meter says about them.
func TestSettleHour(t *testing.T) {
	for _, c := range []struct {
		name       string
		begin, end string // on the wall
		counted    int64  // seconds between
		wantBegin  string // UTC
		wantEnd    string
	}{
		{"from the first hour into the second", "02:50:00", "02:10:00", 1200, "00:50:00", "01:10:00"},
		{"an hour more than the wall shows", "02:10:00", "02:40:00", 5400, "00:10:00", "01:40:00"},
		{"within the first", "02:10:00", "02:40:00", 1800, "00:10:00", "00:40:00"},
		{"from the second hour", "02:10:00", "03:40:00", 5400, "01:10:00", "02:40:00"},
		{"from the first hour", "02:10:00", "03:40:00", 9000, "00:10:00", "02:40:00"},
		{"from before", "01:30:00", "02:10:00", 6001, "23:30:00", "01:10:00"},
		{"a clock set by a minute meanwhile", "02:50:00", "02:10:00", 1260, "00:50:00", "01:10:00"},
		{"a counter that fits nothing", "02:50:00", "02:10:00", 1261, "00:50:00", "00:10:00"},
		{"another hour, whatever the counter says", "05:00:00", "06:00:00", 7200, "04:00:00", "05:00:00"},
	} {
		entry := func(wall string, seconds int64) Entry {
			e := Entry{Wall: true, Counted: true, Seconds: uint64(seconds)}
			e.Time, e.Zone = germanTime(parseUTC(t, "2026-10-25 "+wall), zoneOffset{})
			return e
		}
		begin, end := entry(c.begin, 1000), entry(c.end, 1000+c.counted)
		settleHour(&begin, &end)
		if begin.Time.Format(time.TimeOnly) != c.wantBegin || end.Time.Format(time.TimeOnly) != c.wantEnd ||
			begin.Zone != germanOffset(begin.Time) || end.Zone != germanOffset(end.Time) {
			t.Errorf("%s: from %s to %s", c.name, begin.Time, end.Time)
		}
	}
}

// What the wall shows at an instant leads back to it, when the record states the offset.
func TestGermanTimeReturns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(820_454_400, 1<<32-1).Draw(t, "seconds"), 0).UTC()
		offset := germanOffset(at)
		utc, zone := germanTime(at.Add(time.Duration(offset)*time.Second), zoneOffset{offset, true})
		if !utc.Equal(at) || zone != offset {
			t.Fatalf("%s with %d seconds came back as %s with %d", at, offset, utc, zone)
		}
	})
}
