package simulate

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/meter"
)

// TestEveryContradictionIsPlanted counts what the truth of months of the demo's size says: all ten codes occur, those that
// hold a record exactly as often as they were planted.
func TestEveryContradictionIsPlanted(t *testing.T) {
	for seed := range uint64(6) {
		w := generate(t, Options{Seed: seed})
		truth, err := w.Truth()
		if err != nil {
			t.Fatal(err)
		}
		codes, held := map[string]int{}, map[string]int{}
		for _, x := range truth {
			for _, f := range x.Findings {
				codes[f.Code]++
			}
			if x.Outcome == Held {
				held[x.Reason]++
			}
		}
		// Three of each kind; replays are of three kinds. Three sessions of others lie between, and one thing each is exchanged.
		for code, n := range map[string]int{"replay": 9, "page-conflict": 3, "overlap": 3, "counter-regression": 3, "power-above-limit": 3} {
			if codes[code] != n || held[code] != n {
				t.Errorf("seed %d: %s %d times, %d held, want %d", seed, code, codes[code], held[code], n)
			}
		}
		for code, n := range map[string]int{"meter-changed": 1, "key-changed": 1, "firmware-changed": 1} {
			if codes[code] != n {
				t.Errorf("seed %d: %s %d times, want %d", seed, code, codes[code], n)
			}
		}
		if codes["page-gap"] < 5 || codes["advance-unexplained"] < 5 || len(codes) != 10 {
			t.Errorf("seed %d: %v, want all ten codes and several gaps", seed, codes)
		}
	}
}

func TestSmallMonthsHaveOneOfEach(t *testing.T) {
	for seed := range uint64(6) {
		o := small
		o.Seed = seed
		w := generate(t, o)
		count := map[Fault]int{}
		foreign, exchanged := 0, 0
		for _, s := range w.Sessions {
			count[s.Fault]++
			if s.foreign > 0 {
				foreign++
			}
		}
		for _, e := range w.EVSEs {
			exchanged += len(e.Later)
		}
		for _, kind := range append(slices.Clone(contradictions), Overlap) {
			if count[kind] != 1 {
				t.Errorf("seed %d: %d sessions with %s, want 1", seed, count[kind], kind)
			}
		}
		if foreign != 1 || exchanged != 3 {
			t.Errorf("seed %d: %d sessions of others, %d exchanges; want 1 and 3", seed, foreign, exchanged)
		}
	}
}

func TestNothingIsPlantedWhereNothingIsWanted(t *testing.T) {
	o := small
	o.Faults = -1
	w := generate(t, o)
	truth, err := w.Truth()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range truth {
		if len(x.Findings) > 0 || x.Outcome != Billed && x.Outcome != Free {
			t.Errorf("%s: %s, findings %v", x.Key, x.Outcome, x.Findings)
		}
	}
	for _, e := range w.EVSEs {
		if len(e.Later) > 0 {
			t.Errorf("%s has another meter", e.ID)
		}
	}
}

// TestReplaysCarryTheSameSignedValues opens original and copy: what is signed is the same, byte by byte, and the record
// around it is another one.
func TestReplaysCarryTheSameSignedValues(t *testing.T) {
	w := generate(t, Options{Seed: 2})
	dir := inbox(t, w)
	first, kinds := map[int]received{}, map[Fault]int{}
	for _, f := range w.Files {
		for i, r := range receive(t, dir, f) {
			record := f.Records[i]
			if !record.Fault.isReplay() {
				if _, known := first[record.Session]; !known {
					first[record.Session] = r
				}
				continue
			}
			kinds[record.Fault]++
			original := first[record.Session]
			if !slices.EqualFunc(signedIn(t, original), signedIn(t, r), bytes.Equal) {
				t.Errorf("%s: other signed values than %s", r.field("id"), original.field("id"))
			}
			hubs := record.Fault == ReplayHub
			if same := r.field("id") == original.field("id"); same != hubs || (r.field("party_id") == hub) != hubs {
				t.Errorf("%s: id of %s %s copied as %s %s", record.Fault, original.field("party_id"), original.field("id"), r.field("party_id"), r.field("id"))
			}
			container := strings.Contains(string(valuesIn(t, r)[0]), "<signedData format=\"OCMF\"")
			if container != (record.Fault == ReplayContainer) {
				t.Errorf("%s: a file of the transparency software: %v", record.Fault, container)
			}
		}
	}
	if kinds[Replay] != 3 || kinds[ReplayHub] != 3 || kinds[ReplayContainer] != 3 {
		t.Errorf("copies: %v, want three of each kind", kinds)
	}
}

