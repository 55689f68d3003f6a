package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopKeeper asks the keeper to stop the servers and waits for it.
func stopKeeper(ctx context.Context, st state) error {
	return awaitKeeper(ctx, st, syscall.SIGTERM)
}

// recoverFolder clears up behind a keeper that was killed: it stops servers that were left alone and removes what
// would keep new ones from starting. It is called under the lock, when no keeper reads the pipe.
func recoverFolder(ctx context.Context, dir string) error {
	st, err := readState(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// A keeper that has begun to stop no longer shows its pipe, but needs a moment.
	if pid := keeperPID(st.Run); alive(pid) && runs(pid, st.Run) {
		if err := awaitKeeper(ctx, st, 0); err != nil {
			return err
		}
	}
	if err := stopOrphan(ctx, pidFrom(st.postmaster()), syscall.SIGINT, st.data()); err != nil {
		return err
	}
	if err := stopOrphan(ctx, pidFrom(st.redisPID()), syscall.SIGTERM, st.redisSock()); err != nil {
		return err
	}
	if st.Postgres != "" && pingPostgres(st.pgSocket()) == nil {
		return fmt.Errorf("local servers: a Postgres that this process cannot see uses %s; stop it first", st.data())
	}
	// Postgres trusts the number in this file even when, after a reboot, another process has it.
	if err := os.Remove(st.postmaster()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("local servers: %w", err)
	}
	if st.Run == "" || !isRunFolder(st) {
		return nil
	}
	if err := os.RemoveAll(st.Run); err != nil {
		return fmt.Errorf("local servers: %w", err)
	}
	return nil
}

// isRunFolder keeps a damaged state file from naming some other folder for removal.
func isRunFolder(st state) bool {
	return st.Run == filepath.Join(st.Base, "run") || strings.HasPrefix(filepath.Base(st.Run), "wattdue-")
}

// stopOrphan ends a server nobody keeps, if the process is really that server: numbers are reused.
func stopOrphan(ctx context.Context, pid int, sig syscall.Signal, mark string) error {
	for i := 0; alive(pid) && runs(pid, mark); i++ {
		switch {
		case i == 1000: // ten seconds: it does not listen
			sig = syscall.SIGKILL
			fallthrough
		case i == 0:
			if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("local servers: stop process %d: %w", pid, err)
			}
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// runs reports whether the command line of a process names the file or folder.
func runs(pid int, mark string) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		b, err = exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	}
	return err == nil && strings.Contains(string(b), mark)
}
