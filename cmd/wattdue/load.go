package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"wattdue/jobs"
	"wattdue/masterdata"
)

type loadCmd struct {
	File   string `arg:"" placeholder:"FILE" help:"Master data as JSON; - reads standard input. docs/formats/masterdata.md describes the format."`
	DryRun bool   `help:"Check everything and tell what would change, but change nothing."`
	Actor  string `placeholder:"NAME" help:"Who loads; default: the user."`
	JSON   bool   `help:"Print the outcome as JSON, faults included."`
}

func (*loadCmd) Help() string {
	return `Loads a provider's master data: tenant, parties, contracts, tokens, mandates, charge points with meter keys, signature
policies, tariffs and schedules. All faults are listed, each with line, record and field; when there is one, nothing is
loaded. Loading again changes nothing, and what the file does not name stays as it is.

Example:
  wattdue load masterdata.json --dry-run
  wattdue load masterdata.json --actor j.doe`
}

// loadView is the outcome of loading, for machines.
type loadView struct {
	DryRun bool              `json:"dry_run"`
	Loaded *jobs.Loaded      `json:"loaded,omitempty"`
	Faults masterdata.Faults `json:"faults"`
}

func (l *loadCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	data, name, err := l.read(con)
	if err != nil {
		return err
	}
	return c.withApp(ctx, con, func(a *app) error {
		done, err := a.loadFile(ctx, c, data, jobs.Loading{Actor: actorOr(l.Actor), Source: name, DryRun: l.DryRun})
		var faults masterdata.Faults
		if err != nil && !errors.As(err, &faults) {
			return err
		}
		if l.JSON {
			view := loadView{DryRun: l.DryRun, Faults: faults}
			if len(faults) == 0 {
				view.Loaded, view.Faults = &done, masterdata.Faults{}
			}
			err = printJSON(con.out, view)
		} else {
			err = l.print(con, name, done, faults)
		}
		if err == nil && len(faults) > 0 {
			err = errSilent
		}
		return err
	})
}

// read returns the file and its name.
func (l *loadCmd) read(con *terminal) (data []byte, name string, err error) {
	if l.File == "-" {
		data, err = io.ReadAll(con.in)
		return data, "standard input", err
	}
	data, err = os.ReadFile(l.File)
	if err != nil {
		return nil, "", usageError{err}
	}
	return data, filepath.Base(l.File), nil
}

// loadFile reads and loads master data. The error is masterdata.Faults when something is wrong with them: all that can be
// found in the file and beside what is loaded already.
func (a *app) loadFile(ctx context.Context, c *cli, data []byte, how jobs.Loading) (jobs.Loaded, error) {
	f, faults := masterdata.Parse(data, a.MasterDataLookups())
	if c.Tenant != "" && f.Tenant.Code != "" && c.Tenant != f.Tenant.Code {
		return jobs.Loaded{}, usageError{fmt.Errorf("the file is about tenant %s, not %s; leave --tenant out or take the other file", f.Tenant.Code, c.Tenant)}
	}
	if len(faults) > 0 {
		missing, err := a.MissingReferences(ctx, f)
		if err != nil {
			return jobs.Loaded{}, errors.Join(faults, err)
		}
		faults = append(faults, missing...)
		faults.Sort()
		return jobs.Loaded{}, faults
	}
	how.SHA256 = fmt.Sprintf("%x", sha256.Sum256(data))
	return a.LoadMasterData(ctx, f, how)
}

// print tells how loading went: faults to standard error, counts to standard output.
func (l *loadCmd) print(con *terminal, name string, done jobs.Loaded, faults masterdata.Faults) error {
	for _, f := range faults {
		_, _ = fmt.Fprintln(con.err, f)
	}
	if n := len(faults); n > 0 {
		_, err := fmt.Fprintf(con.err, "wattdue: %s: %s, nothing was loaded; see docs/formats/masterdata.md\n", name, counted(n, "fault"))
		return err
	}
	head := "loaded"
	if l.DryRun {
		head = "dry run, nothing was changed; loading would make"
	}
	_, _ = fmt.Fprintf(con.out, "%s: %s\n", done.Tenant, head)
	w := tabwriter.NewWriter(con.out, 2, 4, 2, ' ', tabwriter.AlignRight)
	for _, k := range done.Kinds() {
		if k.New+k.Changed+k.Same > 0 {
			_, _ = fmt.Fprintf(w, "%s\t%d new\t%d changed\t%d as before\t\n", k.Name, k.New, k.Changed, k.Same)
		}
	}
	return w.Flush()
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
