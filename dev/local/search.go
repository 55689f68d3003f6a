package local

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The oldest servers the product works with: Postgres 14, because what is older is out of support; Redis 6.2,
// because the queue library asks for it.
const (
	minPostgres   = 14
	minRedisMajor = 6
	minRedisMinor = 2
)

// ignoreSystem hides the binaries of the machine, so that the fetch can be rehearsed on a machine that has them.
const ignoreSystem = "WATTDUE_DEV_IGNORE_SYSTEM"

// program is a server binary that was seen to run.
type program struct {
	path    string
	libs    string // folders for LD_LIBRARY_PATH, only for fetched ones
	version string
}

// server is the path, or nothing for a server that is left out.
func (p program) server() string { return p.path }

// initdb stands beside postgres.
func (p program) initdb() string { return filepath.Join(filepath.Dir(p.path), "initdb") }

// postgresFolders are the places where distributions put versioned servers outside PATH.
var postgresFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/libexec/postgresql*",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// findPostgres returns the first postgres, with initdb beside it, that runs under the identity: the one set, the one
// in PATH, the one pg_config names, the highest of the versioned folders, the one fetched earlier.
func findPostgres(o Options, as identity) (program, bool) {
	var dirs []string
	if o.PostgresBin != "" {
		dirs = append(dirs, o.PostgresBin)
	}
	if os.Getenv(ignoreSystem) == "" {
		if p, err := exec.LookPath("postgres"); err == nil {
			dirs = append(dirs, binDir(p))
		}
		if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
		for _, pattern := range postgresFolders {
			dirs = append(dirs, highestFirst(pattern)...)
		}
	}
	for _, dir := range dirs {
		if p, ok := tryPostgres(dir, "", as); ok {
			return p, true
		}
	}
	return cachedPostgres(as)
}

func cachedPostgres(as identity) (program, bool) {
	root := cached("postgresql")
	for _, dir := range highestFirst(filepath.Join(root, "usr/lib/postgresql/*/bin")) {
		if p, ok := tryPostgres(dir, libraryPath(root), as); ok {
			return p, true
		}
	}
	return program{}, false
}

func tryPostgres(dir, libs string, as identity) (program, bool) {
	p := program{path: filepath.Join(dir, "postgres"), libs: libs}
	if _, err := os.Stat(p.initdb()); err != nil {
		return program{}, false
	}
	out := versionOutput(as, p)
	p.version = wordAfter(out, "(PostgreSQL) ") // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
	return p, major(p.version) >= minPostgres
}

// findRedis returns the first redis-server that runs: the one set, in PATH, fetched earlier. Valkey, which some
// distributions ship instead, speaks the same protocol.
func findRedis(o Options, as identity) (program, bool) {
	var paths []string
	if o.RedisServer != "" {
		paths = append(paths, o.RedisServer)
	}
	if os.Getenv(ignoreSystem) == "" {
		for _, name := range []string{"redis-server", "/usr/sbin/redis-server", "/usr/local/bin/redis-server", "valkey-server"} {
			if p, err := exec.LookPath(name); err == nil {
				paths = append(paths, p)
			}
		}
	}
	for _, path := range paths {
		if p, ok := tryRedis(path, "", as); ok {
			return p, true
		}
	}
	return cachedRedis(as)
}

func cachedRedis(as identity) (program, bool) {
	root := cached("redis-server")
	return tryRedis(filepath.Join(root, "usr/bin/redis-server"), libraryPath(root), as)
}

func tryRedis(path, libs string, as identity) (program, bool) {
	p := program{path: path, libs: libs}
	if _, err := os.Stat(path); err != nil {
		return program{}, false
	}
	out := versionOutput(as, p)
	p.version = wordAfter(out, " v=") // Redis server v=7.0.15 sha=00000000:0 malloc=...
	first, rest, _ := strings.Cut(p.version, ".")
	return p, major(first) > minRedisMajor || major(first) == minRedisMajor && major(rest) >= minRedisMinor
}

// versionOutput runs the binary as the servers' user would, which also proves that this user can reach it.
func versionOutput(as identity, p program) string {
	cmd := as.command(p.path, "--version")
	if p.libs != "" {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+p.libs)
	}
	var out strings.Builder
	cmd.Stdout = &out
	if runWithin(cmd, 10*time.Second) != nil {
		return ""
	}
	return out.String()
}

// wordAfter returns the word that follows a mark, nothing when the mark is missing.
func wordAfter(text, mark string) string {
	_, after, _ := strings.Cut(text, mark)
	if words := strings.Fields(after); len(words) > 0 {
		return words[0]
	}
	return ""
}

// binDir follows a link such as /usr/local/bin/postgres to the folder where initdb and the libraries are found.
func binDir(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return filepath.Dir(path)
}

// highestFirst lists the folders of a pattern by the version number in their path, 17 before 9.6.
func highestFirst(pattern string) []string {
	dirs, _ := filepath.Glob(pattern)
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(versionIn(b), versionIn(a)) })
	return dirs
}

// versionIn reads the major version from the last number in a path, 0 when there is none.
func versionIn(path string) int {
	const digits = "0123456789"
	end := strings.LastIndexAny(path, digits) + 1
	begin := len(strings.TrimRight(path[:end], digits+"."))
	return major(strings.TrimLeft(path[begin:end], "."))
}

// major reads the digits a text begins with, 0 when there are none.
func major(v string) int {
	end := 0
	for end < len(v) && v[end] >= '0' && v[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(v[:end])
	if err != nil {
		return 0
	}
	return n
}

// errNoBinary says what to install, with the command of this platform.
func errNoBinary(what string, because error) error {
	if because != nil {
		return fmt.Errorf("no %s found and fetching it did not work: %w; install it: %s", what, because, InstallCommand())
	}
	return fmt.Errorf("no %s found; install it: %s", what, InstallCommand())
}

// InstallCommand is the command that installs both servers with the package manager of this machine.
func InstallCommand() string {
	for _, m := range []struct{ tool, command string }{
		{"apt-get", "sudo apt-get install postgresql redis-server"},
		{"dnf", "sudo dnf install postgresql-server valkey"},
		{"yum", "sudo yum install postgresql-server redis"},
		{"apk", "sudo apk add postgresql redis"},
		{"pacman", "sudo pacman -S postgresql valkey"},
		{"zypper", "sudo zypper install postgresql-server redis"},
		{"brew", "brew install postgresql redis"},
		{"pkg", "sudo pkg install postgresql17-server redis"},
	} {
		if _, err := exec.LookPath(m.tool); err == nil {
			return m.command
		}
	}
	return "PostgreSQL 14 or newer and Redis 6.2 or newer, with postgres, initdb and redis-server in PATH"
}
