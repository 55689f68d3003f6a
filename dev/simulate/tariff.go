package simulate

import (
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

// TariffCode is the price list of every contract; its rows differ by customer group and location.
const TariffCode = "NORD"

// VATCode is the VAT code of every price: the standard rate at the place of the charge point.
const VATCode = invoicing.StandardRate

// The customer groups.
const (
	Public   = "public"
	Gold     = "gold"
	Employee = "employee"
)

// zeroBelow and zeroUnder make a session free when it is below both.
const (
	zeroBelow cdr.MicroKWh = 100_000
	zeroUnder              = 120 * time.Second
)

// tariffs returns the versions of the price list. A second version takes over on the 16th at local midnight where
// the period is that long. The staff depot has no energy row for the public.
func tariffs(month calendar.Period, places []Location, zone *time.Location) []rating.Tariff {
	first := rating.Tariff{
		Code: TariffCode, Version: 1,
		ValidFrom: calendar.NewDate(month.First.Year-1, time.January, 1).Start(zone).UTC(),
		Currency:  money.EUR, Mode: rating.Gross,
		Rows:      rows(places, 590_000, 690_000, 490_000),
		ZeroBelow: zeroBelow, ZeroUnder: zeroUnder,
	}
	change := month.First.AddDays(15)
	if !change.Before(month.Next) {
		return []rating.Tariff{first}
	}
	second := first
	second.Version = 2
	second.ValidFrom = change.Start(zone).UTC()
	second.Rows = rows(places, 570_000, 665_000, 475_000)
	first.ValidTo = second.ValidFrom
	return []rating.Tariff{first, second}
}

// rows returns the matrix for three energy prices, in millionths of a euro per kWh.
func rows(places []Location, base, motorway, gold money.Price) []rating.Row {
	var ordinary []string
	for _, p := range places {
		if !p.staffOnly && p.ID != "LOC-A7-OST" {
			ordinary = append(ordinary, p.ID)
		}
	}
	price := func(unit money.Price) rating.Price { return rating.Price{Unit: unit, VATCode: VATCode} }
	after := func(unit money.Price, free time.Duration) rating.Price {
		return rating.Price{Unit: unit, VATCode: VATCode, FreeTime: free}
	}
	return []rating.Row{
		{ID: "public", Groups: []string{Public}, Locations: ordinary, Prices: map[rating.Component]rating.Price{
			rating.Energy: price(base), rating.PerUse: price(350_000),
		}},
		{ID: "public-motorway", Groups: []string{Public}, Locations: []string{"LOC-A7-OST"}, Prices: map[rating.Component]rating.Price{
			rating.Energy: price(motorway), rating.PerUse: price(500_000),
		}},
		{ID: "gold", Groups: []string{Gold}, Prices: map[rating.Component]rating.Price{
			rating.Energy: price(gold),
		}},
		{ID: "staff", Groups: []string{Employee}, Prices: map[rating.Component]rating.Price{
			rating.Energy: price(290_000),
		}},
		{ID: "idle-fast", Locations: []string{"LOC-A7-OST", "LOC-HH-ELBE", "LOC-HB-WESER"}, Prices: map[rating.Component]rating.Price{
			rating.Idle: after(100_000, 15*time.Minute),
		}},
		{ID: "idle-garage", Locations: []string{"LOC-KI-FOERDE", "LOC-HL-ALTSTADT"}, Prices: map[rating.Component]rating.Price{
			rating.Idle: after(20_000, time.Hour),
		}},
		// What the rows above leave open costs nothing, and says so: without a row it would be NO_PRICE (rating rules, 3.6).
		{ID: "included", Prices: map[rating.Component]rating.Price{
			rating.Charging: price(0), rating.Idle: price(0), rating.PerUse: price(0),
		}},
		{ID: "time-harbour", Locations: []string{"LOC-HH-HAFEN"}, Prices: map[rating.Component]rating.Price{
			rating.Charging: after(15_000, 30*time.Minute),
		}},
	}
}
