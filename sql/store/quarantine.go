package store

import (
	"context"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/ident"
)

// Quarantined is a record set aside. Charge is zero when the record never became a charge; then Payload holds its bytes.
type Quarantined struct {
	File    ident.ID
	Ordinal int
	Stage   string
	Attempt int // 0 counts as 1
	Charge  ident.ID
	Run     ident.ID
	Class   string
	Code    string
	Record  string
	Field   string
	Reason  string
	Payload []byte
}

const cQuarantine = `copy quarantine (tenant_id, file_id, ordinal, stage, attempt, charge_id, run_id, class, code, record, field,
reason, payload) from stdin`

// Quarantine sets records aside.
func (tx *Tx) Quarantine(ctx context.Context, tenant int, set []Quarantined) error {
	if len(set) == 0 {
		return nil
	}
	return tx.copyIn(ctx, cQuarantine, each(set, func(q Quarantined) []any {
		var charge any
		if !q.Charge.IsZero() {
			charge = q.Charge.String()
		}
		var payload any
		if q.Payload != nil {
			payload = q.Payload
		}
		return []any{
			tenant, q.File.String(), q.Ordinal, q.Stage, max(q.Attempt, 1), charge, q.Run.String(), q.Class, q.Code, q.Record,
			q.Field, q.Reason, payload,
		}
	}))
}

// QuarantineRow is a quarantined record as people see it.
type QuarantineRow struct {
	ID        string     `db:"id" json:"id"`
	File      string     `db:"file" json:"file"`
	FileID    ident.ID   `db:"file_id" json:"-"`
	Ordinal   int        `db:"ordinal" json:"ordinal"`
	Stage     string     `db:"stage" json:"stage"`
	Attempt   int        `db:"attempt" json:"attempt"`
	Charge    ident.ID   `db:"charge_id" json:"-"`
	Class     string     `db:"class" json:"class"`
	Code      string     `db:"code" json:"code"`
	Record    string     `db:"record" json:"record"`
	Field     string     `db:"field" json:"field,omitempty"`
	Reason    string     `db:"reason" json:"reason"`
	State     string     `db:"state" json:"state"`
	Word      string     `db:"word" json:"verdict,omitempty"` // of the attempt that was held
	NotedAt   time.Time  `db:"noted_at" json:"noted_at"`
	HeldSince time.Time  `db:"held_since" json:"held_since"` // first set aside, by the clock of the run
	DecidedBy string     `db:"decided_by" json:"decided_by,omitempty"`
	DecidedAt *time.Time `db:"decided_at" json:"decided_at,omitempty"`
	Decision  string     `db:"decision" json:"decision,omitempty"`
}

// A quarantine row is named by the first eight digits of its file, its ordinal, stage and attempt.
const quarantined = `left(q.file_id::text, 8) || '.' || q.ordinal || '.' || q.stage || '.' || q.attempt as id,
coalesce(f.name, '') as file, q.file_id, q.ordinal, q.stage, q.attempt, q.charge_id, q.class, q.code, q.record, q.field,
q.reason, q.state, q.noted_at, q.decided_by, q.decided_at, q.decision, coalesce(v.word, '') as word, ` + heldSince + `
from quarantine q left join import_file f on f.tenant_id = q.tenant_id and f.file_id = q.file_id
left join cdr_key k on k.tenant_id = q.tenant_id and k.charge_id = q.charge_id
left join verdict v on v.tenant_id = q.tenant_id and v.month = k.month and v.charge_id = q.charge_id and v.attempt = q.attempt`

const qQuarantineList = `select ` + quarantined + `
where q.tenant_id = $1 and ($2 = '' or q.state = $2) order by f.name, q.ordinal, q.stage, q.attempt`

// QuarantineList lists what is set aside, in the order of files and records; state "" means all.
func (db *DB) QuarantineList(ctx context.Context, tenant int, state string) ([]QuarantineRow, error) {
	var rows []QuarantineRow
	err := db.x.SelectContext(ctx, &rows, qQuarantineList, tenant, state)
	return rows, err
}

const qQuarantineByID = `select ` + quarantined + `
where q.tenant_id = $1 and left(q.file_id::text, 8) || '.' || q.ordinal || '.' || q.stage || '.' || q.attempt = $2`

// QuarantineRecord returns one row by its name.
func (db *DB) QuarantineRecord(ctx context.Context, tenant int, id string) (QuarantineRow, error) {
	var rows []QuarantineRow
	err := db.x.SelectContext(ctx, &rows, qQuarantineByID, tenant, id)
	switch {
	case err != nil:
		return QuarantineRow{}, classify(err)
	case len(rows) == 0:
		return QuarantineRow{}, fmt.Errorf("quarantine has no record %q; list them with: wattdue quarantine list", id)
	case len(rows) > 1:
		return QuarantineRow{}, fmt.Errorf("quarantine has %d records %q in files %s and %s; release or drop them by --code", len(rows), id, rows[0].File, rows[1].File)
	}
	return rows[0], nil
}

const qQuarantinePayload = `select payload from quarantine
where tenant_id = $1 and file_id = $2 and ordinal = $3 and stage = $4 and attempt = $5`

// QuarantinePayload returns the kept bytes of a record that never became a charge.
func (db *DB) QuarantinePayload(ctx context.Context, tenant int, r QuarantineRow) ([]byte, error) {
	var b []byte
	err := found(db.x.GetContext(ctx, &b, qQuarantinePayload, tenant, r.FileID.String(), r.Ordinal, r.Stage, r.Attempt))
	return b, err
}

