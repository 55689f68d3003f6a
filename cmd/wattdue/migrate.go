package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"wattdue/sql/store"
)

type migrateCmd struct{}

func (*migrateCmd) Help() string {
	return "Runs as the role of database_owner_url; makes the roles wattdue_owner, wattdue_app and wattdue_reader where it may.\n\nExample:\n  wattdue migrate"
}

func (*migrateCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if cfg.OwnerURL() == "" {
		a, err := c.open(ctx, con) // the private server migrates when it is opened
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(con.out, "the private database is up to date")
		return errors.Join(err, a.close(ctx))
	}
	n, err := store.Migrate(ctx, cfg.OwnerURL(), false)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "%d migrations applied, the schema is up to date\n", n)
	return err
}

type versionCmd struct {
	JSON bool `help:"Print as JSON."`
}

func (*versionCmd) Help() string { return "Example:\n  wattdue version" }

func (v *versionCmd) Run(con *terminal) error {
	if v.JSON {
		return printJSON(con.out, map[string]string{"version": version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	_, err := fmt.Fprintf(con.out, "wattdue %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type scheduleCmd struct {
	Job  string `arg:"" help:"intake, billing, collect or mail."`
	Spec string `arg:"" help:"Five fields: minute hour day month weekday, in the tenant's local time."`
}

func (*scheduleCmd) Help() string {
	return "A day on which the time does not exist is due when the clock jumps; a time that comes twice is due once.\n\nExample:\n  wattdue schedule intake \"30 2 * * *\"\n  wattdue schedule billing \"0 4 2 * *\""
}

func (s *scheduleCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		if err := a.Schedule(ctx, t, s.Job, s.Spec, t.Zone); err != nil {
			return usageError{err}
		}
		_, err := fmt.Fprintf(con.out, "%s runs at \"%s\" (%s)\n", s.Job, s.Spec, t.Zone)
		return err
	})
}
