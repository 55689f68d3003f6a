package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
)

// arrivals takes the signed records out of the inbox and returns them as lines, by the start of their sessions. Only those of
// one EVSE are wanted: the busiest.
func (h *house) arrivals(t *testing.T) []string {
	t.Helper()
	inbox := h.InboxOf(h.tenant.Code)
	files, err := filepath.Glob(filepath.Join(inbox, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	byEVSE := map[string][]string{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			var r struct {
				Location struct {
					EVSE string `json:"evse_id"`
				} `json:"cdr_location"`
				Signed *struct{} `json:"signed_data"`
			}
			if err := json.Unmarshal(line, &r); err == nil && r.Signed != nil {
				byEVSE[r.Location.EVSE] = append(byEVSE[r.Location.EVSE], strings.TrimSpace(string(line)))
			}
		}
	}
	if err := os.RemoveAll(inbox); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(inbox, 0o750); err != nil {
		t.Fatal(err)
	}
	var most []string
	for _, lines := range byEVSE {
		if len(lines) > len(most) || len(lines) == len(most) && lines[0] < most[0] {
			most = lines
		}
	}
	slices.SortFunc(most, func(a, b string) int { return startOf(t, a).Compare(startOf(t, b)) })
	return most
}

func startOf(t *testing.T, line string) time.Time {
	t.Helper()
	var r struct {
		Start time.Time `json:"start_date_time"`
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	return r.Start
}

// as gives a record another id.
func as(line, id string) string {
	return strings.Replace(renamed(line, id), `"session_id":"`, `"session_id":"X`, 1)
}

// arrive puts records into the inbox and works an intake run.
func (h *house) arrive(t *testing.T, name string, lines ...string) {
	t.Helper()
	write(t, filepath.Join(h.InboxOf(h.tenant.Code), name), []byte(strings.Join(lines, "\n")+"\n"))
	h.compare(t)
}

func (h *house) compare(t *testing.T) {
	t.Helper()
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 2), "closed")
}

// found lists what was found, without the values.
func (h *house) found(t *testing.T, q jobs.FindingQuery) []string {
	t.Helper()
	rows, err := h.Findings(t.Context(), h.tenant, q)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%s %s: %s after %s", r.State, r.Code, lastPart(r.Record), lastPart(r.Other)))
	}
	slices.Sort(lines)
	return lines
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// meterHouse is an installation with the records of one EVSE at hand, called S1, S2 ... in the order of their sessions.
func meterHouse(t *testing.T) (*house, []string) {
	t.Helper()
	h := newHouse(t, simulate.Options{Seed: 9, Customers: 10, Sessions: 400, EVSEs: 12, Faults: -1})
	lines := h.arrivals(t)
	if len(lines) < 6 {
		t.Fatalf("the busiest charge point has %d sessions, want 6", len(lines))
	}
	for i := range lines {
		lines[i] = renamed(lines[i], fmt.Sprintf("S%d", i+1))
	}
	h.start(t)
	return h, lines
}

