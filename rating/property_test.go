package rating

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

var (
	someGroups    = []string{"a", "b", "c"}
	someLocations = []string{"L1", "L2"}
	someCountries = []string{"DE", "FR"}
	somePowers    = []string{"AC", "DC", "-22", "11-50", "50-"}
	someZones     = []string{
		"Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/New_York", "America/St_Johns", "Atlantic/Azores",
	}
)

func drawValues(t *rapid.T, from []string, name string) []string {
	if rapid.IntRange(0, 2).Draw(t, name+" any") > 0 {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, 2, rapid.ID[string]).Draw(t, name)
}

// changes returns the instants at which a zone puts its clock forward or back in 2025 and 2026, or a midnight without any.
func changes(t testing.TB, zone *time.Location) []time.Time {
	list := []time.Time{instant(t, zone, "2025-06-14 00:00"), instant(t, zone, "2026-01-01 00:00")}
	for at := instant(t, zone, "2025-01-01 00:00"); at.Year() < 2027; {
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		list, at = append(list, end), end
	}
	return list
}

func drawMoving(t *rapid.T, around time.Time) Moving {
	var m Moving
	chance := func(name string) bool { return rapid.IntRange(0, 4).Draw(t, name) == 0 }
	y, month, d := around.Date()
	today := calendar.NewDate(y, month, d)
	if chance("dated") {
		m.DateFrom = today.AddDays(rapid.IntRange(-2, 1).Draw(t, "date from"))
		if rapid.Bool().Draw(t, "date to any") {
			m.DateTo = m.DateFrom.AddDays(rapid.IntRange(1, 3).Draw(t, "date to"))
		}
	}
	if chance("typed") {
		m.DayTypes = rapid.SliceOfNDistinct(rapid.SampledFrom([]DayType{Holiday, Weekday, Weekend}), 1, 2, rapid.ID[DayType]).Draw(t, "day types")
	}
	if chance("days") {
		m.Days = rapid.SliceOfNDistinct(rapid.SampledFrom([]Day{1, 2, 3, 4, 5, 6, 7}), 1, 5, rapid.ID[Day]).Draw(t, "days")
	}
	if rapid.Bool().Draw(t, "timed") {
		minute := rapid.OneOf(rapid.SampledFrom([]int{0, 60, 90, 105, 120, 150, 165, 180, 22 * 60}), rapid.IntRange(0, 1439))
		for range rapid.IntRange(1, 2).Draw(t, "windows") {
			w := Window{minute.Draw(t, "from"), minute.Draw(t, "to")}
			if !slices.Contains(m.Times, w) {
				m.Times = append(m.Times, w)
			}
		}
		m.DayOfStart = rapid.Bool().Draw(t, "day of start")
	}
	if chance("since") {
		m.AfterTime = time.Duration(rapid.IntRange(0, 4000).Draw(t, "after")) * time.Second
		if rapid.Bool().Draw(t, "until any") {
			m.UntilTime = m.AfterTime + time.Duration(rapid.IntRange(1, 3000).Draw(t, "until"))*time.Second
		}
	}
	if chance("counted") {
		m.AfterEnergy = cdr.MicroKWh(rapid.Int64Range(0, 20_000_000).Draw(t, "after energy"))
		if rapid.Bool().Draw(t, "until energy any") {
			m.UntilEnergy = m.AfterEnergy + cdr.MicroKWh(rapid.Int64Range(1, 20_000_000).Draw(t, "until energy"))
		}
	}
	return m
}

func drawPrice(t *rapid.T, c Component) Price {
	p := at(money.Price(rapid.OneOf(rapid.Int64Range(0, 1_000_000), rapid.SampledFrom([]int64{0, 490_000, 125_000, 300_000})).Draw(t, "unit")))
	if c == PerUse {
		return p
	}
	rule := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	if rule("free") {
		p.Grace = rapid.SampledFrom([]Grace{"", Deduct, Cliff}).Draw(t, "grace")
		if c == Energy {
			p.FreeEnergy = cdr.MicroKWh(rapid.Int64Range(1, 15_000_000).Draw(t, "free energy"))
		} else {
			p.FreeTime = time.Duration(rapid.IntRange(1, 3000).Draw(t, "free time")) * time.Second
		}
	}
	if rule("step") {
		p.Step = rapid.SampledFrom([]int64{60, 300, 900}).Draw(t, "step")
		if c == Energy {
			p.Step *= 1000
		}
	}
	if rule("cap") {
		p.Cap = money.Price(rapid.Int64Range(1, 5_000_000).Draw(t, "cap"))
		p.CapPerDay = rapid.Bool().Draw(t, "per day")
	}
	return p
}

