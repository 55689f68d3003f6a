package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/dev/local"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/masterdata"
	"wattdue/meter"
	"wattdue/meter/finding"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// TestNeighboursAreEnough compares sessions in batches, once with what the store says they need and once with all there is.
// Both must find the same, whatever is wrong with the sessions: missing, repeated, shifted in time, page or reading.
func TestNeighboursAreEnough(t *testing.T) {
	c := newComparing(t)
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test's dice
		list := drawSessions(r, int(seed))  //nolint:gosec // small
		var history []finding.Session
		want, got := map[string]bool{}, map[string]bool{}
		for from := 0; from < len(list); {
			to := min(from+1+r.IntN(12), len(list))
			fresh := c.enter(t, list[from:to])
			apply(want, finding.Compare(history, fresh))
			apply(got, c.compare(t))
			history = append(history, c.letPass(t, fresh, want)...)
			from = to
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d (-all +neighbours)\n%s", seed, d)
		}
		if len(want) == 0 {
			t.Errorf("seed %d: nothing was found", seed)
		}
	}
}

// comparing is a database with one tenant and a run for each batch.
type comparing struct {
	db    *store.DB
	owner *sql.DB
	file  ident.ID
	run   ident.ID
	runs  int
}

func newComparing(t *testing.T) *comparing {
	t.Helper()
	d := storetest.New(t)
	c := &comparing{db: d.DB(t), owner: d.SQL(t, local.Superuser), file: ident.Derive("file", "test")}
	err := c.db.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.PutTenant(t.Context(), masterdata.Tenant{Code: "acme", Zone: "Europe/Berlin", Issuer: invoicing.Issuer{Name: "Acme"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, c.owner, `select ensure_month('2026-10-01')`)
	return c
}

// enter stores what the verdicts of charges prove in a run of their own, and returns the sessions as the store orders them.
func (c *comparing) enter(t *testing.T, list []finding.Session) []finding.Session {
	t.Helper()
	c.runs++
	c.run = ident.Derive("run", fmt.Sprint(c.runs))
	mustExec(t, c.owner, fmt.Sprintf(`insert into run (tenant_id, run_id, job, period, seq, state, stage, as_of, opened_by, opened_at, engine)
values (1, '%s', 'intake', '2026-10-31', %d, 'running', 'verify', now(), 'test', timestamptz '2026-10-31' + interval '%d minutes', 'test')`, c.run, c.runs, c.runs))
	month := calendar.NewDate(2026, time.October, 1)
	var judged []store.Judged
	fresh := slices.Clone(list)
	for i := range fresh {
		s := &fresh[i]
		id, err := ident.Parse(s.Charge)
		if err != nil {
			t.Fatal(err)
		}
		s.Arrival = fmt.Sprintf("%06d//%s/%09d", c.runs, c.file, i+1)
		mustExec(t, c.owner, fmt.Sprintf(`insert into cdr_key values (1, '%s', '2026-10-01', '', '%s', %d)`, id, c.file, i+1))
		mustExec(t, c.owner, fmt.Sprintf(`insert into charge_state (tenant_id, charge_id, month) values (1, '%s', '2026-10-01')`, id))
		judged = append(judged, store.Judged{
			Charge: id, Month: month, Attempt: 1, File: c.file, Ordinal: i + 1, Session: s, State: "verified", Contract: "V1",
			Verdict: meter.Verdict{Word: meter.Valid}, Basis: invoicing.BasisValid,
		})
	}
	c.in(t, func(ctx context.Context, tx *store.Tx) error { return tx.Judge(ctx, 1, c.run, "strict", judged) })
	return fresh
}

// compare does what the stage does with all that is verified, two signing units at a time.
func (c *comparing) compare(t *testing.T) finding.Result {
	t.Helper()
	var all finding.Result
	c.in(t, func(ctx context.Context, tx *store.Tx) error {
		spans, err := tx.UnitSpans(ctx, 1, 2)
		if err != nil {
			return err
		}
		for _, span := range spans {
			r, err := c.compareSpan(ctx, tx, span)
			if err != nil {
				return err
			}
			all.Findings, all.Closed = append(all.Findings, r.Findings...), append(all.Closed, r.Closed...)
		}
		return nil
	})
	return all
}

func (c *comparing) compareSpan(ctx context.Context, tx *store.Tx, span batch.Span) (finding.Result, error) {
	history, fresh, err := tx.Sessions(ctx, 1, span)
	if err != nil {
		return finding.Result{}, err
	}
	r := finding.Compare(history, fresh)
	_, err = tx.SaveFindings(ctx, 1, c.run, r)
	return r, err
}

// letPass moves the charges of a batch on: those held stay, all others are rated.
func (c *comparing) letPass(t *testing.T, fresh []finding.Session, found map[string]bool) []finding.Session {
	t.Helper()
	for i := range fresh {
		s := &fresh[i]
		state := "rated"
		for f := range found {
			code, rest, _ := strings.Cut(f, " ")
			if rule, _ := finding.RuleOf(finding.Code(code)); rule.Holds && strings.HasPrefix(rest, s.Charge) {
				state = "held"
			}
		}
		s.Settled = state == "rated"
		mustExec(t, c.owner, fmt.Sprintf(`update charge_state set state = '%s' where charge_id = '%s'`, state, s.Charge))
	}
	return fresh
}

func (c *comparing) in(t *testing.T, f func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := c.db.InTx(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// apply notes what was found and takes out what is closed.
func apply(open map[string]bool, r finding.Result) {
	for _, f := range r.Findings {
		open[string(f.Code)+" "+f.Charge+" "+f.Other+" "+f.Value] = true
	}
	for _, c := range r.Closed {
		for f := range open {
			if strings.HasPrefix(f, string(c.Code)+" "+c.Charge+" "+c.Other+" ") {
				delete(open, f)
			}
		}
	}
}

// drawSessions are sessions of three meters at two EVSEs in any order of arrival, some missing, repeated or odd. Every other
// world is one without pages.
func drawSessions(r *rand.Rand, world int) []finding.Session {
	var list []finding.Session
	for m := range 3 {
		for n := range 14 {
			s := worldSession(world, m, n)
			switch r.IntN(12) {
			case 0:
				continue
			case 1:
				again := s
				again.Charge = ident.Derive("copy", s.Charge).String()
				again.EVSE = fmt.Sprintf("DE*ABC*E%d*%d", world, r.IntN(2))
				list = append(list, again)
			case 2:
				s.Begin.Time = s.Begin.Time.Add(-time.Duration(r.IntN(90)) * time.Minute)
			case 3:
				s.Begin.Value -= cdr.MicroKWh(r.IntN(2_000_000))
			case 4:
				s.Prints[0].Page += uint64(r.IntN(4))
			case 5:
				s.Firmware = "2.0"
			}
			list = append(list, s)
		}
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func worldSession(world, m, n int) finding.Session {
	name := fmt.Sprintf("%d/%d/%d", world, m, n)
	at := time.Date(2026, time.October, 1, n, 7*m, 0, 0, time.UTC) // no two meters begin at the same moment
	begin, end := cdr.MicroKWh(5_000_000*n), cdr.MicroKWh(5_000_000*n+5_000_000)
	rule := meter.PageNext
	if world%2 == 1 {
		rule = meter.PageNone
	}
	return finding.Session{
		Charge: ident.Derive("charge", name).String(), EVSE: fmt.Sprintf("DE*ABC*E%d*%d", world, m/2), Format: "OCMF",
		MeterID: fmt.Sprintf("M%d-%d", world, m), KeyHash: strings.Repeat(fmt.Sprintf("%02x", m), 32), Firmware: "1.0", Register: "1-b:1.8.0",
		Begin: meter.Reading{Time: at, Clock: "S", Value: begin}, End: meter.Reading{Time: at.Add(40 * time.Minute), Clock: "S", Value: end},
		DurationUsable: true,
		Prints: []meter.Print{
			{Digest: digestOf(name + "b"), Counter: "T", Page: uint64(2*n + 1), Rule: rule}, //nolint:gosec // small
			{Digest: digestOf(name + "e"), Counter: "T", Page: uint64(2*n + 2), Rule: rule}, //nolint:gosec // small
		},
	}
}

// digestOf is 32 bytes as package meter writes them.
func digestOf(name string) string {
	return ident.Derive("digest", name).Hex() + ident.Derive("rest", name).Hex()
}

// TestSettledCopyIsSeenAmongManyOthers: of fourteen records of one session thirteen were held, nine that came before the one
// that a person let pass and four that came after it. When they are released at last, each finds the one that was let pass.
func TestSettledCopyIsSeenAmongManyOthers(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(s *finding.Session, name string) // of a copy
		want finding.Code
	}{
		{"the same values", func(*finding.Session, string) {}, finding.Replay},
		{"the same pages", func(s *finding.Session, name string) {
			s.Prints = slices.Clone(s.Prints)
			for i := range s.Prints {
				s.Prints[i].Digest = digestOf(fmt.Sprint(name, i))
			}
		}, finding.PageConflict},
		{"the same time", func(s *finding.Session, name string) {
			s.Prints = slices.Clone(s.Prints)
			for i := range s.Prints {
				s.Prints[i].Digest, s.Prints[i].Rule = digestOf(fmt.Sprint(name, i)), meter.PageNone
			}
		}, finding.Overlap},
	} {
		t.Run(c.name, func(t *testing.T) {
			comparing := newComparing(t)
			var copies []finding.Session
			for i := range 14 {
				s := worldSession(0, 0, 1)
				s.Charge = ident.Derive("copy", fmt.Sprint(i)).String()
				c.edit(&s, s.Charge)
				copies = append(copies, s)
			}
			set := func(s finding.Session, state string) {
				mustExec(t, comparing.owner, fmt.Sprintf(`update charge_state set state = '%s' where charge_id = '%s'`, state, s.Charge))
			}
			comparing.enter(t, copies[:9])
			settled := comparing.enter(t, copies[9:10])[0]
			set(settled, "rated")
			comparing.enter(t, copies[10:])
			found := map[string]bool{}
			for _, f := range comparing.compare(t).Findings {
				if f.Code == c.want && f.Other == settled.Charge {
					found[f.Charge] = true
				}
			}
			if len(found) != 13 {
				t.Errorf("%d of the thirteen are held against the one that was let pass", len(found))
			}
		})
	}
}
