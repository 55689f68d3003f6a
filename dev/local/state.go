package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// state is what a second process must know to join. It is written before the keeper starts, so that nothing that
// ever ran is forgotten; whether it still runs, the pipe in Run tells.
type state struct {
	Base     string `json:"base"` // holds pg and redis; the state folder itself, or one below the temporary folder
	Run      string `json:"run"`  // sockets, pid files, pipe; only the servers' user may enter
	Log      string `json:"log"`
	RunAs    string `json:"run_as"`
	Postgres string `json:"postgres,omitempty"` // version; empty means left out
	Redis    string `json:"redis,omitempty"`
	Detached bool   `json:"detached,omitempty"`
}

func (s state) data() string       { return filepath.Join(s.Base, "pg") }
func (s state) redisDir() string   { return filepath.Join(s.Base, "redis") }
func (s state) pipe() string       { return filepath.Join(s.Run, "pipe") }
func (s state) pgSocket() string   { return filepath.Join(s.Run, ".s.PGSQL.5432") }
func (s state) redisSock() string  { return filepath.Join(s.Run, "redis.sock") }
func (s state) redisPID() string   { return filepath.Join(s.Run, "redis.pid") }
func (s state) postmaster() string { return filepath.Join(s.data(), "postmaster.pid") }

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

// readState returns os.ErrNotExist when no server was ever started in dir.
func readState(dir string) (state, error) {
	var s state
	b, err := os.ReadFile(statePath(dir))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("local servers: %s: %w; delete the file", statePath(dir), err)
	}
	return s, nil
}

func writeState(dir string, s state) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	tmp := statePath(dir) + ".tmp"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("local servers: %w", err)
	}
	return os.Rename(tmp, statePath(dir))
}

// Lock takes the exclusive lock on a file and waits for it as long as ctx allows. It serialises starting, joining and
// stopping in one folder. The kernel frees it when the process dies.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("local servers: lock: %w", err)
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("local servers: lock %s: %w", path, err)
		}
		if err := sleep(ctx, wait); err != nil {
			f.Close()
			return nil, fmt.Errorf("local servers: another process is starting or stopping them (lock %s): %w", path, err)
		}
	}
}

// markUser takes the shared lock every user holds, so that Stop can tell whether it was the last one out.
func markUser(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "users"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("local servers: %w", err)
	}
	if err := flock(f, syscall.LOCK_SH); err != nil {
		f.Close()
		return nil, fmt.Errorf("local servers: %s: %w", f.Name(), err)
	}
	return f, nil
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
