package main

import (
	"context"
	"fmt"

	"wattdue/config"
	"wattdue/dev/local"
)

type devCmd struct {
	Up     devUpCmd     `cmd:"" help:"Start private Postgres and Redis and leave them running."`
	Down   devDownCmd   `cmd:"" help:"Stop them."`
	Status devStatusCmd `cmd:"" help:"Tell whether they run and where."`
}

type devDir struct {
	Dir string `placeholder:"DIR" type:"path" help:"State folder; default: as configured, else that of the user."`
}

func (d devDir) folder(cfg config.Config) (string, error) {
	if d.Dir != "" {
		return d.Dir, nil
	}
	if cfg.Local.Dir != "" {
		return cfg.Local.Dir, nil
	}
	return local.DefaultDir()
}

type devUpCmd struct {
	devDir
	NoFetch bool `help:"Do not fetch missing servers."`
	JSON    bool `help:"Print as JSON."`
}

func (*devUpCmd) Help() string {
	return "The servers listen on unix sockets in the state folder and on no port.\n\nExample:\n  wattdue dev up"
}

func (d *devUpCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	dir, err := d.folder(cfg)
	if err != nil {
		return err
	}
	status, err := local.Up(ctx, local.Options{
		Dir: dir, Fsync: cfg.Local.Fsync, Fetch: cfg.Local.Fetch && !d.NoFetch, PostgresBin: cfg.Local.PostgresBin, RedisServer: cfg.Local.RedisServer,
		Log: func(line string) { _, _ = fmt.Fprintln(con.err, line) },
	})
	if err != nil {
		return err
	}
	return printStatus(con, status, d.JSON)
}

type devDownCmd struct{ devDir }

func (*devDownCmd) Help() string { return "Example:\n  wattdue dev down" }

func (d *devDownCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	dir, err := d.folder(cfg)
	if err != nil {
		return err
	}
	ran, err := local.Down(ctx, dir)
	if err != nil {
		return err
	}
	word := "stopped"
	if !ran {
		word = "nothing was running"
	}
	_, err = fmt.Fprintln(con.out, word)
	return err
}

type devStatusCmd struct {
	devDir
	JSON bool `help:"Print as JSON."`
}

func (*devStatusCmd) Help() string { return "Example:\n  wattdue dev status --json" }

func (d *devStatusCmd) Run(_ context.Context, c *cli, con *terminal) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	dir, err := d.folder(cfg)
	if err != nil {
		return err
	}
	status, err := local.StatusOf(dir)
	if err != nil {
		return err
	}
	return printStatus(con, status, d.JSON)
}

func printStatus(con *terminal, s local.Status, asJSON bool) error {
	if asJSON {
		return printJSON(con.out, s)
	}
	if !s.Running {
		_, err := fmt.Fprintf(con.out, "not running (%s); start with: wattdue dev up\n", s.Dir)
		return err
	}
	_, err := fmt.Fprintf(con.out, "running in %s\n  postgres %s  %s\n  redis %s  %s\n", s.Dir, s.Postgres, s.DatabaseURL, s.Redis, s.RedisURL)
	return err
}
