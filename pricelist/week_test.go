package pricelist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/rating"
)

const weekText = head + `holidays: {name: X, dates: [2026-12-24]}
price: {energy: 0.49}
rows:
  - {id: night, when: {time: 22:00-06:00}, price: {energy: 0.39}}
  - {id: free-days, priority: 1, when: {day_type: [weekend, holiday]}, price: {energy: 0.37}}
  - {id: summer, priority: 2, when: {dates: 2026-07-01 to 2026-08-31, time: 12:00-15:30}, price: {energy: 0.29}}
  - {id: staff, priority: 3, when: {groups: staff}, price: {energy: 0.30}}
  - {id: block, when: {after: 240 min, time: 08:00-22:00}, price: {occupancy: {price: 0.10, cap: 12.00}}}
  - {id: garage, when: {locations: G, days: Mo-Sa, time: 07:30-19:00}, price: {idle: 0.05}}
`

func weeksOfText(t *testing.T, text string) (rating.Tariff, []Week) {
	t.Helper()
	tariff := parsed(t, text)
	compiled, err := rating.Compile(tariff)
	if err != nil {
		t.Fatal(err)
	}
	weeks, more := Weeks(tariff, Engine(compiled))
	if more != 0 {
		t.Errorf("%d kinds are left out", more)
	}
	return tariff, weeks
}

