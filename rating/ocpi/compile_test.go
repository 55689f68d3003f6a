package ocpi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/money"
	"wattdue/rating"
)

// TestCompile: the order of the list becomes priority, hours become minutes, percentages VAT codes.
func TestCompile(t *testing.T) {
	c := Compile(tariff(t, `"min_price":{"excl_vat":0.50},`,
		element(`"start_time":"22:00","end_time":"06:00","day_of_week":["SATURDAY"],"min_kwh":5,"max_duration":3600`, "ENERGY 0.30 vat 19 step 500"),
		element("", "ENERGY 0.45 vat 19", "PARKING_TIME 6.00 step 60"),
	))
	if len(c.Tariff.Rows) != 2 || len(c.Beside) != 0 {
		t.Fatalf("%d rows, beside %v", len(c.Tariff.Rows), c.Beside)
	}
	night, day := c.Tariff.Rows[0], c.Tariff.Rows[1]
	if night.Priority <= day.Priority {
		t.Errorf("priorities %d and %d do not descend", night.Priority, day.Priority)
	}
	wantMoving := fmt.Sprint(rating.Moving{
		Days: []rating.Day{6}, Times: []rating.Window{{From: 22 * 60, To: 6 * 60}}, AfterEnergy: 5_000_000, UntilTime: time.Hour,
	})
	if got := fmt.Sprint(night.Moving); got != wantMoving {
		t.Errorf("keys %s, want %s", got, wantMoving)
	}
	wantPrices := map[rating.Component]rating.Price{rating.Energy: {Unit: 300_000, VATCode: "vat-19", Step: 500_000}}
	if got, want := fmt.Sprint(night.Prices), fmt.Sprint(wantPrices); got != want {
		t.Errorf("prices %s, want %s", got, want)
	}
	if got := day.Prices[rating.Idle]; got.Unit != 100_000 || got.Step != 60 || got.VATCode != "vat-unstated" {
		t.Errorf("parking %+v, want 0.10 per minute in steps of 60 s", got)
	}
	if v := c.Tariff; v.SessionMin != 500_000 || !v.MinOnZero || v.LimitVAT != "vat-19" || v.Split != rating.SplitPeriodStart || v.Mode != rating.Net {
		t.Errorf("terms %+v", v)
	}
	if _, err := rating.Compile(c.Tariff); err != nil {
		t.Error(err)
	}
}

// TestBeside: what the matrix cannot say is named, and its element becomes no row.
func TestBeside(t *testing.T) {
	tests := []struct {
		members, element, want string
		rows                   int
	}{
		{"", element(`"max_current":32`, "TIME 3"), "the current of a period", 0},
		{"", element(`"min_power":50`, "TIME 3"), "the power of a period", 0},
		{"", element(`"reservation":"RESERVATION_EXPIRES"`, "FLAT 3"), "a reservation that expired", 0},
		{"", element("", "TIME 1.25"), "no whole number of millionths per minute", 0},
		{"", element("", "ENERGY -0.10"), "the price of ENERGY is negative", 0},
		{"", element("", "WEATHER 1", "ENERGY 1"), "no component of OCPI", 1},
		{"", element("", "ENERGY 1", "ENERGY 2"), "twice; the first counts", 1},
		{"", element("", "FLAT 1"), "a session without energy", 1},
		{"", element("", "TIME 6 step 300", "PARKING_TIME 6"), "not stepped where parking is priced", 1},
		{`"min_price":{"excl_vat":1,"incl_vat":1.19},`, element("", "ENERGY 1"), "each side of tax", 1},
		{`"min_price":{"incl_vat":1.19},`, element("", "ENERGY 1"), "on the other side of tax only", 1},
		{`"max_price":{"excl_vat":0},`, element("", "ENERGY 1"), "cannot be said", 1},
		{"", element(`"max_kwh":0`, "ENERGY 1"), "", 0}, // never applies
		{"", element(`"reservation":"RESERVATION"`, "TIME 6", "FLAT 1"), "", 1},
	}
	for _, tt := range tests {
		c := Compile(tariff(t, tt.members, tt.element))
		if got := fmt.Sprint(c.Beside); len(c.Tariff.Rows) != tt.rows || tt.want == "" && len(c.Beside) > 0 || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %d rows, beside %s; want %d rows, %q", tt.element, len(c.Tariff.Rows), got, tt.rows, tt.want)
		}
	}
}

