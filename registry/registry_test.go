package registry_test

import (
	"crypto/ecdh"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/meter"
	"wattdue/registry"
)

// point is the uncompressed point on secp256r1 whose private key is a number above 1.
func point(t testing.TB, n byte) []byte {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(append(make([]byte, 31), n))
	if err != nil {
		t.Fatal(err)
	}
	return k.PublicKey().Bytes()
}

func spki(t testing.TB, n byte) []byte {
	t.Helper()
	k, err := ecdh.P256().NewPublicKey(point(t, n))
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func text(t testing.TB, n byte) string { return base64.StdEncoding.EncodeToString(spki(t, n)) }

func parsed(t testing.TB, n byte) *meter.Key {
	t.Helper()
	k, err := meter.ParseKey(text(t, n), "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func faultsOf(faults []registry.Fault) string {
	var b strings.Builder
	for _, f := range faults {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

const header = "evse_id,meter_id,public_key,valid_from,valid_until,source\n"

func TestReadCSV(t *testing.T) {
	armoured := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki(t, 4)}))
	data := "\ufeff" + header +
		"DE*ABC*E1,M1," + text(t, 2) + ",2025-06-01T00:00:00+02:00,,\r\n" +
		"\r\n" +
		",M2," + hex.EncodeToString(spki(t, 3)) + ",2025-01-01,2026-01-01,handover\n" +
		`DE*ABC*E3,"M ""3""","` + armoured + `",2025-06-01T00:00:00Z` + "\n"
	entries, faults := registry.ReadCSV([]byte(data), zone(t), "keys.csv")
	if len(faults) > 0 || len(entries) != 3 {
		t.Fatalf("%d entries, faults:\n%s", len(entries), faultsOf(faults))
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for i, want := range []registry.Entry{
		{EVSE: "DE*ABC*E1", MeterID: "M1", From: at("2025-05-31T22:00:00Z"), Source: "keys.csv", Line: 2},
		{MeterID: "M2", From: at("2024-12-31T23:00:00Z"), Until: at("2025-12-31T23:00:00Z"), Source: "handover", Line: 4},
		{EVSE: "DE*ABC*E3", MeterID: `M "3"`, From: at("2025-06-01T00:00:00Z"), Source: "keys.csv", Line: 5},
	} {
		got := entries[i]
		if !slices.Equal(got.SPKI, spki(t, byte(i+2))) || got.Hash != parsed(t, byte(i+2)).Hash {
			t.Errorf("entry %d has another key", i+1)
		}
		if got.EVSE != want.EVSE || got.MeterID != want.MeterID || !got.From.Equal(want.From) || !got.Until.Equal(want.Until) ||
			got.Source != want.Source || got.Line != want.Line {
			t.Errorf("entry %d: %+v, want %+v", i+1, got, want)
		}
	}
	// Semicolons, other order and case, a bare point with its curve.
	data = "Valid_From;PUBLIC_KEY;Curve;meter_id\n2025-06-01;" + hex.EncodeToString(point(t, 5)) + ";secp256r1;M5\n"
	entries, faults = registry.ReadCSV([]byte(data), time.UTC, "x")
	if len(faults) > 0 || len(entries) != 1 || entries[0].Hash != parsed(t, 5).Hash || entries[0].Owner() != "meter M5" {
		t.Errorf("%+v, faults:\n%s", entries, faultsOf(faults))
	}
}

// TestBadLinesStopNothing puts a good line behind each bad one.
func TestBadLinesStopNothing(t *testing.T) {
	good := "DE*ABC*E9,M9," + text(t, 9) + ",2025-01-01,,\n"
	base := hex.EncodeToString(point(t, 1)) // the base point: its private key is 1
	off := point(t, 2)
	off[64] ^= 1
	for _, c := range []struct{ name, line, want string }{
		{"no owner", ",," + text(t, 2) + ",2025-01-01,,", "2: evse_id: neither evse_id nor meter_id is there; say whose key it is\n"},
		{"no key", "E1,M1,,2025-01-01,,", "2: evse E1: public_key: is missing; want a public key as base64, hexadecimal or PEM\n"},
		{
			"no key at all", "E1,M1,hello,2025-01-01,,",
			"2: evse E1: public_key: cannot be used (key-unreadable); want a public key as base64, hexadecimal or PEM of a SubjectPublicKeyInfo, or a bare point with its curve\n",
		},
		{
			"bare point without curve", "E1,M1," + hex.EncodeToString(point(t, 2)) + ",2025-01-01,,",
			"2: evse E1: public_key: cannot be used (key-unreadable); want a public key as base64, hexadecimal or PEM of a SubjectPublicKeyInfo, or a bare point with its curve\n",
		},
		{"no beginning", "E1,M1," + text(t, 2) + ",,,", "2: evse E1: valid_from: is missing; want an instant with offset, such as 2026-10-01T00:00:00+02:00, or a date such as 2026-10-01\n"},
		{"German date", "E1,M1," + text(t, 2) + ",01.10.2026,,", "2: evse E1: valid_from: want an instant with offset, such as 2026-10-01T00:00:00+02:00, or a date such as 2026-10-01\n"},
		{"a year with a digit wrong", "E1,M1," + text(t, 2) + ",0206-10-01,,", "2: evse E1: valid_from: the year must be 1990 to 2200\n"},
		{"ends as it begins", "E1,M1," + text(t, 2) + ",2025-01-01,2025-01-01,", "2: evse E1: valid_until: must be after valid_from; it is the first instant that is out\n"},
		{"a field too many", "E1,M1," + text(t, 2) + ",2025-01-01,,x,y", "2: has 7 fields, the header names 6; is a separator too many?\n"},
		{"a quote inside", `E1,M"1,` + text(t, 2) + `",2025-01-01,,`, "2: a quote stands inside a field; put the whole field in quotes or take it away\n"},
		{"a quote that is not closed", `E1,"M1,` + text(t, 2) + `,2025-01-01,,`, "2: a quote is opened and not closed; take it away or close it\n"},
		{"a control character", "E1,M\x011," + text(t, 2) + ",2025-01-01,,", "2: meter_id: is longer than 100 bytes or holds a character that cannot be printed; correct it\n"},
		{"several faults", ",,hello,,,", "2: evse_id: neither evse_id nor meter_id is there; say whose key it is\n" +
			"2: valid_from: is missing; want an instant with offset, such as 2026-10-01T00:00:00+02:00, or a date such as 2026-10-01\n" +
			"2: public_key: cannot be used (key-unreadable); want a public key as base64, hexadecimal or PEM of a SubjectPublicKeyInfo, or a bare point with its curve\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, faults := registry.ReadCSV([]byte(header+c.line+"\n"+good), time.UTC, "x")
			if got := faultsOf(faults); got != c.want {
				t.Errorf("faults:\n%swant:\n%s", got, c.want)
			}
			if len(entries) != 1 || entries[0].EVSE != "DE*ABC*E9" || entries[0].Line != 3 {
				t.Errorf("entries %+v, want the good one of line 3", entries)
			}
		})
	}
	const withCurve = "meter_id,public_key,curve,valid_from\n"
	for _, c := range []struct{ name, key, want string }{
		{"degenerate", base, "2: meter M1: public_key: cannot be used (key-degenerate); everybody knows its private key; the meter must get another one\n"},
		{"off the curve", hex.EncodeToString(off), "2: meter M1: public_key: cannot be used (key-off-curve); it is no point of its curve and was damaged on the way; ask for it again\n"},
	} {
		if _, faults := registry.ReadCSV([]byte(withCurve+"M1,"+c.key+",secp256r1,2025-01-01\n"), time.UTC, "x"); faultsOf(faults) != c.want {
			t.Errorf("%s:\n%swant:\n%s", c.name, faultsOf(faults), c.want)
		}
	}
	// Two stray quotes far apart swallow nothing between them.
	entries, faults := registry.ReadCSV([]byte(header+`E1,"M1,x,2025-01-01,,`+"\n"+good+`E2,"M2,x,2025-01-01,,`+"\n"), time.UTC, "x")
	if len(entries) != 1 || len(faults) != 2 || faults[0].Line != 2 || faults[1].Line != 4 {
		t.Errorf("entries %+v, faults:\n%s", entries, faultsOf(faults))
	}
	// The same owner twice from the same instant.
	_, faults = registry.ReadCSV([]byte(header+good+good), time.UTC, "x")
	if got := faultsOf(faults); got != "3: evse DE*ABC*E9: valid_from: a key of the same owner begins at the same instant in line 2; keep one of them\n" {
		t.Errorf("twice:\n%s", got)
	}
}

func TestHeadersThatCannotBe(t *testing.T) {
	const want = "the first line must name the columns: evse_id,meter_id,public_key,valid_from,valid_until,source, and curve where keys do not name theirs"
	for _, c := range []struct{ name, data, want string }{
		{"nothing", "", "1: the list is empty; " + want},
		{"blank lines", "\n\n", "1: the list is empty; " + want},
		{"an unknown column", "evse_id,public_key,valid_from,colour\n", "1: column 4 is not known; " + want},
		{"no header", "\nDE*ABC*E1,M1,key\n", "2: column 1 is not known; " + want},
		{"a column twice", "evse_id,EVSE_ID,public_key,valid_from\n", "1: column evse_id is there twice; keep one"},
		{"a column without a name", "evse_id,,public_key,valid_from\n", "1: column 2 has no name; " + want},
		{"no key", "evse_id,valid_from\n", "1: column public_key is missing; " + want},
		{"no owner", "public_key,valid_from\n", "1: neither column evse_id nor meter_id is there; " + want},
		{"a quote", "evse_id,\"x\n", "1: a quote is opened and not closed; take it away or close it"},
		{"Latin-1", "evse_id,meter_id\nB\xfcro\n", "1: the text is not UTF-8; save the file as UTF-8"},
	} {
		entries, faults := registry.ReadCSV([]byte(c.data), time.UTC, "x")
		if len(entries) > 0 || len(faults) == 0 || faults[0].String() != c.want {
			t.Errorf("%s: %d entries, faults:\n%swant:\n%s", c.name, len(entries), faultsOf(faults), c.want)
		}
	}
}

func entry(t testing.TB, evse, meterID string, key byte, from int) registry.Entry {
	t.Helper()
	return registry.Entry{EVSE: evse, MeterID: meterID, SPKI: spki(t, key), Hash: parsed(t, key).Hash, From: time.Date(2026, 1, from, 0, 0, 0, 0, time.UTC), Line: 7}
}

// TestDecide offers one key beside what is registered: key 2 of meter M1 at E1 since 1 January, key 3 before it, revoked.
func TestDecide(t *testing.T) {
	now, old := entry(t, "E1", "M1", 2, 1), entry(t, "E1", "M0", 3, -30)
	old.Until, old.Revoked = now.From, true
	known := registry.Registered{Keys: []registry.Entry{now, old}, EVSEs: map[string]bool{"E1": true, "E2": true}}
	ends := now
	ends.Until = now.From.AddDate(1, 0, 0)
	for _, c := range []struct {
		name  string
		offer registry.Entry
		fate  registry.Fate
		want  string
	}{
		{"the same", now, registry.Same, ""},
		{"the same with an end", ends, registry.Changed, ""},
		{"the next", entry(t, "E1", "M2", 4, 20), registry.New, ""},
		{"of another EVSE", entry(t, "E2", "M1", 2, 1), registry.New, ""},
		{"of the meter", entry(t, "", "M1", 2, 1), registry.New, ""},
		{"another key from the same instant", entry(t, "E1", "M1", 4, 1), "", "7: evse E1: valid_from: another meter or key (SHA-256 " + now.Hash[:16] + ") is registered from the same instant on; registered keys never change, give the new one a later valid_from"},
		{"another meter from the same instant", entry(t, "E1", "M2", 2, 1), "", "7: evse E1: valid_from: another meter or key"},
		{"a revoked key", entry(t, "E1", "M0", 3, 20), "", "7: evse E1: public_key: was revoked for good; ask the operator for the meter's new key"},
		{"nobody's EVSE", entry(t, "E9", "M1", 2, 1), "", "7: evse E9: evse_id: no such charge point is loaded; load it with the master data first, or leave evse_id empty to register the key for the meter"},
	} {
		outcomes, faults := known.Decide([]registry.Entry{c.offer})
		switch {
		case c.want == "" && (len(faults) > 0 || len(outcomes) != 1 || outcomes[0].Fate != c.fate):
			t.Errorf("%s: %+v, faults:\n%swant %s", c.name, outcomes, faultsOf(faults), c.fate)
		case c.want != "" && (len(outcomes) > 0 || !strings.HasPrefix(faultsOf(faults), c.want)):
			t.Errorf("%s: %+v, faults:\n%swant:\n%s", c.name, outcomes, faultsOf(faults), c.want)
		}
	}
}

func TestPin(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 10, d, 18, 0, 0, 0, time.UTC) }
	entries, faults := registry.Pin([]registry.Sighting{
		{EVSE: "E2", MeterID: "M2", Key: parsed(t, 3), At: day(4), Line: 1},
		{EVSE: "E1", MeterID: "M1", Key: parsed(t, 2), At: day(3), Line: 2},
		{EVSE: "E1", MeterID: "M1", Key: parsed(t, 2), At: day(2), Line: 3},
		{EVSE: "E2", MeterID: "M9", Key: parsed(t, 4), At: day(5), Line: 4},
	})
	if len(entries) != 1 || entries[0].EVSE != "E1" || !entries[0].From.Equal(day(2)) || entries[0].Source != "ocpi" || entries[0].MeterID != "M1" || !entries[0].Until.IsZero() {
		t.Errorf("entries %+v, want E1 from 2 October", entries)
	}
	want := "4: evse E2: the records carry different keys (SHA-256 " + parsed(t, 3).Hash[:16] + " and " + parsed(t, 4).Hash[:16] + "); ask the operator"
	if !strings.HasPrefix(faultsOf(faults), want) {
		t.Errorf("faults:\n%swant:\n%s", faultsOf(faults), want)
	}
}

