package local

import (
	"bufio"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// One cluster for the whole story, because making one takes longer than everything else in this file.
func TestServersLiveAsLongAsSomebodyUsesThem(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir})
	if s.Joined() {
		t.Error("the first start claims to have joined")
	}

	t.Run("postgres answers and is set up as promised", func(t *testing.T) {
		for setting, want := range map[string]string{
			"listen_addresses": "", "server_encoding": "UTF8", "lc_collate": "C", "max_connections": "100",
			"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "TimeZone": "GMT",
		} {
			if setting == "lc_collate" {
				if got := query(t, s, "SELECT datcollate FROM pg_database WHERE datname='template1'"); got != want {
					t.Errorf("collation = %q, want %q", got, want)
				}
				continue
			}
			if got := query(t, s, "SHOW "+setting); got != want {
				t.Errorf("%s = %q, want %q", setting, got, want)
			}
		}
	})

	t.Run("redis keeps tasks and never evicts", func(t *testing.T) {
		for name, want := range map[string]string{
			"port": "0", "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec",
		} {
			if got := redis(t, s.RedisAddr(), "CONFIG GET "+name, 5)[4]; got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
	})

	t.Run("only the user of the servers can enter the socket folder", func(t *testing.T) {
		fi, err := os.Stat(filepath.Dir(s.RedisAddr()))
		if err != nil {
			t.Fatal(err)
		}
		if got := fi.Mode().Perm(); got != 0o700 {
			t.Errorf("mode = %o, want 700", got)
		}
	})

	query(t, s, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7); SELECT 'made'")
	first := s.Status()
	if !first.Running || first.Detached || first.Problem != "" {
		t.Fatalf("status = %+v, want running, not detached, no problem", first)
	}

	t.Run("a second process joins and may outlive the first", func(t *testing.T) {
		_, said := helper(t, dir)
		if said != "ready joined: true" {
			t.Fatalf("second process said %q", said)
		}
		stop(t, s)
		if st, err := StatusOf(dir); err != nil || st.PostgresPID != first.PostgresPID || st.Problem != "" {
			t.Fatalf("status = %+v, %v; want the same servers running", st, err)
		}
	}) // the helper ends here, without Stop
	gone(t, first.PostgresPID, first.RedisPID)
	if _, err := Join(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("join = %v, want ErrNotRunning", err)
	}

	t.Run("kill -9 of the only user leaves no server", func(t *testing.T) {
		cmd, said := helper(t, dir)
		if said != "ready joined: false" {
			t.Fatalf("process said %q", said)
		}
		st, err := StatusOf(dir)
		if err != nil || !st.Running {
			t.Fatalf("status = %+v, %v; want running", st, err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		gone(t, st.PostgresPID, st.RedisPID)
	})

	t.Run("the next start recovers after everything was killed", func(t *testing.T) {
		cmd, _ := helper(t, dir)
		st, err := StatusOf(dir)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := readState(dir)
		if err != nil {
			t.Fatal(err)
		}
		keeper := keeperPID(saved.Run)
		for _, pid := range []int{keeper, st.RedisPID} { // Postgres is left alone, without a keeper
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
		gone(t, keeper, st.RedisPID)
		again := start(t, Options{Dir: dir, Fsync: true})
		if got := query(t, again, "SELECT sum(n)::text FROM kept"); got != "7" {
			t.Errorf("kept = %s, want 7", got)
		}
		if got := query(t, again, "SHOW fsync"); got != "on" {
			t.Errorf("fsync = %s, want on", got)
		}
		if alive(st.PostgresPID) {
			t.Errorf("the Postgres without keeper, process %d, still runs", st.PostgresPID)
		}
	})

	t.Run("up stays until down", func(t *testing.T) {
		up, err := Up(t.Context(), Options{Dir: dir})
		if err != nil || !up.Running || !up.Detached {
			t.Fatalf("up = %+v, %v", up, err)
		}
		if cmd, said := helper(t, dir); said != "ready joined: true" {
			t.Errorf("second process said %q", said)
		} else {
			cmd.Process.Kill()
			cmd.Wait()
		}
		if st, err := StatusOf(dir); err != nil || st.PostgresPID != up.PostgresPID || st.Problem != "" {
			t.Errorf("status = %+v, %v; want still running", st, err)
		}
		ran, err := Down(t.Context(), dir)
		if !ran || err != nil {
			t.Errorf("down = %v, %v", ran, err)
		}
		gone(t, up.PostgresPID, up.RedisPID)
		if ran, err := Down(t.Context(), dir); ran || err != nil {
			t.Errorf("second down = %v, %v; want nothing to do", ran, err)
		}
	})

	t.Run("up takes over servers that somebody else started", func(t *testing.T) {
		cmd, _ := helper(t, dir)
		up, err := Up(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		if st, err := StatusOf(dir); err != nil || st.PostgresPID != up.PostgresPID || st.Problem != "" || !st.Detached {
			t.Errorf("status = %+v, %v; want still running", st, err)
		}
		if _, err := Down(t.Context(), dir); err != nil {
			t.Error(err)
		}
		gone(t, up.PostgresPID, up.RedisPID)
	})

	t.Run("a number of ours that another process has now is left alone", func(t *testing.T) {
		saved, err := readState(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(saved.postmaster(), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
			t.Fatal(err)
		}
		again := start(t, Options{Dir: dir, NoRedis: true})
		if st := again.Status(); st.Problem != "" || st.PostgresPID == os.Getpid() || st.RedisURL != "" {
			t.Errorf("status = %+v", st)
		}
	})
}

func TestRedisAlone(t *testing.T) {
	s := start(t, Options{Dir: filepath.Join(t.TempDir(), strings.Repeat("long-", 20), `with "quotes", blanks`), NoPostgres: true})
	if n := len(s.RedisAddr()); n >= maxSocketPath {
		t.Errorf("socket path has %d bytes, want fewer than %d", n, maxSocketPath)
	}
	if got := redis(t, s.RedisAddr(), "PING", 1)[0]; got != "+PONG" {
		t.Errorf("ping = %q", got)
	}
	if want := "unix://" + s.RedisAddr(); s.RedisURL() != want {
		t.Errorf("url = %s, want %s", s.RedisURL(), want)
	}
	run := filepath.Dir(s.RedisAddr())
	pid := s.Status().RedisPID
	stop(t, s)
	gone(t, pid)
	if _, err := os.Stat(run); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("socket folder %s: %v, want removed", run, err)
	}
}

func TestServerThatDiesIsReplacedOnJoin(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, NoPostgres: true})
	pid := s.Status().RedisPID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
	if st := s.Status(); !strings.HasPrefix(st.Problem, "redis-server: ") {
		t.Errorf("problem = %q, want one of redis-server", st.Problem)
	}
	again := start(t, Options{Dir: dir, NoPostgres: true})
	if st := again.Status(); again.Joined() || st.Problem != "" || st.RedisPID == pid {
		t.Errorf("status = %+v, joined %v; want a new server", st, again.Joined())
	}
}

// redis sends one command and returns the first lines of the answer.
func redis(t *testing.T, socket, command string, lines int) []string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		t.Fatal(err)
	}
	var out []string
	r := bufio.NewReader(conn)
	for range lines {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %v after %q", command, err, out)
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}
