package jobs_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// TestLongQueueIsNoCrash lets chunks wait for so long that each is offered many times before a worker has a hand free.
// Nobody dies, so nothing may be set aside.
func TestLongQueueIsNoCrash(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 4, Customers: 10, Sessions: 60, Faults: -1})
	h.Config.Jobs.Lease = 150 * time.Millisecond
	h.Jobs = rework(h.Jobs, "verify", func(verify work) work {
		return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
			time.Sleep(200 * time.Millisecond)
			return verify(ctx, e, task)
		}
	})
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 3), "closed")
	if n := h.number(t, `select max(offers) from chunk where stage = 'verify'`); n <= 2*int64(h.Timing.CrashLimit) {
		t.Errorf("no chunk was offered more than %d times: too few to prove anything", n)
	}
	if n := h.number(t, `select count(*) from quarantine`); n != 0 {
		t.Errorf("%d records were set aside, want none", n)
	}
	if n := h.number(t, `select count(*) from charge_state where state = 'accrued'`); n != 60 {
		t.Errorf("%d charges were accrued, want 60", n)
	}
}

// TestQueueHoldsTwoHundredChunks opens a run of 250 chunks while no worker is there. The queue is told of 200; the others
// wait in the database, where they cannot grow old.
func TestQueueHoldsTwoHundredChunks(t *testing.T) {
	h := newHouse(t, simulate.Options{Customers: 1, Sessions: -1, EVSEs: 1})
	for i := range 250 {
		write(t, filepath.Join(h.InboxOf(h.tenant.Code), fmt.Sprintf("%03d.json", i)), []byte("[]"))
	}
	h.Config.Jobs.Lease = time.Minute
	_, stop := run(t, h.Env, h.redisURL, jobs.Roles{Reconciler: true})
	h.open(t, "intake", "2026-11-02", intakeAsOf, 0)
	h.eventually(t, `select count(*) from chunk where stage = 'receive'`, 250)
	h.eventually(t, `select count(*) from chunk where gen = 1`, 200)
	time.Sleep(3 * h.Timing.Reconcile)
	stop()
	if n := h.number(t, `select count(*) from chunk where gen = 1`); n != 200 {
		t.Errorf("the queue was told of %d chunks, want 200", n)
	}
}

// TestChunkJustBegunIsNotOfferedAgain lets a worker begin with a chunk whose lease has run out in the queue. The chunk must
// not be offered before the worker holds it, or that start would count as a death.
func TestChunkJustBegunIsNotOfferedAgain(t *testing.T) {
	h := newHouse(t, simulate.Options{Customers: 1, Sessions: -1, EVSEs: 1})
	_, stop := run(t, h.Env, h.redisURL, jobs.Roles{Reconciler: true})
	row := h.open(t, "intake", "2026-11-02", intakeAsOf, 0)
	h.eventually(t, `select count(*) from chunk where stage = 'balance' and gen > 0`, 1)
	stop()
	h.sql(t, `update chunk set lease_until = now() - interval '1 second'`)
	chunks, err := h.DB.Chunks(t.Context(), row.TenantID, row.RunID)
	if err != nil || len(chunks) != 1 {
		t.Fatalf("%d chunks, error %v; want one", len(chunks), err)
	}
	c := chunks[0]
	if _, err := h.DB.CountStart(t.Context(), c.TenantID, c.RunID, c.Stage, c.No, c.Gen, "worker", time.Minute); err != nil {
		t.Fatal(err)
	}
	err = h.DB.InTx(t.Context(), func(tx *store.Tx) error {
		again, err := tx.OfferChunks(t.Context(), time.Minute, 10)
		if len(again) != 0 {
			t.Errorf("%d chunks were offered again, want none", len(again))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLateFailureChangesNothing cuts a worker off its database while it works, so that the chunk is free for others, and
// lets its work fail only after others have taken over.
func TestLateFailureChangesNothing(t *testing.T) {
	for _, c := range []struct {
		name     string
		class    batch.Class
		finished bool // by another worker, and the run with it; else the chunk was only offered again
	}{
		{"an invariant broke, and the chunk was done meanwhile", batch.ClassInvariant, true},
		{"it failed, and the chunk was done meanwhile", batch.ClassChunk, true},
		{"an invariant broke, and the chunk was offered again meanwhile", batch.ClassInvariant, false},
		{"it failed, and the chunk was offered again meanwhile", batch.ClassChunk, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, simulate.Options{Customers: 1, Sessions: -1, EVSEs: 1})
			h.Config.Jobs.Concurrency, h.Config.Jobs.Lease = 1, 300*time.Millisecond
			g := newGate()
			h.Jobs = rework(h.Jobs, "balance", func(balance work) work {
				return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
					if g.pass() {
						return nil, batch.Failf(c.class, "too late")
					}
					return balance(ctx, e, task)
				}
			})
			_, stop := run(t, h.Env, h.redisURL, jobs.Roles{Reconciler: true, Workers: true})
			row := h.open(t, "intake", "2026-11-02", intakeAsOf, 0)
			g.await(t)
			h.sql(t, `select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`)
			if c.finished {
				other := newEnv(h.database.DB(t), h.dir)
				run(t, other, h.redisURL, jobs.Roles{Reconciler: true, Workers: true})
				h.wait(t, row, "closed")
				g.open()
				stop() // returns when the late worker has said what it had to say
			} else {
				h.eventually(t, `select count(*) from chunk where stage = 'balance' and gen > 1`, 1)
				g.open()
				h.wait(t, row, "closed")
				stop()
			}
			after, err := h.DB.Run(t.Context(), row.TenantID, row.RunID)
			if err != nil || after.State != "closed" || after.Error != "" {
				t.Errorf("the run is %s (%q), error %v; want closed", after.State, after.Error, err)
			}
			if n := h.number(t, `select count(*) from chunk where state = 'done' and error = ''`); n != 1 {
				t.Errorf("%d chunks are done, want 1", n)
			}
		})
	}
}
