package cdr

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func periods(t *rapid.T) []Period {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Period {
		second := rapid.Int64Range(-1e6, 1e6)
		return Period{
			Start:    time.UnixMicro(rapid.Int64Range(-1<<50, 1<<52).Draw(t, "start")).UTC(),
			Energy:   MicroKWh(rapid.Int64().Draw(t, "energy")),
			Charging: time.Duration(second.Draw(t, "charging")) * time.Second,
			Parking:  time.Duration(second.Draw(t, "parking")) * time.Second,
			Has:      Dimension(rapid.IntRange(0, 7).Draw(t, "has")),
		}
	}), 0, 20).Draw(t, "periods")
}

func TestPeriodsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := periods(t)
		got, err := DecodePeriods(EncodePeriods(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestPeriodBytes fixes the encoding, written out by hand: zigzag doubles a positive number, varints carry seven
// bits per byte, lowest first.
func TestPeriodBytes(t *testing.T) {
	got := EncodePeriods([]Period{
		{Start: time.UnixMicro(1), Energy: 64, Charging: 3 * time.Second, Has: HasEnergy | HasCharging},
		{Start: time.UnixMicro(0), Parking: time.Second, Has: HasParking},
	})
	want := "01" + "02" + // version, two periods
		"02" + "8001" + "06" + "00" + "03" +
		"01" + "00" + "00" + "02" + "04"
	if hex.EncodeToString(got) != want {
		t.Errorf("got %x, want %s", got, want)
	}
}

func TestDamagedPeriods(t *testing.T) {
	whole := EncodePeriods(one(t, sampleCDR).Periods)
	if _, err := DecodePeriods(whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := DecodePeriods(whole[:n]); err == nil {
			t.Errorf("cut at %d of %d: no error", n, len(whole))
		}
	}
	for _, c := range []struct{ name, hex string }{
		{"unknown version", "0200"},
		{"something behind it", "010000"},
		{"more periods than bytes", "01ffffffffff7f"},
		{"a number longer than needed", "01010280000000" + "00"},
		{"an unknown dimension", "01010000000008"},
		{"a duration too long", "01010000ffffffffffffffff7f0000"},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodePeriods(b); err == nil {
			t.Errorf("%s: read as %v", c.name, got)
		}
	}
}

func TestSignedRoundTrip(t *testing.T) {
	if b := EncodeSigned(nil); b != nil {
		t.Errorf("nil gives %x", b)
	}
	if s, err := DecodeSigned(nil); s != nil || err != nil {
		t.Errorf("no bytes give %v, %v", s, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		want := &SignedData{Method: text.Draw(t, "method"), Version: text.Draw(t, "version"), PublicKey: text.Draw(t, "key"), URL: text.Draw(t, "url")}
		for range rapid.IntRange(0, 4).Draw(t, "values") {
			want.Values = append(want.Values, SignedValue{text.Draw(t, "nature"), text.Draw(t, "plain"), text.Draw(t, "signed")})
		}
		got, err := DecodeSigned(EncodeSigned(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDamagedSigned(t *testing.T) {
	whole := EncodeSigned(one(t, sampleCDR).Signed)
	for n := 1; n < len(whole); n++ {
		if _, err := DecodeSigned(whole[:n]); err == nil {
			t.Errorf("cut at %d of %d: no error", n, len(whole))
		}
	}
	for name, b := range map[string][]byte{"unknown version": {2}, "something behind it": append(bytes.Clone(whole), 0), "more values than bytes": {1, 0, 0, 0, 0, 0xff, 0xff, 0x7f}} {
		if _, err := DecodeSigned(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzDecodePeriods(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0})
	f.Add(EncodePeriods(one(f, sampleCDR).Periods))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodePeriods(b)
		if err == nil && !bytes.Equal(EncodePeriods(p), b) {
			t.Errorf("%x is written back as %x", b, EncodePeriods(p))
		}
	})
}

func FuzzDecodeSigned(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 0, 0, 0})
	f.Add(EncodeSigned(one(f, sampleCDR).Signed))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeSigned(b)
		if err == nil && !bytes.Equal(EncodeSigned(s), b) {
			t.Errorf("%x is written back as %x", b, EncodeSigned(s))
		}
	})
}
