package rating

import (
	"errors"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/money"
)

func everything(prices map[Component]Price) Tariff { return tariffOf(Row{ID: "all", Prices: prices}) }

func TestFreeAmounts(t *testing.T) {
	idle := func(p Price) Tariff {
		p.Unit, p.VATCode = 10*cent, "standard"
		return everything(map[Component]Price{Energy: at(0), Idle: p})
	}
	s := session(10*kWh, 2*time.Hour, 22*time.Minute)
	// Free comes before step: 22 - 15 = 7, up to 10.
	r := rated(t, Contract{}, idle(Price{FreeTime: 15 * time.Minute, Step: 300}), s)
	wants(t, r, 100, "energy_kwh 10.000 kWh x 0.00 = 0.00 (all)", "idle_min 10 min x 0.10 = 1.00 (all)")
	r = rated(t, Contract{}, everything(map[Component]Price{Energy: {Unit: 50 * cent, VATCode: "standard", FreeEnergy: 4 * kWh}}), s)
	wants(t, r, 300, "energy_kwh 6.000 kWh x 0.50 = 3.00 (all)")

	// Two rows with 15 free minutes each leave 15 free, not 30.
	price := Price{Unit: 10 * cent, VATCode: "standard", FreeTime: 15 * time.Minute}
	dearer := price
	dearer.Unit = 20 * cent
	tariff := tariffOf(energyRow("energy", 0, Moving{}),
		Row{ID: "day", Moving: Moving{Times: times("6:00-22:00")}, Prices: map[Component]Price{Occupancy: price}},
		Row{ID: "night", Moving: Moving{Times: times("22:00-6:00")}, Prices: map[Component]Price{Occupancy: dearer}})
	s = between(t, "Europe/Berlin", "2025-06-03 21:50", "2025-06-03 22:20", 10*kWh)
	wants(t, rated(t, Contract{}, tariff, s), 300, "energy_kwh 10.000 kWh x 0.00 = 0.00 (energy)", "occupancy_min 15 min x 0.20 = 3.00 (night)")
}

func TestStartedBlocks(t *testing.T) {
	tariff := everything(map[Component]Price{Energy: at(0), Occupancy: {Unit: 150 * cent, VATCode: "parking", Step: 900, StartedBlock: true}})
	for minutes, want := range map[int]int64{15: 150, 16: 300, 44: 450, 45: 450} {
		r := rated(t, Contract{}, tariff, session(10*kWh, time.Duration(minutes)*time.Minute, 0))
		if l := r.Lines[1]; r.Total != want || l.Block != 900 || l.Quantity%900 != 0 {
			t.Errorf("%d min: %d, want %d, %+v", minutes, r.Total, want, l)
		}
	}
}

func TestCapPerLocalDay(t *testing.T) {
	tariff := everything(map[Component]Price{Energy: at(0), Occupancy: {Unit: 10 * cent, VATCode: "parking", Cap: 5_000_000, CapPerDay: true}})
	// 23:00 to 10:00 over the spring change: 1 h = 6.00, then 9 h = 54.00, each at most 5.00.
	s := between(t, "Europe/Berlin", "2025-03-29 23:00", "2025-03-30 10:00", 10*kWh)
	r := rated(t, Contract{}, tariff, s)
	wants(t, r, 1000, "energy_kwh 10.000 kWh x 0.00 = 0.00 (all)", "occupancy_min 1 h x 0.10 = 6.00 (all)", "occupancy_min 9 h x 0.10 = 54.00 (all)",
		"occupancy_min all2025-03-29 cap = -1.00", "occupancy_min all2025-03-30 cap = -49.00")
}

