package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"wattdue/jobs"
	"wattdue/pricelist"
	"wattdue/rating"
	"wattdue/sql/store"
)

type tariffCmd struct {
	Check   tariffCheckCmd   `cmd:"" help:"Say what is wrong with price lists and what stands against publication; needs no database."`
	Show    tariffShowCmd    `cmd:"" help:"Show the week of a tariff as a picture: day, night and gaps at a glance."`
	Diff    tariffDiffCmd    `cmd:"" help:"Say in what two versions differ, and whether the second is dearer."`
	Publish tariffPublishCmd `cmd:"" help:"Make a price list valid, as a version that never changes."`
	List    tariffListCmd    `cmd:"" help:"List published versions."`
}

// largestTariff bounds a price list, which is read whole.
const largestTariff = 16 << 20

// readTariffFile reads a price list; - is standard input.
func readTariffFile(con *terminal, name string) (jobs.TariffFile, error) {
	in := con.in
	f := jobs.TariffFile{Name: name}
	if name == "-" {
		f.Name = "standard input"
	} else {
		file, err := openFile(name)
		if err != nil {
			return f, usageError{err}
		}
		defer func() { _ = file.Close() }()
		in, f.Name = file, filepath.Base(name)
	}
	var err error
	if f.Data, err = io.ReadAll(io.LimitReader(in, largestTariff+1)); err != nil {
		return f, fmt.Errorf("%s cannot be read: %w", f.Name, err)
	}
	if len(f.Data) > largestTariff {
		return f, usageError{fmt.Errorf("%s is larger than 16 MB; split the tariff", f.Name)}
	}
	return f, nil
}

// isTariffFile tells a file from the code of a published tariff: what is there is a file, and what looks like one is meant
// as one.
func isTariffFile(name string) bool {
	if name == "-" {
		return true
	}
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		return true
	}
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// splitVersion reads CODE or CODE@VERSION; version 0 is none.
func splitVersion(what string) (code string, version int, err error) {
	code, text, named := strings.Cut(what, "@")
	if !named {
		return code, 0, nil
	}
	if version, err = strconv.Atoi(text); err != nil || version < 1 || code == "" {
		return "", 0, usageError{fmt.Errorf("%q: want CODE or CODE@VERSION, such as NORD@4, or a file", what)}
	}
	return code, version, nil
}

// tariffs opens tariffs by what they are called: files, or published versions, for which the database is opened.
func (c *cli) tariffs(ctx context.Context, con *terminal, names ...string) ([]jobs.CheckedTariff, error) {
	list := make([]jobs.CheckedTariff, len(names))
	var stored []int
	for i, name := range names {
		if !isTariffFile(name) {
			stored = append(stored, i)
			continue
		}
		f, err := readTariffFile(con, name)
		if err != nil {
			return nil, err
		}
		list[i] = jobs.CheckTariff(f)
		if len(list[i].Faults) > 0 {
			_ = printFaults(con.err, list[i].Faults)
			return nil, errSilent
		}
	}
	if len(stored) == 0 {
		return list, nil
	}
	err := c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		for _, i := range stored {
			code, version, err := splitVersion(names[i])
			if err != nil {
				return err
			}
			tariff, err := a.PublishedTariff(ctx, t, code, version)
			if err != nil {
				return err
			}
			list[i] = jobs.JudgeTariff(tariff)
		}
		return nil
	})
	return list, err
}

func printFaults(w io.Writer, faults pricelist.Faults) error {
	var errs []error
	for _, f := range faults {
		_, err := fmt.Fprintln(w, f)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// versionName is how people call a version.
func versionName(t rating.Tariff) string { return fmt.Sprintf("%s version %d", t.Code, t.Version) }

// hashText is a content hash, empty where there is none.
func hashText(h [32]byte) string {
	if h == [32]byte{} {
		return ""
	}
	return hex.EncodeToString(h[:])
}
