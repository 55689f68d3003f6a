package ocpi

import (
	"strings"
	"testing"
	"time"
)

// clock is an instant of Sunday 22 February 2026 in UTC.
func clock(hour, minute int) time.Time { return time.Date(2026, 2, 22, hour, minute, 0, 0, time.UTC) }

// rising is a meter that takes 6 kWh an hour, in samples of the hour.
func rising(from, hours int) []Sample {
	var list []Sample
	for h := range hours + 1 {
		list = append(list, Sample{clock(from+h, 0), int64(h) * 6_000_000})
	}
	return list
}

// shown is a period as "10:00 kWh charging parking".
func shown(list []Period) string {
	var out []string
	for _, p := range list {
		energy := strings.TrimSuffix(strings.TrimRight(p.Energy.KWh(), "0"), ".")
		out = append(out, strings.Join([]string{p.Start.UTC().Format("15:04"), energy, p.Charging.String(), p.Parking.String()}, " "))
	}
	return strings.Join(out, ", ")
}

// TestSegment: a new period wherever another element prices, and where charging ends.
func TestSegment(t *testing.T) {
	rest := element("", "ENERGY 1", "TIME 1", "PARKING_TIME 1")
	tests := []struct {
		name     string
		elements []string
		change   func(*Metered)
		want     string
	}{
		{"one price", []string{rest}, nil, "10:00 12 2h0m0s 0s"},
		{"time of day", []string{element(`"end_time":"10:30"`, "ENERGY 2"), rest}, nil, "10:00 3 30m0s 0s, 10:30 9 1h30m0s 0s"},
		{
			"the clock of the place",
			[]string{element(`"end_time":"12:30"`, "ENERGY 2"), rest},
			func(m *Metered) { m.Zone = zone(t, "Europe/Helsinki") },
			"10:00 3 30m0s 0s, 10:30 9 1h30m0s 0s",
		},
		{"duration", []string{element(`"max_duration":900`, "ENERGY 2"), rest}, nil, "10:00 1.5 15m0s 0s, 10:15 10.5 1h45m0s 0s"},
		{"energy", []string{element(`"min_kwh":2`, "ENERGY 2"), rest}, nil, "10:00 2 20m0s 0s, 10:20 10 1h40m0s 0s"},
		{"energy that is never reached", []string{element(`"min_kwh":20`, "ENERGY 2"), rest}, nil, "10:00 12 2h0m0s 0s"},
		{
			"current",
			[]string{element(`"max_current":32`, "ENERGY 2"), rest},
			func(m *Metered) {
				m.Current = []Sample{{clock(10, 0), 28e6}, {clock(10, 20), 30e6}, {clock(11, 0), 32e6}}
			},
			"10:00 6 1h0m0s 0s, 11:00 6 1h0m0s 0s",
		},
		{"power nobody measured", []string{element(`"max_power":7`, "ENERGY 2"), rest}, nil, "10:00 12 2h0m0s 0s"},
		{
			"the end of charging",
			[]string{rest},
			func(m *Metered) { m.End = clock(13, 0); m.Energy = append(m.Energy, Sample{clock(13, 0), 12e6}) },
			"10:00 12 2h0m0s 0s, 12:00 0 0s 1h0m0s",
		},
		{
			"a meter that was read before and after",
			[]string{rest},
			func(m *Metered) { m.Energy = []Sample{{clock(9, 0), 0}, {clock(13, 0), 24e6}} },
			"10:00 12 2h0m0s 0s",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := Metered{Start: clock(10, 0), End: clock(12, 0), Energy: rising(10, 2)}
			if tt.change != nil {
				tt.change(&m)
			}
			list, err := Segment(tariff(t, "", tt.elements...), m)
			if err != nil || shown(list) != tt.want {
				t.Errorf("got %s, error %v; want %s", shown(list), err, tt.want)
			}
		})
	}
}

// TestSegmentDay: the days of the place, and the hour that comes twice in autumn.
func TestSegmentDay(t *testing.T) {
	start := time.Date(2025, 10, 25, 22, 30, 0, 0, time.UTC) // 00:30 in Berlin
	m := Metered{
		Start: start, End: start.Add(4 * time.Hour), Zone: zone(t, "Europe/Berlin"), Energy: []Sample{{start, 0}, {start.Add(4 * time.Hour), 4e6}},
	}
	// 02:30 comes at 00:30 and 01:30 in UTC, 03:00 at 02:00.
	list, err := Segment(tariff(t, "", element(`"start_time":"02:30","end_time":"03:00"`, "ENERGY 2"), element("", "ENERGY 1")), m)
	want := "22:30 2 2h0m0s 0s, 00:30 0.5 30m0s 0s, 01:00 0.5 30m0s 0s, 01:30 0.5 30m0s 0s, 02:00 0.5 30m0s 0s"
	if err != nil || shown(list) != want {
		t.Errorf("got %s, error %v; want %s", shown(list), err, want)
	}
	m.Start, m.End = start.Add(-time.Hour), start.Add(3*time.Hour)
	m.Energy = []Sample{{m.Start, 0}, {m.End, 4e6}}
	list, err = Segment(tariff(t, "", element(`"start_date":"2025-10-26","end_date":"2025-10-27"`, "ENERGY 2"), element("", "ENERGY 1")), m)
	if want = "21:30 0.5 30m0s 0s, 22:00 3.5 3h30m0s 0s"; err != nil || shown(list) != want {
		t.Errorf("got %s, error %v; want %s", shown(list), err, want)
	}
}

func TestNoSegments(t *testing.T) {
	good := Metered{Start: clock(10, 0), End: clock(12, 0), Energy: rising(10, 2)}
	for name, tt := range map[string]struct {
		change func(*Metered)
		want   string
	}{
		"the end before the start": {func(m *Metered) { m.End = m.Start }, "end: is not after the start"},
		"two years":                {func(m *Metered) { m.End = m.Start.AddDate(2, 0, 0) }, "more than a year"},
		"no meter":                 {func(m *Metered) { m.Energy = m.Energy[:1] }, "energy: needs two samples"},
		"backwards":                {func(m *Metered) { m.Energy[1].Micro = 90e6 }, "energy[2]: the meter runs backwards"},
		"disorder":                 {func(m *Metered) { m.Energy[1].At = clock(23, 0) }, "samples[2]: is before the one it follows"},
		"a negative value":         {func(m *Metered) { m.Power = []Sample{{clock(10, 0), -1}} }, "samples[0]: the value is negative"},
		"too many samples":         {func(m *Metered) { m.Power = make([]Sample, maxSamples+1) }, "are more than"},
	} {
		m := good
		m.Energy = rising(10, 2)
		tt.change(&m)
		if _, err := Segment(tariff(t, "", element("", "ENERGY 1")), m); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
