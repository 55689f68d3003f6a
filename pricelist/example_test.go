package pricelist_test

import (
	"fmt"
	"time"

	"wattdue/pricelist"
)

func ExampleParse() {
	const file = `tariff: NORD
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
price:
  energy: 0,59
rows:
  - id: night
    when: {time: 22-06}
    price: {energy: 0.49}
`
	_, faults := pricelist.Parse("nord.yaml", []byte(file), pricelist.Known{TimeZone: time.LoadLocation})
	fmt.Println(faults)
	// Output:
	// nord.yaml, line 7, column 11: price, energy: "0,59" has a comma; write 0.59 with a point
	// nord.yaml, line 10, column 18: row night, time: 22-06 is no stretch of the day; want times such as 22:00-06:00, hours from 00 to 24 with minutes
}
