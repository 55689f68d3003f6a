package local

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Superuser is the database role that initdb creates. Every connection is trusted, because only the user who runs
// the servers, and root, can enter the folder with the socket.
const Superuser = "postgres"

// Options say where the servers live and how they run. Only Dir is mandatory.
type Options struct {
	Dir   string       // state folder; deleting it after Stop or Down deletes all data
	Fsync bool         // survive power loss; false is several times faster and right for tests and the demo
	Fetch bool         // when no binaries are found, fetch the distribution's packages into the cache
	Log   func(string) // one line per thing the user should know; nil discards

	PostgresBin string // folder that holds postgres and initdb; empty means search
	RedisServer string // path of redis-server; empty means search

	NoPostgres     bool          // leave out Postgres
	NoRedis        bool          // leave out redis-server
	MaxConnections int           // of Postgres; 0 means 100
	Ephemeral      bool          // delete the data of Postgres when it stops
	Linger         time.Duration // how long the servers wait for a new user after the last has gone, in whole seconds
}

// DefaultDir is where `wattdue dev up` keeps its servers: the state folder of the user, for root one outside root's
// home because the user postgres cannot enter that.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/wattdue/dev", nil
	}
	if x := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(x) {
		return filepath.Join(x, "wattdue", "dev"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("state folder: %w; set XDG_STATE_HOME", err)
	}
	return filepath.Join(home, ".local", "state", "wattdue", "dev"), nil
}

// filled returns the options with an absolute folder and every default in place.
func (o Options) filled() (Options, error) {
	if o.Dir == "" {
		return o, fmt.Errorf("local servers: no folder given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("local servers: folder %s: %w", o.Dir, err)
	}
	o.Dir = dir
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 100
	}
	if o.PostgresBin == "" {
		o.PostgresBin = os.Getenv("WATTDUE_DEV_POSTGRES_BIN")
	}
	if o.RedisServer == "" {
		o.RedisServer = os.Getenv("WATTDUE_DEV_REDIS_SERVER")
	}
	return o, nil
}
