package simulate

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"wattdue/cdr"
	"wattdue/dev/signer"
	"wattdue/meter"
)

// words are what package meter says about the signatures of records with a fault; the others are valid.
var words = map[Fault]meter.Word{Tampered: meter.InvalidSignature, UnknownKey: meter.KeyMissing}

// TestSignaturesProveTheRecords opens every signed value and compares it with the record around it.
func TestSignaturesProveTheRecords(t *testing.T) {
	w := generate(t, small)
	dir := inbox(t, w)
	values, tampered, unregistered := map[int]int{}, 0, 0
	for _, f := range w.Files {
		for i, r := range receive(t, dir, f) {
			if r.fields == nil {
				continue
			}
			id, fault := r.field("id"), f.Records[i].Fault
			session := &w.Sessions[f.Records[i].Session]
			e, m := w.evse(session), w.meterOf(session)
			spki, ok := w.Registered(r.field("cdr_location.evse_id"), r.time(t, "start_date_time"))
			if ok == (fault == UnknownKey) || ok && !bytes.Equal(spki, m.KeySPKI) {
				t.Errorf("%s: registered %v, fault %q", id, ok, fault)
			}
			list := r.fields["signed_data"].(map[string]any)["signed_values"].([]any)
			values[len(list)]++
			for _, v := range list {
				checkValue(t, r, received{fields: v.(map[string]any)}, e)
			}
			want := words[fault]
			if want == "" {
				want = meter.Valid
			}
			v := check(t, w, r)
			if v.Word != want {
				t.Errorf("%s: %s, want %s: %+v", id, v.Word, want, v.Reasons)
			}
			switch want {
			case meter.Valid:
				checkReadings(t, r, v, *session)
			case meter.InvalidSignature:
				tampered++
			case meter.KeyMissing:
				unregistered++
			}
		}
	}
	if values[1] < 50 || values[2] < 50 || len(values) != 2 || tampered < 2 || unregistered < 2 {
		t.Errorf("records by values %v, tampered %d, unregistered %d", values, tampered, unregistered)
	}
}

// checkValue compares what a signed value says with the record.
func checkValue(t *testing.T, r, value received, e *EVSE) {
	t.Helper()
	id := r.field("id")
	data, err := base64.StdEncoding.DecodeString(value.field("signed_data"))
	if plain := value.field("plain_data"); err != nil || plain != string(data) && !strings.EqualFold(plain, hex.EncodeToString(data)) {
		t.Errorf("%s: signed_data and plain_data differ", id)
	}
	for _, m := range meter.Decode(data) {
		if len(m.Faults) > 0 || m.Meter != r.field("meter_id") || m.Meter == "" {
			t.Errorf("%s: signed by %q instead of %q: %v", id, m.Meter, r.field("meter_id"), m.Faults)
		}
		uid := r.field("cdr_token.uid")
		// Some pad a card number with zeros: of one that ends in them they say less.
		if trim := func(id string) string { return strings.TrimRight(id, "0") }; !strings.EqualFold(trim(m.User.ID), trim(uid)) {
			t.Errorf("%s, %s: signed user %q, want %q", id, m.Format, m.User.ID, uid)
		}
		if m.Place.ID != "" && m.Place.ID != e.ID {
			t.Errorf("%s: signed at %s, want %s", id, m.Place.ID, e.ID)
		}
	}
}

// check judges a record of its own.
func check(t *testing.T, w *World, r received) meter.Verdict {
	t.Helper()
	for record, err := range cdr.ReadOCPI221(bytes.NewReader(r.raw)) {
		if err != nil {
			t.Fatal(err)
		}
		return meter.Check(record, w, profile)
	}
	t.Fatal("no record")
	return meter.Verdict{}
}

// checkReadings compares the begin and the end reading with the session.
func checkReadings(t *testing.T, r received, v meter.Verdict, s Session) {
	t.Helper()
	id := r.field("id")
	if !v.Begin.Time.Equal(s.Start) || !v.End.Time.Equal(s.End) || !v.DurationUsable {
		t.Errorf("%s: signed %s to %s, usable %v, want %s to %s", id, v.Begin.Time, v.End.Time, v.DurationUsable, s.Start, s.End)
	}
	if v.Energy != s.Energy() || v.Energy.KWh() != r.field("total_energy") {
		t.Errorf("%s: signed %s kWh, stated %s, want %s", id, v.Energy.KWh(), r.field("total_energy"), s.Energy().KWh())
	}
}

// TestEveryFormatHasItsShare counts the sessions of each format and curve: five formats and four curves have a tenth of
// them each.
func TestEveryFormatHasItsShare(t *testing.T) {
	for seed := range uint64(4) {
		for _, fleet := range []int{10, 20, 40, 60} {
			w := generate(t, Options{Seed: seed, Sessions: 2000, EVSEs: fleet})
			formats, curves := map[string]int{}, map[string]int{}
			for i := range w.Sessions {
				e := w.evse(&w.Sessions[i])
				formats[e.make.format]++
				curves[e.make.curve]++
			}
			if shares(formats) < 5 || shares(curves) < 4 {
				t.Errorf("seed %d, %d charge points: formats %v, curves %v", seed, fleet, formats, curves)
			}
		}
	}
}

// shares counts those that have a tenth of 2000 or more.
func shares(sessions map[string]int) int {
	n := 0
	for _, s := range sessions {
		if s >= 200 {
			n++
		}
	}
	return n
}

// TestEveryPlaceHasAMake holds the table of makes to what the signer knows.
func TestEveryPlaceHasAMake(t *testing.T) {
	for _, l := range locations() {
		if _, err := signer.NewKey(l.make.curve, ""); err != nil {
			t.Errorf("%s: %v", l.ID, err)
		}
		if signer.DeviceOf(l.make.format, 1) == (signer.Device{}) {
			t.Errorf("%s: nobody makes %q", l.ID, l.make.format)
		}
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
