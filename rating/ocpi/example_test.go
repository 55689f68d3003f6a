package ocpi_test

import (
	"fmt"
	"log"
	"time"

	"wattdue/rating/ocpi"
)

// A partner's record is held against its tariff: 20.45 kWh in steps of 100 Wh are 20.5 kWh at 0.25, and 0.50 for the start.
func ExamplePrice() {
	tariff, err := ocpi.ParseTariff([]byte(`{"id": "13", "currency": "EUR", "elements": [{"price_components": [
		{"type": "FLAT", "price": 0.50, "vat": 20.0, "step_size": 1},
		{"type": "ENERGY", "price": 0.25, "vat": 10.0, "step_size": 100}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	record, err := ocpi.ParseCDR([]byte(`{"id": "4711", "currency": "EUR",
		"start_date_time": "2026-06-04T08:00:00Z", "end_date_time": "2026-06-04T09:00:00Z",
		"charging_periods": [{"start_date_time": "2026-06-04T08:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 20.45}]}],
		"total_cost": {"excl_vat": 5.61, "incl_vat": 6.22}}`))
	if err != nil {
		log.Fatal(err)
	}
	price, err := ocpi.Price(record, []ocpi.Tariff{tariff}, ocpi.Options{Zone: time.UTC})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(price.Total.ExclVAT.Text(6), price.Total.InclVAT.Text(6))
	for _, f := range price.Findings {
		fmt.Println(f)
	}
	// Output:
	// 5.625000 6.237500
	// TOTAL_MISMATCH total_cost, before tax: states 5.61, the tariff gives 5.63: a difference of 0.02
	// TOTAL_MISMATCH total_cost, with tax: states 6.22, the tariff gives 6.24: a difference of 0.02
}
