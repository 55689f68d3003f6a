package meter

import (
	"crypto/elliptic"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/meter/sml"
)

// anyMeter is a key ring in which every meter has one key.
type anyMeter []byte

func (anyMeter) Registered(string, time.Time) ([]byte, bool)        { return nil, false }
func (anyMeter) Keyed(string) bool                                  { return false }
func (k anyMeter) RegisteredMeter(string, time.Time) ([]byte, bool) { return k, true }

// TestSessionsOfOneCustomer: later EDL40 meters sign neither the session nor when the customer came, so the begin of one
// session fits to the end of the next. Only pages without a gap show that nothing lies between.
func TestSessionsOfOneCustomer(t *testing.T) {
	key := rawKeyOf(t, "secp256r1", "edl").public()
	for _, c := range []struct {
		name   string
		change func(b, e *edlCase)
		want   string
	}{
		{"next page", func(_, _ *edlCase) {}, ""},
		{"pages between", func(_, e *edlCase) { e.page += 2 }, "page-gap"},
	} {
		b, e := laterPair()
		c.change(&b, &e)
		v := judgeEvidence(t, key, DecodeEDL40P(laterList(t, b, nil)), DecodeEDL40P(laterList(t, e, nil)))
		if codes(v) != c.want {
			t.Errorf("later meters, %s: %s [%s], want [%s]", c.name, v.Word, codes(v), c.want)
		}
	}
	for _, c := range []struct {
		name  string
		since uint32
		want  string
	}{
		{"the customer came at one moment", wallBegin - 4, ""}, // other records of the meter may lie between
		{"no moment is signed", 0, "page-gap"},
	} {
		b, e := edlBegin, edlEnd
		b.since, e.since, e.page = c.since, c.since, b.page+3
		moment := func(l *sml.List) {
			if c.since == 0 {
				l.Values[3].Time = nil
			}
		}
		v := judgeEvidence(t, edlKey(t).public(), DecodeEDL40P(b.signedList(t, moment)), DecodeEDL40P(e.signedList(t, moment)))
		if codes(v) != c.want {
			t.Errorf("earlier meters, %s: %s [%s], want [%s]", c.name, v.Word, codes(v), c.want)
		}
	}
}

// TestCardOfAnotherFormat: formats that sign the card number without saying that it is one are compared too, as long as
// both numbers can only be those of cards.
func TestCardOfAnotherFormat(t *testing.T) {
	ring := anyMeter(marshalSPKI(alfenSigner().curve, alfenSigner().point))
	for _, c := range []struct {
		name, signed string
		token        cdr.Token
		want         bool
	}{
		{"the card", "04A1B2C3D4E5F6", cdr.Token{UID: "04a1b2c3d4e5f6", Type: "RFID"}, false},
		{"its bytes turned around", "F6E5D4C3B2A104", cdr.Token{UID: "04a1b2c3d4e5f6", Type: "RFID"}, false},
		{"another card", "04A1B2C3D4E5F7", cdr.Token{UID: "04a1b2c3d4e5f6", Type: "RFID"}, true},
		{"an app, whose UID is no card", "04A1B2C3D4E5F7", cdr.Token{UID: "04a1b2c3d4e5f6", Type: "APP_USER"}, false},
		{"a number of the operator", "20261005", cdr.Token{UID: "04a1b2c3d4e5f6", Type: "RFID"}, false},
		{"the contract of the card", "DETSTC123456789", cdr.Token{UID: "04a1b2c3", Type: "RFID", ContractID: "DE-TST-C12345678-9"}, false},
		{"another contract", "DETSTC876543210", cdr.Token{UID: "04a1b2c3", Type: "RFID", ContractID: "DE-TST-C12345678-9"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, e := alfenPair()
			b.user, e.user = c.signed, c.signed
			r := recordOf(cdr.SignedValue{Nature: "Start", Signed: b64(b.line(t))}, cdr.SignedValue{Nature: "End", Signed: b64(e.line(t))})
			r.Token, r.Energy = c.token, 11_078_000
			v := Check(r, ring, DefaultProfile())
			if v.Has("user-mismatch") != c.want || v.Billable() == c.want {
				t.Errorf("%s [%s]", v.Word, codes(v))
			}
		})
	}
}

// TestReducedNames: a register may be named without the groups A and B (IEC 62056-61, reduced ID).
func TestReducedNames(t *testing.T) {
	for name, export := range map[string]bool{
		"2.8.0": true, "C2.8.0": true, "1-0:2.8.0": true, "1.8.0": false, "1-0:1.8.0*198": false, "128.8.0": false, "": false,
		"1-b:2.8.e": true, "01-00:98.08.00*FF": false, "1-0-2.8.0": true,
	} {
		if isExport(name) != export {
			t.Errorf("%q: export %v", name, !export)
		}
	}
}

// TestPlaceOfContainer: only an EVSE id beside the record says anything about the signed one; a number of the charge box
// does not.
func TestPlaceOfContainer(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	for _, c := range []struct {
		place string
		want  bool
	}{{"DE*TST*E1*1", false}, {"DE*TST*E2*1", true}, {"CB-0815", false}, {"", false}} {
		begin, end := DecodeOCMF([]byte(signLine(t, key, beginPayload))), DecodeOCMF([]byte(signLine(t, key, endPayload)))
		begin.Outer.Place, end.Outer.Place = c.place, c.place
		v := Checker{}.Judge(Evidence{Messages: []Message{begin, end}}, GivenKey(spkiOf(t, key)), DefaultProfile())
		if v.Has("evse-mismatch") != c.want || v.Billable() == c.want {
			t.Errorf("%q: %s [%s]", c.place, v.Word, codes(v))
		}
	}
}
