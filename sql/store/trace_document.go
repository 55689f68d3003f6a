package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
)

// TracedEntry is an entry of the books with its legs. Amounts are minor units, debit positive.
type TracedEntry struct {
	ID        ident.ID      `db:"entry_id" json:"entry"`
	Reference string        `db:"reference" json:"reference"`
	Kind      string        `db:"kind" json:"kind"`
	Booking   calendar.Date `db:"booking_date" json:"booking_date"`
	Value     calendar.Date `db:"value_date" json:"value_date"`
	TaxMonth  string        `db:"tax_month" json:"tax_month,omitempty"`
	RunID     ident.ID      `db:"run_id" json:"-"`

	Legs []TracedLeg `db:"-" json:"legs"`
}

// TracedLeg is one leg of an entry.
type TracedLeg struct {
	Entry    ident.ID `db:"entry_id" json:"-"`
	Account  string   `db:"account" json:"account"`
	Sub      string   `db:"sub" json:"sub,omitempty"`
	Minor    int64    `db:"minor" json:"minor"`
	Currency string   `db:"currency" json:"currency"`
}

const qTraceEntries = `select entry_id, reference, kind, booking_date, value_date, tax_month, run_id from entry
where tenant_id = $1 and entry_id = any($2) order by booking_date, reference`

const qTraceLegs = `select entry_id, account, sub, minor, currency from leg where tenant_id = $1 and entry_id = any($2) order by entry_id, no`

// TraceEntries returns entries by id, in the order of the books.
func (db *DB) TraceEntries(ctx context.Context, tenant int, ids []ident.ID) ([]TracedEntry, error) {
	rows := []TracedEntry{}
	if err := db.x.SelectContext(ctx, &rows, qTraceEntries, tenant, idArray(ids)); err != nil {
		return nil, classify(err)
	}
	var legs []TracedLeg
	if err := db.x.SelectContext(ctx, &legs, qTraceLegs, tenant, idArray(ids)); err != nil {
		return nil, classify(err)
	}
	for _, l := range legs {
		for i := range rows {
			if rows[i].ID == l.Entry {
				rows[i].Legs = append(rows[i].Legs, l)
			}
		}
	}
	return rows, nil
}

// TracedDocument is an issued document without its recipient. Amounts are minor units.
type TracedDocument struct {
	ID          ident.ID      `db:"document_id" json:"document"`
	Number      string        `db:"number" json:"number"`
	Kind        string        `db:"kind" json:"kind"`
	Contract    string        `db:"contract_no" json:"contract"`
	First       calendar.Date `db:"period_first" json:"period_first"`
	Next        calendar.Date `db:"period_next" json:"period_next"`
	IssuedOn    calendar.Date `db:"issued_on" json:"issued_on"`
	DueOn       calendar.Date `db:"due_on" json:"due_on"`
	CollectOn   calendar.Date `db:"collect_on" json:"collect_on,omitzero"`
	Payment     string        `db:"payment" json:"payment"`
	Currency    string        `db:"currency" json:"currency"`
	Net         int64         `db:"net" json:"net"`
	Tax         int64         `db:"tax" json:"tax"`
	Gross       int64         `db:"gross" json:"gross"`
	ContentHash Digest        `db:"content_hash" json:"content_hash"`
	RunID       ident.ID      `db:"run_id" json:"-"`
}

const qTraceDocuments = `select document_id, number, kind, contract_no, period_first, period_next, issued_on, due_on, collect_on, payment,
currency, net, tax, gross, content_hash, run_id from document
where tenant_id = $1 and (document_id = any($2) or number = any($3)
or document_id in (select document_id from debit where tenant_id = $1 and end_to_end_id = any($3))) order by number`

// TraceDocuments returns documents by id, by number or by the end-to-end id of one of their debits.
func (db *DB) TraceDocuments(ctx context.Context, tenant int, ids []ident.ID, names []string) ([]TracedDocument, error) {
	rows := []TracedDocument{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceDocuments, tenant, idArray(ids), pq.Array(names)))
	return rows, err
}

const qTraceBilled = `select ` + tracedColumns + ` from billed d join cdr_key k on k.tenant_id = d.tenant_id and k.charge_id = d.charge_id
join charge c on c.tenant_id = k.tenant_id and c.month = k.month and c.charge_id = k.charge_id` + tracedJoins + `
where d.tenant_id = $1 and d.document_id = $2 order by c.start_at, c.charge_id`

