package money

import (
	"errors"
	"math"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

// The oracle computes with arbitrary decimals: 80 digits hold every product of three int64 exactly.
var oracle = apd.Context{Precision: 80, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Rounding: apd.RoundHalfUp}

func decimal(v int64) *apd.Decimal { return apd.New(v, 0) }

func must(t *rapid.T, c apd.Condition, err error) {
	if err != nil || c.Inexact() {
		t.Fatalf("oracle: %v %v", c, err)
	}
}

func times(t *rapid.T, a *apd.Decimal, b int64) *apd.Decimal {
	var d apd.Decimal
	c, err := oracle.Mul(&d, a, decimal(b))
	must(t, c, err)
	return &d
}

// rounded returns n/d half away from zero (apd calls it half up: ties go away from zero), or false beyond int64.
func rounded(t *rapid.T, n *apd.Decimal, d int64) (int64, bool) {
	var q, whole apd.Decimal
	if _, err := oracle.Quo(&q, n, decimal(d)); err != nil {
		t.Fatal(err)
	}
	if _, err := oracle.RoundToIntegralValue(&whole, &q); err != nil {
		t.Fatal(err)
	}
	v, err := whole.Int64()
	return v, err == nil && v != math.MinInt64
}

// edgy draws any int64, small ones and those near the edges more often.
func edgy(t *rapid.T, name string) int64 {
	return rapid.OneOf(
		rapid.Int64(),
		rapid.Int64Range(-100_000, 100_000),
		rapid.Int64Range(math.MinInt64, math.MinInt64+3),
		rapid.Int64Range(math.MaxInt64-3, math.MaxInt64),
	).Draw(t, name)
}

func TestExactAgreesWithDecimals(t *testing.T) {
	// What one millionth per unit is worth in Exact units, from the definition: 9*10^12 / 10^6 / units.
	kinds := []struct {
		name  string
		times func(Price, int64) (Exact, error)
		scale int64
	}{
		{"per event", PerEvent, 9_000_000},
		{"per kWh", PerKWh, 9_000_000 / 1_000_000},
		{"per hour", PerHour, 9_000_000 / 3600},
		{"per minute", PerMinute, 9_000_000 / 60},
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]
		p, n := edgy(t, "price"), edgy(t, "quantity")
		product := times(t, times(t, decimal(p), n), kind.scale)
		want, fits := rounded(t, product, 1)
		got, err := kind.times(Price(p), n)
		if fits && (err != nil || int64(got) != want) {
			t.Fatalf("%s: %d * %d = %d, %v, want %d", kind.name, p, n, got, err, want)
		}
		if !fits && !errors.Is(err, ErrOverflow) {
			t.Fatalf("%s: %d * %d = %d, %v, want an overflow", kind.name, p, n, got, err)
		}
	})
}

func TestRoundAgreesWithDecimals(t *testing.T) {
	perMinor := map[Currency]int64{"EUR": ExactUnit / 100, "JPY": ExactUnit, "KWD": ExactUnit / 1000}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]Currency{"EUR", "JPY", "KWD"}).Draw(t, "currency")
		e := edgy(t, "exact")
		if rapid.Bool().Draw(t, "tie") { // halves are rare at random
			e = rapid.Int64Range(-100_000, 100_000).Draw(t, "minor")*perMinor[c] + perMinor[c]/2
		}
		want, _ := rounded(t, decimal(e), perMinor[c])
		if got, err := Exact(e).RoundToMinor(c); err != nil || got.Minor != want {
			t.Fatalf("%d in %s rounds to %v, %v, want %d", e, c, got, err, want)
		}
		if e == math.MinInt64 {
			return
		}
		if back, err := Exact(-e).RoundToMinor(c); err != nil || back.Minor != -want {
			t.Fatalf("%d in %s does not mirror: %v, %v", e, c, back, err)
		}
	})
}

func TestTaxAgreesWithDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := edgy(t, "amount")
		rate := rapid.Int64Range(0, 300_000).Draw(t, "rate")
		net, fits := rounded(t, times(t, decimal(amount), 1_000_000), 1_000_000+rate)
		tax, err := TaxInGross(amount, Fraction(rate))
		if fits != (err == nil) || fits && amount-tax != net {
			t.Fatalf("in %d gross at %d: tax %d, %v, want net %d", amount, rate, tax, err, net)
		}
		want, fits := rounded(t, times(t, decimal(amount), rate), 1_000_000)
		tax, err = TaxOnNet(amount, Fraction(rate))
		if fits != (err == nil) || fits && tax != want {
			t.Fatalf("on %d net at %d: tax %d, %v, want %d", amount, rate, tax, err, want)
		}
	})
}

func TestAllocateLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-math.MaxInt64, math.MaxInt64)).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, math.MaxInt64)), 1, 8).Draw(t, "weights")
		shares := Allocate(total, weights)
		mirror := Allocate(-total, weights)
		sum, weight := decimal(0), decimal(0)
		for i := range shares {
			_, _ = oracle.Add(sum, sum, decimal(shares[i]))
			_, _ = oracle.Add(weight, weight, decimal(weights[i]))
			if mirror[i] != -shares[i] {
				t.Fatalf("Allocate(%d, %d) = %d does not mirror: %d", total, weights, shares, mirror)
			}
		}
		if sum.Cmp(decimal(total)) != 0 {
			t.Fatalf("Allocate(%d, %d) = %d adds up to %s", total, weights, shares, sum)
		}
		if weight.IsZero() {
			return
		}
		for i := range shares { // each share is less than one unit away: |share*weight - total*w| < weight
			var off apd.Decimal
			a, b := times(t, weight, shares[i]), times(t, decimal(total), weights[i])
			_, _ = oracle.Sub(&off, a, b)
			if off.Abs(&off).Cmp(weight) >= 0 {
				t.Fatalf("Allocate(%d, %d): share %d is %d", total, weights, i, shares[i])
			}
		}
	})
}
