package rating_test

import (
	"fmt"
	"time"

	"wattdue/money"
	"wattdue/rating"
)

func ExampleRate() {
	tariff, err := rating.Compile(rating.Tariff{
		Code: "CITY", Version: 1, Currency: money.EUR, Mode: rating.Gross,
		Rows: []rating.Row{
			{ID: "public", Prices: map[rating.Component]rating.Price{
				rating.Energy: {Unit: 590_000, VATCode: "standard"},
				rating.Idle:   {Unit: 100_000, VATCode: "standard", FreeTime: 15 * time.Minute},
			}},
			{ID: "staff", Groups: []string{"staff"}, Prices: map[rating.Component]rating.Price{
				rating.Energy: {Unit: 400_000, VATCode: "standard"},
			}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	start := time.Date(2026, 10, 14, 12, 0, 0, 0, time.UTC)
	rated, err := rating.Rate(rating.Contract{No: "C-1", Groups: []string{"staff"}}, tariff, rating.Session{
		ID: "DE/ABC/1", Start: start, End: start.Add(2 * time.Hour), Idle: 40 * time.Minute,
		Energy: 20_000_000, Location: "L1", DurationUsable: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range rated.Lines {
		fmt.Println(line.Component, line.Row, money.Amount{Minor: line.Amount, Currency: rated.Currency})
	}
	trace, err := rating.DecodeTrace(rated.Trace)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trace.Explain()[1])
	// Output:
	// energy_kwh staff 8.00 EUR
	// idle_min public 2.50 EUR
	// energy_kwh: 20.000 kWh x 0.40 per kWh = 8.00, rounded 8.00 EUR (row staff for group staff, VAT code standard).
}
