package store

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

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

const qUnfinishedFiles = `select ` + fileColumns + ` from import_file where tenant_id = $1 and not finished and not parked order by name, file_id`

// UnfinishedFiles lists the files whose records are not all imported.
func (tx *Tx) UnfinishedFiles(ctx context.Context, tenant int) ([]ImportFile, error) {
	var rows []ImportFile
	err := tx.SelectContext(ctx, &rows, qUnfinishedFiles, tenant)
	return rows, err
}

const qBeginFile = `update import_file set stalled = case when stalled_at = ordinal_done then stalled + 1 else 1 end, stalled_at = ordinal_done
where tenant_id = $1 and file_id = $2 returning stalled`

// BeginFile notes, at once and for good, that somebody begins to read a file, and returns how many have begun from its
// checkpoint without an orderly end, this one included.
func (db *DB) BeginFile(ctx context.Context, tenant int, id ident.ID) (int, error) {
	var n int
	err := db.x.GetContext(ctx, &n, qBeginFile, tenant, id.String())
	return n, classify(err)
}

const qLeaveFile = `update import_file set stalled = 0 where tenant_id = $1 and file_id = $2`

// LeaveFile notes that reading a file came to an orderly end, well or not.
func (db *DB) LeaveFile(ctx context.Context, tenant int, id ident.ID) error {
	_, err := db.x.ExecContext(ctx, qLeaveFile, tenant, id.String())
	return classify(err)
}

const qParkFile = `update import_file set parked = $3, stalled = 0 where tenant_id = $1 and file_id = $2`

// ParkFile sets a file aside that cannot be read on, or lets it in again.
func (tx *Tx) ParkFile(ctx context.Context, tenant int, id ident.ID, parked bool) error {
	_, err := tx.ExecContext(ctx, qParkFile, tenant, id.String(), parked)
	return err
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

const qEnsureMonth = `select ensure_month($1)`

const qNewKeys = `insert into cdr_key (tenant_id, charge_id, month, content_hash, file_id, ordinal)
select $1::int, a.charge_id, a.month, a.content_hash, $2::uuid, a.ordinal
from unnest($3::uuid[], $4::date[], $5::bytea[], $6::int[]) as a(charge_id, month, content_hash, ordinal)
on conflict do nothing returning ordinal`

const cCharge = `copy charge (tenant_id, month, charge_id, file_id, ordinal, country, party, cdr_id, session_id,
start_at, end_at, energy, parking_s, token_key, emaid_key, evse_id, evse_country, place, currency, stated_excl, stated_incl,
token_type, credit_ref, periods, signed) from stdin`

const cChargeState = `copy charge_state (tenant_id, charge_id, month) from stdin`

// A record is found by its key one by one: the planner would read all keys of the tenant while the table has no
// statistics, as after a first import.
const knownKeys = `from unnest($3::uuid[], $4::bytea[], $5::int[]) as a(charge_id, content_hash, ordinal)
cross join lateral (select k.file_id, k.ordinal, k.content_hash from cdr_key k
                    where k.tenant_id = $1 and k.charge_id = a.charge_id offset 0) k
where (k.file_id <> $2 or k.ordinal <> a.ordinal)`

const qDuplicates = `insert into cdr_duplicate (tenant_id, file_id, ordinal, charge_id)
select $1::int, $2::uuid, a.ordinal, a.charge_id ` + knownKeys + ` and k.content_hash = a.content_hash`

const qConflicts = `select a.ordinal ` + knownKeys + ` and k.content_hash <> a.content_hash order by a.ordinal`

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
	conflicts, imported, duplicates, err := tx.arrive(ctx, tenant, b)
	if err != nil {
		return ImportResult{}, err
	}
	set := append(conflicts, rejectsOf(b)...)
	if err := tx.Quarantine(ctx, tenant, set); err != nil {
		return ImportResult{}, err
	}
	r := ImportResult{imported, int(duplicates), len(set)}
	_, err = tx.ExecContext(ctx, qCheckpoint, tenant, b.File.String(), b.UpTo, r.Imported, r.Duplicates, r.Rejected, b.Last)
	return r, err
}

