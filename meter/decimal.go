package meter

import (
	"cmp"
	"math"
	"math/big"
	"strings"

	"wattdue/cdr"
)

// Decimal is an exact decimal number: Coef times ten to the power Exp. The zero value is 0. Numbers read by
// ParseDecimal have no superfluous trailing zeros, so that equal numbers compare equal with ==.
type Decimal struct {
	Coef int64
	Exp  int
}

// maxDigits is the number of significant digits that surely fit into Coef.
const maxDigits = 18

// ParseDecimal reads a decimal number such as 9.038, 00000000.000 or 1.6e7 exactly. Blanks around it are ignored.
// ok is false for other text, for more than 18 significant digits and for exponents beyond 10^±30.
func ParseDecimal(s string) (d Decimal, ok bool) {
	s = strings.TrimSpace(s)
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	mantissa, exp, ok := splitExponent(s)
	if !ok {
		return Decimal{}, false
	}
	whole, fraction, dotted := strings.Cut(mantissa, ".")
	if whole == "" || dotted && fraction == "" {
		return Decimal{}, false
	}
	// Zeros at the end of the fraction carry no value; without them a float printed long still fits.
	fraction = strings.TrimRight(fraction, "0")
	coef, ok := digits(strings.TrimLeft(whole, "0"), fraction)
	if !ok {
		return Decimal{}, false
	}
	d = Decimal{coef, exp - len(fraction)}.trimmed()
	if d.Exp > 30 || d.Exp < -30 {
		return Decimal{}, false
	}
	if negative {
		d.Coef = -d.Coef
	}
	return d, true
}

// splitExponent cuts the exponent off a number.
func splitExponent(s string) (mantissa string, exp int, ok bool) {
	at := strings.IndexAny(s, "eE")
	if at < 0 {
		return s, 0, true
	}
	text, negative := s[at+1:], false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative, text = text[0] == '-', text[1:]
	}
	if text == "" || len(text) > 3 {
		return "", 0, false
	}
	n, ok := digits(text, "")
	if negative {
		n = -n
	}
	return s[:at], int(n), ok
}

// digits reads two runs of decimal digits as one number; an empty run is zero digits.
func digits(a, b string) (int64, bool) {
	if a == "" {
		b = strings.TrimLeft(b, "0")
	}
	if len(a)+len(b) > maxDigits {
		return 0, false
	}
	n := int64(0)
	for _, run := range [2]string{a, b} {
		for i := range len(run) {
			if run[i] < '0' || run[i] > '9' {
				return 0, false
			}
			n = n*10 + int64(run[i]-'0')
		}
	}
	return n, true
}

func (d Decimal) trimmed() Decimal {
	if d.Coef == 0 {
		return Decimal{}
	}
	for d.Coef%10 == 0 {
		d.Coef, d.Exp = d.Coef/10, d.Exp+1
	}
	return d
}

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.Coef < 0:
		return -1
	case d.Coef > 0:
		return 1
	}
	return 0
}

// Cmp compares two numbers exactly: -1 when d is smaller, 0 when equal, 1 when larger.
func (d Decimal) Cmp(e Decimal) int {
	exp := min(d.Exp, e.Exp)
	if a, b, ok := smallPair(d, e, exp); ok {
		return cmp.Compare(a, b)
	}
	return scaled(d, exp).Cmp(scaled(e, exp))
}

// scaled is the number as an integer in units of ten to the power exp, which is not above its own.
func scaled(d Decimal, exp int) *big.Int {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Exp-exp)), nil)
	return power.Mul(power, big.NewInt(d.Coef))
}

// smallPair is scaled for two numbers that fit with room for their difference, as nearly all readings do.
func smallPair(d, e Decimal, exp int) (a, b int64, ok bool) {
	a, okA := small(d, exp)
	b, okB := small(e, exp)
	return a, b, okA && okB
}

func small(d Decimal, exp int) (int64, bool) {
	const limit = math.MaxInt64 / 4
	n := d.Coef
	for range d.Exp - exp {
		if n > limit/10 || n < -limit/10 {
			return 0, false
		}
		n *= 10
	}
	return n, n <= limit && n >= -limit
}

// unitExponent gives the power of ten that turns an OCMF energy unit into micro-kWh.
func unitExponent(unit string) (exp int, ok bool) {
	switch unit {
	case "kWh":
		return 6, true
	case "Wh":
		return 3, true
	}
	return 0, false
}

// microKWh converts a number of the unit to micro-kWh, cut towards zero. exact is false when digits were cut, ok
// when the unit is no energy or the number does not fit.
func microKWh(d Decimal, unit string) (v cdr.MicroKWh, exact, ok bool) {
	return microKWhBetween(Decimal{}, d, unit)
}

// microKWhBetween is the exact difference end - begin in micro-kWh, cut towards zero only once.
func microKWhBetween(begin, end Decimal, unit string) (v cdr.MicroKWh, exact, ok bool) {
	shift, ok := unitExponent(unit)
	if !ok {
		return 0, false, false
	}
	exp := min(begin.Exp, end.Exp, -shift)
	if a, b, ok := smallPair(begin, end, exp); ok && exp == -shift {
		return cdr.MicroKWh(b - a), true, true
	}
	diff := scaled(end, exp)
	diff.Sub(diff, scaled(begin, exp))
	exp += shift
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exp, -exp))), nil)
	rest := new(big.Int)
	if exp >= 0 {
		diff.Mul(diff, power)
	} else {
		diff.QuoRem(diff, power, rest)
	}
	if !diff.IsInt64() {
		return 0, false, false
	}
	return cdr.MicroKWh(diff.Int64()), rest.Sign() == 0, true
}
