package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// closed returns a folder nobody but root can enter, as root's home is.
func closed(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the servers as somebody else")
	}
}

func TestRootUsesAnotherUserWhereThatUserCanWork(t *testing.T) {
	asRoot(t)
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, Options{Dir: filepath.Join(dir, "db")})
	st := s.Status()
	if !strings.HasPrefix(st.RunAs, "user ") {
		t.Errorf("runs as %s, want another user", st.RunAs)
	}
	uid, err := owner(filepath.Join(dir, "db", "pg"))
	if err != nil || uid == 0 {
		t.Errorf("owner of the data = %d, %v; want not root", uid, err)
	}
	if got := query(t, s, "SELECT current_setting('data_directory')"); got != filepath.Join(dir, "db", "pg") {
		t.Errorf("data_directory = %s", got)
	}
}

func TestRootKeepsTheDatabaseInsideAClosedFolder(t *testing.T) {
	asRoot(t)
	if exec.Command("unshare", "--user", "true").Run() != nil {
		t.Skip("this system allows no user namespaces")
	}
	dir := filepath.Join(closed(t), "demo", "db")
	var said []string
	s, err := Start(t.Context(), Options{Dir: dir, Log: func(l string) { said = append(said, l) }})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	if got := s.Status(); got.Data != dir || got.RunAs != "root in a user namespace" {
		t.Errorf("data in %s as %s; want in %s", got.Data, got.RunAs, dir)
	}
	if got := query(t, s, "SELECT current_setting('data_directory')"); got != filepath.Join(dir, "pg") {
		t.Errorf("data_directory = %s", got)
	}
	if uid, err := owner(filepath.Join(dir, "pg")); err != nil || uid != 0 {
		t.Errorf("owner = %d, %v; want root, so that deleting the folder needs nobody else", uid, err)
	}
	if len(said) > 0 {
		t.Errorf("said %q, want nothing", said)
	}
	again, err := choose(Options{Dir: dir}, nil)
	if err != nil || again.as.name != "root in a user namespace" {
		t.Errorf("next start as %q, %v; want the same", again.as.name, err)
	}
}

func TestFolderAwayIsStableAndMustBeOurs(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	one, err := awayFolder("/root/demo/db")
	if err != nil {
		t.Fatal(err)
	}
	two, err := awayFolder("/root/demo/db")
	if err != nil || two != one {
		t.Errorf("second = %s, %v; want %s", two, err, one)
	}
	if other, err := awayFolder("/root/demo2/db"); err != nil || other == one {
		t.Errorf("other folder = %s, %v; want another", other, err)
	}
	link := filepath.Join(filepath.Dir(one), "elsewhere")
	if err := os.Rename(one, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(link, one); err != nil {
		t.Fatal(err)
	}
	if _, err := awayFolder("/root/demo/db"); err == nil {
		t.Error("a link planted by somebody else was accepted")
	}
}

func TestSocketPath(t *testing.T) {
	for _, c := range []struct {
		run  string
		want bool
	}{
		{"/tmp/demo-out/db/run", true},
		{"/" + strings.Repeat("x", 80), true},  // 81 + 14 for the socket's name = 95
		{"/" + strings.Repeat("x", 85), false}, // 86 + 14 = 100
		{"/home/ann/my, demo/run", false},
		{"/home/o'neil/run", false},
	} {
		if got := socketFits(c.run); got != c.want {
			t.Errorf("%s (%d bytes): fits = %v, want %v", c.run, len(c.run), got, c.want)
		}
	}
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may run servers as any user")
	}
	if _, err := existing("/srv/db", os.Geteuid()+1); err == nil {
		t.Error("a folder of another user was accepted")
	}
}
