package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func openStore(t *testing.T, location string) *Store {
	t.Helper()
	s, err := OpenStore(t.Context(), location, Options{Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPutAndGet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "archive")
	for _, location := range []string{dir, "file://" + dir + "-2", "mem://"} {
		s := openStore(t, location)
		name, sealed := Seal(counting(), []byte("invoice"))
		if _, err := s.Get(t.Context(), name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: before put: %v, want ErrNotFound", location, err)
		}
		for range 2 { // the second time nothing happens
			if err := s.Put(t.Context(), name, sealed); err != nil {
				t.Fatalf("%s: %v", location, err)
			}
		}
		got, err := s.Get(t.Context(), name)
		if err != nil || string(got) != string(sealed) {
			t.Errorf("%s: got %x, %v", location, got, err)
		}
	}
	all := files(t, dir)
	if len(all) != 1 {
		t.Fatalf("files = %q, want one", all)
	}
	name, _ := Seal(counting(), []byte("invoice"))
	if want := filepath.Join(dir, name[:2], name); all[0] != want {
		t.Errorf("file = %s, want %s", all[0], want)
	}
	for _, path := range []string{all[0], filepath.Dir(all[0])} {
		fi, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("mode of %s = %o, want nothing for others", path, fi.Mode().Perm())
		}
	}
}

func TestNameMustBeThatOfTheBytes(t *testing.T) {
	s := openStore(t, "mem://")
	name, sealed := Seal(counting(), []byte("invoice"))
	other, _ := Seal(counting(), []byte("other"))
	for _, wrong := range []string{other, "", "../../etc/passwd", strings.ToUpper(name)} {
		if err := s.Put(t.Context(), wrong, sealed); err == nil {
			t.Errorf("put under %q was accepted", wrong)
		}
		if _, err := s.Get(t.Context(), wrong); err == nil {
			t.Errorf("get of %q gave something", wrong)
		}
	}
}

func TestDamageIsFoundAndRepaired(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	name, sealed := Seal(counting(), []byte("invoice"))
	if err := s.Put(t.Context(), name, sealed); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name[:2], name)
	for _, damage := range [][]byte{nil, sealed[:20], append([]byte{0}, sealed[1:]...)} {
		if err := os.WriteFile(path, damage, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), name); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes: %v, want ErrDamaged", len(damage), err)
		}
		if err := s.Put(t.Context(), name, sealed); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), name); err != nil {
			t.Errorf("after writing again: %v", err)
		}
	}
}

func TestManyWritersOfOneObject(t *testing.T) {
	dir := t.TempDir()
	name, sealed := Seal(counting(), []byte("invoice"))
	var wg sync.WaitGroup
	for range 8 {
		s := openStore(t, dir) // as processes of their own
		wg.Go(func() {
			if err := s.Put(context.Background(), name, sealed); err != nil {
				t.Error(err)
			}
			if _, err := s.Get(context.Background(), name); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all := files(t, dir); len(all) != 1 {
		t.Errorf("files = %q, want one", all)
	}
}

func TestLocationsThatAreNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{"", "s3://invoices", "file://host/archive", "file://", "mem://x", filepath.Join(file, "archive")} {
		if _, err := OpenStore(t.Context(), location, Options{}); err == nil {
			t.Errorf("%q was opened", location)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error of several lines: %v", location, err)
		}
	}
}

func TestExportedFileIsNeverOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "WATTDUE-20261201-1.xml")
	for range 2 {
		if err := WriteFile(path, []byte("<one/>")); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(path, []byte("<two/>")); !errors.Is(err, ErrDiffers) {
		t.Errorf("other content: %v, want ErrDiffers", err)
	}
	if err := renameNew(filepath.Join(dir, "none"), path); !errors.Is(err, ErrDiffers) {
		t.Errorf("without links, other content: %v, want ErrDiffers", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "<one/>" {
		t.Errorf("content = %q, %v; want the first", got, err)
	}
	if all := files(t, dir); len(all) != 1 {
		t.Errorf("files = %q, want no temporary ones", all)
	}
	if err := WriteFile(filepath.Join(dir, "missing", "x.xml"), nil); err == nil {
		t.Error("a missing folder was accepted")
	}
}

func TestMasterKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master.key")
	if _, err := ReadMasterKey(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing key: %v", err)
	}
	made, err := EnsureMasterKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := EnsureMasterKey(path)
	if err != nil || again != made || made == [32]byte{} {
		t.Errorf("second time: another key or %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadMasterKey(path); err == nil {
		t.Error("a key everybody can read was accepted")
	}
	for _, text := range []string{"", "abc", strings.Repeat("0", 62), strings.Repeat("0", 66), strings.Repeat("x", 64)} {
		bad := filepath.Join(t.TempDir(), "bad.key")
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadMasterKey(bad); err == nil {
			t.Errorf("%q was read as a key", text)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
	good := filepath.Join(t.TempDir(), "good.key")
	if err := os.WriteFile(good, []byte("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := ReadMasterKey(good); err != nil || key != counting() {
		t.Errorf("key = %x, %v", key, err)
	}
}
