package rating

import (
	"slices"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// The worked examples of the rating rules, section 14. Amounts are theirs.

func TestE1(t *testing.T) { // autumn
	r := rated(t, Contract{}, dayNight(), between(t, "Europe/Berlin", "2025-10-25 21:00Z", "2025-10-26 06:00Z", 36*kWh))
	wants(t, r, 1140, "energy_kwh 32.000 kWh x 0.30 = 9.60 (night)", "energy_kwh 4.000 kWh x 0.45 = 1.80 (day)")
	flagged(t, r, false, EnergyEstimated, SpansPriceChange)
}

func TestE2(t *testing.T) { // spring
	r := rated(t, Contract{}, dayNight(), between(t, "Europe/Berlin", "2025-03-29 22:00Z", "2025-03-30 05:00Z", 28*kWh))
	wants(t, r, 900, "energy_kwh 24.000 kWh x 0.30 = 7.20 (night)", "energy_kwh 4.000 kWh x 0.45 = 1.80 (day)")
}

func TestE3(t *testing.T) { // repeated hour
	tariff := bySession(tariffOf(
		Row{ID: "early", Moving: Moving{Times: times("2:30-6:00")}, Prices: map[Component]Price{Charging: at(10 * cent)}},
		Row{ID: "else", Prices: map[Component]Price{Charging: at(5 * cent), Energy: at(0)}}))
	r := rated(t, Contract{}, tariff, between(t, "Europe/Berlin", "2025-10-26 00:00Z", "2025-10-26 03:00Z", 10*kWh))
	wants(t, r, 1500, "energy_kwh 10.000 kWh x 0.00 = 0.00 (else)", "charge_min 1 h x 0.05 = 3.00 (else)", "charge_min 2 h x 0.10 = 12.00 (early)")
	trace := checkReplay(t, r)
	var inside []string
	for _, s := range trace.Slices {
		if s.Row == "early" {
			inside = append(inside, s.From.Format("15:04-")+s.To.Format("15:04"))
		}
	}
	if len(inside) != 2 || inside[0] != "00:30-01:00" || inside[1] != "01:30-03:00" {
		t.Errorf("inside the window %v", inside)
	}
}

func TestE4(t *testing.T) { // midnight and cents
	tariff := tariffOf(energyRow("weekend", 39*cent, Moving{DayTypes: []DayType{Weekend}}), energyRow("weekday", 49*cent, Moving{DayTypes: []DayType{Weekday}}))
	s := between(t, "Europe/Berlin", "2025-06-06 20:30Z", "2025-06-06 22:30Z", 14*kWh)
	wants(t, rated(t, Contract{}, bySession(tariff), s), 651,
		"energy_kwh 10.500 kWh x 0.49 = 5.15 (weekday)", "energy_kwh 3.500 kWh x 0.39 = 1.36 (weekend)")
	wants(t, rated(t, Contract{}, tariff, s), 652,
		"energy_kwh 10.500 kWh x 0.49 = 5.15 (weekday)", "energy_kwh 3.500 kWh x 0.39 = 1.37 (weekend)")
}

func TestE5(t *testing.T) { // version
	zone := zoneOf(t, "Europe/Berlin")
	change := instant(t, zone, "2026-01-01 00:00")
	v1, v2 := tariffOf(energyRow("all", 49*cent, Moving{})), tariffOf(energyRow("all", 52*cent, Moving{}))
	v1.ValidTo, v2.ValidFrom, v2.Version = change, change, 4
	choose := func(start time.Time) Tariff {
		for _, v := range []Tariff{v1, v2} {
			if v.ValidAt(start) {
				return v
			}
		}
		t.Fatal("no version")
		return Tariff{}
	}
	s := between(t, "Europe/Berlin", "2025-12-31 23:10", "2026-01-01 01:10", 22*kWh)
	r := rated(t, Contract{}, choose(s.Start), s)
	wants(t, r, 1078, "energy_kwh 22.000 kWh x 0.49 = 10.78 (all)")
	flagged(t, r, false)
	s.Start = change
	wants(t, rated(t, Contract{}, choose(s.Start), s), 1144, "energy_kwh 22.000 kWh x 0.52 = 11.44 (all)")
	if _, err := Rate(Contract{}, compiled(t, v1), s); err == nil {
		t.Error("a version is used that ended at the start")
	}
}

func blocking() Tariff {
	return tariffOf(
		energyRow("energy", 49*cent, Moving{}),
		Row{ID: "blocking", Moving: Moving{Times: times("8:00-22:00"), AfterTime: 4 * time.Hour}, Prices: map[Component]Price{
			Occupancy: {Unit: 10 * cent, VATCode: "penalty", Cap: 12_000_000},
		}})
}

func TestE6(t *testing.T) { // blocking
	s := between(t, "Europe/Berlin", "2025-06-03 14:00", "2025-06-03 23:30", 20*kWh)
	r := rated(t, Contract{}, blocking(), s)
	wants(t, r, 2180, "energy_kwh 20.000 kWh x 0.49 = 9.80 (energy)", "occupancy_min 4 h x 0.10 = 24.00 (blocking)", "occupancy_min blocking cap = -12.00")
	flagged(t, r, false, LimitApplied)
	s.End = instant(t, s.TimeZone, "2025-06-03 19:30")
	r = rated(t, Contract{}, blocking(), s)
	wants(t, r, 1880, "energy_kwh 20.000 kWh x 0.49 = 9.80 (energy)", "occupancy_min 1 h 30 min x 0.10 = 9.00 (blocking)")
	flagged(t, r, false)
}

func TestE7(t *testing.T) { // idle, deduct and cliff
	row := func(g Grace) Tariff {
		return bySession(tariffOf(Row{ID: "all", Prices: map[Component]Price{
			Energy: at(0), Idle: {Unit: 20 * cent, VATCode: "standard", FreeTime: 15 * time.Minute, Grace: g},
		}}))
	}
	s := session(10*kWh, 2*time.Hour, 40*time.Minute)
	for g, want := range map[Grace]int64{"": 500, Deduct: 500, Cliff: 800} {
		if r := rated(t, Contract{}, row(g), s); r.Total != want {
			t.Errorf("%q: %d, want %d", g, r.Total, want)
		}
	}
	s.Idle = 15 * time.Minute
	if r := rated(t, Contract{}, row(Cliff), s); r.Total != 0 || len(r.Lines) != 1 {
		t.Errorf("a cliff that is not exceeded: %+v", r.Lines)
	}
}

func TestE8(t *testing.T) { // snap and step
	tariff := bySession(tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(0), Charging: {Unit: 10 * cent, VATCode: "standard", Step: 300}}}))
	s := session(5*kWh, 600*time.Second, 0) // 0.1667 h, snapped by whoever reads the record
	wants(t, rated(t, Contract{}, tariff, s), 100, "energy_kwh 5.000 kWh x 0.00 = 0.00 (all)", "charge_min 10 min x 0.10 = 1.00 (all)")
	s.End = s.End.Add(time.Second)
	wants(t, rated(t, Contract{}, tariff, s), 150, "energy_kwh 5.000 kWh x 0.00 = 0.00 (all)", "charge_min 15 min x 0.10 = 1.50 (all)")

	steps := bySession(tariffOf(
		Row{ID: "before", Moving: Moving{Times: times("0:00-18:00")}, Prices: map[Component]Price{Charging: {Unit: 8 * cent, VATCode: "standard", Step: 600}}},
		Row{ID: "after", Moving: Moving{Times: times("18:00-0:00")}, Prices: map[Component]Price{Charging: {Unit: 6 * cent, VATCode: "standard", Step: 900}}},
		energyRow("energy", 0, Moving{})))
	r := rated(t, Contract{}, steps, between(t, "Europe/Berlin", "2025-06-03 17:48", "2025-06-03 18:20", 5*kWh))
	wants(t, r, 294, "energy_kwh 5.000 kWh x 0.00 = 0.00 (energy)", "charge_min 12 min x 0.08 = 0.96 (before)", "charge_min 33 min x 0.06 = 1.98 (after)")
}

