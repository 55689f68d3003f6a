package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// importRows is how many records are stored in one transaction; the file's checkpoint moves with it.
const importRows = 5000

// received is the span of the chunk that reads received files.
const received = "received"

// released is the span of the chunk that reads rejected records again which a person has let in.
const released = "released"

// importRecords reads received files into charge records: one chunk, file after file in the order of their names, because of
// two records with one key the earlier counts, and which is earlier must not depend on how fast workers are. Every batch
// commits by itself and moves its file's checkpoint, so a worker that dies loses one batch of work and no record.
var importRecords = Stage{
	Name: "import", Queue: QueueBilling, Size: importRows, Plan: planImport, Work: workImport, Park: parkReleased,
	Resumes: func(s batch.Span) bool { return s.Lo == received },
}

func planImport(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, _ int) ([]batch.Span, error) {
	files, err := tx.UnfinishedFiles(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	var spans []batch.Span
	if len(files) > 0 {
		spans = append(spans, batch.Span{Lo: received})
	}
	again, err := tx.ReleasedRejects(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	if len(again) > 0 {
		spans = append(spans, batch.Span{Lo: released})
	}
	return spans, nil
}

func workImport(ctx context.Context, e *Env, t Task) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	if t.Chunk.Span.Lo == released {
		return importReleased(ctx, t, tenant)
	}
	files, err := t.Tx.UnfinishedFiles(ctx, tenant.ID)
	if err != nil {
		return nil, err
	}
	counts := Counts{}
	for _, f := range files {
		in := importer{e: e, task: t, tenant: tenant, file: f, counts: counts}
		if err := in.guarded(ctx); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// guarded reads the file unless it has killed too many workers at the place it has come to.
func (in *importer) guarded(ctx context.Context) error {
	deaths, err := in.e.DB.BeginFile(ctx, in.tenant.ID, in.file.ID)
	if err != nil {
		return err
	}
	if deaths > in.e.Timing.CrashLimit {
		in.counts["parked_files"]++
		return parkFile(ctx, in.e, in.task, in.file)
	}
	err = in.run(ctx)
	return errors.Join(err, in.e.DB.LeaveFile(context.WithoutCancel(ctx), in.tenant.ID, in.file.ID))
}

// importer reads one file in batches.
type importer struct {
	e      *Env
	task   Task
	tenant store.Tenant
	file   store.ImportFile
	batch  store.ImportBatch
	counts Counts
}

func (in *importer) run(ctx context.Context) error {
	read, ok := cdr.ReaderWith(in.file.Format, cdr.Limits{Latest: in.task.Run.AsOf.Add(48 * time.Hour)})
	if !ok {
		return fmt.Errorf("file %s: format %q is not known", in.file.Name, in.file.Format)
	}
	stream := in.e.OpenFile(ctx, in.tenant.ID, in.file)
	size := in.e.size(in.task.Run, "import", importRows)
	in.start(in.file.OrdinalDone)
	for record, err := range read(stream) {
		var reject *cdr.Reject
		if err != nil && !errors.As(err, &reject) {
			return fmt.Errorf("file %s: %w", in.file.Name, err)
		}
		in.add(record, reject)
		if len(in.batch.Arrivals)+len(in.batch.Rejects) >= size {
			if err := in.flush(ctx, false); err != nil {
				return err
			}
		}
	}
	return in.flush(ctx, true)
}

func (in *importer) start(after int) {
	in.batch = store.ImportBatch{File: in.file.ID, Run: in.task.Run.ID, After: after, UpTo: after}
}

// add takes a record or a reject into the batch, unless the checkpoint has passed it.
func (in *importer) add(r cdr.Record, reject *cdr.Reject) {
	origin := r.Origin
	if reject != nil {
		origin = reject.Origin
	}
	if origin.Ordinal <= in.batch.After {
		return
	}
	in.batch.UpTo = origin.Ordinal
	raw := slices.Clone(origin.Raw)
	if reject != nil {
		kept := *reject
		kept.Origin.Raw = raw
		in.batch.Rejects = append(in.batch.Rejects, &kept)
		return
	}
	in.batch.Arrivals = append(in.batch.Arrivals, store.Arrival{
		Record: r, Charge: chargeID(in.tenant.Code, r.Key()), Content: cdr.ContentHash(r), Raw: raw,
	})
}

// flush stores the batch in a transaction of its own and begins the next.
func (in *importer) flush(ctx context.Context, last bool) error {
	in.e.kill("import:before-batch")
	in.batch.Last = last
	var result store.ImportResult
	err := in.e.DB.InTx(ctx, func(tx *store.Tx) (err error) {
		result, err = tx.ImportRecords(ctx, in.tenant.ID, in.batch)
		return err
	})
	if err != nil {
		return err
	}
	in.e.kill("import:after-batch")
	// The chunk's own transaction waits meanwhile; without a sign of life the database would end it.
	if err := in.task.Tx.Touch(ctx); err != nil {
		return err
	}
	in.counts["imported"] += int64(result.Imported)
	in.counts["duplicates"] += int64(result.Duplicates)
	in.counts["quarantined"] += int64(result.Rejected)
	in.start(in.batch.UpTo)
	return ctx.Err()
}

// chargeID derives a charge's id from its identity within the tenant.
func chargeID(tenant string, k cdr.Key) ident.ID {
	return ident.Derive("charge", tenant, k.Country, k.Party, k.ID)
}

// importReleased gives rejected records another try.
func importReleased(ctx context.Context, t Task, tenant store.Tenant) (Counts, error) {
	rows, err := t.Tx.ReleasedRejects(ctx, tenant.ID)
	if err != nil {
		return nil, err
	}
	read, _ := cdr.ReaderWith(importFormat, cdr.Limits{Latest: t.Run.AsOf.Add(48 * time.Hour)})
	for _, row := range rows {
		b := store.ImportBatch{File: row.File, Run: t.Run.ID}
		found := 0
		for record, err := range read(bytes.NewReader(row.Payload)) {
			if found++; found > 1 {
				break
			}
			var reject *cdr.Reject
			switch {
			case errors.As(err, &reject):
				kept := *reject
				kept.Origin = cdr.Origin{Ordinal: row.Ordinal, Raw: row.Payload}
				b.Rejects = append(b.Rejects, &kept)
			case err != nil:
				return nil, err
			default:
				record.Origin.Ordinal = row.Ordinal
				b.Arrivals = append(b.Arrivals, store.Arrival{
					Record: record, Charge: chargeID(tenant.Code, record.Key()), Content: cdr.ContentHash(record), Raw: row.Payload,
				})
			}
		}
		if found != 1 {
			b.Arrivals, b.Rejects = nil, []*cdr.Reject{{
				Origin: cdr.Origin{Ordinal: row.Ordinal, Raw: row.Payload}, Code: cdr.CodeSyntax,
				Detail: "the kept bytes are not exactly one record; ask the sender to send what they hold again, in a new file",
			}}
		}
		if err := t.Tx.ImportReleased(ctx, tenant.ID, b, row.Attempt+1); err != nil {
			return nil, err
		}
	}
	return Counts{"released": int64(len(rows))}, nil
}

// parkReleased sets released records aside again of which one kills the program.
func parkReleased(ctx context.Context, _ *Env, t Task) error {
	rows, err := t.Tx.ReleasedRejects(ctx, t.Run.Tenant)
	if err != nil {
		return err
	}
	for _, row := range rows {
		b := store.ImportBatch{File: row.File, Run: t.Run.ID, Rejects: []*cdr.Reject{{
			Origin: cdr.Origin{Ordinal: row.Ordinal, Raw: row.Payload}, Code: "crash",
			Detail: "this record, or one released with it, kills the program when it is read; install a mended program, or release them one by one",
		}}}
		if err := t.Tx.ImportReleased(ctx, t.Run.Tenant, b, row.Attempt+1); err != nil {
			return err
		}
	}
	return nil
}

// parkFile sets a file aside whose reading kills the program. What was imported of it stays; the rest waits for a person,
// who releases it when the program is mended.
func parkFile(ctx context.Context, e *Env, t Task, f store.ImportFile) error {
	e.Log.Error("file kills its workers", "file", f.Name, "record", f.OrdinalDone+1)
	return e.DB.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.ParkFile(ctx, t.Run.Tenant, f.ID, true); err != nil {
			return err
		}
		return tx.NoteParked(ctx, t.Run.Tenant, []store.Quarantined{{
			File: f.ID, Ordinal: f.OrdinalDone + 1, Stage: receive.Name, Run: t.Run.ID, Class: string(batch.ClassCrash), Code: "crash", Record: f.Name,
			Reason: fmt.Sprintf("reading the file on after record %d kills the program; its bytes are in the archive, install a mended program and release it", f.OrdinalDone),
		}})
	})
}

// tenantOf returns the tenant of a run.
func (e *Env) tenantOf(ctx context.Context, r batch.Run) (store.Tenant, error) {
	return e.DB.TenantByID(ctx, r.Tenant)
}
