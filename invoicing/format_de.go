package invoicing

import (
	"strconv"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// The functions below write numbers and times as German readers expect them: decimal comma, point between thousands,
// an ordinary blank before the unit, so that text taken from a document can be searched and compared.

// AmountDE prints minor units as "1.234,56 €" or "-5,00 CHF".
func AmountDE(minor int64, c money.Currency) string {
	return commaDE(money.Amount{Minor: minor, Currency: c}.Decimal()) + " " + symbol(c)
}

// PriceDE prints a unit price with two to six decimals and its unit, such as "0,49 €/kWh" or "0,411765 €/kWh".
func PriceDE(p money.Price, c money.Currency, unit string) string {
	return commaDE(p.String()) + " " + symbol(c) + "/" + unit
}

// EnergyDE prints an energy with three decimals, or as many as it takes to show all of it: "10,500 kWh",
// "0,2597 kWh". Measured values are never rounded for display.
func EnergyDE(e cdr.MicroKWh) string { return commaDE(e.KWh()) + " kWh" }

// DurationDE prints seconds as "45 s", "12 min" or "83 min 20 s". Minutes are not folded into hours, because minutes
// are what is priced.
func DurationDE(seconds int64) string {
	if seconds < 0 {
		return "-" + DurationDE(-seconds)
	}
	minutes, rest := seconds/60, seconds%60
	switch {
	case minutes == 0:
		return strconv.FormatInt(rest, 10) + " s"
	case rest == 0:
		return strconv.FormatInt(minutes, 10) + " min"
	}
	return strconv.FormatInt(minutes, 10) + " min " + strconv.FormatInt(rest, 10) + " s"
}

// PercentDE prints a rate as "19 %" or "7,7 %".
func PercentDE(f money.Fraction) string { return commaDE(f.Percent()) + " %" }

// SpanDE prints start and end of a session as the clock at the charge point showed them, such as
// "03.10.2026 14:05:09". When the clock was changed in between, both carry their offset, such as "(UTC+2)", or the
// end could seem to lie before the start. A text that is no RFC 3339 time is returned as it is.
func SpanDE(s SessionLines) (start, end string) {
	from, err1 := time.Parse(time.RFC3339, s.Start)
	to, err2 := time.Parse(time.RFC3339, s.End)
	if err1 != nil || err2 != nil {
		return s.Start, s.End
	}
	const clock = "02.01.2006 15:04:05"
	_, before := from.Zone()
	_, after := to.Zone()
	if before == after {
		return from.Format(clock), to.Format(clock)
	}
	return from.Format(clock) + offsetDE(before), to.Format(clock) + offsetDE(after)
}

func offsetDE(seconds int) string {
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	s := " (UTC" + sign + strconv.Itoa(minutes/60)
	if minutes%60 != 0 {
		s += ":" + strconv.Itoa(minutes%60)
	}
	return s + ")"
}

// QuantityDE prints the quantity of a line in the measure of its component.
func QuantityDE(l Line) string {
	switch l.Component {
	case rating.Energy:
		return EnergyDE(cdr.MicroKWh(l.Quantity))
	case rating.Charging, rating.Idle:
		return DurationDE(l.Quantity)
	case rating.PerUse:
	}
	return strconv.FormatInt(l.Quantity, 10) + " ×"
}

// UnitPriceDE prints the unit price of a line with the measure of its component.
func UnitPriceDE(l Line, c money.Currency) string {
	switch l.Component {
	case rating.Energy:
		return PriceDE(l.Unit, c, "kWh")
	case rating.Charging, rating.Idle:
		return PriceDE(l.Unit, c, "min")
	case rating.PerUse:
	}
	return commaDE(l.Unit.String()) + " " + symbol(c)
}

func symbol(c money.Currency) string {
	if c == money.EUR {
		return "€"
	}
	return string(c)
}

// commaDE turns a decimal with a point into German writing.
func commaDE(s string) string {
	whole, decimals, hasDecimals := strings.Cut(s, ".")
	digits := strings.TrimPrefix(whole, "-")
	var b strings.Builder
	b.WriteString(whole[:len(whole)-len(digits)])
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(r)
	}
	if hasDecimals {
		b.WriteByte(',')
		b.WriteString(decimals)
	}
	return b.String()
}
