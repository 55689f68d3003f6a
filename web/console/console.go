// Package console is what a person or a monitoring system sees of a running wattdue: the queue page, metrics, liveness
// and readiness, and one index page.
//
// The queue page is hibiken/asynqmon. It comes without a login and acts on foreign POSTs, so this package owns the
// guard in front of it: basic auth with the roles viewer and admin, protection against cross-site requests, a content
// policy that keeps the browser from loading anything from elsewhere, and an audit line before every change. Nothing
// else imports asynqmon, so that a page of our own can take its place.
//
// The package decides nothing about billing and holds no SQL; what it needs from the database comes in as functions.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"
)

// The addresses the console answers. QueuePath is a subtree, the others are single pages.
const (
	QueuePath  = "/ops/queues/"
	HealthPath = "/healthz"
	ReadyPath  = "/readyz"
	MetricPath = "/metrics"
)

// Options is what a console is made of. Redis is always needed, Audit as soon as one user is an admin.
type Options struct {
	// Redis is where the queue lives. It need not answer when New is called.
	Redis asynq.RedisConnOpt
	// Users may log in. Without any, the console shows itself read-only and only to its own machine.
	Users []User
	// Audit stores that actor is about to do action to target, such as "queue.run" to "billing/archived_tasks/ID".
	// It is called once per target before the change is made; when it fails, nothing is changed. So a line can stand
	// for a change that Redis then refused, but no change is without its line.
	Audit func(ctx context.Context, actor, action, target string) error
	// Ready says whether the database answers and has the right schema. Nil means always.
	Ready func(ctx context.Context) error
	// Degraded says whether Redis answers: without it work is slower, not lost. Nil means always.
	Degraded func(ctx context.Context) error
	// Registry holds the metrics of the process; the console adds queue_depth to it. Nil means queue_depth only.
	Registry *prometheus.Registry
	// Log may be nil.
	Log *slog.Logger
	// Version is shown on the index page.
	Version string
}

// Console is the handler for everything the ops port answers. Close it after its server has stopped.
type Console struct {
	handler  http.Handler
	guard    *guard
	closers  []io.Closer
	registry *prometheus.Registry
	depth    *QueueCollector
	close    func() error
}

// New checks the options and builds the console. It opens no connection.
func New(o Options) (*Console, error) {
	if o.Redis == nil {
		return nil, errors.New("console: the address of redis is missing")
	}
	if err := usable(o.Redis); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	people, err := newAccounts(o.Users)
	if err != nil {
		return nil, err
	}
	if people.have(Admin) && o.Audit == nil {
		return nil, errors.New("console: an admin may change the queue, but there is no audit to note it in")
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	c := &Console{registry: o.Registry, depth: NewQueueCollector(o.Redis)}
	if err := o.Registry.Register(c.depth); err != nil {
		return nil, errors.Join(fmt.Errorf("console: queue_depth: %w", err), c.depth.Close())
	}
	c.guard = newGuard(people, o.Audit, o.Log)
	c.handler = headers(c.routes(o))
	c.close = sync.OnceValue(c.closeAll)
	return c, nil
}

// ServeHTTP answers one request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// Close takes queue_depth out of the registry and closes the connections to Redis. Closing again does nothing.
func (c *Console) Close() error { return c.close() }

func (c *Console) closeAll() error {
	c.registry.Unregister(c.depth)
	errs := []error{c.depth.Close()}
	for _, closer := range c.closers {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

// routes puts the guard before everything but the two questions a load balancer asks.
func (c *Console) routes(o Options) http.Handler {
	health := newHealth(o.Ready, o.Degraded, o.Log)

	inside := http.NewServeMux()
	inside.Handle("GET /{$}", indexPage(o.Version, health))
	inside.Handle("GET "+MetricPath, metrics(o.Registry, o.Log))
	inside.Handle(QueuePath, c.queuePages(o.Redis))
	c.guard.next = inside

	// Compared by hand: a ServeMux would redirect untidy addresses before the guard has seen them.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asks := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case asks && r.URL.Path == HealthPath:
			health.live(w, r)
		case asks && r.URL.Path == ReadyPath:
			health.readiness(w, r)
		default:
			c.guard.ServeHTTP(w, r)
		}
	})
}

// metrics leaves out what cannot be read, instead of answering nothing at all: Redis being away must not hide the rest.
func metrics(g prometheus.Gatherer, log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		MaxRequestsInFlight: 4,
	})
}

// usable tells an option asynq can work with from one that makes asynq and asynqmon panic.
func usable(opt asynq.RedisConnOpt) error {
	client, ok := opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return fmt.Errorf("console: redis option of type %T gives no usable client", opt)
	}
	return client.Close()
}

// The longest the console waits for the database or Redis to answer a question about itself.
const patience = 3 * time.Second
