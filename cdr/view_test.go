package cdr

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestView(t *testing.T) {
	got, err := json.MarshalIndent(View(one(t, sampleCDR)), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "ordinal": 1,
 "line": 1,
 "country": "DE",
 "party": "ABC",
 "id": "CDR-1",
 "session_id": "S-1",
 "start": "2026-10-05T18:00:00Z",
 "end": "2026-10-05T19:30:00Z",
 "energy_kwh": "11.078",
 "duration_s": 5400,
 "parking_s": 900,
 "currency": "EUR",
 "stated_excl_vat": "4.56",
 "stated_incl_vat": "5.43",
 "token": {
  "uid": "04A1B2C3D4E5F6",
  "type": "RFID",
  "contract_id": "DE-EMP-C00000001-1"
 },
 "location": {
  "id": "LOC1",
  "name": "Rathaus",
  "street": "Markt 1",
  "postal_code": "12345",
  "city": "Musterstadt",
  "country": "DEU",
  "evse_uid": "E1",
  "evse_id": "DE*ABC*E1*1",
  "connector": "1",
  "power_type": "AC_3_PHASE"
 },
 "periods": [
  {
   "start": "2026-10-05T18:00:00Z",
   "energy_kwh": "11.078",
   "charging_s": 4500
  },
  {
   "start": "2026-10-05T19:15:00Z",
   "parking_s": 900
  }
 ],
 "signed": {
  "method": "OCMF",
  "version": "1",
  "public_key": "MFkw",
  "values": [
   {
    "nature": "Start",
    "plain": "OCMF|{\"FV\":\"1.0\"}|{}",
    "signed": "T0NNRg=="
   },
   {
    "nature": "End",
    "signed": "T0NNRh=="
   }
  ],
  "url": "https://example.com/v"
 },
 "last_updated": "2026-10-05T19:35:00Z"
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestViewReject(t *testing.T) {
	text := edit(t, `"total_energy":11.078`, `"total_energy":-2`)
	got, err := json.Marshal(ViewReject(read(t, "\n"+text).rejects[0]))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ordinal":1,"line":2,"id":"CDR-1","code":"negative","field":"total_energy",` +
		`"detail":"negative energy; feeding back is billed apart, ask the sender to correct it","bytes":` + strconv.Itoa(len(text)) + `}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
