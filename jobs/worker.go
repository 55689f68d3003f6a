package jobs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/hibiken/asynq"

	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// errBusy says that another worker holds the chunk: look again later.
var errBusy = errors.New("another worker holds the chunk")

// server makes the asynq server with our retry rules.
func (m *Machine) server() *asynq.Server {
	c := m.env.Config.Jobs
	return asynq.NewServer(m.opt, asynq.Config{
		Concurrency:              c.Concurrency,
		Queues:                   Queues,
		TaskCheckInterval:        100 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          60 * time.Second,
		RetryDelayFunc: func(n int, err error, task *asynq.Task) time.Duration {
			if errors.Is(err, errBusy) {
				return soon
			}
			if batch.ClassOf(err) == batch.ClassEnvironment {
				n = m.patience(task) // not counted by the queue
			}
			d := batch.Backoff(m.env.Timing.RetryBase, n)
			return d + rand.N(d/4+1)
		},
		IsFailure: func(err error) bool {
			return !errors.Is(err, errBusy) && !errors.Is(err, asynq.ErrLeaseExpired) &&
				batch.ClassOf(err) != batch.ClassEnvironment
		},
		Logger:   quiet{m.env.Log},
		LogLevel: asynq.WarnLevel,
	})
}

// patience counts how often the environment has failed an offer of a chunk in this process.
func (m *Machine) patience(t *asynq.Task) int {
	key := string(t.Payload())
	n, _ := m.failures.LoadOrStore(key, 0)
	count, _ := n.(int)
	m.failures.Store(key, count+1)
	return count
}

// handle works one task. A message about a chunk that is done or was offered again is void and disappears.
func (m *Machine) handle(ctx context.Context, t *asynq.Task) error {
	msg, err := readMessage(t)
	if err != nil {
		return errors.Join(err, asynq.SkipRetry)
	}
	err = m.env.workChunk(ctx, msg, m.worker)
	switch {
	case err == nil:
		m.failures.Delete(string(t.Payload()))
		m.Kick()
		return nil
	case errors.Is(err, asynq.RevokeTask), errors.Is(err, errBusy):
		return err
	}
	m.env.Log.Warn("chunk failed", "stage", msg.Stage, "chunk", msg.No, "gen", msg.Gen,
		"class", string(batch.ClassOf(err)), "error", err.Error())
	return m.noteFailure(ctx, msg, err)
}

// noteFailure stores why a chunk failed; on the last try, or when an invariant broke, for good.
func (m *Machine) noteFailure(ctx context.Context, msg message, cause error) error {
	class := batch.ClassOf(cause)
	tried, _ := asynq.GetRetryCount(ctx)
	most, _ := asynq.GetMaxRetry(ctx)
	final := class != batch.ClassEnvironment && (tried >= most || class == batch.ClassInvariant)
	// The task's own context may be what ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	id, err := msg.runID()
	if err != nil {
		return errors.Join(err, asynq.SkipRetry)
	}
	stands := false
	err = m.env.DB.InTx(ctx, func(tx *store.Tx) error {
		if class == batch.ClassInvariant { // the run before its chunks, as everywhere
			if _, err := tx.LockRun(ctx, msg.Tenant, id); err != nil {
				return err
			}
		}
		row, err := tx.LockChunk(ctx, msg.Tenant, id, msg.Stage, msg.No)
		if err != nil {
			return err
		}
		// Another worker may have finished the chunk meanwhile, or it was offered again: then this failure is history.
		pending := row.State == string(batch.ChunkOpen) || row.State == string(batch.ChunkFailed)
		if stands = pending && row.Gen == msg.Gen; !stands {
			return nil
		}
		state := batch.ChunkOpen
		if final {
			state = batch.ChunkFailed
		}
		err = tx.EndChunk(ctx, row.Chunk(), state, class, cause.Error(), nil)
		if err != nil || class != batch.ClassInvariant {
			return err
		}
		return m.env.fail(ctx, tx, msg.Tenant, id, cause)
	})
	if err != nil {
		m.env.Log.Error("failure could not be stored", "stage", msg.Stage, "chunk", msg.No, "error", err.Error())
	}
	if class == batch.ClassInvariant && stands {
		return errors.Join(cause, asynq.SkipRetry)
	}
	return cause
}

