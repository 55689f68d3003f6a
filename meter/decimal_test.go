package meter

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"wattdue/cdr"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text string
		want Decimal
		ok   bool
	}{
		{"0", Decimal{}, true},
		{"9.038", Decimal{9038, -3}, true},
		{"       9.038", Decimal{9038, -3}, true},
		{"00000000.000", Decimal{}, true},
		{"00000012.500", Decimal{125, -1}, true},
		{"1.6e7", Decimal{16, 6}, true},
		{"1.6E+7", Decimal{16, 6}, true},
		{"25e-3", Decimal{25, -3}, true},
		{"150", Decimal{15, 1}, true},
		{"-0.5", Decimal{-5, -1}, true},
		{"-0", Decimal{}, true},
		{"0.259700000000000000000000", Decimal{2597, -4}, true},
		{"0.2597000000000001", Decimal{2597000000000001, -16}, true},
		{"999999999999999999", Decimal{999999999999999999, 0}, true},
		{"1000000000000000000", Decimal{}, false}, // 19 digits
		{"", Decimal{}, false},
		{".5", Decimal{}, false},
		{"5.", Decimal{}, false},
		{"1,5", Decimal{}, false},
		{"1.2.3", Decimal{}, false},
		{"0x10", Decimal{}, false},
		{"1e", Decimal{}, false},
		{"1e99", Decimal{}, false},
		{"1e-99", Decimal{}, false},
		{"--1", Decimal{}, false},
		{"12 3", Decimal{}, false},
		{"NaN", Decimal{}, false},
	} {
		got, ok := ParseDecimal(c.text)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%q: %v %v, want %v %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestMicroKWhBetween(t *testing.T) {
	for _, c := range []struct {
		begin, end, unit string
		want             cdr.MicroKWh
		exact, ok        bool
	}{
		{"0.2596", "0.2597", "kWh", 100, true, true},
		{"0", "150", "Wh", 150_000, true, true},
		{"1709.539307", "1709.539307", "Wh", 0, true, true},
		{"1709.539306", "1709.539307", "Wh", 0, false, true},
		{"1000.5", "1021.7500009", "kWh", 21_250_000, false, true},
		{"1000.0000009", "1000.0000011", "kWh", 0, false, true}, // 0.2 millionths, not 1
		{"1.6e7", "16000001", "Wh", 1_000, true, true},
		{"2", "1", "kWh", -1_000_000, true, true},
		{"0", "9223372036854", "kWh", 9_223_372_036_854_000_000, true, true},
		{"0", "9223372036855", "kWh", 0, false, false},
		{"1e-30", "1e30", "kWh", 0, false, false},
		{"0", "1", "mOhm", 0, false, false},
	} {
		begin, _ := ParseDecimal(c.begin)
		end, _ := ParseDecimal(c.end)
		got, exact, ok := microKWhBetween(begin, end, c.unit)
		if ok != c.ok || ok && (got != c.want || exact != c.exact) {
			t.Errorf("%s to %s %s: %d %v %v, want %d %v %v", c.begin, c.end, c.unit, got, exact, ok, c.want, c.exact, c.ok)
		}
	}
}

// What ParseDecimal reads equals what math/big reads from the same text.
func TestParseDecimalAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign"), rapid.Int64Range(0, 99_999_999).Draw(t, "whole"))
		if n := rapid.IntRange(0, 9).Draw(t, "digits"); n > 0 {
			text += fmt.Sprintf(".%0*d", n, rapid.Int64Range(0, pow10(n)-1).Draw(t, "fraction"))
		}
		if rapid.Bool().Draw(t, "exponent") {
			text += fmt.Sprintf("e%d", rapid.IntRange(-9, 9).Draw(t, "power"))
		}
		want, _ := new(big.Rat).SetString(text)
		d, ok := ParseDecimal(text)
		if !ok {
			t.Fatalf("%s refused", text)
		}
		got := new(big.Rat).SetInt64(d.Coef)
		power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Exp, -d.Exp))), nil))
		if d.Exp < 0 {
			power.Inv(power)
		}
		if got.Mul(got, power).Cmp(want) != 0 {
			t.Fatalf("%s read as %v", text, d)
		}
	})
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
