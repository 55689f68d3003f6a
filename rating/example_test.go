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
			{ID: "night", Moving: rating.Moving{Times: []rating.Window{{From: 22 * 60, To: 6 * 60}}}, Prices: map[rating.Component]rating.Price{
				rating.Energy: {Unit: 490_000, VATCode: "standard"},
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
	start := time.Date(2026, 10, 14, 21, 0, 0, 0, time.UTC)
	session := rating.Session{
		ID: "DE/ABC/1", Start: start, End: start.Add(2 * time.Hour), Idle: 40 * time.Minute, Energy: 20_000_000, Location: "L1", TimeZone: time.UTC,
		DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true,
	}
	for _, groups := range [][]string{nil, {"staff"}} {
		rated, err := rating.Rate(rating.Contract{No: "C-1", Groups: groups}, tariff, session)
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
	}
	// Output:
	// energy_kwh public 8.85 EUR
	// energy_kwh night 2.45 EUR
	// idle_min public 2.50 EUR
	// energy_kwh: 15.000 kWh from 2026-10-14 21:00:00 to 22:00:00, by row public for every session: 0.59 per kWh, VAT code standard.
	// energy_kwh staff 8.00 EUR
	// idle_min public 2.50 EUR
	// energy_kwh: 20.000 kWh from 2026-10-14 21:00:00 to 22:20:00, by row staff for group staff: 0.40 per kWh, VAT code standard.
}
