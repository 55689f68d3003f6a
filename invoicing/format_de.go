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

// DurationDE prints seconds as "45 s", "12 min", "35 h 22 min" or "35 h 22 min 39 s": hours from one on, and nothing that
// is zero. Seconds are shown where there are any, because they are priced.
func DurationDE(seconds int64) string {
	if seconds < 0 {
		return "-" + DurationDE(-seconds)
	}
	var b strings.Builder
	for _, part := range [...]struct {
		n    int64
		unit string
	}{{seconds / 3600, " h"}, {seconds / 60 % 60, " min"}, {seconds % 60, " s"}} {
		if part.n == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatInt(part.n, 10) + part.unit)
	}
	if b.Len() == 0 {
		return "0 s"
	}
	return b.String()
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

// QuantityDE prints the quantity of a line in the measure of its component. It is empty for adjustments, which have none.
func QuantityDE(l Line) string {
	if l.Kind != rating.QuantityLine && l.Kind != rating.IncludedLine {
		return ""
	}
	switch {
	case l.Label == rating.PassThroughLabel:
	case energetic(l.Component):
		return EnergyDE(cdr.MicroKWh(l.Quantity))
	case timed(l.Component):
		return DurationDE(l.Quantity)
	}
	return strconv.FormatInt(l.Quantity, 10) + " ×"
}

// UnitPriceDE prints the unit price of a line with the measure of its component: per kWh, minute or started block, or once.
// It is empty for what has no unit price.
func UnitPriceDE(l Line, c money.Currency) string {
	if l.Kind != rating.QuantityLine {
		return ""
	}
	switch {
	case l.Label == rating.PassThroughLabel:
	case l.Block > 0 && energetic(l.Component):
		return PriceDE(l.Unit, c, "angefangene "+EnergyDE(cdr.MicroKWh(l.Block)))
	case l.Block > 0:
		return PriceDE(l.Unit, c, "angefangene "+DurationDE(l.Block))
	case energetic(l.Component):
		return PriceDE(l.Unit, c, "kWh")
	case timed(l.Component):
		return PriceDE(l.Unit, c, "min")
	}
	return commaDE(l.Unit.String()) + " " + symbol(c)
}

// PricedDE prints quantity and unit price of a line as one reads them: "10,500 kWh × 0,49 €/kWh", "1,00 €" for what is
// owed once, "7,500 kWh" for what is included. It is empty for adjustments.
func PricedDE(l Line, c money.Currency) string {
	quantity, unit := QuantityDE(l), UnitPriceDE(l, c)
	switch {
	case unit == "":
		return quantity
	case energetic(l.Component) || timed(l.Component):
		if l.Label != rating.PassThroughLabel {
			return quantity + " × " + unit
		}
	}
	if l.Quantity == 1 {
		return unit
	}
	return quantity + " " + unit
}

func energetic(c rating.Component) bool { return c == rating.Energy || c == rating.Export }

func timed(c rating.Component) bool {
	switch c {
	case rating.Charging, rating.Idle, rating.Occupancy, rating.ReservationMin:
		return true
	case rating.Energy, rating.Export, rating.PerUse, rating.Reservation:
	}
	return false
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
