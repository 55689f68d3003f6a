// Package batch is the state machine of runs, stages and chunks, without storage, queue or clock.
//
// A run is one job for one tenant and period. It goes through the stages of its job in order; a stage is cut into
// chunks that workers take in any order. A chunk is offered under a generation number, so that a message about an
// older offer is recognised and ignored.
package batch

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"wattdue/ident"
)

// RunState is where a run stands.
type RunState string

// The run states. A run in review waits for a person.
const (
	Running   RunState = "running"
	Review    RunState = "review"
	Closed    RunState = "closed"
	Failed    RunState = "failed" // an invariant broke; nothing leaves the house
	Cancelled RunState = "cancelled"
)

// Run is one execution of a job for a tenant and a period.
type Run struct {
	Tenant    int
	ID        ident.ID
	Job       string
	Period    string // 2026-10 or 2026-10-31
	Seq       int    // 1 for the regular run, more for corrections
	State     RunState
	Stage     string
	Epoch     int
	AsOf      time.Time // the run's only notion of now
	Pinned    bool      // AsOf was given by a person, not read from the clock
	OpenedBy  string
	ChunkSize int // 0: the stage's own size
}

// RunID derives the id of a run from its natural key.
func RunID(tenant, job, period string, seq int) ident.ID {
	return ident.Derive("run", tenant, job, period, fmt.Sprint(seq))
}

// Name is what people call the run: job/period/seq.
func (r Run) Name() string { return fmt.Sprintf("%s/%s/%d", r.Job, r.Period, r.Seq) }

// ChunkState is where a chunk stands.
type ChunkState string

// The chunk states. Quarantined means that the chunk killed its workers and its records were set aside.
const (
	ChunkOpen        ChunkState = "open"
	ChunkFailed      ChunkState = "failed"
	ChunkDone        ChunkState = "done"
	ChunkQuarantined ChunkState = "quarantined"
	ChunkCancelled   ChunkState = "cancelled"
)

// Span is what a chunk covers: from Lo up to, not including, Hi; empty ends are open. The stage knows what the
// bounds mean.
type Span struct{ Lo, Hi string }

// Spans makes half-open ranges of ascending lower bounds. The last has no upper bound, so that nothing between is missed.
func Spans(bounds []string) []Span {
	spans := make([]Span, len(bounds))
	for i, lo := range bounds {
		spans[i].Lo = lo
		if i+1 < len(bounds) {
			spans[i].Hi = bounds[i+1]
		}
	}
	return spans
}

// Chunk is a part of a stage.
type Chunk struct {
	Tenant int
	Run    ident.ID
	Stage  string
	No     int
	Span   Span
	State  ChunkState
	Gen    int
	Starts int
}

// TaskID is the queue's name for one offer of a chunk. It holds no hyphen and no slash: the queue page cuts ids at the
// first hyphen and routes by slashes.
func TaskID(stage string, run ident.ID, no, gen int) string {
	return fmt.Sprintf("%s.r%s.c%d.g%d", stage, run.Hex(), no, gen)
}

// Verb says what a worker does with an offered chunk.
type Verb int

// The verbs.
const (
	Work   Verb = iota // take it
	Ignore             // done already, or offered again since: the message is void
	Park               // it killed its workers too often: set its records aside
)

// Decide tells a worker what to do with a chunk it was offered under a generation. crashLimit is the number of
// starts without an end after which the chunk is held responsible.
func Decide(r Run, c Chunk, gen, crashLimit int) Verb {
	if r.State != Running || r.Stage != c.Stage || c.Gen != gen {
		return Ignore
	}
	if c.State != ChunkOpen && c.State != ChunkFailed {
		return Ignore
	}
	if c.Starts >= crashLimit {
		return Park
	}
	return Work
}

// NextStage returns the stage after current; ok is false when current is the last. The empty stage comes before the
// first.
func NextStage(stages []string, current string) (next string, ok bool) {
	if current == "" && len(stages) > 0 {
		return stages[0], true
	}
	i := slices.Index(stages, current)
	if i < 0 || i+1 >= len(stages) {
		return "", false
	}
	return stages[i+1], true
}

// Class says who must act on a failure.
type Class string

// The failure classes.
const (
	ClassRecord      Class = "record"      // set the record aside, go on
	ClassCustomer    Class = "customer"    // set the customer aside for this run, go on
	ClassChunk       Class = "chunk"       // retry, then fail visibly
	ClassCrash       Class = "crash"       // the worker died on it
	ClassEnvironment Class = "environment" // database, queue, mail or disk: wait, do not count
	ClassInvariant   Class = "invariant"   // sums differ: stop the run
)

// Failure is an error with its class.
type Failure struct {
	Class Class
	Err   error
}

// Fail gives an error a class; nil stays nil.
func Fail(class Class, err error) error {
	if err == nil {
		return nil
	}
	return &Failure{class, err}
}

// Failf makes an error of a class.
func Failf(class Class, format string, args ...any) error {
	return &Failure{class, fmt.Errorf(format, args...)}
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// ClassOf returns the class of an error; an error without one is of class chunk.
func ClassOf(err error) Class {
	var f *Failure
	if errors.As(err, &f) {
		return f.Class
	}
	return ClassChunk
}

// Backoff is the wait before attempt n (from 0) of a failed chunk: base, three times as long each time, at most five
// minutes.
func Backoff(base time.Duration, n int) time.Duration {
	const most = 5 * time.Minute
	for range min(n, 20) {
		base *= 3
		if base > most {
			return most
		}
	}
	return base
}
