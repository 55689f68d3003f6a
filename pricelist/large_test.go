package pricelist

import (
	"fmt"
	"testing"
	"time"

	"wattdue/rating"
)

// largeTariff has two rows for each of fifteen hundred locations.
func largeTariff() rating.Tariff {
	t := rating.Tariff{
		Code: "L", Version: 1, ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Currency: "EUR", Mode: rating.Gross, ZeroBelow: defaultZeroBelow, ZeroUnder: defaultZeroUnder,
		Rows: []rating.Row{{ID: baseRow, Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 590_000, VATCode: defaultVAT}}}},
	}
	for i := range 3_000 {
		row := rating.Row{
			ID: fmt.Sprintf("r%d", i), Locations: []string{fmt.Sprintf("L%d", i/2)},
			Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 490_000, VATCode: defaultVAT}},
		}
		if i%2 == 0 {
			row.Moving.Times = []rating.Window{{From: 1320, To: 360}}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Thousands of rows are written, read, judged and compared in a moment; nothing grows with the square of their number.
func TestThousandsOfRows(t *testing.T) {
	tariff := largeTariff()
	start := time.Now()
	back, faults := Parse("t.yaml", Write(tariff), Known{})
	if len(faults) > 0 || len(back.Rows) != len(tariff.Rows) {
		t.Fatal(faults)
	}
	t.Log("written and read:", time.Since(start))
	start = time.Now()
	c := &checker{t: &tariff}
	c.coverage()
	if len(c.found) > 0 {
		t.Error(c.found)
	}
	t.Log("judged:", time.Since(start))
	start = time.Now()
	if why, dearer := Dearer(tariff, back, nil); dearer {
		t.Error(why)
	}
	t.Log("compared:", time.Since(start))
}
