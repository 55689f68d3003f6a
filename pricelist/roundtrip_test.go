package pricelist

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// The hand-made generator draws tariffs as Parse returns them: sorted days, unique names, whole seconds.
var names = []string{"staff", "gold", "A B", "a, b", "DE*ABC*E1", "*star", "no", "null", "ümlaut", "quote\"d", "back\\slash", "#hash", "1", "-", "&x", "a: b", "line\nbreak", "'", "é\u2028x", "{x}", "@"}

func drawNames(r *rapid.T, label string) []string {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(r, label)
	if len(list) == 0 {
		return nil
	}
	return list
}

func drawPrice(r *rapid.T, c component) rating.Price {
	most := int64(999_999_999_999)
	p := rating.Price{Unit: money.Price(rapid.Int64Range(0, most).Draw(r, "unit")), VATCode: rapid.SampledFrom([]string{"standard", "penalty", "x"}).Draw(r, "vat")}
	measured := c.timed || c.unit == "kWh"
	switch rapid.IntRange(0, 5).Draw(r, "rules") {
	case 0:
		if measured && rapid.Bool().Draw(r, "free") {
			if c.timed {
				p.FreeTime = time.Duration(rapid.Int64Range(1, 86400).Draw(r, "free s")) * time.Second
			} else {
				p.FreeEnergy = cdr.MicroKWh(rapid.Int64Range(1, 1e9).Draw(r, "free µ"))
			}
			p.Grace = rapid.SampledFrom([]rating.Grace{"", rating.Cliff}).Draw(r, "grace")
		}
	case 1:
		if measured {
			p.Step, p.StartedBlock = rapid.Int64Range(1, 100_000).Draw(r, "step"), rapid.Bool().Draw(r, "block")
		}
	case 2:
		if c.name == rating.Export {
			return p
		}
		p.Cap, p.CapPerDay = money.Price(rapid.Int64Range(1, most).Draw(r, "cap")), rapid.Bool().Draw(r, "per day")
	case 3:
		if c.name == rating.Export {
			return p
		}
		p.PassThrough, p.Markup = true, money.Fraction(rapid.Int64Range(0, 10_000_000).Draw(r, "markup"))
	case 4:
		if c.name == rating.Energy {
			p.Unit, p.Volume = 0, rapid.Bool().Draw(r, "volume")
			below := cdr.MicroKWh(0)
			for range rapid.IntRange(0, 3).Draw(r, "tiers") {
				below += cdr.MicroKWh(rapid.Int64Range(1, 1e9).Draw(r, "width"))
				p.Tiers = append(p.Tiers, rating.Tier{Below: below, Unit: 1})
			}
			p.Tiers = append(p.Tiers, rating.Tier{Unit: 2})
		}
	}
	return p
}

func drawRow(r *rapid.T, i int) rating.Row {
	row := rating.Row{
		ID: fmt.Sprintf("row %d", i), Priority: rapid.IntRange(-3, 3).Draw(r, "priority"),
		Contracts: drawNames(r, "contracts"), Customers: drawNames(r, "customers"), Groups: drawNames(r, "groups"), EVSEs: drawNames(r, "evses"),
		Locations: drawNames(r, "locations"), Zones: drawNames(r, "zones"), Operators: drawNames(r, "operators"),
		Prices: map[rating.Component]rating.Price{},
	}
	if rapid.Bool().Draw(r, "closed keys") {
		row.Countries = []string{"DE", "AT"}
		row.Power = []string{rapid.SampledFrom([]string{"AC", "50-", "0-11", "11-49.9", "0.001-"}).Draw(r, "power")}
		row.Channels = []string{"ad_hoc", "plug_and_charge"}
	}
	if rapid.Bool().Draw(r, "moving") {
		row.Moving = drawMoving(r)
	}
	n := rapid.IntRange(0, len(components)-1).Draw(r, "first component")
	for _, c := range components[n:min(n+3, len(components))] {
		row.Prices[c.name] = drawPrice(r, c)
	}
	return row
}

func drawMoving(r *rapid.T) rating.Moving {
	var m rating.Moving
	from := calendar.NewDate(2026, 1, 1+rapid.IntRange(0, 400).Draw(r, "from"))
	switch rapid.IntRange(0, 3).Draw(r, "dates") {
	case 0:
		m.DateFrom = from
	case 1:
		m.DateTo = from
	case 2:
		m.DateFrom, m.DateTo = from, from.AddDays(rapid.IntRange(1, 60).Draw(r, "days"))
	}
	for d := rating.Day(1); d <= 7; d++ {
		if rapid.Bool().Draw(r, "day") {
			m.Days = append(m.Days, d)
		}
	}
	if rapid.Bool().Draw(r, "types") {
		m.DayTypes = []rating.DayType{rating.Holiday, rating.Weekend}
	}
	if rapid.Bool().Draw(r, "times") {
		a := rapid.IntRange(0, 1439).Draw(r, "a")
		b := rapid.IntRange(0, 1440).Filter(func(b int) bool { return b != a }).Draw(r, "b")
		m.Times, m.DayOfStart = []rating.Window{{From: a, To: b}}, rapid.Bool().Draw(r, "first day")
	}
	if rapid.Bool().Draw(r, "since") {
		m.AfterTime = time.Duration(rapid.Int64Range(1, 86400).Draw(r, "after")) * time.Second
		m.UntilTime = m.AfterTime + time.Minute
		if rapid.Bool().Draw(r, "by energy") {
			m.AfterEnergy = cdr.MicroKWh(rapid.Int64Range(0, 1e9).Draw(r, "after µ"))
		}
	}
	return m
}

