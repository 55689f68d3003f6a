package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
)

// A mail is due when it was never sent, when whoever sent it died, or when the time of its next try has come. It waits
// for the PDF of its document. Without a run given, mails count whose own run has ended: those of a run under way are
// sent by its own deliver stage, and a run that an invariant stopped sends nothing.
const mailIsDue = `(o.state in ('new', 'sending') or o.state = 'retry' and o.next_at <= clock_timestamp())
and exists (select from artefact a where a.tenant_id = o.tenant_id and a.kind = 'pdf' and a.owner = o.document_id)`

const mailIsDueIn = `o.tenant_id = $1 and ` + mailIsDue + ` and (o.run_id = $2::uuid or $2::uuid is null and exists
(select from run r where r.tenant_id = o.tenant_id and r.run_id = o.run_id and r.state in ('closed', 'cancelled')))`

const qMailBounds = `select key from (select o.key, row_number() over (order by o.key) as n from outbox o
where ` + mailIsDueIn + `) s where (n - 1) % $3 = 0 order by key`

// MailBounds returns the first key of each stretch of size mails that are due: those of a run, or, with the zero id, of
// all runs that have ended.
func (tx *Tx) MailBounds(ctx context.Context, tenant int, run ident.ID, size int) ([]string, error) {
	var keys []string
	err := tx.SelectContext(ctx, &keys, qMailBounds, tenant, idOrNull(run), size)
	return keys, err
}

const qDueMails = `select o.key from outbox o where ` + mailIsDueIn + ` and o.key >= $3 and ($4 = '' or o.key < $4) order by o.key`

// DueMails returns the keys of mails in a range that are due, of a run or of all that have ended, as MailBounds does.
func (tx *Tx) DueMails(ctx context.Context, tenant int, run ident.ID, lo, hi string) ([]string, error) {
	var keys []string
	err := tx.SelectContext(ctx, &keys, qDueMails, tenant, idOrNull(run), lo, hi)
	return keys, err
}

const qMailsPending = `select exists (select from outbox o where ` + mailIsDueIn + `)`

// MailsPending reports whether mails of runs that have ended are due.
func (db *DB) MailsPending(ctx context.Context, tenant int) (bool, error) {
	var pending bool
	err := db.x.GetContext(ctx, &pending, qMailsPending, tenant, nil)
	return pending, classify(err)
}

func idOrNull(id ident.ID) any {
	if id.IsZero() {
		return nil
	}
	return id.String()
}

// Mail is an outbox row with its document and the PDF's place in the archive.
type Mail struct {
	Key        string    `db:"key"`
	State      string    `db:"state"`
	Phase      string    `db:"phase"`
	Attempts   int       `db:"attempts"`
	Refused    int       `db:"refused"`     // temporary refusals so far
	RefusedFor int64     `db:"refused_for"` // seconds since the first of them
	Date       time.Time `db:"as_of"`       // the run that issued the document: every try is the identical message
	Object     string    `db:"object"`
	DocumentRow
}

const qClaimMail = `select pg_try_advisory_xact_lock(hashtextextended('outbox/' || $1::int || '/' || $2::text, 0))`

const qMail = `select o.key, o.state, o.phase, o.attempts, o.refused,
coalesce(extract(epoch from clock_timestamp() - o.refused_since), 0)::bigint as refused_for, r.as_of, a.object, ` + documentColumns + `
from outbox o
join run r on r.tenant_id = o.tenant_id and r.run_id = o.run_id
join document d on d.tenant_id = o.tenant_id and d.document_id = o.document_id
join party_snapshot p on p.tenant_id = d.tenant_id and p.snapshot_id = d.snapshot_id
join artefact a on a.tenant_id = d.tenant_id and a.kind = 'pdf' and a.owner = d.document_id
where o.tenant_id = $1 and o.key = $2 and ` + mailIsDue

// ClaimMail claims a mail until the transaction ends and returns it as it stands then. ErrNotFound means that another
// worker has it in hand or that it is due no more. A mail that is claimed while it is being sent was left by a worker
// that died.
func (tx *Tx) ClaimMail(ctx context.Context, tenant int, key string) (Mail, error) {
	var m Mail
	var mine bool
	if err := tx.GetContext(ctx, &mine, qClaimMail, tenant, key); err != nil {
		return m, err
	}
	if !mine {
		return m, ErrNotFound
	}
	// A statement of its own, so that it sees what the worker before us has stored.
	err := found(tx.GetContext(ctx, &m, qMail, tenant, key))
	return m, err
}

// ErrMailTaken says that another worker has begun to send a mail since: a claim ends when its connection breaks.
var ErrMailTaken = errors.New("another worker has taken the mail")

const qMailBegin = `update outbox set state = 'sending', phase = 'building', attempts = attempts + 1, tried_on = $4::date
where tenant_id = $1 and key = $2 and attempts = $3 and state in ('new', 'sending', 'retry')`

// MailBegin records, at once and for good, that an attempt to send a mail begins, and returns its number. triedOn is the
// local date of the run that sends.
func (db *DB) MailBegin(ctx context.Context, tenant int, m Mail, triedOn calendar.Date) (attempt int, err error) {
	err = takenUnlessOne(db.x.ExecContext(ctx, qMailBegin, tenant, m.Key, m.Attempts, triedOn.String()))
	return m.Attempts + 1, err
}

const qMailPhase = `update outbox set phase = $4 where tenant_id = $1 and key = $2 and attempts = $3 and state = 'sending'`

// MailPhase records, at once and for good, how far an attempt has come.
func (db *DB) MailPhase(ctx context.Context, tenant int, key string, attempt int, phase string) error {
	return takenUnlessOne(db.x.ExecContext(ctx, qMailPhase, tenant, key, attempt, phase))
}

// MailEnd is how an attempt to send a mail ended.
type MailEnd struct {
	Key       string
	Attempt   int
	State     string // sent, retry, failed or in_doubt
	LastError string
	Receipt   string
	SentOn    calendar.Date // the local date of the run that sent it: the day from which the notice counts
	Refusal   bool          // a temporary refusal of this mail, not of the relay as a whole
	Wait      time.Duration // until the next try
}

const qMailDone = `update outbox set state = $4, last_error = $5, receipt = $6, phase = case when $4 = 'in_doubt' then phase else '' end,
sent_at = case when $4 = 'sent' then now() end, sent_on = case when $4 = 'sent' then nullif($7, '')::date end,
refused = refused + $8::int, refused_since = case when $8 > 0 then coalesce(refused_since, now()) else refused_since end,
next_at = now() + make_interval(secs => $9)
where tenant_id = $1 and key = $2 and attempts = $3 and state in ('new', 'sending', 'retry')`

// MailDone records, at once and for good, how an attempt to send a mail ended.
func (db *DB) MailDone(ctx context.Context, tenant int, e MailEnd) error {
	refusals := 0
	if e.Refusal {
		refusals = 1
	}
	return takenUnlessOne(db.x.ExecContext(ctx, qMailDone, tenant, e.Key, e.Attempt, e.State, e.LastError, e.Receipt, e.SentOn.String(),
		refusals, int64(e.Wait/time.Second)))
}

// takenUnlessOne is the outcome of an update that only the owner of an attempt may make.
func takenUnlessOne(r sql.Result, err error) error {
	n, err := affected(r, err)
	if err == nil && n != 1 {
		err = ErrMailTaken
	}
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
