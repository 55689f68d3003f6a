package rating

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/cdr"
	"wattdue/money"
)

// The walk prices a session a second time from the rules alone: it looks at every row, and counts minutes by stepping
// through the session second by second. It shares no code with the engine, only its types.

type walked struct {
	lines []Line // component, amount and row only
	total int64
	held  bool
	flags []Flag
}

// walkRow finds the row for a component by trying all of them.
func walkRow(rows []Row, groups []string, location string, component Component) (winner *Row, priced bool) {
	matching := func(group string) (list []*Row, byGroup bool) {
		for i := range rows {
			r := &rows[i]
			if _, ok := r.Prices[component]; !ok {
				continue
			}
			if len(r.Locations) > 0 && !slices.Contains(r.Locations, location) {
				continue
			}
			if len(r.Groups) > 0 && (group == "" || !slices.Contains(r.Groups, group)) {
				continue
			}
			byGroup = byGroup || len(r.Groups) > 0
			list = append(list, r)
		}
		return list, byGroup
	}
	for i := range rows {
		if _, ok := rows[i].Prices[component]; ok {
			priced = true
		}
	}
	list, _ := matching("")
	for _, group := range groups {
		if with, ok := matching(group); ok {
			list = with
			break
		}
	}
	for _, r := range list {
		switch {
		case winner == nil, r.Priority > winner.Priority:
			winner = r
		case r.Priority < winner.Priority:
		case len(r.Groups) > 0 && len(winner.Groups) == 0:
			winner = r
		case len(r.Groups) == 0 && len(winner.Groups) > 0:
		case len(r.Locations) > 0 && len(winner.Locations) == 0:
			winner = r
		}
	}
	return winner, priced
}

// cents rounds an exact amount in currency units half away from zero; amounts here are never negative.
func cents(amount *big.Rat) int64 {
	half := new(big.Rat).Add(new(big.Rat).Mul(amount, big.NewRat(100, 1)), big.NewRat(1, 2))
	return new(big.Int).Quo(half.Num(), half.Denom()).Int64()
}

func walk(tariff Tariff, c Contract, s Session) walked {
	var w walked
	lasting := s.End.Sub(s.Start)
	if s.Energy < tariff.ZeroBelow && lasting < tariff.ZeroUnder {
		return walked{flags: []Flag{ZeroSession}}
	}
	noPrice, notProven := false, false
	line := func(component Component, row *Row, millionths *big.Rat) {
		amount := cents(new(big.Rat).Quo(millionths, big.NewRat(1_000_000, 1)))
		w.lines = append(w.lines, Line{Component: component, Row: row.ID, Amount: amount})
		w.total += amount
	}
	if s.Energy > 0 {
		if row, _ := walkRow(tariff.Rows, c.Groups, s.Location, Energy); row == nil {
			noPrice = true
		} else {
			line(Energy, row, new(big.Rat).Mul(big.NewRat(int64(s.Energy), 1_000_000), big.NewRat(int64(row.Prices[Energy].Unit), 1)))
		}
	}
	for _, component := range []Component{Charging, Idle} {
		row, priced := walkRow(tariff.Rows, c.Groups, s.Location, component)
		var used, billed int64
		perSixty := new(big.Int) // millionths times 60
		for second := time.Duration(0); second+time.Second <= lasting; second += time.Second {
			idle := second >= lasting-s.Idle
			if idle != (component == Idle) {
				continue
			}
			used++
			if row != nil && time.Duration(used)*time.Second > row.Prices[component].FreeTime {
				billed++
				perSixty.Add(perSixty, big.NewInt(int64(row.Prices[component].Unit)))
			}
		}
		switch {
		case used == 0 || !priced:
		case !s.DurationUsable:
			notProven = true
		case row == nil:
			noPrice = true
		case billed > 0:
			line(component, row, new(big.Rat).SetFrac(perSixty, big.NewInt(60)))
		}
	}
	if s.Energy > 0 {
		switch row, priced := walkRow(tariff.Rows, c.Groups, s.Location, PerUse); {
		case row != nil:
			line(PerUse, row, big.NewRat(int64(row.Prices[PerUse].Unit), 1))
		case priced:
			noPrice = true
		}
	}
	if noPrice {
		w.flags, w.held = append(w.flags, NoPrice), true
	}
	if notProven {
		w.flags = append(w.flags, TimeNotBillable)
	}
	return w
}

