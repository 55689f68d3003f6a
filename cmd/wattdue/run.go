package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"
	"time"

	"wattdue/calendar"
	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

type runCmd struct {
	Job    string `arg:"" help:"intake, billing, collect or mail."`
	Period string `placeholder:"PERIOD" help:"Month (2026-10) or day (2026-11-02); default: for billing the last month, else today."`
	AsOf   string `placeholder:"TIME" help:"The run's notion of now, RFC 3339; default: the database clock."`
	Chunk  int    `placeholder:"N" help:"Records per chunk; default: as configured. Results do not depend on it."`
	Actor  string `placeholder:"NAME" help:"Who opens the run; default: the user."`
	JSON   bool   `help:"Print the outcome as JSON."`
}

func (*runCmd) Help() string {
	return `Opens the run of a period, or goes on with the one under way, and works it to its end.
A closed period is worked again only if something came since.

Example:
  wattdue run intake
  wattdue run billing --period 2026-10`
}

func (r *runCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	if r.Chunk < 0 || r.Chunk > 100_000 {
		return usageError{fmt.Errorf("--chunk %d: want 1 to 100000", r.Chunk)}
	}
	var asOf time.Time
	if r.AsOf != "" {
		var err error
		if asOf, err = time.Parse(time.RFC3339, r.AsOf); err != nil {
			return usageError{fmt.Errorf("--as-of %q: want RFC 3339, such as 2026-11-02T04:00:00+01:00", r.AsOf)}
		}
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		o := jobs.Opening{Job: r.Job, Period: r.Period, Actor: actorOr(r.Actor), AsOf: asOf, ChunkSize: r.Chunk}
		out, err := a.workRun(ctx, t, o, c.progress(con))
		if err != nil && !errors.Is(err, jobs.ErrNothingToDo) {
			return err
		}
		if r.JSON {
			return printJSON(con.out, viewRun(out))
		}
		return printRun(con.out, out, errors.Is(err, jobs.ErrNothingToDo))
	})
}

// workRun opens a run and works it, with all parts of the machine but the ticker in this process.
func (a *app) workRun(ctx context.Context, t store.Tenant, o jobs.Opening, p progress) (jobs.Outcome, error) {
	job, ok := a.Job(o.Job)
	if !ok {
		return jobs.Outcome{}, usageError{fmt.Errorf("job %q does not exist; the jobs are intake, billing, collect and mail", o.Job)}
	}
	if o.Period == "" {
		period, err := a.defaultPeriod(ctx, job, t, o.AsOf)
		if err != nil {
			return jobs.Outcome{}, err
		}
		o.Period = period
	}
	if err := job.CheckPeriod(o.Period); err != nil {
		return jobs.Outcome{}, usageError{err}
	}
	row, err := a.Open(ctx, t, o)
	if err != nil {
		return jobs.Outcome{Run: row}, err
	}
	return a.workOpened(ctx, row, p)
}

// workOpened works an open run to its end or as far as it goes by itself.
func (a *app) workOpened(ctx context.Context, row store.RunRow, p progress) (jobs.Outcome, error) {
	machine, err := jobs.NewMachine(a.Env, a.redisURL, jobs.Roles{Reconciler: true, Workers: true})
	if err != nil {
		return jobs.Outcome{}, err
	}
	if err := machine.CheckRedis(ctx); err != nil {
		return jobs.Outcome{}, err
	}
	inner, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- machine.Run(inner) }()
	out, err := a.Wait(ctx, row, p.look)
	p.finish()
	stop()
	return out, errors.Join(err, <-done)
}

func (a *app) defaultPeriod(ctx context.Context, job jobs.Job, t store.Tenant, asOf time.Time) (string, error) {
	if asOf.IsZero() {
		now, err := a.DB.Clock(ctx)
		if err != nil {
			return "", err
		}
		asOf = now
	}
	zone, err := t.Location()
	if err != nil {
		return "", err
	}
	return job.Period(calendar.DateOf(asOf, zone)), nil
}

// actorOr is the name given, else that of the user who calls.
func actorOr(name string) string {
	if name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// runView is a run for machines.
type runView struct {
	store.RunRow
	Name    string           `json:"name"`
	Blocked bool             `json:"blocked"`
	Stages  []store.StageSum `json:"stages"`
	Sheet   *jobs.Sheet      `json:"sheet,omitempty"`
}

func viewRun(o jobs.Outcome) runView {
	sheet, _ := jobs.SheetOf(o.Run)
	return runView{o.Run, o.Run.Run().Name(), o.Blocked, o.Stages, sheet}
}

// printRun says how a run ended and what to do next. A run that needs somebody ends the command with status 1, except
// when it only waits for approval.
func printRun(w io.Writer, o jobs.Outcome, nothing bool) error {
	name := o.Run.Run().Name()
	if nothing {
		_, err := fmt.Fprintf(w, "%s: nothing to do, the run is %s and nothing has come since\n", name, o.Run.State)
		return err
	}
	switch batch.RunState(o.Run.State) {
	case batch.Closed:
		_, _ = fmt.Fprintf(w, "%s: closed\n", name)
		if sheet, err := jobs.SheetOf(o.Run); err == nil && sheet != nil {
			_, _ = fmt.Fprintf(w, "  %s\n", sheet.Balance)
		}
		return nil
	case batch.Review:
		_, err := fmt.Fprintf(w, "%s: waits for approval\n  look:    wattdue runs show %s\n  approve: wattdue runs approve %s --actor NAME\n", name, name, name)
		return err
	case batch.Failed:
		_, _ = fmt.Fprintf(w, "%s: stopped, an invariant is broken: %s\n", name, o.Run.Error)
		return errSilent
	case batch.Cancelled:
		_, _ = fmt.Fprintf(w, "%s: %s\n", name, o.Run.Error)
		return errSilent
	case batch.Running:
	}
	if o.Blocked {
		_, _ = fmt.Fprintf(w, "%s: blocked in stage %s by failed chunks\n  look:  wattdue runs show %s\n  retry: wattdue runs retry %s\n", name, o.Run.Stage, name, name)
		return errSilent
	}
	_, err := fmt.Fprintf(w, "%s: running, in stage %s\n", name, o.Run.Stage)
	return err
}

// printJSON writes a value for machines.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
