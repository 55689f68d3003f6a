package local

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// cacheDir holds fetched binaries. For root it lies outside root's home, because the servers run as somebody else.
func cacheDir() string {
	if os.Geteuid() == 0 {
		return "/var/cache/wattdue"
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("wattdue-cache-%d", os.Geteuid()))
	}
	return filepath.Join(dir, "wattdue")
}

// cached is the unpacked tree of a package. The name of the distribution is in the path, because a home folder may
// be shared by machines whose libraries differ.
func cached(pkg string) string {
	return filepath.Join(cacheDir(), distribution()+"-"+runtime.GOARCH, pkg)
}

func distribution() string {
	f, err := os.Open("/etc/os-release")
	if err != nil {
		return runtime.GOOS
	}
	defer f.Close()
	id, version := runtime.GOOS, ""
	for s := bufio.NewScanner(f); s.Scan(); {
		key, value, _ := strings.Cut(s.Text(), "=")
		value = strings.Trim(value, `"'`)
		switch key {
		case "ID":
			id = value
		case "VERSION_ID":
			version = "-" + value
		}
	}
	return strings.ReplaceAll(id+version, "/", "_")
}

// libraryPath lists the library folders of an unpacked tree.
func libraryPath(root string) string {
	var dirs []string
	for _, pattern := range []string{"usr/lib/*-linux-*", "lib/*-linux-*", "usr/lib/*-linux-*/*"} {
		found, _ := filepath.Glob(filepath.Join(root, pattern))
		for _, d := range found {
			if libs, _ := filepath.Glob(filepath.Join(d, "*.so*")); len(libs) > 0 {
				dirs = append(dirs, d)
			}
		}
	}
	return strings.Join(dirs, ":")
}

// fetch unpacks a distribution package, with everything it needs that is not installed, into the cache. It needs no
// privileges and installs nothing: apt works on a state folder of its own, and no script of a package is run.
func fetch(ctx context.Context, o Options, pkg string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("this system has no apt-get")
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		return errors.New("this system has no dpkg-deb")
	}
	if err := publicDir(cacheDir()); err != nil {
		return err
	}
	unlock, err := Lock(ctx, filepath.Join(cacheDir(), "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(cached(pkg)); err == nil {
		// Somebody else fetched it while we waited, or what is there no longer runs after an upgrade of the system.
		if _, ok := fromCache(pkg, self()); ok {
			return nil
		}
	}
	o.Log(fmt.Sprintf("fetching %s privately with apt into %s, a few dozen MB; nothing is installed on the system", pkg, cached(pkg)))
	a := apt{work: cached(pkg) + ".fetch"}
	defer os.RemoveAll(a.work)
	tree, err := a.unpack(ctx, pkg)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(cached(pkg)); err != nil {
		return err
	}
	return os.Rename(tree, cached(pkg))
}

func fromCache(pkg string, as identity) (program, bool) {
	if pkg == "postgresql" {
		return cachedPostgres(as)
	}
	return cachedRedis(as)
}

// publicDir makes a folder everybody may read, whatever the umask.
func publicDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	return os.Chmod(dir, 0o755)
}

// apt is apt-get on a private state folder.
type apt struct {
	work   string
	status string // list of installed packages
}

// unpack downloads pkg and what it lacks and returns the folder it was unpacked into.
func (a apt) unpack(ctx context.Context, pkg string) (string, error) {
	if err := os.RemoveAll(a.work); err != nil {
		return "", err
	}
	tree, debs := filepath.Join(a.work, "tree"), filepath.Join(a.work, "debs")
	for _, dir := range []string{filepath.Dir(a.work), a.work, tree, debs, a.work + "/state/lists/partial", a.work + "/cache/archives/partial"} {
		if err := publicDir(dir); err != nil {
			return "", err
		}
	}
	var err error
	if a.status, err = a.installed(); err != nil {
		return "", err
	}
	if _, err := a.get(ctx, debs, "update"); err != nil {
		return "", err
	}
	out, err := a.get(ctx, debs, "--no-install-recommends", "--print-uris", "-y", "install", pkg)
	if err != nil {
		return "", err
	}
	names, err := packagesIn(out)
	if err != nil {
		return "", fmt.Errorf("%s: %w", pkg, err)
	}
	if _, err := a.get(ctx, debs, append([]string{"download"}, names...)...); err != nil {
		return "", err
	}
	files, _ := filepath.Glob(filepath.Join(debs, "*.deb"))
	for _, deb := range files {
		if out, err := exec.CommandContext(ctx, "dpkg-deb", "-x", deb, tree).CombinedOutput(); err != nil {
			return "", fmt.Errorf("unpack %s: %w: %s", filepath.Base(deb), err, lastLine(out))
		}
	}
	return tree, os.Chmod(tree, 0o755)
}

// get runs apt-get in dir on the private folders. NoLocking, because the system's lock belongs to root and nothing
// of the system is changed.
func (a apt) get(ctx context.Context, dir string, args ...string) ([]byte, error) {
	all := append([]string{
		"-qq",
		"-o", "Dir::State=" + a.work + "/state",
		"-o", "Dir::State::status=" + a.status,
		"-o", "Dir::Cache=" + a.work + "/cache",
		"-o", "Debug::NoLocking=1",
		"-o", "Acquire::Retries=3",
	}, args...)
	cmd := exec.CommandContext(ctx, "apt-get", all...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("apt-get: %w: %s", err, lastLine(stderr.Bytes()))
	}
	return out, nil
}

// installed returns the system's list of installed packages, in a rehearsal without those we look for.
func (a apt) installed() (string, error) {
	const system = "/var/lib/dpkg/status"
	if os.Getenv(ignoreSystem) == "" {
		return system, nil
	}
	b, err := os.ReadFile(system)
	if err != nil {
		return "", err
	}
	var kept []string
	for _, stanza := range strings.Split(string(b), "\n\n") {
		if !strings.HasPrefix(stanza, "Package: postgresql") && !strings.HasPrefix(stanza, "Package: redis") {
			kept = append(kept, stanza)
		}
	}
	path := filepath.Join(a.work, "status")
	return path, os.WriteFile(path, []byte(strings.Join(kept, "\n\n")), 0o644)
}

// packagesIn reads the answer of --print-uris, lines such as
//
//	'http://deb.debian.org/.../libpq5_15.18-0%2bdeb12u1_amd64.deb' libpq5_15.18-0+deb12u1_amd64.deb 192040 SHA256:...
//
// and returns name:architecture=version, so that download takes exactly what install would have taken.
func packagesIn(out []byte) ([]string, error) {
	var names []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || !strings.HasPrefix(fields[0], "'") {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(fields[1], ".deb"), "_")
		if len(parts) != 3 {
			return nil, fmt.Errorf("apt-get names a file %q that is no package", fields[1])
		}
		name := parts[0]
		if parts[2] != "all" {
			name += ":" + parts[2]
		}
		// A colon, which separates the epoch, is written %3a in file names.
		names = append(names, name+"="+strings.ReplaceAll(parts[1], "%3a", ":"))
	}
	if len(names) == 0 {
		return nil, errors.New("apt-get has nothing to download")
	}
	return names, nil
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
