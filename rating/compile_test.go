package rating

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCompileRefuses(t *testing.T) {
	energy := map[Component]Price{Energy: at(49 * cent)}
	good := Row{ID: "r0", Prices: energy}
	row := func(change func(*Row)) func(*Tariff) {
		return func(t *Tariff) {
			r := Row{ID: "r1", Groups: []string{"staff"}, Prices: energy}
			change(&r)
			t.Rows = append(t.Rows, r)
		}
	}
	price := func(c Component, p Price) func(*Tariff) {
		return row(func(r *Row) { r.Prices = map[Component]Price{c: p} })
	}
	cases := []struct {
		name   string
		change func(*Tariff)
		want   string // the whole error after the tariff's name
	}{
		{"no code", func(t *Tariff) { t.Code = "" }, `tariff "" version 3: code is missing`},
		{"no version", func(t *Tariff) { t.Version = 0 }, `tariff "CITY" version 0: version must be 1 or more`},
		{"ends before it begins", func(t *Tariff) { t.ValidTo = t.ValidFrom.Add(-1) }, "valid_to must be after valid_from"},
		{"ends when it begins", func(t *Tariff) { t.ValidTo = t.ValidFrom }, "valid_to must be after valid_from"},
		{"unknown currency", func(t *Tariff) { t.Currency = "EURO" }, `currency "EURO" is not known; use an ISO 4217 code in upper case`},
		{"unknown mode", func(t *Tariff) { t.Mode = "" }, `mode "" is not known; use gross or net`},
		{"negative zero rule", func(t *Tariff) { t.ZeroBelow = -1 }, "zero_below and zero_under must not be negative"},
		{"no rows", func(t *Tariff) { t.Rows = nil }, "there are no rows"},
		{"row without id", row(func(r *Row) { r.ID = "" }), "row 2 has no id"},
		{"duplicate id", row(func(r *Row) { r.ID = "r0" }), `row id "r0" occurs twice`},
		{"empty group", row(func(r *Row) { r.Groups = []string{""} }), `row "r1": a group is empty; leave the key out to match every group`},
		{"location twice", row(func(r *Row) { r.Locations = []string{"L1", "L2", "L1"} }), `row "r1": location "L1" occurs twice`},
		{"row without prices", row(func(r *Row) { r.Prices = nil }), `row "r1": it prices nothing`},
		{"unknown component", price("energy", at(cent)), `row "r1": energy: the component is not known`},
		{"negative price", price(Idle, at(-1)), `row "r1": idle_min: the price is negative`},
		{"no VAT code", price(Idle, Price{Unit: cent}), `row "r1": idle_min: the VAT code is missing`},
		{"free time for energy", price(Energy, Price{Unit: cent, VATCode: "standard", FreeTime: time.Minute}), `row "r1": energy_kwh: free time is only for minutes`},
		{"free time for the session fee", price(PerUse, Price{Unit: cent, VATCode: "standard", FreeTime: -time.Minute}), `row "r1": session: free time is only for minutes`},
		{"negative free time", price(Idle, Price{Unit: cent, VATCode: "standard", FreeTime: -time.Minute}), `row "r1": idle_min: the free time is negative`},
		{"free time of half a second", price(Charging, Price{Unit: cent, VATCode: "standard", FreeTime: time.Second / 2}), `row "r1": charge_min: the free time must be whole seconds`},
		{"more cells than memory", row(func(r *Row) {
			for i := range 1100 {
				r.Groups = append(r.Groups, fmt.Sprint("g", i))
				r.Locations = append(r.Locations, fmt.Sprint("l", i))
			}
			r.Groups = r.Groups[1:]
		}), `row "r1": its keys combine to more than 1048576 cells; split it`},
	}
	for _, c := range cases {
		tariff := tariffOf(good)
		c.change(&tariff)
		_, err := Compile(tariff)
		want := c.want
		if !strings.HasPrefix(want, "tariff ") {
			want = `tariff "CITY" version 3: ` + want
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, want)
		}
	}
}

