package money

import (
	"errors"
	"math"
	"testing"
)

func TestQuantityTimesPrice(t *testing.T) {
	const cent = ExactUnit / 100
	cases := []struct {
		name  string
		times func(Price, int64) (Exact, error)
		price Price
		n     int64
		want  Exact
	}{
		{"20 kWh at 0.49 are 9.80", PerKWh, 490_000, 20_000_000, 980 * cent},
		{"one micro-kWh at one millionth", PerKWh, 1, 1, 9},
		{"40 min at 0.20 per minute are 8.00", PerMinute, 200_000, 2400, 800 * cent},
		{"one second at 0.60 per minute is 0.01", PerMinute, 600_000, 1, cent},
		{"600 s at 6.00 per hour are 1.00", PerHour, 6_000_000, 600, 100 * cent},
		{"one second at a millionth per hour", PerHour, 1, 1, 2500},
		{"session fee 0.50", PerEvent, 500_000, 1, 50 * cent},
		{"two session fees, taken back", PerEvent, 500_000, -2, -100 * cent},
		{"price 0", PerKWh, 0, 20_000_000, 0},
		{"nothing used", PerKWh, 490_000, 0, 0},
	}
	for _, c := range cases {
		if got, err := c.times(c.price, c.n); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", c.name, got, err, c.want)
		}
	}
}

func TestQuantityTimesPriceOverflows(t *testing.T) {
	// 9*10^12 Exact units per euro leave 1,024,819 whole euros below 2^63.
	if got, err := PerEvent(1_024_819_000_000, 1); err != nil || got != 1_024_819*ExactUnit {
		t.Errorf("1,024,819.00: got %d, %v", got, err)
	}
	cases := []struct {
		name  string
		price Price
		n     int64
	}{
		{"one euro more", 1_024_820_000_000, 1},
		{"one euro more, taken back", -1_024_820_000_000, 1},
		{"first product beyond 64 bits", math.MaxInt64, math.MaxInt64},
		{"first product beyond 63 bits", math.MaxInt64, 2},
		{"lowest price", math.MinInt64, 1},
		{"lowest quantity", 1, math.MinInt64},
		{"lowest times lowest", math.MinInt64, math.MinInt64},
	}
	for _, c := range cases {
		if got, err := PerEvent(c.price, c.n); !errors.Is(err, ErrOverflow) || got != 0 {
			t.Errorf("%s: got %d, %v, want an overflow", c.name, got, err)
		}
	}
}

func TestExactAdd(t *testing.T) {
	if got, err := Exact(3).Add(-5); err != nil || got != -2 {
		t.Errorf("3 - 5 = %d, %v", got, err)
	}
	for _, c := range [][2]Exact{{math.MaxInt64, 1}, {-math.MaxInt64, -1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		if got, err := c[0].Add(c[1]); !errors.Is(err, ErrOverflow) || got != 0 {
			t.Errorf("%d + %d = %d, %v, want an overflow", c[0], c[1], got, err)
		}
	}
}

func TestRoundToMinor(t *testing.T) {
	const (
		cent  = ExactUnit / 100
		mille = ExactUnit / 1000
	)
	cases := []struct {
		name     string
		e        Exact
		currency Currency
		want     int64
	}{
		{"5.145 goes up", 514*cent + cent/2, EUR, 515},
		{"5.155 goes up as well, not to the even cent", 515*cent + cent/2, EUR, 516},
		{"just below the half stays", 514*cent + cent/2 - 1, EUR, 514},
		{"-5.145 mirrors", -514*cent - cent/2, EUR, -515},
		{"just above minus the half stays", -514*cent - cent/2 + 1, EUR, -514},
		{"0.005 is a cent", cent / 2, EUR, 1},
		{"0.00499 is nothing", cent/2 - 1, EUR, 0},
		{"-0.005 is a cent back", -cent / 2, EUR, -1},
		{"zero", 0, EUR, 0},
		{"1.365", 136*cent + cent/2, EUR, 137},
		{"12.5 yen", 12*ExactUnit + ExactUnit/2, "JPY", 13},
		{"12.49 yen", 12*ExactUnit + 49*cent, "JPY", 12},
		{"1.2345 dinar", 1234*mille + mille/2, "KWD", 1235},
		{"the upper edge", math.MaxInt64, EUR, 102_481_912}, // 9223372036854775807 / (9*10^10) = 102481911.52
		{"the lower edge", -math.MaxInt64, EUR, -102_481_912},
	}
	for _, c := range cases {
		got, err := c.e.RoundToMinor(c.currency)
		if err != nil || got != (Amount{c.want, c.currency}) {
			t.Errorf("%s: got %v, %v, want %d", c.name, got, err, c.want)
		}
	}
	if _, err := Exact(cent).RoundToMinor("eur"); err == nil {
		t.Error("an unknown currency was rounded")
	}
}

func TestExactString(t *testing.T) {
	cases := []struct {
		e    Exact
		want string
	}{
		{0, "0.00"},
		{5_145 * ExactUnit / 1000, "5.145"},
		{980 * ExactUnit / 100, "9.80"},
		{ExactUnit / 3, "0.333333..."},
		{-ExactUnit / 3, "-0.333333..."},
		{ExactUnit/2 + 1, "0.500000..."},
		{-1, "-0.000000..."},
		{-10 * ExactUnit, "-10.00"},
		{ExactUnit / 1_000_000, "0.000001"},
	}
	for _, c := range cases {
		if got := c.e.String(); got != c.want {
			t.Errorf("Exact(%d) prints %q, want %q", int64(c.e), got, c.want)
		}
	}
}
