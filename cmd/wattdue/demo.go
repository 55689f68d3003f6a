package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wattdue/archive"
	"wattdue/calendar"
	"wattdue/config"
	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/report"
	"wattdue/sql/store"
)

type demoCmd struct {
	Out       string `default:"./demo-out" type:"path" placeholder:"DIR" help:"Folder for everything the demo makes, its database included."`
	Seed      uint64 `default:"1" help:"The same seed gives the same month, documents, mails and bank files."`
	Customers int    `default:"300" help:"How many customers."`
	Sessions  int    `default:"3000" help:"How many charging sessions."`
	Serve     bool   `help:"Keep the server up afterwards and print the queue page's address and login."`
	Listen    string `default:"127.0.0.1:0" help:"Address of the queue page with --serve."`
}

func (*demoCmd) Help() string {
	return `Simulates a month of an e-mobility provider with signed charge records and a few faults, then bills it with the
same steps the commands run, intake, billing and collect. At the end what was found by comparing the sessions is compared
with what was planted; a difference is an error. Deleting DIR deletes the demo.

Example:
  wattdue demo
  wattdue demo --out /tmp/demo --seed 7 --customers 50 --sessions 400 --serve`
}

// The demo's month and the moments of its runs.
var (
	demoMonth    = calendar.NewDate(2026, time.October, 1).MonthOf()
	intakeAsOf   = time.Date(2026, time.November, 2, 2, 30, 0, 0, time.UTC)
	billingAsOf  = time.Date(2026, time.November, 3, 3, 0, 0, 0, time.UTC)
	collectAsOf  = time.Date(2026, time.November, 4, 7, 0, 0, 0, time.UTC)
	demoPreparer = "operator"
	demoApprover = "finance"
)

// demoMasterData is the file in the demo's folder from which it loads its provider.
const demoMasterData = "masterdata.json"

func (d *demoCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	if d.Customers < 1 || d.Sessions < 1 {
		return usageError{fmt.Errorf("a demo of %d customers and %d sessions: want at least 1 of each", d.Customers, d.Sessions)}
	}
	started := time.Now()
	world, err := simulate.Generate(simulate.Options{Seed: d.Seed, Customers: d.Customers, Sessions: d.Sessions, Month: demoMonth})
	if err != nil {
		return usageError{err}
	}
	if err := d.prepare(world); err != nil {
		return err
	}
	cfg, err := d.config(c)
	if err != nil {
		return err
	}
	if err := writeDemoConfig(d.Out, cfg); err != nil {
		return err
	}
	a, err := connect(ctx, cfg, newLog(cfg, con.err), con)
	if err != nil {
		return err
	}
	err = d.bill(ctx, c, con, a, world, started)
	if err == nil && d.Serve {
		err = serveDemo(ctx, con, a, d.Listen)
	}
	return errors.Join(err, a.close(ctx))
}

// prepare writes inbox and truth once; a folder that holds another demo is refused.
func (d *demoCmd) prepare(world *simulate.World) error {
	want := fmt.Sprintf(`{"seed": %d, "customers": %d, "sessions": %d}`+"\n", d.Seed, d.Customers, d.Sessions)
	mark := filepath.Join(d.Out, "demo.json")
	have, err := os.ReadFile(mark)
	switch {
	case err == nil && string(have) == want:
		return nil
	case err == nil:
		return fmt.Errorf("%s holds a demo of other options (%s); delete it or give another --out", d.Out, string(have[:len(have)-1]))
	}
	for _, dir := range []string{"inbox/" + world.Tenant.Code, "invoices", "mail", "sepa"} {
		if err := os.MkdirAll(filepath.Join(d.Out, dir), 0o755); err != nil { //nolint:gosec // the demo's output is for other people to read
			return fmt.Errorf("the demo cannot write to %s: %w; give another --out", d.Out, err)
		}
	}
	if err := world.WriteInbox(filepath.Join(d.Out, "inbox", world.Tenant.Code)); err != nil {
		return fmt.Errorf("the demo cannot write its inbox: %w", err)
	}
	data, err := masterdata.Write(world.MasterData())
	if err != nil {
		return fmt.Errorf("the demo cannot write its master data: %w", err)
	}
	err = jobs.ReplaceFile(filepath.Join(d.Out, demoMasterData), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return fmt.Errorf("the demo cannot write its master data: %w", err)
	}
	if err := jobs.ReplaceFile(filepath.Join(d.Out, "truth.csv"), world.WriteTruth); err != nil {
		return fmt.Errorf("the demo cannot write the truth: %w", err)
	}
	return archive.WriteFile(mark, []byte(want))
}

