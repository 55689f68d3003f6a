package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/rating/wire"
	"wattdue/sql/store"
)

func TestSplitVersion(t *testing.T) {
	for _, c := range []struct {
		what, code string
		version    int
		good       bool
	}{
		{"NORD", "NORD", 0, true},
		{"NORD@4", "NORD", 4, true},
		{"a/b.c@12", "a/b.c", 12, true},
		{"NORD@", "", 0, false},
		{"NORD@0", "", 0, false},
		{"NORD@-1", "", 0, false},
		{"NORD@4@5", "", 0, false},
		{"@4", "", 0, false},
	} {
		code, version, err := splitVersion(c.what)
		if (err == nil) != c.good || c.good && (code != c.code || version != c.version) {
			t.Errorf("%s: %q %d %v", c.what, code, version, err)
		}
	}
}

// TestStatesOfVersions lists a tariff whose second version replaced the first, whose third ended, and whose fourth is to come.
func TestStatesOfVersions(t *testing.T) {
	day := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	end := day(6)
	rows := []store.TariffRow{
		{Code: "A", Version: 1, From: day(1)},
		{Code: "A", Version: 2, From: day(3)},
		{Code: "A", Version: 3, From: day(4), To: &end},
		{Code: "A", Version: 4, From: day(9)},
		{Code: "B", Version: 1, From: day(1)},
	}
	var got []string
	for _, v := range viewTariffs(rows, day(6)) { // the first instant that is out of the third version
		got = append(got, v.State)
	}
	if want := "replaced valid ended future valid"; strings.Join(got, " ") != want {
		t.Errorf("states %v, want %s", got, want)
	}
}

// TestTimesOfTheNightTheClocksGoBack prints a session over the hour that is there twice: times name their offset.
func TestTimesOfTheNightTheClocksGoBack(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tariff, err := rating.Compile(rating.Tariff{
		Code: "T", Version: 1, Currency: money.EUR, Mode: rating.Gross,
		Rows: []rating.Row{{ID: "all", Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 500_000, VATCode: "standard"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC) // 02:30, an hour before it is 02:30 again
	r, err := rating.Rate(rating.Contract{}, tariff, rating.Session{Start: start, End: start.Add(time.Hour), Energy: 1_000_000, TimeZone: zone})
	if err != nil {
		t.Fatal(err)
	}
	price, err := wire.NewPrice(r, wire.Of{Rate: vatRates("DE", calendar.NewDate(2026, 10, 25))})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := pricePrinter{w: &out, zone: zone}
	p.price(price)
	if want := "session   2026-10-25 02:30:00 +02:00 to 02:30:00 +01:00 (Europe/Berlin): 1.000 kWh in 1 h\n"; p.err != nil || !strings.Contains(out.String(), want) {
		t.Errorf("%v; want %q in\n%s", p.err, want, out.String())
	}
}
