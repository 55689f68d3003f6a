package rating

import (
	"testing"
	"time"

	"wattdue/cdr"
)

const day, night = "day", "night"

// Over the change from day (0.45) to night (0.30) at 22:00 local: 20:00 to 24:00, 20 kWh; evenly 10 and 10.
func overChange(t *testing.T) Session {
	return between(t, "Europe/Berlin", "2025-06-03 20:00", "2025-06-04 00:00", 20*kWh)
}

func TestEnergySplit(t *testing.T) {
	zone := zoneOf(t, "Europe/Berlin")
	read := func(clock string, energy cdr.MicroKWh) Reading {
		return Reading{instant(t, zone, "2025-06-03 "+clock), energy}
	}
	period := func(clock string, energy cdr.MicroKWh) Period {
		return Period{Start: instant(t, zone, "2025-06-03 "+clock), Energy: energy}
	}
	line := func(row, quantity, amount string) string {
		return "energy_kwh " + quantity + " kWh x " + map[string]string{day: "0.45", night: "0.30"}[row] + " = " + amount + " (" + row + ")"
	}
	cases := []struct {
		name   string
		split  EnergySplit
		change func(*Session)
		total  int64
		lines  []string
		flags  []Flag
		held   bool
	}{
		{
			"linear: half and half", SplitLinear, func(*Session) {}, 750,
			[]string{line(day, "10.000", "4.50"), line(night, "10.000", "3.00")},
			[]Flag{EnergyEstimated, SpansPriceChange},
			false,
		},
		{
			"linear is the default", "", func(*Session) {}, 750,
			[]string{line(day, "10.000", "4.50"), line(night, "10.000", "3.00")},
			[]Flag{EnergyEstimated, SpansPriceChange},
			false,
		},
		{"linear over charging seconds only", "", func(s *Session) { s.ChargeEnd = instant(t, zone, "2025-06-03 22:30") }, 840, // 16 + 4
			[]string{line(day, "16.000", "7.20"), line(night, "4.000", "1.20")}, []Flag{EnergyEstimated, SpansPriceChange}, false},
		{"all of it before the change", "", func(s *Session) { s.Idle = 2 * time.Hour }, 900, []string{line(day, "20.000", "9.00")}, nil, false},
		{
			"periods parted at the change are no estimate", "", func(s *Session) { s.Periods = []Period{period("20:00", 13*kWh), period("22:00", 7*kWh)} }, 795,
			[]string{line(day, "13.000", "5.85"), line(night, "7.000", "2.10")},
			nil, false,
		},
		{"periods parted elsewhere", "", func(s *Session) { s.Periods = []Period{period("20:00", 4*kWh), period("21:00", 16*kWh)} }, // 4 + 16/3
			740, []string{line(day, "9.333333", "4.20"), line(night, "10.666667", "3.20")}, []Flag{EnergyEstimated, SpansPriceChange}, false},
		{"readings count more than periods", "", func(s *Session) {
			s.Periods, s.Readings = []Period{period("20:00", 20*kWh)}, []Reading{read("22:00", 16*kWh), read("21:00", 9*kWh)}
		}, 840, []string{line(day, "16.000", "7.20"), line(night, "4.000", "1.20")}, nil, false},
		{
			"period_start", SplitPeriodStart, func(s *Session) {
				s.Periods = []Period{period("20:00", 4*kWh), period("21:00", 15*kWh), period("23:00", 1*kWh)}
			}, 885,
			[]string{line(day, "19.000", "8.55"), line(night, "1.000", "0.30")},
			[]Flag{SpansPriceChange},
			false,
		},
		{"session_start", SplitSessionStart, func(*Session) {}, 900, []string{line(day, "20.000", "9.00")}, []Flag{SpansPriceChange}, false},

		{
			"calibrated: a signed reading lies at the switch", "", func(s *Session) { s.Calibrated, s.Readings = true, []Reading{read("22:00", 16*kWh)} }, 840,
			[]string{line(day, "16.000", "7.20"), line(night, "4.000", "1.20")},
			nil, false,
		},
		{
			"calibrated: none does, so the first price holds", "", func(s *Session) { s.Calibrated, s.Readings = true, []Reading{read("21:59", 16*kWh)} }, 900,
			[]string{line(day, "20.000", "9.00")},
			[]Flag{SpansPriceChange},
			false,
		},
		{"calibrated: periods measure nothing", "", func(s *Session) {
			s.Calibrated, s.Periods = true, []Period{period("20:00", 13*kWh), period("22:00", 8*kWh)}
		}, 900, []string{line(day, "20.000", "9.00")}, []Flag{TotalMismatch, SpansPriceChange}, false},
		{"calibrated: linear is not asked", SplitLinear, func(s *Session) { s.Calibrated = true }, 900, []string{line(day, "20.000", "9.00")}, []Flag{SpansPriceChange}, false},
		{
			"readings wanted, but only periods there", SplitReadings, func(s *Session) { s.Periods = []Period{period("20:00", 13*kWh), period("22:00", 7*kWh)} }, 900,
			[]string{line(day, "20.000", "9.00")},
			[]Flag{SpansPriceChange},
			false,
		},
		{"the time during the session is not proven", "", func(s *Session) { s.EndTimeUsable = false }, 900, []string{line(day, "20.000", "9.00")}, []Flag{SpansPriceChange}, false},
		{
			"the time of the start is not proven: the row without time", "", func(s *Session) { s.StartTimeUsable = false }, 900,
			[]string{line(day, "20.000", "9.00")},
			[]Flag{TimeNotBillable},
			false,
		},
		{
			"readings beyond the total are left out", "", func(s *Session) { s.Readings = []Reading{read("22:00", 21*kWh)} }, 750,
			[]string{line(day, "10.000", "4.50"), line(night, "10.000", "3.00")},
			[]Flag{EnergyEstimated, TotalMismatch, SpansPriceChange},
			false,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tariff, s := dayNight(), overChange(t)
			tariff.Split = c.split
			c.change(&s)
			r := rated(t, Contract{}, tariff, s)
			wants(t, r, c.total, c.lines...)
			flagged(t, r, c.held, c.flags...)
		})
	}
}

