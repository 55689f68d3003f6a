package jobs_test

import (
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/dev/simulate"
	"wattdue/sql/store"
)

// TestDraftsAreApprovedOnTheirDay tries to approve drafts that are a day old: their dates of issue, notice and collection
// count from the day they were made. Made today they may be approved, and so may those of a run at a moment that a person
// gave, whatever day it is.
func TestDraftsAreApprovedOnTheirDay(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1})
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	row := h.wait(t, h.open(t, "billing", "2026-10", time.Time{}, 0), "review")
	if row.Pinned {
		t.Fatal("the run has the time of the clock and counts as given")
	}
	h.sql(t, `update run set as_of = now() - interval '1 day' where job = 'billing'`)
	set, err := h.Approve(t.Context(), row, "approver")
	if err == nil || !strings.Contains(err.Error(), "was drafted on ") || !strings.Contains(err.Error(), "cancel it and bill again") {
		t.Errorf("drafts of yesterday: %v", err)
	}
	if n := h.number(t, `select count(*) from approval`); n != 0 || h.number(t, `select count(*) from run where state = 'review'`) != 1 {
		t.Errorf("the refused approval of %d documents left traces", set.Documents)
	}
	if err := h.Cancel(t.Context(), row, "approver", "drafted yesterday"); err != nil {
		t.Fatal(err)
	}

	given := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
	if !given.Pinned {
		t.Fatal("the run has a given moment and counts as of the clock")
	}
	h.approve(t, given)
	h.wait(t, given, "closed")
	if n := h.number(t, `select count(*) from document where issued_on <> '2026-11-03'`); n != 0 {
		t.Errorf("%d documents are dated otherwise than given", n)
	}
	h.gapless(t)
}

// TestDraftsOfTodayAreApproved approves a run of the clock on its day.
func TestDraftsOfTodayAreApproved(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 4, Sessions: 20, Faults: -1})
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	row := h.wait(t, h.open(t, "billing", "2026-10", time.Time{}, 0), "review")
	h.sql(t, `update run set as_of = now() where job = 'billing'`) // though it struck midnight
	h.approve(t, row)
}

// TestLaterMonthWaitsForTheEarlier opens the billing runs of October and November at the same moment, as a ticker does
// that catches up. November begins when October is done, so that no charge is billed in the wrong month.
func TestLaterMonthWaitsForTheEarlier(t *testing.T) {
	w, err := simulate.Generate(simulate.Options{
		Seed: 6, Customers: 6, Sessions: 60, Faults: -1,
		Month: calendar.Period{First: calendar.NewDate(2026, time.October, 1), Next: calendar.NewDate(2026, time.December, 1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := houseOf(t, w)
	h.start(t)
	december := func(day int) time.Time { return time.Date(2026, time.December, day, 3, 0, 0, 0, time.UTC) }
	h.wait(t, h.open(t, "intake", "2026-12-02", december(2), 0), "closed")
	october := h.number(t, `select count(*) from charge_state where state = 'accrued' and billing_date < '2026-11-01'`)
	if november := h.number(t, `select count(*) from charge_state where state = 'accrued'`) - october; october < 10 || november < 10 {
		t.Fatalf("%d charges in October and %d in November are too few", october, november)
	}

	h.sql(t, `update tenant set paused = true`)
	later := h.open(t, "billing", "2026-11", december(3), 0)
	earlier := h.open(t, "billing", "2026-10", december(3), 0)
	h.sql(t, `update run set opened_at = '2026-12-03' where job = 'billing'`)
	h.sql(t, `update tenant set paused = false`)
	bill := func(row store.RunRow) {
		h.wait(t, row, "review")
		h.approve(t, row)
		h.wait(t, row, "closed")
	}
	h.wait(t, earlier, "review")
	time.Sleep(3 * h.Timing.Reconcile)
	if n := h.number(t, `select count(*) from run where period = '2026-11' and state = 'running' and stage = ''`); n != 1 {
		t.Error("November has begun while October waits for its approval")
	}
	bill(earlier)
	bill(later)
	if n := h.number(t, `select count(*) from billed b join charge_state s using (tenant_id, charge_id) join document d using (tenant_id, document_id)
where (d.period_first = '2026-10-01') <> (s.billing_date < '2026-11-01')`); n != 0 {
		t.Errorf("%d charges are on a document of the other month", n)
	}
	h.gapless(t)
}
