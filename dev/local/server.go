package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrNotRunning is returned by Join when no servers run in the folder.
var ErrNotRunning = errors.New("no local servers are running there")

// Server is this process's share in a pair of running servers. They run at least until Stop, or until this process
// ends, in whatever way.
type Server struct {
	dir    string
	state  state
	pipe   *os.File // writing end; its closing tells the keeper that this user has gone
	user   *os.File // holds the shared lock
	joined bool
}

// Start returns running servers: those that run in the folder already, or new ones. They stop when the last process
// that uses them stops or dies.
func Start(ctx context.Context, o Options) (*Server, error) { return open(ctx, o, false) }

// Join returns the servers that run in dir, or ErrNotRunning.
func Join(ctx context.Context, dir string) (*Server, error) {
	o, err := Options{Dir: dir}.filled()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(statePath(o.Dir)); err != nil {
		return nil, ErrNotRunning
	}
	unlock, err := Lock(ctx, lockPath(o.Dir))
	if err != nil {
		return nil, err
	}
	defer unlock()
	return join(o.Dir) //nolint:contextcheck // joining waits for nothing
}

func lockPath(dir string) string { return filepath.Join(dir, "lock") }

// open joins or starts, under the lock of the folder.
func open(ctx context.Context, o Options, detached bool) (*Server, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	if err := makeStateDir(o.Dir); err != nil {
		return nil, err
	}
	unlock, err := Lock(ctx, lockPath(o.Dir))
	if err != nil {
		return nil, err
	}
	defer unlock()

	s, err := join(o.Dir) //nolint:contextcheck // joining waits for nothing
	switch {
	case err == nil && detached:
		return s, s.detach()
	case err == nil:
		return s, nil
	case !errors.Is(err, ErrNotRunning):
		return nil, err
	}
	if err := recoverFolder(ctx, o.Dir); err != nil {
		return nil, err
	}
	p, err := prepare(ctx, o, detached)
	if err != nil {
		return nil, err
	}
	return p.start(ctx, detached)
}

// makeStateDir makes the folder so that another user can pass through it, if the parents allow that.
func makeStateDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("local servers: %w", err)
	}
	return os.Chmod(dir, 0o755)
}

// join attaches to running servers that answer. Servers that do not answer although their keeper lives, because one
// of them was killed, are stopped.
func join(dir string) (*Server, error) {
	st, err := readState(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	pipe, err := joinPipe(st.pipe())
	if errors.Is(err, errNoKeeper) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	if st.ping() != nil {
		pipe.Close()
		if err := stopKeeper(context.Background(), st); err != nil {
			return nil, err
		}
		return nil, ErrNotRunning
	}
	user, err := markUser(dir)
	if err != nil {
		pipe.Close()
		return nil, err
	}
	return &Server{dir: dir, state: st, pipe: pipe, user: user, joined: true}, nil
}

// ping asks every server that belongs to the state.
func (s state) ping() error {
	if s.Postgres != "" {
		if err := pingPostgres(s.pgSocket()); err != nil {
			return fmt.Errorf("postgres: %w", err)
		}
	}
	if s.Redis != "" {
		if err := pingRedis(s.redisSock()); err != nil {
			return fmt.Errorf("redis-server: %w", err)
		}
	}
	return nil
}

// DatabaseURL is the address of a database for lib/pq, as the given role.
func (s *Server) DatabaseURL(role, database string) string {
	return s.state.databaseURL(role, database)
}

func (s state) databaseURL(role, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User(role),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {s.Run}, "sslmode": {"disable"}}.Encode(),
	}
	return u.String()
}

// RedisAddr is the path of the redis socket; the network is "unix".
func (s *Server) RedisAddr() string { return s.state.redisSock() }

// RedisURL is the address in the form redis.ParseURL reads; asynq.ParseRedisURI does not know sockets by that name, its
// RedisClientOpt takes the network "unix" and RedisAddr.
func (s *Server) RedisURL() string { return s.state.redisURL() }

func (s state) redisURL() string { return "unix://" + s.redisSock() }

// Joined reports whether the servers were running before this Start.
func (s *Server) Joined() bool { return s.joined }

// Status tells about the servers as they are now.
func (s *Server) Status() Status { return statusOf(s.dir, s.state) }

// Stop gives up this share. When it was the last one, and the servers were not started by Up, Stop waits until they
// have ended. Calling it again does nothing.
func (s *Server) Stop(ctx context.Context) error {
	if s == nil || s.pipe == nil {
		return nil
	}
	defer s.user.Close()
	s.pipe.Close()
	s.pipe = nil
	if err := flock(s.user, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil // others still use them
	}
	if st, err := readState(s.dir); err == nil && st.Detached {
		return nil
	}
	return awaitKeeper(ctx, s.state, 0)
}

// awaitKeeper waits until the keeper has ended, sending it a signal now and then when one is given: a shell may
// miss one that arrives just before it begins to wait.
func awaitKeeper(ctx context.Context, st state, sig syscall.Signal) error {
	pid := keeperPID(st.Run)
	for i := 0; alive(pid); i++ {
		if sig != 0 && i%20 == 0 {
			syscall.Kill(pid, sig)
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return fmt.Errorf("local servers: still stopping: %w", err)
		}
	}
	return nil
}
