package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
)

// MailRow is a mail as people see it: by the number of its document, without addresses. NextAt is when a mail in state
// retry is tried again.
type MailRow struct {
	Key      string        `db:"key"`
	State    string        `db:"state"`
	Attempts int           `db:"attempts"`
	NextAt   time.Time     `db:"next_at"`
	Error    string        `db:"last_error"`
	Receipt  string        `db:"receipt"`
	SentOn   calendar.Date `db:"sent_on"`
	TriedOn  calendar.Date `db:"tried_on"`
	Date     time.Time     `db:"as_of"`
	DocumentRow
}

const mailRows = `select o.key, o.state, o.attempts, o.next_at, o.last_error, o.receipt, o.sent_on, o.tried_on, r.as_of, ` + documentColumns + `
from outbox o
join run r on r.tenant_id = o.tenant_id and r.run_id = o.run_id
join document d on d.tenant_id = o.tenant_id and d.document_id = o.document_id
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
where o.tenant_id = $1 and `

const qMailList = mailRows + `o.state = any($2) order by d.number`

// MailList lists the mails in some states, in the order of their documents' numbers.
func (db *DB) MailList(ctx context.Context, tenant int, states []string) ([]MailRow, error) {
	rows := []MailRow{}
	err := classify(db.x.SelectContext(ctx, &rows, qMailList, tenant, pq.Array(states)))
	return rows, err
}

const qLockMails = mailRows + `d.number = any($2) order by d.number for update of o`

// LockMails locks and returns the mails of documents with some numbers. A document without a mail is left out.
func (tx *Tx) LockMails(ctx context.Context, tenant int, numbers []string) ([]MailRow, error) {
	rows := []MailRow{}
	err := tx.SelectContext(ctx, &rows, qLockMails, tenant, pq.Array(numbers))
	return rows, err
}

const qMailAgain = `update outbox set state = 'new', phase = '', refused = 0, refused_since = null, next_at = now(), last_error = '', receipt = ''
where tenant_id = $1 and key = $2 and state in ('in_doubt', 'failed')`

// MailAgain lets a mail that is in doubt or has failed be sent once more.
func (tx *Tx) MailAgain(ctx context.Context, tenant int, key string) error {
	_, err := tx.ExecContext(ctx, qMailAgain, tenant, key)
	return err
}

const qMailArrived = `update outbox set state = 'sent', phase = '', sent_on = tried_on, last_error = ''
where tenant_id = $1 and key = $2 and state = 'in_doubt' and tried_on is not null`

// MailArrived notes that a mail in doubt has arrived. The notice counts from the local date of the run that tried, not
// from today; when exactly it left, nobody knows, so sent_at stays empty.
func (tx *Tx) MailArrived(ctx context.Context, tenant int, key string) error {
	_, err := tx.ExecContext(ctx, qMailArrived, tenant, key)
	return err
}
