// Package money holds amounts, unit prices and fractions as integers, and the few named ways to round them.
//
// An Amount is whole minor units of one currency. A Price is millionths of a currency unit. An Exact is an
// intermediate line amount, fine enough that price times quantity never loses a digit. Floating point does not
// occur here or in any package that uses it. Rounding follows the usual commercial rule, half away from zero,
// and happens only in functions whose name says so.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// ErrOverflow is returned when a result does not fit its integer; nothing ever wraps.
var ErrOverflow = errors.New("amount too large")

// ErrCurrency is returned when two amounts of different currencies meet.
var ErrCurrency = errors.New("different currencies")

// Currency is an ISO 4217 code in upper case, such as EUR.
type Currency string

// EUR is the euro.
const EUR Currency = "EUR"

// exponents holds the number of minor-unit digits of the currencies known here (ISO 4217, list one).
var exponents = map[Currency]int{
	"EUR": 2, "CHF": 2, "GBP": 2, "USD": 2, "DKK": 2, "SEK": 2, "NOK": 2, "PLN": 2, "CZK": 2, "HUF": 2,
	"RON": 2, "BGN": 2, "ISK": 0, "JPY": 0, "KWD": 3,
}

// Digits returns the number of decimal digits of the currency's minor unit (EUR 2, JPY 0, KWD 3), and whether
// the currency is known.
func (c Currency) Digits() (int, bool) {
	n, ok := exponents[c]
	return n, ok
}

// Amount is a sum of money in whole minor units (cents for EUR).
type Amount struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// Add returns a + b, or ErrCurrency or ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("add %s and %s: %w", a.Currency, b.Currency, ErrCurrency)
	}
	sum := a.Minor + b.Minor
	if (a.Minor > 0 && b.Minor > 0 && sum <= 0) || (a.Minor < 0 && b.Minor < 0 && sum >= 0) {
		return Amount{}, ErrOverflow
	}
	return Amount{sum, a.Currency}, nil
}

// Neg returns the amount with its sign turned.
func (a Amount) Neg() Amount { return Amount{-a.Minor, a.Currency} }

// String prints the amount with a decimal point and its currency, such as "12.34 EUR".
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// Decimal prints the amount with a decimal point and without currency, such as "-0.05".
func (a Amount) Decimal() string {
	digits, ok := a.Currency.Digits()
	if !ok {
		digits = 2
	}
	return FormatMinor(a.Minor, digits)
}

// FormatMinor prints an integer as a decimal with the given number of digits after the point.
func FormatMinor(v int64, digits int) string {
	sign := ""
	u := uint64(v)
	if v < 0 {
		sign, u = "-", -u
	}
	s := fmt.Sprintf("%0*d", digits+1, u)
	if digits == 0 {
		return sign + s
	}
	return sign + s[:len(s)-digits] + "." + s[len(s)-digits:]
}

// Price is a unit price in millionths of the currency unit: 0.49 EUR/kWh is 490000. It is never rounded to cents.
type Price int64

// String prints the price with at least two and at most six decimals, such as "0.49" or "0.411765".
func (p Price) String() string {
	s := FormatMinor(int64(p), 6)
	for len(s) > 0 && s[len(s)-1] == '0' && s[len(s)-4] != '.' && s[len(s)-3] != '.' {
		s = s[:len(s)-1]
	}
	return s
}

// Fraction is a share in millionths: 19 % is 190000.
type Fraction int64

// Percent prints the fraction as a percentage without trailing zeros, such as "19" or "7.5".
func (f Fraction) Percent() string {
	s := FormatMinor(int64(f), 4)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// Exact is an amount counted in 1/(9*10^12) of the currency unit, a common multiple of second prices and
// micro-kWh prices, so that quantity times price is always whole. Its range is about a million currency units.
type Exact int64

// ExactUnit is the number of Exact units in one currency unit.
const ExactUnit = 9_000_000_000_000

// Times per unit of quantity: what one millionth of the currency unit is worth, in Exact units.
const (
	exactPerEvent       = 9_000_000 // price per event
	exactPerMicroKWh    = 9         // price per kWh, quantity in micro-kWh
	exactPerSecondHour  = 2_500     // price per hour, quantity in seconds
	exactPerSecondMinut = 150_000   // price per minute, quantity in seconds
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
	return product(int64(p), seconds, exactPerSecondMinut)
}

func product(a, b, scale int64) (Exact, error) {
	v, ok := mulDiv(a, b, 1, false)
	if ok {
		v, ok = mulDiv(v, scale, 1, false)
	}
	if !ok {
		return 0, ErrOverflow
	}
	return Exact(v), nil
}

// Add returns e + f or ErrOverflow.
func (e Exact) Add(f Exact) (Exact, error) {
	sum := e + f
	if (e > 0 && f > 0 && sum <= 0) || (e < 0 && f < 0 && sum >= 0) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// RoundToMinor rounds half away from zero to whole minor units of the currency. This is the rounding point of a
// printed line.
func (e Exact) RoundToMinor(c Currency) (Amount, error) {
	digits, ok := c.Digits()
	if !ok {
		return Amount{}, fmt.Errorf("currency %q is not known", c)
	}
	per := int64(ExactUnit)
	for range digits {
		per /= 10
	}
	v, _ := mulDiv(int64(e), 1, per, true)
	return Amount{v, c}, nil
}

// TaxInGross returns the tax contained in a gross amount: gross*rate/(1+rate), rounded half away from zero.
// Net is gross minus tax. This is the one rounding point of VAT in gross mode.
func TaxInGross(gross int64, rate Fraction) (int64, error) {
	v, ok := mulDiv(gross, int64(rate), 1_000_000+int64(rate), true)
	if !ok {
		return 0, ErrOverflow
	}
	return v, nil
}

// TaxOnNet returns net*rate, rounded half away from zero. This is the one rounding point of VAT in net mode.
func TaxOnNet(net int64, rate Fraction) (int64, error) {
	v, ok := mulDiv(net, int64(rate), 1_000_000, true)
	if !ok {
		return 0, ErrOverflow
	}
	return v, nil
}

// mulDiv returns a*b/d through a 128-bit product; d > 0. With round it rounds half away from zero, else it
// truncates toward zero. ok is false when the quotient does not fit.
func mulDiv(a, b, d int64, round bool) (int64, bool) {
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if round {
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(d)/2, 0)
		hi += carry
	}
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

// remainder returns |a*b| mod d for d > 0.
func remainder(a, b, d int64) int64 {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	return int64(bits.Rem64(hi, lo, uint64(d)))
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
