package rating

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// rich is a rating in which everything happens that a trace can record.
func rich(t testing.TB) Rated {
	t.Helper()
	tariff := bySession(tariffOf(
		Row{ID: "day", Priority: 1, Groups: []string{"staff"}, Prices: map[Component]Price{
			Energy:    {VATCode: "standard", FreeEnergy: kWh, Grace: Deduct, Step: 10_000, Tiers: tiered(false).Tiers},
			PerUse:    {Unit: 333_333, VATCode: "fee", PassThrough: true, Markup: 15_000},
			Occupancy: {Unit: 10 * cent, VATCode: "parking", Cap: 2_000_000, CapPerDay: true, FreeTime: 5 * time.Minute, Grace: Cliff},
		}},
		Row{ID: "night", Priority: 1, Groups: []string{"staff"}, Moving: Moving{Times: times("22:00-6:00")}, Prices: map[Component]Price{
			Energy: {Unit: 31 * cent, VATCode: "standard"}, Occupancy: {Unit: 25 * cent, VATCode: "parking", Step: 900, StartedBlock: true},
		}},
		Row{ID: "all", Prices: map[Component]Price{Energy: at(59 * cent), Export: at(8 * cent), Reservation: at(50 * cent)}}))
	tariff.Discounts = []Discount{{ID: "ten", Percent: 100_000, BestOf: "x"}, {ID: "five", Groups: []string{"guest"}, Percent: 50_000}, {ID: "one", Amount: 1_000_000, Components: []Component{Energy}}}
	tariff.SessionMax = 14_000_000
	c := Contract{No: "C1", Groups: []string{"staff"}, Taken: 95 * kWh, Allowances: []Allowance{{ID: "kWh", Component: Energy, Left: 2_500_000}, {ID: "odd", Component: "?", Left: 1}}}
	s := between(t, "Europe/Berlin", "2025-06-03 20:00", "2025-06-04 01:10", 40*kWh)
	s.Export, s.Reserved, s.Stated, s.HasStated, s.Idle = 2*kWh, 10*time.Minute, 3*euro, true, time.Hour
	return rated(t, c, tariff, s)
}

func TestTraceTellsEverything(t *testing.T) {
	trace := checkReplay(t, rich(t))
	text := strings.Join(trace.Explain(), "\n")
	for _, part := range []string{
		"Tariff CITY version 3, prices gross in EUR. Session from 2025-06-03T18:00:00Z: 40.000 kWh in 5 h 10 min, 1 h of it idle.",
		"by row day for group staff: by tiers of the month, 1.000 kWh free, in steps of 0.010 kWh",
		"less what is free", "less allowance kWh", "the cap of row day lowers", "discount ten lowers", "discount one lowers",
		"The session limit (max) changes", "This line takes a minor unit", "per started 15 min", "at 22:00-06:00", "row all matches too, but has a lower priority",
		"Given back: 2.000 kWh.", "included in kWh", "LIMIT_APPLIED: ", "Total: 13.84 EUR.",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not told:\n%s", part, text)
		}
	}
	if trace.Slices[0].Matched[groupKey] != "staff" || trace.Slices[0].Priority != 1 || len(trace.Slices[0].Price.Tiers) != 3 {
		t.Errorf("%+v", trace.Slices[0])
	}
}

// A trace that was tampered with is damaged, another trace, or does not replay.
func TestTamperedTraces(t *testing.T) {
	r := rich(t)
	for i := range r.Trace {
		for _, bit := range []byte{1, 0x40, 0x80} {
			b := slices.Clone(r.Trace)
			b[i] ^= bit
			trace, err := DecodeTrace(b)
			if err != nil {
				continue
			}
			trace.Explain()
			if again, err := trace.Replay(); err == nil && string(again.Trace) != string(b) {
				t.Fatalf("byte %d: replays to another trace", i)
			}
		}
		if _, err := DecodeTrace(r.Trace[:i]); err == nil {
			t.Fatalf("the first %d bytes are a trace", i)
		}
	}
	if _, err := DecodeTrace(append(slices.Clone(r.Trace), 0)); err == nil {
		t.Error("more bytes are a trace")
	}
	old := slices.Clone(r.Trace)
	old[0] = 1
	if _, err := DecodeTrace(old); err == nil || !strings.Contains(err.Error(), "format version 1") {
		t.Error(err)
	}
}

// A recorded amount that its inputs do not give is found.
func TestReplayFindsAnotherAmount(t *testing.T) {
	r := rated(t, Contract{}, tariffOf(energyRow("all", 49*cent, Moving{})), session(20*kWh, time.Hour, 0))
	trace, err := DecodeTrace(r.Trace)
	if err != nil {
		t.Fatal(err)
	}
	trace.w.lines[0].Amount, trace.w.total = 970, 970
	forged, err := DecodeTrace(trace.encode())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forged.Replay(); err == nil || forged.Lines[0].Amount != 970 {
		t.Error("a forged amount replays")
	}
	trace.Rules = 1
	older, err := DecodeTrace(trace.encode())
	if err != nil || older.Rules != 1 {
		t.Fatal(older.Rules, err)
	}
	if _, err := older.Replay(); err == nil || !strings.Contains(err.Error(), "rules version 1") {
		t.Error(err)
	}
}

// Many goroutines may rate by one tariff.
func TestRateConcurrently(t *testing.T) {
	c := compiled(t, matrix(100))
	want, err := Rate(Contract{}, c, threePeriods())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 200 {
				s := threePeriods()
				if i%2 == 0 {
					s = onePeriod()
				}
				if got, err := Rate(Contract{}, c, s); err != nil || i%2 == 1 && !sameRated(got, want) {
					t.Error(err, printed(got))
					return
				}
			}
		})
	}
	group.Wait()
}

func FuzzDecodeTrace(f *testing.F) {
	f.Add(rich(f).Trace)
	for _, s := range []Session{session(20*kWh, time.Hour, 0), session(0, 0, 0), session(-1, 0, 0)} {
		r, err := Rate(Contract{}, compiled(f, dayNight()), s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.Trace)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		trace, err := DecodeTrace(b)
		if err != nil {
			return
		}
		trace.Explain()
		if string(trace.encode()) != string(b) {
			t.Fatal("a trace has two encodings")
		}
		if again, err := trace.Replay(); err == nil && string(again.Trace) != string(b) {
			t.Fatal("replays to other bytes")
		}
	})
}
