package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// largestBody is plenty for a list of a thousand task ids, the largest thing the queue page sends.
const largestBody = 64 << 10

// person is who a request acts for, after the guard has let it in.
type person struct {
	Name string
	Role Role
}

// local is everybody when there are no users: the own machine, read-only, so that every audit line names somebody.
var local = person{Name: "this machine", Role: Viewer}

type personKey struct{}

// personOf is the person behind a guarded request; the zero person may do nothing.
func personOf(ctx context.Context) person {
	p, _ := ctx.Value(personKey{}).(person)
	return p
}

// guard stands before every page: origin, login, role, audit, in this order.
type guard struct {
	origin   *http.CrossOriginProtection
	people   *accounts
	failures *throttle
	turn     chan struct{} // one bcrypt at a time, so that a flood of logins cannot take the billing's processors
	audit    func(ctx context.Context, actor, action, target string) error
	log      *slog.Logger
	now      func() time.Time
	next     http.Handler
}

func newGuard(people *accounts, audit func(context.Context, string, string, string) error, log *slog.Logger) *guard {
	return &guard{
		origin: http.NewCrossOriginProtection(), people: people, failures: newThrottle(),
		turn: make(chan struct{}, 1), audit: audit, log: log, now: time.Now,
	}
}

// refusal is an answer that ends a request; nil means go on.
type refusal struct {
	status int
	text   string
	header map[string]string
}

func (f *refusal) write(w http.ResponseWriter) {
	for k, v := range f.header {
		w.Header().Set(k, v)
	}
	http.Error(w, f.text, f.status)
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The origin comes first: a foreign page must not even spend the login attempts of its visitor.
	if err := g.origin.Check(r); err != nil {
		g.log.Warn("foreign request refused", "remote", remoteKey(r.RemoteAddr), "method", r.Method)
		(&refusal{status: http.StatusForbidden, text: "this request comes from another site"}).write(w)
		return
	}
	who, no := g.admit(r)
	if no != nil {
		no.write(w)
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), personKey{}, who))
	r.Body = http.MaxBytesReader(w, r.Body, largestBody)
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		g.next.ServeHTTP(w, r)
		return
	}
	g.change(w, r, who)
}

// admit finds out who is asking.
func (g *guard) admit(r *http.Request) (person, *refusal) {
	if g.people.empty() {
		if !fromHere(r) {
			return person{}, &refusal{status: http.StatusForbidden, text: "without users the console is for its own machine only, as http://127.0.0.1"}
		}
		return local, nil
	}
	name, password, given := r.BasicAuth()
	if !given {
		return person{}, unauthorized("log in")
	}
	remote := remoteKey(r.RemoteAddr)
	if no := g.throttled(remote); no != nil {
		return person{}, no
	}
	if acc := g.people.remembered(name, password); acc != nil {
		return person{acc.name, acc.role}, nil
	}
	return g.login(r.Context(), remote, name, password)
}

// login checks a password that was not seen before.
func (g *guard) login(ctx context.Context, remote, name, password string) (person, *refusal) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return person{}, &refusal{status: http.StatusServiceUnavailable, text: "too many logins at once; try again"}
	}
	// Others of this remote may have failed while this one waited.
	if no := g.throttled(remote); no != nil {
		return person{}, no
	}
	acc := g.people.verify(name, password)
	if acc == nil {
		g.failures.fail(remote, g.now())
		// Not the name: people type their password there.
		g.log.Warn("login refused", "remote", remote)
		return person{}, unauthorized("name or password is wrong")
	}
	g.log.Info("login", "user", acc.name, "remote", remote)
	return person{acc.name, acc.role}, nil
}

func (g *guard) throttled(remote string) *refusal {
	wait := g.failures.wait(remote, g.now())
	if wait <= 0 {
		return nil
	}
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	return &refusal{
		status: http.StatusTooManyRequests,
		text:   "too many wrong logins; wait " + seconds + " s",
		header: map[string]string{"Retry-After": seconds},
	}
}

func unauthorized(text string) *refusal {
	return &refusal{
		status: http.StatusUnauthorized, text: text,
		header: map[string]string{"WWW-Authenticate": `Basic realm="wattdue", charset="UTF-8"`},
	}
}

// change lets an admin's request through after its audit lines are stored.
func (g *guard) change(w http.ResponseWriter, r *http.Request, who person) {
	if who.Role != Admin || (r.Method != http.MethodPost && r.Method != http.MethodDelete) {
		no := refusal{
			status: http.StatusMethodNotAllowed, text: "only an admin may change the queue",
			header: map[string]string{"Allow": "GET, HEAD"},
		}
		no.write(w)
		return
	}
	acts, err := readActs(r)
	if err != nil {
		actRefusal(err).write(w)
		return
	}
	for _, a := range acts {
		if err := g.audit(r.Context(), who.Name, a.action, a.target); err != nil {
			g.log.Error("change refused: audit line could not be stored", "actor", who.Name, "action", a.action,
				"target", a.target, "error", err.Error())
			(&refusal{status: http.StatusServiceUnavailable, text: "the audit line could not be stored, so nothing was changed"}).write(w)
			return
		}
	}
	seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	g.next.ServeHTTP(seen, r)
	g.log.Info("queue changed", "actor", who.Name, "action", acts[0].action, "target", acts[0].target,
		"targets", len(acts), "status", seen.status)
}

func actRefusal(err error) *refusal {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &refusal{status: http.StatusRequestEntityTooLarge, text: "the request is larger than 64 KiB; choose fewer tasks"}
	case errors.Is(err, errNoSuchAct):
		return &refusal{status: http.StatusNotFound, text: err.Error()}
	}
	return &refusal{status: http.StatusBadRequest, text: err.Error()}
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
