package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// plan is everything a start needs.
type plan struct {
	opts     Options
	as       identity
	state    state
	postgres program
	redis    program
}

// prepare chooses place and binaries, makes the data folders and writes the settings.
func prepare(ctx context.Context, o Options, detached bool) (plan, error) {
	var old *state
	if st, err := readState(o.Dir); err == nil {
		old = &st
	}
	where, err := choose(o, old)
	if err != nil {
		return plan{}, err
	}
	p := plan{opts: o, as: where.as, state: state{
		Base: where.base, RunAs: where.as.name, Detached: detached,
		Log: filepath.Join(o.Dir, "servers.log"),
	}}
	if !o.NoPostgres {
		if p.postgres, err = p.find(ctx, "PostgreSQL", "postgresql", findPostgres); err != nil {
			return plan{}, err
		}
		p.state.Postgres = p.postgres.version
	}
	if !o.NoRedis {
		if p.redis, err = p.find(ctx, "redis-server", "redis-server", findRedis); err != nil {
			return plan{}, err
		}
		p.state.Redis = p.redis.version
	}
	if p.state.Run, err = runFolder(where.base, where.as); err != nil {
		return plan{}, err
	}
	if err := p.settings(ctx, where); err != nil {
		return plan{}, err
	}
	return p, writeState(o.Dir, p.state)
}

// find searches for a server and fetches it when there is none.
func (p plan) find(ctx context.Context, what, pkg string, search func(Options, identity) (program, bool)) (program, error) {
	if found, ok := search(p.opts, p.as); ok {
		return found, nil
	}
	if !p.opts.Fetch {
		return program{}, errNoBinary(what, nil)
	}
	if err := fetch(ctx, p.opts, pkg); err != nil {
		return program{}, errNoBinary(what, err)
	}
	if found, ok := fromCache(pkg, p.as); ok {
		return found, nil
	}
	return program{}, errNoBinary(what, errors.New("what was fetched does not run here"))
}

func (p plan) settings(ctx context.Context, where place) error {
	files := map[string]string{}
	if !p.opts.NoPostgres {
		if err := initCluster(ctx, p.opts, where, p.postgres); err != nil {
			return err
		}
		files[filepath.Join(p.state.data(), "postgresql.conf")] = postgresSettings(p.opts, p.state.Run)
	}
	if !p.opts.NoRedis {
		if err := p.as.mkdir(p.state.redisDir()); err != nil {
			return err
		}
		files[filepath.Join(p.state.Run, "redis.conf")] = redisSettings(p.state)
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return fmt.Errorf("local servers: %w", err)
		}
		if err := p.as.own(path); err != nil {
			return err
		}
	}
	return nil
}

// startLimit bounds the wait for servers; recovery after a crash with much to replay is the slowest case.
const startLimit = 60 * time.Second

// start spawns the keeper and waits until both servers answer.
func (p plan) start(ctx context.Context, detached bool) (*Server, error) {
	user, err := markUser(p.opts.Dir)
	if err != nil {
		return nil, err
	}
	pipe, err := spawn(p, detached)
	if err != nil {
		user.Close()
		return nil, err
	}
	s := &Server{dir: p.opts.Dir, state: p.state, pipe: pipe, user: user}
	if err := p.await(ctx); err != nil {
		pipe.Close()
		user.Close()
		// The caller's patience may be over; stopping what we started must happen all the same.
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return nil, errors.Join(err, stopKeeper(late, p.state))
	}
	return s, nil
}

func (p plan) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		if _, err := os.Stat(p.state.pipe()); err != nil {
			return p.refused("keeper")
		}
		for _, name := range []string{"postgres", "redis"} {
			if _, err := os.Stat(filepath.Join(p.state.Run, "exited."+name)); err == nil {
				return p.refused(name)
			}
		}
		err := p.state.ping()
		if err == nil && p.keeping() {
			return nil
		}
		if sleep(ctx, 10*time.Millisecond) != nil {
			return fmt.Errorf("local servers: no answer in time: %w (%w); see %s", ctx.Err(), err, p.state.Log)
		}
	}
}

// keeping reports whether the keeper has come to its pipe; before that a second user would be turned away.
func (p plan) keeping() bool {
	_, err := os.Stat(filepath.Join(p.state.Run, "joined"))
	return err == nil
}

// refused explains why a server ended before it was ready.
func (p plan) refused(name string) error {
	return fmt.Errorf("local servers: %s ended at once: %s; see %s", name, strings.TrimSuffix(logTail(p.state.Log), "."), p.state.Log)
}