// Where no row does without time, nothing prices energy whose time is not proven.
func TestOnlyTimeRowsAndNoProof(t *testing.T) {
	tariff := tariffOf(energyRow("night", 30*cent, Moving{Times: times("22:00-6:00")}), energyRow("day", 45*cent, Moving{Times: times("6:00-22:00")}))
	s := overChange(t)
	s.StartTimeUsable = false
	r := rated(t, Contract{}, tariff, s)
	wants(t, r, 0)
	flagged(t, r, true, NoPrice, TimeNotBillable)
}

// A count of energy is measured whatever the clock says.
func TestThresholdsOfEnergyNeedNoTime(t *testing.T) {
	tariff := tariffOf(energyRow("first", 59*cent, Moving{UntilEnergy: 15 * kWh}), energyRow("more", 39*cent, Moving{AfterEnergy: 15 * kWh}))
	s := overChange(t)
	s.Calibrated, s.StartTimeUsable, s.EndTimeUsable, s.DurationUsable = true, false, false, false
	r := rated(t, Contract{}, tariff, s)
	wants(t, r, 1080, "energy_kwh 15.000 kWh x 0.59 = 8.85 (first)", "energy_kwh 5.000 kWh x 0.39 = 1.95 (more)")
	flagged(t, r, false)
}

func TestMinutesWithoutProof(t *testing.T) {
	tariff := tariffOf(
		Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent), Occupancy: at(10 * cent)}},
		Row{ID: "night", Moving: Moving{Times: times("22:00-6:00")}, Prices: map[Component]Price{Occupancy: at(0)}})
	s := overChange(t)
	wants(t, rated(t, Contract{}, tariff, s), 2180, "energy_kwh 20.000 kWh x 0.49 = 9.80 (all)", "occupancy_min 2 h x 0.10 = 12.00 (all)", "occupancy_min 2 h x 0.00 = 0.00 (night)")
	for name, change := range map[string]func(*Session){
		"duration":  func(s *Session) { s.DurationUsable = false },
		"time only": func(s *Session) { s.EndTimeUsable = false },
	} {
		s := overChange(t)
		change(&s)
		r := rated(t, Contract{}, tariff, s)
		if r.Total != 980 || len(r.Lines) != 1 || len(r.Flags) != 1 || r.Flags[0] != TimeNotBillable || r.Held {
			t.Errorf("%s: %v, %v", name, printed(r), r.Flags)
		}
	}
}

