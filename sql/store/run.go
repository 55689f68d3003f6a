package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"wattdue/ident"
	"wattdue/jobs/batch"
)

// RunRow is a run with what people want to know about it.
type RunRow struct {
	TenantID   int        `db:"tenant_id" json:"-"`
	Tenant     string     `db:"code" json:"tenant"`
	RunID      ident.ID   `db:"run_id" json:"run_id"`
	Job        string     `db:"job" json:"job"`
	Period     string     `db:"period" json:"period"`
	Seq        int        `db:"seq" json:"seq"`
	State      string     `db:"state" json:"state"`
	Stage      string     `db:"stage" json:"stage"`
	Epoch      int        `db:"epoch" json:"-"`
	AsOf       time.Time  `db:"as_of" json:"as_of"`
	Pinned     bool       `db:"pinned" json:"-"`
	OpenedBy   string     `db:"opened_by" json:"opened_by"`
	OpenedAt   time.Time  `db:"opened_at" json:"opened_at"`
	ClosedAt   *time.Time `db:"closed_at" json:"closed_at,omitempty"`
	ChunkSize  int        `db:"chunk_size" json:"-"`
	ConfigHash string     `db:"config_hash" json:"config_hash"`
	Error      string     `db:"error" json:"error,omitempty"`
	Balance    []byte     `db:"balance" json:"-"`
}

// Run returns the state machine's view of the row.
func (r RunRow) Run() batch.Run {
	return batch.Run{
		Tenant: r.TenantID, ID: r.RunID, Job: r.Job, Period: r.Period, Seq: r.Seq, State: batch.RunState(r.State),
		Stage: r.Stage, Epoch: r.Epoch, AsOf: r.AsOf.UTC(), OpenedBy: r.OpenedBy, ChunkSize: r.ChunkSize, Pinned: r.Pinned,
	}
}

const runColumns = `r.tenant_id, t.code, r.run_id, r.job, r.period, r.seq, r.state, r.stage, r.epoch, r.as_of, r.pinned, r.opened_by,
r.opened_at, r.closed_at, r.chunk_size, r.config_hash, r.error, r.balance`

const qOpenRun = `insert into run (tenant_id, run_id, job, period, seq, state, stage, as_of, opened_by, engine, config_hash, chunk_size, pinned)
values ($1, $2, $3, $4, $5, 'running', '', $6, $7, $8, $9, $10, $11) on conflict do nothing`

// OpenRun inserts a run at the start of its first stage. It reports false when a run of that key exists already.
func (tx *Tx) OpenRun(ctx context.Context, r batch.Run, engine, configHash string) (bool, error) {
	n, err := affected(tx.ExecContext(ctx, qOpenRun, r.Tenant, r.ID.String(), r.Job, r.Period, r.Seq, r.AsOf, r.OpenedBy, engine,
		configHash, r.ChunkSize, r.Pinned))
	return n == 1, err
}

const qLatestRun = `select ` + runColumns + ` from run r join tenant t using (tenant_id)
where r.tenant_id = $1 and r.job = $2 and r.period = $3 order by r.seq desc limit 1`

// LatestRun returns the run with the highest seq of a job and period, or ErrNotFound.
func (db *DB) LatestRun(ctx context.Context, tenant int, job, period string) (RunRow, error) {
	var r RunRow
	err := found(db.x.GetContext(ctx, &r, qLatestRun, tenant, job, period))
	return r, err
}

const qRun = `select ` + runColumns + ` from run r join tenant t using (tenant_id) where r.tenant_id = $1 and r.run_id = $2`

// Run returns one run, or ErrNotFound.
func (db *DB) Run(ctx context.Context, tenant int, id ident.ID) (RunRow, error) {
	var r RunRow
	err := found(db.x.GetContext(ctx, &r, qRun, tenant, id.String()))
	return r, err
}

const qNoteRunError = `update run set error = $3 where tenant_id = $1 and run_id = $2 and state = 'running'`

// NoteRunError shows why a run cannot go on for the time being.
func (db *DB) NoteRunError(ctx context.Context, tenant int, id ident.ID, message string) error {
	_, err := db.x.ExecContext(ctx, qNoteRunError, tenant, id.String(), message)
	return classify(err)
}

const qEarlierRun = `select e.period || '/' || e.seq from run e join run r on r.tenant_id = e.tenant_id and r.job = e.job
where r.tenant_id = $1 and r.run_id = $2 and e.run_id <> r.run_id and e.state in ('running', 'review')
and (e.opened_at, e.period, e.seq) < (r.opened_at, r.period, r.seq) order by e.opened_at, e.period, e.seq limit 1`

// EarlierRun names a run of the same job that was opened before and has not ended, as period/seq; empty when there is none.
func (tx *Tx) EarlierRun(ctx context.Context, r batch.Run) (string, error) {
	var name string
	err := found(tx.GetContext(ctx, &name, qEarlierRun, r.Tenant, r.ID.String()))
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return name, err
}

const qBeginRun = `update run set as_of = date_trunc('second', now()) where tenant_id = $1 and run_id = $2 returning as_of`

