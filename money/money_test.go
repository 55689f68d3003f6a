package money

import (
	"errors"
	"math"
	"testing"
)

func TestFormatMinor(t *testing.T) {
	cases := []struct {
		v      int64
		digits int
		want   string
	}{
		{0, 2, "0.00"},
		{5, 2, "0.05"},
		{-5, 2, "-0.05"},
		{1234, 2, "12.34"},
		{-1234, 2, "-12.34"},
		{100, 2, "1.00"},
		{0, 0, "0"},
		{-7, 0, "-7"},
		{7, 3, "0.007"},
		{math.MaxInt64, 2, "92233720368547758.07"},
		{math.MinInt64, 2, "-92233720368547758.08"},
	}
	for _, c := range cases {
		if got := FormatMinor(c.v, c.digits); got != c.want {
			t.Errorf("FormatMinor(%d, %d) = %q, want %q", c.v, c.digits, got, c.want)
		}
	}
}

func TestAmountString(t *testing.T) {
	cases := []struct {
		a    Amount
		want string
	}{
		{Amount{1234, "EUR"}, "12.34 EUR"},
		{Amount{-5, "EUR"}, "-0.05 EUR"},
		{Amount{1234, "JPY"}, "1234 JPY"},
		{Amount{1234, "KWD"}, "1.234 KWD"},
		{Amount{1234, "ISK"}, "1234 ISK"},
		{Amount{1234, "XTS"}, "12.34 XTS"},
	}
	for _, c := range cases {
		if got := c.a.String(); got != c.want {
			t.Errorf("%d %s prints %q, want %q", c.a.Minor, c.a.Currency, got, c.want)
		}
	}
}

func TestDigits(t *testing.T) {
	for c, want := range map[Currency]int{"EUR": 2, "JPY": 0, "KWD": 3, "HUF": 2} {
		if got, ok := c.Digits(); !ok || got != want {
			t.Errorf("%s has %d digits, known %v, want %d", c, got, ok, want)
		}
	}
	for _, c := range []Currency{"", "eur", "XTS", "EURO"} {
		if _, ok := c.Digits(); ok {
			t.Errorf("currency %q is taken for known", c)
		}
	}
}

func TestAmountAdd(t *testing.T) {
	eur := func(v int64) Amount { return Amount{v, EUR} }
	cases := []struct {
		name    string
		a, b    Amount
		want    int64
		wantErr error
	}{
		{"two prices", eur(980), eur(1200), 2180, nil},
		{"a reversal gives nothing", eur(2180), eur(-2180), 0, nil},
		{"up to the upper edge", eur(math.MaxInt64 - 1), eur(1), math.MaxInt64, nil},
		{"beyond the upper edge", eur(math.MaxInt64), eur(1), 0, ErrOverflow},
		{"twice the upper edge", eur(math.MaxInt64), eur(math.MaxInt64), 0, ErrOverflow},
		{"down to the lower edge", eur(-math.MaxInt64 + 1), eur(-1), -math.MaxInt64, nil},
		{"the value without a mirror", eur(-math.MaxInt64), eur(-1), 0, ErrOverflow},
		{"beyond the lower edge", eur(-math.MaxInt64), eur(-2), 0, ErrOverflow},
		{"twice the lower edge", eur(math.MinInt64), eur(math.MinInt64), 0, ErrOverflow},
		{"two currencies", eur(1), Amount{1, "CHF"}, 0, ErrCurrency},
	}
	for _, c := range cases {
		got, err := c.a.Add(c.b)
		if !errors.Is(err, c.wantErr) || got.Minor != c.want {
			t.Errorf("%s: %v + %v = %d, %v; want %d, %v", c.name, c.a, c.b, got.Minor, err, c.want, c.wantErr)
		}
	}
}

func TestNeg(t *testing.T) {
	if got := (Amount{2180, EUR}).Neg(); got != (Amount{-2180, EUR}) {
		t.Errorf("the mirror of 21.80 is %v", got)
	}
	if got := (Amount{-math.MaxInt64, EUR}).Neg(); got != (Amount{math.MaxInt64, EUR}) {
		t.Errorf("the mirror of the lower edge is %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("the lowest int64 was mirrored without panic")
		}
	}()
	_ = Amount{math.MinInt64, EUR}.Neg()
}

func TestPriceString(t *testing.T) {
	cases := []struct {
		p    Price
		want string
	}{
		{0, "0.00"},
		{490_000, "0.49"},
		{500_000, "0.50"},
		{100_000, "0.10"},
		{411_765, "0.411765"},
		{411_760, "0.41176"},
		{411_000, "0.411"},
		{410_000, "0.41"},
		{1_000_000, "1.00"},
		{10_000_000, "10.00"},
		{100_000_000, "100.00"},
		{1, "0.000001"},
		{-1, "-0.000001"},
		{-490_000, "-0.49"},
		{-12_345_000, "-12.345"},
	}
	for _, c := range cases {
		if got := c.p.String(); got != c.want {
			t.Errorf("Price(%d) prints %q, want %q", int64(c.p), got, c.want)
		}
	}
}

func TestFractionPercent(t *testing.T) {
	cases := []struct {
		f    Fraction
		want string
	}{
		{0, "0"},
		{190_000, "19"},
		{75_000, "7.5"},
		{5_000, "0.5"},
		{-5_000, "-0.5"},
		{200_000, "20"},
		{1_000_000, "100"},
		{-1_000_000, "-100"},
		{81_000, "8.1"},
		{1, "0.0001"},
		{-75_000, "-7.5"},
	}
	for _, c := range cases {
		if got := c.f.Percent(); got != c.want {
			t.Errorf("Fraction(%d) prints %q, want %q", int64(c.f), got, c.want)
		}
	}
}
