package jobs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// The environment that turns this test binary into a worker process.
const (
	workerDatabase = "WATTDUE_TEST_WORKER_DATABASE"
	workerRedis    = "WATTDUE_TEST_WORKER_REDIS"
	workerDir      = "WATTDUE_TEST_WORKER_DIR"
	workerPoison   = "WATTDUE_TEST_WORKER_POISON"
	workerReading  = "WATTDUE_TEST_WORKER_READING"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerDatabase) != "" {
		os.Exit(beWorker())
	}
	os.Exit(m.Run())
}

// beWorker works chunks until it is killed.
func beWorker() int {
	ctx := context.Background()
	db, err := store.Open(ctx, os.Getenv(workerDatabase), 12)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	e := newEnv(db, os.Getenv(workerDir))
	e.Timing.CrashLimit = 1000 // the kills are not the chunks' fault
	if poison := os.Getenv(workerPoison); poison != "" {
		e.Timing.CrashLimit = 3
		e.Jobs = poisoned(e.Jobs, poison)
	}
	if os.Getenv(workerReading) != "" {
		e.Timing.CrashLimit = 3
		dieReading(e)
	}
	m, err := jobs.NewMachine(e, os.Getenv(workerRedis), jobs.Roles{Reconciler: true, Workers: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := m.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// poisoned replaces the verify stage's work by one that kills the process when it meets a certain charge.
func poisoned(table []jobs.Job, charge string) []jobs.Job {
	for i := range table {
		for j := range table[i].Stages {
			s := &table[i].Stages[j]
			if s.Name != "verify" {
				continue
			}
			work := s.Work
			s.Work = func(ctx context.Context, e *jobs.Env, t jobs.Task) (jobs.Counts, error) {
				rows, err := t.Tx.Imported(ctx, t.Run.Tenant, t.Chunk.Span)
				if err != nil {
					return nil, err
				}
				for _, r := range rows {
					if r.Charge.String() == charge {
						os.Exit(137)
					}
				}
				return work(ctx, e, t)
			}
		}
	}
	return table
}

// herd is a number of worker processes that are replaced when they die.
type herd struct {
	t      *testing.T
	h      *house
	extra  []string
	mu     sync.Mutex
	alive  []*exec.Cmd
	closed bool
	deaths int
}

func newHerd(t *testing.T, h *house, n int, extra ...string) *herd {
	t.Helper()
	g := &herd{t: t, h: h, extra: extra, alive: make([]*exec.Cmd, n)}
	for i := range n {
		g.breed(i)
	}
	t.Cleanup(g.end)
	return g
}

// breed starts worker i and replaces it when it dies.
func (g *herd) breed(i int) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerDatabase+"="+g.h.database.URL(store.RoleApp), workerRedis+"="+g.h.redisURL, workerDir+"="+g.h.dir)
	cmd.Env = append(cmd.Env, g.extra...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		g.t.Error(err)
		return
	}
	g.alive[i] = cmd
	go func() {
		_ = cmd.Wait()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.deaths++
		if !g.closed {
			g.breed(i)
		}
	}()
}

// kill ends a worker as the power would.
func (g *herd) kill(i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.alive[i] != nil {
		_ = g.alive[i].Process.Kill()
	}
}

func (g *herd) end() {
	g.mu.Lock()
	g.closed = true
	for _, cmd := range g.alive {
		_ = cmd.Process.Kill()
	}
	g.mu.Unlock()
}

// TestKilledWorkersAndEmptiedRedisChangeNothing bills a month twice: once undisturbed, and once while workers are killed at
// random and Redis is emptied. Both must end alike: every number, every cent, every hash. The seed is printed; set
// WATTDUE_TEST_SEED to repeat it.
func TestKilledWorkersAndEmptiedRedisChangeNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	const minKills = 20
	world := simulate.Options{Seed: 5, Customers: 300, Sessions: 5000}
	clean := newHouse(t, world)
	newHerd(t, clean, 2)
	clean.month(t, 100)
	want := clean.dump(t)

	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any number is a seed
	if s := os.Getenv("WATTDUE_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	rough := newHouse(t, world)
	workers := newHerd(t, rough, 3)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	kills, flushes := make(chan int, 1), make(chan int, 1)
	go func() { kills <- killAtRandom(ctx, workers, seed) }()
	go func() { flushes <- flushNow(ctx, t, rough.redisURL) }()
	rough.month(t, 100)
	stop()
	killed, flushed := <-kills, <-flushes
	t.Logf("%d workers killed, redis emptied %d times", killed, flushed)
	if killed < minKills || flushed < 2 {
		t.Errorf("%d kills and %d flushes are too few to prove anything; want %d and 2", killed, flushed, minKills)
	}
	same(t, want, rough.dump(t))
	rough.nothingMore(t)
}

// manyKills is how many follow each other quickly; after each such lot the time between them doubles, so that the month
// comes to its end on a slow machine too.
const manyKills = 50

// killAtRandom kills a worker every 100 to 500 ms at first and returns how many.
func killAtRandom(ctx context.Context, g *herd, seed uint64) int {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's dice
	n := 0
	for {
		select {
		case <-ctx.Done():
			return n
		case <-time.After(time.Duration(100+r.IntN(400)) * time.Millisecond << min(n/manyKills, 6)):
			g.kill(r.IntN(len(g.alive)))
			n++
		}
	}
}

// flushNow empties Redis after two and after five seconds.
func flushNow(ctx context.Context, t *testing.T, url string) int {
	opt, err := redis.ParseURL(url)
	if err != nil {
		t.Error(err)
		return 0
	}
	c := redis.NewClient(opt)
	defer func() { _ = c.Close() }()
	n := 0
	for _, wait := range []time.Duration{2 * time.Second, 3 * time.Second} {
		select {
		case <-ctx.Done():
			return n
		case <-time.After(wait):
			if err := c.FlushAll(ctx).Err(); err != nil {
				t.Error(err)
			}
			n++
		}
	}
	return n
}

// same compares two dumps line by line and shows the first difference.
func same(t *testing.T, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	table := ""
	for i := range min(len(w), len(g)) {
		if strings.HasPrefix(w[i], "-- ") {
			table = w[i]
		}
		if w[i] != g[i] {
			t.Fatalf("the outcome differs in %s\nclean: %.400s\nrough: %.400s", table, w[i], g[i])
		}
	}
	t.Fatalf("the outcome differs in length: %d and %d lines", len(w), len(g))
}

// TestChunkThatKillsItsWorkerIsSetAside lets one record kill every process that verifies it. Its chunk must be set aside
// after three deaths, with its records on hold, and the run must close without it.
func TestChunkThatKillsItsWorkerIsSetAside(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 4, Customers: 10, Sessions: 60, Faults: -1})
	probe := h.firstCharge(t)
	workers := newHerd(t, h, 1, workerPoison+"="+probe)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 20), "closed")
	if n := h.number(t, `select count(*) from quarantine where code = 'crash' and stage = 'verify'`); n != 20 {
		t.Errorf("%d records were set aside, want the chunk's 20", n)
	}
	if n := h.number(t, `select count(*) from charge_state where state = 'accrued'`); n != 40 {
		t.Errorf("%d records were accrued, want the other 40", n)
	}
	if n := h.number(t, `select count(*) from chunk where state = 'quarantined' and error_class = 'crash'`); n != 1 {
		t.Errorf("%d chunks are marked, want 1", n)
	}
	workers.mu.Lock()
	defer workers.mu.Unlock()
	if workers.deaths != 3 {
		t.Errorf("%d workers died, want 3", workers.deaths)
	}
}

