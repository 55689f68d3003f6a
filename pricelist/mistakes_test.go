package pricelist

import (
	"strings"
	"testing"
)

// mistakes are what people write wrong: one change to the simple tariff each, and what they are told.
var mistakes = []struct {
	name, old, new string
	line           int
	want           string
}{
	{"two points", "0.49 per kWh", "0.4.9", 6, `price, energy: 0.4.9 is no number; write it like 0.49`},
	{"a decimal comma", "{energy: 0.49 per kWh}", "\n  energy: 0,49", 7, `price, energy: "0,49" has a comma; write 0.49 with a point`},
	{"a decimal comma inside of braces", "0.49 per kWh", "0,49", 6, `price: 0,49 has a comma; write 0.49 with a point`},
	{"a thousands comma", "{energy: 0.49 per kWh}", "\n  energy: 1,000.50", 7, `price, energy: "1,000.50" has a comma; write decimals with a point and thousands without a mark, like 1000.50`},
	{"a point without digits before", "0.49 per kWh", ".49", 6, `price, energy: .49 has no digit before the point; write 0.49`},
	{"a point without digits behind", "0.49 per kWh", "1.", 6, `price, energy: 1. has no digit after the point; write 1`},
	{"a leading zero", "0.49 per kWh", "00.49", 6, `price, energy: 00.49 begins with a zero; write 0.49`},
	{"a word for a price", "0.49 per kWh", "cheap", 6, `price, energy: cheap is no number; write it like 0.49`},
	{"a price below zero", "0.49 per kWh", "-0.05", 6, `price, energy: -0.05 is below zero; a price is 0 or more, what lowers it belongs under discounts`},
	{"an exponent", "0.49 per kWh", "4.9e-1", 6, `price, energy: e-1 is not understood; want a price such as 0.49 per kWh`},
	{"too many decimals", "0.49 per kWh", "0.4912345", 6, `price, energy: 0.4912345 has 7 decimals; at most 6 are kept, so round it yourself`},
	{"too large", "0.49 per kWh", "12345678.00", 6, `price, energy: 12345678.00 is too large; at most 999999 is possible`},
	{"cents", "0.49 per kWh", "49 ct/kWh", 6, `price, energy: ct/kWh is not understood; prices are in whole units of the currency; write 0.49 per kWh`},
	{"the currency before the number", "0.49 per kWh", "EUR 0.49", 6, `price, energy: write the currency behind the number, or leave it out: 0.49`},
	{"another currency", "0.49 per kWh", "0.49 CHF per kWh", 6, `price, energy: the price is in CHF, but the tariff in EUR; a tariff has one currency`},
	{"another unit", "0.49 per kWh", "0.49 per min", 6, `price, energy: energy is priced per kWh, not per min; give the price per kWh`},
	{"a price per hour", "energy: 0.49 per kWh", "charging: 6.00 per hour", 6, `price, charging: charging is priced per min, not per hour; write 0.10 per min`},
	{"an uneven price per hour", "energy: 0.49 per kWh", "charging: 1.00 per h", 6, `price, charging: charging is priced per min, not per hour; write a sixtieth of 1.00 per min, or sell hours with "started_block: 60 min"`},
	{"no value", "{energy: 0.49 per kWh}", "\n  energy:", 7, `price, energy: there is no value; want a price such as 0.49 per kWh`},
	{"no price at all", "price: {energy: 0.49 per kWh}\n", "", 1, `there is no price; write one, such as "price: {energy: 0.49}", or a list of rows`},
	{"a price without its component", "{energy: 0.49 per kWh}", "0.49", 6, `price: say what the price is for, such as "energy: 0.49"; want energy, charging, idle, occupancy, session, reservation, reservation_time or export`},
	{"an empty price", "{energy: 0.49 per kWh}", "{}", 6, `price: there is no price; write one such as "energy: 0.49"`},
	{"the name of another system", "energy: 0.49 per kWh", "parking_time: 0.10", 6, `price: the key parking_time is not known; write idle`},
	{"a typing mistake in a component", "energy: 0.49 per kWh", "enregy: 0.49", 6, `price: the key enregy is not known; did you mean energy?`},
	{"a typing mistake in a key", "currency: EUR", "curency: EUR", 4, `the key curency is not known; did you mean currency?`},
	{"a key twice", "mode: gross", "mode: gross\nmode: net", 6, `mode is there twice, first in line 5; delete one`},
	{"a code with a blank", "HOME", "AT HOME", 1, `tariff: "AT HOME" is no code; want a code of at most 35 letters, digits, points, hyphens, underscores or slashes, beginning with a letter or digit`},
	{"no version", "version: 1\n", "", 1, `version is missing; want a number from 1`},
	{"version zero", "version: 1", "version: 0", 2, `version: 0 is no version; want a whole number from 1 to 1000000`},
	{"version with a point", "version: 1", "version: 1.1", 2, `version: 1.1 is no version; want a whole number from 1 to 1000000`},
	{"a German date", "2026-01-01 Europe", "01.01.2026 Europe", 3, `valid_from: 01.01.2026 is not how dates are written here; write 2026-01-01`},
	{"a day that does not exist", "2026-01-01 Europe", "2026-02-30 Europe", 3, `valid_from: 2026-02-30 is a day that does not exist; look at month and day`},
	{"a day without its zone", "2026-01-01 Europe/Berlin", "2026-01-01", 3, `valid_from: 2026-01-01 begins at another moment in every time zone; write 2026-01-01 Europe/Berlin, or another zone`},
	{"an unknown zone", "Europe/Berlin", "Europe/Berln", 3, `valid_from: the time zone Europe/Berln is not known; want a name such as Europe/Berlin`},
	{"an abbreviation for a zone", "Europe/Berlin", "CET", 3, `valid_from: the time zone CET is not known; write the place, such as Europe/Berlin: it knows summer time`},
	{"a time without its zone", "2026-01-01 Europe/Berlin", "2026-01-01T00:00:00", 3, `valid_from: "2026-01-01T00:00:00" is no instant; want a day with its time zone, such as 2026-01-01 Europe/Berlin, or an instant such as 2026-01-01T00:00:00+01:00`},
	{"an end before the start", "currency", "valid_until: 2025-12-01 Europe/Berlin\ncurrency", 4, `valid_until: must be later than valid_from; it is the first day on which the version is no longer used`},
	{"a currency in small letters", "EUR", "eur", 4, `currency: the currency eur is not known; write EUR`},
	{"a sign for a currency", "EUR", "€", 4, `currency: the currency € is not known; write EUR`},
	{"an unknown currency", "EUR", "XTS", 4, `currency: the currency XTS is not known; want a code of ISO 4217, such as EUR or CHF`},
	{"an unknown mode", "gross", "brutto", 5, `mode: brutto is not known; want gross for prices with VAT, or net`},
	{"a VAT rate for a code", "mode: gross", "mode: gross\nvat: 19 %", 6, `vat: "19 %" is a rate; name the code, such as standard: rates follow country and date`},
	{"an unknown VAT code", "mode: gross", "mode: gross\nvat: standart", 6, `vat: the VAT code standart is not known; did you mean standard?`},
	{"a time without minutes", "price: {energy", "rows:\n  - id: n\n    when: {time: 22-06}\n    price: {energy", 8, `row n, time: 22-06 is no stretch of the day; want times such as 22:00-06:00, hours from 00 to 24 with minutes`},
	{"a time of no length", "price: {energy", "rows:\n  - id: n\n    when: {time: 06:00-06:00}\n    price: {energy", 8, `row n, time: "06:00-06:00" has no length; write 00:00-24:00 or leave time out for the whole day`},
	{"a 25th hour", "price: {energy", "rows:\n  - id: n\n    when: {time: 22:00-25:00}\n    price: {energy", 8, `row n, time: "22:00-25:00" is no stretch of the day; want times such as 22:00-06:00, hours from 00 to 24 with minutes`},
	{"an unknown day", "price: {energy", "rows:\n  - id: n\n    when: {days: Mo-Frei}\n    price: {energy", 8, `row n, days: Mo-Frei is no day of the week; want days such as Mo-Fr, or Sa, Su`},
	{"a kind of day among days", "price: {energy", "rows:\n  - id: n\n    when: {days: holiday}\n    price: {energy", 8, `row n, days: holiday is a kind of day; write day_type: holiday`},
	{"a list inside of braces", "price: {energy", "rows:\n  - id: n\n    when: {days: Sa, Su}\n    price: {energy", 8, `row n: inside of braces a comma begins a new key; write several values in square brackets: [Sa, Su]`},
	{"holidays of nowhere", "price: {energy", "rows:\n  - id: n\n    when: {day_type: holiday}\n    price: {energy", 1, `row n is for holidays, but the tariff names no calendar; add one, such as "holidays: DE"`},
	{"an unknown group", "price: {energy", "rows:\n  - id: n\n    when: {groups: stuff}\n    price: {energy", 8, `row n, groups: stuff is not known; did you mean staff?`},
	{"an unknown pricing zone", "price: {energy", "rows:\n  - id: n\n    when: {zones: harbour}\n    price: {energy", 8, `row n, zones: harbour is not known`},
	{"a group twice", "price: {energy", "rows:\n  - id: n\n    when: {groups: [gold, gold]}\n    price: {energy", 8, `row n, groups: gold is there twice`},
	{"a singular", "price: {energy", "rows:\n  - id: n\n    when: {group: gold}\n    price: {energy", 8, `row n: the key group is not known; write groups`},
	{"a country that is none", "price: {energy", "rows:\n  - id: n\n    when: {countries: UK}\n    price: {energy", 8, `row n, countries: UK is no country code; write GB`},
	{"a country in words", "price: {energy", "rows:\n  - id: n\n    when: {countries: Germany}\n    price: {energy", 8, `row n, countries: Germany is no country code; want two capital letters (ISO 3166), such as DE`},
	{"an unknown channel", "price: {energy", "rows:\n  - id: n\n    when: {channels: card}\n    price: {energy", 8, `row n, channels: the channel card is not known; want rfid, app, plug_and_charge, ad_hoc`},
	{"a power without a range", "price: {energy", "rows:\n  - id: n\n    when: {power: 50 kW}\n    price: {energy", 8, `row n, power: "50 kW" is no power; want AC, DC, or a range such as from 50 kW, below 11 kW or 11-50 kW`},
	{"an empty range of power", "price: {energy", "rows:\n  - id: n\n    when: {power: 50-22 kW}\n    price: {energy", 8, `row n, power: "50-22 kW" is an empty range; the second number must be the larger one`},
	{"days in the wrong order", "price: {energy", "rows:\n  - id: n\n    when: {dates: 2026-08-31 to 2026-07-01}\n    price: {energy", 8, `row n, dates: "2026-08-31 to 2026-07-01" ends before it begins`},
	{"a bare number after", "price: {energy", "rows:\n  - id: n\n    when: {after: 240}\n    price: {energy", 8, `row n, after: 240 has no unit; want a duration such as 240 min or an energy such as 30 kWh`},
	{"until before after", "price: {energy", "rows:\n  - id: n\n    when: {after: 4 h, until: 2 h}\n    price: {energy", 8, `row n, until: must be later than after, or the row never applies`},
	{"a night without a time", "price: {energy", "rows:\n  - id: n\n    when: {night_belongs_to: first_day, days: Fr}\n    price: {energy", 8, `row n: night_belongs_to has no meaning without a time; add time, or take it out`},
	{"no condition", "price: {energy", "rows:\n  - id: n\n    when: {}\n    price: {energy", 8, `row n: there is no condition; leave when out for a row that always applies`},
	{"a row without id", "price: {energy", "rows:\n  - price: {energy", 7, `row 1: id is missing; want a name for the row, such as night: bills and messages show it`},
	{"a row without price", "price: {energy: 0.49 per kWh}", "rows:\n  - id: n", 7, `row n: price is missing; write "price: {energy: 0.49}"`},
	{"rows without hyphens", "price: {energy: 0.49 per kWh}", "rows:\n  id: n", 7, `rows: want a list; each row begins with a hyphen, such as "- id: night"`},
	{"free minutes of energy", "energy: 0.49 per kWh", "energy: {price: 0.49, free: 15 min}", 6, `price, energy, free: "15 min" is a duration; want an energy such as 0.1 kWh or 100 Wh`},
	{"free minutes of a session fee", "energy: 0.49 per kWh", "session: {price: 0.49, free: 15 min}", 6, `price, session, free: session is counted, not measured; take free out`},
	{"a way to be free without a free amount", "energy: 0.49 per kWh", "idle: {price: 0.10, grace: cliff}", 6, `price, idle: grace without a free amount; add free, or take grace out`},
	{"an unknown grace", "energy: 0.49 per kWh", "idle: {price: 0.10, free: 5 min, grace: clif}", 6, `price, idle, grace: clif is not known; want one of deduct, cliff`},
	{"a step without a unit", "energy: 0.49 per kWh", "idle: {price: 0.10, step: 300}", 6, `price, idle, step: 300 has no unit; want a duration such as 15 min, 90 s or 1 h 30 min`},
	{"a step of nothing", "energy: 0.49 per kWh", "idle: {price: 0.10, step: 0 min}", 6, `price, idle, step: a step of nothing has no meaning; take it out or write one such as 5 min`},
	{"a step in parts of a second", "energy: 0.49 per kWh", "idle: {price: 0.10, step: 0.5 s}", 6, `price, idle, step: "0.5 s" is not a whole number of seconds`},
	{"a step and a block", "energy: 0.49 per kWh", "idle: {price: 0.10 per block, step: 5 min, started_block: 5 min}", 6, `price, idle: step and started_block contradict each other; keep started_block if the price is for a whole block`},
	{"a price per minute for a block", "energy: 0.49 per kWh", "idle: {price: 0.10 per min, started_block: 5 min}", 6, `price, idle, price: idle is priced per block, not per min; give the price per block`},
	{"a cap of nothing", "energy: 0.49 per kWh", "idle: {price: 0.10, cap: 0}", 6, `price, idle, cap: a cap of 0 would make everything free or mean nothing; leave it out, or set prices to 0`},
	{"a cap with a unit", "energy: 0.49 per kWh", "idle: {price: 0.10, cap: 12.00 per session}", 6, `price, idle, cap: "per session" is too much after an amount; write 12.00`},
	{"a day cap without a cap", "energy: 0.49 per kWh", "idle: {price: 0.10, cap_per: day}", 6, `price, idle: cap_per without a cap; add cap, or take cap_per out`},
	{"a rule without a price", "energy: 0.49 per kWh", "idle: {free: 15 min}", 6, `price, idle: price is missing; write "price: 0.49 per min"`},
	{"tiers that go down", "energy: 0.49 per kWh", "energy: {tiers: [{to: 300 kWh, price: 0.49}, {to: 100 kWh, price: 0.44}, {price: 0.39}]}", 6, `price, energy, tiers, to: "100 kWh" is not above the tier before; tiers go up`},
	{"tiers that end", "energy: 0.49 per kWh", "energy: {tiers: [{to: 100 kWh, price: 0.49}, {to: 300 kWh, price: 0.44}]}", 6, `price, energy, tiers, to: the last tier must be open, or energy beyond it has no price; leave out its to`},
	{"tiers beside a price", "energy: 0.49 per kWh", "energy: {price: 0.49, tiers: [{price: 0.39}]}", 6, `price, energy: price and tiers contradict each other; the price stands in the tiers`},
	{"tiers of minutes", "energy: 0.49 per kWh", "idle: {tiers: [{price: 0.39}]}", 6, `price, idle: tiers are for energy only`},
	{"a markup on nothing", "energy: 0.49 per kWh", "energy: {price: 0.49, markup: 10 %}", 6, `price, energy: markup is for prices that pass the operator's amount through; add "pass_through: yes"`},
	{"a percentage without its sign", "mode: gross", "mode: gross\ndiscounts: [{id: a, minus: 15 percent}]", 6, `discount a, minus: "15 percent" is not understood; want what is taken off, such as 15 % or 2.00`},
	{"a discount of more than all", "mode: gross", "mode: gross\ndiscounts: [{id: a, minus: 150 %}]", 6, `discount a, minus: "150 %" is too much; at most 100 % is possible`},
	{"a discount without what it takes off", "mode: gross", "mode: gross\ndiscounts: [{id: a, on: energy}]", 6, `discount a: minus is missing; want what is taken off, such as 15 % or 2.00`},
	{"a minimum above the maximum", "mode: gross", "mode: gross\nsession_minimum: 5.00\nsession_maximum: 2.00", 6, `session_minimum: 5.00 is above the session_maximum of 2.00`},
	{"a minimum on zero without a minimum", "mode: gross", "mode: gross\nminimum_on_zero: yes", 6, `minimum_on_zero without session_minimum; add it, or take minimum_on_zero out`},
	{"a minimum on zero without its VAT", "mode: gross", "mode: gross\nminimum_on_zero: yes\nsession_minimum: 1.00", 1, `minimum_on_zero needs limit_vat, such as standard: a session without lines has no VAT code of its own`},
	{"a discount on export", "mode: gross", "mode: gross\ndiscounts: [{id: a, on: export, minus: 5 %}]", 6, `discount a, on: what is paid for export cannot be discounted; take export out`},
	{"two discounts in one", "mode: gross", "mode: gross\ndiscounts: [{id: a, minus: [5 %, 2.00]}]", 6, `discount a, minus: want one value, not several: what is taken off, such as 15 % or 2.00`},
	{"a discount of nothing", "mode: gross", "mode: gross\ndiscounts: [{id: a, minus: 0 %}]", 6, `discount a, minus: a discount of 0 means nothing; take it out`},
	{"steps of what is passed through", "energy: 0.49 per kWh", "energy: {pass_through: yes, step: 100 Wh}", 6, `price, energy: pass_through and step contradict each other; what is passed through is the operator's amount as it is`},
	{"a cap on export", "energy: 0.49 per kWh", "export: {price: 0.08, cap: 2.00}", 6, `price, export: export has no cap; take it out`},
	{"a half zero rule", "mode: gross", "mode: gross\nzero_rule: {below: 0.1 kWh}", 6, `zero_rule: shorter_than is missing: a session is free below both; want none, or {below: 0.1 kWh, shorter_than: 120 s}`},
	{"an unknown free component", "mode: gross", "mode: gross\nfree: parking", 6, `free: parking is not known; write idle`},
	{"an unknown calendar", "mode: gross", "mode: gross\nholidays: DE-BYE", 6, `holidays: the calendar DE-BYE is not known; did you mean DE-BY? Or give {name: ..., dates: [...]}`},
	{"a calendar of nowhere", "mode: gross", "mode: gross\nholidays: Atlantis", 6, `holidays: the calendar Atlantis is not known; built in are DE and its states, such as DE-BY, or give {name: ..., dates: [...]}`},
	{"an unknown rounding", "mode: gross", "mode: gross\nrounding: kaufmaennisch", 6, `rounding: kaufmaennisch is not known; want one of half_away, half_even, down, up`},
	{"a truth that is none", "mode: gross", "mode: gross\nsession_minimum: 1.00\nminimum_on_zero: maybe", 7, `minimum_on_zero: maybe is neither yes nor no`},
	{"a reference", "price: {energy: 0.49 per kWh}", "price: &p {energy: 0.49 per kWh}", 6, `&p names a place to refer to; take it out and write values where they are used`},
	{"a star without quotes", "price: {energy", "rows:\n  - id: n\n    when: {evses: *E1}\n    price: {energy", 8, `a value begins with *; put it in quotes (references of YAML are not used in tariffs)`},
	{"a merge key", "price: {energy", "rows:\n  - id: n\n    <<: {price: {energy: 1}}\n    price: {energy", 8, `row 1: << takes values from another place; write them out`},
	{"a type of YAML", "0.49 per kWh", "!!float 0.49", 6, `!!float is a type of YAML; take it out`},
	{"a tab", "price: {energy: 0.49 per kWh}", "price:\n\tenergy: 0.49", 7, `the line is indented with a tab; use blanks`},
	{"a colon too many", "currency: EUR", "currency: EUR: CHF", 4, `a colon where none may be; give each key a line of its own, or look for a wrong indent here or just before`},
	{"a wrong indent", "version: 1", "  version: 1", 2, `a colon where none may be; give each key a line of its own, or look for a wrong indent here or just before`},
	{"an open bracket", "0.49 per kWh}", "0.49", 6, `this is no YAML (did not find expected ',' or '}'); look for a missing colon, quote or bracket from here on`},
	{"two tariffs", "mode: gross", "mode: gross\n---\na: 1", 6, `a second document begins here; a file holds one tariff`},
	{"a list for a tariff", "tariff: HOME\nversion: 1\nvalid_from: 2026-01-01 Europe/Berlin\ncurrency: EUR\nmode: gross\nprice: {energy: 0.49 per kWh}\n", "- a\n", 1, `a tariff is a list of keys and values, such as "currency: EUR"`},
	{"nothing", "tariff: HOME\nversion: 1\nvalid_from: 2026-01-01 Europe/Berlin\ncurrency: EUR\nmode: gross\nprice: {energy: 0.49 per kWh}\n", "", 0, `the file is empty; a tariff begins with tariff, version, valid_from, currency, mode and price`},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		if !strings.Contains(simple, m.old) {
			t.Errorf("%s: %q is not in the tariff", m.name, m.old)
		}
		_, faults := Parse("", []byte(strings.Replace(simple, m.old, m.new, 1)), world)
		if len(faults) != 1 {
			t.Errorf("%s: %d faults, want one\n%v", m.name, len(faults), faults)
			continue
		}
		got := faults[0]
		if got.Line != m.line {
			t.Errorf("%s: line %d, want %d", m.name, got.Line, m.line)
		}
		got.Line, got.Column = 0, 0
		if got.String() != m.want {
			t.Errorf("%s:\n got %s\nwant %s", m.name, got, m.want)
		}
	}
}