// drawTariff draws a publishable tariff: rows that overlap are left out.
func drawTariff(t *rapid.T, around time.Time) (Tariff, *Compiled) {
	tariff := tariffOf()
	tariff.ZeroBelow = 0
	tariff.Split = rapid.SampledFrom([]EnergySplit{"", SplitLinear, SplitPeriodStart, SplitSessionStart}).Draw(t, "split")
	y, month, d := around.Date()
	tariff.Holidays = &Holidays{Name: "X", Days: []calendar.Date{calendar.NewDate(y, month, d+rapid.IntRange(-2, 2).Draw(t, "holiday"))}}
	if rapid.IntRange(0, 3).Draw(t, "limited") == 0 {
		tariff.SessionMin = money.Price(rapid.Int64Range(0, 300).Draw(t, "min")) * cent
		tariff.SessionMax = tariff.SessionMin + money.Price(rapid.Int64Range(1, 2000).Draw(t, "max"))*cent
	}
	var c *Compiled
	for i := range rapid.IntRange(1, 7).Draw(t, "rows") {
		r := Row{
			ID: string(rune('A' + i)), Priority: rapid.SampledFrom([]int{0, 0, 0, 1, -1}).Draw(t, "priority"),
			Groups: drawValues(t, someGroups, "groups"), Locations: drawValues(t, someLocations, "locations"),
			Countries: drawValues(t, someCountries, "countries"), Power: drawValues(t, somePowers, "power"),
			Moving: drawMoving(t, around), Prices: map[Component]Price{},
		}
		all := []Component{Energy, Charging, Idle, Occupancy, PerUse}
		for _, component := range rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 5, rapid.ID[Component]).Draw(t, "components") {
			r.Prices[component] = drawPrice(t, component)
		}
		wider := tariff
		wider.Rows = append(slices.Clone(tariff.Rows), r)
		if with, err := Compile(wider); err == nil {
			tariff, c = wider, with
		}
	}
	if c == nil {
		t.Skip("no row can be published")
	}
	return tariff, c
}

func drawSession(t *rapid.T, around time.Time, zone *time.Location, longest int) Session {
	lasting := rapid.OneOf(rapid.IntRange(1, longest), rapid.IntRange(1, 700)).Draw(t, "seconds")
	energy := rapid.OneOf(rapid.Int64Range(0, 80_000_000), rapid.SampledFrom([]int64{0, 10_500_000, 50_000, 7}))
	s := session(cdr.MicroKWh(energy.Draw(t, "energy")), 0, time.Duration(rapid.IntRange(0, lasting).Draw(t, "idle"))*time.Second)
	s.TimeZone = zone
	s.Start = around.Add(-time.Duration(rapid.IntRange(-1200, longest).Draw(t, "before")) * time.Second)
	s.End = s.Start.Add(time.Duration(lasting) * time.Second)
	s.Location = rapid.SampledFrom([]string{"L1", "L2", "L3"}).Draw(t, "location")
	s.Country = rapid.SampledFrom([]string{"DE", "FR", "NL"}).Draw(t, "country")
	s.Power = rapid.SampledFrom([]string{"", "AC", "DC"}).Draw(t, "power")
	s.Watts = rapid.SampledFrom([]int64{0, 3_700, 11_000, 22_000, 49_999, 50_000}).Draw(t, "watts")
	s.DurationUsable = rapid.IntRange(0, 5).Draw(t, "usable") > 0
	if rapid.Bool().Draw(t, "periods") {
		s.Idle, s.Energy = 0, 0
		starts := rapid.SliceOfNDistinct(rapid.IntRange(0, lasting-1), 0, 3, rapid.ID[int]).Draw(t, "starts")
		if !slices.Contains(starts, 0) {
			starts = append(starts, 0)
		}
		slices.Sort(starts)
		for i, from := range starts {
			to := append(starts[i+1:len(starts):len(starts)], lasting)[0]
			p := Period{Start: s.Start.Add(time.Duration(from) * time.Second), Energy: cdr.MicroKWh(energy.Draw(t, "energy"))}
			p.Idle = time.Duration(rapid.SampledFrom([]int{0, 0, (to - from) / 2, to - from}).Draw(t, "idle")) * time.Second
			s.Periods = append(s.Periods, p)
			s.Energy += p.Energy
			s.Idle += p.Idle
		}
	}
	return s
}

