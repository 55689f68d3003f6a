package report

import (
	"math"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

func TestMoneyWords(t *testing.T) {
	cases := []struct {
		currency money.Currency
		minor    int64
		want     string
	}{
		{"EUR", 0, "0.00 EUR"},
		{"EUR", 5, "0.05 EUR"},
		{"EUR", -5, "-0.05 EUR"},
		{"EUR", 99_999, "999.99 EUR"},
		{"EUR", 100_000, "1,000.00 EUR"},
		{"EUR", -123_456, "-1,234.56 EUR"},
		{"EUR", 123_456_789_012, "1,234,567,890.12 EUR"},
		{"JPY", 1_234_567, "1,234,567 JPY"},
		{"KWD", 1_234_567, "1,234.567 KWD"},
		{"", 123_456, "1,234.56"},
		{"EUR", math.MinInt64, "-92,233,720,368,547,758.08 EUR"},
	}
	for _, c := range cases {
		if got := (words{c.currency}).money(c.minor); got != c.want {
			t.Errorf("%d %s: got %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}

func TestEnergyWords(t *testing.T) {
	cases := []struct {
		e            cdr.MicroKWh
		whole, exact string
	}{
		{0, "0", "0.000"},
		{499_999, "0", "0.500"},
		{500_000, "1", "0.500"},
		{1_499_499, "1", "1.499"},
		{1_499_500, "1", "1.500"},
		{74_812_456_000, "74,812", "74,812.456"},
		{-500_000, "-1", "-0.500"},
		{math.MaxInt64, "9,223,372,036,855", "9,223,372,036,854.776"},
	}
	for _, c := range cases {
		if kWh(c.e) != c.whole || kWhExact(c.e) != c.exact {
			t.Errorf("%d: got %s and %s, want %s and %s", c.e, kWh(c.e), kWhExact(c.e), c.whole, c.exact)
		}
	}
}

func TestTimeWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.00 s", 4 * time.Millisecond: "0.00 s", 5 * time.Millisecond: "0.01 s", 1_240 * time.Millisecond: "1.24 s",
		59_994 * time.Millisecond: "59.99 s", 59_995 * time.Millisecond: "1 min 00 s", 65 * time.Second: "1 min 05 s",
		754 * time.Second: "12 min 34 s", -time.Second: "0.00 s",
	} {
		if got := took(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	for want, s := range map[string]StageTime{
		"2,444": {"import", 3031, 1_240 * time.Millisecond}, "-": {"import", 3031, 0},
		"4": {"render", 267, 65 * time.Second},
	} {
		if got := perSecond(s); got != want {
			t.Errorf("%+v: got %s a second, want %s", s, got, want)
		}
	}
	for period, want := range map[string]string{"2026-10": "October 2026", "2026-10-31": "31 October 2026", "late records": "late records", "": ""} {
		if got := longPeriod(period); got != want {
			t.Errorf("period %q: got %q, want %q", period, got, want)
		}
	}
	if got := instant(monthReport().AsOf); got != "2026-11-02 03:30 +01:00" {
		t.Errorf("as of %s", got)
	}
}

func TestSumsDoNotWrap(t *testing.T) {
	cases := []struct {
		name string
		got  total
		want total
	}{
		{"nothing", sum(), total{0, true}},
		{"1 + 2 - 3", sum(1, 2, -3), total{0, true}},
		{"too large", sum(math.MaxInt64, 1), total{}},
		{"too low", sum(-math.MaxInt64, -1), total{}},
		{"5 - 7", difference(5, 7), total{-2, true}},
		{"5 - 0", difference(5, 0), total{5, true}},
		{"0 - lowest", difference(0, math.MinInt64), total{}},
	}
	for _, c := range cases {
		if c.got.fits != c.want.fits || c.got.fits && c.got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, c.got, c.want)
		}
	}
}
