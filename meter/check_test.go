package meter

import (
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"wattdue/cdr"
)

func TestCheckShowsWhatWasSigned(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	v := Check(pairOf(t, key, beginPayload, endPayload), ring, DefaultProfile())
	want := Verdict{
		Word: Valid, Format: "OCMF", Curve: "secp256r1", MeterID: "MTR1",
		KeySource: "registered", KeyHash: v.KeyHash, PublicKey: hex.EncodeToString(ring.spki),
		Begin:          Reading{time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC), 7200, "S", 1_000_500_000, "G"},
		End:            Reading{time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC), 7200, "S", 1_021_750_000, "G"},
		Energy:         21_250_000,
		DurationUsable: true, TimeUsable: true,
	}
	if len(v.Reasons) > 0 || len(v.KeyHash) != 64 {
		t.Errorf("reasons %v, key hash %q", v.Reasons, v.KeyHash)
	}
	if v.Begin != want.Begin || v.End != want.End || v.Energy != want.Energy || v.MeterID != want.MeterID ||
		v.KeySource != want.KeySource || v.PublicKey != want.PublicKey || v.Curve != want.Curve || !v.DurationUsable || !v.TimeUsable {
		t.Errorf("got  %+v\nwant %+v", v, want)
	}
	if !v.Billable() || v.Unsigned() {
		t.Error("a valid verdict must be billable and not unsigned")
	}
}

// One signed record may hold begin and end together; then there is no page to compare.
func TestCheckOneRecordWithBothReadings(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	both := swap(t, endPayload, `"RD":[{`, `"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1000.5,"RI":"1-0:1.8.0","RU":"kWh","RT":"AC","CL":0,"EF":"","ST":"G"},{`)
	both = swap(t, both, `"PG":"T2",`, "")
	r := recordOf(cdr.SignedValue{Nature: "End", Signed: b64(signLine(t, key, both))})
	v := Check(r, oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}, DefaultProfile())
	if v.Word != Valid || codes(v) != "" || v.Energy != 21_250_000 {
		t.Errorf("%s [%s] %s kWh", v.Word, codes(v), v.Energy.KWh())
	}
	// Some senders put that one record into Start and End.
	r.Signed.Values = append(r.Signed.Values, r.Signed.Values[0])
	v = Check(r, oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}, DefaultProfile())
	if v.Word != Valid || codes(v) != "value-repeated" || v.Energy != 21_250_000 {
		t.Errorf("sent twice: %s [%s] %s kWh", v.Word, codes(v), v.Energy.KWh())
	}
}

// An intermediate record keeps its place between the pages of begin and end, in whatever order they are sent.
func TestCheckIntermediateRecord(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	middle := swap(t, endPayload, `"TX":"E"`, `"TX":"C"`, "09:30", "09:00", "1021.75", "1011", `"PG":"T2"`, `"PG":"T2"`)
	end := swap(t, endPayload, `"PG":"T2"`, `"PG":"T3"`)
	r := recordOf(
		cdr.SignedValue{Nature: "End", Signed: b64(signLine(t, key, end))},
		cdr.SignedValue{Nature: "Start", Signed: b64(signLine(t, key, beginPayload))},
		cdr.SignedValue{Nature: "Intermediate", Signed: b64(signLine(t, key, middle))},
	)
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	if v := Check(r, ring, DefaultProfile()); v.Word != Valid || codes(v) != "" || v.Energy != 21_250_000 {
		t.Errorf("with the middle: %s [%s] %s kWh", v.Word, codes(v), v.Energy.KWh())
	} else if len(v.Between) != 1 || v.Between[0].Value != 1_011_000_000 || v.Between[0].Time.Minute() != 0 {
		t.Errorf("readings between begin and end: %+v, want that of 09:00", v.Between)
	}
	r.Signed.Values = r.Signed.Values[:2]
	if v := Check(r, ring, DefaultProfile()); codes(v) != "page-gap" {
		t.Errorf("without it: %s [%s]", v.Word, codes(v))
	}
}