func TestFaultyPeriods(t *testing.T) {
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(50 * cent), Idle: at(10 * cent)}})
	at := func(minute int, energy cdr.MicroKWh, idle time.Duration) Period {
		return Period{Start: noon.Add(time.Duration(minute) * time.Minute), Energy: energy, Idle: idle}
	}
	cases := []struct {
		name    string
		energy  cdr.MicroKWh
		periods []Period
		total   int64
		flags   []Flag
		held    bool
	}{
		{"sound", 20 * kWh, []Period{at(0, 12*kWh, 0), at(30, 8*kWh, 10*time.Minute)}, 1100, nil, false},
		{"unsorted", 20 * kWh, []Period{at(30, 8*kWh, 10*time.Minute), at(0, 12*kWh, 0)}, 1100, []Flag{PeriodsOutOfOrder}, false},
		{"overlapping", 20 * kWh, []Period{at(0, 12*kWh, 0), at(0, 8*kWh, 10*time.Minute)}, 1100, []Flag{PeriodsOverlap}, false},
		{"more idle time than lasts", 20 * kWh, []Period{at(0, 20*kWh, 0), at(50, 0, 20*time.Minute)}, 1100, []Flag{PeriodsOverlap}, false},
		{"missing at the start", 20 * kWh, []Period{at(10, 12*kWh, 0), at(30, 8*kWh, 10*time.Minute)}, 1100, []Flag{PeriodGap}, false},
		{"another total", 21 * kWh, []Period{at(0, 12*kWh, 0), at(30, 8*kWh, 10*time.Minute)}, 1100, []Flag{TotalMismatch}, false},
		{"no energy stated in them", 20 * kWh, []Period{at(0, 0, 0), at(30, 0, 10*time.Minute)}, 1100, nil, false},
		{"before the session", 20 * kWh, []Period{at(-1, 12*kWh, 0)}, 0, []Flag{PeriodsOutside}, true},
		{"after the session", 20 * kWh, []Period{at(0, 12*kWh, 0), at(61, 8*kWh, 0)}, 0, []Flag{PeriodsOutside}, true},
		{"below zero", 20 * kWh, []Period{at(0, 22*kWh, 0), at(30, -2*kWh, 0)}, 0, []Flag{Negative}, true},
		{"at the end", 20 * kWh, []Period{at(0, 20*kWh, 10*time.Minute), at(60, 0, 0)}, 1100, nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := session(c.energy, time.Hour, 0)
			s.Periods = c.periods
			r := rated(t, Contract{}, tariff, s)
			if r.Total != c.total {
				t.Errorf("%v, want %d", printed(r), c.total)
			}
			flagged(t, r, c.held, c.flags...)
		})
	}
	s := session(20*kWh, time.Hour, 5*time.Minute)
	s.Periods = []Period{at(0, 20*kWh, 10*time.Minute)}
	flagged(t, rated(t, Contract{}, tariff, s), false, TotalMismatch)
}

func TestBrokenSessions(t *testing.T) {
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(50 * cent)}})
	for name, c := range map[string]struct {
		change func(*Session)
		flag   Flag
	}{
		"ends before it starts":   {func(s *Session) { s.End = s.Start.Add(-time.Second) }, Negative},
		"energy below zero":       {func(s *Session) { s.Energy = -1 }, Negative},
		"export below zero":       {func(s *Session) { s.Export = -1 }, Negative},
		"idle below zero":         {func(s *Session) { s.Idle = -1 }, Negative},
		"reserved below zero":     {func(s *Session) { s.Reserved = -1 }, Negative},
		"a clock without battery": {func(s *Session) { s.Start, s.End = time.Unix(0, 0), time.Unix(60, 0) }, PeriodsOutside},
		"longer than a year":      {func(s *Session) { s.End = s.Start.AddDate(400, 0, 0) }, PeriodsOutside},
		"idle beyond its end":     {func(s *Session) { s.Idle = 61 * time.Minute }, PeriodsOutside},
		"charge end after it":     {func(s *Session) { s.ChargeEnd = s.End.Add(time.Second) }, PeriodsOutside},
		"charge end before it":    {func(s *Session) { s.ChargeEnd = s.Start.Add(-time.Second) }, PeriodsOutside},
	} {
		s := session(20*kWh, time.Hour, 0)
		c.change(&s)
		r := rated(t, Contract{}, tariff, s)
		if len(r.Lines) != 0 || !r.Held || len(r.Flags) != 1 || r.Flags[0] != c.flag || r.Energy != 0 {
			t.Errorf("%s: %v, %v, %v", name, printed(r), r.Flags, r.Held)
		}
	}
}