func TestE9(t *testing.T) { // allowance inside the session
	c := Contract{Allowances: []Allowance{{ID: "30kWh", Component: Energy, Left: int64(30*kWh - 225*kWh/10)}}}
	s := between(t, "Europe/Berlin", "2025-06-03 04:00", "2025-06-03 08:00", 184*kWh/10)
	s.Periods = []Period{{Start: s.Start, Energy: 10 * kWh}, {Start: instant(t, s.TimeZone, "2025-06-03 06:00"), Energy: 84 * kWh / 10}}
	r := rated(t, c, dayNight(), s)
	wants(t, r, 453, "energy_kwh 7.500 kWh in 30kWh = 0.00", "energy_kwh 2.500 kWh x 0.30 = 0.75 (night)", "energy_kwh 8.400 kWh x 0.45 = 3.78 (day)")
	if len(r.Consumed) != 1 || r.Consumed[0] != (Consumption{"30kWh", 7_500_000}) {
		t.Errorf("consumed %+v", r.Consumed)
	}
	flagged(t, r, false) // the periods are parted at 06:00
}

func TestE12(t *testing.T) { // staff discount
	tariff := bySession(tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(46 * cent), PerUse: at(50 * cent)}}))
	tariff.Discounts = []Discount{{ID: "staff", Groups: []string{"staff"}, Components: []Component{Energy}, Percent: 150_000}}
	s := session(31_420_000, time.Hour, 0)
	r := rated(t, Contract{Groups: []string{"staff"}}, tariff, s)
	wants(t, r, 1279, "energy_kwh 31.420 kWh x 0.46 = 14.46 (all)", "session 1 x 0.50 = 0.50 (all)", "energy_kwh staff discount = -2.17")
	if after := r.Lines[0].Exact + r.Lines[2].Exact; after != 1_228_522*(euro/100_000) {
		t.Errorf("energy after discount %s", after)
	}
	tax, err := money.TaxInGross(r.Total, 190_000)
	if err != nil || r.Total-tax != 1075 || tax != 204 {
		t.Errorf("net %d, tax %d, %v", r.Total-tax, tax, err)
	}
	if r := rated(t, Contract{}, tariff, s); r.Total != 1495 { // 14.4532 + 0.50
		t.Errorf("others pay %d", r.Total)
	}
}

