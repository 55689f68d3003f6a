package jobs_test

import (
	"context"
	"sync"
	"testing"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/jobs/batch"
)

// TestBalanceClosesWhileAnotherRunIsHalfway lets a billing run without work close while charges of an intake are priced but
// not booked yet.
func TestBalanceClosesWhileAnotherRunIsHalfway(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1})
	g := newGate()
	h.Jobs = rework(h.Jobs, "accrue", func(accrue work) work {
		return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
			if g.pass() {
				return nil, batch.Failf(batch.ClassChunk, "made to fail")
			}
			return accrue(ctx, e, task)
		}
	})
	h.start(t)
	intake := h.open(t, "intake", "2026-11-02", intakeAsOf, 0)
	g.await(t)
	if n := h.number(t, `select count(*) from charge_state where state = 'rated'`); n != 40 {
		t.Fatalf("%d charges are priced and not booked, want 40", n)
	}
	h.wait(t, h.open(t, "billing", "2026-09", billingAsOf, 0), "closed")
	g.open()
	h.wait(t, intake, "closed")
	h.approve(t, h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review"))
}

// TestBooksBalanceAtEveryMoment counts again and again while a month is worked in small chunks by several workers.
func TestBooksBalanceAtEveryMoment(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 15, Sessions: 120, Faults: -1})
	h.start(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	counts := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			stock, err := h.DB.Stock(ctx, h.tenant.ID)
			if err != nil {
				if ctx.Err() == nil {
					t.Error(err)
				}
				return
			}
			counts++
			if err := batch.BalanceOf(batch.Stock{}, stock).Check(); err != nil {
				t.Errorf("count %d: %v", counts, err)
				return
			}
		}
	})
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 2), "closed")
	billing := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 3), "review")
	h.approve(t, billing)
	h.wait(t, billing, "closed")
	stop()
	wg.Wait()
	if counts < 50 {
		t.Errorf("counted %d times: too few to prove anything", counts)
	}
}
