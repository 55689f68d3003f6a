package cdr

import (
	"errors"
	"iter"
	"strings"
	"testing"
)

// sampleCDR is one CDR on one line, written for these tests: 11.078 kWh in 1 h 30 min, 15 of them parked.
const sampleCDR = `{"country_code":"DE","party_id":"ABC","id":"CDR-1","start_date_time":"2026-10-05T18:00:00Z",` +
	`"end_date_time":"2026-10-05T19:30:00Z","session_id":"S-1","cdr_token":{"country_code":"DE","party_id":"EMP",` +
	`"uid":"04A1B2C3D4E5F6","type":"RFID","contract_id":"DE-EMP-C00000001-1"},"auth_method":"WHITELIST",` +
	`"cdr_location":{"id":"LOC1","name":"Rathaus","address":"Markt 1","city":"Musterstadt","postal_code":"12345",` +
	`"country":"DEU","coordinates":{"latitude":"52.500000","longitude":"13.400000"},"evse_uid":"E1",` +
	`"evse_id":"DE*ABC*E1*1","connector_id":"1","connector_standard":"IEC_62196_T2","connector_format":"SOCKET",` +
	`"connector_power_type":"AC_3_PHASE"},"currency":"EUR","tariffs":[{"country_code":"DE","party_id":"ABC","id":"T1",` +
	`"currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.49,"vat":19.0,"step_size":1}]},` +
	`{"price_components":[{"type":"TIME","price":1.2,"step_size":60}]}],"last_updated":"2026-01-01T00:00:00Z"}],` +
	`"charging_periods":[{"start_date_time":"2026-10-05T18:00:00Z","dimensions":[{"type":"ENERGY","volume":11.078},` +
	`{"type":"TIME","volume":1.25},{"type":"MAX_CURRENT","volume":16}],"tariff_id":"T1"},{"start_date_time":` +
	`"2026-10-05T19:15:00Z","dimensions":[{"type":"PARKING_TIME","volume":0.25}]}],"signed_data":{"encoding_method":` +
	`"OCMF","encoding_method_version":1,"public_key":"MFkw","signed_values":[{"nature":"Start","plain_data":` +
	`"OCMF|{\"FV\":\"1.0\"}|{}","signed_data":"T0NNRg=="},{"nature":"End","plain_data":"","signed_data":"T0NNRh=="}],` +
	`"url":"https://example.com/v"},"total_cost":{"excl_vat":4.56,"incl_vat":5.43},"total_energy":11.078,` +
	`"total_time":1.5,"total_parking_time":0.25,"last_updated":"2026-10-05T19:35:00Z"}`

// edit replaces one passage of sampleCDR, which must occur exactly once.
func edit(t testing.TB, old, new string) string {
	t.Helper()
	if n := strings.Count(sampleCDR, old); n != 1 {
		t.Fatalf("passage occurs %d times in the sample: %s", n, old)
	}
	return strings.Replace(sampleCDR, old, new, 1)
}

// numbered returns sampleCDR with another id.
func numbered(id string) string { return strings.Replace(sampleCDR, `"CDR-1"`, `"`+id+`"`, 1) }

// result is everything a reader yielded, with its own copies of the bytes.
type result struct {
	records []Record
	rejects []*Reject
	order   string // r for a record, x for a reject
	err     error
}

func collect(t testing.TB, seq iter.Seq2[Record, error]) result {
	t.Helper()
	var out result
	for rec, err := range seq {
		var rej *Reject
		switch {
		case out.err != nil:
			t.Fatalf("yielded after error %v", out.err)
		case err == nil:
			rec.Origin.Raw = append([]byte(nil), rec.Origin.Raw...)
			out.records = append(out.records, rec)
			out.order += "r"
		case errors.As(err, &rej):
			rej.Origin.Raw = append([]byte(nil), rej.Origin.Raw...)
			out.rejects = append(out.rejects, rej)
			out.order += "x"
			if strings.ContainsAny(rej.Error(), "\n\r") {
				t.Errorf("message has more than one line: %q", rej.Error())
			}
		default:
			out.err = err
		}
	}
	return out
}

func read(t testing.TB, text string) result {
	t.Helper()
	return collect(t, ReadOCPI221(strings.NewReader(text)))
}

// ids lists records by id and rejects by code, in file order.
func (r result) String() string {
	var out []string
	records, rejects := r.records, r.rejects
	for _, c := range r.order {
		if c == 'r' {
			out, records = append(out, records[0].ID), records[1:]
			continue
		}
		out, rejects = append(out, rejects[0].Code), rejects[1:]
	}
	return strings.Join(out, " ")
}

// one returns the only record, or fails.
func one(t testing.TB, text string) Record {
	t.Helper()
	got := read(t, text)
	if got.order != "r" {
		t.Fatalf("got %v %v, want one record", got.order, got.rejects)
	}
	return got.records[0]
}
