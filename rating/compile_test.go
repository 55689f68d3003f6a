package rating

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// Each case is one mistake in a tariff, and a part of what the error says.
func TestCompileRefuses(t *testing.T) {
	price := func(c Component, p Price) func(*Tariff) {
		return func(v *Tariff) {
			if p.VATCode == "" {
				p.VATCode = "standard"
			}
			v.Rows[0].Prices = map[Component]Price{c: p}
		}
	}
	moving := func(m Moving) func(*Tariff) { return func(v *Tariff) { v.Rows[0].Moving = m } }
	discount := func(d ...Discount) func(*Tariff) { return func(v *Tariff) { v.Discounts = d } }
	cases := []struct {
		change func(*Tariff)
		say    string
	}{
		{func(v *Tariff) { v.Code = "" }, "code is missing"},
		{func(v *Tariff) { v.Version = 0 }, "version must be 1"},
		{func(v *Tariff) { v.ValidTo = v.ValidFrom }, "valid_to must be after"},
		{func(v *Tariff) { v.Currency = "eur" }, `currency "eur" is not known`},
		{func(v *Tariff) { v.Mode = "" }, `mode "" is not known`},
		{func(v *Tariff) { v.ZeroBelow = -1 }, "must not be negative"},
		{func(v *Tariff) { v.Rows = nil }, "there are no rows"},
		{func(v *Tariff) { v.Rows[0].ID = "" }, "row 1 has no id"},
		{func(v *Tariff) { v.Rows = append(v.Rows, v.Rows[0]) }, "occurs twice"},
		{func(v *Tariff) { v.Rows[0].Prices = nil }, "it prices nothing"},
		{func(v *Tariff) { v.Rows[0].Groups = []string{"a", "a"} }, `group "a" occurs twice`},
		{func(v *Tariff) { v.Rows[0].Zones = []string{""} }, "a zone is empty"},
		{func(v *Tariff) { v.Rows[0].Power = []string{"fast"} }, `power "fast": write AC, DC, or a range`},
		{func(v *Tariff) { v.Rows[0].Power = []string{"50-11"} }, "write AC, DC"},
		{func(v *Tariff) { v.Free = []Component{"x"} }, "free component"},
		{func(v *Tariff) { v.SessionMin = -1 }, "must not be negative"},
		{func(v *Tariff) { v.SessionMin, v.SessionMax = 2, 1 }, "session_min is above"},
		{func(v *Tariff) { v.SessionMax = 1 << 62 }, "too large"},
		{func(v *Tariff) { v.MinOnZero = true }, "min_on_zero needs"},
		{func(v *Tariff) { v.Round = "cent" }, `round "cent"`},
		{func(v *Tariff) { v.Rounding = "half" }, `rounding "half"`},
		{func(v *Tariff) { v.Split = "even" }, `energy_split "even"`},
		{func(v *Tariff) { v.Holidays = &Holidays{} }, "has no name"},
		{func(v *Tariff) { v.Holidays = &Holidays{Name: "x", Days: make([]calendar.Date, 1)} }, "a day is missing"},
		{discount(Discount{Percent: 1}), "has no id"},
		{discount(Discount{ID: "a"}), "either a percent or an amount"},
		{discount(Discount{ID: "a", Percent: 1_000_001}), "at most 100"},
		{discount(Discount{ID: "a", Amount: -1}), "is negative"},
		{discount(Discount{ID: "a", Percent: 1}, Discount{ID: "a", Percent: 1}), "id occurs twice"},
		{discount(Discount{ID: "a", Percent: 1, Components: []Component{Export}}), "export cannot be discounted"},
		{discount(Discount{ID: "a", Percent: 1, Components: []Component{"x"}}), "is not known"},
		{moving(Moving{DateFrom: calendar.NewDate(2025, 1, 2), DateTo: calendar.NewDate(2025, 1, 2)}), "date_to must be after"},
		{moving(Moving{DayTypes: []DayType{"x"}}), `day type "x"`},
		{moving(Moving{DayTypes: []DayType{Holiday}}), "needs the calendar"},
		{moving(Moving{Days: []Day{8}}), "day 8"},
		{moving(Moving{Times: []Window{{0, 1441}}}), "minutes of the day"},
		{moving(Moving{DayOfStart: true}), "needs a time window"},
		{moving(Moving{AfterTime: 1}), "whole seconds"},
		{moving(Moving{UntilTime: -time.Second}), "negative"},
		{moving(Moving{AfterEnergy: 2, UntilEnergy: 2}), "until must be above after"},
		{price("x", Price{}), "the component is not known"},
		{price(Energy, Price{Unit: -1}), "the price is negative"},
		{func(v *Tariff) { v.Rows[0].Prices = map[Component]Price{Energy: {}} }, "the VAT code is missing"},
		{price(Energy, Price{FreeTime: time.Second}), "only for minutes"},
		{price(Idle, Price{FreeEnergy: 1}), "only for kWh"},
		{price(Idle, Price{FreeTime: -time.Second}), "negative"},
		{price(Idle, Price{Grace: "x"}), `grace "x"`},
		{price(PerUse, Price{Step: 1}), "a step is only"},
		{price(Energy, Price{StartedBlock: true}), "needs its size"},
		{price(Energy, Price{Cap: -1}), "the cap"},
		{price(Energy, Price{CapPerDay: true}), "needs a cap"},
		{price(Energy, Price{Volume: true}), "needs tiers"},
		{price(Idle, Price{Tiers: []Tier{{}}}), "only for energy"},
		{price(Energy, Price{Tiers: []Tier{{Below: 1}}}), "must be open"},
		{price(Energy, Price{Tiers: []Tier{{Below: 2}, {Below: 2}, {}}}), "above the one before"},
		{price(Energy, Price{Markup: 1}), "needs pass_through"},
		{price(Energy, Price{PassThrough: true, Step: 5}), "no free amount, step"},
		{price(Export, Price{Cap: 1}), "export has no cap"},
	}
	for _, c := range cases {
		v := tariffOf(energyRow("a", 1, Moving{}))
		c.change(&v)
		if _, err := Compile(v); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("want %q, got %v", c.say, err)
		}
	}
}

