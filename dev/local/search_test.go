package local

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestVersionInPath(t *testing.T) {
	for path, want := range map[string]int{
		"/usr/lib/postgresql/15/bin":                                     15,
		"/usr/pgsql-9.6/bin":                                             9,
		"/opt/homebrew/opt/postgresql@17/bin":                            17,
		"/root/.cache/wattdue/debian-12-amd64/usr/lib/postgresql/18/bin": 18,
		"/opt/homebrew/opt/postgresql/bin":                               0,
	} {
		if got := versionIn(path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestHighestVersionFirst(t *testing.T) {
	root := t.TempDir()
	for _, v := range []string{"9.6", "17", "14"} {
		if err := os.MkdirAll(filepath.Join(root, "postgresql", v, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, dir := range highestFirst(filepath.Join(root, "postgresql", "*", "bin")) {
		got = append(got, filepath.Base(filepath.Dir(dir)))
	}
	if want := []string{"17", "14", "9.6"}; !slices.Equal(got, want) {
		t.Errorf("order = %v, want %v", got, want)
	}
}

// fake writes a folder with programs that only know their version.
func fake(t *testing.T, postgres, redis string) string {
	t.Helper()
	dir := t.TempDir()
	for name, says := range map[string]string{"postgres": postgres, "initdb": postgres, "redis-server": redis} {
		text := "#!/bin/sh\necho '" + says + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTooOldServersAreNotTaken(t *testing.T) {
	for _, c := range []struct {
		postgres, redis     string
		postgresOK, redisOK bool
	}{
		{"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc", true, true},
		{"postgres (PostgreSQL) 14.0", "Redis server v=6.2.0 sha=1", true, true},
		{"postgres (PostgreSQL) 18beta1", "Redis server v=6.10.1 sha=1", true, true},
		{"postgres (PostgreSQL) 13.22", "Redis server v=6.0.16 sha=1", false, false},
		{"postgres (PostgreSQL) 9.6.24", "Redis server v=5.0.7 sha=1", false, false},
		{"something else", "something else", false, false},
	} {
		dir := fake(t, c.postgres, c.redis)
		if p, ok := tryPostgres(dir, "", self()); ok != c.postgresOK {
			t.Errorf("%s: taken = %v (version %q), want %v", c.postgres, ok, p.version, c.postgresOK)
		}
		if p, ok := tryRedis(filepath.Join(dir, "redis-server"), "", self()); ok != c.redisOK {
			t.Errorf("%s: taken = %v (version %q), want %v", c.redis, ok, p.version, c.redisOK)
		}
	}
}

func TestSearchOrder(t *testing.T) {
	set := fake(t, "postgres (PostgreSQL) 16.1", "Redis server v=7.1.1 x")
	inPath := fake(t, "postgres (PostgreSQL) 17.2", "Redis server v=7.2.2 x")
	t.Setenv("PATH", inPath)
	if p, ok := findPostgres(Options{PostgresBin: set}, self()); !ok || p.version != "16.1" {
		t.Errorf("with a setting: %q, %v; want the one set", p.version, ok)
	}
	if p, ok := findPostgres(Options{}, self()); !ok || p.version != "17.2" {
		t.Errorf("without a setting: %q, %v; want the one in PATH", p.version, ok)
	}
	if p, ok := findRedis(Options{RedisServer: filepath.Join(set, "redis-server")}, self()); !ok || p.version != "7.1.1" {
		t.Errorf("with a setting: %q, %v; want the one set", p.version, ok)
	}
	if p, ok := findRedis(Options{}, self()); !ok || p.version != "7.2.2" {
		t.Errorf("without a setting: %q, %v; want the one in PATH", p.version, ok)
	}
}

func TestLinkInPathLeadsToItsFolder(t *testing.T) {
	real := fake(t, "postgres (PostgreSQL) 17.2", "")
	bin := t.TempDir()
	if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(bin, "postgres")); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(real)
	if err != nil {
		t.Fatal(err)
	}
	if got := binDir(filepath.Join(bin, "postgres")); got != want {
		t.Errorf("folder = %s, want %s", got, want)
	}
}

func TestNothingFoundNamesTheCommand(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
	}
	t.Setenv(ignoreSystem, "1")
	if _, ok := findPostgres(Options{}, self()); ok {
		t.Skip("a fetched Postgres is in the cache of this user")
	}
	_, err := Start(t.Context(), Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "no PostgreSQL found; install it: ") || !strings.Contains(err.Error(), InstallCommand()) {
		t.Errorf("error = %v, want the command that installs it", err)
	}
}

func TestPackagesAptWouldInstall(t *testing.T) {
	answer := `'http://deb.debian.org/debian/pool/main/p/postgresql-15/libpq5_15.18-0%2bdeb12u1_amd64.deb' libpq5_15.18-0+deb12u1_amd64.deb 192040 SHA256:00
'http://deb.debian.org/debian/pool/main/r/redis/redis-server_7.0.15-1_amd64.deb' redis-server_5%3a7.0.15-1_amd64.deb 71000 SHA256:00
'http://deb.debian.org/debian/pool/main/p/postgresql-common/postgresql_15%2b248_all.deb' postgresql_15+248_all.deb 10100 MD5Sum:00
`
	got, err := packagesIn([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"libpq5:amd64=15.18-0+deb12u1", "redis-server:amd64=5:7.0.15-1", "postgresql=15+248"}
	if !slices.Equal(got, want) {
		t.Errorf("packages = %q, want %q", got, want)
	}
	for _, bad := range []string{"", "nothing to do\n", "'http://x/y' y 1 SHA256:0\n"} {
		if got, err := packagesIn([]byte(bad)); err == nil {
			t.Errorf("%q gave %q, want an error", bad, got)
		}
	}
}
