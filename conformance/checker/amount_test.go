package checker

import "testing"

func TestDecimal(t *testing.T) {
	tests := []struct {
		text, mark string
		decimals   int
		want       int64
		ok         bool
	}{
		{"1.234,56", ",", 2, 123456, true},
		{"0,05", ",", 2, 5, true},
		{"-5,00", ",", 2, -500, true},
		{"87.037,071", ",", 6, 87_037_071_000, true},
		{"0,2597", ",", 6, 259_700, true},
		{"19", ",", 2, 1900, true},
		{"12.34", ".", 2, 1234, true},
		{"-0.01", ".", 2, -1, true},
		{"1,234.50", ".", 2, 123450, true},
		{"12.34,56", ",", 2, 0, false}, // grouped wrongly
		{".234,56", ",", 2, 0, false},
		{"1234.567,00", ",", 2, 0, false},
		{"0.005", ".", 2, 0, false}, // more decimals than a cent has
		{"", ".", 2, 0, false},
		{"--1", ".", 0, 0, false},
		{"1e5", ".", 0, 0, false},
		{"+1", ".", 0, 0, false},
		{"99999999999999999999", ".", 0, 0, false},
	}
	for _, tt := range tests {
		got, err := decimal(tt.text, tt.mark, tt.decimals)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%q with %d decimals: %d, %v; want %d, fine: %v", tt.text, tt.decimals, got, err, tt.want, tt.ok)
		}
	}
}

// TestTaxIn is calculated by hand: 1.19 holds 0.19; 144.96 / 1.19 = 121.815..., so that 121.82 are net; 0.57 / 1.16 =
// 0.4913...; at 20 % 0.03 / 1.2 is exactly half a cent above 0.02, which is rounded up, and leaves no tax.
func TestTaxIn(t *testing.T) {
	tests := []struct {
		gross Cents
		rate  int64
		want  Cents
	}{
		{119, 1900, 19},
		{144_96, 1900, 23_14},
		{57, 1600, 8},
		{50, 1900, 8},
		{3, 2000, 0},
		{-3, 2000, 0},
		{0, 1900, 0},
		{1, 1900, 0},
		{107_70, 770, 7_70},
		{-119, 1900, -19},
	}
	for _, tt := range tests {
		if got := taxIn(tt.gross, tt.rate); got != tt.want {
			t.Errorf("tax in %s at %d: %s, want %s", tt.gross, tt.rate, got, tt.want)
		}
	}
}

func TestHalfAway(t *testing.T) {
	for _, tt := range []struct{ n, d, want int64 }{{1, 2, 1}, {-1, 2, -1}, {49, 100, 0}, {50, 100, 1}, {-50, 100, -1}, {149, 100, 1}, {7, 7, 1}} {
		if got := halfAway(tt.n, tt.d); got != tt.want {
			t.Errorf("%d/%d: %d, want %d", tt.n, tt.d, got, tt.want)
		}
	}
}

func TestCentsString(t *testing.T) {
	for c, want := range map[Cents]string{0: "0.00", 5: "0.05", -5: "-0.05", 123456: "1234.56", -100: "-1.00"} {
		if got := c.String(); got != want {
			t.Errorf("%d cents: %s, want %s", int64(c), got, want)
		}
	}
}