func TestDiscounts(t *testing.T) {
	prices := map[Component]Price{Energy: at(50 * cent), PerUse: {Unit: 100 * cent, VATCode: "fee"}, Occupancy: {Unit: 10 * cent, VATCode: "parking", Cap: 3_000_000}}
	s := session(20*kWh, time.Hour, 0) // 10.00 + 6.00 capped to 3.00 + 1.00
	lines := []string{"energy_kwh 20.000 kWh x 0.50 = 10.00 (all)", "occupancy_min 1 h x 0.10 = 6.00 (all)", "occupancy_min all cap = -3.00", "session 1 x 1.00 = 1.00 (all)"}
	cases := []struct {
		name      string
		discounts []Discount
		max, min  money.Price
		total     int64
		more      []string
	}{
		{"none", nil, 0, 0, 1400, nil},
		{
			"of the capped amount, not of the list",
			[]Discount{{ID: "d", Components: []Component{Occupancy}, Percent: 500_000}},
			0, 0, 1250,
			[]string{"occupancy_min d discount = -1.50"},
		},
		{
			"each on what the one before left",
			[]Discount{{ID: "a", Components: []Component{Energy}, Percent: 100_000}, {ID: "b", Components: []Component{Energy}, Percent: 200_000}},
			0, 0, 1120,
			[]string{"energy_kwh a discount = -1.00", "energy_kwh b discount = -1.80"},
		},
		{
			"percentages before amounts, whatever the order",
			[]Discount{{ID: "a", Amount: 2_000_000, Components: []Component{Energy}}, {ID: "b", Percent: 100_000}},
			0, 0, 1060,
			[]string{"energy_kwh b discount = -1.00", "occupancy_min b discount = -0.30", "session b discount = -0.10", "energy_kwh a discount = -2.00"},
		},
		{
			"the best of a group",
			[]Discount{{ID: "a", Percent: 100_000, BestOf: "x"}, {ID: "b", Components: []Component{Energy}, Percent: 300_000, BestOf: "x"}, {ID: "c", Amount: 2_000_000, BestOf: "x"}},
			0, 0, 1100,
			[]string{"energy_kwh b discount = -3.00"},
		},
		{
			"the best of a group is an amount",
			[]Discount{{ID: "a", Percent: 100_000, BestOf: "x"}, {ID: "c", Amount: 2_000_000, BestOf: "x"}},
			0, 0, 1200,
			[]string{"energy_kwh c discount = -2.00"},
		},
		{
			"the earlier of equals",
			[]Discount{{ID: "a", Amount: 2_000_000, BestOf: "x"}, {ID: "c", Amount: 2_000_000, BestOf: "x"}},
			0, 0, 1200,
			[]string{"energy_kwh a discount = -2.00"},
		},
		{
			"not below 0",
			[]Discount{{ID: "a", Amount: 99_000_000}},
			0, 0, 0,
			[]string{"energy_kwh a discount = -10.00", "occupancy_min a discount = -3.00", "session a discount = -1.00"},
		},
		{"for others", []Discount{{ID: "a", Groups: []string{"staff"}, Percent: 100_000}}, 0, 0, 1400, nil},
		{"the maximum after it", []Discount{{ID: "a", Components: []Component{Energy}, Percent: 200_000}}, 12_000_000, 0, 1200, []string{"energy_kwh a discount = -2.00"}},
		{"the maximum over three tax codes", nil, 7_000_000, 0, 700, []string{"max limit = -5.00", "max limit = -1.50", "max limit = -0.50"}},
		{"the minimum on the largest line's code", nil, 0, 20_000_000, 2000, []string{"min limit = 6.00"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tariff := everything(prices)
			tariff.Discounts, tariff.SessionMax, tariff.SessionMin = c.discounts, c.max, c.min
			r := rated(t, Contract{}, tariff, s)
			wants(t, r, c.total, append(append([]string{}, lines...), c.more...)...)
		})
	}
	tariff := everything(prices)
	tariff.SessionMax = 7_000_000
	r := rated(t, Contract{}, tariff, s)
	if codes := [3]string{r.Lines[4].VATCode, r.Lines[5].VATCode, r.Lines[6].VATCode}; codes != [3]string{"standard", "parking", "fee"} {
		t.Errorf("codes %v", codes)
	}
	tariff.SessionMax, tariff.SessionMin, tariff.LimitVAT = 0, 20_000_000, "limit"
	if r := rated(t, Contract{}, tariff, s); r.Lines[4].VATCode != "limit" {
		t.Errorf("the minimum under %q", r.Lines[4].VATCode)
	}
}

func TestMinimumOnNothing(t *testing.T) {
	tariff := everything(map[Component]Price{Energy: at(50 * cent)})
	tariff.SessionMin, tariff.LimitVAT = 1_000_000, "standard"
	full := Contract{Allowances: []Allowance{{ID: "a", Component: Energy, Left: int64(100 * kWh)}}}
	free := everything(map[Component]Price{Energy: at(0)})
	free.SessionMin, free.LimitVAT = tariff.SessionMin, tariff.LimitVAT
	small := session(10_000, time.Minute, 0)
	for _, onZero := range []bool{false, true} {
		tariff.MinOnZero, free.MinOnZero = onZero, onZero
		want := map[bool]int64{false: 0, true: 100}[onZero]
		for name, r := range map[string]Rated{
			"covered by an allowance": rated(t, full, tariff, session(10*kWh, time.Hour, 0)),
			"price 0":                 rated(t, Contract{}, free, session(10*kWh, time.Hour, 0)),
			"zero session":            rated(t, Contract{}, tariff, small),
			"nothing used":            rated(t, Contract{}, tariff, session(0, time.Hour, 0)),
		} {
			if r.Total != want {
				t.Errorf("%s, min_on_zero %v: %d", name, onZero, r.Total)
			}
		}
	}
}

