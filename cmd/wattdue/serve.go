package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"wattdue/config"
	"wattdue/ident"
	"wattdue/jobs"
	"wattdue/web/console"
)

type serveCmd struct {
	Listen    string `placeholder:"ADDR" help:"Address of the queue page, health and metrics; default: as configured."`
	NoTicker  bool   `help:"Do not open runs by schedule."`
	NoWorkers bool   `help:"Do not work chunks."`
	NoHTTP    bool   `name:"no-http" help:"No queue page, health and metrics."`
}

func (*serveCmd) Help() string {
	return `Any number of servers may run at once; none is special. /ops/queues is the queue page, /healthz and /readyz tell
whether all is well, /metrics is for Prometheus. Without configured users a login is made up and printed, in dev mode only.

Example:
  wattdue serve
  wattdue serve --no-http --no-ticker      # a further worker`
}

func (s *serveCmd) Run(ctx context.Context, c *cli, con *terminal) error {
	return c.withApp(ctx, con, func(a *app) error {
		listen := s.Listen
		if listen == "" {
			listen = a.Config.Ops.Listen
		}
		if s.NoHTTP {
			listen = ""
		}
		return serve(ctx, con, a, listen, jobs.Roles{Ticker: !s.NoTicker, Reconciler: true, Workers: !s.NoWorkers})
	})
}

// serveDemo keeps the demo's server up.
func serveDemo(ctx context.Context, con *terminal, a *app, listen string) error {
	return serve(ctx, con, a, listen, jobs.AllRoles)
}

// serve runs the machine and, with an address, the HTTP side, until the context ends.
func serve(ctx context.Context, con *terminal, a *app, listen string, roles jobs.Roles) error {
	machine, err := jobs.NewMachine(a.Env, a.redisURL, roles)
	if err != nil {
		return err
	}
	if err := machine.CheckRedis(ctx); err != nil && a.Config.Mode == config.Production {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	failed := make(chan error, 2)
	if listen != "" {
		front, err := openFront(ctx, con, a, machine, listen)
		if err != nil {
			return err
		}
		wg.Go(func() { failed <- front.run(ctx) })
	}
	wg.Go(func() { failed <- machine.Run(ctx) })
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		stop()
		return err
	}
}

// front is the HTTP side of a server.
type front struct {
	console  *console.Console
	server   *http.Server
	listener net.Listener
}

func openFront(ctx context.Context, con *terminal, a *app, machine *jobs.Machine, listen string) (*front, error) {
	users, login, err := users(a.Config)
	if err != nil {
		return nil, err
	}
	if err := console.CheckListen(listen, len(users) > 0); err != nil {
		return nil, usageError{err}
	}
	opt, err := jobs.RedisOption(a.redisURL)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), machine.Metrics())
	page, err := console.New(console.Options{
		Redis: opt, Users: users, Registry: registry, Log: a.Log, Version: version,
		Audit: func(ctx context.Context, actor, action, target string) error {
			return a.DB.AuditQueue(ctx, actor, action, target, runIn(target))
		},
		Ready: func(ctx context.Context) error {
			return errors.Join(a.DB.Ping(ctx), a.DB.CheckSchema(ctx))
		},
		Degraded: machine.CheckRedis,
	})
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		_ = page.Close()
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", listen, err)
	}
	_, _ = fmt.Fprintf(con.out, "queue page: http://%s/ops/queues/\n%s", listener.Addr(), login)
	return &front{console: page, server: console.Server(listen, page, a.Log), listener: listener}, nil
}

func (f *front) run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- f.server.Serve(f.listener) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err = f.server.Shutdown(grace)
		cancel()
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, f.console.Close())
}

// users are the configured logins; in dev mode without any, one is made up for this process.
func users(c config.Config) (list []console.User, login string, err error) {
	for _, u := range c.Ops.Users {
		one := console.User{Name: u.Name, PasswordHash: u.PasswordHash, Role: console.Role(u.Role)}
		if u.PasswordFile != "" {
			if one.Password, err = config.ReadSecret(u.PasswordFile); err != nil {
				return nil, "", err
			}
		}
		list = append(list, one)
	}
	if len(list) > 0 || c.Mode == config.Production {
		return list, "", nil
	}
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, "", err
	}
	password := hex.EncodeToString(b[:])
	list = []console.User{{Name: "admin", Password: password, Role: console.Admin}}
	return list, fmt.Sprintf("login:      admin / %s\n", password), nil
}

var runInTask = regexp.MustCompile(`\.r([0-9a-f]{32})\.`)

// runIn finds the run a task of the queue belongs to.
func runIn(target string) ident.ID {
	m := runInTask.FindStringSubmatch(target)
	if m == nil {
		return ident.ID{}
	}
	id, err := ident.Parse(m[1])
	if err != nil {
		return ident.ID{}
	}
	return id
}
