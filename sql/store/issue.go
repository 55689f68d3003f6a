package store

import (
	"context"
	"fmt"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
)

const qPutSeries = `insert into series (tenant_id, code, prefix, width) values ($1, $2, $3, $4) on conflict do nothing`

const qLockSeries = `select next from series where tenant_id = $1 and code = $2 for update`

const qBumpSeries = `update series set next = next + $3 where tenant_id = $1 and code = $2`

const qIssued = `select count(*) from document where tenant_id = $1 and run_id = $2`

// Issued counts the documents of a run.
func (tx *Tx) Issued(ctx context.Context, tenant int, run ident.ID) (int, error) {
	var n int
	err := tx.GetContext(ctx, &n, qIssued, tenant, run.String())
	return n, err
}

// A draft's hash is that of its content, which names the gross amount; so is what was approved.
const qAltered = `select count(*) from draft where tenant_id = $1 and run_id = $2 and not free
and (sha256(content) <> content_hash or (convert_from(substr(content, 2), 'UTF8')::jsonb->>'gross')::bigint <> gross
     or gross <> (select coalesce(sum(l.minor), 0) from draft_leg l where l.tenant_id = draft.tenant_id and l.run_id = draft.run_id
                  and l.document_id = draft.document_id and l.account = 'debtors'))`

const qIssueCount = `select count(*) from draft where tenant_id = $1 and run_id = $2 and series = $3 and not free`

const qIssueDocuments = `insert into document (tenant_id, document_id, kind, series, number, run_id, contract_no, party_no, snapshot_id,
period_first, period_next, issued_on, due_on, collect_on, payment, currency, net, tax, gross, content, content_hash, mode)
select d.tenant_id, d.document_id, d.kind, d.series,
       s.prefix || lpad((s.next - 1 + row_number() over (order by d.sort_key))::text, s.width, '0'),
       d.run_id, d.contract_no, d.party_no, d.snapshot_id, d.period_first, d.period_next, d.issued_on, d.due_on, d.collect_on,
       d.payment, d.currency, d.net, d.tax, d.gross, d.content, d.content_hash, d.mode
from draft d join series s on s.tenant_id = d.tenant_id and s.code = d.series
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and not d.free order by d.sort_key`

const qIssueEntries = `insert into entry (tenant_id, entry_id, reference, kind, booking_date, value_date, tax_month, text, run_id)
select d.tenant_id, d.entry_id, d.reference, 'document', d.issued_on, d.value_date, d.tax_month, o.number, d.run_id
from draft d join document o on o.tenant_id = d.tenant_id and o.document_id = d.document_id
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and not d.free order by d.entry_id`

const qIssueLegs = `insert into leg (tenant_id, entry_id, no, account, sub, minor, currency)
select l.tenant_id, d.entry_id, l.no, l.account, l.sub, l.minor, l.currency
from draft_leg l join draft d on d.tenant_id = l.tenant_id and d.run_id = l.run_id and d.document_id = l.document_id
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and not d.free order by d.entry_id, l.no`

const qIssueBilled = `insert into billed (tenant_id, charge_id, document_id)
select d.tenant_id, c.charge_id, d.document_id from draft d, unnest(d.charges) as c(charge_id)
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and not d.free order by c.charge_id`

const qIssueStates = `update charge_state s set state = case when d.free then 'free' else 'billed' end
from draft d, unnest(d.charges) as c(charge_id)
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and s.tenant_id = d.tenant_id and s.charge_id = c.charge_id`

const qIssueOutbox = `insert into outbox (tenant_id, key, kind, document_id, run_id)
select d.tenant_id, 'mail:invoice:' || d.document_id, 'invoice', d.document_id, d.run_id from draft d
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and d.mail and not d.free`

const qIssueDebits = `insert into debit (tenant_id, debit_id, document_id, attempt_no, contract_no, mandate, minor, collect_on, end_to_end_id)
select d.tenant_id, d.debit_id, d.document_id, 1, d.contract_no, d.mandate, d.gross, d.collect_on, o.number || '-1'
from draft d join document o on o.tenant_id = d.tenant_id and o.document_id = d.document_id
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and not d.free and d.payment = 'direct_debit' and d.gross > 0`

// PutSeries adds a number series unless it is there.
func (tx *Tx) PutSeries(ctx context.Context, tenant int, s invoicing.Series) error {
	_, err := tx.ExecContext(ctx, qPutSeries, tenant, s.Code, s.Prefix, s.Width)
	return err
}

// Issue turns a run's drafts of a series into documents, in one go: numbers without gaps in the order of the sort key,
// entries and legs, billed marks of charges and fees, mails and debits. Free drafts only mark their charges. It returns the number of
// documents.
func (tx *Tx) Issue(ctx context.Context, tenant int, run ident.ID, s invoicing.Series) (int64, error) {
	if done, err := tx.Issued(ctx, tenant, run); err != nil || done > 0 {
		return 0, err
	}
	var altered int
	if err := tx.GetContext(ctx, &altered, qAltered, tenant, run.String()); err != nil {
		return 0, err
	}
	if altered > 0 {
		return 0, batch.Failf(batch.ClassInvariant, "%d drafts were altered after they were drafted; cancel the run and bill again", altered)
	}
	var next, count int64
	if err := tx.GetContext(ctx, &next, qLockSeries, tenant, s.Code); err != nil {
		return 0, found(err)
	}
	if err := tx.GetContext(ctx, &count, qIssueCount, tenant, run.String(), s.Code); err != nil {
		return 0, err
	}
	if count > 0 && next+count-1 > s.Last() {
		return 0, fmt.Errorf("series %s has numbers up to %d left, the run needs up to %d; configure a new prefix", s.Code, s.Last(), next+count-1)
	}
	for _, q := range []string{
		qIssueDocuments, qIssueEntries, qIssueLegs, qIssueBilled, qIssueFees, qIssueStates, qIssueOutbox, qIssueDebits,
	} {
		if _, err := tx.ExecContext(ctx, q, tenant, run.String(), s.Code); err != nil {
			return 0, err
		}
	}
	_, err := tx.ExecContext(ctx, qBumpSeries, tenant, s.Code, count)
	return count, err
}

