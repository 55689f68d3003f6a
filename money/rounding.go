package money

import "fmt"

// Rounding says what becomes of the part of an amount that is smaller than a minor unit. Every mode treats a negative
// amount as the mirror of the positive one, so that a reversal is exactly the negative. No law prescribes a method; what
// counts is that it is applied consistently (CJEU C-484/06).
type Rounding string

// The roundings. The zero value is the commercial one.
const (
	HalfAway Rounding = ""          // to the nearest; exactly half goes away from zero
	HalfEven Rounding = "half_even" // to the nearest; exactly half goes to the even neighbour
	Down     Rounding = "down"      // towards zero
	Up       Rounding = "up"        // away from zero
)

// Known reports whether the rounding is one of those above.
func (r Rounding) Known() bool {
	switch r {
	case HalfAway, HalfEven, Down, Up:
		return true
	}
	return false
}

// Minor returns the number of Exact units in one minor unit of the currency, and whether the currency is known.
func (c Currency) Minor() (Exact, bool) {
	digits, ok := c.Digits()
	if !ok {
		return 0, false
	}
	per := Exact(ExactUnit)
	for range digits {
		per /= 10
	}
	return per, true
}

// Round rounds to whole minor units of the currency.
func (e Exact) Round(c Currency, mode Rounding) (Amount, error) {
	per, ok := c.Minor()
	if !ok {
		return Amount{}, fmt.Errorf("currency %q is not known; use an ISO 4217 code in upper case", c)
	}
	return Amount{e.In(per, mode), c}, nil
}

// In returns how many of the unit, which must be above zero, the amount is, rounded.
func (e Exact) In(unit Exact, mode Rounding) int64 {
	n, rest := e/unit, e%unit
	sign := Exact(1)
	if e < 0 {
		sign, rest = -1, -rest
	}
	if rest == 0 {
		return int64(n)
	}
	half := rest - (unit - rest) // below, at or above zero as the rest is below, at or above the half
	away := false
	switch mode {
	case HalfAway:
		away = half >= 0
	case HalfEven:
		away = half > 0 || half == 0 && n%2 != 0
	case Up:
		away = true
	case Down:
	}
	if away {
		n += sign
	}
	return int64(n)
}

// Times returns the share f of the amount, rounded half away from zero to a whole Exact unit, or ErrOverflow.
func (e Exact) Times(f Fraction) (Exact, error) {
	v, ok := mulDiv(int64(e), int64(f), one)
	if !ok {
		return 0, ErrOverflow
	}
	return Exact(v), nil
}
