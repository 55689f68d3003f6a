package finding_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wattdue/meter"
	"wattdue/meter/finding"
)

// TestCompare looks at three or four sessions of a meter: 0 from 12:00 to 12:30, 1000 to 6000 Wh, pages T10 and T11; 1 from
// 13:00, 6000 to 11000 Wh, pages T12 and T13; and so on.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name     string
		sessions []finding.Session
		want     []string
	}{
		{"nothing", nil, []string{}},
		{"what fits together", sessions(4), []string{}},
		{"a session that did not come in", slices.Delete(sessions(4), 1, 2), []string{
			"page-gap c002 c000: pages T12 to T13", "advance-unexplained c002 c000: 5.000 kWh",
		}},
		{"the same values in another record", append(sessions(3), again(session(1), "x", "2/november/000001")), []string{
			"replay x c001: 2 of 2 signed values",
		}},
		{"the same values from another provider, at another EVSE", append(sessions(3), func() finding.Session {
			s := again(session(1), "x", "2/november/000001")
			s.EVSE = "DE*XYZ*E9"
			return s
		}()), []string{"replay x c001: 2 of 2 signed values"}},
		{"the begin of another session", append(sessions(3), func() finding.Session {
			s := session(3)
			s.Prints[0] = session(1).Prints[0]
			return s
		}()), []string{"replay c003 c001: 1 of 2 signed values"}},
		{"three times the same", append(sessions(2), again(session(1), "x", "2"), again(session(1), "y", "3")), []string{
			"replay x c001: 2 of 2 signed values", "replay y c001: 2 of 2 signed values",
		}},
		{"the page of another record", append(sessions(3), func() finding.Session {
			s := again(session(1), "x", "2")
			s.Prints = []meter.Print{{Digest: "new", Counter: "T", Page: 13, Rule: meter.PageNext}}
			return s
		}()), []string{"page-conflict x c001: page T13"}},
		{"the same page number of another counter", edit(sessions(2), 1, func(s *finding.Session) {
			s.Prints[0] = meter.Print{Digest: "f", Counter: "F", Page: 10, Rule: meter.PageNext}
		}), []string{"page-gap c001 c000: page T12"}},
		{"a meter that counted back", edit(sessions(3), 1, func(s *finding.Session) { s.Begin.Value, s.End.Value = 5_500_000, 11_000_000 }), []string{
			"counter-regression c001 c000: 5.500 kWh after 6.000 kWh",
		}},
		{"a reading far too high", edit(sessions(3), 1, func(s *finding.Session) { s.Begin.Value, s.End.Value = 90_000_000, 95_000_000 }), []string{
			"advance-unexplained c001 c000: 84.000 kWh", "counter-regression c002 c001: 11.000 kWh after 95.000 kWh",
		}},
		{"energy between two sessions whose pages follow each other", edit(sessions(2), 1, func(s *finding.Session) {
			s.Begin.Value, s.End.Value = 6_001_000, 11_001_000
		}), []string{"advance-unexplained c001 c000: 0.001 kWh"}},
		{"a session that begins during the one before", edit(sessions(2), 1, func(s *finding.Session) { s.Begin = reading(20, 6000) }), []string{
			"overlap c001 c000: 2026-10-01T12:20:00Z to 2026-10-01T13:30:00Z within 2026-10-01T12:00:00Z to 2026-10-01T12:30:00Z",
		}},
		{"a long session around two others, arrived last", edit(sessions(3), 0, func(s *finding.Session) {
			s.End.Time, s.Arrival = noon.AddDate(0, 0, 1), "2"
		}), []string{
			"overlap c000 c001: 2026-10-01T12:00:00Z to 2026-10-02T12:00:00Z within 2026-10-01T13:00:00Z to 2026-10-01T13:30:00Z",
		}},
		{"a clock set back by less than a minute", edit(sessions(2), 1, func(s *finding.Session) {
			s.Begin.Time = session(0).End.Time.Add(-clockStep)
		}), []string{}},
		{"an informative clock set back by an hour, but the pages are in order", edit(sessions(2), 1, func(s *finding.Session) {
			s.Begin = reading(0, 6000)
			s.Begin.Clock, s.End.Clock = "I", "I"
		}), []string{}},
		{"an informative clock and no pages", edit(silent(sessions(2)), 1, func(s *finding.Session) {
			s.Begin = reading(10, 6000)
			s.Begin.Clock, s.End.Clock = "I", "I"
		}), []string{
			"overlap c001 c000: 2026-10-01T12:10:00Z to 2026-10-01T13:30:00Z within 2026-10-01T12:00:00Z to 2026-10-01T12:30:00Z",
		}},
		{"pages of one session among those of another", edit(sessions(2), 0, func(s *finding.Session) { s.Prints[1].Page = 14 }), []string{
			"overlap c001 c000: page T12 after page T10",
		}},
		{"no pages, in the order of time", edit(silent(sessions(3)), 1, func(s *finding.Session) { s.Begin.Value = 5_000_000 }), []string{
			"counter-regression c001 c000: 5.000 kWh after 6.000 kWh",
		}},
		{"no pages and no clock: nothing can be said", edit(silent(sessions(3)), 1, func(s *finding.Session) {
			s.Begin.Clock, s.End.Clock, s.Begin.Value, s.End.Value = "U", "U", 0, 0
		}), []string{"advance-unexplained c002 c000: 5.000 kWh"}},
		{"pages that only rise", edit(edit(slices.Delete(sessions(3), 1, 2), 0, rising), 1, rising), []string{"advance-unexplained c002 c000: 5.000 kWh"}},
		{"registers that begin at zero", restarting("1-0:1.8.0*198", "OCMF"), []string{}},
		{"registers of the transaction", restarting("01-00:B3.08.00*FF", "OCMF"), []string{}},
		{"energy of the session", restarting("1-0:1.8.0*255", "PCDF"), []string{}},
		{"a lifetime register that begins at zero again", restarting("01-00:98.08.00*FF", "OCMF"), []string{
			"counter-regression c001 c000: 0.000 kWh after 5.000 kWh", "counter-regression c002 c001: 0.000 kWh after 5.000 kWh",
		}},
		{"another register", edit(sessions(2), 1, func(s *finding.Session) { s.Register, s.Begin.Value, s.End.Value = "1-0:1.8.1", 0, 5_000_000 }), []string{}},
		{"another meter", edit(sessions(2), 1, func(s *finding.Session) { s.MeterID, s.KeyHash, s.Firmware = "1EMH0002", "k2", "9" }), []string{
			`meter-changed c001 c000: "1EMH0001" to "1EMH0002"`,
		}},
		{"another key", edit(sessions(2), 1, func(s *finding.Session) { s.KeyHash, s.Firmware = "k2", "9" }), []string{"key-changed c001 c000: k1 to k2"}},
		{"another firmware", edit(sessions(2), 1, func(s *finding.Session) { s.Firmware = "1.1" }), []string{`firmware-changed c001 c000: "1.0" to "1.1"`}},
		{"one that states no firmware", edit(sessions(3), 1, func(s *finding.Session) { s.Firmware = "" }), []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, briefs(finding.Compare(nil, c.sessions).Findings)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

const clockStep = 60_000_000_000 // a minute

func rising(s *finding.Session) {
	for i := range s.Prints {
		s.Prints[i].Rule = meter.PageRising
	}
}

// restarting are sessions of a register that counts each of them from zero.
func restarting(register, format string) []finding.Session {
	list := sessions(3)
	for i := range list {
		list[i].Register, list[i].Format, list[i].Begin.Value, list[i].End.Value = register, format, 0, 5_000_000
	}
	return list
}

// TestPower: 11 kW for half an hour are 5500 Wh, with a tenth more 6050 Wh, with two seconds more 6056.7 Wh, and a hundredth
// of a kWh of a coarse register makes 6066.7 Wh.
func TestPower(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*finding.Session)
		want []string
	}{
		{"just possible", func(s *finding.Session) { s.End.Value = s.Begin.Value + 6_066_000 }, []string{}},
		{"just not", func(s *finding.Session) { s.End.Value = s.Begin.Value + 6_067_000 }, []string{"power-above-limit c000: 6.067 kWh in 30m0s at 11000 W"}},
		{"limit not known", func(s *finding.Session) { s.End.Value, s.Watts = s.Begin.Value+90_000_000, 0 }, []string{}},
		{"the times prove no duration", func(s *finding.Session) { s.End.Value, s.DurationUsable = s.Begin.Value+90_000_000, false }, []string{}},
		{"energy in no time", func(s *finding.Session) { s.End.Time = s.Begin.Time }, []string{"power-above-limit c000: 5.000 kWh in 0s at 11000 W"}},
		{"one step of a register in no time", func(s *finding.Session) { s.End.Time, s.End.Value = s.Begin.Time, s.Begin.Value+10_000 }, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, briefs(finding.Compare(nil, edit(sessions(1), 0, c.edit)).Findings)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestWhoWasThereFirst: what was let pass counts as first, and what is not fresh is never held.
func TestWhoWasThereFirst(t *testing.T) {
	early, late := session(1), again(session(1), "late", "9")
	passed := late
	passed.Settled = true
	for _, c := range []struct {
		name           string
		history, fresh []finding.Session
		want           []string
	}{
		{"both fresh", nil, []finding.Session{late, early}, []string{"replay late c001: 2 of 2 signed values"}},
		{"the earlier is known", []finding.Session{early}, []finding.Session{late}, []string{"replay late c001: 2 of 2 signed values"}},
		{"the later waits elsewhere", []finding.Session{late}, []finding.Session{early}, []string{}},
		{"the later was let pass", []finding.Session{passed}, []finding.Session{early}, []string{"replay c001 late: 2 of 2 signed values"}},
		{"both are known", []finding.Session{early, passed}, nil, []string{}},
		{"known and fresh at once is fresh", []finding.Session{early, late}, []finding.Session{late}, []string{"replay late c001: 2 of 2 signed values"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, briefs(finding.Compare(c.history, c.fresh).Findings)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestLateSessionClosesTheGap: what was missing comes in with a later file.
func TestLateSessionClosesTheGap(t *testing.T) {
	r := finding.Compare([]finding.Session{session(0), session(2)}, []finding.Session{session(1)})
	var want []finding.Closed
	for _, code := range []finding.Code{finding.PageGap, finding.AdvanceUnexplained, finding.MeterChanged, finding.KeyChanged, finding.FirmwareChanged} {
		want = append(want, finding.Closed{Code: code, Charge: "c002", Other: "c000"})
	}
	if d := cmp.Diff(want, r.Closed); d != "" || len(r.Findings) > 0 {
		t.Errorf("findings %v, closed (-want +got)\n%s", briefs(r.Findings), d)
	}
}

// TestClosedByWhatIsComparedElsewhere: session 2 is as new as session 1, and in the hands of another worker.
func TestClosedByWhatIsComparedElsewhere(t *testing.T) {
	elsewhere := session(2)
	elsewhere.Waiting = true
	r := finding.Compare([]finding.Session{session(0), elsewhere, session(3)}, []finding.Session{session(1)})
	if len(r.Findings) > 0 || len(r.Closed) != 5 || r.Closed[0] != (finding.Closed{Code: finding.PageGap, Charge: "c003", Other: "c000"}) {
		t.Errorf("findings %v, closed %v; want what was found about c003 after c000 to be closed", briefs(r.Findings), r.Closed)
	}
}

func TestSessionOf(t *testing.T) {
	proven := meter.Verdict{Word: meter.Valid, Signature: meter.SignatureValid, KeyHash: "k", MeterID: "m", Prints: []meter.Print{{Digest: "d"}}}
	for _, c := range []struct {
		name string
		edit func(*meter.Verdict)
		want bool
	}{
		{"valid", func(*meter.Verdict) {}, true},
		{"proven, though nobody may bill it", func(v *meter.Verdict) { v.Word = meter.NotBillable }, true},
		{"proven, though the record says otherwise", func(v *meter.Verdict) { v.Word = meter.DisagreesOutside }, true},
		{"with a key nobody knows", func(v *meter.Verdict) { v.Word = meter.KeyMissing }, false},
		{"with a wrong key", func(v *meter.Verdict) { v.Word = meter.KeyMalformed }, false},
		{"forged in part", func(v *meter.Verdict) { v.Signature = meter.SignatureMixed }, false},
		{"sealed only", func(v *meter.Verdict) { v.Prints = nil }, false},
	} {
		v := proven
		c.edit(&v)
		if s, ok := finding.SessionOf(v); ok != c.want || ok && (s.MeterID != "m" || s.KeyHash != "k") {
			t.Errorf("%s: %v, want %v", c.name, ok, c.want)
		}
	}
}

// TestLoneReadingIsCompared: a session without an end shows what the meter stood at on its page.
func TestLoneReadingIsCompared(t *testing.T) {
	lone := meter.Verdict{
		Word: meter.NotBillable, Signature: meter.SignatureValid, Session: meter.SessionIncomplete, KeyHash: "k1", MeterID: "1EMH0001",
		Format: "OCMF", Register: "1-b:1.8.0", Lone: reading(45, 5_900), Prints: []meter.Print{{Digest: "lone", Counter: "T", Page: 12, Rule: meter.PageNext}},
	}
	s, ok := finding.SessionOf(lone)
	if !ok {
		t.Fatal("a lone reading proves nothing")
	}
	s.Charge, s.Arrival = "lone", "2"
	want := []string{"counter-regression lone c000: 5.900 kWh after 6.000 kWh"}
	if d := cmp.Diff(want, briefs(finding.Compare(sessions(1), []finding.Session{s}).Findings)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestRules(t *testing.T) {
	holding := []finding.Code{finding.Replay, finding.PageConflict, finding.Overlap, finding.CounterRegression, finding.PowerAboveLimit}
	for _, r := range finding.Rules() {
		if r.Text == "" || r.Holds != slices.Contains(holding, r.Code) {
			t.Errorf("%s: holds %v, text %q", r.Code, r.Holds, r.Text)
		}
		if again, ok := finding.RuleOf(r.Code); !ok || again != r {
			t.Errorf("%s is not found", r.Code)
		}
	}
	if _, ok := finding.RuleOf("weather"); ok || len(finding.Rules()) != 10 {
		t.Errorf("%d rules", len(finding.Rules()))
	}
}
