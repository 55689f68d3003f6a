package store

import (
	"context"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/ident"
)

// SeenFile identifies a file of the inbox without reading it.
type SeenFile struct {
	Name       string    `db:"name"`
	Size       int64     `db:"size"`
	ModifiedAt time.Time `db:"modified_at"`
}

const qSeenFiles = `select name, size, modified_at from import_seen where tenant_id = $1`

// SeenFiles lists the files received so far.
func (db *DB) SeenFiles(ctx context.Context, tenant int) ([]SeenFile, error) {
	var rows []SeenFile
	err := db.x.SelectContext(ctx, &rows, qSeenFiles, tenant)
	return rows, err
}

const qSeeFile = `insert into import_seen (tenant_id, name, size, modified_at, file_id) values ($1, $2, $3, $4, $5)
on conflict do nothing`

// SeeFile notes under which name, size and time a received file lay in the inbox.
func (tx *Tx) SeeFile(ctx context.Context, tenant int, f SeenFile, id ident.ID) error {
	_, err := tx.ExecContext(ctx, qSeeFile, tenant, f.Name, f.Size, f.ModifiedAt, id.String())
	return err
}

// ImportFile is a received file and how far its records have been imported.
type ImportFile struct {
	ID          ident.ID   `db:"file_id"`
	SHA256      []byte     `db:"sha256"`
	Name        string     `db:"name"`
	Size        int64      `db:"size"`
	Format      string     `db:"format"`
	Segments    textColumn `db:"segments"`
	RunID       ident.ID   `db:"run_id"`
	OrdinalDone int        `db:"ordinal_done"`
	Finished    bool       `db:"finished"`
	Imported    int        `db:"imported"`
	Duplicates  int        `db:"duplicates"`
	Rejected    int        `db:"rejected"`
}

const qPutFile = `insert into import_file (tenant_id, file_id, sha256, name, size, format, segments, run_id)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`

// PutFile registers a received file; false means that its bytes are known already.
func (tx *Tx) PutFile(ctx context.Context, tenant int, f ImportFile) (bool, error) {
	n, err := affected(tx.ExecContext(ctx, qPutFile, tenant, f.ID.String(), f.SHA256, f.Name, f.Size, f.Format,
		textArray(f.Segments), f.RunID.String()))
	return n == 1, err
}

const fileColumns = `file_id, sha256, name, size, format, segments, run_id, ordinal_done, finished, imported, duplicates, rejected`

const qUnfinishedFiles = `select ` + fileColumns + ` from import_file where tenant_id = $1 and not finished order by name, file_id`

// UnfinishedFiles lists the files whose records are not all imported.
func (tx *Tx) UnfinishedFiles(ctx context.Context, tenant int) ([]ImportFile, error) {
	var rows []ImportFile
	err := tx.SelectContext(ctx, &rows, qUnfinishedFiles, tenant)
	return rows, err
}

const qFile = `select ` + fileColumns + ` from import_file where tenant_id = $1 and file_id = $2`

// File returns a received file.
func (db *DB) File(ctx context.Context, tenant int, id ident.ID) (ImportFile, error) {
	var f ImportFile
	err := found(db.x.GetContext(ctx, &f, qFile, tenant, id.String()))
	return f, err
}

const qLockFile = `select ordinal_done from import_file where tenant_id = $1 and file_id = $2 for update`

const qCheckpoint = `update import_file set ordinal_done = $3, imported = imported + $4, duplicates = duplicates + $5,
rejected = rejected + $6, finished = $7 where tenant_id = $1 and file_id = $2`

// Arrival is one record of a batch as read from its file.
type Arrival struct {
	Record  cdr.Record
	Charge  ident.ID
	Content [32]byte
	Raw     []byte
}

// ImportBatch is a stretch of a file: records and rejects up to an ordinal.
type ImportBatch struct {
	File     ident.ID
	Run      ident.ID
	After    int // ordinal of the checkpoint this batch follows
	UpTo     int // ordinal of its last record
	Last     bool
	Arrivals []Arrival
	Rejects  []*cdr.Reject
}

