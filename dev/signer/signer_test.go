package signer

import (
	"bytes"
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
)

// berlin is the German zone of the example, which lies in summer time.
func berlin(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

// example is a session of two hours and 17.402 kWh.
func example(tb testing.TB, format string) Session {
	start := time.Date(2026, time.June, 5, 16, 30, 12, 0, time.UTC)
	return Session{
		Device: DeviceOf(format, 4_100_007), Page: 305, Transaction: 41,
		EVSE: "DE*NLC*E0007*1", User: "04A1B2C3D4E5F6", UserKind: "ISO14443", UserSince: start.Add(-9 * time.Second),
		Begin: Reading{start, 81_234_567_000, 5_350_353},
		End:   Reading{start.Add(2 * time.Hour), 81_251_969_000, 5_350_353 + 7200},
		Zone:  berlin(tb),
	}
}

func sign(tb testing.TB, format string, k *Key, s Session) Signed {
	tb.Helper()
	signed, err := Sign(format, k, s)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// record is the session as OCPI carries it.
func record(s Session, signed Signed) cdr.Record {
	r := cdr.Record{
		Start: s.Begin.At, End: s.End.At, Energy: s.End.Energy - s.Begin.Energy,
		Token:    cdr.Token{UID: s.User, Type: "RFID"},
		Location: cdr.Location{EVSEID: s.EVSE},
		Signed:   &cdr.SignedData{Method: signed.Method, PublicKey: signed.PublicKey},
	}
	for _, v := range signed.Values {
		r.Signed.Values = append(r.Signed.Values, cdr.SignedValue{
			Nature: v.Nature, Plain: v.Plain, Signed: base64.StdEncoding.EncodeToString(v.Data),
		})
	}
	return r
}

// ring has the key of the one charge point there is.
type ring []byte

func (r ring) Registered(string, time.Time) ([]byte, bool)      { return r, true }
func (ring) Keyed(string) bool                                  { return true }
func (r ring) RegisteredMeter(string, time.Time) ([]byte, bool) { return r, true }

// each runs a test for every format on every curve.
func each(t *testing.T, run func(t *testing.T, format string, k *Key)) {
	for _, format := range Formats() {
		for _, name := range Curves(format) {
			t.Run(format+"/"+name, func(t *testing.T) { run(t, format, newKey(t, name, "seed")) })
		}
	}
}

// TestEveryFormatIsValid has each format judged by the strict profile under the registered key.
func TestEveryFormatIsValid(t *testing.T) {
	each(t, func(t *testing.T, format string, k *Key) {
		s := example(t, format)
		v := meter.Check(record(s, sign(t, format, k, s)), ring(k.SPKI()), meter.DefaultProfile())
		if v.Word != meter.Valid || v.Signature != meter.SignatureValid || v.Session != meter.SessionComplete {
			t.Fatalf("%s, signature %s, session %s: %+v", v.Word, v.Signature, v.Session, v.Reasons)
		}
		for _, r := range v.Reasons {
			vendor := r.Code == "algorithm-vendor" && k.curve == nil
			// A receipt says nothing about meter and clock.
			silent := format == "CHARGEPOINT" && (r.Code == "status-unstated" || r.Code == "clock-unusable")
			if r.Code != "clock-informative" && !vendor && !silent {
				t.Errorf("notice %s %s", r.Code, r.Value)
			}
		}
		if v.Energy != 17_402_000 {
			t.Errorf("energy %s kWh, want 17.402", v.Energy.KWh())
		}
		if v.MeterID != s.Meter {
			t.Errorf("meter %s, want %s", v.MeterID, s.Meter)
		}
		if v.Curve != k.Curve() || v.Format != readAs(format) {
			t.Errorf("%s on %s, want %s on %s", v.Format, v.Curve, readAs(format), k.Curve())
		}
	})
}

// readAs is the format of the records inside.
func readAs(format string) string {
	switch format {
	case "OCMF-PAIR", "SAFE-XML", "PTB":
		return "OCMF"
	}
	return format
}

// TestSignedDataDependsOnTheSession changes one value after the other: each change changes a record.
func TestSignedDataDependsOnTheSession(t *testing.T) {
	changes := map[string]func(s *Session){
		"energy": func(s *Session) { s.End.Energy += 1000 },
		"end":    func(s *Session) { s.End.At = s.End.At.Add(time.Second) },
		"page":   func(s *Session) { s.Page++ },
		"user":   func(s *Session) { s.User = "04A1B2C3D4E5F7" },
	}
	unpaged := []string{"CHARGEPOINT"}
	each(t, func(t *testing.T, format string, k *Key) {
		s := example(t, format)
		was := sign(t, format, k, s)
		if again := sign(t, format, k, s); !equal(was, again) {
			t.Error("the same session twice gives other bytes")
		}
		for name, change := range changes {
			s := example(t, format)
			change(&s)
			unchanged := name == "page" && slices.Contains(unpaged, format)
			if now := sign(t, format, k, s); equal(was, now) != unchanged {
				t.Errorf("another %s: the same bytes are %v", name, !unchanged)
			}
		}
	})
}

func equal(a, b Signed) bool {
	return a.PublicKey == b.PublicKey && slices.EqualFunc(a.Values, b.Values, func(a, b Value) bool {
		return a.Nature == b.Nature && a.Plain == b.Plain && bytes.Equal(a.Data, b.Data)
	})
}

// TestForgedSessionsAreRefused lowers the end reading under the true signatures.
func TestForgedSessionsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, format string, k *Key) {
		s := example(t, format)
		shown := s
		shown.End.Energy -= 2_000_000
		forged, err := Forge(format, k, s, shown)
		if err != nil {
			t.Fatal(err)
		}
		v := meter.Check(record(shown, forged), ring(k.SPKI()), meter.DefaultProfile())
		if v.Word != meter.InvalidSignature {
			t.Errorf("%s: %+v", v.Word, v.Reasons)
		}
	})
}

