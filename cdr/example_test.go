package cdr_test

import (
	"errors"
	"fmt"
	"strings"

	"wattdue/cdr"
)

func ExampleReadOCPI221() {
	file := `{"country_code":"DE","party_id":"ABC","id":"1","start_date_time":"2026-10-05T18:00:00Z","end_date_time":"2026-10-05T18:10:00Z",` +
		`"cdr_token":{"uid":"A","type":"RFID","contract_id":"DE-EMP-C1"},"cdr_location":{"country":"DEU","evse_id":"DE*ABC*E1"},"currency":"EUR",` +
		`"charging_periods":[{"start_date_time":"2026-10-05T18:00:00Z","dimensions":[{"type":"ENERGY","volume":2.5}]}],` +
		`"total_cost":{"excl_vat":1.03},"total_energy":2.5,"total_time":0.1667}
{"country_code":"DE","party_id":"ABC","id":"2","total_energy":2,5}`

	for rec, err := range cdr.ReadOCPI221(strings.NewReader(file)) {
		var reject *cdr.Reject
		switch {
		case err == nil:
			fmt.Println(rec.Key(), rec.Energy.KWh(), "kWh in", rec.Duration)
		case errors.As(err, &reject):
			fmt.Println("line", reject.Origin.Line, reject.Code, "in record", reject.ID)
		default:
			fmt.Println("the file cannot be read on:", err)
		}
	}
	// Output:
	// DE/ABC/1 2.500 kWh in 10m0s
	// line 2 json-syntax in record 2
}
