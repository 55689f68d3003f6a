package store

import (
	"context"
	"encoding/json"
	"time"

	"wattdue/ident"
	"wattdue/jobs/batch"
)

// ChunkRow is a chunk as people see it.
type ChunkRow struct {
	TenantID   int      `db:"tenant_id" json:"-"`
	RunID      ident.ID `db:"run_id" json:"-"`
	Stage      string   `db:"stage" json:"stage"`
	No         int      `db:"no" json:"no"`
	Lo         string   `db:"lo" json:"lo"`
	Hi         string   `db:"hi" json:"hi"`
	State      string   `db:"state" json:"state"`
	Gen        int      `db:"gen" json:"gen"`
	Offers     int      `db:"offers" json:"offers"`
	Starts     int      `db:"starts" json:"starts"`
	ErrorClass string   `db:"error_class" json:"error_class,omitempty"`
	Error      string   `db:"error" json:"error,omitempty"`
	Counts     []byte   `db:"counts" json:"-"`
}

// Chunk returns the state machine's view of the row.
func (c ChunkRow) Chunk() batch.Chunk {
	return batch.Chunk{
		Tenant: c.TenantID, Run: c.RunID, Stage: c.Stage, No: c.No, Span: batch.Span{Lo: c.Lo, Hi: c.Hi},
		State: batch.ChunkState(c.State), Gen: c.Gen, Starts: c.Starts,
	}
}

const chunkColumns = `tenant_id, run_id, stage, no, lo, hi, state, gen, offers, starts, error_class, error, counts`

const qOfferChunks = `update chunk c set gen = c.gen + 1, offers = c.offers + 1, offered_at = now(),
       lease_until = now() + make_interval(secs => $1)
from (select due.* from run r join tenant t on t.tenant_id = r.tenant_id
      cross join lateral (
          select k.tenant_id, k.run_id, k.stage, k.no from chunk k
           where k.tenant_id = r.tenant_id and k.run_id = r.run_id and k.stage = r.stage and k.state = 'open'
             and (k.lease_until is null or k.lease_until < now())
           order by k.no
           limit greatest(0, $2 - (select count(*) from chunk w
                 where w.tenant_id = r.tenant_id and w.run_id = r.run_id and w.stage = r.stage
                   and w.state = 'open' and w.lease_until >= now() and w.error_class = ''))
           for update of k skip locked) due
      where r.state = 'running' and not t.paused) due
where c.tenant_id = due.tenant_id and c.run_id = due.run_id and c.stage = due.stage and c.no = due.no
returning c.tenant_id, c.run_id, c.stage, c.no, c.lo, c.hi, c.state, c.gen, c.offers, c.starts, c.error_class, c.error, c.counts`

// OfferChunks gives a new generation and lease to chunks that were never offered or whose lease ran out, so that of each run
// at most limit wait in the queue at a time: a chunk must not be offered again only because the queue is long, and a long
// run must not keep others out. Chunks the queue retries do not count, so that a mail server that is away stops nobody else.
// A chunk being worked on is locked and passed over.
func (tx *Tx) OfferChunks(ctx context.Context, lease time.Duration, limit int) ([]ChunkRow, error) {
	var rows []ChunkRow
	err := tx.SelectContext(ctx, &rows, qOfferChunks, lease.Seconds(), limit)
	return rows, err
}

const qExpireLeases = `update chunk c set lease_until = null
from (select tenant_id, run_id, stage, no from chunk where state = 'open' and lease_until is not null for update skip locked) k
where c.tenant_id = k.tenant_id and c.run_id = k.run_id and c.stage = k.stage and c.no = k.no`

// ExpireLeases makes every open chunk due at once: the queue was lost.
func (tx *Tx) ExpireLeases(ctx context.Context) error {
	_, err := tx.ExecContext(ctx, qExpireLeases)
	return err
}

const qTryLock = `select pg_try_advisory_xact_lock($1)`

// TryLock takes a transaction-level advisory lock, or reports that somebody else holds it.
func (tx *Tx) TryLock(ctx context.Context, key int64) (bool, error) {
	var ok bool
	err := tx.GetContext(ctx, &ok, qTryLock, key)
	return ok, err
}

const qLockChunk = `select ` + chunkColumns + ` from chunk
where tenant_id = $1 and run_id = $2 and stage = $3 and no = $4 for update skip locked`

// LockChunk locks and returns a chunk, or ErrNotFound when another worker holds it.
func (tx *Tx) LockChunk(ctx context.Context, tenant int, run ident.ID, stage string, no int) (ChunkRow, error) {
	var c ChunkRow
	err := found(tx.GetContext(ctx, &c, qLockChunk, tenant, run.String(), stage, no))
	return c, err
}

const qStartChunk = `update chunk c set starts = c.starts + 1, worker = $5,
       lease_until = greatest(c.lease_until, now() + make_interval(secs => $7))
from (select starts from chunk where tenant_id = $1 and run_id = $2 and stage = $3 and no = $4
      and gen = $6 and state in ('open', 'failed') for update skip locked) k
where c.tenant_id = $1 and c.run_id = $2 and c.stage = $3 and c.no = $4 returning k.starts`