// valuesIn are the signed values of a record as they are carried.
func valuesIn(t *testing.T, r received) [][]byte {
	t.Helper()
	var list [][]byte
	for _, v := range r.fields["signed_data"].(map[string]any)["signed_values"].([]any) {
		data, err := base64.StdEncoding.DecodeString(received{fields: v.(map[string]any)}.field("signed_data"))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, data)
	}
	return list
}

// signedIn are the messages that are signed in a record.
func signedIn(t *testing.T, r received) [][]byte {
	t.Helper()
	var list [][]byte
	for _, data := range valuesIn(t, r) {
		for _, m := range meter.Decode(data) {
			list = append(list, m.Signed)
		}
	}
	return list
}

// TestPlantedSessionsContradict looks at each planted session beside those it contradicts. That all of them verify under
// the registered keys is shown by TestSignaturesProveTheRecords.
func TestPlantedSessionsContradict(t *testing.T) {
	w := generate(t, Options{Seed: 3})
	last := map[int]*Session{}
	for i := range w.Sessions {
		s := &w.Sessions[i]
		before := last[s.EVSE]
		if s.ghost < 0 && s.Fault != PageConflict {
			last[s.EVSE] = s
		}
		switch s.Fault {
		case PageConflict:
			twin := &w.Sessions[s.twin]
			if s.Page != twin.Page || s.EVSE != twin.EVSE || !twin.End.Before(s.Start) || s.Begin == twin.Begin {
				t.Errorf("session %d of page %d, its twin %d of page %d", s.Number, s.Page, twin.Number, twin.Page)
			}
		case CounterRegression:
			if s.Begin >= before.Final {
				t.Errorf("session %d begins at %s, the one before ended at %s", s.Number, s.Begin.KWh(), before.Final.KWh())
			}
		case Overlap:
			if s.Start.Before(before.Start) || before.End.Sub(s.Start) != overlapping || s.Page <= before.Page {
				t.Errorf("session %d begins %s, the one before ended %s", s.Number, s.Start, before.End)
			}
		case PowerAboveLimit:
			if most := wattHours(s.End.Sub(s.Start), w.evse(s).MaxWatts); s.wh != 2*most {
				t.Errorf("session %d: %d Wh where %d are possible", s.Number, s.wh, most)
			}
		}
		if s.foreign > 0 && (s.Begin-before.Final != cdr.MicroKWh(s.foreign*1000) || s.Page-before.Page < 2) {
			t.Errorf("session %d: %d Wh of others between %s and %s kWh", s.Number, s.foreign, before.Final.KWh(), s.Begin.KWh())
		}
	}
}

// TestExchangesAreRegistered: what signs after an exchange is registered from then on, and what signed before until then.
func TestExchangesAreRegistered(t *testing.T) {
	w := generate(t, Options{Seed: 4})
	kinds := map[string]int{}
	for i := range w.EVSEs {
		e := &w.EVSEs[i]
		for _, m := range e.Later {
			old, _ := w.Registered(e.ID, m.since.Add(-time.Second))
			now, _ := w.Registered(e.ID, m.since)
			if !bytes.Equal(old, e.KeySPKI) || !bytes.Equal(now, m.KeySPKI) {
				t.Errorf("%s: the registered keys do not change at %s", e.ID, m.since)
			}
			kind, keys := "", 2
			switch {
			case m.MeterID != e.MeterID:
				kind = "meter"
			case !bytes.Equal(m.KeySPKI, e.KeySPKI):
				kind = "key"
			case m.device.Firmware != e.device.Firmware:
				kind, keys = "firmware", 1
			}
			kinds[kind]++
			if got := len(keysOf(e)); got != keys {
				t.Errorf("%s: another %s, %d keys in the master data, want %d", e.ID, kind, got, keys)
			}
		}
	}
	if kinds["meter"] != 1 || kinds["key"] != 1 || kinds["firmware"] != 1 {
		t.Errorf("exchanged: %v, want one of each", kinds)
	}
}