// TestReplayIsHeldOnceAndTheFirstIsBilled sends a session again under other ids: in the same file, in a later file whose
// name sorts before, and while its own charge is let pass. Each copy is held, whichever chunk was faster; one that a person
// releases is not held again.
func TestReplayIsHeldOnceAndTheFirstIsBilled(t *testing.T) {
	h, lines := meterHouse(t)
	h.arrive(t, "m.ndjson", lines[0], lines[1], as(lines[0], "COPY-A"), lines[2])
	want := []string{"held replay: COPY-A after S1"}
	if d := cmp.Diff(want, h.found(t, jobs.FindingQuery{})); d != "" {
		t.Fatalf("in one file (-want +got)\n%s", d)
	}
	h.arrive(t, "a.ndjson", as(lines[1], "COPY-B"), as(lines[0], "COPY-C"))
	want = append(want, "held replay: COPY-B after S2", "held replay: COPY-C after S1")
	if d := cmp.Diff(want, h.found(t, jobs.FindingQuery{})); d != "" {
		t.Fatalf("in a later file (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]string{"held replay: COPY-B after S2"}, h.found(t, jobs.FindingQuery{Charge: "S2"})); d != "" {
		t.Errorf("of one charge (-want +got)\n%s", d)
	}
	rows := h.heldIn(t, "compare")
	if len(rows) != 3 || h.number(t, `select count(*) from charge_state where state = 'accrued'`) != 3 {
		t.Fatalf("held are %d records, want the three copies; the three sessions want to be accrued", len(rows))
	}
	by := jobs.Decision{Actor: "ann", Reason: "the first was for another customer"}
	if err := h.Release(t.Context(), h.tenant, rows[:1], by); err != nil {
		t.Fatal(err)
	}
	h.compare(t)
	if left := h.heldIn(t, "compare"); len(left) != 2 || h.number(t, `select count(*) from charge_state where state = 'accrued'`) != 4 {
		t.Errorf("after the release %d records are held, want 2", len(left))
	}
	if got := h.found(t, jobs.FindingQuery{}); len(got) != 3 || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "decided replay") }) {
		t.Errorf("after the release: %v", got)
	}
}

// heldIn lists what a stage holds.
func (h *house) heldIn(t *testing.T, stage string) []store.QuarantineRow {
	t.Helper()
	rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(rows, func(r store.QuarantineRow) bool { return r.Stage != stage })
}

