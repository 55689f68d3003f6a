package meter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/meter/curve"
)

// reasonCase changes one thing about the test session and names everything the verdict must list.
type reasonCase struct {
	name  string
	begin []string // replacements in the begin payload before it is signed: old, new ...
	end   []string // the same in the end payload
	after func(c *caseInput)
	word  Word
	codes string // all codes, in order
}

// caseInput is the finished input of a case before Check sees it.
type caseInput struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	record  cdr.Record
	ring    oneKey
	profile Profile
}

// line returns the OCMF line of value i.
func (c *caseInput) line(i int) string {
	b, err := base64.StdEncoding.DecodeString(c.record.Signed.Values[i].Signed)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// relay changes the line of value i after signing.
func (c *caseInput) relay(i int, oldNew ...string) {
	c.record.Signed.Values[i].Signed = b64(swap(c.t, c.line(i), oldNew...))
}

// resign replaces the signature of value i by the given bytes in hex.
func (c *caseInput) resign(i int, sig []byte) {
	at := strings.LastIndex(c.line(i), `"SD":"`)
	c.record.Signed.Values[i].Signed = b64(c.line(i)[:at] + `"SD":"` + hex.EncodeToString(sig) + `"}`)
}

func (c *caseInput) signature(i int) []byte {
	m := Decode([]byte(c.line(i)))[0]
	if len(m.Faults) > 0 {
		c.t.Fatal(m.Faults)
	}
	return m.Signature.Bytes
}

// trustRecord leaves the ring empty and sends the key along.
func (c *caseInput) trustRecord(key string) {
	c.ring.spki, c.profile.TrustRecordKey, c.record.Signed.PublicKey = nil, true, key
}

var recordCases = []reasonCase{
	{name: "everything agrees", word: Valid},
	{name: "no signed data", after: func(c *caseInput) { c.record.Signed = nil }, word: RecordMalformed, codes: "no-signed-data"},
	{name: "an envelope without values", after: func(c *caseInput) { c.record.Signed.Values = nil }, word: RecordMalformed, codes: "no-signed-data"},
	{name: "one value is empty", after: func(c *caseInput) { c.record.Signed.Values[1].Signed = " " }, word: RecordMalformed, codes: "value-empty"},
	{name: "no format knows it", after: func(c *caseInput) { c.record.Signed.Values[1].Signed = b64("begin of nothing") }, word: RecordMalformed, codes: "format-unknown"},
	{name: "the payload is cut off", after: func(c *caseInput) { c.record.Signed.Values[0].Signed = b64(c.line(0)[:200]) }, word: RecordMalformed, codes: "payload-json"},
	{name: "a name is stated twice", begin: []string{`"RV":1000.5,`, `"RV":1000.5,"RV":1001.5,`}, word: RecordMalformed, codes: "payload-json"},
	{name: "no readings", end: []string{`"RD":[`, `"RD":[],"ZZ":[`}, word: RecordMalformed, codes: "readings-missing"},
	{name: "month 13", begin: []string{"2026-10-05T08", "2026-13-05T08"}, word: RecordMalformed, codes: "time-unreadable"},
	{name: "a value in words", begin: []string{`1000.5`, `"many"`}, word: RecordMalformed, codes: "value-unreadable"},
	{name: "a loss in words", begin: []string{`"CL":0`, `"CL":"few"`}, word: RecordMalformed, codes: "value-unreadable"},
	{name: "two faults are both listed", begin: []string{`1000.5`, `"many"`, "2026-10", "2026-13"}, word: RecordMalformed, codes: "time-unreadable value-unreadable"},
	{name: "a broken signature section", after: func(c *caseInput) { c.relay(0, `"SD":`, `"SD"`) }, word: RecordMalformed, codes: "signature-json"},
	{name: "no signature section", after: func(c *caseInput) { c.relay(0, `}|{"SA"`, `}#{"SA"`) }, word: RecordMalformed, codes: "signature-missing"},
	{name: "an empty signature", after: func(c *caseInput) { c.resign(0, nil) }, word: RecordMalformed, codes: "signature-missing"},
	{name: "a signature that is no hex", after: func(c *caseInput) { c.relay(0, `"SD":"30`, `"SD":"3x!`) }, word: RecordMalformed, codes: "signature-unreadable"},
	{name: "a signature of ten bytes", after: func(c *caseInput) { c.resign(0, make([]byte, 10)) }, word: RecordMalformed, codes: "signature-unreadable"},
}

var keyCases = []reasonCase{
	{name: "no key for the EVSE", after: func(c *caseInput) { c.ring.evse = "DE*TST*E2*1" }, word: KeyMissing, codes: "key-not-registered"},
	{name: "the key sent along does not count", after: func(c *caseInput) {
		c.ring.spki, c.record.Signed.PublicKey = nil, spkiBase64(c.t, c.key)
	}, word: KeyMissing, codes: "key-not-registered"},
	{name: "no key anywhere", after: func(c *caseInput) { c.trustRecord("") }, word: KeyMissing, codes: "key-missing"},
	{name: "the key sent along counts in a trusting profile", after: func(c *caseInput) { c.trustRecord(spkiBase64(c.t, c.key)) }, word: Valid},
	{name: "a forger signs with his own key and sends it along", after: func(c *caseInput) {
		forger := testKey(c.t, elliptic.P256(), "forger")
		ring := c.ring
		c.record = pairOf(c.t, forger, beginPayload, endPayload)
		c.record.Signed.PublicKey, c.ring = spkiBase64(c.t, forger), ring
	}, word: KeyMalformed, codes: "wrong-key signature-invalid signature-invalid"},
	{name: "an honest record with a foreign key beside it", after: func(c *caseInput) {
		c.record.Signed.PublicKey = spkiBase64(c.t, testKey(c.t, elliptic.P256(), "other"))
	}, word: KeyMalformed, codes: "wrong-key"},
	{name: "the record carries two keys", after: func(c *caseInput) {
		c.trustRecord(spkiBase64(c.t, c.key))
		c.record.Signed.Values[0].Signed = b64(c.line(0) + "|" + spkiBase64(c.t, testKey(c.t, elliptic.P256(), "other")))
	}, word: KeyMalformed, codes: "key-conflict"},
	{name: "the registered key is of another curve", after: func(c *caseInput) {
		c.ring.spki = spkiOf(c.t, testKey(c.t, elliptic.P384(), "other"))
	}, word: KeyMalformed, codes: "key-curve-differs"},
	{name: "the registered key is rubbish", after: func(c *caseInput) { c.ring.spki = []byte("rubbish") }, word: KeyMalformed, codes: "key-unreadable"},
	{name: "one bit of the registered key fell over", after: func(c *caseInput) { c.ring.spki[90] ^= 1 }, word: KeyMalformed, codes: "key-off-curve"},
	{name: "the registered key is the base point", after: func(c *caseInput) { c.ring.spki = basePointSPKI() }, word: KeyMalformed, codes: "key-degenerate signature-invalid signature-invalid"},
	{name: "a key on a curve that cannot be verified", after: func(c *caseInput) {
		c.ring.spki = derSPKI(append(derWrap(tagOID, oidECPublicKey), derWrap(tagOID, []byte{0x2b, 1, 2, 3})...), append([]byte{4}, make64(7)...))
	}, word: Unsupported, codes: "curve-unsupported"},
	{name: "an algorithm that is no ECDSA", after: func(c *caseInput) {
		c.relay(0, "ECDSA-secp256r1-SHA256", "EdDSA-Ed111")
		c.relay(1, "ECDSA-secp256r1-SHA256", "EdDSA-Ed111")
	}, word: Unsupported, codes: "algorithm-unsupported"},
	{name: "an unknown algorithm and no key", after: func(c *caseInput) {
		c.ring.spki = nil
		c.relay(0, "ECDSA-secp256r1-SHA256", "EdDSA-Ed111")
	}, word: KeyMissing, codes: "key-not-registered algorithm-unsupported"},
	{name: "an unreadable key beside a registered one", after: func(c *caseInput) { c.record.Signed.PublicKey = "?" }, word: Valid, codes: "record-key-unreadable"},
	{name: "the key in hex", after: func(c *caseInput) { c.trustRecord(hex.EncodeToString(spkiOf(c.t, c.key))) }, word: Valid, codes: "key-encoding"},
	{name: "s is zero", after: func(c *caseInput) { c.resign(0, []byte{0x30, 8, 2, 2, 1, 1, 2, 2, 0, 0}) }, word: InvalidSignature, codes: "der-padding signature-range"},
	{name: "r is not below the order", after: func(c *caseInput) {
		b := make([]byte, 64)
		for i := range 32 {
			b[i] = 0xff
		}
		b[63] = 1
		c.resign(0, b)
	}, word: InvalidSignature, codes: "signature-raw signature-range"},
	{name: "the signature of the other value", after: func(c *caseInput) { c.resign(0, c.signature(1)) }, word: InvalidSignature, codes: "signature-invalid"},
}

func make64(fill byte) []byte {
	b := make([]byte, 64)
	for i := range b {
		b[i] = fill
	}
	return b
}

// basePointSPKI is the key with the private key 1: the generator of P-256 (SEC 2, 2.4.2).
func basePointSPKI() []byte {
	p := elliptic.P256().Params()
	point := append([]byte{4}, p.Gx.FillBytes(make([]byte, 32))...)
	return marshalSPKI(curve.Named("secp256r1"), append(point, p.Gy.FillBytes(make([]byte, 32))...))
}

var sessionCases = []reasonCase{
	{name: "a major version of tomorrow", begin: []string{`"FV":"1.2"`, `"FV":"2.0"`}, word: NotBillable, codes: "version-unknown"},
	{name: "only the begin", after: func(c *caseInput) { c.record.Signed.Values = c.record.Signed.Values[:1] }, word: NotBillable, codes: "end-missing"},
	{name: "only the end", after: func(c *caseInput) { c.record.Signed.Values = c.record.Signed.Values[1:] }, word: NotBillable, codes: "begin-missing"},
	{name: "two begins", begin: []string{`"RD":[{`, `"RD":[{"TM":"2026-10-05T07:59:00,000+0200 S","TX":"B","RV":1000.5,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{`}, word: NotBillable, codes: "begin-twice"},
	{name: "two ends", end: []string{`"RD":[{`, `"RD":[{"TM":"2026-10-05T09:29:00,000+0200 S","TX":"E","RV":1021.5,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{`}, word: NotBillable, codes: "end-twice"},
	{name: "another meter ends it", end: []string{"MTR1", "MTR2"}, word: NotBillable, codes: "meter-differs"},
	{name: "another gateway ends it", end: []string{"GW1", "GW2"}, word: NotBillable, codes: "meter-differs"},
	{name: "another user ends it", end: []string{"04A1B2C3D4E5F6", "04A1B2C3D4E5F7"}, word: NotBillable, codes: "user-differs"},
	{name: "another register", end: []string{"1-0:1.8.0", "1-0:1.8.1"}, word: NotBillable, codes: "register-differs"},
	{name: "another unit", end: []string{"kWh", "Wh"}, word: NotBillable, codes: "register-differs"},
	{name: "energy fed back", begin: []string{"1-0:1.8.0", "1-0:2.8.0"}, end: []string{"1-0:1.8.0", "1-0:2.8.0"}, word: NotBillable, codes: "register-export"},
	{name: "energy fed back by the newer name", begin: []string{"1-0:1.8.0", "01-00:C2.08.00*FF"}, end: []string{"1-0:1.8.0", "01-00:C2.08.00*FF"}, word: NotBillable, codes: "register-export"},
	{name: "seconds instead of energy", begin: []string{"kWh", "sec"}, end: []string{"kWh", "sec"}, word: NotBillable, codes: "unit-unknown"},
	{name: "no page number", end: []string{`"PG":"T2",`, ``}, word: NotBillable, codes: "page-unreadable"},
	{name: "a page is missing", end: []string{`"PG":"T2"`, `"PG":"T3"`}, word: NotBillable, codes: "page-gap"},
	{name: "the same page twice", end: []string{`"PG":"T2"`, `"PG":"T1"`}, word: NotBillable, codes: "page-gap"},
	{name: "pages in the wrong order", begin: []string{`"PG":"T1"`, `"PG":"T3"`}, word: NotBillable, codes: "page-gap"},
	{name: "pages of two counters", end: []string{`"PG":"T2"`, `"PG":"F2"`}, word: NotBillable, codes: "page-gap"},
	{name: "the counter falls", end: []string{"1021.75", "1000.499999"}, word: NotBillable, codes: "value-falls energy-mismatch"},
	{name: "more energy than fits", end: []string{"1021.75", "1e25"}, word: NotBillable, codes: "value-range"},
	{name: "the end is before the begin", end: []string{"T09:30:00,000+0200", "T09:30:00,000+0400"}, word: NotBillable, codes: "time-falls time-mismatch"},
	{name: "the meter timed out", end: []string{`"ST":"G"`, `"ST":"T"`}, word: NotBillable, codes: "status-not-good"},
	{name: "no status at all", end: []string{`,"ST":"G"`, ``}, word: NotBillable, codes: "status-missing"},
	{name: "no status in version 0.2", begin: []string{`,"ST":"G"`, ``, `"FV":"1.2"`, `"FV":"0.2"`}, word: Valid, codes: "status-unstated"},
	{name: "energy flagged", end: []string{`"EF":""`, `"EF":"E"`}, word: NotBillable, codes: "energy-flag"},
	{name: "exception on the way", end: []string{`"RD":[{`, `"RD":[{"TM":"2026-10-05T09:00:00,000+0200 S","TX":"X","RV":1010,"RI":"1-0:1.8.0","RU":"kWh","CL":0.01,"ST":"G"},{`}, word: NotBillable, codes: "exception"},
	{name: "event counter moved", begin: []string{`"RT"`, `"EI":7,"RT"`}, end: []string{`"RT"`, `"EI":8,"RT"`}, word: NotBillable, codes: "event-counter"},
	{name: "user identification outdated", end: []string{"VERIFIED", "OUTDATED"}, word: NotBillable, codes: "user-level"},
	{name: "negative loss", end: []string{`"CL":0.02`, `"CL":-0.02`}, word: NotBillable, codes: "loss-negative"},
	{name: "negative loss at the begin", begin: []string{`"CL":0`, `"CL":-1`}, word: NotBillable, codes: "loss-negative"},
	{name: "loss goes on from the last session", begin: []string{`"CL":0`, `"CL":0.01`}, word: NotBillable, codes: "loss-not-reset"},
	{name: "loss falls", begin: []string{`"CL":0`, `"CL":0.05`}, word: NotBillable, codes: "loss-not-reset"},
	{name: "loss is stated but not used", begin: []string{`"CL":0`, `"CL":0.02`}, word: Valid, codes: "loss-carried"},
	{name: "another cable", end: []string{`"LR":1.5`, `"LR":1.6`}, word: NotBillable, codes: "loss-cable-differs"},
}

var outsideCases = []reasonCase{
	{name: "0.001 kWh is tolerated", after: func(c *caseInput) { c.record.Energy = 21_251_000 }, word: Valid},
	{name: "a little more is not", after: func(c *caseInput) { c.record.Energy = 21_251_001 }, word: DisagreesOutside, codes: "energy-mismatch"},
	{name: "nor a little less", after: func(c *caseInput) { c.record.Energy = 21_248_999 }, word: DisagreesOutside, codes: "energy-mismatch"},
	{name: "60 seconds are tolerated", after: func(c *caseInput) { c.record.Start = c.record.Start.Add(-time.Minute) }, word: Valid},
	{name: "61 are not", after: func(c *caseInput) { c.record.Start = c.record.Start.Add(-61 * time.Second) }, word: DisagreesOutside, codes: "time-mismatch"},
	{name: "the end counts too", after: func(c *caseInput) { c.record.End = c.record.End.Add(time.Hour) }, word: DisagreesOutside, codes: "time-mismatch"},
	{name: "another EVSE", after: func(c *caseInput) {
		c.record.Location.EVSEID, c.ring.evse = "DE*TST*E2*1", "DE*TST*E2*1"
	}, word: DisagreesOutside, codes: "evse-mismatch"},
	{name: "the same EVSE without separators", after: func(c *caseInput) {
		c.record.Location.EVSEID, c.ring.evse = "detste11", "detste11"
	}, word: Valid},
	{name: "another card", after: func(c *caseInput) { c.record.Token.UID = "04000000000001" }, word: DisagreesOutside, codes: "user-mismatch"},
	{name: "another card in a profile that does not ask", after: func(c *caseInput) {
		c.record.Token.UID, c.profile.MatchUser = "04000000000001", false
	}, word: Valid},
	{name: "the same card read from the other end", after: func(c *caseInput) { c.record.Token.UID = "F6E5D4C3B2A104" }, word: Valid},
	{name: "a token that is no card number", after: func(c *caseInput) { c.record.Token.UID = "Fleet card 7" }, word: Valid},
	{name: "another contract", begin: emaidOf("DE-TST-C87654321-0"), end: emaidOf("DE-TST-C87654321-0"), word: DisagreesOutside, codes: "user-mismatch"},
	{name: "the same contract without check digit", begin: emaidOf("DETSTC12345678"), end: emaidOf("DETSTC12345678"), word: Valid},
	{name: "the readable copy is the line", after: func(c *caseInput) { c.record.Signed.Values[1].Plain = c.line(1) + "\n" }, word: Valid},
	{name: "the readable copy is the line in hex", after: func(c *caseInput) {
		c.record.Signed.Values[1].Plain = hex.EncodeToString([]byte(c.line(1)))
	}, word: Valid},
	{name: "the readable copy is the payload", after: func(c *caseInput) { c.record.Signed.Values[1].Plain = endPayload }, word: Valid},
	{name: "the readable copy shows less energy", after: func(c *caseInput) {
		c.record.Signed.Values[1].Plain = swap(c.t, c.line(1), "1021.75", "1011.75")
	}, word: DisagreesOutside, codes: "plain-differs"},
	{name: "the readable copy is something else", after: func(c *caseInput) { c.record.Signed.Values[1].Plain = "21.25 kWh" }, word: DisagreesOutside, codes: "plain-differs"},
}

func emaidOf(id string) []string { return []string{"ISO14443", "EMAID", "04A1B2C3D4E5F6", id} }

var noticeCases = []reasonCase{
	{name: "plain text", after: func(c *caseInput) { c.record.Signed.Values[0].Signed = c.line(0) }, word: Valid, codes: "encoding-deviation"},
	{name: "hex", after: func(c *caseInput) { c.record.Signed.Values[0].Signed = hex.EncodeToString([]byte(c.line(0))) }, word: Valid, codes: "encoding-deviation"},
	{name: "escaped for XML", after: func(c *caseInput) {
		c.record.Signed.Values[0].Signed = b64(strings.ReplaceAll(c.line(0), `"`, "&quot;"))
	}, word: Valid, codes: "text-escaped"},
	{name: "natures exchanged", after: func(c *caseInput) {
		c.record.Signed.Values[0].Nature, c.record.Signed.Values[1].Nature = "End", "Start"
	}, word: Valid, codes: "nature-contradicts nature-contradicts"},
	{name: "a copy written differently", after: func(c *caseInput) {
		c.record.Signed.Values[1].Plain = swap(c.t, c.line(1), `"FV":"1.2",`, `"FV": "1.2", `)
	}, word: Valid, codes: "plain-reformatted"},
	{name: "version 1.5", begin: []string{`"FV":"1.2"`, `"FV":"1.5"`}, word: Valid, codes: "version-newer"},
	{name: "no version", begin: []string{`"FV":"1.2",`, ``}, word: Valid, codes: "version-missing"},
	{name: "no meter serial", begin: []string{`"MS":"MTR1",`, ``}, end: []string{`"MS":"MTR1",`, ``}, word: Valid, codes: "meter-serial-missing meter-serial-missing"},
	{name: "a blank slipped in before the payload", after: func(c *caseInput) { c.relay(0, `OCMF|{`, `OCMF| {`) }, word: Valid, codes: "payload-blanks"},
	{name: "a blank before the payload is signed", begin: []string{`{"FV"`, ` {"FV"`}, word: Valid},
	{name: "text after the signature", after: func(c *caseInput) { c.record.Signed.Values[0].Signed = b64(c.line(0) + " x") }, word: Valid, codes: "line-trailing"},
	{name: "a dot before the milliseconds", begin: []string{"00:00,000", "00:00.000"}, word: Valid, codes: "time-format"},
	{name: "hex announced as base64", after: func(c *caseInput) { c.relay(0, `"SA"`, `"SE":"base64","SA"`) }, word: Valid, codes: "signature-encoding"},
	{name: "raw signature", after: func(c *caseInput) { c.resign(0, rawOf(c.t, c.signature(0))) }, word: Valid, codes: "signature-raw"},
	{name: "a byte after the signature", after: func(c *caseInput) { c.resign(0, append(c.signature(0), 0)) }, word: Valid, codes: "der-trailing"},
	{name: "lengths written long", after: func(c *caseInput) {
		sig := c.signature(0)
		c.resign(0, append([]byte{0x30, 0x81, sig[1]}, sig[2:]...))
	}, word: Valid, codes: "der-long-length"},
	{name: "superfluous zeros", after: func(c *caseInput) { c.resign(0, derOf(rawOf(c.t, c.signature(0)), 2)) }, word: Valid, codes: "der-padding"},
	{name: "no sign byte", after: func(c *caseInput) { c.resign(0, derOf(highS(rawOf(c.t, c.signature(0))), 0)) }, word: Valid, codes: "der-negative"},
	{name: "a value is sent twice", after: func(c *caseInput) {
		c.record.Signed.Values = append(c.record.Signed.Values, c.record.Signed.Values[1])
	}, word: Valid, codes: "value-repeated"},
	{name: "the begin is signed again with the end", end: []string{`"RD":[{`, `"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1000.5,"RI":"1-0:1.8.0","RU":"kWh","RT":"AC","CL":0,"EF":"","ST":"G"},{`}, word: Valid, codes: "begin-repeated"},
	{name: "a timeout on the way", end: []string{`"RD":[{`, `"RD":[{"TM":"2026-10-05T09:00:00,000+0200 S","TX":"C","RV":0,"RI":"1-0:1.8.0","RU":"kWh","CL":0.01,"ST":"T"},{`}, word: Valid, codes: "intermediate-status"},
	{name: "finer than a millionth", end: []string{"1021.75", "1021.7500004"}, word: Valid, codes: "value-cut"},
	{name: "informative clock", begin: []string{"0200 S", "0200 I"}, end: []string{"0200 S", "0200 I"}, word: Valid, codes: "clock-unusable"},
	{name: "relative clock", begin: []string{"0200 S", "0200 R"}, end: []string{"0200 S", "0200 R"}, word: Valid, codes: "clock-informative"},
	{name: "clock never set", begin: []string{"2026-10-05T08:00:00,000+0200 S", "1970-01-01T00:01:00,000+0000 U"}, end: []string{"2026-10-05T09:30:00,000+0200 S", "1970-01-01T01:31:00,000+0000 U"}, word: Valid, codes: "clock-unusable time-not-compared time-not-compared"},
	{name: "a box number signed as EVSE id", begin: []string{"DE*TST*E1*1", "458877"}, end: []string{"DE*TST*E1*1", "458877"}, word: Valid, codes: "evse-unusual"},
}

// rawOf turns a strict DER signature of P-256 into r||s.
func rawOf(t *testing.T, der []byte) []byte {
	t.Helper()
	sig, notes, ok := parseSignature(der, 32)
	if !ok || len(notes) > 0 {
		t.Fatal("test signature is not strict DER")
	}
	raw := make([]byte, 64)
	new(big.Int).SetBytes(sig.r).FillBytes(raw[:32])
	new(big.Int).SetBytes(sig.s).FillBytes(raw[32:])
	return raw
}

// highS makes the top bit of s set: n - s is as good as s (SEC 1, 4.1.4).
func highS(raw []byte) []byte {
	if raw[32] < 0x80 {
		s := new(big.Int).SetBytes(raw[32:])
		s.Sub(elliptic.P256().Params().N, s).FillBytes(raw[32:])
	}
	return raw
}

// derOf writes r||s with a fixed number of zeros before both numbers: none leaves the top bit as sign, two are too
// many.
func derOf(raw []byte, zeros int) []byte {
	n := 32 + zeros
	out := []byte{0x30, byte(2 * (n + 2))}
	for _, part := range [][]byte{raw[:32], raw[32:]} {
		out = append(out, 2, byte(n))
		out = append(out, make([]byte, zeros)...)
		out = append(out, part...)
	}
	return out
}

func allReasonCases() []reasonCase {
	var all []reasonCase
	for _, part := range [][]reasonCase{recordCases, keyCases, sessionCases, outsideCases, noticeCases} {
		all = append(all, part...)
	}
	return all
}

func (rc reasonCase) run(t *testing.T, checker Checker) Verdict {
	t.Helper()
	key := testKey(t, elliptic.P256(), "one")
	c := &caseInput{
		t: t, key: key,
		record:  pairOf(t, key, swap(t, beginPayload, rc.begin...), swap(t, endPayload, rc.end...)),
		ring:    oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)},
		profile: DefaultProfile(),
	}
	if rc.after != nil {
		rc.after(c)
	}
	return checker.Check(c.record, c.ring, c.profile)
}

