package money

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Exact is an amount counted in 1/(9*10^12) of the currency unit, a common multiple of second prices and
// micro-kWh prices, so that quantity times price is always whole. Its range is about a million currency units.
type Exact int64

// ExactUnit is the number of Exact units in one currency unit.
const ExactUnit = 9_000_000_000_000

// Times per unit of quantity: what one millionth of the currency unit is worth, in Exact units.
const (
	exactPerEvent        = 9_000_000 // price per event
	exactPerMicroKWh     = 9         // price per kWh, quantity in micro-kWh
	exactPerSecondHour   = 2_500     // price per hour, quantity in seconds
	exactPerSecondMinute = 150_000   // price per minute, quantity in seconds
)

// PerEvent returns price times n events.
func PerEvent(p Price, n int64) (Exact, error) { return product(int64(p), n, exactPerEvent) }

// PerKWh returns a price per kWh times a quantity in micro-kWh.
func PerKWh(p Price, microKWh int64) (Exact, error) {
	return product(int64(p), microKWh, exactPerMicroKWh)
}

// PerHour returns a price per hour times a duration in seconds.
func PerHour(p Price, seconds int64) (Exact, error) {
	return product(int64(p), seconds, exactPerSecondHour)
}

// PerMinute returns a price per minute times a duration in seconds.
func PerMinute(p Price, seconds int64) (Exact, error) {
	return product(int64(p), seconds, exactPerSecondMinute)
}

// product returns a*b*scale. It divides nothing: prices and quantities of a session hardly ever need the high word.
func product(a, b, scale int64) (Exact, error) {
	over, v := bits.Mul64(magnitude(a), magnitude(b))
	if over != 0 {
		return 0, ErrOverflow
	}
	over, v = bits.Mul64(v, uint64(scale))
	if over != 0 || v > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if (a < 0) != (b < 0) {
		return -Exact(v), nil
	}
	return Exact(v), nil
}

// Add returns e + f or ErrOverflow.
func (e Exact) Add(f Exact) (Exact, error) {
	sum, ok := add(int64(e), int64(f))
	if !ok {
		return 0, ErrOverflow
	}
	return Exact(sum), nil
}

// String prints the amount in currency units with two to six decimals, such as "5.145"; what does not end by then
// is cut, not rounded, and shown by dots, such as "3.333333...".
func (e Exact) String() string {
	const perMillionth = ExactUnit / 1_000_000
	s := Price(e / perMillionth).String()
	if e%perMillionth == 0 {
		return s
	}
	if e < 0 && e > -perMillionth {
		s = "-" + s // the sign of what is cut
	}
	for len(s)-strings.IndexByte(s, '.') <= 6 {
		s += "0"
	}
	return s + "..."
}

// RoundToMinor rounds half away from zero to whole minor units of the currency. This is the rounding point of a
// printed line.
func (e Exact) RoundToMinor(c Currency) (Amount, error) {
	digits, ok := c.Digits()
	if !ok {
		return Amount{}, fmt.Errorf("currency %q is not known; use an ISO 4217 code in upper case", c)
	}
	per := int64(ExactUnit)
	for range digits {
		per /= 10
	}
	v, ok := mulDiv(int64(e), 1, per)
	if !ok {
		return Amount{}, ErrOverflow
	}
	return Amount{v, c}, nil
}
