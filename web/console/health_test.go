package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestHealth(t *testing.T) {
	down := func(context.Context) error { return errors.New("secret-host:5432 refused") }
	up := func(context.Context) error { return nil }
	cases := []struct {
		say             string
		ready, degraded func(context.Context) error
		status          int
		want            string
	}{
		{"nothing to ask", nil, nil, 200, "ready"},
		{"all well", up, up, 200, "ready"},
		{"redis down", up, down, 200, "degraded"},
		{"database down", down, up, 503, "not ready"},
		{"both down", down, down, 503, "not ready"},
	}
	for _, c := range cases {
		t.Run(c.say, func(t *testing.T) {
			f := newFixture(t, func(o *Options) { o.Ready, o.Degraded = c.ready, c.degraded })
			w := f.do(request{method: "GET", path: "/readyz"})
			if w.Code != c.status || !strings.HasPrefix(w.Body.String(), c.want) {
				t.Errorf("/readyz = %d %q, want %d %q", w.Code, w.Body, c.status, c.want)
			}
			if strings.Contains(w.Body.String(), "secret-host") {
				t.Errorf("/readyz tells strangers the cause: %q", w.Body)
			}
			if w := f.do(request{method: "GET", path: "/healthz"}); w.Code != 200 || w.Body.String() != "ok\n" {
				t.Errorf("/healthz = %d %q, want 200 ok", w.Code, w.Body)
			}
			if got := f.ann("GET", "/"); got.Code != 200 || !strings.Contains(got.Body.String(), c.want) {
				t.Errorf("index page = %d without %q", got.Code, c.want)
			}
		})
	}
}

func TestReadinessIsAskedOncePerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, err := 0, errors.New("away")
		h := newHealth(func(context.Context) error { asked++; return err }, nil, slog.New(slog.DiscardHandler))
		ask := func() int {
			w := httptest.NewRecorder()
			// A caller who has gone must not make the answer worse for the next.
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			h.readiness(w, httptest.NewRequestWithContext(ctx, "GET", "/readyz", nil))
			return w.Code
		}
		for range 5 {
			if got := ask(); got != 503 {
				t.Errorf("status %d, want 503", got)
			}
		}
		if asked != 1 {
			t.Errorf("asked %d times in one instant, want 1", asked)
		}
		err = nil
		time.Sleep(time.Second)
		if got := ask(); got != 200 || asked != 2 {
			t.Errorf("a second later: %d after %d questions, want 200 after 2", got, asked)
		}
	})
}

func TestReadinessHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		h := newHealth(hang, nil, slog.New(slog.DiscardHandler))
		start := time.Now()
		w := httptest.NewRecorder()
		h.readiness(w, httptest.NewRequestWithContext(t.Context(), "GET", "/readyz", nil))
		if took := time.Since(start); w.Code != 503 || took != 3*time.Second {
			t.Errorf("a hanging database = %d after %s, want 503 after 3s", w.Code, took)
		}
	})
}

func TestQueueDepth(t *testing.T) {
	f := newFixture(t)
	f.enqueue(t, "billing", "a.1", `{}`, false)
	f.enqueue(t, "billing", "a.2", `{}`, false)
	f.enqueue(t, "billing", "a.3", `{}`, true)
	f.enqueue(t, "mail", "b.1", `{}`, true)
	body := f.ann("GET", "/metrics").Body.String()
	for _, want := range []string{
		`queue_depth{queue="billing",state="pending"} 2`,
		`queue_depth{queue="billing",state="archived"} 1`,
		`queue_depth{queue="billing",state="active"} 0`,
		`queue_depth{queue="mail",state="pending"} 0`,
		`queue_depth{queue="mail",state="archived"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("metrics lack %s:\n%s", want, body)
		}
	}
}

func TestMetricsWithoutRedis(t *testing.T) {
	registry := prometheus.NewRegistry()
	open := prometheus.NewGauge(prometheus.GaugeOpts{Name: "quarantine_open", Help: "Held records."})
	open.Set(7)
	registry.MustRegister(open)
	f := newFixture(t, func(o *Options) { o.Registry = registry })
	f.enqueue(t, "billing", "a.1", `{}`, false)
	f.redis.SetError("LOADING")
	w := f.ann("GET", "/metrics")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "quarantine_open 7\n") {
		t.Errorf("without redis the other metrics are gone: %d\n%s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "queue_depth{") {
		t.Errorf("depths are told without redis:\n%s", w.Body)
	}
}

func TestRegistryIsLeftAsItWas(t *testing.T) {
	registry := prometheus.NewRegistry()
	f := newFixture(t, func(o *Options) { o.Registry = registry })
	if _, err := New(Options{Redis: f.opt, Registry: registry}); err == nil {
		t.Error("two consoles share a registry")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := New(Options{Redis: f.opt, Registry: registry})
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A Redis that accepts and never answers must not hold up the scrape.
func TestCollectorDoesNotWaitForever(t *testing.T) {
	f := newFixture(t)
	c := NewQueueCollector(f.opt)
	c.patience = 20 * time.Millisecond
	c.turn <- struct{}{} // the look before is still out
	metrics := make(chan prometheus.Metric, 1)
	c.Collect(metrics)
	if err := (<-metrics).Write(nil); err == nil || !strings.Contains(err.Error(), "look before") {
		t.Errorf("got %v, want an error about the look before", err)
	}
	<-c.turn
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