// config is the demo's own: private servers and every folder under DIR.
func (d *demoCmd) config(c *cli) (config.Config, error) {
	out, err := filepath.Abs(d.Out)
	if err != nil {
		return config.Config{}, err
	}
	flags := map[string]string{
		"mode": "dev", "database_url": "", "redis_url": "", "dev.dir": filepath.Join(out, "db"), "dev.fsync": "false",
		"archive.dir": filepath.Join(out, "archive"), "mail.transport": "folder", "mail.dir": filepath.Join(out, "mail"),
		"sepa.export_dir": filepath.Join(out, "sepa"), "jobs.inbox_dir": filepath.Join(out, "inbox"), "log.level": "warn",
	}
	for k, v := range c.Set {
		flags[k] = v
	}
	cfg, err := config.Load(config.Source{Environ: devEnviron(), Flags: flags})
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

// devEnviron is the environment without what would lead the demo to other servers.
func devEnviron() []string {
	var kept []string
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); name != "DATABASE_URL" && name != "REDIS_URL" && !strings.HasPrefix(name, "WATTDUE_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// bill runs the month: intake, billing, approval, collection, exports and the report.
func (d *demoCmd) bill(ctx context.Context, c *cli, con *terminal, a *app, world *simulate.World, started time.Time) error {
	data, err := os.ReadFile(filepath.Join(d.Out, demoMasterData))
	if err != nil {
		return fmt.Errorf("the demo's master data cannot be read: %w; delete %s and run the demo again", err, d.Out)
	}
	if _, err := a.loadFile(ctx, &cli{}, data, jobs.Loading{Actor: demoPreparer, Source: demoMasterData}); err != nil {
		return err
	}
	t, err := a.DB.Tenant(ctx, world.Tenant.Code)
	if err != nil {
		return err
	}
	p := c.progress(con)
	if _, err := d.step(ctx, a, t, jobs.Opening{Job: "intake", Period: "2026-11-02", AsOf: intakeAsOf, Actor: demoPreparer}, p); err != nil {
		return err
	}
	billing := jobs.Opening{Job: "billing", Period: demoMonth.String(), AsOf: billingAsOf, Actor: demoPreparer}
	out, err := d.step(ctx, a, t, billing, p)
	if err != nil {
		return err
	}
	if out.Run.State == "review" {
		if _, err := a.Approve(ctx, out.Run, demoApprover); err != nil {
			return err
		}
		if _, err := d.step(ctx, a, t, billing, p); err != nil {
			return err
		}
	}
	if _, err := d.step(ctx, a, t, jobs.Opening{Job: "collect", Period: "2026-11-04", AsOf: collectAsOf, Actor: demoPreparer}, p); err != nil {
		return err
	}
	view, err := exportAll(ctx, a, t, d.Out)
	if err != nil {
		return err
	}
	if _, err = io.WriteString(con.out, report.Text(view)); err != nil {
		return err
	}
	findings, err := checkFindings(ctx, a, t, world)
	if err == nil {
		_, err = fmt.Fprintf(con.out, "\nFound are exactly the %d findings that truth.csv lists.\nDone in %s. Look at %s\nOther commands find the demo with -c: wattdue -c %s runs list\n",
			findings, time.Since(started).Round(100*time.Millisecond), filepath.Join(d.Out, "report.html"), filepath.Join(d.Out, demoConfigName))
	}
	return err
}

// step works one run of the demo; one that needs somebody other than an approver is an error.
func (d *demoCmd) step(ctx context.Context, a *app, t store.Tenant, o jobs.Opening, p progress) (jobs.Outcome, error) {
	out, err := a.workRun(ctx, t, o, p)
	switch {
	case errors.Is(err, jobs.ErrNothingToDo):
		return out, nil
	case err != nil:
		return out, err
	case out.Blocked, out.Run.State != "closed" && out.Run.State != "review":
		return out, fmt.Errorf("run %s is %s in stage %s %s; look at it with: wattdue runs show", out.Run.Run().Name(), out.Run.State, out.Run.Stage, out.Run.Error)
	}
	return out, nil
}

type exportCmd struct {
	Out  string `required:"" type:"path" placeholder:"DIR" help:"Folder to write to."`
	JSON bool   `help:"Print the report as JSON instead of text."`
}

func (*exportCmd) Help() string {
	return "Writes invoices/*.pdf, journal.hledger, quarantine.csv, findings.json, report.html and report.json.\n\nExample:\n  wattdue export --out /tmp/october"
}

func (x *exportCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		view, err := exportAll(ctx, a, t, x.Out)
		if err != nil {
			return err
		}
		if x.JSON {
			b, err := report.JSON(view)
			if err != nil {
				return err
			}
			_, err = con.out.Write(b)
			return err
		}
		_, err = io.WriteString(con.out, report.Text(view))
		return err
	})
}

// exportAll writes what people take away: documents, books, quarantine and the report.
func exportAll(ctx context.Context, a *app, t store.Tenant, dir string) (report.Report, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // exports are for other people to read
		return report.Report{}, fmt.Errorf("cannot write to %s: %w; give another --out", dir, err)
	}
	if _, err := a.ExportDocuments(ctx, t, filepath.Join(dir, "invoices"), nil); err != nil {
		return report.Report{}, err
	}
	view, err := a.Report(ctx, t, dir)
	if err != nil {
		return view, err
	}
	page, err := report.HTML(view)
	if err != nil {
		return view, err
	}
	data, err := report.JSON(view)
	if err != nil {
		return view, err
	}
	for name, write := range map[string]func(io.Writer) error{
		"journal.hledger": func(w io.Writer) error { return a.ExportJournal(ctx, t, w) },
		"quarantine.csv":  func(w io.Writer) error { return a.ExportQuarantine(ctx, t, w) },
		"findings.json":   func(w io.Writer) error { return exportFindings(ctx, a, t, w) },
		"report.html":     func(w io.Writer) error { _, err := w.Write(page); return err },
		"report.json":     func(w io.Writer) error { _, err := w.Write(data); return err },
	} {
		if err := jobs.ReplaceFile(filepath.Join(dir, name), write); err != nil {
			return view, fmt.Errorf("cannot write %s: %w", name, err)
		}
	}
	return view, nil
}
