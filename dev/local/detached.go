package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Status tells about the servers of one folder.
type Status struct {
	Running     bool   `json:"running"`
	Detached    bool   `json:"detached"` // they stay until Down
	Dir         string `json:"dir"`
	Data        string `json:"data"` // folder that holds pg and redis; differs from Dir only when Dir was out of reach
	RunAs       string `json:"run_as,omitempty"`
	Postgres    string `json:"postgres,omitempty"` // version, empty when left out
	Redis       string `json:"redis,omitempty"`
	PostgresPID int    `json:"postgres_pid,omitempty"`
	RedisPID    int    `json:"redis_pid,omitempty"`
	DatabaseURL string `json:"database_url,omitempty"` // as superuser, to the database postgres
	RedisURL    string `json:"redis_url,omitempty"`
	Log         string `json:"log,omitempty"`
	Problem     string `json:"problem,omitempty"` // a server that does not answer
}

// Up starts the servers, or finds them running, and leaves them running until Down.
func Up(ctx context.Context, o Options) (Status, error) {
	s, err := open(ctx, o, true)
	if err != nil {
		return Status{}, err
	}
	defer s.Stop(ctx)
	return s.Status(), nil
}

// detach makes running servers stay until Down.
func (s *Server) detach() error {
	s.state.Detached = true
	if err := syscall.Kill(keeperPID(s.state.Run), syscall.SIGUSR1); err != nil {
		return fmt.Errorf("local servers: keeper: %w", err)
	}
	return writeState(s.dir, s.state)
}

// Down stops the servers of a folder, also under processes that still use them. It reports whether any ran.
func Down(ctx context.Context, dir string) (bool, error) {
	o, err := Options{Dir: dir}.filled()
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(statePath(o.Dir)); err != nil {
		return false, nil
	}
	unlock, err := Lock(ctx, lockPath(o.Dir))
	if err != nil {
		return false, err
	}
	defer unlock()
	st, err := readState(o.Dir)
	if err != nil {
		return false, err
	}
	ran := st.kept()
	if ran {
		if err := stopKeeper(ctx, st); err != nil {
			return true, err
		}
	}
	return ran, recoverFolder(ctx, o.Dir)
}

// StatusOf tells about the servers of a folder; a folder without any is not an error.
func StatusOf(dir string) (Status, error) {
	o, err := Options{Dir: dir}.filled()
	if err != nil {
		return Status{}, err
	}
	st, err := readState(o.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return Status{Dir: o.Dir, Data: o.Dir}, nil
	}
	if err != nil {
		return Status{}, err
	}
	return statusOf(o.Dir, st), nil
}

func statusOf(dir string, st state) Status {
	s := Status{Dir: dir, Data: st.Base, RunAs: st.RunAs, Log: st.Log}
	if !st.kept() {
		return s
	}
	s.Running, s.Detached = true, st.Detached
	if st.Postgres != "" {
		s.Postgres, s.PostgresPID = st.Postgres, pidFrom(st.postmaster())
		s.DatabaseURL = st.databaseURL(Superuser, "postgres")
	}
	if st.Redis != "" {
		s.Redis, s.RedisPID, s.RedisURL = st.Redis, pidFrom(st.redisPID()), st.redisURL()
	}
	if err := st.ping(); err != nil {
		s.Problem = err.Error()
	}
	return s
}

// kept reports whether a keeper reads the pipe.
func (s state) kept() bool {
	f, err := openPipe(s.pipe())
	if err != nil {
		return false
	}
	f.Close()
	return true
}
