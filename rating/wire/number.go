package wire

import (
	"math"
	"strconv"
	"strings"

	"wattdue/cdr"
	"wattdue/money"
)

// decimal reads a decimal text or number as a whole number of units of its last decimal. Fault says what is wrong with it.
func decimal(v value, decimals int) (n int64, fault string) {
	text := v.text
	switch {
	case v.kind != isNumber && v.kind != isText:
		return 0, "want a number"
	case strings.Contains(text, ","):
		return 0, quoted(text) + " has a comma; write " + strings.ReplaceAll(text, ",", ".") + " with a point"
	}
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || point && !allDigits(fraction) {
		return 0, quoted(text) + " is no plain number; write digits and a point only"
	}
	if len(fraction) > decimals {
		return 0, quoted(text) + " has more than " + strconv.Itoa(decimals) + " decimals; round it"
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
	if err != nil {
		return 0, quoted(text) + " is too large"
	}
	if digits != text {
		n = -n
	}
	return n, ""
}

func allDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
}

func quoted(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strconv.Quote(s)
}

const energyDecimals = 6

const wantEnergy = `kilowatt-hours with at most six decimals, such as "30.5"`

func (o *object) energyOf(m member, ok bool) cdr.MicroKWh {
	if !ok {
		return 0
	}
	n, fault := decimal(m.value, energyDecimals)
	if fault != "" {
		o.wrongf(m, "%s; want %s", fault, wantEnergy)
		return 0
	}
	return cdr.MicroKWh(n)
}

func (o *object) energy(name string) cdr.MicroKWh {
	m, ok := o.find(name)
	return o.energyOf(m, ok)
}

// An Exact is 1/(9*10^12): twelve decimals, times nine.
const (
	exactDecimals = 12
	ninths        = 9
)

// exact reads an amount exactly.
func (o *object) exact(name string) (money.Exact, bool) {
	m, ok := o.find(name)
	if !ok {
		return 0, false
	}
	n, fault := decimal(m.value, exactDecimals)
	if fault == "" && (n > math.MaxInt64/ninths || n < -math.MaxInt64/ninths) {
		fault = quoted(m.value.text) + " is too large"
	}
	if fault != "" {
		o.wrongf(m, "%s; want an amount such as %q", fault, "12.34")
		return 0, false
	}
	return money.Exact(n * ninths), true
}

// exactText prints an amount with as many decimals as it has, at least two. What is no whole number of the twelfth decimal
// is rounded there, half away from zero.
func exactText(e money.Exact) string {
	text := money.FormatMinor(e.In(ninths, money.HalfAway), exactDecimals)
	const least = exactDecimals - 2
	for range least {
		text = strings.TrimSuffix(text, "0")
		if text[len(text)-3] == '.' {
			break
		}
	}
	return text
}

func energyText(e cdr.MicroKWh) string { return e.KWh() }
