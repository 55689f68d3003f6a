package pricelist

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/rating"
)

// head is what the tariffs of the tests have in common.
const head = `tariff: T
version: 2
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
`

func found(t *testing.T, text string, g Ground) []string {
	t.Helper()
	tariff, faults := Parse("t.yaml", []byte(head+text), Known{TimeZone: loadZone})
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	var list []string
	for _, f := range Check(tariff, g) {
		list = append(list, string(f.Code)+" "+f.String())
	}
	return list
}

func TestCheck(t *testing.T) {
	yes := func(string, string) bool { return true }
	noVATinAT := func(country, code string) bool { return country != "AT" && code == "standard" }
	for _, c := range []struct {
		name, text string
		ground     Ground
		want       []string // findings, in order, whole
	}{
		{"one price", "price: {energy: 0.49}", Ground{VAT: yes, Countries: []string{"DE"}}, nil},
		{"day and night that meet", `
rows:
  - {id: night, when: {time: 22:00-06:00}, price: {energy: 0.39}}
  - {id: day, when: {time: 06:00-22:00}, price: {energy: 0.49}}`, Ground{}, nil},
		{"two hours between day and night", `
rows:
  - {id: night, when: {time: 22:00-06:00}, price: {energy: 0.39}}
  - {id: day, when: {time: 08:00-22:00}, price: {energy: 0.49}}`, Ground{}, []string{
			"gap error: energy has no price 06:00-08:00; add a row for it, with the price 0 if it is meant to be free, or name energy under free",
		}},
		{"weekdays only", `
rows:
  - {id: a, when: {days: Mo-Fr}, price: {energy: 0.39}}`, Ground{}, []string{
			"gap error: energy has no price Sa, Su (first on 2026-01-03); add a row for it, with the price 0 if it is meant to be free, or name energy under free",
		}},
		{"a gap in one group, where a base price fills it", `
price: {energy: 0.59}
rows:
  - {id: a, when: {groups: staff, time: 22:00-06:00}, price: {energy: 0.39}}`, Ground{}, nil},
		{"a gap in one group", `
rows:
  - {id: all, when: {groups: public}, price: {energy: 0.59}}
  - {id: a, when: {groups: staff, time: 22:00-06:00}, price: {energy: 0.39}}`, Ground{}, []string{
			"gap error: energy has no price 06:00-22:00 for group staff; add a row for it, with the price 0 if it is meant to be free, or name energy under free",
			"gap warning: energy has a price for some sessions only, none for all others; a session there that uses it is held: add a row for it, with the price 0 if it is meant to be free, or name energy under free",
		}},
		{"blocking after four hours by day (E6)", `
price: {energy: 0.49}
rows:
  - {id: block, when: {after: 240 min, time: 08:00-22:00}, price: {occupancy: {price: 0.10, cap: 12.00}}}`, Ground{}, []string{
			"gap error: occupancy has no price before 240 min since the start; 22:00-08:00 from 240 min since the start; add a row for it, with the price 0 if it is meant to be free, or name occupancy under free",
		}},
		{"the same, free otherwise on purpose", `
price: {energy: 0.49}
free: occupancy
rows:
  - {id: block, when: {after: 240 min, time: 08:00-22:00}, price: {occupancy: {price: 0.10, cap: 12.00}}}`, Ground{}, nil},
		{"AC and DC are all there is", `
rows:
  - {id: a, when: {power: AC}, price: {energy: 0.49}}
  - {id: d, when: {power: DC}, price: {energy: 0.59}}`, Ground{}, nil},
		{"ranges of power that leave a hole", `
rows:
  - {id: a, when: {power: below 22 kW}, price: {energy: 0.49}}
  - {id: d, when: {power: from 50 kW}, price: {energy: 0.59}}`, Ground{}, []string{
			"gap warning: energy has a price for some sessions only, none for AC from 22 kW; DC from 22 kW; a session there that uses it is held: add a row for it, with the price 0 if it is meant to be free, or name energy under free",
		}},
		{"all channels by name", `
rows:
  - {id: a, when: {channels: [rfid, app]}, price: {energy: 0.49}}
  - {id: b, when: {channels: [plug_and_charge, ad_hoc]}, price: {energy: 0.59}}`, Ground{}, nil},
		{"rows that say equally much", `
price: {energy: 0.49}
rows:
  - {id: n, when: {time: 22:00-06:00}, price: {energy: 0.10}}
  - {id: m, when: {time: 05:00-07:00}, price: {energy: 0.10}}
  - {id: g, when: {groups: [a, b], days: Mo}, price: {energy: 0.20}}
  - {id: h, when: {groups: [b, c], day_type: weekday}, price: {energy: 0.20}}`, Ground{}, []string{
			"overlap error: row m: energy has another price in row n, and nothing decides between them at 05:00; give one a higher priority, or limit one further",
			"overlap error: row g: energy has another price in row h, and nothing decides between them for group b on Mo 2026-01-05; give one a higher priority, or limit one further",
		}},
		{"a row twice", `
price: {energy: 0.49}
rows:
  - {id: again, price: {energy: 0.10}}`, Ground{}, []string{
			"overlap error: row again: energy has another price in row base, and nothing decides between them; give one a higher priority, or limit one further",
		}},
		{"rows that would meet, had they the same priority", `
price: {energy: 0.49}
rows:
  - {id: n, when: {time: 22:00-06:00}, price: {energy: 0.10}}
  - {id: m, priority: 1, when: {time: 05:00-07:00}, price: {energy: 0.10}}`, Ground{}, nil},
		{"a row that another covers", `
price: {energy: 0.59}
rows:
  - {id: all, priority: 1, price: {energy: 0.49}}`, Ground{}, []string{
			"unreachable error: row base: the row never applies: other rows win wherever it matches; change what it is for or its priority, or delete it",
		}},
		{"a row that two others cover together", `
rows:
  - {id: old, when: {locations: [A, B]}, price: {energy: 0.59}}
  - {id: a, priority: 1, when: {locations: A}, price: {energy: 0.49}}
  - {id: b, priority: 1, when: {locations: B}, price: {energy: 0.49}}
  - {id: rest, price: {energy: 0.39}}`, Ground{}, []string{
			"unreachable error: row old: the row never applies: other rows win wherever it matches; change what it is for or its priority, or delete it",
		}},
		{"a row that two times cover together", `
price: {energy: 0.59}
rows:
  - {id: night, when: {time: 22:00-06:00}, price: {energy: 0.39}}
  - {id: day, when: {time: 06:00-22:00}, price: {energy: 0.49}}`, Ground{}, []string{
			"unreachable error: row base: the row never applies: other rows win wherever it matches; change what it is for or its priority, or delete it",
		}},
		{"a row of which one price never applies", `
price: {energy: 0.59, session: 0.35}
rows:
  - {id: all, priority: 1, price: {energy: 0.49}}`, Ground{}, []string{
			"unreachable warning: row base: its price for energy never applies: other rows always win; delete that price or raise the row's priority",
		}},
		{"dates of last year", `
price: {energy: 0.59}
rows:
  - {id: summer, when: {dates: 2025-07-01 to 2025-08-31}, price: {energy: 0.49}}`, Ground{}, []string{
			"unreachable error: row summer: the row never applies: its dates lie outside of the validity of the version; change what it is for or its priority, or delete it",
		}},
		{"a day that is no such weekday", `
price: {energy: 0.59}
rows:
  - {id: eve, when: {dates: 2026-12-24, days: Mo}, price: {energy: 0.49}}`, Ground{}, []string{
			"unreachable error: row eve: the row never applies: no moment fulfils its conditions together; change what it is for or its priority, or delete it",
		}},
		{"Christmas Day on a Friday", `
holidays: DE
price: {energy: 0.59}
rows:
  - {id: h, when: {day_type: holiday, days: Fr, dates: from 2026-12-25}, price: {energy: 0.49}}`, Ground{}, nil},
		{"a cap below what is free", `
price: {energy: 0.49, idle: {price: 0.10, free: 60 min, cap: 5.00}}`, Ground{}, []string{
			"cap_below_free error: row base: the cap of 5.00 for idle is below what its free amount is worth (6); one of them is mistyped: raise the cap or lower what is free",
		}},
		{"a cap as high as what is free", `
price: {energy: 0.49, idle: {price: 0.10, free: 60 min, cap: 6.00}}`, Ground{}, nil},
		{"gross where the VAT is not known", `
price: {energy: 0.49}
rows:
  - {id: at, when: {countries: AT}, price: {energy: 0.59}}`, Ground{VAT: noVATinAT, Countries: []string{"DE"}}, []string{
			"no_vat error: row at: no VAT rate is known for the code standard in AT, so net and tax of a gross price cannot be told; add the rate, or limit the row to other countries",
		}},
		{"linear in Germany", "energy_split: linear\nprice: {energy: 0.49}", Ground{Countries: []string{"AT", "DE"}}, []string{
			"interpolated error: row base: energy_split linear would estimate energy in DE, where calibration law allows measured values only; take energy_split out, or limit the row to other countries",
		}},
		{"linear in Austria", "energy_split: linear\nprice: {energy: 0.49}", Ground{Countries: []string{"AT"}}, nil},
		{"linear where nobody says where", "energy_split: linear\nprice: {energy: 0.49}", Ground{}, []string{
			"interpolated error: row base: energy_split linear would estimate energy in DE, where calibration law allows measured values only; take energy_split out, or limit the row to other countries",
		}},
		{"linear for rows abroad", "energy_split: linear\nrows:\n  - {id: a, when: {countries: [NL, FR]}, price: {energy: 0.49}}\n  - {id: b, price: {session: 1.00}}", Ground{}, []string{
			"gap warning: energy has a price for some sessions only, none for all others; a session there that uses it is held: add a row for it, with the price 0 if it is meant to be free, or name energy under free",
		}},
		{"holidays that end before the version", "holidays: {name: X, dates: [2025-12-24]}\nprice: {energy: 0.49}", Ground{}, []string{
			"no_calendar error: the last holiday of X is 2025-12-24, before the version begins; list the days from 2026 on",
		}},
		{"holidays for one year of an open version", "holidays: {name: DE, years: 2026-2026}\nprice: {energy: 0.49}", Ground{}, []string{
			"no_calendar warning: the holidays of DE end with 2026, the version does not; later holidays will be priced as other days",
		}},
	} {
		got := found(t, strings.TrimPrefix(c.text, "\n"), c.ground)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

// AFIR, art. 5(4): at public points of 50 kW and more, a price per kWh and an occupancy fee per minute.
func TestAdHocPrices(t *testing.T) {
	for _, c := range []struct {
		name, text string
		ground     Ground
		want       string // a part of the first finding; empty: none
	}{
		{"energy and occupancy", "free: [occupancy]\nprice: {energy: 0.59, occupancy: 0.10}", Ground{AdHoc: true}, ""},
		{"energy and idle", "price: {energy: 0.59, idle: 0.10}", Ground{AdHoc: true}, ""},
		{"a session fee", "price: {energy: 0.59, session: 0.35}", Ground{AdHoc: true}, "row base: session has a price, but ad-hoc charging"},
		{"a session fee of nothing", "price: {energy: 0.59, session: 0}", Ground{AdHoc: true}, ""},
		{"charging minutes", "price: {energy: 0.59, charging: 0.05}", Ground{AdHoc: true}, "row base: charging has a price"},
		{"nobody pays ad hoc", "price: {energy: 0.59, session: 0.35}", Ground{}, ""},
		{"a row names the channel", "rows:\n  - {id: a, when: {channels: ad_hoc}, price: {energy: 0.59, session: 0.35}}", Ground{}, "row a: session has a price"},
		{"the row below it matches ad hoc too", "price: {session: 0.35}\nrows:\n  - {id: a, when: {channels: ad_hoc}, price: {energy: 0.59}}", Ground{}, "row base: session has a price"},
		{"a fee for contract groups", "price: {energy: 0.59}\nfree: session\nrows:\n  - {id: a, when: {groups: g}, price: {session: 0.35}}", Ground{AdHoc: true}, ""},
		{"a fee below 50 kW", "price: {energy: 0.59}\nfree: session\nrows:\n  - {id: a, when: {power: below 50 kW}, price: {session: 0.35}}", Ground{AdHoc: true}, ""},
		{"a fee at exactly 50 kW", "price: {energy: 0.59}\nfree: session\nrows:\n  - {id: a, when: {power: 22-50.001 kW}, price: {session: 0.35}}", Ground{AdHoc: true}, "row a: session has a price"},
		{"a fee by DC", "price: {energy: 0.59}\nfree: session\nrows:\n  - {id: a, when: {power: DC}, price: {session: 0.35}}", Ground{AdHoc: true}, "row a: session has a price"},
		{
			"a fee behind a gate", "price: {energy: 0.59}\nfree: session\nrows:\n  - {id: a, when: {locations: yard}, price: {session: 0.35}}",
			Ground{AdHoc: true, Private: func(l string) bool { return l == "yard" }},
			"",
		},
		{"a minimum", "session_minimum: 1.00\nprice: {energy: 0.59}", Ground{AdHoc: true}, "error: session_minimum is a fee"},
		{"blocks", "price: {energy: {price: 5.00, started_block: 10 kWh}}", Ground{AdHoc: true}, "row base: energy is sold in blocks"},
		{"no price per kWh", "price: {occupancy: 0.10}", Ground{AdHoc: true}, "must be priced per kWh"},
	} {
		got := found(t, c.text, c.ground)
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: %s", c.name, got)
		case c.want != "" && (len(got) == 0 || !strings.Contains(got[0], c.want) || !strings.HasPrefix(got[0], "ad_hoc_price error")):
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestPublishedVersionsStandAgainstIt(t *testing.T) {
	day := func(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }
	published := func(version int, from, to time.Time) rating.Tariff {
		return rating.Tariff{Code: "T", Version: version, ValidFrom: from, ValidTo: to}
	}
	tariff := mustParse(t, strings.Replace(simple, "HOME\nversion: 1\nvalid_from: 2026-01-01 Europe/Berlin", "T\nversion: 2\nvalid_from: 2026-03-01T00:00:00Z", 1))
	for _, c := range []struct {
		name string
		old  rating.Tariff
		at   time.Time
		want string
	}{
		{"the version before, open end", published(1, day(1), time.Time{}), day(2), ""},
		{"another tariff", rating.Tariff{Code: "U", Version: 2, ValidFrom: day(3)}, day(2), ""},
		{"the same number", published(2, day(1), time.Time{}), day(2), "version 2 is published and never changes"},
		{"the same instant", published(1, day(3), time.Time{}), day(2), "version 1 is already valid from 2026-03-01 00:00 UTC"},
		{"a later one", published(1, day(4), time.Time{}), day(2), "version 1 is published and begins at 2026-04-01 00:00 UTC, within this version"},
		{"a higher number", published(5, day(1), time.Time{}), day(2), "give this one a number above 5"},
		{"in the past", published(1, day(1), time.Time{}), day(4), "valid_from 2026-03-01 00:00 UTC has passed, and version 1 prices sessions since then"},
		{"in the past, where nothing was priced", published(1, day(1), day(2)), day(4), ""},
	} {
		got := Check(tariff, Ground{Published: []rating.Tariff{c.old}, At: c.at})
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0].Text, c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, got, c.want)
		}
	}
}

// What the engine refuses for other reasons is told as well.
func TestCheckAsksTheEngine(t *testing.T) {
	tariff := mustParse(t, simple)
	tariff.Currency = "XTS"
	got := Check(tariff, Ground{})
	if len(got) != 1 || got[0].Code != Invalid || !strings.Contains(got[0].Text, `currency "XTS" is not known`) {
		t.Error(got)
	}
}

func TestNegativePricesAreTold(t *testing.T) {
	got := Check(rating.Tariff{
		Code: "T", Version: 1, Currency: "EUR", Mode: rating.Gross,
		Rows: []rating.Row{{ID: "a", Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: -10_000, VATCode: "standard"}}}},
	}, Ground{})
	if !slices.ContainsFunc(got, func(f Finding) bool { return f.Code == NegativePrice && f.Severity == Error && f.Row == "a" }) {
		t.Error(got)
	}
}