func TestAllowances(t *testing.T) {
	c := Contract{Allowances: []Allowance{
		{ID: "first", Component: Energy, Left: int64(3 * kWh)},
		{ID: "empty", Component: Energy},
		{ID: "second", Component: Energy, Left: int64(4 * kWh)},
		{ID: "time", Component: Idle, Left: 600},
		{ID: "visits", Component: PerUse, Left: 2},
	}}
	tariff := everything(map[Component]Price{
		Energy: {Unit: 50 * cent, VATCode: "standard", FreeEnergy: kWh, Step: int64(kWh)}, Idle: at(10 * cent), PerUse: at(50 * cent),
	})
	r := rated(t, c, tariff, session(10_500_000, time.Hour, 25*time.Minute)) // 10.5 - 1 free - 3 - 4 = 2.5, up to 3
	wants(t, r, 300,
		"energy_kwh 3.000 kWh in first = 0.00", "energy_kwh 4.000 kWh in second = 0.00", "energy_kwh 3.000 kWh x 0.50 = 1.50 (all)",
		"idle_min 10 min in time = 0.00", "idle_min 15 min x 0.10 = 1.50 (all)", "session 1 in visits = 0.00")
	if len(r.Consumed) != 4 || r.Consumed[1] != (Consumption{"second", int64(4 * kWh)}) {
		t.Errorf("%+v", r.Consumed)
	}
}

func TestPassThrough(t *testing.T) {
	tariff := everything(map[Component]Price{Energy: {Unit: 50 * cent, VATCode: "standard", PassThrough: true, Markup: 100_000}})
	s := session(10*kWh, time.Hour, 0)
	flagged(t, rated(t, Contract{}, tariff, s), true, NoPrice)
	s.Stated, s.HasStated = 1234*(euro/100), true // 12.34 + 1.234 + 0.50
	r := rated(t, Contract{}, tariff, s)
	wants(t, r, 1407, "energy_kwh 0.000001 kWh x 14.074 = 14.07 (all)")
}

func TestExport(t *testing.T) {
	tariff := everything(map[Component]Price{Energy: at(50 * cent), Export: at(8 * cent)})
	tariff.SessionMin = 6_000_000
	tariff.Discounts = []Discount{{ID: "d", Percent: 100_000}}
	s := session(10*kWh, time.Hour, 0)
	s.Export = 5 * kWh
	r := rated(t, Contract{}, tariff, s) // 5.00 - 0.50, up to 6.00; less 0.40 paid out
	wants(t, r, 560, "energy_kwh 10.000 kWh x 0.50 = 5.00 (all)", "export_kwh 5.000 kWh x -0.08 = -0.40 (all)", "energy_kwh d discount = -0.50", "min limit = 1.50")
	delete(tariff.Rows[0].Prices, Export)
	flagged(t, rated(t, Contract{}, tariff, s), true, NoPrice, LimitApplied)
	tariff.Free = []Component{Export}
	flagged(t, rated(t, Contract{}, tariff, s), false, LimitApplied)
}

func TestReservations(t *testing.T) {
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(50 * cent), Reservation: at(200 * cent), ReservationMin: {Unit: 5 * cent, VATCode: "standard", FreeTime: 10 * time.Minute}}},
		Row{ID: "early", Moving: Moving{Times: times("0:00-11:45")}, Prices: map[Component]Price{Reservation: at(100 * cent)}})
	s := session(10*kWh, time.Hour, 0)
	s.Reserved = 20 * time.Minute // from 11:40
	wants(t, rated(t, Contract{}, tariff, s), 650, "energy_kwh 10.000 kWh x 0.50 = 5.00 (all)", "reservation 1 x 1.00 = 1.00 (early)", "reservation_min 10 min x 0.05 = 0.50 (all)")
	s.Energy, s.End, s.ReservationExpired = 0, s.Start, true
	r := rated(t, Contract{}, tariff, s)
	wants(t, r, 150, "reservation 1 x 1.00 = 1.00 (early)", "reservation_min 10 min x 0.05 = 0.50 (all)")
	flagged(t, r, false, ZeroSession)
}

