package store

import (
	"context"
	"time"
)

// Standing is what the database lets this connection do.
type Standing struct {
	Role      string `db:"role"`
	Super     bool   `db:"super"`
	MayChange bool   `db:"may_change"` // may change or delete what is booked
}

const qStanding = `select current_user::text as role, coalesce((select rolsuper from pg_roles where rolname = current_user), false) as super,
has_table_privilege('leg', 'update') or has_table_privilege('leg', 'delete') or has_table_privilege('document', 'update') as may_change`

// Standing returns as whom this connection works.
func (db *DB) Standing(ctx context.Context) (Standing, error) {
	var s Standing
	err := classify(db.x.GetContext(ctx, &s, qStanding))
	return s, err
}

// BookFaults counts what must not exist in the books.
type BookFaults struct {
	Currencies int64 `db:"currencies"` // whose trial balance is not zero
	Entries    int64 `db:"entries"`    // that do not balance
	Bare       int64 `db:"bare"`       // entries without legs
	Legs       int64 `db:"legs"`       // all there are: no fault
}

const qBookFaults = `select
(select count(*) from (select from leg where tenant_id = $1 group by currency having sum(minor) <> 0) c) as currencies,
(select count(*) from (select from leg where tenant_id = $1 group by entry_id, currency having sum(minor) <> 0) e) as entries,
(select count(*) from entry e where e.tenant_id = $1
   and not exists (select from leg l where l.tenant_id = e.tenant_id and l.entry_id = e.entry_id)) as bare,
(select count(*) from leg where tenant_id = $1) as legs`

// BookFaults sums all legs of a tenant anew.
func (db *DB) BookFaults(ctx context.Context, tenant int) (BookFaults, error) {
	var f BookFaults
	err := classify(db.x.GetContext(ctx, &f, qBookFaults, tenant))
	return f, err
}

// SeriesCount compares a number series with its documents.
type SeriesCount struct {
	Code      string `db:"code"`
	Given     int64  `db:"given"`     // numbers given out
	Documents int64  `db:"documents"` // documents that bear one
}

const qSeriesCounts = `select s.code, s.next - 1 as given,
(select count(*) from document d where d.tenant_id = s.tenant_id and d.series = s.code) as documents
from series s where s.tenant_id = $1 order by s.code`

// SeriesCounts counts the numbers of each series and the documents that bear them; a difference is a gap.
func (db *DB) SeriesCounts(ctx context.Context, tenant int) ([]SeriesCount, error) {
	var rows []SeriesCount
	err := classify(db.x.SelectContext(ctx, &rows, qSeriesCounts, tenant))
	return rows, err
}

const qUnfinishedRuns = `select ` + runColumns + ` from run r join tenant t using (tenant_id)
where r.tenant_id = $1 and r.state in ('running', 'review', 'failed') order by r.opened_at`

// UnfinishedRuns lists the runs that are neither closed nor cancelled.
func (db *DB) UnfinishedRuns(ctx context.Context, tenant int) ([]RunRow, error) {
	var rows []RunRow
	err := classify(db.x.SelectContext(ctx, &rows, qUnfinishedRuns, tenant))
	return rows, err
}

// HeldSums counts the open records set aside, by stage and code.
func (db *DB) HeldSums(ctx context.Context, tenant int) ([]HeldSum, error) {
	var rows []HeldSum
	err := classify(db.x.SelectContext(ctx, &rows, qHeldSums, tenant))
	return rows, err
}

// Scheduled is when a job runs.
type Scheduled struct {
	Job       string    `db:"job"`
	Spec      string    `db:"spec"`
	Enabled   bool      `db:"enabled"`
	NextDueAt time.Time `db:"next_due_at"`
	Alarm     string    `db:"alarm"`
	Late      bool      `db:"late"` // due for more than an hour
}

const qSchedules = `select job, spec, enabled, next_due_at, alarm, enabled and next_due_at < now() - interval '1 hour' as late
from job_schedule where tenant_id = $1 order by job`

// Schedules lists when a tenant's jobs run.
func (db *DB) Schedules(ctx context.Context, tenant int) ([]Scheduled, error) {
	var rows []Scheduled
	err := classify(db.x.SelectContext(ctx, &rows, qSchedules, tenant))
	return rows, err
}

const qSampleArtefacts = `select a.kind, a.owner, a.sha256, a.size, a.object, a.media_type, o.subject from artefact a
join object o on o.tenant_id = a.tenant_id and o.name = a.object where a.tenant_id = $1 order by random() limit $2`

// SampleArtefacts returns some of the things we made, at random, so that over time each gets its turn.
func (db *DB) SampleArtefacts(ctx context.Context, tenant, n int) ([]Artefact, error) {
	var rows []Artefact
	err := classify(db.x.SelectContext(ctx, &rows, qSampleArtefacts, tenant, n))
	return rows, err
}

const qSampleFiles = `select ` + fileColumns + ` from import_file where tenant_id = $1 and size <= $2 order by random() limit $3`

// SampleFiles returns some received files of at most a size in bytes, at random.
func (db *DB) SampleFiles(ctx context.Context, tenant int, largest int64, n int) ([]ImportFile, error) {
	var rows []ImportFile
	err := classify(db.x.SelectContext(ctx, &rows, qSampleFiles, tenant, largest, n))
	return rows, err
}

const qLateMails = `select count(*) from outbox o join run r on r.tenant_id = o.tenant_id and r.run_id = o.run_id
where o.tenant_id = $1 and o.state in ('new', 'retry') and o.next_at < now() - interval '1 hour' and r.state in ('closed', 'cancelled')`

// LateMails counts the mails of ended runs that are due for more than an hour.
func (db *DB) LateMails(ctx context.Context, tenant int) (int, error) {
	var n int
	err := db.x.GetContext(ctx, &n, qLateMails, tenant)
	return n, classify(err)
}
