package pricelist

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wattdue/rating"
)

// matrixText is what the tests of two versions change.
const matrixText = head + `price:
  energy: 0.49
  idle: {price: 0.10, free: 15 min, cap: 12.00}
rows:
  - id: night
    when: {time: 22:00-06:00}
    price: {energy: 0.39}
  - id: staff
    when: {groups: staff}
    price: {energy: 0.30, session: 0}
discounts:
  - {id: loyal, groups: gold, on: energy, minus: 10 %}
session_maximum: 60.00
free: session
holidays: {name: X, dates: [2026-12-24]}
`

// versions is one change of the matrix: how it is told, and whether it can cost more.
var versions = []struct {
	old, new string
	diff     string // lines, parted by |
	dearer   string // a part of the reason; empty: not dearer
}{
	{"0.39", "0.42", "row night, energy: price: 0.39 -> 0.42", "energy, row night: 0.42 per kWh instead of 0.39 per kWh"},
	{"0.39", "0.29", "row night, energy: price: 0.39 -> 0.29", ""},
	{"22:00-06:00", "23:00-06:00", "row night: time: 22:00-06:00 -> 23:00-06:00", "energy, row base instead of night: 0.49 per kWh instead of 0.39 per kWh"},
	{"22:00-06:00", "21:00-06:00", "row night: time: 22:00-06:00 -> 21:00-06:00", ""},
	{"{time: 22:00-06:00}", "{time: 22:00-06:00, days: Mo-Fr}", "row night: days: any -> Mo-Fr", "energy, row base instead of night"},
	{"  - id: night\n    when: {time: 22:00-06:00}\n    price: {energy: 0.39}\n", "", "row night: taken out (time: 22:00-06:00): energy 0.39 per kWh", "row base instead of night"},
	{"discounts:", "  - id: noon\n    when: {time: 12:00-13:00}\n    price: {energy: 0.45}\ndiscounts:", "row noon: added (time: 12:00-13:00): energy 0.45 per kWh", ""},
	{"discounts:", "  - id: noon\n    when: {time: 12:00-13:00}\n    price: {energy: 0.55}\ndiscounts:", "row noon: added (time: 12:00-13:00): energy 0.55 per kWh", "row noon instead of base: 0.55"},
	{"free: 15 min", "free: 20 min", "row base, idle: price: 0.10 per min, 15 min free, at most 12.00 per session -> 0.10 per min, 20 min free, at most 12.00 per session", ""},
	{"free: 15 min", "free: 10 min", "row base, idle: price: 0.10 per min, 15 min free, at most 12.00 per session -> 0.10 per min, 10 min free, at most 12.00 per session", "idle, row base"},
	{"cap: 12.00", "cap: 15.00", "row base, idle: price: 0.10 per min, 15 min free, at most 12.00 per session -> 0.10 per min, 15 min free, at most 15.00 per session", "idle, row base"},
	{", cap: 12.00", "", "row base, idle: price: 0.10 per min, 15 min free, at most 12.00 per session -> 0.10 per min, 15 min free", "idle, row base"},
	{"free: 15 min", "free: 15 min, grace: cliff", "row base, idle: price: 0.10 per min, 15 min free, at most 12.00 per session -> 0.10 per min, 15 min free, everything billed once that is exceeded, at most 12.00 per session", "idle, row base"},
	{"cap: 12.00", "cap: 12.00, step: 5 min", "row base, idle: price: 0.10 per min, 15 min free, at most 12.00 per session -> 0.10 per min, in steps of 5 min, 15 min free, at most 12.00 per session", "idle, row base"},
	{"groups: staff", "groups: [staff, gold]", "row staff: groups: staff -> gold, staff", "another customer group may now decide the price"},
	{"session: 0}", "session: 0.35}", "row staff, session: price: 0.00 -> 0.35", "session, row staff"},
	{", session: 0}", "}", "row staff, session: price taken out (0.00 per session)", ""},
	{"minus: 10 %", "minus: 5 %", "discount loyal: changed: 10 % off energy for gold -> 5 % off energy for gold", "the discount loyal goes from 10 % to 5 %"},
	{"groups: gold,", "groups: [gold, silver],", "discount loyal: changed: 10 % off energy for gold -> 10 % off energy for gold, silver", ""},
	{"discounts:\n  - {id: loyal, groups: gold, on: energy, minus: 10 %}\n", "", "discount loyal: taken out: 10 % off energy for gold", "the discount loyal is taken out"},
	{"session_maximum: 60.00\n", "", "session maximum: 60.00 -> none", "the session maximum of 60.00 is taken out"},
	{"session_maximum: 60.00", "session_maximum: 50.00", "session maximum: 60.00 -> 50.00", ""},
	{"session_maximum", "session_minimum: 1.00\nsession_maximum", "session minimum: none -> 1.00", "the session minimum goes from 0.00 to 1.00"},
	{"free: session", "free: session\nzero_rule: none", "free of charge: below 0.1 kWh and shorter than 2 min -> none", "fewer short sessions"},
	{"mode: gross", "mode: net", "mode: gross -> net", "between gross and net"},
	{"free: session", "free: session\nround_at: session", "rounded at: line -> session", "can add a cent"},
	{"free: session", "free: session\nrounding: down", "rounding: half_away -> down", ""},
	{"[2026-12-24]", "[2026-12-24, 2026-12-31]", "new holidays: 2026-12-31", ""},
	{"cap: 12.00}", "cap: 12.00}\n  export: 0.08", "row base, export: price added: 0.08 per kWh", ""},
	{"version: 2\nvalid_from: 2026-01-01", "version: 3\nvalid_from: 2026-02-01", "valid from: 2025-12-31 23:00 UTC -> 2026-01-31 23:00 UTC", ""},
}

