package ocpi

import "math"

// number is a decimal read from its text, so that no digit is lost. It stands for its digits with the point after the
// first so many of them, which may lie outside.
type number struct {
	digits string
	point  int
	minus  bool
}

// maxNumber bounds the text of a number; longer ones are refused unread.
const maxNumber = 64

// parseNumber reads a number in the grammar of JSON. It reports false for anything else, such as "12,5", "+1" or "ten".
func parseNumber(text string) (number, bool) {
	if len(text) > maxNumber {
		return number{}, false
	}
	var d number
	if text != "" && text[0] == '-' {
		d.minus, text = true, text[1:]
	}
	whole := digitsOf(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return number{}, false
	}
	d.digits, d.point, text = text[:whole], whole, text[whole:]
	if text != "" && text[0] == '.' {
		n := digitsOf(text[1:])
		if n == 0 {
			return number{}, false
		}
		d.digits, text = d.digits+text[1:1+n], text[1+n:]
	}
	if text != "" && (text[0] == 'e' || text[0] == 'E') {
		exponent, ok := parseExponent(text[1:])
		d.point += exponent
		return d, ok
	}
	return d, text == ""
}

// digitsOf returns how many digits the text starts with.
func digitsOf(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// parseExponent reads an exponent. Beyond a thousand it stands still: such a number is zero or too large all the same.
func parseExponent(text string) (exponent int, ok bool) {
	sign := 1
	if text != "" && (text[0] == '+' || text[0] == '-') {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	if text == "" || digitsOf(text) != len(text) {
		return 0, false
	}
	for _, c := range text {
		exponent = min(exponent*10+int(c-'0'), 1000)
	}
	return sign * exponent, true
}

func (d number) digit(k int) int64 {
	if k < 0 || k >= len(d.digits) {
		return 0
	}
	return int64(d.digits[k] - '0')
}

// fixed returns the number counted in the last of so many decimals, rounded half away from zero; exact is false when
// something was rounded off, ok when the result does not fit.
func (d number) fixed(decimals int) (v int64, exact, ok bool) {
	end := d.point + decimals
	for k := 0; k < end; k++ {
		if v > (math.MaxInt64-10)/10 {
			return 0, false, false
		}
		v = v*10 + d.digit(k)
	}
	if d.digit(end) >= 5 {
		v++
	}
	exact = true
	for k := max(end, 0); k < len(d.digits); k++ {
		exact = exact && d.digits[k] == '0'
	}
	if d.minus {
		v = -v
	}
	return v, exact, true
}

// maxHours, some fifty years, keeps durations and sums of them within their integer.
const maxHours = 500_000

// seconds takes the number as hours and returns them snapped to the nearest second, half away from zero: operators send
// 0.1667 h for ten minutes (rating rules, 5.4). It reports false beyond 500,000 hours.
func (d number) seconds() (int64, bool) {
	var whole int64
	for k := 0; k < d.point; k++ {
		if whole = whole*10 + d.digit(k); whole > maxHours {
			return 0, false
		}
	}
	// Multiplying the fraction by 7200 from its last digit on leaves the whole number of half seconds.
	var halves int64
	for k := len(d.digits) - 1; k >= d.point; k-- {
		halves = (d.digit(k)*7200 + halves) / 10
	}
	v := whole*3600 + (halves+1)/2
	if d.minus {
		v = -v
	}
	return v, true
}
