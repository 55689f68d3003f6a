// Package localtest gives tests real servers: one Postgres shared by all test binaries of a user, and a redis-server
// per test.
//
// The shared Postgres is started by the first test that asks for it, joined by the others, and stops by itself
// a moment after the last test binary has ended, killed or not. Nothing survives it: the next run begins on an empty
// cluster. Tests name the databases they make so that other test binaries do not collide with them.
package localtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"wattdue/dev/local"
)

// linger bridges the gap between two test binaries of one `go test`.
const linger = 3 * time.Second

var shared = sync.OnceValues(open)

// Cluster returns the shared Postgres, without redis-server. It is not durable and allows 300 connections. It stays
// as long as this process; nobody calls Stop. Without binaries the test fails with the command that installs them.
func Cluster(tb testing.TB) *local.Server {
	tb.Helper()
	s, err := shared()
	if err != nil {
		tb.Fatalf("tests need a Postgres server: %v", err)
	}
	return s
}

// Redis returns a redis-server of the test's own, empty, stopped when the test ends.
func Redis(tb testing.TB) *local.Server {
	tb.Helper()
	s, err := local.Start(tb.Context(), local.Options{Dir: tb.TempDir(), NoPostgres: true})
	if err != nil {
		tb.Fatalf("tests need a redis-server: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			tb.Errorf("stop redis-server: %v", err)
		}
	})
	return s
}

// open joins the running cluster or starts one in a new folder, so that a cluster that is just stopping is in
// nobody's way. Folders of dead clusters are removed.
func open() (*local.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	base := filepath.Join(os.TempDir(), fmt.Sprintf("wattdue-test-%d", os.Geteuid()))
	if err := os.Mkdir(base, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if err := private(base); err != nil {
		return nil, err
	}
	unlock, err := local.Lock(ctx, filepath.Join(base, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	clusters, err := filepath.Glob(filepath.Join(base, "cluster-*"))
	if err != nil {
		return nil, err
	}
	for _, dir := range clusters {
		s, err := local.Join(ctx, dir)
		if err == nil {
			return s, nil
		}
		if _, err := local.Down(ctx, dir); err != nil {
			return nil, err
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(base, "cluster-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	return local.Start(ctx, local.Options{Dir: dir, NoRedis: true, MaxConnections: 300, Linger: linger, Ephemeral: true})
}

// private refuses a folder that somebody else put in the temporary folder before us.
func private(base string) error {
	fi, err := os.Lstat(base)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || !fi.IsDir() || int(st.Uid) != os.Geteuid() || fi.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder of yours alone; remove it", base)
	}
	return nil
}