// Session mode: the cents of each VAT code add up to its own rounded sum, whatever the mode of rounding.
func TestCentsToLines(t *testing.T) {
	third := Price{Unit: 333_333, VATCode: "a"}
	tariff := bySession(everything(map[Component]Price{Energy: third, PerUse: third, Occupancy: {Unit: 1_000, VATCode: "b"}}))
	s := session(kWh, time.Minute, 0) // a: 2 x 0.333333 = 0.666666; b: 0.001
	s.End = s.Start.Add(3 * time.Minute)
	for mode, want := range map[money.Rounding][3]int64{
		money.HalfAway: {34, 0, 33}, money.HalfEven: {34, 0, 33}, money.Down: {33, 0, 33}, money.Up: {34, 1, 33},
	} {
		tariff.Rounding = mode
		r := rated(t, Contract{}, tariff, s)
		if got := [3]int64{r.Lines[0].Amount, r.Lines[1].Amount, r.Lines[2].Amount}; got != want || r.Total != want[0]+want[1]+want[2] {
			t.Errorf("%q: %v, want %v", mode, got, want)
		}
	}
	tariff.Rounding = money.HalfAway
	trace := checkReplay(t, rated(t, Contract{}, tariff, s))
	if len(trace.Adjustments) != 1 || trace.Adjustments[0] != (Adjustment{Kind: CentAdjustment, Line: 0, Before: int64(euro / 3_000_000 * 999_999), After: int64(34 * euro / 100)}) {
		t.Errorf("%+v", trace.Adjustments)
	}
}

func TestOverflow(t *testing.T) {
	for name, c := range map[string]struct {
		prices map[Component]Price
		s      Session
		c      Contract
	}{
		"a price beyond all bounds": {map[Component]Price{Energy: at(1 << 62)}, session(10*kWh, time.Hour, 0), Contract{}},
		"more than a million":       {map[Component]Price{Energy: at(1_000_000)}, session(1_000_001*kWh, time.Hour, 0), Contract{}},
		"more energy than there is": {map[Component]Price{Energy: at(0)}, session(1<<60, time.Hour, 0), Contract{}},
	} {
		r, err := Rate(c.c, compiled(t, everything(c.prices)), c.s)
		if !errors.Is(err, money.ErrOverflow) && !errors.Is(err, errQuantity) {
			t.Errorf("%s: %d, %v", name, r.Total, err)
		}
	}
}

func TestProration(t *testing.T) {
	may := calendar.NewDate(2025, 5, 1).MonthOf()
	day := func(d int) calendar.Date { return calendar.NewDate(2025, 5, d) }
	cases := []struct {
		component   Component
		quantity    int64
		from, until calendar.Date
		want        int64
	}{
		{Energy, 30_000_000, day(1), calendar.Date{}, 30_000_000},
		{Energy, 30_000_000, day(11), calendar.Date{}, 20_322_000}, // 21/31 of 30 kWh = 20.3225... kWh
		{Energy, 30_000_000, day(1), day(11), 9_677_000},
		{Idle, 3600, day(1), day(2), 116},
		{Energy, 30_000_000, day(20), day(10), 0},
		{Energy, 30_000_000, calendar.NewDate(2025, 4, 1), calendar.NewDate(2025, 7, 1), 30_000_000},
	}
	for _, c := range cases {
		if got, err := Prorate(c.component, c.quantity, c.from, c.until, may); err != nil || got != c.want {
			t.Errorf("%s to %s: %d, %v, want %d", c.from, c.until, got, err, c.want)
		}
	}
	// A change of plan on the 11th of February makes two parts: 10/28 and 18/28, each rounded.
	feb := calendar.NewDate(2025, 2, 1).MonthOf()
	change := calendar.NewDate(2025, 2, 11)
	for _, c := range []struct {
		from, until calendar.Date
		mode        money.Rounding
		want        int64
	}{
		{calendar.Date{}, change, money.HalfAway, 214},
		{change, calendar.Date{}, money.HalfAway, 385}, // 2.139..., 3.850...
		{calendar.Date{}, change, money.Down, 213},
		{change, calendar.Date{}, money.Up, 386},
		{feb.First, calendar.NewDate(2025, 2, 15), money.HalfAway, 300},
		{feb.First, calendar.NewDate(2025, 2, 15), money.HalfEven, 300}, // 2.995
		{feb.First, calendar.Date{}, money.HalfEven, 599},
	} {
		if c.from.IsZero() {
			c.from = feb.First
		}
		if got, err := Fee(5_990_000, c.from, c.until, feb, money.EUR, c.mode); err != nil || got.Minor != c.want {
			t.Errorf("%s to %s, %q: %v, %v, want %d", c.from, c.until, c.mode, got, err, c.want)
		}
	}
	if _, err := Fee(1, feb.First, feb.Next, feb, "eur", money.HalfAway); err == nil {
		t.Error("an unknown currency has a fee")
	}
}
