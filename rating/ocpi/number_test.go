package ocpi

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSeconds(t *testing.T) {
	tests := []struct {
		hours string
		want  int64
	}{
		{"0.1667", 600}, // 600.12 s (rating rules, 5.4)
		{"1.973", 7103}, // 7102.8 s
		{"0.0834", 300}, // 300.24 s
		{"0", 0},
		{"-0.0", 0},
		{"2.5", 9000},
		{"1e1", 36000},
		{"25E-1", 9000},
		{"-1", -3600},
		{"0.000138888888888888888888888888888888", 0},    // just below half a second
		{"0.000138888888888888888888888888888888889", 1}, // just above it
		{"500000", 1_800_000_000},
		{"1e-1000", 0},
		{"0.0001", 0},
		{"0.0002", 1},
	}
	for _, tt := range tests {
		d, ok := parseNumber(tt.hours)
		if got, fits := d.seconds(); !ok || !fits || got != tt.want {
			t.Errorf("%s h: got %d s (%v, %v), want %d", tt.hours, got, ok, fits, tt.want)
		}
	}
	for _, large := range []string{"500001", "1e9", "9e999999999999"} {
		if d, ok := parseNumber(large); ok {
			if v, fits := d.seconds(); fits {
				t.Errorf("%s h became %d s", large, v)
			}
		}
	}
}

func TestNoNumbers(t *testing.T) {
	for _, text := range []string{
		"", "-", "+1", "01", ".5", "1.", "1,5", "ten", "1e", "1e+", "0x10", "1 ", " 1", "1.5.2", "NaN", "Infinity", strings.Repeat("1", maxNumber+1),
	} {
		if d, ok := parseNumber(text); ok {
			t.Errorf("%q was read as %+v", text, d)
		}
	}
}

// TestNumbersAgainstFractions holds both conversions against exact fractions.
func TestNumbersAgainstFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,20})?(e-?[0-3])?`).Draw(t, "number")
		exact, ok := new(big.Rat).SetString(text)
		d, read := parseNumber(text)
		if !ok || !read {
			t.Fatalf("%q: %v, %v", text, ok, read)
		}
		decimals := rapid.IntRange(0, 8).Draw(t, "decimals")
		unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
		want, whole := nearest(new(big.Rat).Mul(exact, unit))
		if got, same, fits := d.fixed(decimals); !fits || got != want || same != whole {
			t.Fatalf("%s with %d decimals: got %d, exact %v, fits %v; want %d, %v", text, decimals, got, same, fits, want, whole)
		}
		want, _ = nearest(new(big.Rat).Mul(exact, big.NewRat(3600, 1)))
		if got, fits := d.seconds(); fits && got != want || !fits && want < maxHours*3600 && want > -maxHours*3600 {
			t.Fatalf("%s h: got %d s, fits %v; want %d", text, got, fits, want)
		}
	})
}

// nearest rounds half away from zero, and says whether there was anything to round.
func nearest(r *big.Rat) (int64, bool) {
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	sum := new(big.Rat).Add(r, half)
	return new(big.Int).Quo(sum.Num(), sum.Denom()).Int64(), r.IsInt()
}