func TestCompileNamesEveryFault(t *testing.T) {
	tariff := tariffOf(Row{ID: "r0", Prices: map[Component]Price{"x": at(0), "a": at(0), Energy: at(-1)}})
	tariff.Currency = "XTS"
	_, err := Compile(tariff)
	want := `tariff "CITY" version 3: currency "XTS" is not known; use an ISO 4217 code in upper case; ` +
		`row "r0": a: the component is not known; row "r0": energy_kwh: the price is negative; row "r0": x: the component is not known`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestOverlap(t *testing.T) {
	row := func(id string, priority int, groups, locations string, components ...Component) Row {
		r := Row{ID: id, Priority: priority, Groups: strings.Fields(groups), Locations: strings.Fields(locations), Prices: map[Component]Price{}}
		for _, c := range components {
			r.Prices[c] = at(cent)
		}
		return r
	}
	overlap := func(a, b, component, where, priority string) string {
		return `tariff "CITY" version 3: rows "` + a + `" and "` + b + `" both price ` + component + ` for ` + where + ` with priority ` + priority + `; give one a higher priority or part them`
	}
	cases := []struct {
		name string
		a, b Row
		want string
	}{
		{"two rows for everyone", row("a", 0, "", "", Energy), row("b", 0, "", "", Energy), overlap("a", "b", "energy_kwh", "every session", "0")},
		{"the same group", row("a", 0, "staff", "", Idle), row("b", 0, "fleet staff", "", Idle), overlap("a", "b", "idle_min", "group staff", "0")},
		{"the same location", row("a", 7, "", "L1 L2", PerUse), row("b", 7, "", "L2 L3", PerUse), overlap("a", "b", "session", "location L2", "7")},
		{"group and location", row("a", 0, "x y", "L1 L2", Energy), row("b", 0, "y z", "L2 L3", Energy), overlap("a", "b", "energy_kwh", "group y, location L2", "0")},
		{"many cells in common are told once", row("a", 0, "x y", "L1 L2", Energy), row("b", 0, "x y", "L1 L2", Energy), overlap("a", "b", "energy_kwh", "group x, location L1", "0")},

		{"another priority", row("a", 0, "staff", "", Energy), row("b", 1, "staff", "", Energy), ""},
		{"another component", row("a", 0, "staff", "", Energy), row("b", 0, "staff", "", Idle), ""},
		{"other keys", row("a", 0, "staff", "", Energy), row("b", 0, "", "L1", Energy), ""},
		{"more keys", row("a", 0, "staff", "", Energy), row("b", 0, "staff", "L1", Energy), ""},
		{"other groups: the order in the contract decides", row("a", 0, "staff", "", Energy), row("b", 0, "fleet", "", Energy), ""},
		{"other locations", row("a", 0, "staff", "L1", Energy), row("b", 0, "staff", "L2", Energy), ""},
	}
	for _, c := range cases {
		for _, turned := range []bool{false, true} {
			rows, want := []Row{c.a, c.b}, c.want
			if turned { // the order of rows decides nothing but who is named first
				rows = []Row{c.b, c.a}
				want = strings.Replace(want, `rows "a" and "b"`, `rows "b" and "a"`, 1)
			}
			_, err := Compile(tariffOf(rows...))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s (turned %v):\n got %s\nwant %s", c.name, turned, got, want)
			}
		}
	}
}

func TestOverlapIsToldPerComponent(t *testing.T) {
	prices := map[Component]Price{PerUse: at(cent), Energy: at(cent)}
	_, err := Compile(tariffOf(Row{ID: "a", Prices: prices}, Row{ID: "b", Prices: prices}))
	if err == nil || strings.Count(err.Error(), "both price energy_kwh") != 1 || strings.Count(err.Error(), "both price session") != 1 {
		t.Errorf("got %v", err)
	}
}

const storedTariff = `{"code":"CITY","version":3,"valid_from":"2026-01-01T00:00:00Z","valid_to":"2027-01-01T00:00:00Z","currency":"EUR","mode":"gross",` +
	`"rows":[{"id":"r0","prices":{"energy_kwh":{"unit":490000,"vat_code":"standard"},"idle_min":{"unit":200000,"vat_code":"penalty","free_time":900000000000}}},` +
	`{"id":"r1","priority":2,"groups":["staff"],"locations":["L1","L2"],"prices":{"session":{"unit":0,"vat_code":"standard"}}}],` +
	`"zero_below":100000,"zero_under":120000000000}`