func drawTariff(r *rapid.T) rating.Tariff {
	t := rating.Tariff{
		Code: "T", Version: rapid.IntRange(1, 99).Draw(r, "version"), ValidFrom: time.Unix(rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(r, "valid"), 0).UTC(),
		Currency: "EUR", Mode: rating.Net, ZeroBelow: defaultZeroBelow, ZeroUnder: defaultZeroUnder,
	}
	if rapid.Bool().Draw(r, "ends") {
		t.ValidTo = t.ValidFrom.Add(400 * 24 * time.Hour)
	}
	if rapid.Bool().Draw(r, "limits") {
		t.SessionMin, t.SessionMax, t.MinOnZero, t.LimitVAT = 1, 2_500_000, true, "standard"
	}
	if rapid.Bool().Draw(r, "no zero rule") {
		t.ZeroBelow, t.ZeroUnder = 0, 0
	}
	t.Round = rapid.SampledFrom([]rating.RoundAt{"", rating.AtSession, rating.AtDocument}).Draw(r, "round")
	t.Rounding = rapid.SampledFrom(roundings).Draw(r, "rounding").mode
	t.Split = rapid.SampledFrom([]rating.EnergySplit{"", rating.SplitLinear, rating.SplitReadings}).Draw(r, "split")
	first, last := holidayYears(t)
	switch rapid.IntRange(0, 2).Draw(r, "holidays") {
	case 0:
		days, _ := GermanHolidays("DE-BY", first, last)
		t.Holidays = &rating.Holidays{Name: "DE-BY", Days: days}
	case 1:
		days, _ := GermanHolidays("DE", first, first)
		t.Holidays = &rating.Holidays{Name: "DE", Days: days}
	default:
		t.Holidays = &rating.Holidays{Name: "our own", Days: []calendar.Date{{Year: 2026, Month: 12, Day: 24}}}
	}
	if rapid.Bool().Draw(r, "base") {
		t.Rows = append(t.Rows, rating.Row{ID: baseRow, Prices: map[rating.Component]rating.Price{rating.Energy: drawPrice(r, components[0])}})
	}
	for i := range rapid.IntRange(0, 4).Draw(r, "rows") {
		t.Rows = append(t.Rows, drawRow(r, i))
	}
	if len(t.Rows) == 0 {
		t.Rows = append(t.Rows, drawRow(r, 9))
	}
	if rapid.Bool().Draw(r, "discounts") {
		t.Free = []rating.Component{rating.Idle, rating.Export}
		t.Discounts = []rating.Discount{
			{ID: "a", Groups: drawNames(r, "groups"), Percent: money.Fraction(rapid.Int64Range(1, 1_000_000).Draw(r, "percent")), BestOf: "x y"},
			{ID: "b", Components: []rating.Component{rating.Energy, rating.PerUse}, Amount: money.Price(rapid.Int64Range(1, 1e9).Draw(r, "amount"))},
		}
	}
	return t
}

// What is written is read back as it was.
func TestWriteThenParse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want := drawTariff(r)
		text := Write(want)
		got, faults := Parse("t.yaml", text, Known{})
		if len(faults) > 0 {
			r.Fatalf("%v\n%s", faults, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%s\n%s", diff, text)
		}
	})
}

// FuzzParse: whatever is read does not panic, and what is accepted can be written and read back unchanged. The same bytes
// give the same faults.
func FuzzParse(f *testing.F) {
	f.Add([]byte(simple))
	f.Add([]byte(full))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("price: {energy: {tiers: [{to: 1 kWh, price: 1}, {price: 2}]}}\nrows:\n- id: x\n  when: {days: Fr-Mo, after: 1 h 2 min}"))
	for i := range mistakes {
		f.Add([]byte(mistakes[i].new))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, faults := Parse("f", data, world)
		if len(faults) > 0 {
			_, again := Parse("f", data, world)
			if diff := cmp.Diff(faults, again); diff != "" {
				t.Fatal(diff)
			}
			return
		}
		back, faults := Parse("f", Write(got), Known{})
		if len(faults) > 0 {
			t.Fatalf("%v\n%s", faults, Write(got))
		}
		if diff := cmp.Diff(got, back); diff != "" {
			t.Fatalf("%s\n%s", diff, Write(got))
		}
	})
}
