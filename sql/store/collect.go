package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/sepa"
)

// PlannedDebit is a debit that waits to be put into a file.
type PlannedDebit struct {
	Debit      ident.ID      `db:"debit_id"`
	Document   ident.ID      `db:"document_id"`
	Number     string        `db:"number"`
	ContractNo string        `db:"contract_no"`
	PartyNo    string        `db:"party_no"`
	Mandate    string        `db:"mandate"`
	Minor      int64         `db:"minor"`
	Currency   string        `db:"currency"`
	IssuedOn   calendar.Date `db:"issued_on"`
	CollectOn  calendar.Date `db:"collect_on"`
	EndToEndID string        `db:"end_to_end_id"`
	Snapshot   ident.ID      `db:"snapshot_id"`
	Sealed     []byte        `db:"sealed"`
	SentOn     calendar.Date `db:"sent_on"`
	NoticeDays int           `db:"notice_days"`
	MailState  string        `db:"mail_state"` // of the notice; empty when there is none
	EndedOn    calendar.Date `db:"ended_on"`   // of the mandate as it is now, not as it was drafted
}

const debitColumns = `b.debit_id, b.document_id, d.number, b.contract_no, d.party_no, b.mandate, b.minor, d.currency, d.issued_on, b.collect_on,
b.end_to_end_id, d.snapshot_id, p.sealed,
c.notice_days, (select max(o.sent_on) from outbox o where o.tenant_id = b.tenant_id and o.document_id = b.document_id and o.state = 'sent') as sent_on,
coalesce((select max(o.state) from outbox o where o.tenant_id = b.tenant_id and o.document_id = b.document_id), '') as mail_state,
(select m.ended_on from mandate m where m.tenant_id = b.tenant_id and m.reference = b.mandate) as ended_on`

const qPlannedDebits = `select ` + debitColumns + ` from debit b
join document d on d.tenant_id = b.tenant_id and d.document_id = b.document_id
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
join contract c on c.tenant_id = b.tenant_id and c.contract_no = b.contract_no
where b.tenant_id = $1 and b.state = 'planned' order by b.end_to_end_id for update of b`

// PlannedDebits locks and returns the debits that wait to be put into a file.
func (tx *Tx) PlannedDebits(ctx context.Context, tenant int) ([]PlannedDebit, error) {
	var rows []PlannedDebit
	err := tx.SelectContext(ctx, &rows, qPlannedDebits, tenant)
	return rows, err
}

const qCountPlanned = `select count(*) from debit b where b.tenant_id = $1 and b.state = 'planned'
and exists (select from outbox o where o.tenant_id = b.tenant_id and o.document_id = b.document_id and o.state = 'sent')`

// CountPlanned counts the debits whose notice was sent and that are in no file yet.
func (db *DB) CountPlanned(ctx context.Context, tenant int) (int, error) {
	var n int
	err := db.x.GetContext(ctx, &n, qCountPlanned, tenant)
	return n, err
}

// SepaBatch is a sealed file.
type SepaBatch struct {
	ID        ident.ID      `db:"batch_id" json:"batch_id"`
	RunID     ident.ID      `db:"run_id" json:"-"`
	MessageID string        `db:"message_id" json:"message_id"`
	Scheme    string        `db:"scheme" json:"scheme"`
	Sequence  string        `db:"sequence" json:"sequence"`
	CollectOn calendar.Date `db:"collect_on" json:"collect_on"`
	Creditor  []byte        `db:"creditor" json:"-"`
	CreatedAt time.Time     `db:"created_at" json:"created_at"`
	Count     int           `db:"count" json:"count"`
	Sum       int64         `db:"sum" json:"sum"`
	State     string        `db:"state" json:"state"`
}

const qPutBatch = `insert into sepa_batch (tenant_id, batch_id, run_id, message_id, scheme, sequence, collect_on, creditor, created_at, count, sum)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

const qSealDebits = `update debit set state = 'sealed', batch_id = $3 where tenant_id = $1 and end_to_end_id = any($2) and state = 'planned'`

// SealBatch stores a batch and claims its debits, in the caller's transaction.
func (tx *Tx) SealBatch(ctx context.Context, tenant int, run, id ident.ID, b sepa.SealedBatch) error {
	creditor, err := json.Marshal(b.Creditor)
	if err != nil {
		return err
	}
	var sum int64
	ids := make([]string, len(b.Debits))
	for i, d := range b.Debits {
		sum += d.Minor
		ids[i] = d.EndToEndID
	}
	_, err = tx.ExecContext(ctx, qPutBatch, tenant, id.String(), run.String(), b.MessageID, b.Scheme, b.Sequence,
		b.CollectOn.String(), string(creditor), b.Created, len(b.Debits), sum)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, qSealDebits, tenant, pq.Array(ids), id.String())
	return err
}

const qHoldDebit = `update debit set state = 'held', held_code = $3 where tenant_id = $1 and end_to_end_id = $2 and state = 'planned'`

// HoldDebit takes a debit out of collection with a reason code.
func (tx *Tx) HoldDebit(ctx context.Context, tenant int, endToEnd, code string) error {
	_, err := tx.ExecContext(ctx, qHoldDebit, tenant, endToEnd, code)
	return err
}

const batchColumns = `batch_id, run_id, message_id, scheme, sequence, collect_on, creditor, created_at, count, sum, state`

const qBatches = `select ` + batchColumns + ` from sepa_batch where tenant_id = $1 order by message_id`

// Batches lists a tenant's files.
func (db *DB) Batches(ctx context.Context, tenant int) ([]SepaBatch, error) {
	var rows []SepaBatch
	err := db.x.SelectContext(ctx, &rows, qBatches, tenant)
	return rows, err
}

const qUnexported = `select ` + batchColumns + ` from sepa_batch where tenant_id = $1 and state in ('sealed', 'produced') order by message_id`

// Unexported lists the files that are sealed but not written yet.
func (tx *Tx) Unexported(ctx context.Context, tenant int) ([]SepaBatch, error) {
	var rows []SepaBatch
	err := tx.SelectContext(ctx, &rows, qUnexported, tenant)
	return rows, err
}

const qBatch = `select ` + batchColumns + ` from sepa_batch where tenant_id = $1 and batch_id = $2`

// Batch returns one file.
func (tx *Tx) Batch(ctx context.Context, tenant int, id ident.ID) (SepaBatch, error) {
	var b SepaBatch
	err := found(tx.GetContext(ctx, &b, qBatch, tenant, id.String()))
	return b, err
}

const qBatchDebits = `select ` + debitColumns + ` from debit b
join document d on d.tenant_id = b.tenant_id and d.document_id = b.document_id
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
join contract c on c.tenant_id = b.tenant_id and c.contract_no = b.contract_no
where b.tenant_id = $1 and b.batch_id = $2 order by b.end_to_end_id`

// BatchDebits returns the debits of a file in its order.
func (tx *Tx) BatchDebits(ctx context.Context, tenant int, id ident.ID) ([]PlannedDebit, error) {
	var rows []PlannedDebit
	err := tx.SelectContext(ctx, &rows, qBatchDebits, tenant, id.String())
	return rows, err
}

const qSetBatchState = `update sepa_batch set state = $3 where tenant_id = $1 and batch_id = $2`

// SetBatchState moves a file on.
func (tx *Tx) SetBatchState(ctx context.Context, tenant int, id ident.ID, state string) error {
	_, err := tx.ExecContext(ctx, qSetBatchState, tenant, id.String(), state)
	return err
}