// arrive stores the records of a batch whose key is new as charges, counts the others with equal content as duplicates
// and returns those with other content as conflicts.
func (tx *Tx) arrive(ctx context.Context, tenant int, b ImportBatch) (conflicts []Quarantined, imported int, duplicates int64, err error) {
	if len(b.Arrivals) == 0 {
		return nil, 0, 0, nil
	}
	if err := tx.ensureMonths(ctx, b.Arrivals); err != nil {
		return nil, 0, 0, err
	}
	fresh, known, err := tx.claimKeys(ctx, tenant, b)
	if err != nil {
		return nil, 0, 0, err
	}
	if err := tx.copyIn(ctx, cCharge, each(fresh, func(a *Arrival) []any { return chargeRow(tenant, b.File, a) })); err != nil {
		return nil, 0, 0, err
	}
	err = tx.copyIn(ctx, cChargeState, each(fresh, func(a *Arrival) []any {
		return []any{tenant, a.Charge, monthOf(a.Record.End)}
	}))
	if err != nil || len(known) == 0 {
		return nil, len(fresh), 0, err
	}
	keys := keysOf(known)
	args := []any{tenant, b.File.String(), keys.charges, keys.contents, keys.ordinals}
	if duplicates, err = affected(tx.ExecContext(ctx, qDuplicates, args...)); err != nil {
		return nil, 0, 0, err
	}
	var ordinals []int
	if err := tx.SelectContext(ctx, &ordinals, qConflicts, args...); err != nil {
		return nil, 0, 0, err
	}
	return conflictsOf(b, known, ordinals), len(fresh), duplicates, nil
}

// claimKeys enters the keys of a batch and returns its records in the order of their keys: those whose key was new, and
// those whose key was known. Of two records with one key the earlier is the new one.
func (tx *Tx) claimKeys(ctx context.Context, tenant int, b ImportBatch) (fresh, known []*Arrival, err error) {
	sorted := make([]*Arrival, len(b.Arrivals))
	for i := range b.Arrivals {
		sorted[i] = &b.Arrivals[i]
	}
	slices.SortFunc(sorted, func(a, b *Arrival) int {
		return cmp.Or(bytes.Compare(a.Charge[:], b.Charge[:]), cmp.Compare(a.Record.Origin.Ordinal, b.Record.Origin.Ordinal))
	})
	keys := keysOf(sorted)
	var ordinals []int
	err = tx.SelectContext(ctx, &ordinals, qNewKeys, tenant, b.File.String(), keys.charges, keys.months, keys.contents, keys.ordinals)
	if err != nil {
		return nil, nil, err
	}
	isNew := make(map[int]bool, len(ordinals))
	for _, o := range ordinals {
		isNew[o] = true
	}
	fresh = make([]*Arrival, 0, len(ordinals))
	for _, a := range sorted {
		if isNew[a.Record.Origin.Ordinal] {
			fresh = append(fresh, a)
		} else {
			known = append(known, a)
		}
	}
	return fresh, known, nil
}

// arrivalKeys are the keys of arrivals as arrays for Postgres.
type arrivalKeys struct{ charges, months, contents, ordinals any }

func keysOf(arrivals []*Arrival) arrivalKeys {
	n := len(arrivals)
	charges, months, contents, ordinals := make([]ident.ID, n), make([]string, n), make([][]byte, n), make([]int64, n)
	for i, a := range arrivals {
		charges[i], months[i], contents[i], ordinals[i] = a.Charge, monthOf(a.Record.End).String(), a.Content[:], int64(a.Record.Origin.Ordinal)
	}
	return arrivalKeys{idArray(charges), pq.Array(months), pq.Array(contents), pq.Array(ordinals)}
}

func conflictsOf(b ImportBatch, known []*Arrival, ordinals []int) []Quarantined {
	byOrdinal := make(map[int]*Arrival, len(known))
	for _, a := range known {
		byOrdinal[a.Record.Origin.Ordinal] = a
	}
	set := make([]Quarantined, len(ordinals))
	for i, o := range ordinals {
		a := byOrdinal[o]
		set[i] = Quarantined{
			File: b.File, Ordinal: o, Stage: "import", Run: b.Run, Class: "record", Code: "conflict",
			Record: a.Record.Key().String(), Payload: a.Raw,
			Reason: "the same record is known with other content; ask the sender which one holds, a correction comes as a credit record and a new one",
		}
	}
	return set
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