func TestCheckP384AndLongerHash(t *testing.T) {
	key := testKey(t, elliptic.P384(), "big")
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	r := pairOf(t, key, beginPayload, endPayload)
	if v := Check(r, ring, DefaultProfile()); v.Word != Valid || v.Curve != "secp384r1" {
		t.Errorf("%s [%s] on %s", v.Word, codes(v), v.Curve)
	}
	line, _ := base64.StdEncoding.DecodeString(r.Signed.Values[0].Signed)
	r.Signed.Values[0].Signed = b64(swap(t, string(line), "SHA256", "SHA384"))
	if v := Check(r, ring, DefaultProfile()); v.Word != InvalidSignature {
		t.Errorf("signed with SHA-256, said to be SHA-384: %s", v.Word)
	}
}

// TestTamperTwins turns one bit at a time. Where the changed text still reads, the word must be invalid signature.
func TestTamperTwins(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	spki := spkiOf(t, key)
	for _, c := range []struct {
		name, at string // the bit is turned in the last byte of at
		mask     byte
		word     Word
	}{
		{"value 1021.75 to 1021.74", `"RV":1021.75`, 1, InvalidSignature},
		{"value 1021.75 to 1021.7u", `"RV":1021.75`, 0x40, RecordMalformed},
		{"time 09:30 to 09:31", `T09:30`, 1, InvalidSignature},
		{"time 09:30 to 09:3p", `T09:30`, 0x40, RecordMalformed},
		{"clock S to R", `+0200 S`, 1, InvalidSignature},
		{"meter MTR1 to MTR0", `MTR1`, 1, InvalidSignature},
		{"user ...F6 to ...F7", `04A1B2C3D4E5F6`, 1, InvalidSignature},
		{"page T2 to T3", `"PG":"T2`, 1, InvalidSignature},
		{"status G to F", `"ST":"G`, 1, InvalidSignature},
		{"unit kWh to jWh", `"RU":"k`, 1, InvalidSignature},
		{"vendor field AC to AB", `"RT":"AC`, 1, InvalidSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			line := []byte(signLine(t, key, endPayload))
			line[strings.Index(string(line), c.at)+len(c.at)-1] ^= c.mask
			r := pairOf(t, key, beginPayload, endPayload)
			r.Signed.Values[1].Signed = b64(string(line))
			v := Check(r, oneKey{evse: "DE*TST*E1*1", spki: spki}, DefaultProfile())
			if v.Word != c.word || c.word == InvalidSignature && !v.Has("signature-invalid") {
				t.Errorf("%s [%s], want %s", v.Word, codes(v), c.word)
			}
			if v.Energy != 0 || !v.End.Time.IsZero() || v.DurationUsable {
				t.Error("an unproven reading was entered into the verdict")
			}
		})
	}
}

// Every bit of the signature itself counts.
func TestTamperSignature(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	sig := signDER(t, key, endPayload)
	for i := range sig {
		changed := append([]byte(nil), sig...)
		changed[i] ^= 1
		line := "OCMF|" + endPayload + `|{"SD":"` + hex.EncodeToString(changed) + `"}`
		r := pairOf(t, key, beginPayload, endPayload)
		r.Signed.Values[1].Signed = b64(line)
		if v := Check(r, ring, DefaultProfile()); v.Word != InvalidSignature && v.Word != RecordMalformed {
			t.Errorf("byte %d: %s [%s]", i, v.Word, codes(v))
		}
	}
}

// One wrong bit in a key that travels with the record never makes the record look forged: the point leaves the
// curve.
func TestTamperKey(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	p := DefaultProfile()
	p.TrustRecordKey = true
	spki := spkiOf(t, key)
	for i := range spki {
		changed := append([]byte(nil), spki...)
		changed[i] ^= 1
		r := pairOf(t, key, beginPayload, endPayload)
		r.Signed.PublicKey = base64.StdEncoding.EncodeToString(changed)
		if v := Check(r, nil, p); v.Word != KeyMalformed && v.Word != Unsupported {
			t.Errorf("byte %d: %s [%s]", i, v.Word, codes(v))
		}
	}
}