var (
	someGroups    = []string{"a", "b", "c"}
	someLocations = []string{"L1", "L2", "L3"}
)

func drawValues(t *rapid.T, from []string, name string) []string {
	if rapid.Bool().Draw(t, name+" any") {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, 2, rapid.ID[string]).Draw(t, name)
}

// drawTariff draws a publishable tariff: rows that overlap are left out.
func drawTariff(t *rapid.T) (Tariff, *Compiled) {
	tariff := tariffOf()
	tariff.ZeroBelow = cdr.MicroKWh(rapid.SampledFrom([]int64{0, 100_000, 5_000_000}).Draw(t, "zero below"))
	tariff.ZeroUnder = rapid.SampledFrom([]time.Duration{0, 2 * time.Minute, 10 * time.Minute}).Draw(t, "zero under")
	var c *Compiled
	for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
		r := Row{
			ID:        string(rune('A' + i)),
			Priority:  rapid.IntRange(-1, 1).Draw(t, "priority"),
			Groups:    drawValues(t, someGroups, "groups"),
			Locations: drawValues(t, someLocations, "locations"),
			Prices:    map[Component]Price{},
		}
		for _, component := range rapid.SliceOfNDistinct(rapid.SampledFrom([]Component{Energy, Charging, Idle, PerUse}), 1, 4, rapid.ID[Component]).Draw(t, "components") {
			p := at(money.Price(rapid.OneOf(rapid.Int64Range(0, 1_000_000), rapid.SampledFrom([]int64{0, 490_000, 125_000, 300_000})).Draw(t, "unit")))
			if component == Charging || component == Idle {
				p.FreeTime = time.Duration(rapid.SampledFrom([]int{0, 0, 1, 60, 900}).Draw(t, "free")) * time.Second
			}
			r.Prices[component] = p
		}
		wider := tariff
		wider.Rows = append(slices.Clone(tariff.Rows), r)
		if with, err := Compile(wider); err == nil {
			tariff, c = wider, with
		}
	}
	return tariff, c
}

func drawSession(t *rapid.T) Session {
	lasting := rapid.OneOf(rapid.IntRange(0, 4000), rapid.IntRange(0, 700)).Draw(t, "seconds")
	s := session(
		cdr.MicroKWh(rapid.OneOf(rapid.Int64Range(0, 80_000_000), rapid.SampledFrom([]int64{0, 10_500_000, 50_000})).Draw(t, "energy")),
		time.Duration(lasting)*time.Second,
		time.Duration(rapid.IntRange(0, lasting).Draw(t, "idle"))*time.Second,
	)
	s.Location = rapid.SampledFrom([]string{"L1", "L2", "L3", "L4"}).Draw(t, "location")
	s.DurationUsable = rapid.IntRange(0, 3).Draw(t, "usable") > 0
	return s
}

func TestRateAgreesWithTheWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, c := drawTariff(t)
		contract := Contract{No: "C", Groups: rapid.SliceOfNDistinct(rapid.SampledFrom(append([]string{"d"}, someGroups...)), 0, 4, rapid.ID[string]).Draw(t, "contract groups")}
		s := drawSession(t)
		got, err := Rate(contract, c, s)
		if err != nil {
			t.Fatal(err)
		}
		want := walk(tariff, contract, s)
		if got.Total != want.total || got.Held != want.held || !slices.Equal(got.Flags, want.flags) || len(got.Lines) != len(want.lines) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
		sum := int64(0)
		for i, l := range got.Lines {
			w := want.lines[i]
			if l.Component != w.Component || l.Row != w.Row || l.Amount != w.Amount {
				t.Fatalf("line %+v\nwant %+v", l, w)
			}
			sum += l.Amount
		}
		if sum != got.Total {
			t.Fatalf("lines add up to %d, total %d", sum, got.Total)
		}
		trace := checkReplay(t, got)
		for _, text := range trace.Explain() {
			if text == "" {
				t.Fatalf("an empty explanation: %q", trace.Explain())
			}
		}
	})
}

// The order in which rows are written changes neither a price nor the hash.
func TestOrderOfRowsMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, c := drawTariff(t)
		turned := tariff
		turned.Rows = rapid.Permutation(tariff.Rows).Draw(t, "order")
		other, err := Compile(turned)
		if err != nil {
			t.Fatal(err)
		}
		contract := Contract{Groups: rapid.Permutation(someGroups).Draw(t, "groups")}
		s := drawSession(t)
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
		tariff, c := drawTariff(t)
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
