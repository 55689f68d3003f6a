package jobs_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wattdue/archive"
	"wattdue/config"
	"wattdue/dev/local"
	"wattdue/dev/local/localtest"
	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// house is a whole installation of one test: database, queue, archive, inbox and a simulated provider.
type house struct {
	*jobs.Env
	tenant   store.Tenant
	dir      string
	redisURL string
	database storetest.Database
	reader   *sql.DB // once asked for a number
}

var (
	intakeAsOf  = time.Date(2026, time.November, 2, 2, 30, 0, 0, time.UTC)
	billingAsOf = time.Date(2026, time.November, 3, 3, 0, 0, 0, time.UTC)
	collectAsOf = time.Date(2026, time.November, 4, 7, 0, 0, 0, time.UTC)
)

func newHouse(t testing.TB, o simulate.Options) *house {
	t.Helper()
	w, err := simulate.Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	return houseOf(t, w)
}

// houseOf is the installation of a provider that a test may have changed.
func houseOf(t testing.TB, w *simulate.World) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{dir: dir, redisURL: localtest.Redis(t).RedisURL(), database: storetest.New(t)}
	h.Env = newEnv(h.database.DB(t), dir)
	if err := os.MkdirAll(h.InboxOf(w.Tenant.Code), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteInbox(h.InboxOf(w.Tenant.Code)); err != nil {
		t.Fatal(err)
	}
	loadWorld(t, h.DB, w)
	var err error
	if h.tenant, err = h.DB.Tenant(t.Context(), w.Tenant.Code); err != nil {
		t.Fatal(err)
	}
	return h
}

// sql changes the database behind the program's back.
func (h *house) sql(t testing.TB, q string, args ...any) {
	t.Helper()
	if _, err := h.database.SQL(t, local.Superuser).Exec(q, args...); err != nil {
		t.Fatal(err)
	}
}

// newEnv is a hasty environment over a folder, shared by all processes of a test.
func newEnv(db *store.DB, dir string) *jobs.Env {
	blobs, err := archive.OpenStore(context.Background(), filepath.Join(dir, "archive"), archive.Options{})
	if err != nil {
		panic(err)
	}
	c := config.Default()
	c.Jobs.InboxDir, c.SEPA.ExportDir, c.Mail.Dir = filepath.Join(dir, "inbox"), filepath.Join(dir, "sepa"), filepath.Join(dir, "mail")
	c.Jobs.Lease, c.Jobs.Concurrency = time.Second, 2
	for _, d := range []string{c.SEPA.ExportDir, c.Mail.Dir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			panic(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("WATTDUE_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	e := jobs.NewEnv(db, jobs.NewVault(db, blobs, [32]byte{7}), c, log, "test")
	e.Timing.Tick, e.Timing.Reconcile, e.Timing.RetryBase = 100*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	return e
}

func loadWorld(t testing.TB, db *store.DB, w *simulate.World) {
	t.Helper()
	e := jobs.Env{DB: db}
	if _, err := e.LoadMasterData(t.Context(), w.MasterData(), jobs.Loading{Actor: "test", Source: "test"}); err != nil {
		t.Fatal(err)
	}
}

// start runs a machine in this process until the test ends.
func (h *house) start(t testing.TB) *jobs.Machine {
	t.Helper()
	m, _ := run(t, h.Env, h.redisURL, jobs.Roles{Reconciler: true, Workers: true})
	return m
}

// run runs a machine until the test ends or stops it. When stop returns, nothing of it is at work any more.
func run(t testing.TB, e *jobs.Env, redisURL string, roles jobs.Roles) (m *jobs.Machine, stop func()) {
	t.Helper()
	m, err := jobs.NewMachine(e, redisURL, roles)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return m, stop
}

// work is what a stage does with a chunk.
type work = func(context.Context, *jobs.Env, jobs.Task) (jobs.Counts, error)

// rework replaces what a stage does by something made of it.
func rework(table []jobs.Job, stage string, by func(work) work) []jobs.Job {
	for i := range table {
		for j := range table[i].Stages {
			if s := &table[i].Stages[j]; s.Name == stage {
				s.Work = by(s.Work)
			}
		}
	}
	return table
}

// gate holds the first to come until the test lets it through; all others pass.
type gate struct {
	once    sync.Once
	reached chan struct{}
	opened  chan struct{}
}

func newGate() *gate { return &gate{reached: make(chan struct{}), opened: make(chan struct{})} }

// pass reports whether it held its caller.
func (g *gate) pass() (first bool) {
	g.once.Do(func() {
		first = true
		close(g.reached)
		<-g.opened
	})
	return first
}

// await waits until somebody stands at the gate.
func (g *gate) await(t testing.TB) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(30 * time.Second):
		t.Fatal("nobody came to the gate")
	}
}

// open lets everybody through, also when the test is over.
func (g *gate) open() { close(g.opened) }

// eventually waits until a query for one number gives it.
func (h *house) eventually(t testing.TB, q string, want int64) {
	t.Helper()
	for range 600 {
		if h.number(t, q) == want {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: %d, want %d", q, h.number(t, q), want)
}

// open opens a run.
func (h *house) open(t testing.TB, job, period string, asOf time.Time, chunk int) store.RunRow {
	t.Helper()
	row, err := h.Open(t.Context(), h.tenant, jobs.Opening{Job: job, Period: period, AsOf: asOf, Actor: "preparer", ChunkSize: chunk})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// wait waits for a run to end in a state.
func (h *house) wait(t testing.TB, row store.RunRow, want string) store.RunRow {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	out, err := h.Wait(ctx, row, nil)
	if err != nil {
		t.Fatalf("run %s in stage %s: %v", out.Run.Run().Name(), out.Run.Stage, err)
	}
	if out.Run.State != want || out.Blocked {
		chunks, _ := h.DB.Chunks(t.Context(), row.TenantID, row.RunID)
		for _, c := range chunks {
			if c.Error != "" {
				t.Logf("%s %d %s: %s", c.Stage, c.No, c.State, c.Error)
			}
		}
		t.Fatalf("run %s is %s (blocked %v) in stage %s: %s; want %s", out.Run.Run().Name(), out.Run.State, out.Blocked, out.Run.Stage, out.Run.Error, want)
	}
	return out.Run
}

// closes waits until a run is closed, though it may be blocked at first.
func (h *house) closes(t testing.TB, row store.RunRow) {
	t.Helper()
	for range 600 {
		now, err := h.DB.Run(t.Context(), row.TenantID, row.RunID)
		if err != nil {
			t.Fatal(err)
		}
		if now.State == "closed" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("run %s did not close", row.Run().Name())
}

// month bills the simulated month from end to end.
func (h *house) month(t testing.TB, chunk int) {
	t.Helper()
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, chunk), "closed")
	billing := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, chunk), "review")
	if _, err := h.Approve(t.Context(), billing, "approver"); err != nil {
		t.Fatal(err)
	}
	h.wait(t, billing, "closed")
	h.wait(t, h.open(t, "collect", "2026-11-04", collectAsOf, chunk), "closed")
}