func TestE13(t *testing.T) { // rounding level, net mode
	tariff := bySession(tariffOf(energyRow("all", 50*cent, Moving{})))
	tariff.Mode = Net
	s := session(6_670_000, time.Hour, 0)
	r := rated(t, Contract{}, tariff, s)
	if tax, _ := money.TaxOnNet(3*r.Total, 190_000); r.Total != 334 || tax != 190 || 3*r.Total+tax != 1192 {
		t.Errorf("session: 3 x %d, tax %d", r.Total, tax)
	}
	tariff.Round = AtDocument
	r = rated(t, Contract{}, tariff, s)
	sum, err := (3 * r.Lines[0].Exact).Round(money.EUR, money.HalfAway)
	if tax, _ := money.TaxOnNet(sum.Minor, 190_000); err != nil || sum.Minor != 1001 || tax != 190 {
		t.Errorf("document: %s, tax %d, %v", sum, tax, err)
	}
}

func TestE14(t *testing.T) { // gross bill
	nine := rated(t, Contract{}, bySession(tariffOf(energyRow("all", 49*cent, Moving{}))), session(20*kWh, time.Hour, 0)).Total
	total := nine + 2180 + 453 // E6 and E9
	tax, err := money.TaxInGross(total, 190_000)
	if err != nil || total != 3613 || total-tax != 3036 || tax != 577 {
		t.Errorf("total %d, tax %d, %v", total, tax, err)
	}
}

func TestE15(t *testing.T) { // the same net price abroad
	tariff := bySession(tariffOf(energyRow("all", 40*cent, Moving{})))
	tariff.Mode = Net
	for country, want := range map[string]struct {
		rate  money.Fraction
		gross int64
	}{"DE": {190_000, 1190}, "AT": {200_000, 1200}} {
		s := session(25*kWh, time.Hour, 0)
		s.Country = country
		r := rated(t, Contract{}, tariff, s)
		tax, err := money.TaxOnNet(r.Total, want.rate)
		if err != nil || r.Total != 1000 || r.Total+tax != want.gross || r.Lines[0].VATCode != "standard" {
			t.Errorf("%s: %d + %d, %v", country, r.Total, tax, err)
		}
	}
}

func TestE16(t *testing.T) { // unit prices are not rounded
	tariff := tariffOf(energyRow("all", 411_765, Moving{}))
	tariff.Mode = Net
	net := rated(t, Contract{}, tariff, session(1000*kWh, time.Hour, 0))
	wants(t, net, 41177, "energy_kwh 1000.000 kWh x 0.411765 = 411.77 (all)") // 411.765
	gross := rated(t, Contract{}, tariffOf(energyRow("all", 49*cent, Moving{})), session(1000*kWh, time.Hour, 0))
	tax, err := money.TaxInGross(gross.Total, 190_000)
	if err != nil || gross.Total != 49000 || gross.Total-tax != 41176 {
		t.Errorf("%d less %d, %v", gross.Total, tax, err)
	}
}

