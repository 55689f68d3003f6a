package jobs_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// TestProgramMayNotRewriteWhatWasDecided tries, with the rights of the program, what only an intruder would.
func TestProgramMayNotRewriteWhatWasDecided(t *testing.T) {
	app := storetest.New(t).SQL(t, store.RoleApp)
	for _, q := range []string{
		`update draft set gross = 1`,
		`update draft set content = ''`,
		`update draft_leg set minor = 1`,
		`update approval set set_hash = ''`,
		`update document set gross = 1`,
		`update run set pinned = true`,
		`update run set opened_by = 'nobody'`,
		`update mandate set iban = ''`,
		`update debit set minor = 1`,
		`update series set prefix = ''`,
		`update charge_state set month = now()`,
	} {
		if _, err := app.Exec(q); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v, want permission denied", q, err)
		}
	}
}

// TestAlteredDraftsAreNotIssued changes drafts after they were approved, in ways that only the owner of the database can.
// Each time the run must fail and no number be used; cancelled and billed again, the month is whole.
func TestAlteredDraftsAreNotIssued(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1})
	var tamper atomic.Value
	h.Jobs = rework(h.Jobs, "issue", func(issue work) work {
		return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
			h.sql(t, tamper.Load().(string))
			return issue(ctx, e, task)
		}
	})
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	one := ` where document_id = (select min(document_id::text)::uuid from draft)`
	for seq, c := range []struct{ name, change, want string }{
		{"another amount to collect", `update draft set gross = gross + 100000` + one, "were altered"},
		{"other words", `update draft set content = content || '\x20'` + one, "were altered"},
		{"other words with their hash", `update draft set content = content || '\x20', content_hash = sha256(content || '\x20')` + one, "not those that were approved"},
		{"a draft less", `delete from draft` + one, "not those that were approved"},
	} {
		tamper.Store(c.change)
		row := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
		if row.Seq != seq+1 {
			t.Fatalf("%s: run %d of the month, want %d", c.name, row.Seq, seq+1)
		}
		h.approve(t, row)
		failed := h.wait(t, row, "failed")
		if !strings.Contains(failed.Error, c.want) {
			t.Errorf("%s: the run failed with %q, want %q", c.name, failed.Error, c.want)
		}
		if n := h.number(t, `select (select count(*) from document) + (select count(*) from debit) + (select count(*) from outbox) + (select count(*) from series where next > 1)`); n != 0 {
			t.Errorf("%s: %d traces of documents", c.name, n)
		}
		if err := h.Cancel(t.Context(), row, "approver", "altered"); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		h.sql(t, `update charge_state set state = 'accrued' where state = 'drafted'`) // of a draft that was deleted
	}
	tamper.Store(`select`)
	row := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
	h.approve(t, row)
	h.wait(t, row, "closed")
	h.gapless(t)
}