func TestTariffAsJSON(t *testing.T) {
	want := tariffOf(
		Row{ID: "r0", Prices: map[Component]Price{Energy: at(49 * cent), Idle: {Unit: 20 * cent, VATCode: "penalty", FreeTime: 15 * time.Minute}}},
		Row{ID: "r1", Priority: 2, Groups: []string{"staff"}, Locations: []string{"L1", "L2"}, Prices: map[Component]Price{PerUse: at(0)}},
	)
	want.ValidTo = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	if b, err := json.Marshal(want); err != nil || string(b) != storedTariff {
		t.Errorf("wrote\n%s, %v\nwant\n%s", b, err, storedTariff)
	}
	var got Tariff
	if err := json.Unmarshal([]byte(storedTariff), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v", got, err)
	}
	if compiled(t, got).Hash() != compiled(t, want).Hash() {
		t.Error("the stored tariff has another hash")
	}
	open := want
	open.ValidTo = time.Time{}
	if b, err := json.Marshal(open); err != nil || strings.Contains(string(b), "valid_to") {
		t.Errorf("an open end is written: %s, %v", b, err)
	}
	for _, broken := range []string{`"unit":0.49`, `"unit":4.9e5`, `"unit":"0.49"`} {
		if err := json.Unmarshal([]byte(strings.Replace(storedTariff, `"unit":490000`, broken, 1)), &got); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
}

func TestHash(t *testing.T) {
	var base Tariff
	read := func() Tariff {
		var v Tariff
		if err := json.Unmarshal([]byte(storedTariff), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	base = read()
	hash := compiled(t, base).Hash()

	same := map[string]func(*Tariff){
		"order of rows":      func(v *Tariff) { slices.Reverse(v.Rows) },
		"order in a key":     func(v *Tariff) { slices.Reverse(v.Rows[1].Locations) },
		"zone of an instant": func(v *Tariff) { v.ValidFrom = v.ValidFrom.In(time.FixedZone("", 7200)) },
		"empty, not nil":     func(v *Tariff) { v.Rows[0].Groups = []string{} },
	}
	for name, change := range same {
		v := read()
		change(&v)
		if compiled(t, v).Hash() != hash {
			t.Errorf("%s changes the hash", name)
		}
	}
	seen := map[[32]byte]string{hash: "the tariff itself"}
	set := func(r *Row, c Component, change func(*Price)) {
		p := r.Prices[c]
		change(&p)
		r.Prices[c] = p
	}
	for name, change := range map[string]func(*Tariff){
		"code":        func(v *Tariff) { v.Code = "CITY2" },
		"version":     func(v *Tariff) { v.Version = 4 },
		"valid from":  func(v *Tariff) { v.ValidFrom = v.ValidFrom.Add(1) },
		"valid to":    func(v *Tariff) { v.ValidTo = v.ValidTo.Add(time.Second) },
		"open end":    func(v *Tariff) { v.ValidTo = time.Time{} },
		"currency":    func(v *Tariff) { v.Currency = "CHF" },
		"mode":        func(v *Tariff) { v.Mode = Net },
		"zero below":  func(v *Tariff) { v.ZeroBelow++ },
		"zero under":  func(v *Tariff) { v.ZeroUnder++ },
		"row id":      func(v *Tariff) { v.Rows[0].ID = "r9" },
		"priority":    func(v *Tariff) { v.Rows[0].Priority = 1 },
		"group":       func(v *Tariff) { v.Rows[1].Groups = []string{"fleet"} },
		"key":         func(v *Tariff) { v.Rows[1].Groups, v.Rows[1].Locations = v.Rows[1].Locations, v.Rows[1].Groups },
		"key alone":   func(v *Tariff) { v.Rows[1].Groups, v.Rows[1].Locations = nil, []string{"staff"} },
		"group alone": func(v *Tariff) { v.Rows[1].Locations = nil; v.Rows[1].Groups = []string{"staff", "x"} },
		"place alone": func(v *Tariff) { v.Rows[1].Groups = nil; v.Rows[1].Locations = []string{"staff", "x"} },
		"no location": func(v *Tariff) { v.Rows[1].Locations = nil },
		"unit price":  func(v *Tariff) { set(&v.Rows[0], Energy, func(p *Price) { p.Unit++ }) },
		"VAT code":    func(v *Tariff) { set(&v.Rows[0], Energy, func(p *Price) { p.VATCode = "x" }) },
		"free time":   func(v *Tariff) { set(&v.Rows[0], Idle, func(p *Price) { p.FreeTime = 0 }) },
		"component":   func(v *Tariff) { v.Rows[0].Prices[Charging] = v.Rows[0].Prices[Idle]; delete(v.Rows[0].Prices, Idle) },
		"fewer rows":  func(v *Tariff) { v.Rows = v.Rows[:1] },
	} {
		v := read()
		change(&v)
		h := compiled(t, v).Hash()
		if other, ok := seen[h]; ok {
			t.Errorf("%s gives the hash of %s", name, other)
		}
		seen[h] = name
	}
}

func TestCompiledIsItsOwn(t *testing.T) {
	tariff := tariffOf(Row{ID: "r0", Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(49 * cent)}})
	c := compiled(t, tariff)
	tariff.Rows[0].Prices[Energy] = at(0)
	tariff.Rows[0].Locations[0] = "L2"
	if got, err := Rate(Contract{}, c, session(10*kWh, time.Hour, 0)); err != nil || got.Total != 490 {
		t.Errorf("the owner's change shows: %+v, %v", got, err)
	}
}