// ImportResult counts what became of a batch.
type ImportResult struct{ Imported, Duplicates, Rejected int }

const tStaged = `create temp table if not exists staged_charge (
ordinal int, charge_id uuid, month date, content_hash bytea, country text, party text, cdr_id text, session_id text,
start_at timestamptz, end_at timestamptz, energy bigint, parking_s int, token_key text, emaid_key text, evse_id text,
evse_country text, place text, currency text, stated_excl text, credit_ref text, periods bytea, signed bytea
) on commit delete rows`

const cStaged = `copy staged_charge (ordinal, charge_id, month, content_hash, country, party, cdr_id, session_id,
start_at, end_at, energy, parking_s, token_key, emaid_key, evse_id, evse_country, place, currency, stated_excl, credit_ref,
periods, signed) from stdin`

const qEnsureMonth = `select ensure_month($1)`

const qNewKeys = `insert into cdr_key (tenant_id, charge_id, month, content_hash, file_id, ordinal)
select distinct on (charge_id) $1::int, charge_id, month, content_hash, $2::uuid, ordinal
from staged_charge order by charge_id, ordinal on conflict do nothing`

const qNewCharges = `insert into charge (tenant_id, month, charge_id, file_id, ordinal, country, party, cdr_id, session_id,
start_at, end_at, energy, parking_s, token_key, emaid_key, evse_id, evse_country, place, currency, stated_excl, credit_ref,
periods, signed)
select $1::int, s.month, s.charge_id, $2::uuid, s.ordinal, s.country, s.party, s.cdr_id, s.session_id,
s.start_at, s.end_at, s.energy, s.parking_s, s.token_key, s.emaid_key, s.evse_id, s.evse_country, s.place, s.currency,
s.stated_excl, s.credit_ref, s.periods, s.signed
from staged_charge s join cdr_key k on k.tenant_id = $1 and k.charge_id = s.charge_id
where k.file_id = $2 and k.ordinal = s.ordinal order by s.charge_id`

const qNewStates = `insert into charge_state (tenant_id, charge_id, month)
select $1::int, s.charge_id, s.month
from staged_charge s join cdr_key k on k.tenant_id = $1 and k.charge_id = s.charge_id
where k.file_id = $2 and k.ordinal = s.ordinal order by s.charge_id`

const qDuplicates = `insert into cdr_duplicate (tenant_id, file_id, ordinal, charge_id)
select $1::int, $2::uuid, s.ordinal, s.charge_id
from staged_charge s join cdr_key k on k.tenant_id = $1 and k.charge_id = s.charge_id
where (k.file_id <> $2 or k.ordinal <> s.ordinal) and k.content_hash = s.content_hash`

const qConflicts = `select s.ordinal, s.charge_id::text as charge, k.file_id::text as file, k.ordinal as known
from staged_charge s join cdr_key k on k.tenant_id = $1 and k.charge_id = s.charge_id
where (k.file_id <> $2 or k.ordinal <> s.ordinal) and k.content_hash <> s.content_hash order by s.ordinal`

// ImportRecords stores a batch and moves the file's checkpoint, in one transaction. A batch that does not follow the
// checkpoint was stored before and is passed over. A record whose key is known with equal content counts as duplicate,
// with other content it goes to quarantine as a conflict.
func (tx *Tx) ImportRecords(ctx context.Context, tenant int, b ImportBatch) (ImportResult, error) {
	var done int
	if err := tx.GetContext(ctx, &done, qLockFile, tenant, b.File.String()); err != nil {
		return ImportResult{}, found(err)
	}
	if done != b.After {
		return ImportResult{}, nil
	}
	conflicts, imported, duplicates, err := tx.stageArrivals(ctx, tenant, b)
	if err != nil {
		return ImportResult{}, err
	}
	set := append(conflicts, rejectsOf(b)...)
	if err := tx.Quarantine(ctx, tenant, set); err != nil {
		return ImportResult{}, err
	}
	r := ImportResult{int(imported), int(duplicates), len(set)}
	_, err = tx.ExecContext(ctx, qCheckpoint, tenant, b.File.String(), b.UpTo, r.Imported, r.Duplicates, r.Rejected, b.Last)
	return r, err
}

