package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

type runsCmd struct {
	List    runsListCmd    `cmd:"" help:"List the newest runs."`
	Show    runsShowCmd    `cmd:"" help:"Show a run: stages, failures, drafts, balance."`
	Approve runsApproveCmd `cmd:"" help:"Approve the drafts of a billing run."`
	Retry   runsRetryCmd   `cmd:"" help:"Open the failed chunks of a run again."`
	Cancel  runsCancelCmd  `cmd:"" help:"End a run; the charges of its drafts stay unbilled."`
}

type runsListCmd struct {
	Limit int  `default:"20" help:"How many."`
	JSON  bool `help:"Print as JSON."`
}

func (*runsListCmd) Help() string { return "Example:\n  wattdue runs list --limit 5" }

func (r *runsListCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withApp(ctx, con, func(a *app) error {
		rows, err := a.DB.Runs(ctx, c.Tenant, r.Limit)
		if err != nil {
			return err
		}
		if r.JSON {
			views := make([]runView, len(rows))
			for i, row := range rows {
				views[i] = viewRun(jobs.Outcome{Run: row})
			}
			return printJSON(con.out, views)
		}
		if len(rows) == 0 {
			_, err := fmt.Fprintln(con.out, "no runs yet; open one with: wattdue run intake")
			return err
		}
		w := tabwriter.NewWriter(con.out, 2, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "TENANT\tRUN\tSTATE\tSTAGE\tAS OF\tOPENED BY")
		for _, row := range rows {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", row.Tenant, row.Run().Name(), row.State, row.Stage,
				row.AsOf.UTC().Format("2006-01-02 15:04Z"), row.OpenedBy)
		}
		return w.Flush()
	})
}

type runsShowCmd struct {
	Run_ string `arg:"" name:"run" help:"job/period or job/period/number, such as billing/2026-10/1."`
	JSON bool   `help:"Print as JSON."`
}

func (*runsShowCmd) Help() string { return "Example:\n  wattdue runs show billing/2026-10" }

func (r *runsShowCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		row, err := a.FindRun(ctx, t, r.Run_)
		if err != nil {
			return err
		}
		sums, err := a.DB.StageSums(ctx, t.ID, row.RunID)
		if err != nil {
			return err
		}
		if r.JSON {
			return printJSON(con.out, viewRun(jobs.Outcome{Run: row, Stages: sums}))
		}
		return showRun(ctx, a, con, row, sums)
	})
}

func showRun(ctx context.Context, a *app, con *terminal, row store.RunRow, sums []store.StageSum) error {
	_, _ = fmt.Fprintf(con.out, "%s  %s, stage %s, as of %s, opened by %s\n", row.Run().Name(), row.State, row.Stage,
		row.AsOf.UTC().Format("2006-01-02 15:04Z"), row.OpenedBy)
	if row.Error != "" {
		_, _ = fmt.Fprintf(con.out, "  %s\n", row.Error)
	}
	w := tabwriter.NewWriter(con.out, 2, 4, 2, ' ', 0)
	for _, s := range sums {
		_, _ = fmt.Fprintf(w, "  %s\t%d %s\n", s.Stage, s.Chunks, s.State)
	}
	counts, err := a.DB.StageCounts(ctx, row.TenantID, row.RunID)
	if err != nil {
		return err
	}
	for _, n := range counts {
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%d\n", n.Stage, n.Name, n.N)
	}
	chunks, err := a.DB.Chunks(ctx, row.TenantID, row.RunID)
	if err != nil {
		return err
	}
	for _, ch := range chunks {
		if ch.Error != "" {
			_, _ = fmt.Fprintf(w, "  %s\tchunk %d %s (%s)\t%s\n", ch.Stage, ch.No, ch.State, ch.ErrorClass, ch.Error)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if row.State == string(batch.Review) {
		set, err := a.Preview(ctx, row)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(con.out, "  drafts: %d documents, %d free, gross %d.%02d\n  approve: wattdue runs approve %s --actor NAME\n",
			set.Documents, set.Free, set.Gross/100, set.Gross%100, row.Run().Name())
	}
	if sheet, err := jobs.SheetOf(row); err == nil && sheet != nil {
		_, _ = fmt.Fprintf(con.out, "  %s\n", sheet.Balance)
	}
	return nil
}

type runsApproveCmd struct {
	Run_  string `arg:"" name:"run" help:"The run, such as billing/2026-10/1."`
	Actor string `required:"" placeholder:"NAME" help:"Who approves. Above the configured sum it must not be who opened the run."`
}

func (*runsApproveCmd) Help() string {
	return "Signs the hash of the run's draft set; the run goes on with the server, or with: wattdue run billing\n\nExample:\n  wattdue runs approve billing/2026-10 --actor j.doe"
}

func (r *runsApproveCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		row, err := a.FindRun(ctx, t, r.Run_)
		if err != nil {
			return err
		}
		set, err := a.Approve(ctx, row, r.Actor)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "%s: approved %d documents over %d.%02d by %s; it goes on with the server, or with:\n  wattdue run %s --period %s\n",
			row.Run().Name(), set.Documents, set.Gross/100, set.Gross%100, r.Actor, row.Job, row.Period)
		return err
	})
}

type runsRetryCmd struct {
	Run_   string `arg:"" name:"run" help:"The run, such as billing/2026-10/1."`
	Actor  string `placeholder:"NAME" help:"Who retries; default: the user."`
	Reason string `placeholder:"TEXT" help:"Why, for the audit log."`
	Work   bool   `help:"Also work the run to its end in this process."`
}

func (*runsRetryCmd) Help() string {
	return "Works also after the queue was emptied.\n\nExample:\n  wattdue runs retry intake/2026-11-02 --work"
}

func (r *runsRetryCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		row, err := a.FindRun(ctx, t, r.Run_)
		if err != nil {
			return err
		}
		machine, err := jobs.NewMachine(a.Env, a.redisURL, jobs.Roles{})
		if err != nil {
			return err
		}
		n, err := machine.Retry(ctx, row, actorOr(r.Actor), r.Reason)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(con.out, "%s: %d chunks are open again\n", row.Run().Name(), n); err != nil || !r.Work {
			return err
		}
		out, err := a.workOpened(ctx, row, c.progress(con))
		if err != nil {
			return err
		}
		return printRun(con.out, out, false)
	})
}

type runsCancelCmd struct {
	Run_   string `arg:"" name:"run" help:"The run, such as billing/2026-10/1."`
	Actor  string `placeholder:"NAME" help:"Who cancels; default: the user."`
	Reason string `required:"" placeholder:"TEXT" help:"Why, for the audit log."`
}

func (*runsCancelCmd) Help() string {
	return "Example:\n  wattdue runs cancel billing/2026-10 --reason \"wrong tariff\""
}

func (r *runsCancelCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		row, err := a.FindRun(ctx, t, r.Run_)
		if err != nil {
			return err
		}
		if err := a.Cancel(ctx, row, actorOr(r.Actor), r.Reason); err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "%s: cancelled\n", row.Run().Name())
		return err
	})
}
