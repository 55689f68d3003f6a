package jobs

import (
	"context"
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
	at, last, alarm := d.NextDueAt.In(c.zone), d.LastPeriod, ""
	for !at.After(d.Now) {
		if opened == d.CatchUpLimit {
			alarm = fmt.Sprintf("more than %d periods were missed; the next is due since %s", d.CatchUpLimit, at.Format(time.RFC3339))
			e.Log.Error("schedule stopped", "tenant", d.Tenant, "job", d.Job, "error", alarm)
			break
		}
		period := job.Period(calendar.DateOf(at, c.zone))
		r := batch.Run{
			Tenant: d.TenantID, ID: batch.RunID(d.Tenant, d.Job, period, 1), Job: d.Job, Period: period, Seq: 1,
			AsOf: d.Now.UTC().Truncate(time.Second), OpenedBy: "schedule",
		}
		fresh, err := tx.OpenRun(ctx, r, e.Engine, e.Config.Hash())
		if err != nil {
			return opened, err
		}
		if fresh {
			e.Log.Info("run opened", "run", r.Name(), "tenant", d.Tenant)
			opened++
		}
		last = period
		if at, err = c.Next(at); err != nil {
			return opened, err
		}
	}
	return opened, tx.SetDue(ctx, d.TenantID, d.Job, at, last, alarm)
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
