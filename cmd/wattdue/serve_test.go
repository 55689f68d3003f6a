package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wattdue/archive"
	"wattdue/calendar"
	"wattdue/config"
	"wattdue/dev/local/localtest"
	"wattdue/invoicing"
	"wattdue/jobs"
	"wattdue/jobs/batch"
	"wattdue/masterdata"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// TestFailedJobIsRetriedOnTheQueuePage makes a job fail, sees it through the HTTP interface of the queue page behind the
// login, and retries it there with success; strangers and foreign pages are refused.
func TestFailedJobIsRetriedOnTheQueuePage(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	s := newServer(t, dummyJob(&broken))
	row, err := s.app.Open(t.Context(), s.tenant, jobs.Opening{Job: "dummy", Period: "2026-11-02", Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.app.Wait(t.Context(), row, nil)
	if err != nil || !out.Blocked {
		t.Fatalf("blocked %v, error %v; want a blocked run", out.Blocked, err)
	}
	const list = "ops/queues/api/queues/" + jobs.QueueBilling + "/archived_tasks"
	if code, _ := s.do(t, http.MethodGet, list, "", ""); code != http.StatusUnauthorized {
		t.Errorf("without login the list answers %d, want 401", code)
	}
	if code, _ := s.do(t, http.MethodGet, list, "admin", "wrong"); code != http.StatusUnauthorized {
		t.Errorf("with a wrong password the list answers %d, want 401", code)
	}
	code, body := s.do(t, http.MethodGet, list, "admin", s.password)
	var page struct {
		Tasks []struct {
			ID      string `json:"id"`
			Error   string `json:"error_message"`
			Payload string `json:"payload"`
		} `json:"tasks"`
	}
	if err := json.Unmarshal(body, &page); code != http.StatusOK || err != nil || len(page.Tasks) != 1 {
		t.Fatalf("the list answers %d with %.300s, error %v; want one task", code, body, err)
	}
	task := page.Tasks[0]
	if !strings.Contains(task.Error, "made to fail") || strings.Contains(task.Payload, "@") {
		t.Errorf("the task shows error %q and payload %q", task.Error, task.Payload)
	}
	run := list + "/" + task.ID + ":run"
	if code, _ := s.do(t, http.MethodPost, run, "admin", s.password, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("a foreign page's retry answers %d, want 403", code)
	}
	broken.Store(false)
	if code, body := s.do(t, http.MethodPost, run, "admin", s.password); code/100 != 2 {
		t.Fatalf("the retry answers %d: %.300s", code, body)
	}
	s.closes(t, row)
	audited, err := s.app.DB.AuditOf(t.Context(), s.tenant.ID, jobs.QueueBilling+"/archived_tasks/"+task.ID)
	if err != nil || len(audited) != 1 || audited[0].Actor != "admin" {
		t.Errorf("audit has %v, error %v; want one line of admin", audited, err)
	}
}

func TestServerTellsHowItIs(t *testing.T) {
	var broken atomic.Bool
	s := newServer(t, dummyJob(&broken))
	for _, path := range []string{"healthz", "readyz"} {
		if code, body := s.do(t, http.MethodGet, path, "", ""); code != http.StatusOK {
			t.Errorf("%s answers %d: %s", path, code, body)
		}
	}
	code, body := s.do(t, http.MethodGet, "metrics", "admin", s.password)
	if code != http.StatusOK || !bytes.Contains(body, []byte("wattdue_invariant_failures 0")) {
		t.Errorf("metrics answer %d: %.300s", code, body)
	}
}

// server is a running `serve` with its own database and queue.
type server struct {
	app      *app
	tenant   store.Tenant
	url      string
	password string
}

func newServer(t *testing.T, job jobs.Job) server {
	t.Helper()
	db := storetest.New(t).DB(t)
	err := db.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.PutTenant(t.Context(), masterdata.Tenant{Code: "acme", Zone: "Europe/Berlin", Issuer: invoicing.Issuer{Name: "Acme"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := archive.OpenStore(t.Context(), "mem://", archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := &app{redisURL: localtest.Redis(t).RedisURL()}
	a.Env = jobs.NewEnv(db, jobs.NewVault(db, blobs, [32]byte{1}), config.Default(), slog.New(slog.DiscardHandler), "test")
	a.Jobs = []jobs.Job{job}
	a.Timing.Reconcile, a.Timing.RetryBase = 50*time.Millisecond, time.Millisecond
	tenant, err := db.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	var out lockedBuffer
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, &terminal{out: &out, err: io.Discard}, a, "127.0.0.1:0", jobs.AllRoles) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	s := server{app: a, tenant: tenant}
	for range 100 {
		m := regexp.MustCompile(`(http://\S+)/ops/queues/\nlogin: +admin / (\S+)`).FindStringSubmatch(out.String())
		if m != nil {
			s.url, s.password = m[1], m[2]
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the server printed no address: %q", out.String())
	return s
}

// dummyJob has one stage with one chunk that fails while broken.
func dummyJob(broken *atomic.Bool) jobs.Job {
	return jobs.Job{
		Name: "dummy", Period: calendar.Date.String, CheckPeriod: func(string) error { return nil },
		Pending: func(context.Context, *jobs.Env, store.Tenant, string) (bool, error) { return false, nil },
		Stages: []jobs.Stage{{
			Name: "work", Queue: jobs.QueueBilling, Size: 1,
			Plan: func(context.Context, *jobs.Env, *store.Tx, batch.Run, int) ([]batch.Span, error) {
				return []batch.Span{{}}, nil
			},
			Work: func(context.Context, *jobs.Env, jobs.Task) (jobs.Counts, error) {
				if broken.Load() {
					return nil, errors.New("made to fail")
				}
				return jobs.Counts{"worked": 1}, nil
			},
		}},
	}
}

// do sends a request, with a login when a user is given and with further headers in pairs.
func (s server) do(t *testing.T, method, path, user, password string, headers ...string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+"/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func (s server) closes(t *testing.T, row store.RunRow) {
	t.Helper()
	for range 400 {
		now, err := s.app.DB.Run(t.Context(), row.TenantID, row.RunID)
		if err != nil {
			t.Fatal(err)
		}
		if now.State == string(batch.Closed) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the run did not close")
}

// lockedBuffer is a buffer that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
