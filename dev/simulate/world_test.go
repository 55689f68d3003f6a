package simulate

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
)

// generate builds a world or ends the test.
func generate(t *testing.T, o Options) *World {
	t.Helper()
	w, err := Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// small is a month big enough for every edge case and fault, and quick to sign.
var small = Options{Seed: 7, Customers: 40, Sessions: 300, EVSEs: 20}

// fingerprint hashes every byte the world writes.
func fingerprint(t *testing.T, w *World) string {
	t.Helper()
	h := sha256.New()
	for _, f := range w.Files {
		fmt.Fprintln(h, f.Name)
		if err := w.WriteFile(h, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteTruth(h); err != nil {
		t.Fatal(err)
	}
	for _, m := range w.Mandates {
		fmt.Fprintln(h, m)
	}
	for _, p := range w.Parties {
		fmt.Fprintln(h, p)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestTheSeedDecidesEveryByte(t *testing.T) {
	first := fingerprint(t, generate(t, small))
	if again := fingerprint(t, generate(t, small)); again != first {
		t.Errorf("same seed, other bytes: %s and %s", first, again)
	}
	other := small
	other.Seed++
	if fingerprint(t, generate(t, other)) == first {
		t.Error("another seed gave the same bytes")
	}
}

func TestDefaultsAreTheDemoMonth(t *testing.T) {
	started := time.Now()
	w := generate(t, Options{Seed: 1})
	var inbox, truth bytes.Buffer
	for _, f := range w.Files {
		if err := w.WriteFile(&inbox, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteTruth(&truth); err != nil {
		t.Fatal(err)
	}
	// It needs a quarter of a second; the demo waits for it.
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("the default month took %s", took)
	}
	if len(w.Parties) != 300 || len(w.Sessions) != 3000 || len(w.EVSEs) != 40 {
		t.Errorf("parties, sessions, charge points: %d, %d, %d, want 300, 3000, 40", len(w.Parties), len(w.Sessions), len(w.EVSEs))
	}
	if w.Options.Month.String() != "2026-10" {
		t.Errorf("month %s, want 2026-10", w.Options.Month)
	}
	// 2 % of 3000 are 60: eight of each kind, and one more for the first four. A twentieth, three, are contradictions of
	// each kind.
	count := map[Fault]int{}
	for _, s := range w.Sessions {
		count[s.Fault]++
	}
	want := map[Fault]int{NoPrice: 9, Tampered: 9, UnknownKey: 9, UnknownToken: 9, Duplicate: 8, ChangedDuplicate: 8, BrokenJSON: 8, None: 2919}
	for _, kind := range []Fault{Replay, ReplayHub, ReplayContainer, PageConflict, CounterRegression, Overlap, PowerAboveLimit} {
		want[kind] = 3
	}
	for kind, n := range want {
		if count[kind] != n {
			t.Errorf("fault %q: %d sessions, want %d", kind, count[kind], n)
		}
	}
	// A header, a row per session and a second row for each of the 16 + 9 reported twice.
	if rows := strings.Count(truth.String(), "\n"); rows != 1+3000+25 {
		t.Errorf("truth has %d lines, want 3026", rows)
	}
}

// TestSessionsLieInTheMonthAndNeverOverlap where nothing is planted.
func TestSessionsLieInTheMonthAndNeverOverlap(t *testing.T) {
	for _, month := range []string{"2026-10", "2027-03", "2028-02", "2026-12"} {
		o := small
		o.Faults = -1
		o.Month, _ = calendar.ParsePeriod(month)
		w := generate(t, o)
		last := map[string]*Session{}
		for i := range w.Sessions {
			s := &w.Sessions[i]
			if day := calendar.DateOf(s.Start, w.zone); !o.Month.Contains(day) {
				t.Errorf("%s: session %d starts on %s", month, s.Number, day)
			}
			if !s.Start.Before(s.ChargeEnd) || s.End.Before(s.ChargeEnd) || s.Charging()%grain != 0 || s.Idle()%grain != 0 {
				t.Errorf("%s: session %d: charging %s, idle %s", month, s.Number, s.Charging(), s.Idle())
			}
			e := w.evse(s)
			if limit := int64(s.Charging()/time.Second) * e.MaxWatts / 3600; s.wh < 1 || s.wh > limit {
				t.Errorf("%s: session %d: %d Wh, the charge point can do %d", month, s.Number, s.wh, limit)
			}
			before := last[e.ID]
			last[e.ID] = s
			if before == nil {
				continue
			}
			if s.Start.Before(before.End.Add(breather)) {
				t.Errorf("%s: sessions %d and %d overlap at %s", month, before.Number, s.Number, e.ID)
			}
			if s.Begin != before.Final {
				t.Errorf("%s: session %d begins at %s, the one before ended at %s", month, s.Number, s.Begin.KWh(), before.Final.KWh())
			}
			if step := s.Page - before.Page; step != 2 && !(step == 1 && e.make.format == "OCMF" && !before.Pair) {
				t.Errorf("%s: session %d: page %d after %d", month, s.Number, s.Page, before.Page)
			}
		}
	}
}

func TestTheMonthHasItsEdges(t *testing.T) {
	w := generate(t, small)
	change := time.Date(2026, time.October, 25, 1, 0, 0, 0, time.UTC) // 03:00 CEST becomes 02:00 CET
	var first, second, over, repeated, nextMonth, zero int
	for i := range w.Sessions {
		s := &w.Sessions[i]
		local := s.Start.In(w.zone).Format("2006-01-02 15:04:05 MST")
		switch local {
		case "2026-10-01 00:00:00 CEST":
			first++
		case "2026-10-31 23:59:59 CET":
			second++
		case "2026-10-25 02:30:00 CET":
			repeated++
		}
		if s.Start.Before(change) && s.End.After(change) {
			over++
		}
		if s.End.In(w.zone).Month() == time.November {
			nextMonth++
		}
		if s.isZero() {
			zero++
		}
	}
	if first != 1 || second != 1 || repeated != 1 {
		t.Errorf("first second, last second, repeated hour: %d, %d, %d sessions, want one each", first, second, repeated)
	}
	if over < 3 || nextMonth < 2 || zero < 5 {
		t.Errorf("over the clock change %d, into November %d, zero %d; want at least 3, 2, 5", over, nextMonth, zero)
	}
}

func TestCustomersAreWhatABillingRunNeeds(t *testing.T) {
	w := generate(t, Options{Seed: 3, Customers: 300, Sessions: -1})
	debit, groups, companies, long := 0, map[string]int{}, 0, 0
	mandates := map[string]bool{}
	for _, m := range w.Mandates {
		mandates[m.ContractNo] = true
		if !m.SignedOn.Before(w.Options.Month.First) {
			t.Errorf("mandate %s signed on %s", m.Reference, m.SignedOn)
		}
	}
	for _, c := range w.Contracts {
		groups[c.Groups[0]]++
		if (c.Payment == "direct_debit") != mandates[c.No] {
			t.Errorf("contract %s pays by %s, mandate: %v", c.No, c.Payment, mandates[c.No])
		}
		if mandates[c.No] {
			debit++
		}
		if !c.ActiveAt(w.Options.Month.First.Start(w.zone)) {
			t.Errorf("contract %s is not active on the first of the month", c.No)
		}
	}
	for _, p := range w.Parties {
		domain := p.Email[strings.Index(p.Email, "@")+1:]
		if !strings.HasPrefix(domain, "example.") && !strings.HasSuffix(domain, ".example") {
			t.Errorf("customer %s has a mail domain that could exist", p.No)
		}
		if p.Company {
			companies++
		}
		if len([]rune(p.Name)) > 70 {
			long++
		}
	}
	if len(w.Contracts) != 315 {
		t.Errorf("%d contracts, want 300 and a second one for each 20th customer", len(w.Contracts))
	}
	if debit < 195 || debit > 245 {
		t.Errorf("%d of 315 pay by direct debit, want about 70 %%", debit)
	}
	if groups[Public] < 200 || groups[Gold] < 25 || groups[Employee] < 15 || companies < 20 || long < 1 {
		t.Errorf("groups %v, companies %d, long names %d", groups, companies, long)
	}
}

func TestOptionsAreRefusedInOneSentence(t *testing.T) {
	cases := []struct {
		o    Options
		want string
	}{
		{Options{Customers: -1}, "simulate -1 customers: want at least 1"},
		{Options{EVSEs: -5}, "simulate -5 charge points: want at least 1"},
		{Options{Faults: 501}, "simulate 501 faults per thousand: want at most 500"},
		{Options{Sessions: 100_000, EVSEs: 1}, "simulate 100000 sessions at 1 charge points in 2026-10: no room after"},
	}
	for _, c := range cases {
		if _, err := Generate(c.o); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
	}
}

func TestTinyWorldsWork(t *testing.T) {
	for _, o := range []Options{
		{Seed: 1, Customers: 1, Sessions: 1, EVSEs: 1},
		{Seed: 1, Customers: 1, Sessions: 30, EVSEs: 3},
		{Seed: 1, Customers: 2, Sessions: 200, EVSEs: 2},
		{Seed: 1, Customers: 5, Sessions: 70, EVSEs: 4, Month: calendar.Period{First: calendar.NewDate(2026, 10, 25), Next: calendar.NewDate(2026, 10, 26)}},
	} {
		w := generate(t, o)
		if len(w.Sessions) != o.Sessions {
			t.Errorf("%+v: %d sessions", o, len(w.Sessions))
		}
		if err := w.WriteTruth(&bytes.Buffer{}); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