// What differs is shown, and nothing twice.
func TestWeeksWorthShowing(t *testing.T) {
	_, weeks := weeksOfText(t, weekText)
	var got []string
	for i := range weeks {
		got = append(got, weeks[i].Title())
	}
	want := []string{
		"energy per kWh for all others, until 2026-06-30 and from 2026-09-01",
		"energy per kWh for all others, 2026-07-01 to 2026-08-31",
		"energy per kWh for group staff",
		"idle per min for location G",
		"occupancy per min, in the first 240 min",
		"occupancy per min, from 240 min after the start",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The picture in letters, as somebody would draw it by hand.
func TestScreen(t *testing.T) {
	_, weeks := weeksOfText(t, weekText)
	night := strings.Repeat("b", 12) + strings.Repeat("c", 32) + "bbbb"
	free := strings.Repeat("a", 48)
	want := "Energy per kWh for all others, until 2026-06-30 and from 2026-09-01, EUR\n" +
		"        00  02  04  06  08  10  12  14  16  18  20  22  \n" +
		"Mo      " + night + "\nTu      " + night + "\nWe      " + night + "\nTh      " + night + "\nFr      " + night + "\n" +
		"Sa      " + free + "\nSu      " + free + "\nHoliday " + free + "\n" +
		"      a 0.37 per kWh: Sa, Su, holidays all day\n      b 0.39 per kWh: Mo-Fr 22:00-06:00\n      c 0.49 per kWh: Mo-Fr 06:00-22:00\n"
	if got := weeks[0].Screen("EUR", false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	gap := "Idle per min for location G, EUR\n" +
		"        00  02  04  06  08  10  12  14  16  18  20  22  \n"
	for _, d := range []string{"Mo", "Tu", "We", "Th", "Fr", "Sa"} {
		gap += d + "      " + strings.Repeat("!", 15) + strings.Repeat("a", 23) + strings.Repeat("!", 10) + "\n"
	}
	gap += "Su      " + strings.Repeat("!", 48) + "\n      a 0.05 per min: Mo-Sa 07:30-19:00\n      ! no price: Mo-Sa 19:00-07:30; Su all day\n"
	if got := weeks[3].Screen("EUR", false); got != gap {
		t.Errorf("got\n%s\nwant\n%s", got, gap)
	}
	coloured := weeks[3].Screen("EUR", true)
	if !strings.Contains(coloured, "\x1b[48;5;160m") || strings.Count(coloured, "\x1b[0m") != strings.Count(coloured, "\x1b[48") {
		t.Errorf("colours: %q", coloured)
	}
}

// The same price has the same colour in every picture of a component, and dearer ones are stronger.
func TestShades(t *testing.T) {
	_, weeks := weeksOfText(t, weekText)
	seen := map[string]int{}
	for _, w := range weeks {
		if w.Component != rating.Energy {
			continue
		}
		for i, s := range w.Steps {
			if before, ok := seen[s.Text]; ok && before != s.Shade {
				t.Errorf("%s has the shades %d and %d", s.Text, before, s.Shade)
			}
			seen[s.Text] = s.Shade
			if i > 0 && s.Shade <= w.Steps[i-1].Shade {
				t.Errorf("%s is no stronger than %s", s.Text, w.Steps[i-1].Text)
			}
		}
	}
	for n := 1; n <= 40; n++ {
		for step := range n {
			if s := shadeOf(step, n); s < 0 || s >= shades || step > 0 && s < shadeOf(step-1, n) {
				t.Errorf("step %d of %d has shade %d", step, n, s)
			}
		}
	}
}

func wellFormed(data []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Names in a tariff are foreign text: none of them gets out of its place.
func TestPictureWithHostileNames(t *testing.T) {
	const evil = "<script>alert(\"x\")</script>&\x00\x1b]0;'"
	tariff := rating.Tariff{
		Code: evil, Version: 1, ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Currency: "EUR", Mode: rating.Gross,
		Rows: []rating.Row{
			{ID: evil, Groups: []string{evil}, Moving: rating.Moving{Times: []rating.Window{{From: 0, To: 61}}}, Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 1, VATCode: evil}}},
		},
		Discounts: []rating.Discount{{ID: evil, Amount: 1, Groups: []string{evil}, BestOf: evil}},
		Holidays:  &rating.Holidays{Name: evil},
	}
	weeks, _ := Weeks(tariff, Rows(tariff))
	if len(weeks) == 0 {
		t.Fatal("there is no week")
	}
	for i := range weeks {
		if err := wellFormed(weeks[i].SVG("EUR")); err != nil {
			t.Error(err)
		}
	}
	page := string(Page(tariff, View{Weeks: weeks, More: 3, Findings: []Finding{{Error, Gap, evil, evil}}}))
	if strings.Contains(page, "<script") || strings.ContainsAny(page, "\x00\x1b") {
		t.Error("a name became markup")
	}
	for _, part := range []string{"3 more combinations", "cannot be published yet", "Valid from 2026-01-01 (UTC)"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	if strings.ContainsAny(weeks[0].Screen("EUR", false), "\x00\x1b") {
		t.Error("a name reached the terminal as it was")
	}
}

// Day and night, drawn to scale: 06:00 and 22:00 lie a quarter and eleven twelfths along the axis of 792 units from 66 on.
func TestSVG(t *testing.T) {
	tariff, weeks := weeksOfText(t, head+"rows:\n  - {id: n, when: {time: 22:00-06:00}, price: {energy: 0.39}}\n  - {id: d, when: {time: 06:00-22:00}, price: {energy: 0.49}}\n")
	svg := string(weeks[0].SVG(tariff.Currency))
	if err := wellFormed([]byte(svg)); err != nil {
		t.Error(err)
	}
	for _, part := range []string{
		`x="264" y="46" width="527"`, // 66 + 792/4, to 66 + 792*22/24 = 792
		`<title>Mo 06:00-22:00: 0.49 per kWh (row d)</title>`, "0.39 per kWh · Mo-Su 22:00-06:00", "Energy per kWh, EUR",
	} {
		if !strings.Contains(svg, part) {
			t.Errorf("the picture has no %s\n%s", part, svg)
		}
	}
	if strings.Contains(svg, `fill="url(#wk-gap)"`) {
		t.Error("hours are hatched although all have a price")
	}
}

// fewKeys takes most static keys out of rows, so that rows meet.
func fewKeys(r *rapid.T, t *rating.Tariff) {
	for i := range t.Rows {
		row := &t.Rows[i]
		row.Contracts, row.Customers, row.EVSEs, row.Zones, row.Operators = nil, nil, nil, nil, nil
		if rapid.Bool().Draw(r, "everywhere") {
			row.Groups, row.Locations = nil, nil
		}
		if rapid.Bool().Draw(r, "any power") {
			row.Countries, row.Power, row.Channels = nil, nil, nil
		}
	}
}

// edges are the instants at which rows of a tariff begin or end for a session, in the zone of the session.
func edges(t *rating.Tariff, s *rating.Session) []time.Time {
	list := []time.Time{s.Start, s.Start.Add(90 * time.Minute)}
	first := calendar.DateOf(s.Start, s.TimeZone)
	for _, row := range t.Rows {
		m := row.Moving
		list = append(list, s.Start.Add(m.AfterTime), s.Start.Add(m.UntilTime))
		for n := range 3 {
			midnight := first.AddDays(n).Start(s.TimeZone)
			list = append(list, midnight)
			for _, w := range m.Times {
				list = append(list, midnight.Add(time.Duration(w.From)*time.Minute), midnight.Add(time.Duration(w.To)*time.Minute))
			}
		}
	}
	return list
}

// The rows as this package reads them and the engine find the same row for every kind of session at every edge, a second
// before it and a second after: two programs, written apart.
func TestRowsAgreeWithTheEngine(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tariff := drawTariff(r)
		if rapid.Bool().Draw(r, "few keys") {
			fewKeys(r, &tariff)
		}
		compiled, err := rating.Compile(tariff)
		if err != nil {
			return // overlaps; another test is about them
		}
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}).Draw(r, "zone"))
		if err != nil {
			r.Fatal(err)
		}
		rows, engine := Rows(tariff), Engine(compiled)
		day := calendar.NewDate(2026, 1, rapid.IntRange(-1, 410).Draw(r, "day"))
		start := day.Start(zone).Add(time.Duration(rapid.Int64Range(0, 24*3600).Draw(r, "start")) * time.Second)
		c := rating.Contract{
			No: pick(r, "contract"), Customer: pick(r, "customer"),
			Groups: rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 8, rapid.ID).Draw(r, "contract groups"),
		}
		s := rating.Session{
			Start: start, End: start.Add(72 * time.Hour), EVSEID: pick(r, "evse"), Location: pick(r, "location"), Zone: pick(r, "zone key"), Operator: pick(r, "operator"),
			Country: rapid.SampledFrom([]string{"DE", "AT", "FR"}).Draw(r, "country"), Power: rapid.SampledFrom([]string{"AC", "DC"}).Draw(r, "power"),
			Watts:   rapid.SampledFrom([]int64{1, 10_999, 11_000, 49_899, 49_900, 50_000, 350_000}).Draw(r, "watts"),
			Channel: rapid.SampledFrom(channels).Draw(r, "channel"), TimeZone: zone, DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true,
		}
		for _, edge := range edges(&tariff, &s) {
			for _, at := range []time.Time{edge.Add(-time.Second), edge, edge.Add(time.Second)} {
				if at.Before(start) {
					continue
				}
				for _, comp := range components {
					row, _, ok := rows(c, s, at, comp.name)
					want, _, wantOK := engine(c, s, at, comp.name)
					if row != want || ok != wantOK {
						r.Fatalf("%s at %s of a session from %s: rows say %q, the engine %q\n%s", comp.word, at.In(zone), start.In(zone), row, want, Write(tariff))
					}
				}
			}
		}
	})
}

