// Package jobs turns work that Postgres knows to be undone into runs, and runs into effects.
//
// One file per stage: it loads, calls pure functions of the domain, and saves, all on one screen. The machine around the
// stages (ticker, reconciler, workers) knows nothing of charging. Postgres holds every run, stage and chunk; Redis only
// says that there may be work, and may be emptied at any moment.
package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wattdue/calendar"
	"wattdue/config"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// Job is a sequence of stages with the question whether there is anything to do.
type Job struct {
	Name   string
	Help   string // one line for people
	Stages []Stage
	// Period names the period a run belongs to when it falls due on a local date.
	Period func(due calendar.Date) string
	// CheckPeriod refuses a period the job cannot work.
	CheckPeriod func(period string) error
	// Alone lets a run of the job begin only when the earlier ones of the tenant have ended.
	Alone bool
	// Pending reports whether a further run for a period whose last run has ended would find work.
	Pending func(ctx context.Context, e *Env, tenant store.Tenant, period string) (bool, error)
	// Repeats says that a schedule may open a further run in a period when there is work. Such a job works what is due
	// whenever that came to be, so times missed are not made up for.
	Repeats bool
}

// Stage is one step of a job. Plan cuts it into chunks, inside the transaction that enters the stage. Work does one chunk
// inside the transaction that marks it done; what it returns is counted. Park, when set, puts the records of a chunk
// aside that has killed its workers.
type Stage struct {
	Name  string
	Queue string
	Size  int // records per chunk unless configured otherwise
	Plan  func(ctx context.Context, e *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error)
	Work  func(ctx context.Context, e *Env, t Task) (Counts, error)
	Park  func(ctx context.Context, e *Env, t Task) error
	// Resumes tells the chunks in which the stage keeps checkpoints of its own and counts the deaths between two of them
	// itself. Nil: none.
	Resumes func(batch.Span) bool
}

// Task is one chunk being worked on.
type Task struct {
	Run   batch.Run
	Chunk batch.Chunk
	Tx    *store.Tx
}

// Counts is what a chunk counted, by name.
type Counts = map[string]int64

// errReview is returned by Plan when a person has to look first.
var errReview = errors.New("waits for approval")

// Env is what stages and machine work with.
type Env struct {
	DB     *store.DB
	Vault  *Vault
	Config config.Config
	Log    *slog.Logger
	Engine string // version of this program, stored with runs and documents
	Now    func() time.Time
	Jobs   []Job
	Timing Timing
	shared *shared
	// KillPoint, set by fault tests only, is told the names of points where a process may die.
	KillPoint func(name string)
}

// Timing is how patient the machine is. Tests make it hasty.
type Timing struct {
	Tick       time.Duration // how often schedules are looked at
	Reconcile  time.Duration // how often the queue is made to agree with Postgres
	ChunkLimit time.Duration // the longest a worker may take for a chunk
	Retention  time.Duration // how long the queue page shows finished tasks
	RetryBase  time.Duration // wait before the first retry; three times as long each time
	CrashLimit int           // starts without an end after which a chunk is set aside
}

// DefaultTiming is the timing of production.
func DefaultTiming() Timing {
	return Timing{
		Tick: 10 * time.Second, Reconcile: time.Second, ChunkLimit: 10 * time.Minute, Retention: 24 * time.Hour,
		RetryBase: 2 * time.Second, CrashLimit: 3,
	}
}

// NewEnv returns an environment with production's jobs, timing and clock.
func NewEnv(db *store.DB, vault *Vault, c config.Config, log *slog.Logger, engine string) *Env {
	return &Env{
		DB: db, Vault: vault, Config: c, Log: log, Engine: engine, Now: time.Now, Jobs: Table(), Timing: DefaultTiming(), shared: newShared(),
	}
}

// Job returns the job of a name.
func (e *Env) Job(name string) (Job, bool) {
	for _, j := range e.Jobs {
		if j.Name == name {
			return j, true
		}
	}
	return Job{}, false
}

// stage returns a stage of a job by name.
func (j Job) stage(name string) (Stage, bool) {
	for _, s := range j.Stages {
		if s.Name == name {
			return s, true
		}
	}
	return Stage{}, false
}

func (j Job) stageNames() []string {
	names := make([]string, len(j.Stages))
	for i, s := range j.Stages {
		names[i] = s.Name
	}
	return names
}

// size is the number of records per chunk: of the run, else configured for the stage, else the stage's own.
func (e *Env) size(r batch.Run, stage string, usual int) int {
	if r.ChunkSize > 0 {
		return r.ChunkSize
	}
	if n := e.Config.Jobs.Chunk.For(stage); n > 0 {
		return n
	}
	return usual
}

// one is the plan of a stage that is a single chunk.
func one(context.Context, *Env, *store.Tx, batch.Run, int) ([]batch.Span, error) {
	return []batch.Span{{}}, nil
}

// kill ends the process at a named point when a fault test asks for it.
func (e *Env) kill(point string) {
	if e.KillPoint != nil {
		e.KillPoint(point)
	}
}
