package jobs

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Machine is ticker, reconciler and workers in one process. Any number of processes may run one.
type Machine struct {
	env    *Env
	opt    asynq.RedisConnOpt
	redis  redis.UniversalClient
	worker string
	roles  Roles
	kick   chan struct{}

	failures sync.Map // offers the environment has failed, with how often

	mu     sync.Mutex
	client *asynq.Client
	epoch  string
}

// Roles says which parts a machine plays.
type Roles struct{ Ticker, Reconciler, Workers bool }

// AllRoles plays every part.
var AllRoles = Roles{true, true, true}

// NewMachine connects to Redis. Redis may be down: work waits until it is back.
func NewMachine(e *Env, redisURL string, roles Roles) (*Machine, error) {
	opt, err := RedisOption(redisURL)
	if err != nil {
		return nil, err
	}
	rc, err := redisClient(opt)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	return &Machine{
		env: e, opt: opt, redis: rc, roles: roles, client: asynq.NewClient(opt),
		worker: fmt.Sprintf("%s.%d", host, os.Getpid()), kick: make(chan struct{}, 1),
	}, nil
}

// CheckRedis refuses a Redis that may drop keys by itself, in production, or that is too old.
func (m *Machine) CheckRedis(ctx context.Context) error {
	if err := m.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("no redis: %w; check redis_url, or leave it empty to use the embedded server", err)
	}
	policy, err := m.redis.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		m.env.Log.Warn("redis does not tell its memory policy; make sure it is noeviction", "error", err.Error())
		return nil
	}
	if p := policy["maxmemory-policy"]; p != "noeviction" && m.env.Config.Mode == "production" {
		return fmt.Errorf("redis has maxmemory-policy %s and may drop queued work; set it to noeviction", p)
	}
	return nil
}

// Run plays the machine's parts until the context ends, then lets chunks in work finish.
func (m *Machine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer func() {
		wg.Wait()
		m.mu.Lock()
		defer m.mu.Unlock()
		_ = m.client.Close()
		_ = m.redis.Close()
	}()
	if m.roles.Workers {
		srv := m.server()
		if err := srv.Start(asynq.HandlerFunc(m.handle)); err != nil {
			return fmt.Errorf("no redis: %w; check redis_url", err)
		}
		defer srv.Shutdown()
	}
	if m.roles.Ticker {
		wg.Go(func() { m.every(ctx, m.env.Timing.Tick, nil, "tick", m.tick) })
	}
	if m.roles.Reconciler {
		wg.Go(func() { m.every(ctx, m.env.Timing.Reconcile, m.kick, "reconcile", m.reconcile) })
	}
	<-ctx.Done()
	return nil
}

// every calls f at once, then at each interval and at each kick, until the context ends.
func (m *Machine) every(ctx context.Context, interval time.Duration, kick <-chan struct{}, what string, f func(context.Context) error) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			m.env.Log.Error(what, "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-kick:
		}
	}
}

// Kick asks the reconciler to look now instead of at its next turn.
func (m *Machine) Kick() {
	select {
	case m.kick <- struct{}{}:
	default:
	}
}