func drawContract(t *rapid.T) Contract {
	return Contract{No: "C", Groups: rapid.SliceOfNDistinct(rapid.SampledFrom(append([]string{"d"}, someGroups...)), 0, 3, rapid.ID[string]).Draw(t, "contract groups")}
}

// shown writes down a case that disagrees.
func shown(tariff Tariff, s Session) string {
	s.TimeZone = nil
	tariff.Code = ""
	rows, err := json.Marshal(tariff)
	return fmt.Sprintf("%s %v %+v", rows, err, s)
}

func TestRateAgreesWithTheWalk(t *testing.T) {
	around := map[string][]time.Time{}
	for _, name := range someZones {
		around[name] = changes(t, zoneOf(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(someZones).Draw(t, "zone")
		change := rapid.SampledFrom(around[name]).Draw(t, "change")
		zone := change.Location()
		tariff, c := drawTariff(t, change)
		contract := drawContract(t)
		s := drawSession(t, change, zone, 4000)
		got, err := Rate(contract, c, s)
		if err != nil {
			t.Fatal(err)
		}
		w := walker{tariff: tariff, contract: contract, session: s, holidays: map[calendar.Date]bool{tariff.Holidays.Days[0]: true}}
		want := w.walk()
		var lines []walkLine
		sum := int64(0)
		for _, l := range got.Lines {
			lines = append(lines, walkLine{l.Component, l.Row, l.Kind, l.Quantity, l.Amount})
			sum += l.Amount
		}
		if !slices.Equal(lines, want.lines) || got.Total != want.total || sum != got.Total {
			t.Fatalf("got  %d %+v\nwant %d %+v\n%s", got.Total, lines, want.total, want.lines, shown(tariff, s))
		}
		if got.Held != want.noPrice || slices.Contains(got.Flags, NoPrice) != want.noPrice || slices.Contains(got.Flags, TimeNotBillable) != want.unsure {
			t.Fatalf("held %v, flags %v, want %+v\n%s", got.Held, got.Flags, want, shown(tariff, s))
		}
		trace := checkReplay(t, got)
		for _, text := range trace.Explain() {
			if text == "" {
				t.Fatalf("an empty explanation: %q", trace.Explain())
			}
		}
		if back := Reverse(got); back.Total != -got.Total || !sameRated(Reverse(back), got) {
			t.Fatalf("reversed %+v\nrated %+v", back, got)
		}
		for i, l := range Reverse(got).Lines {
			if o := got.Lines[i]; l.Exact != -o.Exact || l.Amount != -o.Amount || l.Quantity != -o.Quantity || l.Unit != o.Unit || l.VATCode != o.VATCode {
				t.Fatalf("reversed %+v\nrated %+v", l, o)
			}
		}
	})
}

// The order in which rows and values are written changes neither a price nor the hash.
func TestOrderOfRowsAndValuesMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, c := drawTariff(t, noon)
		turned := tariff
		turned.Rows = slices.Clone(rapid.Permutation(tariff.Rows).Draw(t, "order"))
		for i := range turned.Rows {
			r := &turned.Rows[i]
			for _, list := range []*[]string{&r.Groups, &r.Locations, &r.Countries, &r.Power} {
				*list = slices.Clone(*list)
				slices.Reverse(*list)
			}
			r.Moving.Times, r.Moving.Days = slices.Clone(r.Moving.Times), slices.Clone(r.Moving.Days)
			slices.Reverse(r.Moving.Times)
			slices.Reverse(r.Moving.Days)
		}
		other, err := Compile(turned)
		if err != nil {
			t.Fatal(err)
		}
		contract := drawContract(t)
		s := drawSession(t, noon, time.UTC, 4000)
		a, _ := Rate(contract, c, s)
		b, _ := Rate(contract, other, s)
		a.Trace, b.Trace = nil, nil // which of two equal rivals is named as rejected may differ
		if !reflect.DeepEqual(a, b) || c.Hash() != other.Hash() {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func TestStoredTariffPricesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, c := drawTariff(t, noon)
		b, err := json.Marshal(tariff)
		if err != nil {
			t.Fatal(err)
		}
		var back Tariff
		if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, tariff) {
			t.Fatalf("%s reads as %+v, %v", b, back, err)
		}
		again, err := Compile(back)
		if err != nil || again.Hash() != c.Hash() {
			t.Fatalf("%v: hash %x, want %x", err, again.Hash(), c.Hash())
		}
	})
}
