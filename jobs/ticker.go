package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// tick opens the runs that are due by the database clock. Tickers may race: the schedule row is locked, and the run's
// key is unique.
func (m *Machine) tick(ctx context.Context) error {
	opened := 0
	err := m.env.DB.InTx(ctx, func(tx *store.Tx) error {
		due, err := tx.DueJobs(ctx)
		if err != nil {
			return err
		}
		for _, d := range due {
			n, err := m.env.openDue(ctx, tx, d)
			if err != nil {
				return fmt.Errorf("schedule of %s: %w", d.Job, err)
			}
			opened += n
		}
		return nil
	})
	if opened > 0 {
		m.Kick()
	}
	return err
}

// openDue opens a run for each period missed since the job was last due, oldest first, up to the catch-up limit; when
// more were missed, the schedule stops with an alarm until an operator sets it anew.
func (e *Env) openDue(ctx context.Context, tx *store.Tx, d store.DueJob) (opened int, err error) {
	job, known := e.Job(d.Job)
	c, err := ParseCron(d.Spec, d.Zone)
	if !known || err != nil {
		alarm := fmt.Sprintf("job %q is not known", d.Job)
		if err != nil {
			alarm = err.Error()
		}
		e.Log.Error("schedule stopped", "tenant", d.Tenant, "job", d.Job, "error", alarm)
		return 0, tx.SetDue(ctx, d.TenantID, d.Job, d.NextDueAt, d.LastPeriod, alarm)
	}
	if job.Repeats {
		return e.openAgain(ctx, tx, d, job, c)
	}
	at, last, alarm := d.NextDueAt.In(c.zone), d.LastPeriod, ""
	for !at.After(d.Now) {
		if opened == d.CatchUpLimit {
			alarm = fmt.Sprintf("more than %d periods were missed; the next is due since %s", d.CatchUpLimit, at.Format(time.RFC3339))
			e.Log.Error("schedule stopped", "tenant", d.Tenant, "job", d.Job, "error", alarm)
			break
		}
		period := job.Period(calendar.DateOf(at, c.zone))
		fresh, err := e.openBySchedule(ctx, tx, d, period, 1)
		if err != nil {
			return opened, err
		}
		if fresh {
			opened++
		}
		last = period
		if at, err = c.Next(at); err != nil {
			return opened, err
		}
	}
	return opened, tx.SetDue(ctx, d.TenantID, d.Job, at, last, alarm)
}

// openBySchedule opens a run unless there is one of that number.
func (e *Env) openBySchedule(ctx context.Context, tx *store.Tx, d store.DueJob, period string, seq int) (fresh bool, err error) {
	r := batch.Run{
		Tenant: d.TenantID, ID: batch.RunID(d.Tenant, d.Job, period, seq), Job: d.Job, Period: period, Seq: seq,
		AsOf: d.Now.UTC().Truncate(time.Second), OpenedBy: "schedule",
	}
	fresh, err = tx.OpenRun(ctx, r, e.Engine, e.Config.Hash())
	if fresh {
		e.Log.Info("run opened", "run", r.Name(), "tenant", d.Tenant)
	}
	return fresh, err
}

// openAgain opens the next run of the present period when the job has work and its last run has ended.
func (e *Env) openAgain(ctx context.Context, tx *store.Tx, d store.DueJob, job Job, c Cron) (opened int, err error) {
	next, err := c.Next(d.Now)
	if err != nil {
		return 0, err
	}
	period := job.Period(calendar.DateOf(d.Now, c.zone))
	seq, err := e.nextSeq(ctx, d, job, period)
	if err != nil {
		return 0, err
	}
	if seq > 0 {
		fresh, err := e.openBySchedule(ctx, tx, d, period, seq)
		if err != nil {
			return 0, err
		}
		if fresh {
			opened = 1
		}
	}
	return opened, tx.SetDue(ctx, d.TenantID, d.Job, next, period, "")
}

// nextSeq is the number of the run to open now, or 0 for none.
func (e *Env) nextSeq(ctx context.Context, d store.DueJob, job Job, period string) (int, error) {
	last, err := e.DB.LatestRun(ctx, d.TenantID, d.Job, period)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	if err == nil && last.ClosedAt == nil {
		return 0, nil
	}
	pending, err := job.Pending(ctx, e, store.Tenant{ID: d.TenantID, Code: d.Tenant}, period)
	if err != nil || !pending {
		return 0, err
	}
	return last.Seq + 1, nil
}

// Schedule sets when a job runs for a tenant, from now on.
func (e *Env) Schedule(ctx context.Context, tenant store.Tenant, job, spec, zone string) error {
	if _, ok := e.Job(job); !ok {
		return fmt.Errorf("job %q does not exist", job)
	}
	c, err := ParseCron(spec, zone)
	if err != nil {
		return err
	}
	next, err := c.Next(e.Now())
	if err != nil {
		return err
	}
	return e.DB.InTx(ctx, func(tx *store.Tx) error {
		return tx.PutSchedule(ctx, tenant.ID, job, spec, zone, 3, next)
	})
}
