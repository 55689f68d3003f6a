package rating

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// TestPitfalls is the check list of the rating rules, section 15: one subtest per line of it, in its order. Where a larger
// test covers the line as well, it is named. Lines that belong to other places are here as far as rating has a part in them.
func TestPitfalls(t *testing.T) {
	dn := dayNight()
	total := func(t *testing.T, tariff Tariff, s Session, want int64, flags ...Flag) Rated {
		t.Helper()
		r := rated(t, Contract{}, tariff, s)
		if r.Total != want {
			t.Errorf("%v, want %d", printed(r), want)
		}
		if flags != nil {
			flagged(t, r, r.Held, flags...)
		}
		return r
	}
	berlin := func(t *testing.T, from, to string, energy int64) Session {
		t.Helper()
		return between(t, "Europe/Berlin", from, to, kWh*cdr.MicroKWh(energy))
	}
	charging := func(windows ...string) Tariff {
		return tariffOf(energyRow("energy", 0, Moving{}),
			Row{ID: "in", Moving: Moving{Times: times(windows...)}, Prices: map[Component]Price{Charging: at(10 * cent)}},
			Row{ID: "out", Prices: map[Component]Price{Charging: at(0)}})
	}
	for _, c := range []struct {
		line string
		test func(*testing.T)
	}{
		{"clock change both ways", func(t *testing.T) { TestE1(t); TestE2(t) }},
		{"repeated and missing window edges", func(t *testing.T) {
			TestE3(t)
			total(t, charging("2:15-2:45"), berlin(t, "2025-03-30 00:00Z", "2025-03-30 03:00Z", 1), 0)   // the window is missing
			total(t, charging("2:15-2:45"), berlin(t, "2025-10-26 00:00Z", "2025-10-26 03:00Z", 1), 600) // it comes twice
			total(t, charging("1:30-2:30"), berlin(t, "2025-03-30 00:00Z", "2025-03-30 03:00Z", 1), 300) // 01:30 to the jump
		}},
		{"midnight", TestE4},
		{"weekday", TestE4},
		{"holiday", func(t *testing.T) {
			tariff := bySession(tariffOf(energyRow("work", 50*cent, Moving{DayTypes: []DayType{Weekday}}), energyRow("rest", 30*cent, Moving{DayTypes: []DayType{Holiday, Weekend}})))
			tariff.Holidays = &Holidays{Name: "DE", Days: []calendar.Date{calendar.NewDate(2025, 10, 3)}} // a Friday
			total(t, tariff, berlin(t, "2025-10-02 22:00", "2025-10-03 02:00", 20), 800)                  // half, half
			total(t, tariff, berlin(t, "2025-10-03 22:00", "2025-10-04 02:00", 20), 600)                  // then a Saturday
			total(t, tariff, berlin(t, "2025-10-05 22:00", "2025-10-06 02:00", 20), 800)                  // Sunday, Monday
		}},
		{"year", TestE5},
		{"version by start instant and exactly on the boundary", TestE5},
		{"from = to", func(t *testing.T) {
			total(t, charging("8:00-8:00"), berlin(t, "2025-06-03 07:00", "2025-06-03 09:00", 1), 1200)
			total(t, charging("0:00-24:00"), berlin(t, "2025-06-03 22:00", "2025-06-04 01:00", 1), 1800)
			total(t, charging("23:00-0:00"), berlin(t, "2025-06-03 22:00", "2025-06-04 01:00", 1), 600)
		}},
		{"wrap", func(t *testing.T) {
			total(t, charging("22:00-6:00"), berlin(t, "2025-06-03 21:00", "2025-06-04 07:00", 1), 4800)
			// Friday night until Saturday 05:00, by the day at the moment and by the day the window starts on.
			for _, start := range []bool{false, true} {
				m := Moving{Times: times("21:00-5:00"), Days: []Day{5}, DayOfStart: start}
				tariff := tariffOf(energyRow("energy", 0, Moving{}), Row{ID: "friday", Moving: m, Prices: map[Component]Price{Charging: at(1 * cent)}})
				s := berlin(t, "2025-06-06 00:00", "2025-06-07 12:00", 1) // Friday 00:00
				// 00:00 to 05:00 and 21:00 to 24:00 on Friday, or 21:00 to 05:00: both 8 h. Ending at 03:00 they differ.
				total(t, tariff, s, 480)
				s.End = instant(t, s.TimeZone, "2025-06-07 03:00")
				total(t, tariff, s, map[bool]int64{false: 480, true: 360}[start])
			}
		}},
		{"step once per session", TestE8},
		{"snapped hours", TestE8},
		{"only priced parking stepped", func(t *testing.T) {
			// Idle time without an active row is not measured, so it cannot fill a step.
			tariff := tariffOf(energyRow("energy", 0, Moving{}),
				Row{ID: "idle", Moving: Moving{AfterTime: time.Hour}, Prices: map[Component]Price{Idle: {Unit: 10 * cent, VATCode: "standard", Step: 600}}})
			s := session(kWh, 65*time.Minute, 30*time.Minute) // 5 minutes of it after the hour
			total(t, tariff, s, 100)
			s.End, s.Idle = s.Start.Add(time.Hour), 25*time.Minute
			total(t, tariff, s, 0)
		}},
		{"free before step", TestFreeAmounts},
		{"deduct and cliff", TestE7},
		{"cap before discount", func(t *testing.T) {
			tariff := blocking()
			tariff.Discounts = []Discount{{ID: "half", Components: []Component{Occupancy}, Percent: 500_000}}
			total(t, tariff, berlin(t, "2025-06-03 14:00", "2025-06-03 23:30", 20), 1580) // 9.80 + 24.00 - 12.00 - 6.00
		}},
		{"maximum after discount", func(t *testing.T) {
			tariff := tariffOf(energyRow("all", 50*cent, Moving{}))
			tariff.Discounts, tariff.SessionMax = []Discount{{ID: "d", Percent: 200_000}}, 7_000_000
			total(t, tariff, session(20*kWh, time.Hour, 0), 700, LimitApplied) // 10.00 - 2.00 - 1.00
			total(t, tariff, session(17*kWh, time.Hour, 0), 680)               // 8.50 - 1.70
		}},
		{"minimum not on zero", TestMinimumOnNothing},
		{"allowance inside a session", TestE9},
		{"late CDR", TestE10},
		{"tiers over two limits", TestE11},
		{"discount order", TestDiscounts},
		{"VAT by country and by date", TestE15},
		{"gross/net", TestE16},
		{"cents to lines", TestCentsToLines},
		{"negative mirror", func(t *testing.T) {
			for _, mode := range []money.Rounding{money.HalfAway, money.HalfEven, money.Up, money.Down} {
				for _, e := range []money.Exact{euro / 200, euro/200 + 1, euro/200 - 1, 3 * euro / 200} {
					a, _ := e.Round(money.EUR, mode)
					b, _ := (-e).Round(money.EUR, mode)
					if a.Minor != -b.Minor {
						t.Errorf("%s: %s and %s", e, a, b)
					}
				}
			}
		}},
		{"reversal", TestE18},
		{"credit before original", func(t *testing.T) {
			r := rated(t, Contract{}, dn, session(10*kWh, time.Hour, 0))
			back := Reverse(r)
			if !back.Reversal || back.Total != -r.Total || string(back.Trace) != string(r.Trace) || r.Reversal {
				t.Error("a reversal does not tell what it reverses")
			}
		}},
		{"unsorted, overlapping, missing periods", TestFaultyPeriods},
		{"stated total differs", TestFaultyPeriods},
		{"own tariff versus CPO tariff", TestE19},
		{"no row", func(t *testing.T) {
			row := energyRow("here", 50*cent, Moving{})
			row.Locations = []string{"elsewhere"}
			r := total(t, tariffOf(row), session(10*kWh, time.Hour, 0), 0, NoPrice)
			if !r.Held {
				t.Error("not held")
			}
			night := tariffOf(energyRow("night", 30*cent, Moving{Times: times("22:00-6:00")}))
			r = total(t, night, berlin(t, "2025-06-03 21:00", "2025-06-03 23:00", 20), 300, NoPrice, EnergyEstimated, SpansPriceChange)
			if !r.Held {
				t.Error("a gap of an hour is not held")
			}
			night.Free = []Component{Energy}
			total(t, night, berlin(t, "2025-06-03 21:00", "2025-06-03 23:00", 20), 300, EnergyEstimated, SpansPriceChange)
		}},
		{"two equal rows", func(t *testing.T) {
			_, err := Compile(tariffOf(energyRow("a", 1, Moving{Times: times("20:00-2:00")}), energyRow("b", 2, Moving{Times: times("1:00-3:00")})))
			if err == nil || !strings.Contains(err.Error(), `"a" and "b" both price energy_kwh`) || !strings.Contains(err.Error(), "20:00-02:00 meets 01:00-03:00") {
				t.Error(err)
			}
		}},
		{"ad-hoc", func(t *testing.T) {
			row := energyRow("card", 79*cent, Moving{})
			row.Channels = []string{"ad_hoc"}
			s := session(10*kWh, time.Hour, 0)
			s.Channel = "ad_hoc"
			tariff := tariffOf(energyRow("all", 49*cent, Moving{}), row)
			tariff.SessionMax = 7_000_000
			total(t, tariff, s, 700, LimitApplied)
		}},
		{"export", TestExport},
		{"quote = running = final", func(t *testing.T) {
			// One function: a session so far is priced as if it ended now, whatever the Pricer did before.
			c := compiled(t, dn)
			s := berlin(t, "2025-06-03 20:00", "2025-06-04 00:00", 20)
			var running Pricer
			final := rated(t, Contract{}, dn, s)
			for _, part := range []time.Duration{time.Hour, 3 * time.Hour, 4 * time.Hour} {
				so := s
				so.End, so.Energy = s.Start.Add(part), 5*kWh*cdr.MicroKWh(part/time.Hour)
				a, _ := running.Rate(Contract{}, c, so)
				b, _ := Rate(Contract{}, c, so)
				if !sameRated(a, b) || part == 4*time.Hour && !sameRated(a, final) {
					t.Errorf("after %v: %v and %v", part, printed(a), printed(b))
				}
			}
		}},
		{"same key twice", TestContentKeyDependsOnEverything},
		{"period outside session", TestFaultyPeriods},
		{"unknown component", func(t *testing.T) {
			_, err := Compile(tariffOf(Row{ID: "a", Prices: map[Component]Price{"wifi_min": at(1), Energy: at(1)}}))
			if err == nil || !strings.Contains(err.Error(), "wifi_min: the component is not known") {
				t.Error(err)
			}
			if !slices.Contains(flagUnknownComponent.list(), UnknownComponent) || UnknownComponent.Text() == "" {
				t.Error("the flag is not known")
			}
		}},
	} {
		t.Run(c.line, c.test)
	}
}
