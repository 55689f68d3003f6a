package meter

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/meter/curve"
)

// The session of the tests: 1000.5 kWh at 08:00, 1021.75 kWh at 09:30 summer time, so 21.25 kWh.
const (
	beginPayload = `{"FV":"1.2","GI":"Test gateway","GS":"GW1","GV":"1","PG":"T1","MS":"MTR1","IS":true,"IL":"VERIFIED",` +
		`"IF":["RFID_PLAIN"],"IT":"ISO14443","ID":"04A1B2C3D4E5F6","CT":"EVSEID","CI":"DE*TST*E1*1",` +
		`"LC":{"LN":"cable","LI":1,"LR":1.5,"LU":"mOhm"},` +
		`"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1000.5,"RI":"1-0:1.8.0","RU":"kWh","RT":"AC","CL":0,"EF":"","ST":"G"}]}`
	endPayload = `{"FV":"1.2","GI":"Test gateway","GS":"GW1","GV":"1","PG":"T2","MS":"MTR1","IS":true,"IL":"VERIFIED",` +
		`"IF":["RFID_PLAIN"],"IT":"ISO14443","ID":"04A1B2C3D4E5F6","CT":"EVSEID","CI":"DE*TST*E1*1",` +
		`"LC":{"LN":"cable","LI":1,"LR":1.5,"LU":"mOhm"},` +
		`"RD":[{"TM":"2026-10-05T09:30:00,000+0200 S","TX":"E","RV":1021.75,"RI":"1-0:1.8.0","RU":"kWh","RT":"AC","CL":0.02,"EF":"","ST":"G"}]}`
)

// testKey derives a key pair from a name, so that tests need no stored secret and always sign the same.
func testKey(t testing.TB, c elliptic.Curve, name string) *ecdsa.PrivateKey {
	t.Helper()
	seed := sha256.Sum256([]byte("test meter " + name))
	raw := make([]byte, (c.Params().BitSize+7)/8)
	copy(raw[len(raw)-len(seed):], seed[:])
	key, err := ecdsa.ParseRawPrivateKey(c, raw)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func spkiOf(t testing.TB, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return marshalSPKI(curve.Named("NIST "+key.Curve.Params().Name), point)
}

func spkiBase64(t testing.TB, key *ecdsa.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(spkiOf(t, key))
}

// signDER signs a payload deterministically (RFC 6979).
func signDER(t testing.TB, key *ecdsa.PrivateKey, payload string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(payload))
	sig, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// signLine makes the OCMF line of a payload.
func signLine(t testing.TB, key *ecdsa.PrivateKey, payload string) string {
	name := curve.Named("NIST " + key.Curve.Params().Name).Name()
	return "OCMF|" + payload + `|{"SA":"ECDSA-` + name + `-SHA256","SD":"` + hex.EncodeToString(signDER(t, key, payload)) + `"}`
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// swap replaces text that must be there, so that no case tests the unchanged record by mistake.
func swap(t testing.TB, s string, oldNew ...string) string {
	t.Helper()
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(s, oldNew[i]) {
			t.Fatalf("test record has no %q", oldNew[i])
		}
		s = strings.Replace(s, oldNew[i], oldNew[i+1], 1)
	}
	return s
}

// recordOf is the charge record of the test session around the given carried values.
func recordOf(values ...cdr.SignedValue) cdr.Record {
	return cdr.Record{
		Country: "DE", Party: "TST", ID: "CDR1",
		Start:    time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC),
		End:      time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC),
		Token:    cdr.Token{UID: "04a1b2c3d4e5f6", Type: "RFID", ContractID: "DE-TST-C12345678-9"},
		Location: cdr.Location{EVSEID: "DE*TST*E1*1"},
		Energy:   21_250_000,
		Signed:   &cdr.SignedData{Method: "OCMF", Values: values},
	}
}

// pairOf is the charge record of two payloads signed by key.
func pairOf(t testing.TB, key *ecdsa.PrivateKey, begin, end string) cdr.Record {
	return recordOf(
		cdr.SignedValue{Nature: "Start", Signed: b64(signLine(t, key, begin))},
		cdr.SignedValue{Nature: "End", Signed: b64(signLine(t, key, end))},
	)
}

// oneKey is a key ring with a single EVSE.
type oneKey struct {
	evse string
	spki []byte

	meter []byte // registered for every meter by its number
	ended bool   // the EVSE had a key before
}

func (k oneKey) Registered(evseID string, _ time.Time) ([]byte, bool) {
	return k.spki, k.spki != nil && evseID == k.evse
}

func (k oneKey) Keyed(evseID string) bool { return evseID == k.evse && k.ended }

func (k oneKey) RegisteredMeter(string, time.Time) ([]byte, bool) { return k.meter, k.meter != nil }

// codes lists the reason codes of a verdict, in order.
func codes(v Verdict) string {
	var out []string
	for _, r := range v.Reasons {
		out = append(out, r.Code)
	}
	return strings.Join(out, " ")
}
