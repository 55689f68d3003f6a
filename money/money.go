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
)

// ErrOverflow is returned when a result does not fit its integer; nothing ever wraps. The range is symmetric: the
// lowest int64, which has no positive mirror, is never a result, so that every amount can be reversed.
var ErrOverflow = errors.New("amount too large")

// ErrCurrency is returned when two amounts of different currencies meet.
var ErrCurrency = errors.New("different currencies")

// ErrRate is returned for a tax rate below zero or too large to compute with.
var ErrRate = errors.New("tax rate out of range")

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
	sum, ok := add(a.Minor, b.Minor)
	if !ok {
		return Amount{}, fmt.Errorf("add %s and %s: %w", a, b, ErrOverflow)
	}
	return Amount{sum, a.Currency}, nil
}

// Neg returns the amount with its sign turned. It panics for the lowest int64, which no function of this package
// returns.
func (a Amount) Neg() Amount {
	if a.Minor == math.MinInt64 {
		panic("money: amount without a mirror")
	}
	return Amount{-a.Minor, a.Currency}
}

// String prints the amount with a decimal point and its currency, such as "12.34 EUR".
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// Decimal prints the amount with a decimal point and without currency, such as "-0.05". A currency that is not
// known, and that no tariff may therefore use, is printed with two digits.
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
	for s[len(s)-1] == '0' && s[len(s)-3] != '.' {
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
