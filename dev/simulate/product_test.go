package simulate

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/meter"
	"wattdue/meter/finding"
	"wattdue/rating"
)

// profile is the strict way to judge: not a watt-hour and not a second of tolerance.
var profile = meter.Profile{Name: "strict", MatchUser: true}

// TestTheProductFindsTheTruth runs every file through reader, check, customer directory, comparison and rating, and
// compares what comes out with the truth, record by record, finding by finding and line by line. The product and the walks
// share no arithmetic.
func TestTheProductFindsTheTruth(t *testing.T) {
	for seed, month := range []string{"2026-10", "2027-03"} { // both clock changes
		o := Options{Seed: uint64(seed), Customers: 60, Sessions: 600, EVSEs: 20, Faults: 100}
		o.Month, _ = calendar.ParsePeriod(month)
		t.Run(month, func(t *testing.T) { findTruth(t, generate(t, o)) })
	}
}

// TestTheProductFindsTheTruthInAnyMonth does the same with fleets of other sizes and other seeds.
func TestTheProductFindsTheTruthInAnyMonth(t *testing.T) {
	for seed := range uint64(8) {
		o := Options{Seed: 100 + seed, Customers: 20, Sessions: 250, EVSEs: 6 + int(seed)*6, Faults: 40 + int(seed)*20}
		t.Run(fmt.Sprintf("seed %d", o.Seed), func(t *testing.T) { findTruth(t, generate(t, o)) })
	}
}

func findTruth(t *testing.T, w *World) {
	t.Helper()
	truth, err := w.Truth()
	if err != nil {
		t.Fatal(err)
	}
	pipeline := newPipeline(t, w)
	seen := map[cdr.Key][]byte{}
	var results []result
	for _, f := range w.Files {
		var b bytes.Buffer
		if err := w.WriteFile(&b, f); err != nil {
			t.Fatal(err)
		}
		before := len(results)
		for r, err := range cdr.ReadOCPI221(&b) {
			if len(results) == len(truth) || truth[len(results)].File != f.Name {
				t.Fatalf("%s: more records than the truth has: %v", f.Name, err)
			}
			if err == nil {
				compareRecord(t, r, truth[len(results)])
			}
			results = append(results, pipeline.outcome(t, r, err, seen))
		}
		if len(results)-before != len(f.Records) {
			t.Errorf("%s: read %d records, want %d", f.Name, len(results)-before, len(f.Records))
		}
	}
	compareSessions(results)
	for i, x := range truth {
		got := results[i]
		if got.outcome != x.Outcome || !strings.HasPrefix(got.reason, x.Reason) {
			t.Errorf("%s: record %d: %s %q, want %s %q", x.File, x.Ordinal, got.outcome, got.reason, x.Outcome, x.Reason)
		}
		if d := cmp.Diff(found(x), got.found); d != "" {
			t.Errorf("%s: findings (-truth +product)\n%s", x.Key, d)
		}
		if x.Outcome == Billed {
			compareCost(t, got.rated, x)
		}
	}
}

// found lists the findings of the truth about a record.
func found(x Expectation) []string {
	var list []string
	for _, f := range x.Findings {
		list = append(list, f.String())
	}
	slices.Sort(list)
	return list
}

// compareSessions compares the sessions that are proven and enters what is found. Those without payer are held before and
// only stand beside the others.
func compareSessions(results []result) {
	var history, fresh []finding.Session
	at := map[string]*result{}
	for i := range results {
		r := &results[i]
		switch {
		case r.proven == nil:
			continue
		case r.reason == string(customer.TokenUnknown):
			history = append(history, *r.proven)
		default:
			fresh = append(fresh, *r.proven)
		}
		at[r.proven.Charge] = r
	}
	for _, f := range finding.Compare(history, fresh).Findings {
		r, text := at[f.Charge], string(f.Code)
		if f.Other != "" {
			text += "=" + f.Other
		}
		if f.Holds && len(r.found) == 0 { // the gravest comes first
			r.outcome, r.reason = Held, string(f.Code)
		}
		r.found = append(r.found, text)
	}
	for i := range results {
		slices.Sort(results[i].found)
	}
}

// pipeline is the pure part of intake.
type pipeline struct {
	world     *World
	directory *customer.Directory
	compiled  []*rating.Compiled
}