// firstCharge is the id that the lowest record of the inbox will get.
func (h *house) firstCharge(t *testing.T) string {
	t.Helper()
	other := newHouse(t, simulate.Options{Seed: 4, Customers: 10, Sessions: 60, Faults: -1})
	other.start(t)
	other.wait(t, other.open(t, "intake", "2026-11-02", intakeAsOf, 20), "closed")
	var id string
	if err := other.database.SQL(t, "wattdue_reader").QueryRow(`select min(charge_id::text) from charge`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestFailedChunkIsRetried fails a chunk for good, sees it archived in the queue, and retries it from the queue and from
// our side, also after Redis was emptied.
func TestFailedChunkIsRetried(t *testing.T) {
	for _, c := range []struct {
		name  string
		retry func(t *testing.T, h *house, m *jobs.Machine, row store.RunRow)
	}{
		{"from the queue", func(t *testing.T, h *house, _ *jobs.Machine, _ store.RunRow) {
			opt, err := jobs.RedisOption(h.redisURL)
			if err != nil {
				t.Fatal(err)
			}
			i := asynq.NewInspector(opt)
			defer func() { _ = i.Close() }()
			if n, err := i.RunAllArchivedTasks(jobs.QueueBilling); err != nil || n != 1 {
				t.Fatalf("%d archived tasks run, error %v; want 1", n, err)
			}
		}},
		{"from our side", func(t *testing.T, h *house, m *jobs.Machine, row store.RunRow) {
			if n, err := m.Retry(t.Context(), row, "admin", "mended"); err != nil || n != 1 {
				t.Fatalf("%d chunks retried, error %v; want 1", n, err)
			}
		}},
		{"from our side after redis was emptied", func(t *testing.T, h *house, m *jobs.Machine, row store.RunRow) {
			opt, err := redis.ParseURL(h.redisURL)
			if err != nil {
				t.Fatal(err)
			}
			rc := redis.NewClient(opt)
			defer func() { _ = rc.Close() }()
			if err := rc.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			if n, err := m.Retry(t.Context(), row, "admin", "mended"); err != nil || n != 1 {
				t.Fatalf("%d chunks retried, error %v; want 1", n, err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, simulate.Options{Seed: 4, Customers: 5, Sessions: 20, Faults: -1})
			var broken sync.Map
			broken.Store("yes", true)
			h.Jobs = failing(h.Jobs, &broken)
			h.Timing.RetryBase = time.Millisecond
			m := h.start(t)
			row := h.open(t, "intake", "2026-11-02", intakeAsOf, 100)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			out, err := h.Wait(ctx, row, nil)
			if err != nil || !out.Blocked || out.Run.Stage != "rate" {
				t.Fatalf("blocked %v in stage %s, error %v; want blocked in rate", out.Blocked, out.Run.Stage, err)
			}
			broken.Delete("yes")
			c.retry(t, h, m, row)
			h.closes(t, row)
		})
	}
}

// failing lets the rate stage fail while broken holds "yes".
func failing(table []jobs.Job, broken *sync.Map) []jobs.Job {
	for i := range table {
		for j := range table[i].Stages {
			s := &table[i].Stages[j]
			if s.Name != "rate" {
				continue
			}
			work := s.Work
			s.Work = func(ctx context.Context, e *jobs.Env, t jobs.Task) (jobs.Counts, error) {
				if _, yes := broken.Load("yes"); yes {
					return nil, batch.Failf(batch.ClassChunk, "made to fail")
				}
				return work(ctx, e, t)
			}
		}
	}
	return table
}