// BeginRun sets the moment of a run whose first stage begins: it may have waited since it was opened, and its dates count
// from now.
func (tx *Tx) BeginRun(ctx context.Context, r batch.Run) (time.Time, error) {
	var asOf time.Time
	err := tx.GetContext(ctx, &asOf, qBeginRun, r.Tenant, r.ID.String())
	return asOf.UTC(), err
}

const qRuns = `select ` + runColumns + ` from run r join tenant t using (tenant_id)
where ($1 = '' or t.code = $1) order by r.opened_at desc, r.job, r.seq desc limit $2`

// Runs lists the newest runs, of one tenant or of all.
func (db *DB) Runs(ctx context.Context, tenant string, limit int) ([]RunRow, error) {
	var rows []RunRow
	err := db.x.SelectContext(ctx, &rows, qRuns, tenant, limit)
	return rows, err
}

const qLockRun = `select ` + runColumns + ` from run r join tenant t using (tenant_id)
where r.tenant_id = $1 and r.run_id = $2 for update of r`

// LockRun locks and returns a run.
func (tx *Tx) LockRun(ctx context.Context, tenant int, id ident.ID) (RunRow, error) {
	var r RunRow
	err := found(tx.GetContext(ctx, &r, qLockRun, tenant, id.String()))
	return r, err
}

const qReadyToAdvance = `select ` + runColumns + ` from run r join tenant t using (tenant_id)
where r.state = 'running' and not t.paused and not exists (select from chunk c
      where c.tenant_id = r.tenant_id and c.run_id = r.run_id and c.stage = r.stage and c.state in ('open', 'failed'))
order by r.opened_at`

// ReadyToAdvance lists running runs whose current stage has nothing open or failed left.
func (db *DB) ReadyToAdvance(ctx context.Context) ([]RunRow, error) {
	var rows []RunRow
	err := db.x.SelectContext(ctx, &rows, qReadyToAdvance)
	return rows, err
}

const qStagePending = `select count(*) from chunk
where tenant_id = $1 and run_id = $2 and stage = $3 and state in ('open', 'failed')`

// StagePending counts the chunks of a stage that are open or failed.
func (tx *Tx) StagePending(ctx context.Context, r batch.Run) (int, error) {
	var n int
	err := tx.GetContext(ctx, &n, qStagePending, r.Tenant, r.ID.String(), r.Stage)
	return n, err
}

const qEnterStage = `update run set stage = $3, epoch = epoch + 1, error = '' where tenant_id = $1 and run_id = $2`

const qAddChunk = `insert into chunk (tenant_id, run_id, stage, no, lo, hi)
select $1, $2, $3, n, lo, hi from unnest($4::text[], $5::text[]) with ordinality as s(lo, hi, n)`

// EnterStage moves a run to a stage and inserts its chunks.
func (tx *Tx) EnterStage(ctx context.Context, r batch.Run, stage string, spans []batch.Span) error {
	if _, err := tx.ExecContext(ctx, qEnterStage, r.Tenant, r.ID.String(), stage); err != nil {
		return err
	}
	lo, hi := make([]string, len(spans)), make([]string, len(spans))
	for i, s := range spans {
		lo[i], hi[i] = s.Lo, s.Hi
	}
	_, err := tx.ExecContext(ctx, qAddChunk, r.Tenant, r.ID.String(), stage, textArray(lo), textArray(hi))
	return err
}

const qSetRunState = `update run set state = $3, error = $4,
closed_at = case when $3 in ('closed', 'failed', 'cancelled') then now() end,
balance = coalesce($5::jsonb, balance)
where tenant_id = $1 and run_id = $2`

// SetRunState changes the state of a run; report, when not nil, is stored as its balance sheet.
func (tx *Tx) SetRunState(ctx context.Context, tenant int, id ident.ID, state batch.RunState, message string, report any) error {
	var sheet any
	if report != nil {
		b, err := json.Marshal(report)
		if err != nil {
			return err
		}
		sheet = string(b)
	}
	_, err := tx.ExecContext(ctx, qSetRunState, tenant, id.String(), string(state), message, sheet)
	return err
}

const qCancelRun = `update chunk set state = 'cancelled' where tenant_id = $1 and run_id = $2 and state in ('open', 'failed')`

// CancelRun cancels a run and what is left of its chunks.
func (tx *Tx) CancelRun(ctx context.Context, tenant int, id ident.ID, why string) error {
	if _, err := tx.ExecContext(ctx, qCancelRun, tenant, id.String()); err != nil {
		return err
	}
	return tx.SetRunState(ctx, tenant, id, batch.Cancelled, why, nil)
}

const qLastSheet = `select balance from run
where tenant_id = $1 and state = 'closed' and balance is not null and run_id <> $2 order by closed_at desc limit 1`

// LastSheet returns the balance sheet of the run that closed last before this one, or nil.
func (tx *Tx) LastSheet(ctx context.Context, tenant int, except ident.ID) ([]byte, error) {
	var b []byte
	err := found(tx.GetContext(ctx, &b, qLastSheet, tenant, except.String()))
	if err == ErrNotFound { //nolint:errorlint // found returns the sentinel itself
		return nil, nil
	}
	return b, err
}