func (tx *Tx) stageArrivals(ctx context.Context, tenant int, b ImportBatch) (conflicts []Quarantined, imported, duplicates int64, err error) {
	if len(b.Arrivals) == 0 {
		return nil, 0, 0, nil
	}
	if err := tx.ensureMonths(ctx, b.Arrivals); err != nil {
		return nil, 0, 0, err
	}
	if err := tx.execAll(ctx, tStaged); err != nil {
		return nil, 0, 0, err
	}
	if err := tx.copyIn(ctx, cStaged, each(b.Arrivals, stagedRow)); err != nil {
		return nil, 0, 0, err
	}
	if _, err := tx.ExecContext(ctx, qNewKeys, tenant, b.File.String()); err != nil {
		return nil, 0, 0, err
	}
	if imported, err = affected(tx.ExecContext(ctx, qNewCharges, tenant, b.File.String())); err != nil {
		return nil, 0, 0, err
	}
	if _, err := tx.ExecContext(ctx, qNewStates, tenant, b.File.String()); err != nil {
		return nil, 0, 0, err
	}
	if imported == int64(len(b.Arrivals)) {
		return nil, imported, 0, nil
	}
	if duplicates, err = affected(tx.ExecContext(ctx, qDuplicates, tenant, b.File.String())); err != nil {
		return nil, 0, 0, err
	}
	conflicts, err = tx.conflicts(ctx, tenant, b)
	return conflicts, imported, duplicates, err
}

func (tx *Tx) conflicts(ctx context.Context, tenant int, b ImportBatch) ([]Quarantined, error) {
	var rows []struct {
		Ordinal int    `db:"ordinal"`
		Charge  string `db:"charge"`
		File    string `db:"file"`
		Known   int    `db:"known"`
	}
	if err := tx.SelectContext(ctx, &rows, qConflicts, tenant, b.File.String()); err != nil || len(rows) == 0 {
		return nil, err
	}
	byOrdinal := make(map[int]Arrival, len(b.Arrivals))
	for _, a := range b.Arrivals {
		byOrdinal[a.Record.Origin.Ordinal] = a
	}
	set := make([]Quarantined, len(rows))
	for i, r := range rows {
		a := byOrdinal[r.Ordinal]
		set[i] = Quarantined{
			File: b.File, Ordinal: r.Ordinal, Stage: "import", Run: b.Run, Class: "record", Code: "conflict",
			Record: a.Record.Key().String(), Payload: a.Raw,
			Reason: "the same record is known with other content; ask the sender which one holds, a correction comes as a credit record and a new one",
		}
	}
	return set, nil
}

func rejectsOf(b ImportBatch) []Quarantined {
	set := make([]Quarantined, len(b.Rejects))
	for i, r := range b.Rejects {
		set[i] = Quarantined{
			File: b.File, Ordinal: r.Origin.Ordinal, Stage: "import", Run: b.Run, Class: "record", Code: r.Code,
			Record: r.ID, Field: r.Field, Reason: r.Detail, Payload: r.Origin.Raw,
		}
	}
	return set
}

func (tx *Tx) ensureMonths(ctx context.Context, arrivals []Arrival) error {
	seen := map[calendar.Date]bool{}
	for _, a := range arrivals {
		m := monthOf(a.Record.End)
		if seen[m] {
			continue
		}
		seen[m] = true
		if _, err := tx.ExecContext(ctx, qEnsureMonth, m.String()); err != nil {
			return err
		}
	}
	return nil
}

// monthOf is the partition of a charge: the first day of the UTC month of its end.
func monthOf(end time.Time) calendar.Date {
	return calendar.DateOf(end, time.UTC).MonthOf().First
}
