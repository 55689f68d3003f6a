package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"wattdue/config"
	"wattdue/jobs"
	"wattdue/sql/store"
)

type checkCmd struct {
	Sample  int  `default:"20" placeholder:"N" help:"How many archived documents of a tenant to read again."`
	Verbose bool `short:"v" help:"Also print every setting and where it comes from, without secrets."`
	JSON    bool `help:"Print as JSON, settings included."`
}

func (*checkCmd) Help() string {
	return `Looks at configuration, database, queue and archive, and for each tenant at balance, books, numbers, runs, quarantine,
mails and schedules. Changes nothing. Exit status 1 when something is broken; what only needs a look is a warning.

Example:
  wattdue check
  wattdue check --tenant acme --sample 500 --json`
}

// checkView is the outcome for machines.
type checkView struct {
	OK       bool           `json:"ok"`
	Findings []jobs.Finding `json:"findings"`
	Settings []config.Shown `json:"settings"`
}

func (k *checkCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	if k.Sample < 0 {
		return usageError{fmt.Errorf("--sample %d: want 0 or more", k.Sample)}
	}
	cfg, err := c.load()
	if err != nil {
		return err
	}
	var findings []jobs.Finding
	a, err := connect(ctx, cfg, newLog(cfg, con.err), con)
	if err != nil {
		findings = unconnected(ctx, cfg, err)
	} else {
		findings, err = k.look(ctx, c, cfg, a)
		if err = errors.Join(err, a.close(ctx)); err != nil {
			return err
		}
	}
	broken := slices.ContainsFunc(findings, func(f jobs.Finding) bool { return f.Grade == jobs.GradeFail })
	if k.JSON {
		err = printJSON(con.out, checkView{!broken, findings, cfg.Redacted()})
	} else {
		err = k.print(con.out, cfg, findings)
	}
	if err == nil && broken {
		err = errSilent
	}
	return err
}

// unconnected says what stood in the way of a connection, and looks at the queue all the same where it has an address.
func unconnected(ctx context.Context, cfg config.Config, cause error) []jobs.Finding {
	findings := []jobs.Finding{configured(cfg), {
		Area: "installation", Name: "connection", Grade: jobs.GradeFail, Text: cause.Error(), ToDo: "nothing else can be checked before this works",
	}}
	if cfg.RedisURL != "" {
		findings = append(findings, checkRedis(ctx, cfg, cfg.RedisURL))
	}
	return findings
}

// look checks an installation that can be reached.
func (k *checkCmd) look(ctx context.Context, c *cli, cfg config.Config, a *app) ([]jobs.Finding, error) {
	standing, err := a.DB.Standing(ctx)
	if err != nil {
		return nil, err
	}
	have, _, err := a.DB.SchemaVersion(ctx)
	if err != nil {
		return nil, err
	}
	findings := []jobs.Finding{configured(cfg), checkRole(cfg, standing, have), checkRedis(ctx, cfg, a.redisURL), checkArchive(cfg)}
	tenants, err := a.DB.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	if c.Tenant != "" {
		one, err := a.DB.Tenant(ctx, c.Tenant)
		if err != nil {
			return nil, err
		}
		tenants = []store.Tenant{one}
	}
	if len(tenants) == 0 {
		findings = append(findings, jobs.Finding{Area: "installation", Name: "tenants", Grade: jobs.GradeWarn, Text: "there is no tenant yet", ToDo: "load one with: wattdue load FILE; or try: wattdue demo"})
	}
	for _, t := range tenants {
		of, err := a.CheckTenant(ctx, t, k.Sample)
		if err != nil {
			return nil, fmt.Errorf("tenant %s: %w", t.Code, err)
		}
		findings = append(findings, of...)
	}
	return findings, nil
}

// configured tells where settings come from.
func configured(cfg config.Config) jobs.Finding {
	from := map[string]int{}
	for _, s := range cfg.Redacted() {
		origin := s.Origin
		if i := strings.LastIndex(origin, ":"); i > 0 {
			origin = origin[:i] // the file without the line
		} else {
			origin, _, _ = strings.Cut(origin, " ") // environment without the variable
		}
		from[origin]++
	}
	var parts []string
	for _, origin := range slices.Sorted(maps.Keys(from)) {
		parts = append(parts, fmt.Sprintf("%d from %s", from[origin], origin))
	}
	return jobs.Finding{Area: "installation", Name: "configuration", Grade: jobs.GradeOK, Text: fmt.Sprintf("mode %s, settings: %s", cfg.Mode, strings.Join(parts, ", "))}
}

// checkRole wants the role that may add to the books but not change them.
func checkRole(cfg config.Config, s store.Standing, schema int64) jobs.Finding {
	f := jobs.Finding{Area: "installation", Name: "database", Grade: jobs.GradeOK, Text: fmt.Sprintf("schema version %d, as role %s", schema, s.Role)}
	if s.Super || s.MayChange {
		f.Text += ", which may change what is booked"
		f.ToDo = "connect as a role that is granted no more than " + store.RoleApp
		f.Grade = jobs.GradeWarn
		if cfg.Mode == config.Production {
			f.Grade = jobs.GradeFail
		}
	}
	return f
}

// checkArchive writes a file where the archive lies and takes it away again.
func checkArchive(cfg config.Config) jobs.Finding {
	f := jobs.Finding{Area: "installation", Name: "archive", Grade: jobs.GradeOK}
	dir := cfg.Archive.Dir
	if u, err := url.Parse(cfg.Archive.URL); err == nil && cfg.Archive.URL != "" {
		if u.Scheme != "file" {
			f.Text = "in " + u.Scheme + "://, read below"
			return f
		}
		dir = filepath.FromSlash(u.Path)
	}
	probe, err := os.CreateTemp(dir, ".check-*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		f.Grade, f.Text, f.ToDo = jobs.GradeFail, "cannot be written: "+err.Error(), "set archive.dir to a folder that can be written, or free its disk"
		return f
	}
	f.Text = dir + " can be written"
	return f
}

func (k *checkCmd) print(out io.Writer, cfg config.Config, findings []jobs.Finding) error {
	if k.Verbose {
		w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
		for _, s := range cfg.Redacted() {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, orDash(s.Value), s.Origin)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	area := ""
	count := map[jobs.Grade]int{}
	for _, f := range findings {
		if f.Area != area {
			area = f.Area
			_, _ = fmt.Fprintln(out, area)
		}
		count[f.Grade]++
		_, _ = fmt.Fprintf(out, "  %-5s %-14s %s\n", f.Grade, f.Name, f.Text)
		if f.ToDo != "" {
			_, _ = fmt.Fprintf(out, "  %-5s %-14s %s\n", "", "", f.ToDo)
		}
	}
	_, err := fmt.Fprintf(out, "%d ok, %d to look at, %d broken\n", count[jobs.GradeOK], count[jobs.GradeWarn], count[jobs.GradeFail])
	return err
}
