package jobs_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"wattdue/dev/local/localtest"
	"wattdue/dev/simulate"
	"wattdue/jobs"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// clockwork is a house without inbox whose schedules are looked at by some tickers for a while.
func clockwork(t *testing.T, tickers int, due time.Time, catchUp int) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), redisURL: localtest.Redis(t).RedisURL(), database: storetest.New(t)}
	h.Env = newEnv(h.database.DB(t), h.dir)
	w, err := simulate.Generate(simulate.Options{Customers: 1, Sessions: -1, EVSEs: 1})
	if err != nil {
		t.Fatal(err)
	}
	loadWorld(t, h.DB, w)
	if h.tenant, err = h.DB.Tenant(t.Context(), w.Tenant.Code); err != nil {
		t.Fatal(err)
	}
	err = h.DB.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.PutSchedule(t.Context(), h.tenant.ID, "intake", "30 2 * * *", "Europe/Berlin", catchUp, due)
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	var wg sync.WaitGroup
	for range tickers {
		m, err := jobs.NewMachine(h.Env, h.redisURL, jobs.Roles{Ticker: true})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { _ = m.Run(ctx) })
	}
	wg.Wait()
	return h
}

// dueAgo is the instant at which the nightly job was due n days ago.
func dueAgo(t *testing.T, n int) time.Time {
	t.Helper()
	c, err := jobs.ParseCron("30 2 * * *", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, err := c.Next(time.Now().AddDate(0, 0, -n))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTwoTickersOpenOneRun(t *testing.T) {
	h := clockwork(t, 2, dueAgo(t, 1), 3)
	if n := h.number(t, `select count(*) from run`); n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
	if n := h.number(t, `select count(*) from job_schedule where next_due_at > now() and alarm = ''`); n != 1 {
		t.Error("the next time is not set")
	}
}

func TestMissedPeriodsAreCaughtUpOldestFirst(t *testing.T) {
	due := dueAgo(t, 3)
	h := clockwork(t, 1, due, 3)
	runs, err := h.DB.Runs(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var periods []string
	for _, r := range runs {
		periods = append(periods, r.Period)
	}
	if len(periods) != 3 {
		t.Fatalf("periods %v, want three", periods)
	}
	if !strings.Contains(strings.Join(periods, " "), due.Format(time.DateOnly)) {
		t.Errorf("periods %v lack the oldest, %s", periods, due.Format(time.DateOnly))
	}
}

func TestTooManyMissedPeriodsRaiseAnAlarm(t *testing.T) {
	h := clockwork(t, 1, dueAgo(t, 30), 3)
	if n := h.number(t, `select count(*) from run`); n != 3 {
		t.Errorf("%d runs, want the three oldest", n)
	}
	if n := h.number(t, `select count(*) from job_schedule where alarm like 'more than 3 periods were missed%'`); n != 1 {
		t.Error("no alarm was raised")
	}
}