// TestFindingsByHand walks over a handful of sessions of four charge points.
func TestFindingsByHand(t *testing.T) {
	w := byHand(t)
	w.Options.Month = calendar.NewDate(2026, time.October, 1).MonthOf()
	at := func(place, start string, fault Fault, wh int64) Session {
		s := visitAt(t, w, 0, place, "2026-10-05T"+start+":00+02:00", 30*time.Minute, 0, wh)
		s.Fault = fault
		return s
	}
	const alfen, bsm, edl, ocmf = "LOC-KI-FOERDE", "LOC-B-HOEFE", "LOC-HB-WESER", "LOC-A7-OST"
	w.Sessions = []Session{
		at(alfen, "08:00", None, 5_000),              // A
		at(alfen, "09:00", Tampered, 5_000),          // B
		at(alfen, "10:00", None, 5_000),              // C: two pages and 5 kWh are not proven
		at(alfen, "11:00", CounterRegression, 5_000), // D: below C
		at(alfen, "12:00", PageConflict, 5_000),      // E: has the page of A
		at(alfen, "13:00", UnknownToken, 5_000),      // F: follows D
		at(bsm, "08:00", None, 5_000),                // G
		at(bsm, "09:00", BrokenJSON, 5_000),          // H
		at(bsm, "10:00", None, 5_000),                // I: only the pages tell
		at(edl, "08:00", None, 5_000),                // J
		at(edl, "09:00", BrokenJSON, 5_000),          // K
		at(edl, "10:00", PowerAboveLimit, 150_000),   // L: only the register tells; twice the 75 kWh of half an hour
		at(ocmf, "08:00", UnknownToken, 5_000),       // M
		at(ocmf, "09:00", Tampered, 5_000),           // N
		at(ocmf, "10:00", UnknownToken, 5_000),       // O: neither M nor O is compared
		at(ocmf, "10:20", Overlap, 5_000),            // P: begins before O ends, but came in later than O
		at(ocmf, "11:00", None, 5_000),               // Q: somebody else came before
	}
	w.Sessions[4].twin, w.Sessions[16].foreign = 0, 3_000
	w.readMeters()
	f := File{Name: "a.json"}
	for i, s := range w.Sessions {
		f.Records = append(f.Records, Record{Session: i, Fault: s.Fault, Ordinal: i + 1, Key: cdr.Key{Country: "DE", Party: "X", ID: string(rune('A' + i))}})
	}
	w.Files = []File{f}
	truth, err := w.Truth()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"C": "billed: page-gap=DE/X/A advance-unexplained=DE/X/A",
		"D": "held: counter-regression=DE/X/C",
		"E": "held: page-conflict=DE/X/A",
		"I": "billed: page-gap=DE/X/G",
		"L": "held: power-above-limit advance-unexplained=DE/X/J",
		"P": "held: overlap=DE/X/O",
		"Q": "billed: page-gap=DE/X/P advance-unexplained=DE/X/P",
	}
	for _, x := range truth {
		if len(x.Findings) == 0 {
			continue
		}
		got := string(x.Outcome) + ":"
		for _, f := range x.Findings {
			got += " " + f.String()
		}
		if got != want[x.Key.ID] {
			t.Errorf("%s: %s, want %s", x.Key.ID, got, want[x.Key.ID])
		}
		delete(want, x.Key.ID)
	}
	for id, text := range want {
		t.Errorf("%s: nothing, want %s", id, text)
	}
}

func TestLaterFirmware(t *testing.T) {
	for version, want := range map[string]string{"2.4.1": "2.4.2", "v016": "v017"} {
		if got := laterFirmware(version); got != want {
			t.Errorf("%s is followed by %s, want %s", version, got, want)
		}
	}
}