func TestClockUse(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	for _, c := range []struct {
		begin, end     string
		duration, time bool
	}{
		{"S", "S", true, true},
		{"R", "R", true, false},
		{"I", "R", true, false},
		{"S", "R", true, false},
		{"U", "R", false, false},
		{"R", "S", false, false}, // R at begin needs R at end
		{"R", "I", false, false},
		{"S", "I", false, false},
		{"I", "S", false, false},
		{"S", "U", false, false},
		{"U", "U", false, false},
	} {
		v := Check(pairOf(t, key, swap(t, beginPayload, "0200 S", "0200 "+c.begin), swap(t, endPayload, "0200 S", "0200 "+c.end)), ring, DefaultProfile())
		if v.Word != Valid || v.DurationUsable != c.duration || v.TimeUsable != c.time {
			t.Errorf("%s to %s: %s, duration %v, time of day %v", c.begin, c.end, v.Word, v.DurationUsable, v.TimeUsable)
		}
	}
	v := Check(pairOf(t, key, beginPayload, swap(t, endPayload, `"EF":""`, `"EF":"t"`)), ring, DefaultProfile())
	if v.Word != Valid || v.DurationUsable || v.TimeUsable {
		t.Errorf("error flag t: %s, duration %v, time of day %v", v.Word, v.DurationUsable, v.TimeUsable)
	}
}

func TestWordPrecedence(t *testing.T) {
	strongestFirst := []string{"payload-json", "wrong-key", "key-missing", "curve-unsupported", "signature-invalid", "page-gap", "energy-mismatch", "version-newer"}
	for i := range strongestFirst {
		var reasons []Reason
		for j := len(strongestFirst) - 1; j >= i; j-- {
			reasons = append(reasons, reason(strongestFirst[j], "", ""))
		}
		want := ruleOf[strongestFirst[i]].Word
		if want == "" {
			want = Valid
		}
		if got := wordFor(reasons); got != want {
			t.Errorf("from %s on: %s, want %s", strongestFirst[i], got, want)
		}
	}
}

func TestUnsigned(t *testing.T) {
	r := recordOf(cdr.SignedValue{Nature: "Start"}, cdr.SignedValue{Nature: "End"})
	if v := Check(r, nil, DefaultProfile()); !v.Unsigned() || v.Billable() {
		t.Errorf("empty values: %s [%s]", v.Word, codes(v))
	}
	r.Signed.Values[0].Signed = "rubbish"
	if v := Check(r, nil, DefaultProfile()); v.Unsigned() {
		t.Error("rubbish is not the same as nothing")
	}
}

// Personal data of the signed user must not appear in a verdict.
func TestVerdictHidesTheUser(t *testing.T) {
	for _, rc := range allReasonCases() {
		v := rc.run(t, Checker{})
		for _, r := range v.Reasons {
			if strings.Contains(strings.ToUpper(r.Value), "04A1B2C3") || strings.Contains(r.Value, "C8765") {
				t.Errorf("%s: reason %s shows %q", rc.name, r.Code, r.Value)
			}
		}
	}
}

func TestCheckerIsSafeForManyGoroutines(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	c := Checker{Keys: NewKeys()}
	r := pairOf(t, key, beginPayload, endPayload)
	r.Signed.PublicKey = spkiBase64(t, key)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if v := c.Check(r, oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}, DefaultProfile()); v.Word != Valid {
					t.Errorf("%s [%s]", v.Word, codes(v))
				}
			}
		})
	}
	wg.Wait()
	if n := len(c.Keys.parsed); n != 2 {
		t.Errorf("%d parsed keys remembered, want the registered and the carried form", n)
	}
}
