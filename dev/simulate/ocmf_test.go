package simulate

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
)

// signedReading is a reading of an OCMF line.
type signedReading struct {
	TM, TX, RI, RU, ST string
	RV                 json.Number
}

// openLine splits an OCMF line, verifies it under the key and returns payload fields and readings.
func openLine(t *testing.T, line string, spki []byte) (header map[string]any, readings []signedReading, valid bool) {
	t.Helper()
	parts := strings.Split(line, "|")
	if len(parts) != 3 || parts[0] != "OCMF" {
		t.Fatalf("not an OCMF line: %s", line)
	}
	var signature struct{ SA, SE, SD string }
	var payload struct{ RD []signedReading }
	for part, into := range map[string]any{parts[1]: &payload, parts[2]: &signature} {
		if err := json.Unmarshal([]byte(part), into); err != nil {
			t.Fatalf("%s: %v", part, err)
		}
	}
	if err := json.Unmarshal([]byte(parts[1]), &header); err != nil {
		t.Fatal(err)
	}
	decode := hex.DecodeString
	if signature.SE == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	der, err := decode(signature.SD)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(parts[1]))
	return header, payload.RD, ecdsa.VerifyASN1(key.(*ecdsa.PublicKey), hash[:], der)
}

// TestSignaturesProveTheRecords opens every signed value with crypto/ecdsa and compares it with the record around it.
func TestSignaturesProveTheRecords(t *testing.T) {
	w := generate(t, small)
	dir := inbox(t, w)
	pairs, invalid, unregistered := 0, 0, 0
	for _, f := range w.Files {
		for i, r := range receive(t, dir, f) {
			if r.fields == nil {
				continue
			}
			id, fault := r.field("id"), f.Records[i].Fault
			stated, _ := base64.StdEncoding.DecodeString(r.field("signed_data.public_key"))
			spki, ok := w.Registered(r.field("cdr_location.evse_id"), r.time(t, "start_date_time"))
			if ok == (fault == UnknownKey) || (ok && string(spki) != string(stated)) {
				t.Errorf("%s: registered %v, fault %q", id, ok, fault)
			}
			if !ok {
				unregistered++
			}
			values := r.fields["signed_data"].(map[string]any)["signed_values"].([]any)
			if len(values) == 2 {
				pairs++
			}
			var readings []signedReading
			for n, v := range values {
				value := received{fields: v.(map[string]any)}
				line, err := base64.StdEncoding.DecodeString(value.field("signed_data"))
				if err != nil || string(line) != value.field("plain_data") {
					t.Errorf("%s: signed_data and plain_data differ", id)
				}
				header, more, valid := openLine(t, string(line), stated)
				readings = append(readings, more...)
				tampered := fault == Tampered && n == len(values)-1
				if valid == tampered {
					t.Errorf("%s: value %d: valid %v, fault %q", id, n+1, valid, fault)
				}
				if !valid {
					invalid++
				}
				if header["ID"] != r.field("cdr_token.uid") || header["CI"] != r.field("cdr_location.evse_id") || header["MS"] != r.field("meter_id") {
					t.Errorf("%s: signed user %v, charge point %v, meter %v", id, header["ID"], header["CI"], header["MS"])
				}
			}
			checkReadings(t, r, readings)
		}
	}
	if pairs < 20 || invalid < 2 || unregistered < 2 {
		t.Errorf("pairs %d, invalid %d, unregistered %d", pairs, invalid, unregistered)
	}
}

// checkReadings compares the begin and the end reading with the record.
func checkReadings(t *testing.T, r received, readings []signedReading) {
	t.Helper()
	id := r.field("id")
	if len(readings) != 2 || readings[0].TX != "B" || readings[1].TX != "E" || readings[0].RU != "kWh" {
		t.Fatalf("%s: readings %v", id, readings)
	}
	for i, path := range []string{"start_date_time", "end_date_time"} {
		text, synchronised := strings.CutSuffix(readings[i].TM, " S")
		at, err := time.Parse("2006-01-02T15:04:05,000-0700", text)
		if err != nil || !synchronised || !at.Equal(r.time(t, path)) {
			t.Errorf("%s: %s: signed %s, stated %s", id, path, readings[i].TM, r.field(path))
		}
	}
	begin, _ := new(big.Rat).SetString(readings[0].RV.String())
	end, _ := new(big.Rat).SetString(readings[1].RV.String())
	if end.Sub(end, begin).Cmp(r.number(t, "total_energy")) != 0 {
		t.Errorf("%s: readings %s and %s, stated energy %s", id, readings[0].RV, readings[1].RV, r.field("total_energy"))
	}
}

func TestUnknownTokensBelongToNobody(t *testing.T) {
	w := generate(t, small)
	dir := inbox(t, w)
	contracts := map[string]string{}
	for _, c := range w.Contracts {
		contracts[c.No] = c.EMAID
	}
	tokens := map[string]string{}
	for _, k := range w.Tokens {
		tokens[k.UID] = contracts[k.ContractNo]
	}
	if len(tokens) != len(w.Tokens) {
		t.Errorf("%d tokens, but %d different ones", len(w.Tokens), len(tokens))
	}
	known := map[string]bool{}
	for _, emaid := range contracts {
		known[emaid] = true
	}
	for _, f := range w.Files {
		for i, r := range receive(t, dir, f) {
			if r.fields == nil {
				continue
			}
			emaid, uid := r.field("cdr_token.contract_id"), r.field("cdr_token.uid")
			if f.Records[i].Fault == UnknownToken {
				if known[emaid] || tokens[uid] != "" {
					t.Errorf("%s: the token is known", r.field("id"))
				}
			} else if tokens[uid] != emaid {
				t.Errorf("%s: the token belongs to another contract", r.field("id"))
			}
		}
	}
}
