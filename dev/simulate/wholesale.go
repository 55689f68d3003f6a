package simulate

import (
	"encoding/json"

	"wattdue/money"
)

// Wholesale prices per kWh before tax, in ten-thousandths of a euro.
const (
	slowWholesale = 3_850
	fastWholesale = 4_720
)

func wholesalePrice(l *Location) int64 {
	if l.fast {
		return fastWholesale
	}
	return slowWholesale
}

// wholesaleTariff is what the CPO charges the provider.
func wholesaleTariff(l *Location) ocpiTariff {
	id := l.CPO + "-AC"
	if l.fast {
		id = l.CPO + "-DC"
	}
	price := json.Number(money.FormatMinor(wholesalePrice(l), 4))
	return ocpiTariff{
		Country: "DE", Party: l.CPO, ID: id, Currency: "EUR",
		Elements:    []ocpiElement{{[]ocpiComponent{{"ENERGY", price, "19.0", "1"}}}},
		LastUpdated: "2026-01-01T00:00:00Z",
	}
}

// wholesaleCost returns the CPO's price before tax in ten-thousandths of a euro, for the energy the record states.
func wholesaleCost(s *Session, l *Location) int64 {
	wh := int64(s.statedFinal()-s.Begin) / 1000
	return roundHalfAway(wh*wholesalePrice(l), 1000)
}

// netPrice writes an amount in ten-thousandths of a euro before and after 19 % tax.
func netPrice(excl int64) ocpiPrice {
	incl := roundHalfAway(excl*119, 100)
	return ocpiPrice{json.Number(money.FormatMinor(excl, 4)), json.Number(money.FormatMinor(incl, 4))}
}

// roundHalfAway divides and rounds half away from zero; the divisor is positive.
func roundHalfAway(dividend, divisor int64) int64 {
	if dividend < 0 {
		return -roundHalfAway(-dividend, divisor)
	}
	return (2*dividend + divisor) / (2 * divisor)
}
