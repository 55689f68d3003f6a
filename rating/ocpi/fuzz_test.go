package ocpi

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/cdr"
)

// seeds are texts of ours in the forms of all versions.
func seeds() (tariffs, records []string) {
	tariffs = []string{
		tariffText("", element("", "ENERGY 0.25 vat 19 step 1", "TIME 3 step 60", "PARKING_TIME 6 step 300", "FLAT 0.5")),
		tariffText(`"tax_included":"YES","min_price":{"before_taxes":0.5,"after_taxes":"0.6"},`,
			element(`"start_time":"22:00","end_time":"06:00","min_kwh":1`, "ENERGY 1e-1")),
		tariffText(`"max_price":{"excl_vat":5},"start_date_time":"2025-01-01T00:00:00Z",`,
			element(`"reservation":"RESERVATION","day_of_week":["MONDAY"]`, "TIME 5")),
		`{"status_code":1000,"data":[` + tariffText("", element(`"max_current":32,"min_power":1`, "SESSION_TIME 1")) + `]}`,
		`{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.492,` +
			`"price_round":{"round_rule":"ROUND_UP","round_granularity":"UNIT"}}]}]}`,
	}
	for i, members := range []string{
		`"total_cost":1,"stop_date_time":"2025-06-03T12:00:00Z",`, `"total_cost":{"excl_vat":1,"incl_vat":"1.2"},`,
		`"total_cost":{"before_taxes":1,"taxes":[{"amount":0.1}]},`, `"credit":true,"credit_reference_id":"X",`,
	} {
		records = append(records, `{`+members+`"id":"C","currency":"EUR","charging_periods":[`+
			period([]string{"10:00 ENERGY 1 TIME 0.5", "10:30 PARKING_TIME 0.1667 MIN_CURRENT 6", "09:00 RESERVATION_TIME 1", "00:00 POWER 3"}[i])+
			`],"tariffs":[`+tariffs[0]+`],"total_energy":1,"total_time":0.5}`)
	}
	return tariffs, records
}

// FuzzParseTariff: whatever comes is read or refused, and what is read can be compiled and priced.
func FuzzParseTariff(f *testing.F) {
	tariffs, _ := seeds()
	for _, text := range tariffs {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := ParseTariff(text)
		if err != nil {
			return
		}
		Compile(v)
		c := CDR{Version: V221, Currency: v.Currency, Start: clock(10, 0), End: clock(11, 0), Periods: []Period{
			{Start: clock(10, 0), Energy: 1e6, Charging: time.Hour / 2, Has: HasEnergy | HasTime},
			{Start: clock(10, 30), Parking: time.Hour / 2, Has: HasParking},
		}}
		if p, err := Price(c, []Tariff{v}, Options{}); err == nil {
			checkSums(t, &p)
		}
		list, err := Segment(v, Metered{Start: clock(10, 0), End: clock(12, 0), Energy: rising(10, 2)})
		var energy cdr.MicroKWh
		for _, p := range list {
			energy += p.Energy
		}
		if err == nil && energy != 12_000_000 {
			t.Errorf("12 kWh became %s in %d periods", energy.KWh(), len(list))
		}
	})
}

// FuzzParseCDR: whatever comes is read or refused, and what is read is priced or refused.
func FuzzParseCDR(f *testing.F) {
	_, records := seeds()
	for _, text := range records {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCDR(text)
		if err != nil {
			return
		}
		DecideCredit(c, &Original{CDR: c, Priced: true})
		p, err := Price(c, nil, Options{})
		if err != nil {
			return
		}
		checkSums(t, &p)
		p.View()
	})
}

// checkSums holds lines, parts and total against each other.
func checkSums(t interface{ Errorf(string, ...any) }, p *Priced) {
	lines, limits := nothing, nothing
	var err error
	for _, l := range p.Lines {
		if lines, err = lines.add(l.Amount); err != nil {
			return
		}
		if l.Label != "" {
			if limits, err = limits.add(l.Amount); err != nil {
				return
			}
		}
	}
	parts := limits
	for _, a := range []Amount{p.Fixed, p.Energy, p.Time, p.Parking, p.Reservation} {
		if parts, err = parts.add(a); err != nil {
			return
		}
	}
	if lines != p.Total || parts != p.Total {
		t.Errorf("total %s, lines %s, parts %s", both(p.Total), both(lines), both(parts))
	}
}

// TestOrderOfArrival: the order in which periods come changes flags, and no amount.
func TestOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := drawTariff(rt)
		for i := range v.Elements {
			v.Elements[i].Components[0].Step = rapid.Int64Range(0, 2000).Draw(rt, "step")
		}
		m := drawSession(rt, time.UTC)
		periods, err := Segment(v, m)
		if err != nil {
			rt.Fatal(err)
		}
		c := CDR{ID: "C", Version: V221, Currency: v.Currency, Start: m.Start, End: m.End, Periods: periods}
		want, err := Price(c, []Tariff{v}, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		checkSums(rt, &want)
		c.Periods = rapid.Permutation(periods).Draw(rt, "order")
		got, err := Price(c, []Tariff{v}, Options{})
		if err != nil || got.Costs != want.Costs {
			rt.Fatalf("%v: got %s, want %s", err, both(got.Total), both(want.Total))
		}
		moved := !slices.EqualFunc(periods, c.Periods, func(a, b Period) bool { return a.Start.Equal(b.Start) })
		if moved != hasFlag(got, "PERIODS_OUT_OF_ORDER") {
			rt.Fatalf("moved %v, flags %s", moved, flagsOf(got))
		}
	})
}

// TestHostileSizes: what claims much is refused before it costs much.
func TestHostileSizes(t *testing.T) {
	one := element("", "ENERGY 1")
	many := tariffText("", strings.TrimSuffix(strings.Repeat(one+",", maxElements+1), ","))
	if _, err := ParseTariff([]byte(many)); err == nil || !strings.Contains(err.Error(), "at most 5000") {
		t.Errorf("too many elements: %v", err)
	}
	if _, err := ParseTariff([]byte("[" + strings.Repeat("0,", maxNodes) + "0]")); err == nil || !strings.Contains(err.Error(), "values") {
		t.Errorf("too many values: %v", err)
	}
	v := Tariff{ID: "T", Currency: "EUR", Elements: make([]Element, maxElements)}
	c := CDR{ID: "C", Currency: "EUR", Periods: make([]Period, maxPeriods)}
	for i := range c.Periods {
		c.Periods[i] = Period{Start: clock(0, 0).Add(time.Duration(i) * time.Second), Energy: 1, Has: HasEnergy}
	}
	if _, err := Price(c, []Tariff{v}, Options{}); err == nil || !strings.Contains(err.Error(), "too many for a tariff of 5000 elements") {
		t.Errorf("too much work: %v", err)
	}
}