// TestReasons checks every case against its complete list of codes, with and without memory of keys.
func TestReasons(t *testing.T) {
	remembering := Checker{Keys: NewKeys()}
	for _, rc := range allReasonCases() {
		t.Run(rc.name, func(t *testing.T) {
			for _, checker := range []Checker{{}, remembering, remembering} {
				v := rc.run(t, checker)
				if v.Word != rc.word || codes(v) != rc.codes {
					t.Fatalf("got %s [%s]\nwant %s [%s]\n%+v", v.Word, codes(v), rc.word, rc.codes, v.Reasons)
				}
			}
		})
	}
}

// TestEveryCodeHasACase keeps the table of codes and the tests together.
func TestEveryCodeHasACase(t *testing.T) {
	tested, covered := map[string]bool{}, map[string]bool{}
	for _, c := range allEvidenceCases() {
		for _, code := range strings.Fields(c.codes) {
			covered[code] = true
		}
	}
	for _, rc := range allReasonCases() {
		for _, code := range strings.Fields(rc.codes) {
			tested[code] = true
		}
	}
	seen := map[string]bool{}
	for _, r := range Rules() {
		if !tested[r.Code] && !covered[r.Code] {
			t.Errorf("code %s has no case", r.Code)
		}
		if seen[r.Code] {
			t.Errorf("code %s stands twice in the table", r.Code)
		}
		seen[r.Code] = true
		if r.Text == "" {
			t.Errorf("code %s has no text", r.Code)
		}
	}
}
