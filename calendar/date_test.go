package calendar

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata" // the zones must not depend on the machine

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPrintDate(t *testing.T) {
	cases := []struct {
		d           Date
		iso, german string
	}{
		{Date{2026, time.October, 31}, "2026-10-31", "31.10.2026"},
		{Date{2026, time.January, 2}, "2026-01-02", "02.01.2026"},
		{Date{2024, time.February, 29}, "2024-02-29", "29.02.2024"},
		{Date{}, "", ""},
	}
	for _, c := range cases {
		if got := c.d.String(); got != c.iso {
			t.Errorf("String prints %q, want %q", got, c.iso)
		}
		if got := c.d.German(); got != c.german {
			t.Errorf("German prints %q, want %q", got, c.german)
		}
	}
}

func TestParseDate(t *testing.T) {
	if got, err := ParseDate("2024-02-29"); err != nil || got != (Date{2024, time.February, 29}) {
		t.Errorf("leap day: %v, %v", got, err)
	}
	for _, s := range []string{"", "2026-02-29", "2026-13-01", "2026-1-2", "31.10.2026", "2026-10-31T00:00:00Z", "20261031", " 2026-10-31"} {
		if got, err := ParseDate(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

func TestNewDateNormalises(t *testing.T) {
	cases := []struct {
		got  Date
		want string
	}{
		{NewDate(2026, 13, 1), "2027-01-01"},
		{NewDate(2026, 3, 0), "2026-02-28"},
		{NewDate(2024, 2, 30), "2024-03-01"},
	}
	for _, c := range cases {
		if c.got.String() != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	cases := []struct {
		from string
		n    int
		to   string
	}{
		{"2026-10-31", 1, "2026-11-01"},
		{"2026-12-31", 1, "2027-01-01"},
		{"2024-02-28", 1, "2024-02-29"},
		{"2026-02-28", 1, "2026-03-01"},
		{"2026-03-28", 2, "2026-03-30"},   // over the night with 23 hours
		{"2026-10-26", -2, "2026-10-24"},  // over the night with 25 hours
		{"2026-01-01", 365, "2027-01-01"}, // no leap year
		{"2024-01-01", 366, "2025-01-01"},
		{"2026-10-14", 0, "2026-10-14"},
	}
	for _, c := range cases {
		from, to := date(t, c.from), date(t, c.to)
		if got := from.AddDays(c.n); got != to {
			t.Errorf("%s and %d days: %s, want %s", c.from, c.n, got, c.to)
		}
		if got := from.DaysUntil(to); got != c.n {
			t.Errorf("from %s to %s: %d days, want %d", c.from, c.to, got, c.n)
		}
	}
	// 400 Gregorian years have 146,097 days.
	if got := date(t, "1626-01-01").DaysUntil(date(t, "2026-01-01")); got != 146097 {
		t.Errorf("400 years: %d days", got)
	}
}

func TestDateOfDependsOnTheZone(t *testing.T) {
	end := instant(t, "2026-10-31T23:30:00Z")
	for name, want := range map[string]string{
		"UTC": "2026-10-31", "Europe/Berlin": "2026-11-01", "America/New_York": "2026-10-31", "Pacific/Auckland": "2026-11-01",
	} {
		if got := DateOf(end, zone(t, name)); got.String() != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestStart(t *testing.T) {
	cases := []struct {
		name, zone, date, want string
	}{
		{"winter", "Europe/Berlin", "2026-01-01", "2025-12-31T23:00:00Z"},
		{"summer", "Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z"},
		{"the day with 23 hours", "Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"the day after it", "Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"},
		{"the day with 25 hours", "Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z"},
		{"the day after it", "Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z"},
		{"UTC", "UTC", "2026-10-25", "2026-10-25T00:00:00Z"},
		// The EU changes clocks at 01:00 UTC (directive 2000/84/EC); in the Azores, at UTC-1, that is midnight.
		{"no midnight in the Azores", "Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z"},
		{"midnight twice in the Azores", "Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z"},
		{"west of Greenwich", "America/New_York", "2026-07-01", "2026-07-01T04:00:00Z"},
		{"far east", "Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z"},
		{"the clock went from 23:30 to 00:30", "America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"},
		{"Samoa changed at 03:00, half a day before the UTC date", "Pacific/Apia", "2012-09-30", "2012-09-29T11:00:00Z"},
		{"Samoa left out 30 December 2011", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},
	}
	for _, c := range cases {
		got := date(t, c.date).Start(zone(t, c.zone))
		if !got.Equal(instant(t, c.want)) {
			t.Errorf("%s: %s starts at %s, want %s", c.name, c.date, got.UTC().Format(time.RFC3339), c.want)
		}
	}
}

// The first instant lies on its date, and the nanosecond before it on an earlier one, in every zone and on every
// date: that is its definition.
func TestStartIsTheFirstInstant(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "Europe/Lisbon", "Atlantic/Azores", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Pacific/Auckland", "Australia/Lord_Howe", "Pacific/Chatham"}
	rapid.Check(t, func(r *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(r, "zone"))
		d := NewDate(1990, 1, 1+rapid.IntRange(0, 20000).Draw(r, "day"))
		start := d.Start(z)
		if got := DateOf(start, z); got != d {
			r.Fatalf("%s in %s starts at %s", d, z, start)
		}
		if before := DateOf(start.Add(-1), z); !before.Before(d) {
			r.Fatalf("%s in %s starts before %s", d, z, start)
		}
	})
}

func TestCompare(t *testing.T) {
	order := []Date{{}, date(t, "2025-12-31"), date(t, "2026-01-01"), date(t, "2026-01-31"), date(t, "2026-02-01")}
	for i, a := range order {
		for j, b := range order {
			want := 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got := a.Compare(b); got != want {
				t.Errorf("%v against %v: %d, want %d", a, b, got, want)
			}
			if got := a.Before(b); got != (want < 0) {
				t.Errorf("%v before %v: %v", a, b, got)
			}
		}
	}
}

func TestWeekday(t *testing.T) {
	for s, want := range map[string]time.Weekday{"2026-10-31": time.Saturday, "2026-12-24": time.Thursday, "2000-01-01": time.Saturday} {
		if got := date(t, s).Weekday(); got != want {
			t.Errorf("%s is a %s, want %s", s, got, want)
		}
	}
}

func TestDateAsText(t *testing.T) {
	type record struct {
		On   Date `json:"on"`
		None Date `json:"none"`
	}
	const text = `{"on":"2026-10-31","none":""}`
	b, err := json.Marshal(record{On: Date{2026, time.October, 31}})
	if err != nil || string(b) != text {
		t.Errorf("wrote %s, %v, want %s", b, err, text)
	}
	back := record{None: Date{2026, 1, 1}}
	if err := json.Unmarshal([]byte(text), &back); err != nil || back != (record{On: Date{2026, time.October, 31}}) {
		t.Errorf("read %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"on":"31.10.2026"}`), &back); err == nil {
		t.Error("a German date was read")
	}
}

func TestScanDate(t *testing.T) {
	d := date(t, "2026-01-01")
	// The driver gives a column of type date as midnight at offset zero.
	if err := d.Scan(time.Date(2026, 10, 31, 0, 0, 0, 0, time.FixedZone("", 0))); err != nil || d.String() != "2026-10-31" {
		t.Errorf("date column: %v, %v", d, err)
	}
	if err := d.Scan(nil); err != nil || !d.IsZero() {
		t.Errorf("null: %v, %v", d, err)
	}
	if err := d.Scan(int64(5)); err == nil {
		t.Error("a number was read as a date")
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-10-31", "2024-02-29", "2026-02-30", "0000-01-01", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err == nil && d.String() != s {
			t.Errorf("%q was read as %q", s, d)
		}
	})
}
