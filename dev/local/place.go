package local

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxSocketPath leaves room below the kernel's 108 bytes (104 on some systems).
const maxSocketPath = 100

// place is where the files live and who runs the servers.
type place struct {
	base string
	as   identity
}

// choose finds the place for a state folder: the one it already has, else for root the best of those that work.
func choose(o Options, old *state) (place, error) {
	base := o.Dir
	if old != nil && old.Base != "" {
		base = old.Base
	}
	if uid, err := owner(filepath.Join(base, "pg")); err == nil {
		return existing(base, uid)
	}
	if os.Geteuid() != 0 || o.NoPostgres {
		return place{o.Dir, self()}, nil
	}
	ids := candidates()
	for _, id := range ids {
		if id.reaches(o.Dir) {
			return place{o.Dir, id}, nil
		}
	}
	if id, ok := namespaced(); ok && id.reaches(o.Dir) {
		return place{o.Dir, id}, nil
	}
	away, err := awayFolder(o.Dir)
	if err != nil {
		return place{}, err
	}
	// A state folder that is new must not find the database of one that was deleted.
	if err := empty(away, old == nil); err != nil {
		return place{}, err
	}
	for _, id := range ids {
		if id.reaches(away) {
			o.Log(fmt.Sprintf("%s cannot be reached by %s: the database lives in %s, delete that folder as well when you delete this one",
				o.Dir, strings.TrimPrefix(id.name, "user "), away))
			return place{away, id}, nil
		}
	}
	return place{}, fmt.Errorf("local servers: Postgres refuses to run as root and no other user can work in %s or %s; "+
		"run as a normal user, or set DATABASE_URL and REDIS_URL", o.Dir, away)
}

// existing keeps the identity a cluster was made under, because its files belong to it.
func existing(base string, uid int) (place, error) {
	me := os.Geteuid()
	switch {
	case uid == me && me != 0:
		return place{base, self()}, nil
	case me != 0:
		return place{}, fmt.Errorf("local servers: %s belongs to uid %d, not to you; run as that user or choose another folder", base, uid)
	case uid == 0:
		if id, ok := namespaced(); ok && id.reaches(base) {
			return place{base, id}, nil
		}
		return place{}, fmt.Errorf("local servers: the database in %s was made in a user namespace, which this system does not allow; "+
			"delete the folder to begin anew", base)
	}
	for _, id := range candidates() {
		if id.uid == uid {
			return place{base, id}, nil
		}
	}
	return place{base, switched(fmt.Sprintf("uid %d", uid), uid, uid)}, nil
}

// awayFolder makes the folder below the temporary one that stands in for a folder no other user can reach. Its name
// follows from dir, so the next start finds it again; a folder somebody else put there is refused.
func awayFolder(dir string) (string, error) {
	sum := sha256.Sum256([]byte(dir))
	away := filepath.Join(os.TempDir(), "wattdue-"+hex.EncodeToString(sum[:6]))
	if err := os.Mkdir(away, 0o711); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("local servers: %w", err)
	}
	uid, err := owner(away)
	if err != nil {
		return "", err
	}
	if uid != os.Geteuid() {
		return "", fmt.Errorf("local servers: %s belongs to somebody else; remove it", away)
	}
	return away, os.Chmod(away, 0o711)
}

// empty removes what an earlier state folder left in a folder away, unless servers run on it.
func empty(away string, fresh bool) error {
	if !fresh {
		return nil
	}
	if (state{Run: filepath.Join(away, "run")}).kept() {
		return fmt.Errorf("local servers: servers of a deleted folder still run in %s; end the program that uses them", away)
	}
	for _, part := range []string{"pg", "pg.new", "redis", "run"} {
		if err := os.RemoveAll(filepath.Join(away, part)); err != nil {
			return fmt.Errorf("local servers: %w", err)
		}
	}
	return nil
}

// runFolder makes the empty folder for sockets: below base when the socket's path stays short and plain enough,
// else one of the temporary folder.
func runFolder(base string, as identity) (string, error) {
	run := filepath.Join(base, "run")
	if err := os.RemoveAll(run); err != nil {
		return "", fmt.Errorf("local servers: %w", err)
	}
	if socketFits(run) {
		return run, as.mkdir(run)
	}
	tmp := os.TempDir()
	if !socketFits(filepath.Join(tmp, "wattdue-0123456789")) {
		tmp = "/tmp"
	}
	run, err := os.MkdirTemp(tmp, "wattdue-")
	if err != nil {
		return "", fmt.Errorf("local servers: %w", err)
	}
	return run, as.own(run)
}

// socketFits also refuses characters that the settings of Postgres read as punctuation in a list of folders.
func socketFits(run string) bool {
	return len(state{Run: run}.pgSocket()) < maxSocketPath && !strings.ContainsAny(run, ", \"'\\\n")
}