func parsed(t *testing.T, text string) rating.Tariff {
	t.Helper()
	tariff, faults := Parse("t.yaml", []byte(text), Known{TimeZone: loadZone})
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	return tariff
}

func TestDiffAndDearer(t *testing.T) {
	older := parsed(t, matrixText)
	for _, v := range versions {
		if !strings.Contains(matrixText, v.old) {
			t.Fatalf("%q is not in the tariff", v.old)
		}
		newer := parsed(t, strings.Replace(matrixText, v.old, v.new, 1))
		var lines []string
		for _, c := range Diff(older, newer) {
			lines = append(lines, c.String())
		}
		if got := strings.Join(lines, "|"); got != v.diff {
			t.Errorf("%q:\n got %s\nwant %s", v.new, got, v.diff)
		}
		why, dearer := Dearer(older, newer, nil)
		if dearer != (v.dearer != "") || !strings.Contains(why, v.dearer) {
			t.Errorf("%q: dearer %v %q, want %q", v.new, dearer, why, v.dearer)
		}
	}
}

// Export is paid to the customer: less of it is dearer.
func TestExportTakenOutIsDearer(t *testing.T) {
	with, without := parsed(t, head+"price: {energy: 0.49, export: 0.08}\n"), parsed(t, head+"price: {energy: 0.49}\n")
	if why, dearer := Dearer(with, without, nil); !dearer || !strings.Contains(why, "export is no longer paid for") {
		t.Errorf("%v %q", dearer, why)
	}
	if why, dearer := Dearer(without, with, nil); dearer {
		t.Error(why)
	}
}

// Which of two prices can cost more for some quantity.
func TestDearerPrice(t *testing.T) {
	for _, c := range []struct {
		name string
		comp rating.Component
		a, b rating.Price
		want bool
	}{
		{"the same", rating.Energy, rating.Price{Unit: 2}, rating.Price{Unit: 2}, false},
		{"a higher markup", rating.Energy, rating.Price{PassThrough: true, Markup: 1}, rating.Price{PassThrough: true, Markup: 2}, true},
		{"a lower markup", rating.Energy, rating.Price{PassThrough: true, Markup: 2}, rating.Price{PassThrough: true, Markup: 1}, false},
		{"the operator's amount instead of a price", rating.Energy, rating.Price{Unit: 2}, rating.Price{PassThrough: true}, true},
		{"a cap per day instead of per session", rating.Idle, rating.Price{Unit: 2, Cap: 9}, rating.Price{Unit: 2, Cap: 9, CapPerDay: true}, true},
		{"a cap per session instead of per day", rating.Idle, rating.Price{Unit: 2, Cap: 9, CapPerDay: true}, rating.Price{Unit: 2, Cap: 9}, false},
		{"a new cap", rating.Idle, rating.Price{Unit: 2}, rating.Price{Unit: 2, Cap: 9}, false},
		{"a finer step that divides the old", rating.Idle, rating.Price{Unit: 2, Step: 600}, rating.Price{Unit: 2, Step: 300}, false},
		{"a finer step that does not", rating.Idle, rating.Price{Unit: 2, Step: 600}, rating.Price{Unit: 2, Step: 500}, true}, // 600 s become 1000 s
		{"no step any more", rating.Idle, rating.Price{Unit: 2, Step: 600}, rating.Price{Unit: 2}, false},
		{"a dearer last tier", rating.Energy, rating.Price{Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 3}}}, rating.Price{Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 4}}}, true},
		{"a tier that begins later", rating.Energy, rating.Price{Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 3}}}, rating.Price{Tiers: []rating.Tier{{Below: 10, Unit: 5}, {Unit: 3}}}, true},
		{"a tier that begins earlier", rating.Energy, rating.Price{Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 3}}}, rating.Price{Tiers: []rating.Tier{{Below: 8, Unit: 5}, {Unit: 3}}}, false},
		{"by position instead of by total", rating.Energy, rating.Price{Volume: true, Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 3}}}, rating.Price{Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 3}}}, true},
		{"one price at the lowest tier", rating.Energy, rating.Price{Volume: true, Tiers: []rating.Tier{{Below: 9, Unit: 5}, {Unit: 3}}}, rating.Price{Unit: 3}, false},
		{"free of charge", rating.Idle, rating.Price{Unit: 2, FreeTime: 5}, rating.Price{}, false},
		{"less for export", rating.Export, rating.Price{Unit: 8}, rating.Price{Unit: 7}, true},
		{"more for export", rating.Export, rating.Price{Unit: 8}, rating.Price{Unit: 9}, false},
		{"nothing for export", rating.Export, rating.Price{Unit: 8}, rating.Price{}, true},
	} {
		if why := dearerPrice(componentOf(c.comp), rating.Gross, c.a, c.b); (why != "") != c.want {
			t.Errorf("%s: %q, want %v", c.name, why, c.want)
		}
	}
	if dearerPrice(components[0], rating.Net, rating.Price{Unit: 2, VATCode: "a"}, rating.Price{Unit: 2, VATCode: "b"}) == "" {
		t.Error("another VAT code on net prices is not dearer")
	}
}

