package money

import "math"

// TaxInGross returns the tax contained in a gross amount in minor units: gross minus gross/(1+rate), the net being
// rounded half away from zero. This is the one rounding point of VAT in gross mode. The rate must not be negative.
func TaxInGross(gross int64, rate Fraction) (int64, error) {
	if rate < 0 || rate > math.MaxInt64-one {
		return 0, ErrRate
	}
	// Not gross*rate/(1+rate): where the net ends in exactly half a cent, as it can at 20 %, the two differ.
	net, ok := mulDiv(gross, one, one+int64(rate))
	if !ok {
		return 0, ErrOverflow
	}
	return gross - net, nil
}

// TaxOnNet returns net*rate in minor units, rounded half away from zero. This is the one rounding point of VAT in
// net mode. The rate must not be negative.
func TaxOnNet(net int64, rate Fraction) (int64, error) {
	if rate < 0 {
		return 0, ErrRate
	}
	v, ok := mulDiv(net, int64(rate), one)
	if !ok {
		return 0, ErrOverflow
	}
	return v, nil
}

// one is the Fraction of the whole, 100 %.
const one = 1_000_000