// workChunk is the frame of all stages: lock the chunk, check that the offer still stands, work, mark done, commit. A
// chunk is one transaction, so a worker that dies leaves nothing half done.
func (e *Env) workChunk(ctx context.Context, msg message, worker string) error {
	id, err := msg.runID()
	if err != nil {
		return errors.Join(err, asynq.SkipRetry)
	}
	release, err := e.company(ctx, msg.Tenant, id, msg)
	if err != nil {
		return err
	}
	defer release()
	starts, err := e.DB.CountStart(ctx, msg.Tenant, id, msg.Stage, msg.No, msg.Gen, worker, e.Config.Jobs.Lease)
	if errors.Is(err, store.ErrNotFound) {
		return e.voidOrBusy(ctx, msg)
	}
	if err != nil {
		return err
	}
	return e.DB.InTx(ctx, func(tx *store.Tx) error {
		row, err := tx.LockChunk(ctx, msg.Tenant, id, msg.Stage, msg.No)
		if errors.Is(err, store.ErrNotFound) {
			return errBusy
		}
		if err != nil {
			return err
		}
		run, err := e.DB.Run(ctx, msg.Tenant, id)
		if err != nil {
			return err
		}
		chunk := row.Chunk()
		chunk.Starts = starts
		task := Task{Run: run.Run(), Chunk: chunk, Tx: tx}
		job, _ := e.Job(run.Job)
		stage, known := job.stage(msg.Stage)
		if !known {
			return asynq.RevokeTask
		}
		crashLimit := e.Timing.CrashLimit
		if stage.Resumes != nil && stage.Resumes(chunk.Span) {
			crashLimit = math.MaxInt // the stage itself knows how far it came before each death
		}
		switch batch.Decide(task.Run, chunk, msg.Gen, crashLimit) {
		case batch.Ignore:
			return asynq.RevokeTask
		case batch.Park:
			return e.park(ctx, stage, task)
		case batch.Work:
		}
		counts, err := guard(ctx, e, stage, task)
		if err != nil {
			return err
		}
		e.kill(stage.Name + ":before-commit")
		return tx.EndChunk(ctx, chunk, batch.ChunkDone, "", "", counts)
	})
}

// company lets chunks work side by side, but a chunk that a worker may have died on works alone in its process: when that
// one dies too, the chunk is to blame and not its neighbours.
func (e *Env) company(ctx context.Context, tenant int, run ident.ID, msg message) (release func(), err error) {
	suspect, err := e.DB.ChunkIsSuspect(ctx, tenant, run, msg.Stage, msg.No)
	if err != nil {
		return nil, err
	}
	if suspect {
		e.shared.alone.Lock()
		return e.shared.alone.Unlock, nil
	}
	e.shared.alone.RLock()
	return e.shared.alone.RUnlock, nil
}

// voidOrBusy tells an offer that no longer stands from a chunk in another worker's hands.
func (e *Env) voidOrBusy(ctx context.Context, msg message) error {
	id, err := msg.runID()
	if err != nil {
		return err
	}
	open, err := e.DB.ChunkIsOpen(ctx, msg.Tenant, id, msg.Stage, msg.No, msg.Gen)
	if err != nil {
		return err
	}
	if open {
		return errBusy
	}
	return asynq.RevokeTask
}

// park sets the records of a chunk aside that has killed its workers, or leaves it failed where the stage cannot.
func (e *Env) park(ctx context.Context, s Stage, t Task) error {
	why := fmt.Sprintf("%d workers died on this chunk; look at its records, then: wattdue runs retry", t.Chunk.Starts)
	e.Log.Error("chunk kills its workers", "run", t.Run.Name(), "stage", s.Name, "chunk", t.Chunk.No)
	if s.Park == nil {
		return t.Tx.EndChunk(ctx, t.Chunk, batch.ChunkFailed, batch.ClassCrash, why, nil)
	}
	if err := s.Park(ctx, e, t); err != nil {
		return err
	}
	return t.Tx.EndChunk(ctx, t.Chunk, batch.ChunkQuarantined, batch.ClassCrash, why, nil)
}

// guard turns a panic of a stage into an error that names where it happened.
func guard(ctx context.Context, e *Env, s Stage, t Task) (counts Counts, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("panic", "stage", s.Name, "chunk", t.Chunk.No, "stack", string(debug.Stack()))
			err = fmt.Errorf("stage %s, chunk %d: the program failed: %v", s.Name, t.Chunk.No, p)
		}
	}()
	return s.Work(ctx, e, t)
}