// TraceBilled returns the charges of a document, in the order of their start.
func (db *DB) TraceBilled(ctx context.Context, tenant int, document ident.ID) ([]TracedCharge, error) {
	rows := []TracedCharge{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceBilled, tenant, document.String()))
	return rows, err
}

// TracedArtefact is something we made: its hash, and where its bytes are in the archive.
type TracedArtefact struct {
	Kind      string `db:"kind" json:"kind"`
	MediaType string `db:"media_type" json:"media_type"`
	Size      int64  `db:"size" json:"size"`
	SHA256    Digest `db:"sha256" json:"sha256"`
	Object    string `db:"object" json:"object"`
}

const qTraceArtefacts = `select kind, media_type, size, sha256, object from artefact where tenant_id = $1 and owner = $2 order by kind`

// TraceArtefacts returns what was made of a document or bank file.
func (db *DB) TraceArtefacts(ctx context.Context, tenant int, owner ident.ID) ([]TracedArtefact, error) {
	rows := []TracedArtefact{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceArtefacts, tenant, owner.String()))
	return rows, err
}

// TracedMail is a mail about a document, without its addresses.
type TracedMail struct {
	Key       string        `db:"key" json:"key"`
	State     string        `db:"state" json:"state"`
	Phase     string        `db:"phase" json:"phase,omitempty"`
	Attempts  int           `db:"attempts" json:"attempts"`
	LastError string        `db:"last_error" json:"last_error,omitempty"`
	SentAt    *time.Time    `db:"sent_at" json:"sent_at,omitempty"`
	SentOn    calendar.Date `db:"sent_on" json:"sent_on,omitzero"`
}

const qTraceMails = `select key, state, phase, attempts, last_error, sent_at, sent_on from outbox
where tenant_id = $1 and document_id = $2 order by key`

// TraceMails returns the mails about a document.
func (db *DB) TraceMails(ctx context.Context, tenant int, document ident.ID) ([]TracedMail, error) {
	rows := []TracedMail{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceMails, tenant, document.String()))
	return rows, err
}

// TracedDebit is a direct debit without account and name.
type TracedDebit struct {
	EndToEndID string        `db:"end_to_end_id" json:"end_to_end_id"`
	Number     string        `db:"number" json:"invoice"`
	Minor      int64         `db:"minor" json:"minor"`
	Currency   string        `db:"currency" json:"currency"`
	CollectOn  calendar.Date `db:"collect_on" json:"collect_on"`
	State      string        `db:"state" json:"state"`
	HeldCode   string        `db:"held_code" json:"held_code,omitempty"`
	Batch      ident.ID      `db:"batch_id" json:"-"`
}

const tracedDebits = `select b.end_to_end_id, d.number, b.minor, d.currency, b.collect_on, b.state, b.held_code, b.batch_id
from debit b join document d on d.tenant_id = b.tenant_id and d.document_id = b.document_id where b.tenant_id = $1 and `

const qTraceDebits = tracedDebits + `b.document_id = $2 order by b.attempt_no`

// TraceDebits returns the debits of a document.
func (db *DB) TraceDebits(ctx context.Context, tenant int, document ident.ID) ([]TracedDebit, error) {
	rows := []TracedDebit{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceDebits, tenant, document.String()))
	return rows, err
}

const qTraceBatchDebits = tracedDebits + `b.batch_id = $2 order by b.end_to_end_id`

// TraceBatchDebits returns the debits of a bank file in its order.
func (db *DB) TraceBatchDebits(ctx context.Context, tenant int, batch ident.ID) ([]TracedDebit, error) {
	rows := []TracedDebit{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceBatchDebits, tenant, batch.String()))
	return rows, err
}

const qTraceBatches = `select ` + batchColumns + ` from sepa_batch where tenant_id = $1 and (batch_id = any($2) or message_id = $3) order by message_id`

// TraceBatches returns bank files by id or message id.
func (db *DB) TraceBatches(ctx context.Context, tenant int, ids []ident.ID, messageID string) ([]SepaBatch, error) {
	rows := []SepaBatch{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceBatches, tenant, idArray(ids), messageID))
	return rows, err
}
