package checker

import (
	"fmt"
	"strconv"
	"strings"
)

// Cents is an amount in euro cents.
type Cents int64

// String prints euros with a point, such as -0.05.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// microKWh is an energy in millionths of a kWh.
type microKWh int64

// decimal reads an exact number with at most so many decimals as an integer in units of the last one. Digits before
// the mark may be grouped by the other of point and comma, in threes.
func decimal(s, mark string, decimals int) (int64, error) {
	group := "."
	if mark == "." {
		group = ","
	}
	rest := strings.TrimPrefix(s, "-")
	whole, part, _ := strings.Cut(rest, mark)
	groups := strings.Split(whole, group)
	for i, g := range groups {
		if len(groups) > 1 && (i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3)) {
			return 0, fmt.Errorf("number %q is grouped wrongly", s)
		}
	}
	if len(part) > decimals {
		return 0, fmt.Errorf("number %q has more than %d decimals", s, decimals)
	}
	digits := strings.Join(groups, "") + part + strings.Repeat("0", decimals-len(part))
	if whole == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, fmt.Errorf("%q is no number", s)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("number %q: %w", s, err)
	}
	if strings.HasPrefix(s, "-") {
		n = -n
	}
	return n, nil
}

// halfAway divides, rounding half away from zero. The divisor is above zero.
func halfAway(n, d int64) int64 {
	if n < 0 {
		return -halfAway(-n, d)
	}
	return (2*n + d) / (2 * d)
}

// taxIn is the tax contained in a gross amount at a rate in hundredths of a per cent: the net is rounded to the cent,
// half away from zero, and the tax is what remains.
func taxIn(gross Cents, rate int64) Cents {
	const whole = 100_00
	return gross - Cents(halfAway(int64(gross)*whole, whole+rate))
}