func TestE17(t *testing.T) { // minimum
	tariff := bySession(tariffOf(energyRow("all", 49*cent, Moving{})))
	tariff.SessionMin = 1_000_000
	r := rated(t, Contract{}, tariff, session(600_000, time.Hour, 0))
	wants(t, r, 100, "energy_kwh 0.600 kWh x 0.49 = 0.29 (all)", "min limit = 0.71")
	flagged(t, r, false, LimitApplied)
	r = rated(t, Contract{}, tariff, session(20_000, 40*time.Second, 0))
	wants(t, r, 0)
	flagged(t, r, false, ZeroSession)
}

func TestE18(t *testing.T) { // correction
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent), Occupancy: {Unit: 10 * cent, VATCode: "penalty", Cap: 12_000_000}}})
	first := rated(t, Contract{}, tariff, session(20*kWh, 4*time.Hour, 0))
	back := Reverse(first)
	again := rated(t, Contract{}, tariff, session(18*kWh, 4*time.Hour, 0))
	if first.Total != 2180 || back.Total != -2180 || again.Total != 2082 || back.Total+again.Total != -98 {
		t.Errorf("%d, %d, %d", first.Total, back.Total, again.Total)
	}
}

func TestE19(t *testing.T) { // margin
	wholesale := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(38 * cent), PerUse: at(35 * cent)}})
	wholesale.Mode = Net
	s := session(22*kWh, time.Hour, 0)
	paid, asked := rated(t, Contract{}, wholesale, s).Total, rated(t, Contract{}, tariffOf(energyRow("all", 61*cent, Moving{})), s).Total
	tax, err := money.TaxInGross(asked, 190_000)
	if err != nil || paid != 871 || asked != 1342 || asked-tax != 1128 || asked-tax-paid != 257 {
		t.Errorf("%d, %d less %d, %v", paid, asked, tax, err)
	}
}

func TestE22(t *testing.T) { // precedence
	r1, r2 := energyRow("r1", 55*cent, Moving{}), energyRow("r2", 40*cent, Moving{})
	r1.Countries, r2.Groups = []string{"DE"}, []string{"staff"}
	tariff := tariffOf(energyRow("r0", 59*cent, Moving{}), r1, r2, energyRow("r3", 35*cent, Moving{Times: times("22:00-6:00")}))
	for _, c := range []struct {
		name, country string
		groups        []string
		row, lost     string
		reason        Reason
	}{
		{"public DE: static beats time", "DE", nil, "r1", "r3", LessSpecific},
		{"staff DE", "DE", []string{"staff"}, "r2", "r1", LessSpecific},
		{"public FR", "FR", nil, "r3", "r0", LessSpecific},
	} {
		s := between(t, "Europe/Berlin", "2025-06-03 23:00", "2025-06-03 23:30", 10*kWh)
		s.Country = c.country
		r := rated(t, Contract{Groups: c.groups}, tariff, s)
		slice := checkReplay(t, r).Slices[0]
		if len(r.Lines) != 1 || r.Lines[0].Row != c.row || slice.Rejected != c.lost || slice.Reason != c.reason {
			t.Errorf("%s: %v, rejected %s, %s", c.name, printed(r), slice.Rejected, slice.Reason)
		}
	}
}

func TestE10(t *testing.T) { // a late record
	tariff := compiled(t, tariffOf(energyRow("all", 49*cent, Moving{})))
	c := Contract{Allowances: []Allowance{{ID: "30kWh", Component: Energy, Left: int64(30 * kWh)}}}
	on := func(day int, energy int64) MonthSession {
		s := session(kWh*cdr.MicroKWh(energy), time.Hour, 0)
		s.ID = time.Date(2025, 5, day, 8, 0, 0, 0, time.UTC).Format("0102")
		s.Start = time.Date(2025, 5, day, 8, 0, 0, 0, time.UTC)
		s.End = s.Start.Add(time.Hour)
		return MonthSession{Session: s, Tariff: tariff}
	}
	a, b, late := on(1, 20), on(5, 8), on(9, 15)
	totals := func(sessions ...MonthSession) (list []int64) {
		for _, r := range RateMonth(c, sessions) {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			list = append(list, r.Rated.Total)
		}
		return list
	}
	if got := totals(late, a); !slices.Equal(got, []int64{245, 0}) {
		t.Errorf("before: %v", got)
	}
	if got := totals(late, a, b); !slices.Equal(got, []int64{637, 0, 0}) {
		t.Errorf("unbilled: %v", got)
	}
	// Billed sessions keep theirs; B pays its own 8 kWh: the same difference of 3.92.
	done := RateMonth(c, []MonthSession{late, a})
	late.Billed, a.Billed = &done[0].Rated, &done[1].Rated
	if got := totals(late, a, b); !slices.Equal(got, []int64{245, 0, 392}) {
		t.Errorf("billed: %v", got)
	}
	if c.Allowances[0].Left != int64(30*kWh) {
		t.Error("the contract of the caller is changed")
	}
}