// TestBothEngines: where nothing stands beside the rows, a record whose periods are split where prices change costs the same
// by the matrix, which knows nothing of OCPI.
func TestBothEngines(t *testing.T) {
	place := zone(t, "Europe/Berlin")
	rapid.Check(t, func(rt *rapid.T) {
		tariff := drawTariff(rt)
		compiled := Compile(tariff)
		rows, err := rating.Compile(compiled.Tariff)
		if err != nil || len(compiled.Beside) > 0 {
			rt.Fatalf("%v, beside %v", err, compiled.Beside)
		}
		m := drawSession(rt, place)
		periods, err := Segment(tariff, m)
		if err != nil {
			rt.Fatal(err)
		}
		total := record(t, total221)
		total.Start, total.End, total.Periods = m.Start, m.End, periods
		p, err := Price(total, []Tariff{tariff}, Options{Zone: place})
		if err != nil {
			rt.Fatal(err)
		}
		if hasFlag(p, rating.SpansPriceChange) {
			rt.Fatalf("the periods are not split: %v", p.Findings)
		}
		s := rating.Session{
			ID: "C", Start: m.Start, End: m.End, TimeZone: place, DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true,
		}
		for _, p := range periods {
			s.Energy, s.Idle = s.Energy+p.Energy, s.Idle+p.Parking
			s.Periods = append(s.Periods, rating.Period{Start: p.Start, Energy: p.Energy, Idle: p.Parking})
		}
		rated, err := rating.Rate(rating.Contract{}, rows, s)
		if err != nil {
			rt.Fatal(err)
		}
		var sum money.Exact
		for _, l := range rated.Lines {
			sum += l.Exact
		}
		if sum != p.Total.ExclVAT.Exact {
			rt.Fatalf("the matrix asks %s (%v), OCPI %s\nrows %+v\nperiods %+v", sum, rated.Flags, p.Total.ExclVAT.Exact, compiled.Tariff.Rows, periods)
		}
	})
}

// drawTariff has elements by the hour, the day, duration and energy, and a last one without restrictions.
func drawTariff(t *rapid.T) Tariff {
	v := Tariff{ID: "T", Currency: money.EUR}
	price := func(kind string, unit int64) PriceComponent {
		return PriceComponent{Type: kind, Price: money.Price(unit * rapid.Int64Range(0, 20).Draw(t, kind))}
	}
	for range rapid.IntRange(0, 4).Draw(t, "elements") {
		var e Element
		m := &e.Restrictions.Moving
		if rapid.Bool().Draw(t, "timed") {
			m.Times = []rating.Window{{From: rapid.IntRange(0, 23).Draw(t, "from") * 60, To: rapid.IntRange(0, 23).Draw(t, "to") * 60}}
		}
		if rapid.Bool().Draw(t, "by day") {
			m.Days = []rating.Day{rating.Day(rapid.IntRange(1, 7).Draw(t, "day"))}
		}
		if rapid.Bool().Draw(t, "by duration") {
			m.AfterTime = time.Duration(rapid.IntRange(1, 300).Draw(t, "after")) * time.Minute
		}
		e.Components = []PriceComponent{price("ENERGY", 10_000)}
		if rapid.Bool().Draw(t, "time") {
			e.Components = append(e.Components, price("TIME", 60_000), price("PARKING_TIME", 120_000))
		}
		v.Elements = append(v.Elements, e)
	}
	last := Element{Components: []PriceComponent{price("ENERGY", 10_000)}}
	v.Elements = append(v.Elements, last)
	return v
}

// drawSession begins around the autumn change of the clock and charges, pauses and charges again.
func drawSession(t *rapid.T, place *time.Location) Metered {
	start := time.Date(2025, 10, 25, 12, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 24*60).Draw(t, "start")) * time.Minute)
	m := Metered{Start: start, Zone: place, Energy: []Sample{{At: start}}}
	var energy int64
	for i, n := range rapid.SliceOfN(rapid.IntRange(1, 300), 1, 4).Draw(t, "minutes") {
		start = start.Add(time.Duration(n) * time.Minute)
		if i%2 == 0 {
			energy += int64(n) * 60_000 * 3
		}
		m.Energy = append(m.Energy, Sample{At: start, Micro: energy})
	}
	m.End = start
	return m
}
