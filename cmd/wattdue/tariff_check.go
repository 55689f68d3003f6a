package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"wattdue/jobs"
	"wattdue/pricelist"
	"wattdue/sql/store"
)

type tariffCheckCmd struct {
	Files        []string `arg:"" name:"file" help:"Price lists in YAML; - reads standard input. docs/formats/tariff.md describes the format."`
	AllowUnknown bool     `help:"With --tenant: let groups, places, contracts and customers be named that are not loaded yet."`
	JSON         bool     `help:"Print as JSON: faults and findings per file."`
}

func (*tariffCheckCmd) Help() string {
	return `Faults of a file come with line, column and what to write instead; then what stands against publication: rows that
contradict each other, gaps, rows that never win and more. Errors end with status 1, warnings do not. With --tenant the
file is also held against what is loaded there: groups, locations, zones, contracts, countries and published versions.

The smallest tariff, to begin with:
  tariff: HOME
  version: 1
  valid_from: 2026-01-01 Europe/Berlin
  currency: EUR
  mode: gross
  price: {energy: 0.49 per kWh}

Example:
  wattdue tariff check nord.yaml
  wattdue tariff check nord.yaml --tenant nordlicht
  wattdue tariff check *.yaml --json`
}

// checkedView is a checked file for machines.
type checkedView struct {
	File     string              `json:"file"`
	OK       bool                `json:"ok"`
	Tariff   string              `json:"tariff,omitempty"`
	Version  int                 `json:"version,omitempty"`
	Rows     int                 `json:"rows,omitempty"`
	SHA256   string              `json:"sha256,omitempty"` // of the content
	Faults   pricelist.Faults    `json:"faults"`
	Findings []pricelist.Finding `json:"findings"`
}

func viewCheck(name string, c jobs.CheckedTariff) checkedView {
	return checkedView{
		File: name, OK: c.Good(), Tariff: c.Tariff.Code, Version: c.Tariff.Version, Rows: len(c.Tariff.Rows), SHA256: hashText(c.Hash),
		Faults: append(pricelist.Faults{}, c.Faults...), Findings: append([]pricelist.Finding{}, c.Findings...),
	}
}

func (x *tariffCheckCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	check := func(f jobs.TariffFile) (jobs.CheckedTariff, error) { return jobs.CheckTariff(f), nil }
	if c.Tenant == "" {
		return x.check(con, check)
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		return x.check(con, func(f jobs.TariffFile) (jobs.CheckedTariff, error) {
			f.Unknown = x.AllowUnknown
			return a.CheckTariff(ctx, t, f)
		})
	})
}

func (x *tariffCheckCmd) check(con *terminal, check func(jobs.TariffFile) (jobs.CheckedTariff, error)) error {
	good := true
	views := []checkedView{}
	for _, name := range x.Files {
		f, err := readTariffFile(con, name)
		if err != nil {
			return err
		}
		c, err := check(f)
		if err != nil {
			return err
		}
		good = good && c.Good()
		views = append(views, viewCheck(f.Name, c))
		if x.JSON {
			continue
		}
		if err := printCheck(con, f.Name, c); err != nil {
			return err
		}
	}
	if x.JSON {
		if err := printJSON(con.out, views); err != nil {
			return err
		}
	}
	if !good {
		return errSilent
	}
	return nil
}

// printCheck tells what stands against a file to standard error, and the rest to standard output.
func printCheck(con *terminal, name string, c jobs.CheckedTariff) error {
	if n := len(c.Faults); n > 0 {
		_, err := fmt.Fprintf(con.err, "%s: %s; see docs/formats/tariff.md\n", name, counted(n, "fault"))
		return errors.Join(printFaults(con.err, c.Faults), err)
	}
	errs, warnings, err := printFindings(con, name, c.Findings)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("%s: %s, %s", name, versionName(c.Tariff), counted(len(c.Tariff.Rows), "row"))
	switch {
	case errs > 0:
		_, err = fmt.Fprintf(con.err, "%s: cannot be published, %s\n", head, counted(errs, "error"))
	case warnings > 0:
		_, err = fmt.Fprintf(con.out, "%s: can be published; look at %s first\n", head, counted(warnings, "warning"))
	default:
		_, err = fmt.Fprintf(con.out, "%s: can be published\n", head)
	}
	return err
}

func printFindings(con *terminal, name string, findings []pricelist.Finding) (errs, warnings int, err error) {
	for _, f := range findings {
		var w io.Writer = con.out
		if f.Severity == pricelist.Error {
			errs, w = errs+1, con.err
		} else {
			warnings++
		}
		if _, err := fmt.Fprintf(w, "%s: %s (%s)\n", name, f, f.Code); err != nil {
			return errs, warnings, err
		}
	}
	return errs, warnings, nil
}