// TestPinsNeverOverwrite offers a sighted key beside what is registered for the EVSE or its meter.
func TestPinsNeverOverwrite(t *testing.T) {
	revoked, withdrawn := entry(t, "E1", "M1", 2, 1), entry(t, "E1", "M1", 2, 1)
	revoked.Revoked, withdrawn.Until = true, withdrawn.From
	elsewhere := entry(t, "E2", "M2", 2, 1)
	elsewhere.Revoked = true
	for _, c := range []struct {
		name string
		have []registry.Entry
		fate registry.Fate
	}{
		{"nothing registered", nil, registry.New},
		{"another EVSE's", []registry.Entry{entry(t, "E2", "M2", 3, 1)}, registry.New},
		{"registered", []registry.Entry{entry(t, "E1", "M1", 2, 1)}, registry.Same},
		{"registered once, replaced since", []registry.Entry{entry(t, "E1", "M1", 2, 1), entry(t, "E1", "M2", 3, 2)}, registry.Same},
		{"registered for the meter", []registry.Entry{entry(t, "", "M1", 2, 1)}, registry.Same},
		{"another one registered", []registry.Entry{entry(t, "E1", "M1", 3, 1)}, ""},
		{"another one registered for the meter", []registry.Entry{entry(t, "", "M1", 3, 1)}, ""},
		{"revoked", []registry.Entry{revoked}, ""},
		{"revoked at another EVSE", []registry.Entry{elsewhere}, ""},
		{"withdrawn", []registry.Entry{withdrawn}, ""},
	} {
		known := registry.Registered{Keys: c.have, EVSEs: map[string]bool{"E1": true}}
		outcomes, faults := known.DecidePins([]registry.Entry{entry(t, "E1", "M1", 2, 15)})
		if c.fate != "" && (len(faults) > 0 || len(outcomes) != 1 || outcomes[0].Fate != c.fate) {
			t.Errorf("%s: %+v, faults:\n%swant %s", c.name, outcomes, faultsOf(faults), c.fate)
		}
		if c.fate == "" && (len(outcomes) > 0 || !strings.Contains(faultsOf(faults), "nothing was changed: ask the operator")) {
			t.Errorf("%s: %+v, faults:\n%s", c.name, outcomes, faultsOf(faults))
		}
	}
	known := registry.Registered{}
	if _, faults := known.DecidePins([]registry.Entry{entry(t, "E1", "M1", 2, 15)}); !strings.Contains(faultsOf(faults), "no such charge point is loaded") {
		t.Errorf("faults:\n%s", faultsOf(faults))
	}
}

