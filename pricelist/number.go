package pricelist

import (
	"fmt"
	"math/bits"
	"strings"

	"go.yaml.in/yaml/v3"

	"wattdue/money"
)

// millionths reads a decimal number from its text, exactly. The advice says what to write instead when it cannot be read.
func millionths(s string) (n int64, advice string) {
	const wholeDigits, decimals = 6, 6
	sign, digits := "", s
	if strings.HasPrefix(digits, "-") || strings.HasPrefix(digits, "−") {
		sign, digits = "-", strings.TrimLeft(digits, "-−")
	}
	if strings.Contains(digits, ",") {
		return 0, commaAdvice(s)
	}
	whole, fraction, pointed := strings.Cut(digits, ".")
	switch {
	case !allDigits(whole) || !allDigits(fraction) || whole+fraction == "":
		return 0, fmt.Sprintf("%s is no number; write it like 0.49", shown(s))
	case sign != "":
		return 0, fmt.Sprintf("%s is below zero; a price is 0 or more, what lowers it belongs under discounts", s)
	case whole == "":
		return 0, fmt.Sprintf("%s has no digit before the point; write 0%s", s, s)
	case pointed && fraction == "":
		return 0, fmt.Sprintf("%s has no digit after the point; write %s", s, whole)
	case len(whole) > 1 && whole[0] == '0':
		return 0, fmt.Sprintf("%s begins with a zero; write %s", s, withoutZeros(whole)+s[len(whole):])
	case len(whole) > wholeDigits:
		return 0, fmt.Sprintf("%s is too large; at most %s is possible", shown(s), strings.Repeat("9", wholeDigits))
	case len(fraction) > decimals:
		return 0, fmt.Sprintf("%s has %d decimals; at most %d are kept, so round it yourself", shown(s), len(fraction), decimals)
	}
	for _, c := range whole + fraction + strings.Repeat("0", decimals-len(fraction)) {
		n = n*10 + int64(c-'0')
	}
	return n, ""
}

// commaAdvice refuses a comma. A German price list means 0,49 by it, an English one a thousand; a price is not guessed.
func commaAdvice(s string) string {
	whole, fraction, _ := strings.Cut(s, ",")
	if allDigits(whole) && allDigits(fraction) && whole != "" && fraction != "" {
		return fmt.Sprintf("%s has a comma; write %s.%s with a point", shown(s), whole, fraction)
	}
	return fmt.Sprintf("%s has a comma; write decimals with a point and thousands without a mark, like 1000.50", shown(s))
}

func withoutZeros(s string) string {
	if s = strings.TrimLeft(s, "0"); s == "" {
		return "0"
	}
	return s
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
}

// splitNumber parts "0.49 per kWh" into the number and what follows it.
func splitNumber(s string) (number, rest string) {
	end := strings.IndexFunc(s, func(c rune) bool { return (c < '0' || c > '9') && !strings.ContainsRune(".,-−+'", c) })
	if end < 0 {
		return s, ""
	}
	if end == 0 { // no number at all: the message shows the first word
		word, rest, _ := strings.Cut(s, " ")
		return word, strings.TrimSpace(rest)
	}
	return s[:end], strings.TrimSpace(s[end:])
}

// amount reads a sum of money: "12.00", or "12.00 EUR" in the tariff's currency.
func (p *parser) amount(n *yaml.Node, field string) money.Price {
	s, ok := p.scalar(n, field, "an amount such as 12.00")
	if !ok {
		return 0
	}
	v, rest, ok := p.money(n, field, s)
	if ok && rest != "" {
		p.faultf(n, field, "%s is too much after an amount; write %s", shown(rest), v)
	}
	return v
}

