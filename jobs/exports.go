package jobs

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"wattdue/archive"
	"wattdue/ledger"
	"wattdue/ledger/journal"
	"wattdue/sql/store"
)

// ExportDocuments writes the archived PDF of every document to a folder, named by number. What is there already with the
// same bytes is left alone; with other bytes it is an error. It returns how many documents there are.
func (e *Env) ExportDocuments(ctx context.Context, tenant store.Tenant, dir string, done func(int, int)) (int, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return 0, err
	}
	artefacts, err := e.DB.Artefacts(ctx, tenant.ID, "pdf")
	if err != nil {
		return 0, err
	}
	numbers, err := e.DB.DocumentNumbers(ctx, tenant.ID)
	if err != nil {
		return 0, err
	}
	for i, a := range artefacts {
		bytes, err := e.Vault.Get(ctx, tenant.ID, a.Subject, a.Object)
		if err != nil {
			return i, fmt.Errorf("document %s: %w", numbers[a.Owner], err)
		}
		if err := archive.WriteFile(filepath.Join(dir, numbers[a.Owner]+".pdf"), bytes); err != nil {
			return i, err
		}
		if done != nil {
			done(i+1, len(artefacts))
		}
	}
	return len(artefacts), nil
}

// ExportJournal writes a tenant's books in the format of hledger.
func (e *Env) ExportJournal(ctx context.Context, tenant store.Tenant, w io.Writer) error {
	var broken error
	entries := func(yield func(ledger.Entry) bool) {
		for entry, err := range e.DB.Journal(ctx, tenant.ID) {
			if err != nil {
				broken = err
				return
			}
			if !yield(entry) {
				return
			}
		}
	}
	if err := journal.Write(w, iter.Seq[ledger.Entry](entries)); err != nil {
		return err
	}
	return broken
}

// ExportQuarantine writes what is set aside as CSV, without the kept bytes.
func (e *Env) ExportQuarantine(ctx context.Context, tenant store.Tenant, w io.Writer) error {
	rows, err := e.DB.QuarantineList(ctx, tenant.ID, "")
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "file", "ordinal", "stage", "attempt", "class", "code", "record", "field", "reason", "state", "decided_by"}); err != nil {
		return err
	}
	for _, r := range rows {
		err := out.Write([]string{
			r.ID, r.File, strconv.Itoa(r.Ordinal), r.Stage, strconv.Itoa(r.Attempt), r.Class, r.Code, r.Record, r.Field, r.Reason, r.State, r.DecidedBy,
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// ReplaceFile writes a file that may change from one export to the next, whole or not at all.
func ReplaceFile(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if err := write(tmp); err != nil {
		_ = tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), 0o644); err != nil { //nolint:gosec // exports are for other people to read
		return err
	}
	return os.Rename(tmp.Name(), path)
}
