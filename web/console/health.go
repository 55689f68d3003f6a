package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// answerAge is how long an answer about readiness holds. The address needs no login, so without it anybody could keep
// the billing's database connections busy by asking.
const answerAge = time.Second

// probe asks a question at most once per answerAge, whoever wants to know.
type probe struct {
	ask  func(ctx context.Context) error
	name string
	log  *slog.Logger

	mu    sync.Mutex
	at    time.Time
	err   error
	asked bool
}

// answer is nil when all is well. A caller that goes away does not spoil the answer for the others.
func (p *probe) answer(ctx context.Context) error {
	if p.ask == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked && time.Since(p.at) < answerAge {
		return p.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := p.ask(ctx)
	if changed := !p.asked && err != nil || p.asked && (err == nil) != (p.err == nil); changed {
		p.report(err)
	}
	p.asked, p.at, p.err = true, time.Now(), err
	return err
}

// report tells the log what the answer to a stranger does not: the cause, once per change.
func (p *probe) report(err error) {
	if err != nil {
		p.log.Warn(p.name+" does not answer", "error", err.Error())
		return
	}
	p.log.Info(p.name + " answers again")
}

// health is what load balancers and the index page ask.
type health struct{ database, redis *probe }

func newHealth(ready, degraded func(context.Context) error, log *slog.Logger) *health {
	return &health{
		database: &probe{ask: ready, name: "database", log: log},
		redis:    &probe{ask: degraded, name: "redis", log: log},
	}
}

// state is the one-line answer and whether work can be done at all. Redis is a doorbell: without it, degraded.
func (h *health) state(ctx context.Context) (string, bool) {
	if h.database.answer(ctx) != nil {
		return "not ready: database or schema", false
	}
	if h.redis.answer(ctx) != nil {
		return "degraded: redis does not answer; work goes on when it does", true
	}
	return "ready", true
}

// live says that the process answers.
func (h *health) live(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") }

// readiness says whether this process can do its work.
func (h *health) readiness(w http.ResponseWriter, r *http.Request) {
	text, ok := h.state(r.Context())
	if !ok {
		say(w, http.StatusServiceUnavailable, text)
		return
	}
	say(w, http.StatusOK, text)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the asker went away
}
