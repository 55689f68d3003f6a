package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// reconcileLock is the advisory lock that lets one process reconcile at a time.
const reconcileLock = 0x77617474

// offerLimit bounds one round of offers.
const offerLimit = 200

// epochKey is a key whose absence tells that Redis was emptied.
const epochKey = "wattdue:epoch"

// reconcile makes the queue agree with Postgres: it notices a lost Redis, offers chunks whose time has come and moves runs
// whose stage is done.
func (m *Machine) reconcile(ctx context.Context) error {
	m.checkEpoch(ctx)
	for {
		moved, err := m.advanceAll(ctx)
		if err != nil {
			return err
		}
		offered, err := m.offer(ctx)
		if err != nil {
			return err
		}
		if moved == 0 && offered < offerLimit {
			return nil
		}
	}
}

// checkEpoch looks for the epoch key. When it is gone or another, Redis was lost: leases are expired, and the queue client
// is made anew, because it remembers queue names that the emptied Redis no longer lists.
func (m *Machine) checkEpoch(ctx context.Context) {
	epoch, err := m.redis.Get(ctx, epochKey).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return // Redis is down: leases run out by themselves.
	}
	lost := errors.Is(err, redis.Nil)
	if lost {
		epoch = ident.Derive("epoch", m.worker, m.env.Now().String()).Hex()
		set, err := m.redis.SetNX(ctx, epochKey, epoch, 0).Result()
		if err != nil || !set {
			return // somebody else was quicker; the next round reads theirs
		}
		m.env.Log.Info("queue was empty, offering all open chunks again")
		if err := m.env.DB.InTx(ctx, func(tx *store.Tx) error { return tx.ExpireLeases(ctx) }); err != nil {
			m.env.Log.Error("expire leases", "error", err.Error())
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epoch != epoch {
		if m.epoch != "" {
			_ = m.client.Close()
			m.client = asynq.NewClient(m.opt)
		}
		m.epoch = epoch
	}
}

// offer gives due chunks a new generation and tells the queue. A chunk that could not be told of is offered again when its
// lease runs out.
func (m *Machine) offer(ctx context.Context) (int, error) {
	var due []store.ChunkRow
	err := m.env.DB.InTx(ctx, func(tx *store.Tx) error {
		mine, err := tx.TryLock(ctx, reconcileLock)
		if err != nil || !mine {
			return err
		}
		due, err = tx.OfferChunks(ctx, m.env.Config.Jobs.Lease, offerLimit)
		return err
	})
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	client := m.client
	m.mu.Unlock()
	for _, c := range due {
		task, err := newTask(c)
		if err != nil {
			return 0, err
		}
		_, err = client.EnqueueContext(ctx, task, taskOptions(m.env, c)...)
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			m.env.Log.Warn("queue does not take tasks; the chunk is offered again when its lease runs out",
				"stage", c.Stage, "chunk", c.No, "error", err.Error())
			break
		}
	}
	return len(due), nil
}

// advanceAll moves every run whose stage is done, and returns how many moves it made.
func (m *Machine) advanceAll(ctx context.Context) (int, error) {
	ready, err := m.env.DB.ReadyToAdvance(ctx)
	if err != nil {
		return 0, err
	}
	moves := 0
	for _, row := range ready {
		moved, err := m.env.advance(ctx, row)
		if err != nil {
			m.env.Log.Error("advance", "run", row.Run().Name(), "stage", row.Stage, "error", err.Error())
			if ctx.Err() == nil {
				_ = m.env.DB.NoteRunError(ctx, row.TenantID, row.RunID, err.Error())
			}
			continue
		}
		if moved {
			moves++
		}
	}
	return moves, nil
}

// advance moves a run to its next stage, or closes it after the last, in one transaction that holds the run's row.
func (e *Env) advance(ctx context.Context, seen store.RunRow) (moved bool, err error) {
	job, ok := e.Job(seen.Job)
	if !ok {
		return false, fmt.Errorf("job %q is not known to this program", seen.Job)
	}
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		row, err := tx.LockRun(ctx, seen.TenantID, seen.RunID)
		if err != nil {
			return err
		}
		r := row.Run()
		if r.State != batch.Running || r.Epoch != seen.Epoch {
			return nil
		}
		pending, err := tx.StagePending(ctx, r)
		if err != nil || pending > 0 {
			return err
		}
		if r.Stage == "" && job.Alone {
			earlier, err := tx.EarlierRun(ctx, r)
			if err != nil {
				return err
			}
			if earlier != "" {
				why := "waits until the earlier run " + r.Job + "/" + earlier + " has ended"
				if row.Error == why {
					return nil
				}
				return tx.SetRunState(ctx, r.Tenant, r.ID, batch.Running, why, nil)
			}
		}
		if r.Stage == "" && !r.Pinned {
			if r.AsOf, err = tx.BeginRun(ctx, r); err != nil {
				return err
			}
		}
		name, more := batch.NextStage(job.stageNames(), r.Stage)
		if !more {
			moved = true
			e.Log.Info("run closed", "run", r.Name(), "tenant", row.Tenant)
			return tx.SetRunState(ctx, r.Tenant, r.ID, batch.Closed, "", nil)
		}
		stage, _ := job.stage(name)
		spans, err := stage.Plan(ctx, e, tx, r, e.size(r, name, stage.Size))
		if errors.Is(err, errReview) {
			moved = true
			return tx.SetRunState(ctx, r.Tenant, r.ID, batch.Review, "", nil)
		}
		if err != nil {
			return fmt.Errorf("plan %s: %w", name, err)
		}
		moved = true
		e.kill("advance")
		return tx.EnterStage(ctx, r, name, spans)
	})
	var f *batch.Failure
	if errors.As(err, &f) && f.Class == batch.ClassInvariant {
		return true, e.DB.InTx(ctx, func(tx *store.Tx) error { return e.fail(ctx, tx, seen.TenantID, seen.RunID, err) })
	}
	return moved, err
}

// fail stops a run for good: an invariant broke. One that has ended meanwhile stays as it is.
func (e *Env) fail(ctx context.Context, tx *store.Tx, tenant int, id ident.ID, why error) error {
	row, err := tx.LockRun(ctx, tenant, id)
	if err != nil || row.State != string(batch.Running) {
		return err
	}
	e.Log.Error("run stopped: an invariant is broken", "run", row.Run().Name(), "error", why.Error())
	return tx.SetRunState(ctx, tenant, id, batch.Failed, why.Error(), nil)
}

// soon is how long a worker waits before it looks again at a chunk that another holds.
const soon = 2 * time.Second
