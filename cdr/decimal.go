package cdr

import (
	"math"
	"time"
)

// decimal is a number read from its text, as two runs of digits and the position of the point. It refers to the
// text it was read from.
type decimal struct {
	whole    []byte // digits before the point
	fraction []byte // digits after it
	point    int    // how many of all digits stand before the point once the exponent is applied; may lie outside
	minus    bool
	plain    bool // written without exponent
}

// parseDecimal reads a number in the grammar of JSON. It reports false for anything else, such as "12,5", "+1",
// "ten" or "".
func parseDecimal(text []byte) (decimal, bool) {
	d := decimal{plain: true}
	i := 0
	if i < len(text) && text[i] == '-' {
		d.minus = true
		i++
	}
	n := digitsFrom(text, i)
	if n == 0 || n > 1 && text[i] == '0' {
		return decimal{}, false
	}
	d.whole, d.point = text[i:i+n], n
	i += n
	if i < len(text) && text[i] == '.' {
		if n = digitsFrom(text, i+1); n == 0 {
			return decimal{}, false
		}
		d.fraction = text[i+1 : i+1+n]
		i += 1 + n
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		exponent, end := parseExponent(text, i+1)
		d.plain = false
		d.point += exponent
		i = end
	}
	return d, i == len(text)
}

// digitsFrom returns how many digits stand at i.
func digitsFrom[T string | []byte](text T, i int) int {
	n := 0
	for i+n < len(text) && isDigit(text[i+n]) {
		n++
	}
	return n
}

// parseExponent reads the exponent at i and returns it with the position after it. Beyond a thousand it stands
// still: such a number is zero or overflows all the same.
func parseExponent(text []byte, i int) (exponent, end int) {
	sign := 1
	if i < len(text) && (text[i] == '+' || text[i] == '-') {
		if text[i] == '-' {
			sign = -1
		}
		i++
	}
	n := digitsFrom(text, i)
	if n == 0 {
		return 0, -1
	}
	for _, c := range text[i : i+n] {
		exponent = min(exponent*10+int(c-'0'), 1000)
	}
	return sign * exponent, i + n
}

// digit returns the digit at a position; beyond the ends it is 0.
func (d decimal) digit(k int) int64 {
	switch n := len(d.whole); {
	case k < 0 || k >= d.len():
		return 0
	case k < n:
		return int64(d.whole[k] - '0')
	default:
		return int64(d.fraction[k-n] - '0')
	}
}

func (d decimal) len() int { return len(d.whole) + len(d.fraction) }

// micro returns the number in millionths. Up to six decimals it is exact; what is beyond is rounded half away
// from zero. It reports false when the result does not fit.
func (d decimal) micro() (int64, bool) {
	var v int64
	end := d.point + 6
	for k := 0; k < end; k++ {
		if v > (math.MaxInt64-10)/10 {
			return 0, false
		}
		v = v*10 + d.digit(k)
	}
	if d.digit(end) >= 5 {
		v++
	}
	if d.minus {
		v = -v
	}
	return v, true
}

// maxHours keeps seconds within time.Duration.
const maxHours = 2_500_000

// hours takes the number as hours and returns them snapped to the nearest second, halves upwards in magnitude: CPOs
// send 0.1667 h for ten minutes. The arithmetic is exact for any number of digits. It reports false beyond
// 2,500,000 hours.
func (d decimal) hours() (time.Duration, bool) {
	var whole int64
	for k := 0; k < d.point; k++ {
		if whole = whole*10 + d.digit(k); whole > maxHours {
			return 0, false
		}
	}
	// Multiplying the fraction by 7200 from its last digit on leaves the whole number of half seconds.
	var halves int64
	for k := d.len() - 1; k >= d.point; k-- {
		halves = (d.digit(k)*7200 + halves) / 10
	}
	seconds := whole*3600 + (halves+1)/2
	if d.minus {
		seconds = -seconds
	}
	return time.Duration(seconds) * time.Second, true
}

// negative reports whether the number is below zero.
func (d decimal) negative() bool {
	if !d.minus {
		return false
	}
	for k := range d.len() {
		if d.digit(k) != 0 {
			return true
		}
	}
	return false
}

// maxPrice bounds the text of an amount.
const maxPrice = 40

// amount returns an amount as decimal text: as sent when it has no exponent, else written out. It reports false
// when it is longer than maxPrice characters.
func (d decimal) amount(sent []byte) (string, bool) {
	if d.plain && len(sent) <= maxPrice {
		return string(sent), true
	}
	if d.point > maxPrice || d.len()-d.point > maxPrice {
		return "", false
	}
	out := make([]byte, 0, 2*maxPrice)
	if d.minus {
		out = append(out, '-')
	}
	first := len(out)
	for k := min(0, d.point-1); k < d.point; k++ {
		// Leading zeros of the written-out form would not be a JSON number again.
		if c := d.digit(k); c != 0 || len(out) > first || k == d.point-1 {
			out = append(out, byte('0'+c))
		}
	}
	for k := d.point; k < d.len(); k++ {
		if k == d.point {
			out = append(out, '.')
		}
		out = append(out, byte('0'+d.digit(k)))
	}
	return string(out), len(out) <= maxPrice
}
