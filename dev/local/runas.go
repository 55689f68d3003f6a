package local

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// identity is who the servers run as, seen from this process.
type identity struct {
	name string
	uid  int // owner of the servers' files
	gid  int
	attr syscall.SysProcAttr
}

// self runs the servers as the user who asked.
func self() identity {
	return identity{name: "uid " + strconv.Itoa(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}
}

// switched runs them as another user, which only root can.
func switched(name string, uid, gid int) identity {
	id := identity{name: name, uid: uid, gid: gid}
	id.attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return id
}

// candidates lists who root may run the servers as, best first.
func candidates() []identity {
	var ids []identity
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			ids = append(ids, switched("user "+name, uid, gid))
		}
	}
	return ids
}

// command prepares a call under the identity with an environment that holds nothing of ours: PGDATA, PGOPTIONS and
// the like would change what the servers do.
func (id identity) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	attr := id.attr
	cmd.SysProcAttr = &attr
	cmd.Env = baseEnv()
	cmd.Dir = "/"
	return cmd
}

func baseEnv() []string {
	path := os.Getenv("PATH")
	if path == "" {
		path = "/usr/local/bin:/usr/bin:/bin"
	}
	// TZ=GMT because that zone is compiled into Postgres; machines without tzdata have no other.
	return []string{"PATH=" + path, "LC_ALL=C", "TZ=GMT"}
}

// own hands files to the identity.
func (id identity) own(paths ...string) error {
	if id.uid == os.Geteuid() {
		return nil
	}
	for _, p := range paths {
		if err := os.Lchown(p, id.uid, id.gid); err != nil {
			return fmt.Errorf("local servers: give %s to %s: %w", p, id.name, err)
		}
	}
	return nil
}

// mkdir makes a folder that only the identity may enter. One that exists must be its own already.
func (id identity) mkdir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("local servers: %w", err)
	}
	uid, err := owner(path)
	if err != nil {
		return err
	}
	if uid == id.uid {
		return os.Chmod(path, 0o700)
	}
	return id.own(path)
}

// reaches tries whether the identity can work in a folder it owns. Trying beats reading permission bits: it also
// notices access lists, a sandbox that forbids changing the user, and missing user namespaces.
func (id identity) reaches(dir string) bool {
	probe := filepath.Join(dir, "probe")
	defer os.RemoveAll(probe)
	if id.mkdir(probe) != nil {
		return false
	}
	cmd := id.command("/bin/sh", "-c", `cd "$1" && : >file`, "sh", probe)
	return runWithin(cmd, 5*time.Second) == nil
}

// runWithin runs a short command and kills it when it hangs.
func runWithin(cmd *exec.Cmd, d time.Duration) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	t := time.AfterFunc(d, func() { cmd.Process.Kill() })
	defer t.Stop()
	return cmd.Wait()
}

func owner(path string) (int, error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return 0, fmt.Errorf("local servers: %w", err)
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || !fi.IsDir() {
		return 0, fmt.Errorf("local servers: %s is not a folder", path)
	}
	return int(st.Uid), nil
}
