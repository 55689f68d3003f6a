package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"wattdue/jobs"
	"wattdue/registry"
	"wattdue/sql/store"
)

// mostKeyBytes bounds a file of keys, which is read whole.
const mostKeyBytes = 256 << 20

type keysImportCmd struct {
	File   string `arg:"" help:"A list of keys (CSV), or charge records (OCPI 2.2.1 JSON, also .gz); - reads standard input."`
	DryRun bool   `help:"Tell what would happen, but change nothing."`
	Actor  string `placeholder:"NAME" help:"Who registers; default: the user."`
	JSON   bool   `help:"Print the outcome as JSON, faults included."`
}

func (*keysImportCmd) Help() string {
	return `A list has a header and a line per key, parted by commas or semicolons:

  evse_id,meter_id,public_key,valid_from,valid_until,source
  DE*ABC*E0001*1,1EMH0012345678,MFkwEwYHKoZIzj0C...,2026-01-01T00:00:00+01:00,,handover protocol

evse_id or meter_id is there; without evse_id the key is the meter's wherever it is built in. public_key is base64,
hexadecimal or PEM of a SubjectPublicKeyInfo, or a bare point with a further column curve. valid_from is an instant or a
date; valid_until and source may be empty.

Of charge records the keys they carry are taken, each only where nothing is registered for the EVSE, and only if it verifies
the record: pinned on first sight, valid from that session on, with source ocpi. A differing key is told, never taken.

A line that is wrong is told with what to do and keeps no other from being taken; then the exit status is 1. Importing
again changes nothing.

Example:
  wattdue keys import keys.csv --dry-run
  wattdue keys import 2026-10-31_DE-ABC.json.gz --actor j.doe`
}

// keyImportView is the outcome of an import, for machines.
type keyImportView struct {
	DryRun  bool             `json:"dry_run"`
	Pinned  bool             `json:"pinned"` // from charge records
	New     int              `json:"new"`
	Changed int              `json:"changed"`
	Same    int              `json:"as_before"`
	Keys    []keyFate        `json:"keys"`
	Faults  []registry.Fault `json:"faults"`
}

type keyFate struct {
	Line  int           `json:"line"`
	EVSE  string        `json:"evse,omitempty"`
	Meter string        `json:"meter,omitempty"`
	Hash  string        `json:"sha256"`
	Fate  registry.Fate `json:"fate"`
}

func (k *keysImportCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	f, err := k.read(con)
	if err != nil {
		return err
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		done, err := a.ImportKeys(ctx, t, f, actorOr(k.Actor), k.DryRun)
		if err != nil {
			return err
		}
		if k.JSON {
			err = printJSON(con.out, k.view(done))
		} else {
			err = k.print(con, f.Name, done)
		}
		if err == nil && len(done.Faults) > 0 {
			err = errSilent
		}
		return err
	})
}

func (k *keysImportCmd) read(con *terminal) (jobs.KeyFile, error) {
	name, in := "standard input", con.in
	if k.File != "-" {
		f, err := openFile(k.File)
		if err != nil {
			return jobs.KeyFile{}, usageError{err}
		}
		defer func() { _ = f.Close() }()
		name, in = filepath.Base(k.File), f
	}
	data, err := io.ReadAll(io.LimitReader(in, mostKeyBytes+1))
	if err != nil {
		return jobs.KeyFile{}, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	if len(data) > mostKeyBytes {
		return jobs.KeyFile{}, usageError{fmt.Errorf("%s is larger than 256 MB; split it", name)}
	}
	return jobs.KeyFile{Name: name, Data: data}, nil
}

func (k *keysImportCmd) view(done jobs.KeyImport) keyImportView {
	v := keyImportView{
		DryRun: k.DryRun, Pinned: done.Pinned, New: done.Count(registry.New), Changed: done.Count(registry.Changed), Same: done.Count(registry.Same),
		Keys: []keyFate{}, Faults: append([]registry.Fault{}, done.Faults...),
	}
	for _, o := range done.Keys {
		v.Keys = append(v.Keys, keyFate{o.Line, o.EVSE, o.MeterID, o.Hash, o.Fate})
	}
	return v
}

// print tells faults to standard error, and what became of the keys to standard output.
func (k *keysImportCmd) print(con *terminal, name string, done jobs.KeyImport) error {
	for _, f := range done.Faults {
		_, _ = fmt.Fprintf(con.err, "%s:%s\n", name, f)
	}
	for _, o := range done.Keys {
		word := string(o.Fate)
		switch {
		case o.Fate == registry.Same:
			continue
		case done.Pinned:
			word = "pinned on first sight from " + stampOf(o.From)
		}
		_, _ = fmt.Fprintf(con.out, "%.16s of %s: %s\n", o.Hash, o.Owner(), word)
	}
	head := "registered"
	if done.Pinned {
		head = "pinned"
	}
	if k.DryRun {
		head = "dry run, nothing was changed; would be " + head
	}
	_, err := fmt.Fprintf(con.out, "%s: %d new, %d changed, %d as before, %d refused\n",
		head, done.Count(registry.New), done.Count(registry.Changed), done.Count(registry.Same), len(done.Faults))
	return err
}