const qDraftSeries = `select distinct series from draft where tenant_id = $1 and run_id = $2 order by series`

// DraftSeries lists the number series a run's drafts belong to.
func (tx *Tx) DraftSeries(ctx context.Context, tenant int, run ident.ID) ([]string, error) {
	var codes []string
	err := tx.SelectContext(ctx, &codes, qDraftSeries, tenant, run.String())
	return codes, err
}

const qUndraft = `update charge_state s set state = 'accrued' from draft d, unnest(d.charges) as c(charge_id)
where d.tenant_id = $1 and d.run_id = $2 and s.tenant_id = d.tenant_id and s.charge_id = c.charge_id and s.state = 'drafted'`

const qDropDrafts = `delete from draft d where d.tenant_id = $1 and d.run_id = $2
and not exists (select from document o where o.tenant_id = d.tenant_id and o.document_id = d.document_id)`

// Undraft gives the charges of a cancelled run's drafts back and deletes the drafts that did not become documents.
func (tx *Tx) Undraft(ctx context.Context, tenant int, run ident.ID) error {
	if _, err := tx.ExecContext(ctx, qUndraft, tenant, run.String()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, qDropDrafts, tenant, run.String())
	return err
}

// DocumentRow is an issued document with its number and sealed recipient.
type DocumentRow struct {
	ID         ident.ID      `db:"document_id"`
	Number     string        `db:"number"`
	ContractNo string        `db:"contract_no"`
	PartyNo    string        `db:"party_no"`
	Snapshot   ident.ID      `db:"snapshot_id"`
	Sealed     []byte        `db:"sealed"`
	IssuedOn   calendar.Date `db:"issued_on"`
	Gross      int64         `db:"gross"`
	Content    []byte        `db:"content"`
}

// Document returns the frozen content with its number.
func (r DocumentRow) Document() (invoicing.Document, error) {
	d, err := invoicing.Decode(r.Content)
	if err != nil {
		return d, fmt.Errorf("document %s: %w", r.Number, err)
	}
	return invoicing.Issue(d, r.Number)
}

const documentColumns = `d.document_id, d.number, d.contract_no, d.party_no, d.snapshot_id, p.sealed, d.issued_on, d.gross, d.content`

const qUnrendered = `select ` + documentColumns + ` from document d
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
where d.tenant_id = $1 and d.run_id = $2 and d.number >= $3 and ($4 = '' or d.number < $4)
and not exists (select from artefact a where a.tenant_id = d.tenant_id and a.kind = 'pdf' and a.owner = d.document_id)
order by d.number`

// Unrendered returns a run's documents in a range of numbers that have no PDF yet.
func (tx *Tx) Unrendered(ctx context.Context, tenant int, run ident.ID, lo, hi string) ([]DocumentRow, error) {
	var rows []DocumentRow
	err := tx.SelectContext(ctx, &rows, qUnrendered, tenant, run.String(), lo, hi)
	return rows, err
}

const qDocumentBounds = `select number from (
select number, row_number() over (order by number) as n from document where tenant_id = $1 and run_id = $2) s
where (n - 1) % $3 = 0 order by number`

// DocumentBounds returns the first number of each stretch of size documents of a run.
func (tx *Tx) DocumentBounds(ctx context.Context, tenant int, run ident.ID, size int) ([]string, error) {
	var numbers []string
	err := tx.SelectContext(ctx, &numbers, qDocumentBounds, tenant, run.String(), size)
	return numbers, err
}

const qDocumentsByID = `select ` + documentColumns + ` from document d
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
where d.tenant_id = $1 and d.document_id = any($2) order by d.number`

// DocumentsByID returns documents by id, in the order of their numbers.
func (tx *Tx) DocumentsByID(ctx context.Context, tenant int, ids []ident.ID) ([]DocumentRow, error) {
	var rows []DocumentRow
	err := tx.SelectContext(ctx, &rows, qDocumentsByID, tenant, idArray(ids))
	return rows, err
}

const qDocumentNumbers = `select document_id, number from document where tenant_id = $1`

// DocumentNumbers returns the number of every document.
func (db *DB) DocumentNumbers(ctx context.Context, tenant int) (map[ident.ID]string, error) {
	var rows []struct {
		ID     ident.ID `db:"document_id"`
		Number string   `db:"number"`
	}
	if err := db.x.SelectContext(ctx, &rows, qDocumentNumbers, tenant); err != nil {
		return nil, classify(err)
	}
	m := make(map[ident.ID]string, len(rows))
	for _, r := range rows {
		m[r.ID] = r.Number
	}
	return m, nil
}