func tiered(volume bool) Price {
	return Price{VATCode: "standard", Volume: volume, Tiers: []Tier{{100 * kWh, 49 * cent}, {300 * kWh, 44 * cent}, {0, 39 * cent}}}
}

func TestE11(t *testing.T) { // tiers
	tariff := bySession(tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: tiered(false)}}))
	r := rated(t, Contract{Taken: 95 * kWh}, tariff, session(20*kWh, time.Hour, 0))
	wants(t, r, 905, "energy_kwh 5.000 kWh x 0.49 = 2.45 (all)", "energy_kwh 15.000 kWh x 0.44 = 6.60 (all)")
	r = rated(t, Contract{}, tariff, session(320*kWh, time.Hour, 0)) // a month at once: over two limits
	wants(t, r, 14480, "energy_kwh 100.000 kWh x 0.49 = 49.00 (all)", "energy_kwh 200.000 kWh x 0.44 = 88.00 (all)", "energy_kwh 20.000 kWh x 0.39 = 7.80 (all)")

	volume := bySession(tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: tiered(true)}}))
	first := rated(t, Contract{}, volume, session(200*kWh, time.Hour, 0))                     // 98.00 at 0.49
	second := rated(t, Contract{Taken: first.Energy}, volume, session(120*kWh, time.Hour, 0)) // 52.80 at 0.44
	rest, err := TrueUp(tiered(true), 320*kWh, first.Lines[0].Exact+second.Lines[0].Exact)    // to 124.80
	if first.Total != 9800 || second.Total != 5280 || err != nil || rest != -2600*(euro/100) {
		t.Errorf("%d, %d, true-up %s, %v", first.Total, second.Total, rest, err)
	}
	if _, err := TrueUp(tiered(false), kWh, 0); err == nil {
		t.Error("a graduated price has a true-up")
	}
}

func TestE20(t *testing.T) { // monthly fee
	month := calendar.NewDate(2025, 2, 1).MonthOf()
	fee, err := Fee(5_990_000, calendar.NewDate(2025, 2, 11), calendar.Date{}, month, money.EUR, money.HalfAway)
	if err != nil || fee.Minor != 385 {
		t.Errorf("%v, %v", fee, err)
	}
}

func TestE21(t *testing.T) { // quote
	tariff := tariffOf(
		Row{ID: "day", Prices: map[Component]Price{Energy: at(59 * cent), PerUse: at(50 * cent)}},
		energyRow("evening", 49*cent, Moving{Times: times("21:00-6:00")}))
	s := between(t, "Europe/Berlin", "2025-06-03 20:45", "2025-06-03 21:15", 30*kWh) // 30 kWh at 60 kW
	wants(t, rated(t, Contract{}, tariff, s), 1670,
		"energy_kwh 15.000 kWh x 0.59 = 8.85 (day)", "energy_kwh 15.000 kWh x 0.49 = 7.35 (evening)", "session 1 x 0.50 = 0.50 (day)")
	c := compiled(t, tariff)
	change, ok := c.NextChange(Contract{}, s, s.Start, s.Start.Add(24*time.Hour))
	if !ok || !change.Equal(instant(t, s.TimeZone, "2025-06-03 21:00")) {
		t.Errorf("next change %v, %v", change, ok)
	}
	for at, want := range map[time.Time]string{change.Add(-time.Second): "day", change: "evening"} {
		offers := c.PriceAt(Contract{}, s, at)
		if len(offers) != 2 || offers[0].Component != Energy || offers[0].Row != want || offers[1].Component != PerUse || offers[1].Row != "day" {
			t.Errorf("at %v: %+v", at, offers)
		}
	}
}
