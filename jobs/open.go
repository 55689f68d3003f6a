package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// Opening is what a person asks for when opening a run.
type Opening struct {
	Job, Period, Actor string
	AsOf               time.Time // zero: the database clock
	ChunkSize          int       // 0: as configured
}

// ErrNothingToDo says that a period's run is closed and nothing has come since.
var ErrNothingToDo = errors.New("nothing to do")

// Open returns the run of a period: the one under way, or a new one. When the last one has ended, a further run (with the
// next seq) is opened only if it would find work; else ErrNothingToDo comes with the run that ended.
func (e *Env) Open(ctx context.Context, tenant store.Tenant, o Opening) (store.RunRow, error) {
	job, ok := e.Job(o.Job)
	if !ok {
		return store.RunRow{}, fmt.Errorf("job %q does not exist; the jobs are %s", o.Job, e.jobNames())
	}
	if err := job.CheckPeriod(o.Period); err != nil {
		return store.RunRow{}, err
	}
	last, err := e.DB.LatestRun(ctx, tenant.ID, o.Job, o.Period)
	seq := 1
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return last, err
	case last.State == string(batch.Running), last.State == string(batch.Review):
		return last, nil
	default:
		pending, err := job.Pending(ctx, e, tenant, o.Period)
		if err != nil {
			return last, err
		}
		if !pending {
			return last, ErrNothingToDo
		}
		seq = last.Seq + 1
	}
	return e.openNew(ctx, tenant, o, seq)
}

func (e *Env) openNew(ctx context.Context, tenant store.Tenant, o Opening, seq int) (store.RunRow, error) {
	asOf := o.AsOf
	if asOf.IsZero() {
		now, err := e.DB.Clock(ctx)
		if err != nil {
			return store.RunRow{}, err
		}
		asOf = now
	}
	r := batch.Run{
		Tenant: tenant.ID, ID: batch.RunID(tenant.Code, o.Job, o.Period, seq), Job: o.Job, Period: o.Period, Seq: seq,
		AsOf: asOf.UTC().Truncate(time.Second), OpenedBy: o.Actor, ChunkSize: o.ChunkSize, Pinned: !o.AsOf.IsZero(),
	}
	err := e.DB.InTx(ctx, func(tx *store.Tx) error {
		opened, err := tx.OpenRun(ctx, r, e.Engine, e.Config.Hash())
		if err != nil || !opened {
			return err
		}
		return tx.Audit(ctx, tenant.ID, o.Actor, "run.open", r.Name(), "", map[string]any{"as_of": r.AsOf})
	})
	if err != nil {
		return store.RunRow{}, err
	}
	return e.DB.Run(ctx, tenant.ID, r.ID)
}

func (e *Env) jobNames() string {
	s := ""
	for i, j := range e.Jobs {
		if i > 0 {
			s += ", "
		}
		s += j.Name
	}
	return s
}

// Outcome is how waiting for a run ended.
type Outcome struct {
	Run     store.RunRow
	Stages  []store.StageSum
	Blocked bool // failed chunks hold the run up
}

// Wait looks at a run until it ends, waits for a person, or can go no further by itself. look is called with every
// state seen; it may be nil.
func (e *Env) Wait(ctx context.Context, run store.RunRow, look func(Outcome)) (Outcome, error) {
	t := time.NewTicker(pollInterval)
	defer t.Stop()
	for {
		row, err := e.DB.Run(ctx, run.TenantID, run.RunID)
		if err != nil {
			return Outcome{}, err
		}
		sums, err := e.DB.StageSums(ctx, run.TenantID, run.RunID)
		if err != nil {
			return Outcome{}, err
		}
		o := Outcome{Run: row, Stages: sums, Blocked: blocked(row, sums)}
		if look != nil {
			look(o)
		}
		if row.State != string(batch.Running) || o.Blocked {
			return o, nil
		}
		select {
		case <-ctx.Done():
			return o, ctx.Err()
		case <-t.C:
		}
	}
}

// blocked reports whether the current stage has failed chunks and nothing open.
func blocked(r store.RunRow, sums []store.StageSum) bool {
	open, failed := 0, 0
	for _, s := range sums {
		if s.Stage != r.Stage {
			continue
		}
		switch batch.ChunkState(s.State) {
		case batch.ChunkOpen:
			open += s.Chunks
		case batch.ChunkFailed:
			failed += s.Chunks
		case batch.ChunkDone, batch.ChunkQuarantined, batch.ChunkCancelled:
		}
	}
	return r.State == string(batch.Running) && open == 0 && failed > 0
}

// Retry opens the failed chunks of a run again and removes what the queue has archived of them.
func (m *Machine) Retry(ctx context.Context, row store.RunRow, actor, reason string) (int, error) {
	var failed []store.ChunkRow
	err := m.env.DB.InTx(ctx, func(tx *store.Tx) error {
		locked, err := tx.LockRun(ctx, row.TenantID, row.RunID)
		if err != nil {
			return err
		}
		if s := batch.RunState(locked.State); s != batch.Running && s != batch.Failed {
			return fmt.Errorf("run %s is %s; only running and failed runs can be retried", locked.Run().Name(), s)
		}
		if failed, err = tx.RetryChunks(ctx, row.TenantID, row.RunID); err != nil {
			return err
		}
		if locked.State == string(batch.Failed) {
			if err := tx.SetRunState(ctx, row.TenantID, row.RunID, batch.Running, "", nil); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, row.TenantID, actor, "run.retry", row.Run().Name(), reason, map[string]any{"chunks": len(failed)})
	})
	if err != nil {
		return 0, err
	}
	m.forget(failed)
	m.Kick()
	return len(failed), nil
}
