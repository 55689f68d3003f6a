package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wattdue/money"
	"wattdue/rating"
)

// german are the rates of Germany since 2021.
func german(code string) (money.Fraction, bool) {
	switch code {
	case "standard":
		return 190_000, true
	case "penalty":
		return 0, true
	}
	return 0, false
}

// priceOf prices an hour with 10 kWh, of which half an hour is idle.
func priceOf(t *testing.T, tariff rating.Tariff, rate Rate) (Price, rating.Rated) {
	t.Helper()
	tariff.Code, tariff.Version, tariff.Currency = "T", 1, money.EUR
	c, err := rating.Compile(tariff)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC)
	r, err := rating.Rate(rating.Contract{}, c, rating.Session{
		Start: start, End: start.Add(time.Hour), Idle: 30 * time.Minute, Energy: 10_000_000, DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPrice(r, Of{Session: "S", Hash: c.Hash(), Rate: rate})
	if err != nil {
		t.Fatal(err)
	}
	return p, r
}

func row(prices map[rating.Component]rating.Price) []rating.Row {
	return []rating.Row{{ID: "r", Prices: prices}}
}

func shownSides(s Sides) string {
	show := func(p *string) string {
		if p == nil {
			return "null"
		}
		return *p
	}
	return show(s.ExclVAT) + " " + show(s.InclVAT)
}

func TestBothSidesOfTax(t *testing.T) {
	energy := func(mode rating.Mode, code string) rating.Tariff {
		return rating.Tariff{Mode: mode, Rows: row(map[rating.Component]rating.Price{rating.Energy: {Unit: 595_000, VATCode: code}})}
	}
	for _, c := range []struct {
		name           string
		tariff         rating.Tariff
		rounded, exact string
	}{
		// 10 x 0.595 = 5.95; 5.95 / 1.19 = 5.00
		{"gross", energy(rating.Gross, "standard"), "5.00 5.95", "5.00 5.95"},
		// 5.95 x 1.19 = 7.0805
		{"net", energy(rating.Net, "standard"), "5.95 7.08", "5.95 7.0805"},
		{"outside VAT", energy(rating.Gross, "penalty"), "5.95 5.95", "5.95 5.95"},
		{"a rate that is not known, gross", energy(rating.Gross, "reduced"), "null 5.95", "null 5.95"},
		{"a rate that is not known, net", energy(rating.Net, "reduced"), "5.95 null", "5.95 null"},
		// 5.95 of energy holds 0.95 of VAT, 30 min x 0.10 = 3.00 is outside VAT
		{"two codes", rating.Tariff{Mode: rating.Gross, Rows: row(map[rating.Component]rating.Price{
			rating.Energy: {Unit: 595_000, VATCode: "standard"}, rating.Idle: {Unit: 100_000, VATCode: "penalty"},
		})}, "8.00 8.95", "8.00 8.95"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := priceOf(t, c.tariff, german)
			if got := shownSides(p.Total.Sides); got != c.rounded {
				t.Errorf("total %s, want %s", got, c.rounded)
			}
			if got := shownSides(p.Total.Exact); got != c.exact {
				t.Errorf("exact %s, want %s", got, c.exact)
			}
			if unknown := strings.Contains(c.rounded, "null"); unknown != (len(p.Flags) == 1 && p.Flags[0] == rating.VATUnknown) {
				t.Errorf("flags %v", p.Flags)
			}
		})
	}
}

func TestDimensionsAndLimits(t *testing.T) {
	// 5.95 + 30 min x 0.10 = 8.95, lowered to 7.14 = 6.00 x 1.19
	p, r := priceOf(t, rating.Tariff{Mode: rating.Gross, SessionMax: 7_140_000, Rows: row(map[rating.Component]rating.Price{
		rating.Energy: {Unit: 595_000, VATCode: "standard"}, rating.Idle: {Unit: 100_000, VATCode: "standard"},
	})}, german)
	want := map[string]string{"energy_kwh": "5.00 5.95", "idle_min": "2.52 3.00", SessionLimit: "-1.52 -1.81"}
	for name, sides := range want {
		if got := shownSides(p.Dimensions[name].Sides); got != sides {
			t.Errorf("%s: %s, want %s", name, got, sides)
		}
	}
	if len(p.Dimensions) != len(want) {
		t.Errorf("%d dimensions, want %d", len(p.Dimensions), len(want))
	}
	if got := shownSides(p.Total.Sides); got != "6.00 7.14" {
		t.Errorf("total %s", got)
	}
	if len(p.Trace.Adjustments) != 1 || p.Trace.Adjustments[0].Before != "8.95" || p.Trace.Adjustments[0].After != "7.14" || *p.Trace.Adjustments[0].Line != 3 {
		t.Errorf("adjustments %+v", p.Trace.Adjustments)
	}
	// Whoever has the JSON has the trace, and with it the price.
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Trace struct{ Bytes []byte }
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	trace, err := rating.DecodeTrace(back.Trace.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	again, err := trace.Replay()
	if err != nil || again.Total != r.Total || !bytes.Equal(again.Trace, r.Trace) {
		t.Errorf("replay: %v, total %d, want %d", err, again.Total, r.Total)
	}
}

func TestExactText(t *testing.T) {
	for _, c := range []struct {
		exact money.Exact
		want  string
	}{
		{0, "0.00"},
		{money.ExactUnit, "1.00"},
		{-money.ExactUnit / 2, "-0.50"},
		{money.ExactUnit / 8, "0.125"},
		{money.ExactUnit / 3, "0.333333333333"},
		{2 * money.ExactUnit / 3, "0.666666666667"},
		{9, "0.000000000001"},
		{4, "0.00"},
		{5, "0.000000000001"},
	} {
		if got := exactText(c.exact); got != c.want {
			t.Errorf("%d: %s, want %s", int64(c.exact), got, c.want)
		}
	}
}