// Rows of equal rank that can match one moment are refused; those that cannot are not (rating rules, 3.4).
func TestOverlap(t *testing.T) {
	date := func(m, d int) calendar.Date { return calendar.NewDate(2025, time.Month(m), d) }
	groups := func(list ...string) func(*Row) { return func(r *Row) { r.Groups = list } }
	power := func(list ...string) func(*Row) { return func(r *Row) { r.Power = list } }
	m := func(v Moving) func(*Row) { return func(r *Row) { r.Moving = v } }
	cases := []struct {
		name string
		a, b func(*Row)
		meet bool
	}{
		{"no keys", func(*Row) {}, func(*Row) {}, true},
		{"another priority", func(r *Row) { r.Priority = 1 }, func(*Row) {}, false},
		{"another component", func(r *Row) { r.Prices = map[Component]Price{Idle: at(1)} }, func(*Row) {}, false},
		{"a key more", groups("a"), func(*Row) {}, false},
		{"a common value", groups("a", "b"), groups("c", "b"), true},
		{"no common value", groups("a"), groups("b"), false},
		{"power ranges meet", power("11-50"), power("22-"), true},
		{"power ranges touch", power("11-50"), power("50-"), false},
		{"a range and DC", power("11-50"), power("DC"), true},
		{"AC and DC", power("AC"), power("DC"), false},
		{"windows meet", m(Moving{Times: times("8:00-12:00")}), m(Moving{Times: times("11:59-13:00")}), true},
		{"windows touch", m(Moving{Times: times("8:00-12:00")}), m(Moving{Times: times("12:00-13:00")}), false},
		{"a wrap meets the morning", m(Moving{Times: times("22:00-6:00")}), m(Moving{Times: times("5:00-7:00")}), true},
		{"a wrap and the day", m(Moving{Times: times("22:00-6:00")}), m(Moving{Times: times("6:00-22:00")}), false},
		{"a window and energy", m(Moving{Times: times("8:00-12:00")}), m(Moving{AfterEnergy: 1}), false},
		{"counts meet", m(Moving{AfterEnergy: 5}), m(Moving{UntilEnergy: 6}), true},
		{"counts touch", m(Moving{AfterEnergy: 5}), m(Moving{UntilEnergy: 5}), false},
		{"time and energy are independent", m(Moving{AfterTime: time.Hour}), m(Moving{AfterEnergy: 1}), true},
		{"times touch", m(Moving{AfterTime: time.Hour}), m(Moving{UntilTime: time.Hour}), false},
		{"dates meet", m(Moving{DateFrom: date(1, 1), DateTo: date(2, 1)}), m(Moving{DateFrom: date(1, 31)}), true},
		{"dates touch", m(Moving{DateFrom: date(1, 1), DateTo: date(2, 1)}), m(Moving{DateFrom: date(2, 1)}), false},
		{"days meet", m(Moving{Days: []Day{1, 2}}), m(Moving{Days: []Day{2, 3}}), true},
		{"weekdays and weekend", m(Moving{Days: []Day{1, 2, 3, 4, 5}}), m(Moving{DayTypes: []DayType{Weekend}}), false},
		{"a holiday is a Friday", m(Moving{Days: []Day{5}}), m(Moving{DayTypes: []DayType{Holiday}}), true},
		{"no holiday is a Monday", m(Moving{Days: []Day{1}}), m(Moving{DayTypes: []DayType{Holiday}}), false},
		{"a holiday outside the dates", m(Moving{DateTo: date(10, 3), Days: []Day{5}}), m(Moving{DateFrom: date(1, 1), DayTypes: []DayType{Holiday}}), false},
		{"a holiday inside the dates", m(Moving{DateTo: date(10, 4), Days: []Day{5}}), m(Moving{DateFrom: date(1, 1), DayTypes: []DayType{Holiday}}), true},
		{"days at the moment", m(Moving{Days: []Day{5}, Times: times("22:00-6:00")}), m(Moving{Days: []Day{6}, Times: times("0:00-5:00")}), false},
		{"the night of Friday", m(Moving{Days: []Day{5}, Times: times("22:00-6:00"), DayOfStart: true}), m(Moving{Days: []Day{6}, Times: times("0:00-5:00")}), true},
		{"the night of Friday and Friday morning", m(Moving{Days: []Day{5}, Times: times("22:00-6:00"), DayOfStart: true}), m(Moving{Days: []Day{5}, Times: times("0:00-5:00")}), false},
	}
	for _, c := range cases {
		a, b := energyRow("a", 1, Moving{}), energyRow("b", 2, Moving{})
		c.a(&a)
		c.b(&b)
		for _, rows := range [][]Row{{a, b}, {b, a}} {
			tariff := tariffOf(rows...)
			tariff.Holidays = &Holidays{Name: "DE", Days: []calendar.Date{date(10, 3)}} // a Friday
			_, err := Compile(tariff)
			if (err != nil) != c.meet || err != nil && !strings.Contains(err.Error(), `rows "a" and "b" both price energy_kwh`) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

func TestPowerRanges(t *testing.T) {
	row := func(id string, power string) Row {
		r := energyRow(id, 1, Moving{})
		r.Power = []string{power}
		return r
	}
	base := energyRow("base", 2, Moving{})
	tariff := tariffOf(base, row("slow", "-22"), row("fast", "50-"), row("middle", "22-49.9"))
	for watts, want := range map[int64]string{0: "base", 3_700: "slow", 21_999: "slow", 22_000: "middle", 49_899: "middle", 49_900: "base", 50_000: "fast", 400_000: "fast"} {
		s := session(kWh, time.Hour, 0)
		s.Watts, s.Power = watts, "DC"
		r := rated(t, Contract{}, tariff, s)
		if r.Lines[0].Row != want {
			t.Errorf("%d W: row %s, want %s", watts, r.Lines[0].Row, want)
		}
	}
}

// The first group that has an active row is used, at every moment by itself (rating rules, 3.5).
func TestGroupsAreOrdered(t *testing.T) {
	row := func(id, group string, m Moving) Row {
		r := energyRow(id, 1, m)
		r.Groups = []string{group}
		return r
	}
	tariff := tariffOf(energyRow("base", 2, Moving{}), row("a by day", "a", Moving{Times: times("6:00-22:00")}), row("b", "b", Moving{}))
	for _, c := range []struct {
		at     string
		groups []string
		row    string
	}{
		{"12:00", []string{"a", "b"}, "a by day"},
		{"12:00", []string{"b", "a"}, "b"},
		{"23:00", []string{"a", "b"}, "b"},
		{"23:00", []string{"a"}, "base"},
		{"12:00", []string{"x", "a"}, "a by day"},
		{"12:00", nil, "base"},
	} {
		s := between(t, "UTC", "2025-06-03 "+c.at, "2025-06-03 23:59", kWh)
		s.End = s.Start.Add(time.Minute)
		s.Energy = kWh
		if r := rated(t, Contract{Groups: c.groups}, tariff, s); r.Lines[0].Row != c.row {
			t.Errorf("%s, %v: row %s, want %s", c.at, c.groups, r.Lines[0].Row, c.row)
		}
	}
}

// What the owner of a tariff does with it afterwards changes nothing.
func TestCompiledIsIndependent(t *testing.T) {
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: tiered(false)}})
	tariff.Discounts = []Discount{{ID: "d", Percent: 100_000}}
	c := compiled(t, tariff)
	tariff.Rows[0].Prices[Energy].Tiers[0].Unit = 1
	tariff.Rows[0].Prices[Energy] = at(1)
	tariff.Discounts[0].Percent = 1_000_000
	r, err := Rate(Contract{}, c, session(10*kWh, time.Hour, 0))
	if err != nil || r.Total != 441 {
		t.Errorf("%d, %v", r.Total, err)
	}
}

