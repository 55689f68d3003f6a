package pricelist

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones must not depend on the machine

	"github.com/google/go-cmp/cmp"

	"wattdue/calendar"
	"wattdue/rating"
)

// loadZone is what a caller gives; "" is no zone.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, errors.New("no name")
	}
	return time.LoadLocation(name)
}

var world = Known{
	TimeZone: loadZone,
	Groups:   Names{"public": true, "staff": true, "gold": true},
	Zones:    Names{"city": true, "motorway": true},
	VATCodes: Names{"standard": true, "penalty": true},
}

// simple is the shortest tariff there is.
const simple = `tariff: HOME
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
price: {energy: 0.49 per kWh}
`

func mustParse(t testing.TB, text string) rating.Tariff {
	t.Helper()
	got, faults := Parse("t.yaml", []byte(text), world)
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	return got
}

func TestSixLinesAreATariff(t *testing.T) {
	want := rating.Tariff{
		Code: "HOME", Version: 1, ValidFrom: time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC), Currency: "EUR", Mode: rating.Gross,
		ZeroBelow: 100_000, ZeroUnder: 2 * time.Minute,
		Rows: []rating.Row{{ID: "base", Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 490_000, VATCode: "standard"}}}},
	}
	if diff := cmp.Diff(want, mustParse(t, simple)); diff != "" {
		t.Error(diff)
	}
}

// full has every key there is.
const full = `# The price list of the motorway, with everything in it.
tariff: NORD-MWAY
version: 3
valid_from: 2026-07-01T00:00:00+02:00
valid_until: 2027-01-01 Europe/Berlin   # the first day that is out
currency: EUR
mode: gross
vat: standard
price:
  energy: 0.59 EUR per kWh
  session: 0.35
  idle:
    price: 0.20/min
    free: 15 min
    grace: cliff
rows:
  - id: night
    priority: 5
    when:
      groups: staff, gold
      zones: [city]
      locations: LOC-1
      evses: "DE*ABC*E1"
      contracts: V1
      customers: K1
      operators: NLC
      countries: DE, AT
      power: from 50 kW
      channels: App, ad-hoc, Plug&Charge
      dates: 2026-07-01 to 2026-08-31
      days: Mo-Mi, Sa
      time: 22:00-06:00, 12:00-13:30
      night_belongs_to: first_day
      after: 30 min, 5 kWh
      until: [4 h, 30 kWh]
    price:
      energy:
        tiers:
          - {to: 100 kWh, price: 0.49}
          - {to: 300 kWh, price: 0.44}
          - {price: 0.39}
        tiers_by: month
      occupancy:
        price: 0.10 per min
        vat: penalty
        cap: 12.00
        cap_per: day
  - id: holidays
    when: {day_type: Feiertag, Wochenende}
    price:
      energy: {price: 0.39, free: 1.5 kWh, step: 100 Wh}
      charging: {price: 1.00 per block, started_block: 15 min}
      reservation: 1.00 per reservation
      reservation_time: 0.05
      export: 0.08
  - id: roaming
    when: {dates: until 2026-12-31, power: below 11 kW}
    price:
      energy: {price: 0.10, pass_through: yes, markup: 7.5 %}
discounts:
  - {id: staff, groups: staff, on: energy, minus: 15 %, best_of: best}
  - {id: welcome, minus: 2.00}
session_minimum: 1.00
session_maximum: 80.00 EUR
minimum_on_zero: yes
limit_vat: standard
zero_rule: {below: 50 Wh, shorter_than: 1 min 30 s}
free: [charging, occupancy]
round_at: session
rounding: half_even
energy_split: readings
holidays: {name: DE-SH, years: 2026-2026, and: 2026-12-24}
`