// A contract is not told of what it never pays.
func TestDearerForAContract(t *testing.T) {
	older := parsed(t, matrixText)
	night := parsed(t, strings.Replace(matrixText, "0.39", "0.42", 1))
	staff := parsed(t, strings.Replace(matrixText, "0.30", "0.33", 1))
	loyal := parsed(t, strings.Replace(matrixText, "minus: 10 %", "minus: 5 %", 1))
	for _, c := range []struct {
		name   string
		newer  rating.Tariff
		groups []string
		want   bool
	}{
		{"the night for the public", night, nil, true},
		{"the night for staff, whose price is another", night, []string{"staff"}, false},
		{"staff for the public", staff, nil, false},
		{"staff for staff", staff, []string{"gold", "staff"}, true},
		{"the gold discount for gold", loyal, []string{"gold"}, true},
		{"the gold discount for staff", loyal, []string{"staff"}, false},
	} {
		if _, got := Dearer(older, c.newer, &rating.Contract{No: "V1", Groups: c.groups}); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A contract in two groups takes the price of the first that has one: a row for that group may be cheaper than the public
// price and dearer than that of the second group.
func TestANewGroupRowMayBeDearerForSomebody(t *testing.T) {
	const two = head + `price: {energy: 0.59}
rows:
  - {id: b, when: {groups: b}, price: {energy: 0.29}}
`
	older, newer := parsed(t, two), parsed(t, two+"  - {id: a, when: {groups: a}, price: {energy: 0.49}}\n")
	if why, dearer := Dearer(older, newer, nil); !dearer {
		t.Errorf("not dearer for anybody: %q", why)
	}
	if why, dearer := Dearer(older, newer, &rating.Contract{Groups: []string{"a", "b"}}); !dearer || !strings.Contains(why, "0.49 per kWh instead of 0.29") {
		t.Errorf("a, b: %v %q", dearer, why)
	}
	if why, dearer := Dearer(older, newer, &rating.Contract{Groups: []string{"b", "a"}}); dearer {
		t.Errorf("b, a: %q", why)
	}
	if why, dearer := Dearer(older, newer, &rating.Contract{Groups: []string{"a"}}); dearer {
		t.Errorf("a: %q", why)
	}
}

// A tariff does not differ from itself, and whatever raises one price that applies somewhere makes it dearer.
func TestDearerProperties(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a := drawTariff(r)
		for i := range a.Rows { // fewer kinds of sessions, for speed
			a.Rows[i].Contracts, a.Rows[i].Customers, a.Rows[i].EVSEs, a.Rows[i].Zones, a.Rows[i].Operators = nil, nil, nil, nil, nil
		}
		if d := Diff(a, a); len(d) > 0 {
			r.Fatal(d)
		}
		if why, dearer := Dearer(a, a, nil); dearer {
			r.Fatal(why)
		}
		b := a
		b.Rows = slices.Clone(a.Rows)
		row := rating.Row{ID: "dear", Priority: 99, Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 999_999_999_999 + 1, VATCode: "standard"}}}
		b.Rows = append(b.Rows, row)
		if _, dearer := Dearer(a, b, nil); !dearer {
			r.Fatal("the dearest price of all is not dearer")
		}
		if len(Diff(a, b)) != 1 {
			r.Fatal(Diff(a, b))
		}
	})
}