const qDecide = `update quarantine set state = $6, decided_by = $7, decided_at = now(), decision = $8
where tenant_id = $1 and file_id = $2 and ordinal = $3 and stage = $4 and attempt = $5 and state = 'open'`

const qReviveCharge = `update charge_state set state = $3, attempt = attempt + $4
where tenant_id = $1 and charge_id = $2 and state = 'held'`

// Decide releases or drops a quarantined record. A released charge starts over at verification as a new attempt; a
// dropped one is out for good.
func (tx *Tx) Decide(ctx context.Context, tenant int, r QuarantineRow, state, actor, why string) error {
	n, err := affected(tx.ExecContext(ctx, qDecide, tenant, r.FileID.String(), r.Ordinal, r.Stage, r.Attempt, state, actor, why))
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("record %s was decided before (%s)", r.ID, r.State)
	}
	if r.Charge.IsZero() {
		return nil
	}
	next, again := "imported", 1
	if state == "dropped" {
		next, again = "dropped", 0
	}
	_, err = tx.ExecContext(ctx, qReviveCharge, tenant, r.Charge.String(), next, again)
	return err
}

const qWaive = `insert into waiver (tenant_id, charge_id, actor, reason) values ($1, $2, $3, $4) on conflict do nothing`

// Waive lets a charge be billed without a valid signature, under a person's name.
func (tx *Tx) Waive(ctx context.Context, tenant int, charge ident.ID, actor, reason string) error {
	_, err := tx.ExecContext(ctx, qWaive, tenant, charge.String(), actor, reason)
	return err
}

const qReleasedRejects = `select file_id, ordinal, attempt, payload from quarantine
where tenant_id = $1 and stage = 'import' and state = 'released' and charge_id is null order by file_id, ordinal`

// ReleasedReject is a rejected record that a person let in for another try.
type ReleasedReject struct {
	File    ident.ID `db:"file_id"`
	Ordinal int      `db:"ordinal"`
	Attempt int      `db:"attempt"`
	Payload []byte   `db:"payload"`
}

// ReleasedRejects lists rejected records that wait for another try.
func (tx *Tx) ReleasedRejects(ctx context.Context, tenant int) ([]ReleasedReject, error) {
	var rows []ReleasedReject
	err := tx.SelectContext(ctx, &rows, qReleasedRejects, tenant)
	return rows, err
}

// ImportReleased stores a record that was rejected before and reads now: as a new charge, a duplicate or a conflict. It
// does not touch the file's counts, because the record was counted when it arrived.
func (tx *Tx) ImportReleased(ctx context.Context, tenant int, b ImportBatch, attempt int) error {
	conflicts, _, _, err := tx.arrive(ctx, tenant, b)
	if err != nil {
		return err
	}
	set := append(conflicts, rejectsOf(b)...)
	for i := range set {
		set[i].Attempt = attempt
	}
	if _, err := tx.ExecContext(ctx, qSettleReject, tenant, b.File.String(), b.ordinal(), attempt-1); err != nil {
		return err
	}
	return tx.Quarantine(ctx, tenant, set)
}

const qSettleReject = `update quarantine set state = 'settled'
where tenant_id = $1 and file_id = $2 and ordinal = $3 and stage = 'import' and attempt = $4 and state = 'released'`

// ordinal is that of the one record a released batch holds.
func (b ImportBatch) ordinal() int {
	if len(b.Arrivals) > 0 {
		return b.Arrivals[0].Record.Origin.Ordinal
	}
	return b.Rejects[0].Origin.Ordinal
}

const qNoteParked = `insert into quarantine (tenant_id, file_id, ordinal, stage, attempt, run_id, class, code, record, reason)
select $1::int, $2::uuid, $3::int, $4::text, coalesce(max(q.attempt), 0) + 1, $5::uuid, $6::text, $7::text, $8::text, $9::text
from quarantine q where q.tenant_id = $1 and q.file_id = $2 and q.ordinal = $3 and q.stage = $4
having count(*) filter (where q.state = 'open') = 0`

// NoteParked notes contracts and charges that a billing run had to pass over, unless an open note says so already.
func (tx *Tx) NoteParked(ctx context.Context, tenant int, set []Quarantined) error {
	for _, q := range set {
		_, err := tx.ExecContext(ctx, qNoteParked, tenant, q.File.String(), q.Ordinal, q.Stage, q.Run.String(), q.Class, q.Code, q.Record, q.Reason)
		if err != nil {
			return err
		}
	}
	return nil
}

const qIntakePending = `select exists (select from charge_state where tenant_id = $1 and state in ('imported', 'verified', 'rated'))
or exists (select from import_file where tenant_id = $1 and not finished and not parked)`

// IntakePending reports whether an intake run would find work beside new files.
func (db *DB) IntakePending(ctx context.Context, tenant int) (bool, error) {
	var n int64
	if err := db.x.GetContext(ctx, &n, qReleasedWaiting, tenant); err != nil || n > 0 {
		return n > 0, classify(err)
	}
	var pending bool
	err := classify(db.x.GetContext(ctx, &pending, qIntakePending, tenant))
	return pending, err
}

const qBillingPending = `select exists (select from charge_state where tenant_id = $1 and state = 'accrued' and billing_date < $2)`

// BillingPending reports whether charges billed before a date are unbilled.
func (db *DB) BillingPending(ctx context.Context, tenant int, before calendar.Date) (bool, error) {
	var pending bool
	err := classify(db.x.GetContext(ctx, &pending, qBillingPending, tenant, before.String()))
	return pending, err
}
