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