func pick(r *rapid.T, label string) string { return rapid.SampledFrom(names).Draw(r, label) }

// What Check lets pass prices every session that can occur: at no moment of the week the engine is without a row, nor does
// it use one that was called unreachable.
func TestCheckAgreesWithTheEngine(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tariff := drawTariff(r)
		fewKeys(r, &tariff)
		for i := range tariff.Rows {
			tariff.Rows[i].Countries, tariff.Rows[i].Power, tariff.Rows[i].Channels = nil, nil, nil
		}
		// The engine looks for overlaps on all days there are, Check on those of the version; here they are the same.
		tariff.ValidFrom, tariff.ValidTo = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), time.Time{}
		compiled, err := rating.Compile(tariff)
		overlap := slices.ContainsFunc(Check(tariff, Ground{}), func(f Finding) bool { return f.Code == Overlap })
		if overlap != (err != nil && strings.Contains(err.Error(), "both price")) {
			r.Fatalf("overlaps found here: %v, the engine says %v\n%s", overlap, err, Write(tariff))
		}
		if err != nil {
			return
		}
		gaps, unreachable := map[string]bool{}, map[string]bool{}
		for _, f := range Check(tariff, Ground{}) {
			if f.Code == Gap {
				word, _, _ := strings.Cut(f.Text, " ")
				gaps[word] = true
			}
			if f.Code == Unreachable && f.Severity == Error {
				unreachable[f.Row] = true
			}
		}
		for _, comp := range components {
			for range 10 { // a row that was called unreachable never wins
				start := tariff.ValidFrom.Add(time.Duration(rapid.Int64Range(0, 500*24*3600).Draw(r, "start")) * time.Second)
				s := rating.Session{Start: start, End: start.Add(30 * time.Hour), Location: pick(r, "location"), TimeZone: time.UTC}
				at := start.Add(time.Duration(rapid.Int64Range(0, 29*3600).Draw(r, "at")) * time.Second)
				if row, _, ok := Engine(compiled)(rating.Contract{Groups: []string{pick(r, "group")}}, s, at, comp.name); ok && unreachable[row] {
					r.Fatalf("row %s wins for %s at %s, but was called unreachable\n%s", row, comp.word, at, Write(tariff))
				}
			}
			has := slices.ContainsFunc(tariff.Rows, func(row rating.Row) bool { _, ok := row.Prices[comp.name]; return ok })
			if !has || gaps[comp.word] || slices.Contains(tariff.Free, comp.name) {
				continue
			}
			for range 20 {
				start := tariff.ValidFrom.Add(time.Duration(rapid.Int64Range(0, 500*24*3600).Draw(r, "start")) * time.Second)
				s := rating.Session{Start: start, End: start.Add(30 * time.Hour), Location: pick(r, "location"), TimeZone: time.UTC}
				at := start.Add(time.Duration(rapid.Int64Range(0, 29*3600).Draw(r, "at")) * time.Second)
				if _, _, ok := Engine(compiled)(rating.Contract{Groups: []string{pick(r, "group")}}, s, at, comp.name); !ok {
					r.Fatalf("%s has no price at %s, and nobody said so\n%s", comp.word, at, Write(tariff))
				}
			}
		}
	})
}
