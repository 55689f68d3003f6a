package money

import (
	"errors"
	"math"
	"testing"
)

func TestTaxInGross(t *testing.T) {
	cases := []struct {
		name  string
		gross int64
		rate  Fraction
		want  int64
	}{
		{"E12: 12.79 at 19 % is 10.75 and 2.04", 1279, 190_000, 204},
		{"E14: 36.13 at 19 % is 30.36 and 5.77", 3613, 190_000, 577},
		{"E16: 490.00 at 19 % is 411.76 and 78.24", 49000, 190_000, 7824},
		{"11.90 at 19 % is 10.00 and 1.90", 1190, 190_000, 190},
		{"12.00 at 20 % is 10.00 and 2.00", 1200, 200_000, 200},
		{"0.03 at 20 %: net 0.025 goes up to 0.03", 3, 200_000, 0},
		{"0.09 at 20 %: net 0.075 goes up to 0.08", 9, 200_000, 1},
		{"-0.09 at 20 % mirrors", -9, 200_000, -1},
		{"a reversal mirrors", -3613, 190_000, -577},
		{"rate zero holds no tax", 3613, 0, 0},
		{"100 %", 200, 1_000_000, 100},
		{"nothing", 0, 190_000, 0},
		{"the upper edge at zero", math.MaxInt64, 0, 0},
	}
	for _, c := range cases {
		if got, err := TaxInGross(c.gross, c.rate); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", c.name, got, err, c.want)
		}
	}
}

func TestTaxOnNet(t *testing.T) {
	cases := []struct {
		name string
		net  int64
		rate Fraction
		want int64
	}{
		{"E13: 10.02 at 19 %", 1002, 190_000, 190},
		{"E15: 10.00 in Germany", 1000, 190_000, 190},
		{"E15: 10.00 in Austria", 1000, 200_000, 200},
		{"0.50 at 19 %: 0.095 goes up", 50, 190_000, 10},
		{"-0.50 at 19 % mirrors", -50, 190_000, -10},
		{"0.07 at 7 %: 0.0049 is nothing", 7, 70_000, 0},
		{"rate zero", 1002, 0, 0},
	}
	for _, c := range cases {
		if got, err := TaxOnNet(c.net, c.rate); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", c.name, got, err, c.want)
		}
	}
}

func TestTaxRefusesWhatItCannotCompute(t *testing.T) {
	for _, rate := range []Fraction{-1, -1_000_000, -2_000_000, math.MinInt64} {
		if _, err := TaxInGross(1000, rate); !errors.Is(err, ErrRate) {
			t.Errorf("gross at rate %d: %v, want ErrRate", rate, err)
		}
		if _, err := TaxOnNet(1000, rate); !errors.Is(err, ErrRate) {
			t.Errorf("net at rate %d: %v, want ErrRate", rate, err)
		}
	}
	if _, err := TaxInGross(1000, math.MaxInt64-1); !errors.Is(err, ErrRate) {
		t.Errorf("gross at the largest rate: %v, want ErrRate", err)
	}
	if _, err := TaxOnNet(math.MaxInt64, 1_000_001); !errors.Is(err, ErrOverflow) {
		t.Errorf("the largest net at more than 100 %%: %v, want ErrOverflow", err)
	}
	if _, err := TaxInGross(math.MinInt64, 0); !errors.Is(err, ErrOverflow) {
		t.Errorf("the lowest gross: %v, want ErrOverflow", err)
	}
}