// Cutting a session in two changes no price that is promised per kWh and minute, beyond a micro-kWh at each change of price.
func TestCuttingKeepsThePrice(t *testing.T) {
	tariff := tariffOf(
		Row{ID: "day", Prices: map[Component]Price{Energy: at(45 * cent), Occupancy: at(3 * cent)}},
		Row{ID: "night", Moving: Moving{Times: times("22:00-2:30")}, Prices: map[Component]Price{Energy: at(30 * cent), Occupancy: at(1 * cent)}})
	tariff.ZeroBelow = 0 // a tiny half would cost nothing
	c := compiled(t, tariff)
	exact := func(s Session) (energy, minutes money.Exact) {
		r, err := Rate(Contract{}, c, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range r.Lines {
			if l.Component == Energy {
				energy += l.Exact
			} else {
				minutes += l.Exact
			}
		}
		return energy, minutes
	}
	for _, whole := range []Session{
		between(t, "Europe/Berlin", "2025-10-25 21:00", "2025-10-26 04:00", 33_333_331),
		between(t, "Europe/Berlin", "2025-03-29 21:00", "2025-03-30 05:00", 33_333_331),
	} {
		energy, minutes := exact(whole)
		n := int64(whole.End.Sub(whole.Start) / time.Second)
		for at := int64(1); at < n; at += 611 {
			first, second := whole, whole
			first.End = whole.Start.Add(time.Duration(at) * time.Second)
			first.Energy = cdr.MicroKWh(int64(whole.Energy) * at / n)
			second.Start, second.Energy = first.End, whole.Energy-first.Energy
			e1, m1 := exact(first)
			e2, m2 := exact(second)
			// Each half may put one micro-kWh to the other side of each of two changes, 0.15 apart.
			if off := max(e1+e2-energy, energy-e1-e2); m1+m2 != minutes || off > 4*9*150_000 {
				t.Fatalf("cut after %d s: %s and %s off by %d", at, m1+m2, minutes, off)
			}
		}
	}
}

func ExampleCompile_overlap() {
	_, err := Compile(tariffOf(energyRow("night", 1, Moving{Times: []Window{{22 * 60, 6 * 60}}}), energyRow("early", 2, Moving{Times: []Window{{5 * 60, 8 * 60}}})))
	fmt.Println(err)
	// Output:
	// tariff "CITY" version 3: rows "early" and "night" both price energy_kwh for every session with priority 0 where 05:00-08:00 meets 22:00-06:00; give one a higher priority or part them
}

// The local clock of a charging point is asked for; where it was derived, or is missing, the flag says so.
func TestGuessedZone(t *testing.T) {
	s := session(10*kWh, time.Hour, 0)
	for name, c := range map[string]struct {
		change func(*Session)
		tariff Tariff
		want   []Flag
	}{
		"stated":             {func(*Session) {}, dayNight(), nil},
		"derived":            {func(s *Session) { s.ZoneGuessed = true }, dayNight(), []Flag{TZGuessed}},
		"missing":            {func(s *Session) { s.TimeZone = nil }, dayNight(), []Flag{TZGuessed}},
		"missing, not asked": {func(s *Session) { s.TimeZone = nil }, tariffOf(energyRow("all", 1, Moving{AfterTime: 0})), nil},
	} {
		v := s
		c.change(&v)
		r := rated(t, Contract{}, c.tariff, v)
		if len(r.Flags) != len(c.want) || len(c.want) > 0 && r.Flags[0] != c.want[0] {
			t.Errorf("%s: %v", name, r.Flags)
		}
	}
}