// TestFirstToPassIsFirst holds a charge for its card and bills a copy of it, which a person released. When the card is known
// after all, the first record is the one too many.
func TestFirstToPassIsFirst(t *testing.T) {
	h, lines := meterHouse(t)
	h.sql(t, `update token set uid_key = 'X' || uid_key; update contract set emaid_key = 'X' || emaid_key`)
	h.arrive(t, "a.ndjson", as(lines[0], "EARLY"))
	if held := h.heldIn(t, "assign"); len(held) != 1 {
		t.Fatalf("%d records are without payer, want 1", len(held))
	}
	h.sql(t, `update token set uid_key = substr(uid_key, 2); update contract set emaid_key = substr(emaid_key, 2)`)
	h.arrive(t, "b.ndjson", lines[0])
	if d := cmp.Diff([]string{"held replay: S1 after EARLY"}, h.found(t, jobs.FindingQuery{})); d != "" {
		t.Fatalf("(-want +got)\n%s", d)
	}
	by := jobs.Decision{Actor: "ann", Reason: "this one is right"}
	if err := h.Release(t.Context(), h.tenant, h.heldIn(t, "compare"), by); err != nil {
		t.Fatal(err)
	}
	h.compare(t)
	if err := h.Release(t.Context(), h.tenant, h.heldIn(t, "assign"), by); err != nil {
		t.Fatal(err)
	}
	h.compare(t)
	want := []string{"decided replay: S1 after EARLY", "held replay: EARLY after S1"}
	if d := cmp.Diff(want, h.found(t, jobs.FindingQuery{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestLateRecordClosesTheGap: records that come in days later fill the gaps they left. What is left is what one run over all
// of them finds, because other sessions of the meter are in no record here.
func TestLateRecordClosesTheGap(t *testing.T) {
	all, lines := meterHouse(t)
	all.arrive(t, "m.ndjson", lines[:6]...)
	want := all.found(t, jobs.FindingQuery{})
	h, _ := meterHouse(t)
	h.arrive(t, "m.ndjson", lines[0], lines[2], lines[5])
	if n := len(h.found(t, jobs.FindingQuery{})); n <= len(want) {
		t.Fatalf("%d findings while three sessions are missing, want more than %d", n, len(want))
	}
	h.arrive(t, "n.ndjson", lines[1])
	h.arrive(t, "o.ndjson", lines[3], lines[4])
	if d := cmp.Diff(want, h.foundOpen(t)); d != "" {
		t.Errorf("(-one run +late)\n%s", d)
	}
	if n := h.number(t, `select count(*) from quarantine`); n != 0 {
		t.Errorf("%d records were held", n)
	}
}

// foundOpen lists what was found and holds.
func (h *house) foundOpen(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(h.found(t, jobs.FindingQuery{}), func(s string) bool { return strings.HasPrefix(s, "closed ") })
}

// TestChunkThatKillsTheComparisonIsSetAside puts the charges of a chunk aside as the machine does after several deaths. They
// are held as such and, released, compared and let pass.
func TestChunkThatKillsTheComparisonIsSetAside(t *testing.T) {
	h, lines := meterHouse(t)
	var deadly atomic.Bool
	deadly.Store(true)
	for _, j := range h.Jobs {
		for i := range j.Stages {
			s := &j.Stages[i]
			if s.Name != "compare" {
				continue
			}
			work := s.Work
			s.Work = func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
				if deadly.Load() {
					return nil, s.Park(ctx, e, task)
				}
				return work(ctx, e, task)
			}
		}
	}
	h.arrive(t, "m.ndjson", lines[:3]...)
	rows := h.heldIn(t, "compare")
	if len(rows) != 3 || rows[0].Code != "crash" || rows[0].Class != "crash" {
		t.Fatalf("set aside is %+v, want three records for crash", rows)
	}
	deadly.Store(false)
	if err := h.Release(t.Context(), h.tenant, rows, jobs.Decision{Actor: "ann", Reason: "version 2"}); err != nil {
		t.Fatal(err)
	}
	h.compare(t)
	if n := h.number(t, `select count(*) from charge_state where state = 'accrued'`); n != 3 {
		t.Errorf("%d are accrued in the end, want 3", n)
	}
}

// TestBatchesFindWhatOneRunFinds sends the same records, some missing and some twice, in one run and in one run each.
func TestBatchesFindWhatOneRunFinds(t *testing.T) {
	pick := func(lines []string) []string {
		return []string{lines[4], lines[0], as(lines[4], "COPY-A"), lines[2], lines[5], as(lines[2], "COPY-B")}
	}
	one, lines := meterHouse(t)
	one.arrive(t, "m.ndjson", pick(lines)...)
	many, lines := meterHouse(t)
	for i, line := range pick(lines) {
		many.arrive(t, fmt.Sprintf("m%d.ndjson", i), line)
	}
	if d := cmp.Diff(one.found(t, jobs.FindingQuery{}), many.foundOpen(t)); d != "" {
		t.Errorf("(-one run +one run each)\n%s", d)
	}
}

// TestCopyIsHeldWhileAnotherRunPrices lets a run price while the next one, which has verified a copy, is about to compare. The
// copy waits for its comparison, whoever prices.
func TestCopyIsHeldWhileAnotherRunPrices(t *testing.T) {
	h, lines := meterHouse(t)
	pricing, comparing := newGate(), newGate()
	h.Jobs = rework(h.Jobs, "rate", func(f work) work {
		return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
			pricing.pass()
			return f(ctx, e, task)
		}
	})
	h.Jobs = rework(h.Jobs, "compare", func(f work) work {
		return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
			if task.Run.Period == "2026-11-03" {
				comparing.pass()
			}
			return f(ctx, e, task)
		}
	})
	inbox := h.InboxOf(h.tenant.Code)
	write(t, filepath.Join(inbox, "a.ndjson"), []byte(lines[0]+"\n"))
	first := h.open(t, "intake", "2026-11-02", intakeAsOf, 0)
	pricing.await(t)
	write(t, filepath.Join(inbox, "b.ndjson"), []byte(as(lines[0], "COPY")+"\n"))
	second := h.open(t, "intake", "2026-11-03", intakeAsOf, 0)
	comparing.await(t)
	pricing.open()
	h.wait(t, first, "closed")
	comparing.open()
	h.wait(t, second, "closed")
	if d := cmp.Diff([]string{"held replay: COPY after S1"}, h.found(t, jobs.FindingQuery{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if n := h.number(t, `select count(*) from charge_state where state = 'accrued'`); n != 1 {
		t.Errorf("%d charges are accrued for one session", n)
	}
}
