package cdr

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
)

func TestSameContentSameHash(t *testing.T) {
	want := ContentHash(one(t, sampleCDR))
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(sampleCDR), &members); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(members) // maps are written in the order of their keys
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"blanks":               indented(t, sampleCDR),
		"order of members":     string(sorted),
		"unknown member":       edit(t, `"auth_method":"WHITELIST"`, `"auth_method":"WHITELIST","x":1`),
		"later last_updated":   edit(t, `"last_updated":"2026-10-05T19:35:00Z"`, `"last_updated":"2026-11-05T19:35:00Z"`),
		"no last_updated":      edit(t, `,"last_updated":"2026-10-05T19:35:00Z"`, ``),
		"case of the id":       edit(t, `"CDR-1"`, `"cdr-1"`),
		"case of a dimension":  edit(t, `{"type":"TIME","volume"`, `{"type":"Time","volume"`),
		"trailing zeros":       edit(t, `"excl_vat":4.56`, `"excl_vat":"4.5600"`),
		"zeros of the energy":  edit(t, `"total_energy":11.078`, `"total_energy":11.0780000`),
		"name of the place":    edit(t, `"name":"Rathaus"`, `"name":"Rathaus (Nord)"`),
		"time with an offset":  edit(t, `"end_date_time":"2026-10-05T19:30:00Z"`, `"end_date_time":"2026-10-05T21:30:00+02:00"`),
		"escapes":              edit(t, `"S-1"`, `"\u0053-1"`),
		"credit said to be no": edit(t, `"currency":"EUR","tariffs"`, `"credit":false,"currency":"EUR","tariffs"`),
	} {
		if ContentHash(one(t, text)) != want {
			t.Errorf("%s: the hash changed", name)
		}
	}
}

func TestOtherContentOtherHash(t *testing.T) {
	seen := map[[32]byte]string{ContentHash(one(t, sampleCDR)): "the sample"}
	for _, c := range []struct{ name, old, new string }{
		{"country", `"country_code":"DE","party_id":"ABC","id":"CDR-1"`, `"country_code":"AT","party_id":"ABC","id":"CDR-1"`},
		{"party", `"party_id":"ABC","id":"CDR-1"`, `"party_id":"ABD","id":"CDR-1"`},
		{"id", `"CDR-1"`, `"CDR-2"`},
		{"session", `"S-1"`, `"S-2"`},
		{"start", `"start_date_time":"2026-10-05T18:00:00Z","end`, `"start_date_time":"2026-10-05T18:00:01Z","end`},
		{"end", `"end_date_time":"2026-10-05T19:30:00Z"`, `"end_date_time":"2026-10-05T19:30:00.001Z"`},
		{"token", `04A1B2C3D4E5F6`, `04A1B2C3D4E5F7`},
		{"token type", `"RFID"`, `"APP_USER"`},
		{"contract", `DE-EMP-C00000001-1`, `DE-EMP-C00000002-1`},
		{"authorization", `"auth_method":"WHITELIST"`, `"authorization_reference":"X"`},
		{"location", `"id":"LOC1"`, `"id":"LOC2"`},
		{"location country", `"country":"DEU"`, `"country":"AUT"`},
		{"EVSE uid", `"evse_uid":"E1"`, `"evse_uid":"E2"`},
		{"EVSE id", `"evse_id":"DE*ABC*E1*1"`, `"evse_id":"DE*ABC*E1*2"`},
		{"connector", `"connector_id":"1"`, `"connector_id":"2"`},
		{"power type", `"AC_3_PHASE"`, `"DC"`},
		{"currency", `"currency":"EUR","tariffs"`, `"currency":"CHF","tariffs"`},
		{"energy", `"total_energy":11.078`, `"total_energy":11.078001`},
		{"time", `"total_time":1.5`, `"total_time":1.51`},
		{"parking", `"total_parking_time":0.25`, `"total_parking_time":0.26`},
		{"period start", `{"start_date_time":"2026-10-05T19:15:00Z"`, `{"start_date_time":"2026-10-05T19:16:00Z"`},
		{"period energy", `"ENERGY","volume":11.078`, `"ENERGY","volume":11`},
		{"period charging", `"TIME","volume":1.25`, `"TIME","volume":1.2`},
		{"period parking", `"PARKING_TIME","volume":0.25`, `"PARKING_TIME","volume":0.2`},
		{"dimension", `"PARKING_TIME","volume":0.25`, `"TIME","volume":0.25`},
		{"one period less", `,{"start_date_time":"2026-10-05T19:15:00Z","dimensions":[{"type":"PARKING_TIME","volume":0.25}]}`, ``},
		{"cost", `"excl_vat":4.56`, `"excl_vat":4.57`},
		{"gross cost", `"incl_vat":5.43`, `"incl_vat":5.44`},
		{"swapped costs", `"excl_vat":4.56,"incl_vat":5.43`, `"excl_vat":5.43,"incl_vat":4.56`},
		{"credit", `"currency":"EUR","tariffs"`, `"credit":true,"credit_reference_id":"A","currency":"EUR","tariffs"`},
		{"reference", `"currency":"EUR","tariffs"`, `"credit_reference_id":"A","currency":"EUR","tariffs"`},
		{"no signed data", `"signed_data":{"encoding_method"`, `"other":{"encoding_method"`},
		{"signed method", `"OCMF","encoding_method_version"`, `"ocmf","encoding_method_version"`},
		{"signed version", `"encoding_method_version":1`, `"encoding_method_version":2`},
		{"key", `"MFkw"`, `"MFkx"`},
		{"nature", `"nature":"End"`, `"nature":"Intermediate"`},
		{"plain text", `"plain_data":""`, `"plain_data":" "`},
		{"signature", `"T0NNRh=="`, `"T0NNRi=="`},
		{"link", `https://example.com/v`, `https://example.com/w`},
	} {
		h := ContentHash(one(t, edit(t, c.old, c.new)))
		if twin, ok := seen[h]; ok {
			t.Errorf("%s has the hash of %s", c.name, twin)
		}
		seen[h] = c.name
	}
}

// TestHashEncoding writes the documented encoding of an almost empty record out by hand.
func TestHashEncoding(t *testing.T) {
	text := func(s string) string { return string([]byte{0, 0, 0, byte(len(s))}) + s }
	number := func(n byte) string { return "\x00\x00\x00\x00\x00\x00\x00" + string([]byte{n}) }
	r := Record{
		Country: "de", Party: "abc", ID: "x", Start: utc("1970-01-01T00:00:00.000005Z"), End: utc("1970-01-01T00:00:00.000006Z"),
		Currency: "EUR", Energy: 7, StatedExcl: "1.20", Credit: true, CreditRef: "y",
		Signed: &SignedData{Method: "OCMF", Values: []SignedValue{{Signed: "s"}}},
	}
	want := "\x01" + text("DE") + text("ABC") + text("X") + text("") + number(5) + number(6) +
		strings.Repeat(text(""), 4) + strings.Repeat(text(""), 6) + text("EUR") + number(7) + number(0) + number(0) + number(0) +
		text("1.2") + text("") + number(1) + text("Y") + number(1) +
		text("OCMF") + text("") + text("") + number(1) + text("") + text("") + text("s") + text("")
	if got := ContentHash(r); got != sha256.Sum256([]byte(want)) {
		t.Errorf("got %x", got)
	}
}
