package jobs_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// The files at which workers die that are told to.
const (
	mortalFile = "a-mortal.ndjson" // after each of its first three batches of 20 records: bad luck
	deadlyFile = "b-deadly.ndjson" // always in its second batch
)

// dieReading makes a worker that dies at certain files, and whenever it reads released records.
func dieReading(e *jobs.Env) {
	e.Config.Jobs.Lease = 300 * time.Millisecond
	db, err := sql.Open("postgres", os.Getenv(workerDatabase))
	if err != nil {
		panic(err)
	}
	e.KillPoint = func(point string) {
		if !strings.HasPrefix(point, "import:") {
			return
		}
		var name string
		var done int
		err := db.QueryRow(`select name, ordinal_done from import_file where stalled > 0 and not finished`).Scan(&name, &done)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			panic(err)
		case point == "import:after-batch" && name == mortalFile && done <= 60,
			point == "import:before-batch" && name == deadlyFile && done == 20:
			os.Exit(137)
		}
	}
	e.Jobs = rework(e.Jobs, "import", func(read work) work {
		return func(ctx context.Context, e *jobs.Env, t jobs.Task) (jobs.Counts, error) {
			if t.Chunk.Span.Lo == "released" {
				os.Exit(137)
			}
			return read(ctx, e, t)
		}
	})
}

// inboxOf fills the inbox with files of good records, each with as many as given, and nothing else. The records of a file are
// called by the first letter of its name.
func (h *house) inboxOf(t *testing.T, files map[string]int) {
	t.Helper()
	inbox := h.InboxOf(h.tenant.Code)
	record := h.oneRecord(t, inbox)
	if err := os.RemoveAll(inbox); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(inbox, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, n := range files {
		var b strings.Builder
		for i := range n {
			b.WriteString(renamed(record, fmt.Sprintf("%c-%03d", name[0], i+1)) + "\n")
		}
		write(t, filepath.Join(inbox, name), []byte(b.String()))
	}
}

// TestFileThatKillsItsReadersIsSetAside reads three files. The first meets death three times, but gets further each time;
// the second kills who comes to record 21, and three more who begin there; the third is good. The second is set aside, the
// others are imported in the same run. Released to a mended program, its rest is imported and nothing twice.
func TestFileThatKillsItsReadersIsSetAside(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 4, Sessions: 20, Faults: -1})
	h.inboxOf(t, map[string]int{mortalFile: 90, deadlyFile: 50, "c-good.ndjson": 10})
	workers := newHerd(t, h, 1, workerReading+"=yes")
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 20), "closed")
	workers.mu.Lock()
	if workers.deaths != 7 {
		t.Errorf("%d workers died, want 3 of the first file and 4 of the second", workers.deaths)
	}
	workers.mu.Unlock()
	workers.end()
	accrued := func(letter string) int64 {
		return h.number(t, `select count(*) from charge join charge_state using (tenant_id, charge_id) where state = 'accrued' and cdr_id like '`+letter+`-%'`)
	}
	if a, b, c := accrued("a"), accrued("b"), accrued("c"); a != 90 || b != 20 || c != 10 {
		t.Errorf("%d, %d and %d records of the three files were accrued, want 90, 20 and 10", a, b, c)
	}
	rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
	if err != nil || len(rows) != 1 || rows[0].Stage != "receive" || rows[0].Code != "crash" || rows[0].File != deadlyFile || rows[0].Ordinal != 21 {
		t.Fatalf("set aside is %+v, error %v; want %s from record 21 on", rows, err, deadlyFile)
	}
	if _, err := h.Open(t.Context(), h.tenant, jobs.Opening{Job: "intake", Period: "2026-11-02", AsOf: intakeAsOf, Actor: "preparer"}); !errors.Is(err, jobs.ErrNothingToDo) {
		t.Errorf("intake while the file is set aside: %v, want nothing to do", err)
	}

	by := jobs.Decision{Actor: "ann", Reason: "version 2 is installed"}
	if err := h.Release(t.Context(), h.tenant, rows, by); err != nil {
		t.Fatal(err)
	}
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 20), "closed")
	if a, b, c := accrued("a"), accrued("b"), accrued("c"); a != 90 || b != 50 || c != 10 {
		t.Errorf("%d, %d and %d records of the three files were accrued in the end, want 90, 50 and 10", a, b, c)
	}
	if n := h.number(t, `select count(*) from import_file where finished and not parked and duplicates = 0 and rejected = 0`); n != 3 {
		t.Errorf("%d files were read to their end without a duplicate or reject, want 3", n)
	}
}

