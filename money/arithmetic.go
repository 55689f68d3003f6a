package money

import (
	"math"
	"math/bits"
)

// mulDiv returns a*b/d through a 128-bit product, rounded half away from zero; d > 0. ok is false when the quotient
// does not fit.
func mulDiv(a, b, d int64) (int64, bool) {
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	lo, carry := bits.Add64(lo, uint64(d)/2, 0)
	hi += carry
	if hi >= uint64(d) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(d))
	if q > math.MaxInt64 {
		return 0, false
	}
	if negative {
		return -int64(q), true
	}
	return int64(q), true
}

// add returns a+b; ok is false when the sum does not fit or has no mirror.
func add(a, b int64) (sum int64, ok bool) {
	sum = a + b
	if (a > 0 && b > 0 && sum <= 0) || (a < 0 && b < 0 && sum >= 0) || sum == math.MinInt64 {
		return 0, false
	}
	return sum, true
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