func TestEveryKey(t *testing.T) {
	std := "standard"
	date := func(m time.Month, d int) calendar.Date { return calendar.Date{Year: 2026, Month: m, Day: d} }
	want := rating.Tariff{
		Code: "NORD-MWAY", Version: 3, ValidFrom: time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC), ValidTo: time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC),
		Currency: "EUR", Mode: rating.Gross, ZeroBelow: 50_000, ZeroUnder: 90 * time.Second,
		Free: []rating.Component{rating.Charging, rating.Occupancy}, SessionMin: 1_000_000, SessionMax: 80_000_000, MinOnZero: true, LimitVAT: std,
		Round: rating.AtSession, Rounding: roundings[1].mode, Split: rating.SplitReadings,
		Discounts: []rating.Discount{
			{ID: "staff", Groups: []string{"staff"}, Components: []rating.Component{rating.Energy}, Percent: 150_000, BestOf: "best"},
			{ID: "welcome", Amount: 2_000_000},
		},
		// Schleswig-Holstein: the nine days of all states and 31 October; Easter Sunday 2026 is 5 April. 24 December was added.
		Holidays: &rating.Holidays{Name: "DE-SH", Days: []calendar.Date{
			date(1, 1), date(4, 3), date(4, 6), date(5, 1), date(5, 14), date(5, 25), date(10, 3), date(10, 31), date(12, 24), date(12, 25), date(12, 26),
		}},
		Rows: []rating.Row{
			{ID: "base", Prices: map[rating.Component]rating.Price{
				rating.Energy: {Unit: 590_000, VATCode: std}, rating.PerUse: {Unit: 350_000, VATCode: std},
				rating.Idle: {Unit: 200_000, VATCode: std, FreeTime: 15 * time.Minute, Grace: rating.Cliff},
			}},
			{
				ID: "night", Priority: 5, Groups: []string{"staff", "gold"}, Zones: []string{"city"}, Locations: []string{"LOC-1"}, EVSEs: []string{"DE*ABC*E1"},
				Contracts: []string{"V1"}, Customers: []string{"K1"}, Operators: []string{"NLC"}, Countries: []string{"DE", "AT"}, Power: []string{"50-"},
				Channels: []string{"app", "ad_hoc", "plug_and_charge"},
				Moving: rating.Moving{
					DateFrom: date(7, 1), DateTo: date(9, 1), Days: []rating.Day{1, 2, 3, 6}, Times: []rating.Window{{From: 1320, To: 360}, {From: 720, To: 810}},
					DayOfStart: true, AfterTime: 30 * time.Minute, AfterEnergy: 5_000_000, UntilTime: 4 * time.Hour, UntilEnergy: 30_000_000,
				},
				Prices: map[rating.Component]rating.Price{
					rating.Energy: {VATCode: std, Volume: true, Tiers: []rating.Tier{
						{Below: 100_000_000, Unit: 490_000}, {Below: 300_000_000, Unit: 440_000}, {Unit: 390_000},
					}},
					rating.Occupancy: {Unit: 100_000, VATCode: "penalty", Cap: 12_000_000, CapPerDay: true},
				},
			},
			{ID: "holidays", Moving: rating.Moving{DayTypes: []rating.DayType{rating.Holiday, rating.Weekend}}, Prices: map[rating.Component]rating.Price{
				rating.Energy:      {Unit: 390_000, VATCode: std, FreeEnergy: 1_500_000, Step: 100_000},
				rating.Charging:    {Unit: 1_000_000, VATCode: std, Step: 900, StartedBlock: true},
				rating.Reservation: {Unit: 1_000_000, VATCode: std}, rating.ReservationMin: {Unit: 50_000, VATCode: std}, rating.Export: {Unit: 80_000, VATCode: std},
			}},
			{
				ID: "roaming", Power: []string{"0-11"}, Moving: rating.Moving{DateTo: calendar.Date{Year: 2027, Month: 1, Day: 1}},
				Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 100_000, VATCode: std, PassThrough: true, Markup: 75_000}},
			},
		},
	}
	text := strings.Replace(full, "{day_type: Feiertag, Wochenende}", "{day_type: [Feiertag, Wochenende]}", 1)
	got := mustParse(t, text)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again, faults := Parse("again", Write(got), Known{})
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, Write(got))
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("written and read: %s\n%s", diff, Write(got))
	}
}

// A price means what its text says, whatever stands behind the number.
func TestFormsOfAPrice(t *testing.T) {
	for text, want := range map[string]int64{
		"0.49": 490_000, "0.49 per kWh": 490_000, "0.49/kWh": 490_000, "0.49 / kWh": 490_000, "0.49 EUR per kWh": 490_000, "0.49 €/kWh": 490_000,
		"0.49€": 490_000, `"0.49"`: 490_000, "0": 0, "0.000001": 1, "999999.999999": 999_999_999_999, "1": 1_000_000, "0.411765": 411_765,
		"0.1": 100_000, "0.30000000000000004": -1, // a seventeenth digit is a fault, not a rounding
	} {
		tariff, faults := Parse("t.yaml", []byte(strings.Replace(simple, "0.49 per kWh", text, 1)), world)
		if want < 0 {
			if len(faults) == 0 {
				t.Errorf("%s was read", text)
			}
			continue
		}
		if len(faults) > 0 || int64(tariff.Rows[0].Prices[rating.Energy].Unit) != want {
			t.Errorf("%s: %v, %v, want %d", text, tariff.Rows, faults, want)
		}
	}
}

func TestManyFaultsInTheOrderOfTheFile(t *testing.T) {
	const text = `tariff: HOME
version: one
valid_from: 2026-01-01 Europe/Berlin
currency: Euro
mode: gross
rows:
  - id: a
    when: {time: 22-06}
    price: {energy: 0.4.9, sesion: 1}
  - id: a
    price: {energy: 0,49}
`
	_, faults := Parse("nord.yaml", []byte(text), world)
	want := `nord.yaml, line 2, column 10: version: one is no version; want a whole number from 1 to 1000000
nord.yaml, line 4, column 11: currency: the currency Euro is not known; write EUR
nord.yaml, line 8, column 18: row a, time: 22-06 is no stretch of the day; want times such as 22:00-06:00, hours from 00 to 24 with minutes
nord.yaml, line 9, column 21: row a, energy: 0.4.9 is no number; write it like 0.49
nord.yaml, line 9, column 28: row a: the key sesion is not known; did you mean session?
nord.yaml, line 10, column 9: row 2: the id a is there twice, first in line 7; give each row its own`
	got := faults.Error()
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	text := simple + strings.Repeat("x: 1\n", 500)
	_, faults := Parse("t.yaml", []byte(text), world)
	if len(faults) != mostFaults+1 || faults[mostFaults].Text != "and 400 faults more" {
		t.Errorf("%d faults, the last %q", len(faults), faults[len(faults)-1])
	}
}
