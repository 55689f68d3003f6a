package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"wattdue/config"
	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
)

type benchCmd struct {
	Records int    `default:"10000" placeholder:"N" help:"How many charge records."`
	Out     string `type:"path" placeholder:"DIR" help:"Folder to work in and to leave everything in, database included; default: a temporary one, deleted afterwards."`
	JSON    bool   `help:"Print the figures as JSON."`
}

func (*benchCmd) Help() string {
	return `Simulates signed charge records, takes them through an intake run on private servers and counts what it costs,
stage by stage. Then measures the limits the run stands on over the same records: verifying their signatures, decoding
their JSON, copying their bytes into a plain table. CPU time is that of this process, of Postgres with all its
processes and of redis-server; simulating the records is not counted.

Example:
  wattdue bench
  wattdue bench --records 100000 --json`
}

// mostBenchRecords keeps the simulated month within what its charge points and the disk hold.
const mostBenchRecords = 1_000_000

func (b *benchCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	if b.Records < 1 || b.Records > mostBenchRecords {
		return usageError{fmt.Errorf("--records %d: want 1 to %d", b.Records, mostBenchRecords)}
	}
	dir, remove, err := b.folder()
	if err != nil {
		return err
	}
	figures, err := b.measureIn(ctx, c, con, dir)
	if err = errors.Join(err, remove()); err != nil {
		return err
	}
	if b.JSON {
		return printJSON(con.out, figures)
	}
	return figures.print(con.out)
}

// folder makes the folder to work in. The one the caller names must be new or empty and stays.
func (b *benchCmd) folder() (dir string, remove func() error, err error) {
	if b.Out == "" {
		if dir, err = os.MkdirTemp("", "wattdue-bench-"); err != nil {
			return "", nil, fmt.Errorf("no temporary folder: %w; set TMPDIR or give --out", err)
		}
		// Another user may have to pass through, because Postgres refuses to run as root.
		return dir, func() error { return os.RemoveAll(dir) }, os.Chmod(dir, 0o755) //nolint:gosec // holds simulated records only
	}
	if err := os.MkdirAll(b.Out, 0o755); err != nil { //nolint:gosec // as above
		return "", nil, fmt.Errorf("the bench cannot write to %s: %w; give another --out", b.Out, err)
	}
	entries, err := os.ReadDir(b.Out)
	if err == nil && len(entries) > 0 {
		err = errors.New("it is not empty")
	}
	if err != nil {
		return "", nil, fmt.Errorf("the bench cannot use %s: %w; give another --out", b.Out, err)
	}
	return b.Out, func() error { return nil }, nil
}

// measureIn simulates, works and measures in a folder.
func (b *benchCmd) measureIn(ctx context.Context, c *cli, con *terminal, dir string) (benchFigures, error) {
	world, err := b.world()
	if err != nil {
		return benchFigures{}, err
	}
	file := filepath.Join(dir, "inbox", world.Tenant.Code, "records.ndjson")
	if err := b.simulate(ctx, c, con, world, file); err != nil {
		return benchFigures{}, fmt.Errorf("simulate charge records: %w", err)
	}
	cfg, err := benchConfig(c, dir)
	if err != nil {
		return benchFigures{}, err
	}
	a, err := connect(ctx, cfg, newLog(cfg, con.err), con)
	if err != nil {
		return benchFigures{}, err
	}
	figures, err := b.measure(ctx, c, con, a, world, file)
	return figures, errors.Join(err, a.close(ctx))
}

// world is a provider of the size that goes with the records: ten sessions per customer, a hundred per charge point.
func (b *benchCmd) world() (*simulate.World, error) {
	return simulate.Generate(simulate.Options{
		Seed: 1, Customers: min(max(b.Records/10, 1), 99_999), Sessions: -1, EVSEs: min(max(b.Records/100, 40), 9_999), Month: demoMonth, Faults: -1,
	})
}

// simulate writes the records into the inbox.
func (b *benchCmd) simulate(ctx context.Context, c *cli, con *terminal, world *simulate.World, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // simulated records only
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	out := bufio.NewWriterSize(f, 1<<20)
	bar := c.progress(con).count("simulate", b.Records)
	defer bar.finish()
	for s, err := range world.Stream(b.Records) {
		if err == nil {
			_, err = out.Write(append(s.JSON, '\n'))
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		bar.add(1)
	}
	return errors.Join(out.Flush(), f.Close())
}

// benchConfig is the bench's own: private servers and every folder under dir, durable as in production.
func benchConfig(c *cli, dir string) (config.Config, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return config.Config{}, err
	}
	flags := map[string]string{
		"mode": "dev", "database_url": "", "redis_url": "", "dev.dir": filepath.Join(dir, "db"), "dev.fsync": "true",
		"archive.dir": filepath.Join(dir, "archive"), "mail.dir": filepath.Join(dir, "mail"), "sepa.export_dir": filepath.Join(dir, "sepa"),
		"jobs.inbox_dir": filepath.Join(dir, "inbox"), "log.level": "error",
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

// measure runs the intake with a clock at every stage, then the limits.
func (b *benchCmd) measure(ctx context.Context, c *cli, con *terminal, a *app, world *simulate.World, file string) (benchFigures, error) {
	if a.server == nil {
		return benchFigures{}, errors.New("the bench needs private servers; do not set database_url and redis_url")
	}
	status := a.server.Status()
	cpu := cpuClock{postgres: status.PostgresPID, redis: status.RedisPID}
	if err := a.loadWorld(ctx, world); err != nil {
		return benchFigures{}, err
	}
	// What simulating left behind must not count as memory of the run.
	debug.FreeOSMemory()
	resetPeak()
	figures := benchFigures{Records: b.Records, machine: describeMachine(status, a.Config.Local.Fsync)}
	if err := b.intake(ctx, c, con, a, world, cpu, &figures); err != nil {
		return figures, err
	}
	var err error
	if figures.PeakMB, err = peakMB(); err != nil {
		return figures, err
	}
	limits, err := measureLimits(ctx, a.ownerURL, world, file, b.Records, cpu, c.progress(con).count("limits", b.Records))
	figures.Limits = limits
	figures.Ratio = rounded(figures.CPU/limits.Sum, 2)
	return figures, err
}

// intake works the run as `wattdue run intake` does and refuses figures of a run that left records behind.
func (b *benchCmd) intake(ctx context.Context, c *cli, con *terminal, a *app, world *simulate.World, cpu cpuClock, to *benchFigures) error {
	tenant, err := a.DB.Tenant(ctx, world.Tenant.Code)
	if err != nil {
		return err
	}
	clock := &stageClock{cpu: cpu}
	a.Jobs = clock.watch(a.Jobs)
	out, err := a.workRun(ctx, tenant, jobs.Opening{Job: "intake", Period: "2026-11-02", AsOf: intakeAsOf, Actor: "bench"}, c.progress(con))
	if err != nil {
		return err
	}
	if out.Run.State != "closed" {
		return fmt.Errorf("the intake run is %s in stage %s %s; nothing can be said about its speed", out.Run.State, out.Run.Stage, out.Run.Error)
	}
	counts, err := a.DB.StageCounts(ctx, tenant.ID, out.Run.RunID)
	if err != nil {
		return err
	}
	if n := accruedIn(counts); n != int64(b.Records) {
		return fmt.Errorf("of %d records %d came through to the end; figures of another amount of work would be no figures", b.Records, n)
	}
	return clock.figures(to)
}

func accruedIn(counts []store.StageCount) int64 {
	for _, n := range counts {
		if n.Stage == "accrue" && n.Name == "accrued" {
			return n.N
		}
	}
	return 0
}
