package local

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed keeper.sh
var keeperScript []byte

// spawn starts the keeper in the run folder and returns the writing end of its pipe. The caller waits for the
// servers and closes the pipe to let them go.
func spawn(p plan, detached bool) (*os.File, error) {
	pipe := filepath.Join(p.state.Run, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		return nil, fmt.Errorf("local servers: pipe %s: %w", pipe, err)
	}
	script := filepath.Join(p.state.Run, "keeper.sh")
	if err := os.WriteFile(script, keeperScript, 0o600); err != nil {
		return nil, fmt.Errorf("local servers: keeper: %w", err)
	}
	if err := p.as.own(pipe, script); err != nil {
		return nil, err
	}
	// Opened for both directions first: a writer alone would be refused as long as nobody reads.
	both, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("local servers: pipe: %w", err)
	}
	defer both.Close()
	user, err := joinPipe(pipe)
	if err != nil {
		return nil, err
	}
	log, err := openLog(p.state.Log)
	if err != nil {
		user.Close()
		return nil, err
	}
	defer log.Close()

	cmd := p.as.command("/bin/sh", script)
	cmd.Dir = p.state.Run
	cmd.SysProcAttr.Setsid = true // no signal of the terminal reaches the servers
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(baseEnv(),
		"RUN="+p.state.Run,
		"POSTGRES="+p.postgres.server(), "PGDATA="+p.state.data(), "PG_LIBS="+p.postgres.libs,
		"REDIS="+p.redis.path, "REDIS_LIBS="+p.redis.libs,
		"LINGER="+strconv.Itoa(int(p.opts.Linger/time.Second)),
		"DETACHED="+flag(detached), "EPHEMERAL="+flag(p.opts.Ephemeral),
	)
	if err := cmd.Start(); err != nil {
		user.Close()
		return nil, fmt.Errorf("local servers: keeper as %s: %w", p.as.name, err)
	}
	go cmd.Wait() // reaps it if it ends before this process does; how it ended is in its log
	return user, nil
}

// flag writes a truth value as the script reads it.
func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// joinPipe opens the writing end of the keeper's pipe and tells it that a user came. errNoKeeper means that nobody
// holds the reading end.
func joinPipe(path string) (*os.File, error) {
	f, err := openPipe(path)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write([]byte{'+'}); err != nil {
		f.Close()
		if errors.Is(err, syscall.EPIPE) {
			return nil, errNoKeeper
		}
		return nil, fmt.Errorf("local servers: pipe %s: %w", path, err)
	}
	return f, nil
}

// openPipe opens the writing end without announcing a user.
func openPipe(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) || errors.Is(err, os.ErrNotExist) {
		return nil, errNoKeeper
	}
	if err != nil {
		return nil, fmt.Errorf("local servers: pipe: %w", err)
	}
	return f, nil
}

var errNoKeeper = errors.New("no keeper")

// keeperPID reads the process id the keeper wrote, 0 when there is none.
func keeperPID(run string) int { return pidFrom(filepath.Join(run, "keeper.pid")) }

// pidFrom reads the process id in the first line of a pid file; 0 means none.
func pidFrom(file string) int {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// alive reports whether the process runs. One we may not signal does; one that has ended and only waits to be reaped
// does not, because in a container the first process may never do that.
func alive(pid int) bool {
	if pid <= 1 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true // no /proc on this system
	}
	// pid (name) state ...; the name may contain anything, so the state is looked for behind the last bracket.
	_, after, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

// openLog starts a new log and keeps the one before, which tells why servers died.
func openLog(path string) (*os.File, error) {
	_ = os.Rename(path, path+".1") // there may be none before
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("local servers: log: %w", err)
	}
	return f, nil
}

// logTail returns the last line of the servers' log that says more than a notice, for error texts.
func logTail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	last := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		last = line
		if strings.Contains(line, "FATAL") || strings.Contains(line, "PANIC") {
			return line
		}
	}
	return last
}
