package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"wattdue/jobs"
	"wattdue/sql/store"
)

type importCmd struct {
	Paths []string `arg:"" name:"file" type:"existingfile" help:"OCPI 2.2.1 files: object, array, response or one record per line; also .gz."`
	AsOf  string   `placeholder:"TIME" help:"The run's notion of now, RFC 3339; default: the database clock."`
	Actor string   `placeholder:"NAME" help:"Who imports; default: the user."`
	JSON  bool     `help:"Print the outcome as JSON."`
}

func (*importCmd) Help() string {
	return "Copies the files into the inbox and works an intake run. Importing the same bytes again does nothing.\n\nExample:\n  wattdue import 2026-10-*.json.gz"
}

func (i *importCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	var asOf time.Time
	if i.AsOf != "" {
		var err error
		if asOf, err = time.Parse(time.RFC3339, i.AsOf); err != nil {
			return usageError{fmt.Errorf("--as-of %q: want RFC 3339, such as 2026-11-02T04:00:00+01:00", i.AsOf)}
		}
	}
	return c.withTenant(ctx, con, func(a *app, t store.Tenant) error {
		inbox := a.InboxOf(t.Code)
		if err := os.MkdirAll(inbox, 0o750); err != nil {
			return fmt.Errorf("inbox cannot be made: %w; set jobs.inbox_dir to a folder that can be written", err)
		}
		for _, p := range i.Paths {
			if err := copyIn(p, inbox); err != nil {
				return err
			}
		}
		out, err := a.workRun(ctx, t, jobs.Opening{Job: "intake", Actor: actorOr(i.Actor), AsOf: asOf}, c.progress(con))
		nothing := errors.Is(err, jobs.ErrNothingToDo)
		if err != nil && !nothing {
			return err
		}
		if i.JSON {
			return printJSON(con.out, viewRun(out))
		}
		return printRun(con.out, out, nothing)
	})
}

// copyIn copies a file into the inbox under its own name, whole or not at all, and keeps its time, so that the same file
// is known again. A file that lies in the inbox already stays there.
func copyIn(path, inbox string) error {
	target := filepath.Join(inbox, filepath.Base(path))
	if same, err := filepath.Abs(path); err == nil && same == target {
		return nil
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Stat(target); err == nil {
		if there.Size() == info.Size() && there.ModTime().Equal(info.ModTime()) {
			return nil
		}
		// Another file of that name may still wait to be received.
		target = filepath.Join(inbox, fmt.Sprintf("%x-%s", info.ModTime().UnixNano(), filepath.Base(path)))
	}
	err = jobs.ReplaceFile(target, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("file %s cannot be put into the inbox: %w", filepath.Base(path), err)
	}
	return os.Chtimes(target, info.ModTime(), info.ModTime())
}