func TestStateOf(t *testing.T) {
	first, second := entry(t, "E1", "M1", 2, 1), entry(t, "E1", "M2", 3, 10)
	never, revoked, ended := second, first, first
	never.Until, revoked.Revoked, ended.Until = never.From, true, first.From.AddDate(0, 0, 3)
	on := func(d int) time.Time { return time.Date(2026, 1, d, 12, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name string
		key  registry.Entry
		all  []registry.Entry
		at   time.Time
		want registry.State
	}{
		{"alone", first, nil, on(5), registry.Valid},
		{"beside the next, before it", first, []registry.Entry{first, second}, on(5), registry.Valid},
		{"beside the next, after it", first, []registry.Entry{first, second}, on(11), registry.Replaced},
		{"the next, before it begins", second, []registry.Entry{first, second}, on(5), registry.Future},
		{"the next that never was", first, []registry.Entry{first, never}, on(11), registry.Valid},
		{"withdrawn", never, nil, on(11), registry.Withdrawn},
		{"revoked", revoked, nil, on(2), registry.Revoked},
		{"ended", ended, nil, on(5), registry.Ended},
	} {
		if got := registry.StateOf(c.key, c.all, c.at); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzReadCSV feeds foreign bytes: no panic, faults name a line, and what is taken is whole.
func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(header + "DE*ABC*E1,M1," + text(f, 2) + ",2025-06-01T00:00:00+02:00,,\n"))
	f.Add([]byte("meter_id;public_key;valid_from\nM;\"" + text(f, 3) + "\n\";2025-01-01\n"))
	f.Add([]byte(header + "\"\n\"\n\"a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, faults := registry.ReadCSV(b, time.UTC, "x")
		lines := strings.Count(string(b), "\n") + 1
		for _, x := range faults {
			if x.Line < 1 || x.Line > lines || x.Text == "" || strings.ContainsAny(x.String(), "\r\n") {
				t.Fatalf("fault %q of %d lines", x.String(), lines)
			}
		}
		for _, e := range entries {
			if e.Owner() == "" || e.From.IsZero() || e.Line < 2 || e.Line > lines {
				t.Fatalf("entry %+v", e)
			}
			if k, err := meter.ParseSPKI(e.SPKI, ""); err != nil || k.Hash != e.Hash {
				t.Fatalf("entry %+v: %v", e, err)
			}
		}
	})
}
