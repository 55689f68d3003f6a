package jobs_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wattdue/dev/simulate"
	"wattdue/sql/store"
)

// reviewed takes a house to its billing run in review.
func (h *house) reviewed(t *testing.T) store.RunRow {
	t.Helper()
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	return h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
}

func (h *house) approve(t *testing.T, row store.RunRow) {
	t.Helper()
	if _, err := h.Approve(t.Context(), row, "approver"); err != nil {
		t.Fatal(err)
	}
}

// gapless wants the invoice numbers to run from 1 without a gap, and all charges to be on them.
func (h *house) gapless(t *testing.T) {
	t.Helper()
	n := h.number(t, `select count(*) from document`)
	first, last := h.number(t, `select min(right(number, 7)::int) from document`), h.number(t, `select max(right(number, 7)::int) from document`)
	if n < 2 || first != 1 || last != n {
		t.Errorf("%d documents are numbered from %d to %d", n, first, last)
	}
	if next := h.number(t, `select next from series`); next != n+1 {
		t.Errorf("the next number is %d after %d documents", next, n)
	}
	if left := h.number(t, `select count(*) from charge_state where state in ('accrued', 'drafted')`); left != 0 {
		t.Errorf("%d charges are not billed", left)
	}
}

// TestCancelInReviewGivesTheChargesBack cancels a run in review. Its charges wait again, and a new run of the month bills
// them all, from number 1 on.
func TestCancelInReviewGivesTheChargesBack(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1})
	h.start(t)
	row := h.reviewed(t)
	drafted := h.number(t, `select count(*) from charge_state where state = 'drafted'`)
	if err := h.Cancel(t.Context(), row, "approver", "wrong prices"); err != nil {
		t.Fatal(err)
	}
	if n := h.number(t, `select count(*) from charge_state where state = 'accrued'`); n != drafted || drafted == 0 {
		t.Errorf("%d of %d charges were given back", n, drafted)
	}
	if n := h.number(t, `select count(*) from draft`); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	if _, err := h.Approve(t.Context(), row, "approver"); err == nil {
		t.Error("a cancelled run was approved")
	}
	again := h.open(t, "billing", "2026-10", billingAsOf, 0)
	if again.Seq != 2 {
		t.Fatalf("the new run is number %d of the month, want 2", again.Seq)
	}
	h.wait(t, again, "review")
	h.approve(t, again)
	h.wait(t, again, "closed")
	h.gapless(t)
}

// TestCancelAfterIssueIsRefused asks for the end of a run whose documents are there, or are just being made. Both must run
// on: an invoice number once given does not go away.
func TestCancelAfterIssueIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		stage string
		point string // where the worker stands when the run is cancelled
	}{
		{"documents are being rendered", "render", "render:before-commit"},
		{"documents are about to be committed", "issue", "issue:before-commit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1})
			g := newGate()
			h.KillPoint = func(point string) {
				if point == c.point {
					g.pass()
				}
			}
			h.start(t)
			row := h.reviewed(t)
			h.approve(t, row)
			g.await(t)
			refused := make(chan error, 1)
			go func() { refused <- h.Cancel(context.Background(), row, "approver", "wrong prices") }()
			time.Sleep(300 * time.Millisecond)
			g.open()
			if err := <-refused; err == nil || !strings.Contains(err.Error(), "has issued") {
				t.Errorf("cancelling ended with %v", err)
			}
			h.wait(t, row, "closed")
			h.gapless(t)
			if mails, documents := h.number(t, `select count(*) from outbox where state = 'sent'`), h.number(t, `select count(*) from document`); mails != documents {
				t.Errorf("%d mails for %d documents", mails, documents)
			}
		})
	}
}
