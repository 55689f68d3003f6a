package money

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestRoundings(t *testing.T) {
	const cent = ExactUnit / 100
	cases := []struct {
		name                     string
		e                        Exact
		away, even, down, upward int64
	}{
		{"0", 0, 0, 0, 0, 0},
		{"a unit above 0", 1, 0, 0, 0, 1},
		{"just below half a cent", cent/2 - 1, 0, 0, 0, 1},
		{"half a cent", cent / 2, 1, 0, 0, 1},
		{"just above half a cent", cent/2 + 1, 1, 1, 0, 1},
		{"5.145", 514*cent + cent/2, 515, 514, 514, 515},
		{"1.355", 135*cent + cent/2, 136, 136, 135, 136},
		{"whole cents", 136 * cent, 136, 136, 136, 136},
		{"just below a cent", cent - 1, 1, 1, 0, 1},
	}
	for _, c := range cases {
		for _, sign := range []int64{1, -1} {
			for mode, want := range map[Rounding]int64{HalfAway: c.away, HalfEven: c.even, Down: c.down, Up: c.upward} {
				if got, err := (Exact(sign) * c.e).Round(EUR, mode); err != nil || got.Minor != sign*want || got.Currency != EUR {
					t.Errorf("%s, sign %d, %q: got %v, %v, want %d", c.name, sign, mode, got, err, sign*want)
				}
			}
		}
	}
	if got, err := Exact(ExactUnit/2).Round("JPY", HalfAway); err != nil || got.Minor != 1 {
		t.Errorf("half a yen: %v, %v", got, err)
	}
	if got, err := Exact(ExactUnit/2).Round("KWD", HalfAway); err != nil || got.Minor != 500 {
		t.Errorf("half a dinar: %v, %v", got, err)
	}
	if _, err := Exact(1).Round("eur", HalfAway); err == nil {
		t.Error("an unknown currency is rounded")
	}
	for r, want := range map[Rounding]bool{HalfAway: true, HalfEven: true, Down: true, Up: true, "half_up": false} {
		if r.Known() != want {
			t.Errorf("%q: known %v", r, !want)
		}
	}
}

// What the old rounding point does, the commercial mode does as well.
func TestHalfAwayIsTheRoundingOfLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Exact(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "e"))
		old, err := e.RoundToMinor(EUR)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := e.Round(EUR, HalfAway); got != old {
			t.Fatalf("%d: %v, want %v", e, got, old)
		}
	})
}

func TestFractionOfExact(t *testing.T) {
	const mill = ExactUnit / 100_000
	// E12 of the rating rules: 15 % of 14.4532 are 2.16798.
	if got, err := (1_445_320 * Exact(mill)).Times(150_000); err != nil || got != 216_798*mill {
		t.Errorf("got %s, %v", got, err)
	}
	if got, _ := Exact(1).Times(500_000); got != 1 {
		t.Errorf("half a unit is %d", got)
	}
	if got, _ := Exact(-1).Times(500_000); got != -1 {
		t.Errorf("half a unit, turned, is %d", got)
	}
	if _, err := Exact(math.MaxInt64).Times(1_000_001); !errors.Is(err, ErrOverflow) {
		t.Errorf("overflow: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		e, f := rapid.Int64Range(-1e15, 1e15).Draw(t, "e"), rapid.Int64Range(-2e6, 2e6).Draw(t, "f")
		twice := new(big.Int).Mul(big.NewInt(2*e), big.NewInt(f))
		if twice.Sign() < 0 {
			twice.Sub(twice, big.NewInt(one))
		} else {
			twice.Add(twice, big.NewInt(one))
		}
		want := twice.Quo(twice, big.NewInt(2*one)).Int64()
		if got, err := Exact(e).Times(Fraction(f)); err != nil || int64(got) != want {
			t.Fatalf("got %d, %v, want %d", got, err, want)
		}
	})
}