// TestFaultsAreStated has a broken meter and a lost clock refused or marked by the reader.
func TestFaultsAreStated(t *testing.T) {
	each(t, func(t *testing.T, format string, k *Key) {
		if format == "CHARGEPOINT" {
			s := example(t, format)
			s.Broken = true
			if _, err := Sign(format, k, s); err == nil {
				t.Error("a receipt that states a fault")
			}
			return
		}
		s := example(t, format)
		s.Broken = true
		v := meter.Check(record(s, sign(t, format, k, s)), ring(k.SPKI()), meter.DefaultProfile())
		if v.Word != meter.NotBillable || v.Signature != meter.SignatureValid {
			t.Errorf("broken: %s: %+v", v.Word, v.Reasons)
		}
		s = example(t, format)
		s.ClockLost = true
		v = meter.Check(record(s, sign(t, format, k, s)), ring(k.SPKI()), meter.DefaultProfile())
		if v.TimeUsable || v.Signature != meter.SignatureValid {
			t.Errorf("clock: %s: %+v", v.Word, v.Reasons)
		}
	})
}

// TestSessionsThatDoNotFit names what each format cannot hold.
func TestSessionsThatDoNotFit(t *testing.T) {
	tests := []struct {
		name, format, curve string
		change              func(s *Session)
	}{
		{"unknown format", "MORSE", "secp256r1", func(*Session) {}},
		{"curve of another format", "ALFEN", "secp256r1", func(*Session) {}},
		{"half a watt-hour", "PCDF", "secp256r1", func(s *Session) { s.End.Energy += 500 }},
		{"half a tenth of a watt-hour", "EDL_40_P", "secp192r1", func(s *Session) { s.End.Energy += 50 }},
		{"ten megawatt-hours", "PCDF", "secp256r1", func(s *Session) { s.End.Energy += 10_000_000_000 }},
		{"energy that falls", "PCDF", "secp256r1", func(s *Session) { s.End.Energy = s.Begin.Energy - 1000 }},
		{"a hundred hours", "PCDF", "secp256r1", func(s *Session) { s.End.At = s.Begin.At.Add(100 * time.Hour) }},
		{"a bracket in a line of brackets", "PCDF", "secp256r1", func(s *Session) { s.User = "x)(BV:1" }},
		{"the meter of another format", "EDL_40_SIG", "secp192r1", func(s *Session) { s.Meter = "1NLZ0004100007" }},
		{"a name of 21 letters", "ALFEN", "secp192r1", func(s *Session) { s.User = "abcdefghijklmnopqrstu" }},
		{"the year 2106", "ALFEN", "secp192r1", func(s *Session) { s.End.At = time.Date(2107, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"a page beyond four bytes", "CHARGEIT_EMH", "secp192r1", func(s *Session) { s.Page = 1 << 32 }},
	}
	for _, tt := range tests {
		s := example(t, tt.format)
		tt.change(&s)
		if signed, err := Sign(tt.format, newKey(t, tt.curve, "seed"), s); err == nil {
			t.Errorf("%s: signed %d values", tt.name, len(signed.Values))
		}
	}
}

// TestOCPIHasRoom keeps values within the 5,000 characters of OCPI 2.2.1 and keys within 512, where OCPI knows the format
// and the curve is one of OCMF's own.
func TestOCPIHasRoom(t *testing.T) {
	each(t, func(t *testing.T, format string, k *Key) {
		signed := sign(t, format, k, example(t, format))
		if k.curve == nil || format == "CHARGEPOINT" {
			return
		}
		for _, v := range signed.Values {
			if n := base64.StdEncoding.EncodedLen(len(v.Data)); n > 5000 {
				t.Errorf("a value of %d characters", n)
			}
		}
		if len(signed.PublicKey) > 512 {
			t.Errorf("a key of %d characters", len(signed.PublicKey))
		}
	})
}

func BenchmarkFormats(b *testing.B) {
	for _, format := range Formats() {
		k, s := newKey(b, Curves(format)[0], "seed"), example(b, format)
		b.Run(format+"/"+k.Curve(), func(b *testing.B) {
			for b.Loop() {
				sign(b, format, k, s)
			}
		})
	}
}
