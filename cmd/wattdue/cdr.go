package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"wattdue/cdr"
)

type cdrCmd struct {
	Read cdrReadCmd `cmd:"" help:"Show the charge records of a file, and what cannot be read."`
}

type cdrReadCmd struct {
	File   string `arg:"" help:"The file, plain or compressed with gzip; - for standard input."`
	Format string `default:"ocpi-2.2.1" placeholder:"NAME" help:"Format of the file."`
	AsOf   string `placeholder:"TIME" help:"Refuse sessions that end more than two days later, as an import at that time does, RFC 3339; default: no limit."`
	JSON   bool   `help:"Print as JSON: records and rejects."`
}

func (*cdrReadCmd) Help() string {
	return `Needs no database. Records go to standard output; what cannot be read goes to standard error, one line each with file,
line, record, field and what to do. Exit status 1 when anything could not be read. Files of any size are fine.

Example:
  wattdue cdr read inbox/2026-10-31_DE-ABC.json.gz
  curl -s https://partner.example/cdrs | wattdue cdr read - --json`
}

func (r *cdrReadCmd) Run(ctx context.Context, con *terminal) error {
	var limits cdr.Limits
	if r.AsOf != "" {
		asOf, err := time.Parse(time.RFC3339, r.AsOf)
		if err != nil {
			return usageError{fmt.Errorf("--as-of %q: want RFC 3339, such as 2026-11-02T04:00:00+01:00", r.AsOf)}
		}
		limits.Latest = asOf.Add(48 * time.Hour)
	}
	read, ok := cdr.ReaderWith(r.Format, limits)
	if !ok {
		return usageError{fmt.Errorf("--format %q is not known; known are: %s", r.Format, strings.Join(formatNames(), ", "))}
	}
	name, in := "stdin", con.in
	if r.File != "-" {
		f, err := openFile(r.File)
		if err != nil {
			return usageError{err}
		}
		defer func() { _ = f.Close() }()
		name, in = r.File, f
	}
	out := bufio.NewWriter(con.out)
	var sink recordSink = &recordTable{name: name, out: out, err: con.err}
	if r.JSON {
		sink = &recordJSON{out: out}
	}
	rejects, err := readRecords(ctx, name, read(in), sink)
	if err != nil {
		return err
	}
	if err := errors.Join(sink.end(), out.Flush()); err != nil {
		return unwritable(err)
	}
	if rejects > 0 {
		return errSilent
	}
	return nil
}

func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("file cannot be read: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, fmt.Errorf("%s is a folder; name the files in it", name)
	}
	return f, nil
}

func unwritable(err error) error { return fmt.Errorf("output cannot be written: %w", err) }

func formatNames() []string {
	var names []string
	for _, f := range cdr.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// recordSink takes what was read from a file, one by one, and the end of it.
type recordSink interface {
	record(cdr.Record) error
	reject(*cdr.Reject) error
	end() error
}

// readRecords passes everything a reader yields to a sink and counts the rejects. An error means that the stream or the
// output broke.
func readRecords(ctx context.Context, name string, records iter.Seq2[cdr.Record, error], sink recordSink) (rejects int, err error) {
	for record, err := range records {
		var reject *cdr.Reject
		switch {
		case errors.As(err, &reject):
			rejects++
			err = sink.reject(reject)
		case err != nil:
			return rejects, fmt.Errorf("%s: %w", name, err)
		default:
			err = sink.record(record)
		}
		if err != nil {
			return rejects, unwritable(err)
		}
		if err := ctx.Err(); err != nil {
			return rejects, err
		}
	}
	return rejects, nil
}

// recordTable shows records to people. Columns have fixed widths, so that a file of any size streams through. Token and
// contract ids are not shown.
type recordTable struct {
	name     string
	out      *bufio.Writer
	err      io.Writer
	records  int
	rejected int
}

const recordRow = "%-32s %-20s %-20s %11s  %-22s %s\n"

func (t *recordTable) record(r cdr.Record) error {
	if t.records == 0 {
		_, _ = fmt.Fprintf(t.out, recordRow, "RECORD", "START", "END", "KWH", "EVSE", "SIGNED")
	}
	t.records++
	signed := "no"
	if r.Signed != nil {
		signed = "yes"
	}
	_, err := fmt.Fprintf(t.out, recordRow, r.Key(), r.Start.UTC().Format(time.RFC3339), r.End.UTC().Format(time.RFC3339),
		r.Energy.KWh(), r.Location.EVSEID, signed)
	return err
}

func (t *recordTable) reject(r *cdr.Reject) error {
	t.rejected++
	_, err := fmt.Fprintln(t.err, rejectLine(t.name, r))
	return err
}

// rejectLine says in one line where a record stands, what is wrong with it and what to do.
func rejectLine(name string, r *cdr.Reject) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: record %d", name, r.Origin.Line, r.Origin.Ordinal)
	if r.ID != "" {
		fmt.Fprintf(&b, " (%s)", r.ID)
	}
	if r.Field != "" {
		fmt.Fprintf(&b, ", field %s", r.Field)
	}
	fmt.Fprintf(&b, ": %s (%s)", r.Detail, r.Code)
	return b.String()
}

func (t *recordTable) end() error {
	_, err := fmt.Fprintf(t.out, "%d records read, %d could not be read\n", t.records, t.rejected)
	return err
}

// recordJSON writes one JSON document as it comes: records go out at once, rejects wait in a spool for their place
// behind the records.
type recordJSON struct {
	out     *bufio.Writer
	records int
	rejects spool
}

func (j *recordJSON) record(r cdr.Record) error {
	lead := ",\n"
	if j.records == 0 {
		lead = `{"records":[` + "\n"
	}
	j.records++
	_, _ = j.out.WriteString(lead)
	line, err := compactJSON(cdr.View(r))
	if err != nil {
		return err
	}
	_, err = j.out.Write(line)
	return err
}

func (j *recordJSON) reject(r *cdr.Reject) error {
	line, err := compactJSON(cdr.ViewReject(r))
	if err != nil {
		return err
	}
	return j.rejects.add(line)
}

func (j *recordJSON) end() error {
	lead := `{"records":[`
	if j.records > 0 {
		lead = "\n"
	}
	_, _ = j.out.WriteString(lead + `],"rejects":[`)
	if err := j.rejects.copyTo(j.out, ",\n"); err != nil {
		return err
	}
	_, err := j.out.WriteString("]}\n")
	return err
}

// compactJSON encodes a value on one line, with < and > as they are.
func compactJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