// money reads a number and the currency behind it, and returns what is left.
func (p *parser) money(n *yaml.Node, field, s string) (v money.Price, rest string, ok bool) {
	for _, sign := range []string{"€", p.currency} {
		if after, found := strings.CutPrefix(s, sign); found && sign != "" {
			p.faultf(n, field, "write the currency behind the number, or leave it out: %s", strings.TrimSpace(after))
			return 0, "", false
		}
	}
	number, rest := splitNumber(s)
	m, advice := millionths(number)
	if advice != "" {
		p.faultf(n, field, "%s", advice)
		return 0, "", false
	}
	word, tail, _ := strings.Cut(strings.Replace(rest, "/", " /", 1), " ")
	if word == "€" {
		word = string(money.EUR)
	}
	if _, isCurrency := money.Currency(word).Digits(); isCurrency {
		if p.currency != "" && word != p.currency {
			p.faultf(n, field, "the price is in %s, but the tariff in %s; a tariff has one currency", word, p.currency)
			return 0, "", false
		}
		rest = strings.TrimSpace(tail)
	}
	return money.Price(m), rest, true
}

// unitPrice reads a price of a unit: "0.49", "0.49 per kWh", "0.49/kWh", "0.49 EUR per kWh".
func (p *parser) unitPrice(n *yaml.Node, field string, c component) money.Price {
	s, ok := p.scalar(n, field, "a price such as 0.49 per "+c.unit)
	if !ok {
		return 0
	}
	v, rest, ok := p.money(n, field, s)
	if !ok || rest == "" {
		return v
	}
	unit, perUnit := strings.CutPrefix(rest, "per ")
	if !perUnit {
		unit, perUnit = strings.CutPrefix(rest, "/")
	}
	unit = strings.TrimSpace(unit)
	switch {
	case !perUnit:
		p.faultf(n, field, "%s is not understood; %s", shown(rest), unitAdvice(v, rest, c))
	case unitWords[strings.ToLower(unit)] == c.unit:
	case c.unit == "min" && unitWords[strings.ToLower(unit)] == "hour":
		p.faultf(n, field, "%s is priced per min, not per hour; write %s", c.word, perMinuteAdvice(v))
	default:
		p.faultf(n, field, "%s is priced per %s, not per %s; give the price per %s", c.word, c.unit, shown(unit), c.unit)
	}
	return v
}

// unitAdvice turns cents into the currency unit; otherwise it shows the form, not a number nobody may have meant.
func unitAdvice(v money.Price, rest string, c component) string {
	word, _, _ := strings.Cut(strings.NewReplacer("/", " ", ".", " ").Replace(strings.ToLower(rest)), " ")
	if listed([]string{"ct", "cent", "cents", "c", "rp", "p"}, word) && v%100 == 0 {
		return fmt.Sprintf("prices are in whole units of the currency; write %s per %s", v/100, c.unit)
	}
	return "want a price such as 0.49 per " + c.unit
}

func perMinuteAdvice(hour money.Price) string {
	if hour%60 == 0 {
		return fmt.Sprintf("%s per min", hour/60)
	}
	return fmt.Sprintf("a sixtieth of %s per min, or sell hours with %q", hour, "started_block: 60 min")
}

// unitWords maps how people write a unit to how it is printed.
var unitWords = map[string]string{
	"kwh": "kWh", "min": "min", "minute": "min", "minuten": "min", "minutes": "min", "h": "hour", "hour": "hour", "std": "hour", "stunde": "hour",
	"session": "session", "ladevorgang": "session", "reservation": "reservation", "reservierung": "reservation", "block": "block",
}

// percent reads "15 %" as a fraction, with at most four decimals.
func (p *parser) percent(n *yaml.Node, field, s string, most int64) money.Fraction {
	number, sign := strings.CutSuffix(s, "%")
	number = strings.TrimSpace(number)
	v, advice := millionths(number)
	switch {
	case !sign:
		p.faultf(n, field, "%s has no unit; write %s %%", shown(s), shown(s))
	case advice != "":
		p.faultf(n, field, "%s", advice)
	case v%100 != 0:
		p.faultf(n, field, "%s has more than four decimals; a percentage has at most four", shown(s))
	case v/100 > most:
		p.faultf(n, field, "%s is too much; at most %s %% is possible", shown(s), money.Fraction(most).Percent())
	default:
		return money.Fraction(v / 100)
	}
	return 0
}

// times multiplies what is not negative; ok is false when the product does not fit.
func times(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && lo < 1<<63
}