// TestReleasedRecordThatKillsItsReadersIsSetAsideAgain releases a rejected record to a program that dies of it. After three
// deaths it waits for a person again, with its bytes, and the run closes.
func TestReleasedRecordThatKillsItsReadersIsSetAsideAgain(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 4, Sessions: 20, Faults: -1})
	h.inboxOf(t, map[string]int{"c-good.ndjson": 5})
	bad := []byte(`{"id":"D-001"}`)
	write(t, filepath.Join(h.InboxOf(h.tenant.Code), "d-bad.ndjson"), bad)
	workers := newHerd(t, h, 1, workerReading+"=yes")
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 20), "closed")
	open := func() store.QuarantineRow {
		rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
		if err != nil || len(rows) != 1 {
			t.Fatalf("set aside is %+v, error %v; want one record", rows, err)
		}
		return rows[0]
	}
	by := jobs.Decision{Actor: "ann", Reason: "try again"}
	if err := h.Release(t.Context(), h.tenant, []store.QuarantineRow{open()}, by); err != nil {
		t.Fatal(err)
	}
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 20), "closed")
	again := open()
	kept, err := h.DB.QuarantinePayload(t.Context(), h.tenant.ID, again)
	if again.Code != "crash" || again.Attempt != 2 || err != nil || string(kept) != string(bad) {
		t.Errorf("set aside again is %+v with %q, error %v", again, kept, err)
	}
	workers.mu.Lock()
	defer workers.mu.Unlock()
	if workers.deaths != 3 {
		t.Errorf("%d workers died, want 3", workers.deaths)
	}
}

// TestArchiveThatIsAwayIsNoDeath reads a file again and again while the archive is not there. That the worker lives to
// tell is what counts: the file is not set aside.
func TestArchiveThatIsAwayIsNoDeath(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 4, Sessions: 20, Faults: -1})
	h.inboxOf(t, map[string]int{"c-good.ndjson": 5})
	var read work
	h.Jobs = rework(h.Jobs, "import", func(w work) work {
		read = w
		return func(context.Context, *jobs.Env, jobs.Task) (jobs.Counts, error) {
			return nil, batch.Failf(batch.ClassInvariant, "not yet")
		}
	})
	_, stop := run(t, h.Env, h.redisURL, jobs.Roles{Reconciler: true, Workers: true})
	row := h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "failed")
	stop()
	try := func() error {
		return h.DB.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := read(t.Context(), h.Env, jobs.Task{Run: row.Run(), Chunk: batch.Chunk{Span: batch.Span{Lo: "received"}}, Tx: tx})
			return err
		})
	}
	there := filepath.Join(h.dir, "archive")
	if err := os.Rename(there, there+".away"); err != nil {
		t.Fatal(err)
	}
	for range h.Timing.CrashLimit + 2 {
		if err := try(); err == nil {
			t.Fatal("the file was read without an archive")
		}
	}
	if n := h.number(t, `select count(*) from import_file where parked`); n != 0 {
		t.Errorf("%d files were set aside", n)
	}
	if err := os.RemoveAll(there); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(there+".away", there); err != nil {
		t.Fatal(err)
	}
	if err := try(); err != nil {
		t.Error(err)
	}
	if n := h.number(t, `select count(*) from charge`); n != 5 {
		t.Errorf("%d records were imported, want 5", n)
	}
}
