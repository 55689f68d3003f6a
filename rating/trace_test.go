package rating

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"time"
)

// checkReplay decodes the trace of a price and demands that it gives the same price again, to the byte.
func checkReplay(t interface {
	Helper()
	Fatalf(string, ...any)
}, want Rated,
) Trace {
	t.Helper()
	trace, err := DecodeTrace(want.Trace)
	if err != nil {
		t.Fatalf("decode trace %x: %v", want.Trace, err)
	}
	got, err := trace.Replay()
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("replay gives %+v, want %+v", got, want)
	}
	return trace
}

func example(t testing.TB) Rated {
	t.Helper()
	c := compiled(t, tariffOf(
		Row{ID: "base", Prices: map[Component]Price{Energy: at(59 * cent), Idle: {Unit: 20 * cent, VATCode: "penalty", FreeTime: 15 * time.Minute}}},
		Row{ID: "staff", Groups: []string{"staff"}, Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(391_000)}},
		Row{ID: "fleet", Groups: []string{"fleet"}, Prices: map[Component]Price{PerUse: at(50 * cent)}},
	))
	r, err := Rate(Contract{No: "C", Groups: []string{"staff"}}, c, session(31_420_000, 2*time.Hour, 40*time.Minute+7*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestExplain(t *testing.T) {
	trace, err := DecodeTrace(example(t).Trace)
	if err != nil {
		t.Fatal(err)
	}
	want := `Tariff CITY version 3, prices gross in EUR. Session from 2026-10-14T12:00:00Z: 31.420 kWh in 2 h, 40 min 7 s of it idle.
energy_kwh: 31.420 kWh x 0.391 per kWh = 12.28522, rounded 12.29 EUR (row staff for group staff, location L1, VAT code standard).
energy_kwh: row base matches too, but is less specific.
charge_min: 1 h 19 min 53 s, free: the tariff has no price for it.
idle_min: 40 min 7 s less 15 min free = 25 min 7 s x 0.20 per min = 5.023333..., rounded 5.02 EUR (row base for every session, VAT code penalty).
session: 1, without a price.
session: row fleet has a price, but for other groups or locations.
NO_PRICE: no row of the tariff prices what was used.
Total of what could be priced: 17.31 EUR. The session is held and not billed.`
	if got := strings.Join(trace.Explain(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExplainOtherOutcomes(t *testing.T) {
	rows := []Row{
		{ID: "base", Prices: map[Component]Price{Energy: at(59 * cent), Idle: at(cent)}},
		{ID: "promo", Priority: 1, Prices: map[Component]Price{Energy: at(0)}},
	}
	unproven := session(kWh, 20*time.Second+time.Hour, time.Minute)
	unproven.DurationUsable = false
	cases := []struct {
		name string
		s    Session
		want []string
	}{
		{"unproven", unproven, []string{
			"Tariff CITY version 3, prices gross in EUR. Session from 2026-10-14T12:00:00Z: 1.000 kWh in 1 h 20 s, 1 min of it idle.",
			"energy_kwh: 1.000 kWh x 0.00 per kWh = 0.00, rounded 0.00 EUR (row promo for every session, VAT code standard).",
			"energy_kwh: row base matches too, but has a lower priority.",
			"charge_min: 59 min 20 s, free: the tariff has no price for it.",
			"idle_min: 1 min, not billed.",
			"session: 1, free: the tariff has no price for it.",
			"TIME_NOT_BILLABLE: minutes are not billed because the durations of the session are not proven.",
			"Total: 0.00 EUR.",
		}},
		{"zero", session(1, time.Second, 0), []string{
			"Tariff CITY version 3, prices gross in EUR. Session from 2026-10-14T12:00:00Z: 0.000001 kWh in 1 s, 0 s of it idle.",
			"ZERO_SESSION: below the smallest energy and time that is charged.",
			"Total: 0.00 EUR.",
		}},
		{"backwards", session(0, -90*time.Second, 0), []string{
			"Tariff CITY version 3, prices gross in EUR. Session from 2026-10-14T12:00:00Z: 0.000 kWh in -90 s, 0 s of it idle.",
			"NEGATIVE: energy, idle time or duration is below zero.",
			"Total of what could be priced: 0.00 EUR. The session is held and not billed.",
		}},
	}
	for _, c := range cases {
		r, err := Rate(Contract{}, compiled(t, tariffOf(rows...)), c.s)
		if err != nil {
			t.Fatal(err)
		}
		if got := checkReplay(t, r).Explain(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// A trace written out by hand from the description in tracebytes.go, so that stored traces stay readable.
func TestTraceBytes(t *testing.T) {
	c := compiled(t, tariffOf(Row{ID: "r", Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(49 * cent)}}))
	got, err := Rate(Contract{}, c, session(1*kWh, time.Minute, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"01",                     // format
		"01",                     // rules
		"00 04 43495459",         // text 0: CITY
		"06",                     // version 3, zigzag
		"01 03 455552",           // text 1: EUR
		"01",                     // gross
		"80bbfbac0d",             // 2026-10-14T12:00:00Z is 1791979200, zigzag 3583958400
		"80897a",                 // 1,000,000 micro-kWh, zigzag 2,000,000
		"78",                     // 60 s
		"00",                     // no idle time
		"02",                     // proven
		"00",                     // no flags
		"03",                     // three steps
		"01 01",                  // energy, priced
		"a0e83b",                 // 490,000, zigzag 980,000
		"00",                     // no free time
		"02 08 7374616e64617264", // text 2: standard
		"03 01 72",               // text 3: r
		"02",                     // matched by location
		"04 02 4c31",             // text 4: L1
		"8090de87d98002",         // 0.49 are 4,410,000,000,000, zigzag 8,820,000,000,000
		"62",                     // 49 cents
		"00",                     // no row rejected
		"02 04 00",               // charging, free of charge; no row rejected
		"04 04 00",               // session fee, free of charge
	}, "")
	b, err := hex.DecodeString(strings.ReplaceAll(want, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Trace, b) {
		t.Errorf("got  %x\nwant %x", got.Trace, b)
	}
}

func TestDecodeTraceRefuses(t *testing.T) {
	good := example(t).Trace
	for n := range good {
		if _, err := DecodeTrace(good[:n]); err == nil {
			t.Errorf("the first %d bytes of %d were read", n, len(good))
		}
	}
	if _, err := DecodeTrace(append(bytes.Clone(good), 0)); err == nil {
		t.Error("a byte too many was read")
	}
	other := bytes.Clone(good)
	other[0] = 2
	if _, err := DecodeTrace(other); err == nil || !strings.Contains(err.Error(), "format version 2") {
		t.Errorf("another format: %v", err)
	}
	// The same version number written longer: 0x86 0x00 for 0x06.
	at := bytes.Index(good, []byte("CITY")) + 4
	longer := append(append(bytes.Clone(good[:at]), good[at]|0x80, 0), good[at+1:]...)
	if _, err := DecodeTrace(longer); err == nil {
		t.Error("a number that is longer than needed was read")
	}
}

// No row gives negative free time: it would lengthen what is billed.
func TestDecodeTraceRefusesNegativeFreeTime(t *testing.T) {
	trace := checkReplay(t, example(t))
	trace.Steps[2].FreeTime = -60
	if _, err := DecodeTrace(trace.encode(nil, trace.Steps)); err == nil {
		t.Error("it was read")
	}
}

func TestDecodeTraceRefusesStepsOutOfPlace(t *testing.T) {
	trace := checkReplay(t, example(t))
	one, two := trace.Steps[0], trace.Steps[1]
	for name, steps := range map[string][]Step{"in the wrong order": {two, one}, "twice": {one, one}} {
		if _, err := DecodeTrace(trace.encode(nil, steps)); err == nil {
			t.Errorf("steps %s were read", name)
		}
	}
	if _, err := DecodeTrace(trace.encode(nil, []Step{one, two})); err != nil {
		t.Errorf("in their order they are not: %v", err)
	}
}

// Whatever single byte is changed, the trace is refused, or its amounts no longer follow from its inputs, or it says
// something else that shows. None replays as the price it was.
func TestTamperedTrace(t *testing.T) {
	want := example(t)
	original := checkReplay(t, want)
	for at := range want.Trace {
		for _, flip := range []byte{0x01, 0x02, 0x80} {
			b := bytes.Clone(want.Trace)
			b[at] ^= flip
			trace, err := DecodeTrace(b)
			if err != nil {
				continue
			}
			got, err := trace.Replay()
			if err != nil {
				continue
			}
			if reflect.DeepEqual(got, want) || reflect.DeepEqual(trace, original) {
				t.Errorf("byte %d changed by %x is not noticed", at, flip)
			}
		}
	}
}

func TestReplayFindsAWrongCent(t *testing.T) {
	trace, err := DecodeTrace(example(t).Trace)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Trace){
		"amount":   func(t *Trace) { t.Steps[0].Amount++ },
		"exact":    func(t *Trace) { t.Steps[0].Exact-- },
		"price":    func(t *Trace) { t.Steps[0].Unit++ },
		"free":     func(t *Trace) { t.Steps[2].FreeTime += 60 },
		"energy":   func(t *Trace) { t.Energy-- },
		"idle":     func(t *Trace) { t.Idle-- },
		"currency": func(t *Trace) { t.Currency = "JPY" },
		"rules":    func(t *Trace) { t.Rules++ },
		"held":     func(t *Trace) { t.Held = false },
		"flag":     func(t *Trace) { t.flags = 0 },
		"outcome":  func(t *Trace) { t.Steps[3].Outcome = FreeOfCharge },
		"order":    func(t *Trace) { t.Steps[0], t.Steps[2] = t.Steps[2], t.Steps[0] },
		"unknown":  func(t *Trace) { t.Steps[1].Component = "x" },
	} {
		wrong := trace
		wrong.Steps = append([]Step{}, trace.Steps...)
		change(&wrong)
		if _, err := wrong.Replay(); err == nil {
			t.Errorf("a changed %s replays", name)
		}
	}
	if _, err := trace.Replay(); err != nil {
		t.Errorf("the trace itself does not: %v", err)
	}
}

func TestTraceIsCompact(t *testing.T) {
	if n := len(example(t).Trace); n > 140 {
		t.Errorf("a trace of four components takes %d bytes", n)
	}
}

func FuzzDecodeTrace(f *testing.F) {
	f.Add(example(f).Trace)
	f.Add([]byte{traceFormat})
	f.Fuzz(func(t *testing.T, b []byte) {
		trace, err := DecodeTrace(b)
		if err != nil {
			return
		}
		if again := trace.encode(nil, trace.Steps); !bytes.Equal(again, b) {
			t.Errorf("%x is written back as %x", b, again)
		}
		_ = trace.Explain()
		if r, err := trace.Replay(); err == nil && !bytes.Equal(r.Trace, b) {
			t.Errorf("%x replays as %x", b, r.Trace)
		}
	})
}