// CountStart notes, in a transaction of its own, that a worker begins with a chunk, and returns how many began before it
// without an end. The lease begins anew, so that the chunk is not offered again before the worker has locked it: that
// start would have no end, though nobody died. ErrNotFound means that the chunk is held by another worker, is not open, or
// was offered again since.
func (db *DB) CountStart(ctx context.Context, tenant int, run ident.ID, stage string, no, gen int, worker string, lease time.Duration) (int, error) {
	var before int
	err := found(db.x.GetContext(ctx, &before, qStartChunk, tenant, run.String(), stage, no, worker, gen, lease.Seconds()))
	return before, classify(err)
}

const qEndChunk = `update chunk set state = $5, starts = $6, error_class = $7, error = $8, counts = coalesce($9::jsonb, counts),
done_at = case when $5 in ('done', 'quarantined') then now() end,
lease_until = case when $5 = 'open' then now() + interval '10 minutes' else lease_until end
where tenant_id = $1 and run_id = $2 and stage = $3 and no = $4`

// EndChunk stores how the work on a chunk ended: its state, class and text of the error when there was one, and what was
// counted. The number of starts is set back, because the worker lived to tell. A chunk left open is for the queue to
// retry; the long lease keeps the reconciler from starting its count of tries anew.
func (tx *Tx) EndChunk(ctx context.Context, c batch.Chunk, state batch.ChunkState, class batch.Class, message string, counts map[string]int64) error {
	var j any
	if counts != nil {
		b, err := json.Marshal(counts)
		if err != nil {
			return err
		}
		j = string(b)
	}
	starts := 0
	if state == batch.ChunkQuarantined {
		starts = c.Starts
	}
	_, err := tx.ExecContext(ctx, qEndChunk, c.Tenant, c.Run.String(), c.Stage, c.No, string(state), starts, string(class), message, j)
	return err
}

const qRetryChunks = `update chunk set state = 'open', lease_until = null, starts = 0, error_class = '', error = ''
where tenant_id = $1 and run_id = $2 and state = 'failed' returning ` + chunkColumns

// RetryChunks opens the failed chunks of a run again; they get a new generation at the next offer.
func (tx *Tx) RetryChunks(ctx context.Context, tenant int, run ident.ID) ([]ChunkRow, error) {
	var rows []ChunkRow
	err := tx.SelectContext(ctx, &rows, qRetryChunks, tenant, run.String())
	return rows, err
}

const qChunks = `select ` + chunkColumns + ` from chunk where tenant_id = $1 and run_id = $2 order by stage, no`

// Chunks lists the chunks of a run.
func (db *DB) Chunks(ctx context.Context, tenant int, run ident.ID) ([]ChunkRow, error) {
	var rows []ChunkRow
	err := db.x.SelectContext(ctx, &rows, qChunks, tenant, run.String())
	return rows, err
}

// StageSum is the state of a stage of a run: chunks by state and what they counted.
type StageSum struct {
	Stage  string `db:"stage" json:"stage"`
	State  string `db:"state" json:"state"`
	Chunks int    `db:"chunks" json:"chunks"`
}

const qStageSums = `select stage, state, count(*) as chunks from chunk where tenant_id = $1 and run_id = $2
group by stage, state order by min(done_at), stage, state`

// StageSums counts a run's chunks by stage and state.
func (db *DB) StageSums(ctx context.Context, tenant int, run ident.ID) ([]StageSum, error) {
	var rows []StageSum
	err := db.x.SelectContext(ctx, &rows, qStageSums, tenant, run.String())
	return rows, err
}

const qStageCounts = `select c.stage as stage, k.key as name, sum(k.value::bigint)::bigint as n
from chunk c, jsonb_each_text(c.counts) k where c.tenant_id = $1 and c.run_id = $2 group by c.stage, k.key order by 1, 2`

// StageCount is one thing a stage counted, summed over its chunks.
type StageCount struct {
	Stage string `db:"stage" json:"stage"`
	Name  string `db:"name" json:"name"`
	N     int64  `db:"n" json:"n"`
}

// StageCounts sums what the chunks of a run counted.
func (db *DB) StageCounts(ctx context.Context, tenant int, run ident.ID) ([]StageCount, error) {
	var rows []StageCount
	err := db.x.SelectContext(ctx, &rows, qStageCounts, tenant, run.String())
	return rows, err
}

const qChunkIsOpen = `select exists (select from chunk
where tenant_id = $1 and run_id = $2 and stage = $3 and no = $4 and gen = $5 and state in ('open', 'failed'))`

// ChunkIsOpen reports whether a chunk still waits for the outcome of one of its offers.
func (db *DB) ChunkIsOpen(ctx context.Context, tenant int, run ident.ID, stage string, no, gen int) (bool, error) {
	var open bool
	err := classify(db.x.GetContext(ctx, &open, qChunkIsOpen, tenant, run.String(), stage, no, gen))
	return open, err
}

const qChunkIsSuspect = `select exists (select from chunk
where tenant_id = $1 and run_id = $2 and stage = $3 and no = $4 and starts > 0)`

// ChunkIsSuspect reports whether a worker began with a chunk and was not heard of since.
func (db *DB) ChunkIsSuspect(ctx context.Context, tenant int, run ident.ID, stage string, no int) (bool, error) {
	var suspect bool
	err := db.x.GetContext(ctx, &suspect, qChunkIsSuspect, tenant, run.String(), stage, no)
	return suspect, classify(err)
}
