package store

import (
	"context"

	"github.com/lib/pq"

	"wattdue/ident"
)

const qMailBounds = `select key from (select o.key, row_number() over (order by o.key) as n from outbox o
where o.tenant_id = $1 and o.run_id = $2 and o.state in ('new', 'sending', 'retry')) s where (n - 1) % $3 = 0 order by key`

// MailBounds returns the first key of each stretch of size mails of a run that wait to be sent.
func (tx *Tx) MailBounds(ctx context.Context, tenant int, run ident.ID, size int) ([]string, error) {
	var keys []string
	err := tx.SelectContext(ctx, &keys, qMailBounds, tenant, run.String(), size)
	return keys, err
}

// Mail is an outbox row with its document and the PDF's place in the archive.
type Mail struct {
	Key      string `db:"key"`
	State    string `db:"state"`
	Phase    string `db:"phase"`
	Attempts int    `db:"attempts"`
	Object   string `db:"object"`
	DocumentRow
}

const qMails = `select o.key, o.state, o.phase, o.attempts, a.object, ` + documentColumns + `
from outbox o
join document d on d.tenant_id = o.tenant_id and d.document_id = o.document_id
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
join artefact a on a.tenant_id = d.tenant_id and a.kind = 'pdf' and a.owner = d.document_id
where o.tenant_id = $1 and o.run_id = $2 and o.key >= $3 and ($4 = '' or o.key < $4) and o.state in ('new', 'sending', 'retry')
order by o.key`

// Mails returns a run's mails in a range of keys that wait to be sent.
func (tx *Tx) Mails(ctx context.Context, tenant int, run ident.ID, lo, hi string) ([]Mail, error) {
	var rows []Mail
	err := tx.SelectContext(ctx, &rows, qMails, tenant, run.String(), lo, hi)
	return rows, err
}

const qMailPhase = `update outbox set state = 'sending', phase = $3, attempts = attempts + $4 where tenant_id = $1 and key = $2`

// MailPhase records, at once and for good, how far the sending of a mail has come; begin counts an attempt.
func (db *DB) MailPhase(ctx context.Context, tenant int, key, phase string, begin bool) error {
	n := 0
	if begin {
		n = 1
	}
	_, err := db.x.ExecContext(ctx, qMailPhase, tenant, key, phase, n)
	return classify(err)
}

const qMailDone = `update outbox set state = $3, last_error = $4, receipt = $5, phase = case when $3 = 'in_doubt' then phase else '' end,
sent_at = case when $3 = 'sent' then now() end, sent_on = case when $3 = 'sent' then $6::date end where tenant_id = $1 and key = $2`

// MailDone records, at once and for good, how the sending of a mail ended. sentOn is the local date of the run that sent
// it: the day from which the notice counts.
func (db *DB) MailDone(ctx context.Context, tenant int, key, state, lastError, receipt, sentOn string) error {
	_, err := db.x.ExecContext(ctx, qMailDone, tenant, key, state, lastError, receipt, sentOn)
	return classify(err)
}

// MailSum counts a run's mails by state.
type MailSum struct {
	State string `db:"state" json:"state"`
	N     int    `db:"n" json:"n"`
}

const qMailSums = `select state, count(*) as n from outbox where tenant_id = $1 group by state order by state`

// MailSums counts a tenant's mails by state.
func (db *DB) MailSums(ctx context.Context, tenant int) ([]MailSum, error) {
	var rows []MailSum
	err := db.x.SelectContext(ctx, &rows, qMailSums, tenant)
	return rows, err
}

const qWrappedKey = `select wrapped from data_key where tenant_id = $1 and subject = $2`

const qWrappedKeys = `select subject, wrapped from data_key where tenant_id = $1 and subject = any($2)`

// WrappedKeys returns the wrapped data keys of some subjects.
func (db *DB) WrappedKeys(ctx context.Context, tenant int, subjects []string) (map[string][]byte, error) {
	var rows []struct {
		Subject string `db:"subject"`
		Wrapped []byte `db:"wrapped"`
	}
	if err := db.x.SelectContext(ctx, &rows, qWrappedKeys, tenant, pq.Array(subjects)); err != nil {
		return nil, classify(err)
	}
	m := make(map[string][]byte, len(rows))
	for _, r := range rows {
		m[r.Subject] = r.Wrapped
	}
	return m, nil
}

const qPutKey = `insert into data_key (tenant_id, subject, wrapped) values ($1, $2, $3) on conflict do nothing`

// PutKey stores a wrapped data key unless the subject has one, and returns the one that holds. It commits by itself: a
// key must outlive the transaction that first used it, because the archive already holds what it sealed.
func (db *DB) PutKey(ctx context.Context, tenant int, subject string, wrapped []byte) ([]byte, error) {
	if _, err := db.x.ExecContext(ctx, qPutKey, tenant, subject, wrapped); err != nil {
		return nil, classify(err)
	}
	var have []byte
	err := found(db.x.GetContext(ctx, &have, qWrappedKey, tenant, subject))
	return have, classify(err)
}

// Artefact is something we made: where its bytes are and what they hash to.
type Artefact struct {
	Kind      string   `db:"kind"`
	Owner     ident.ID `db:"owner"`
	SHA256    []byte   `db:"sha256"`
	Size      int64    `db:"size"`
	Object    string   `db:"object"`
	MediaType string   `db:"media_type"`
	Subject   string   `db:"subject"`
}

const qPutArtefact = `insert into artefact (tenant_id, kind, owner, sha256, size, object, media_type) values ($1, $2, $3, $4, $5, $6, $7)`

const qPutObject = `insert into object (tenant_id, name, subject, class, size) values ($1, $2, $3, $4, $5) on conflict do nothing`

// PutObject notes a sealed object of the archive.
func (tx *Tx) PutObject(ctx context.Context, tenant int, name, subject, class string, size int64) error {
	_, err := tx.ExecContext(ctx, qPutObject, tenant, name, subject, class, size)
	return err
}

// PutArtefact notes something we made. Making it twice is refused by its key.
func (tx *Tx) PutArtefact(ctx context.Context, tenant int, a Artefact) error {
	_, err := tx.ExecContext(ctx, qPutArtefact, tenant, a.Kind, a.Owner.String(), a.SHA256, a.Size, a.Object, a.MediaType)
	return err
}

const qArtefacts = `select a.kind, a.owner, a.sha256, a.size, a.object, a.media_type, o.subject from artefact a
join object o on o.tenant_id = a.tenant_id and o.name = a.object where a.tenant_id = $1 and a.kind = $2 order by a.owner`

// Artefacts lists what was made of a kind.
func (db *DB) Artefacts(ctx context.Context, tenant int, kind string) ([]Artefact, error) {
	var rows []Artefact
	err := db.x.SelectContext(ctx, &rows, qArtefacts, tenant, kind)
	return rows, err
}