func newPipeline(t *testing.T, w *World) pipeline {
	t.Helper()
	d, err := customer.NewDirectory(w.Contracts, w.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	p := pipeline{world: w, directory: d}
	for _, tariff := range w.Tariffs {
		c, err := rating.Compile(tariff)
		if err != nil {
			t.Fatal(err)
		}
		p.compiled = append(p.compiled, c)
	}
	return p
}

type result struct {
	outcome Outcome
	reason  string
	rated   rating.Rated
	proven  *finding.Session
	found   []string
}

// outcome says what becomes of a record.
func (p pipeline) outcome(t *testing.T, r cdr.Record, err error, seen map[cdr.Key][]byte) result {
	t.Helper()
	var reject *cdr.Reject
	if errors.As(err, &reject) {
		return result{outcome: Rejected, reason: reject.Code}
	}
	if err != nil {
		t.Fatal(err)
	}
	if raw, again := seen[r.Key()]; again {
		if bytes.Equal(raw, r.Origin.Raw) {
			return result{outcome: Duplicated, reason: "duplicate"}
		}
		return result{outcome: Conflict, reason: "conflict"}
	}
	seen[r.Key()] = bytes.Clone(r.Origin.Raw)
	verdict := meter.Check(r, p.world, profile)
	if !verdict.Billable() {
		return result{outcome: Held, reason: string(verdict.Word)}
	}
	for _, reason := range verdict.Reasons {
		if reason.Code == "clock-informative" {
			continue // some makes count the seconds of a session and do not vouch for the time of day
		}
		t.Errorf("%s: notice %s %s", r.Key(), reason.Code, reason.Value)
	}
	proven := p.proven(t, r, verdict, len(seen))
	c, err := p.directory.ContractFor(r.Token.UID, r.Token.ContractID, r.Start)
	var refusal *customer.Refusal
	if errors.As(err, &refusal) {
		return result{outcome: Held, reason: string(refusal.Code), proven: proven}
	}
	got := p.rate(t, r, verdict, c)
	got.proven = proven
	return got
}

// proven is what a verdict proves of the session of a record that came in as the nth.
func (p pipeline) proven(t *testing.T, r cdr.Record, v meter.Verdict, n int) *finding.Session {
	t.Helper()
	s, ok := finding.SessionOf(v)
	if !ok {
		t.Fatalf("%s is billable and proves nothing", r.Key())
	}
	s.Charge, s.Arrival, s.EVSE = r.Key().String(), fmt.Sprintf("%06d", n), r.Location.EVSEID
	for _, e := range p.world.EVSEs {
		if e.ID == s.EVSE {
			s.Watts = e.MaxWatts
		}
	}
	return &s
}

func (p pipeline) rate(t *testing.T, r cdr.Record, verdict meter.Verdict, c customer.Contract) result {
	t.Helper()
	version := 0
	for i, tariff := range p.world.Tariffs {
		if !r.Start.Before(tariff.ValidFrom) {
			version = i
		}
	}
	rated, err := rating.Rate(rating.Contract{No: c.No, Groups: c.Groups}, p.compiled[version], rating.Session{
		ID: r.Key().String(), Start: r.Start, End: r.End, Energy: verdict.Energy, Idle: r.Parking,
		Location: r.Location.ID, EVSEID: r.Location.EVSEID, DurationUsable: verdict.DurationUsable,
	})
	if err != nil {
		t.Fatal(err)
	}
	flag := ""
	if len(rated.Flags) > 0 {
		flag = string(rated.Flags[0])
	}
	switch {
	case rated.Held:
		return result{outcome: Held, reason: flag, rated: rated}
	case len(rated.Lines) == 0:
		return result{outcome: Free, reason: flag, rated: rated}
	}
	return result{outcome: Billed, reason: flag, rated: rated}
}

// compareRecord compares what the reader made of the record with what happened.
func compareRecord(t *testing.T, r cdr.Record, x Expectation) {
	t.Helper()
	if r.Key() != (cdr.Key{Country: x.Key.Country, Party: x.Key.Party, ID: x.Key.ID}) || r.Origin.Ordinal != x.Ordinal {
		t.Errorf("read %s as record %d, want %s as %d", r.Key(), r.Origin.Ordinal, x.Key, x.Ordinal)
	}
	if !r.Start.Equal(x.Start) || !r.End.Equal(x.End) || r.Energy != x.Energy || r.Parking != x.Idle || r.Duration != x.Charging+x.Idle {
		t.Errorf("%s: read %s to %s, %s kWh, idle %s of %s", r.Key(), r.Start, r.End, r.Energy.KWh(), r.Parking, r.Duration)
	}
	var energy cdr.MicroKWh
	var charging, idle time.Duration
	for _, p := range r.Periods {
		energy, charging, idle = energy+p.Energy, charging+p.Charging, idle+p.Parking
	}
	if energy != x.Energy || charging != x.Charging || idle != x.Idle {
		t.Errorf("%s: periods add up to %s kWh, %s, %s", r.Key(), energy.KWh(), charging, idle)
	}
	if r.Location.EVSEID != x.EVSEID || r.Location.ID != x.LocationID {
		t.Errorf("%s: at %s, %s", r.Key(), r.Location.EVSEID, r.Location.ID)
	}
}

// compareCost compares by component. Minutes that are free altogether may go without a line.
func compareCost(t *testing.T, rated rating.Rated, x Expectation) {
	t.Helper()
	if rated.Total != x.Cost.Cents || rated.Version != x.Cost.Version || rated.Tariff != x.Cost.Tariff {
		t.Errorf("%s: rated %d ct by %s version %d, want %d ct by %s version %d",
			x.Key, rated.Total, rated.Tariff, rated.Version, x.Cost.Cents, x.Cost.Tariff, x.Cost.Version)
	}
	lines := map[rating.Component]CostLine{}
	for _, l := range rated.Lines {
		lines[l.Component] = CostLine{l.Component, l.Row, l.Amount}
	}
	for _, want := range x.Cost.Lines {
		got, printed := lines[want.Component]
		delete(lines, want.Component)
		if got != want && (printed || want.Cents != 0) {
			t.Errorf("%s: %+v, want %+v", x.Key, got, want)
		}
	}
	for c := range lines {
		t.Errorf("%s: %s has a price that the walk does not know", x.Key, c)
	}
}
