package archive

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrDiffers is returned when a file or object of that name exists with other content.
var ErrDiffers = errors.New("exists with other content")

// WriteFile writes a file for others to fetch, such as a bank file: under a temporary name, synced, then under its
// own, so that nobody sees half of it. A file that exists is never overwritten: with the same content nothing
// happens, with other content the error is ErrDiffers and somebody has to look. The mode is 0600.
func WriteFile(path string, content []byte) error {
	if err := sameFile(path, content); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	// A link, unlike a rename, fails when somebody else was faster.
	if err := os.Link(tmp.Name(), path); err != nil {
		if errors.Is(err, os.ErrExist) {
			return sameFile(path, content)
		}
		if err := renameNew(tmp.Name(), path); err != nil { // a file system without links
			return err
		}
	}
	return syncDir(dir)
}

// sameFile returns nil when the file holds the content, os.ErrNotExist when there is none.
func sameFile(path string, content []byte) error {
	have, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if !bytes.Equal(have, content) {
		return fmt.Errorf("write %s: %w", path, ErrDiffers)
	}
	return nil
}

func renameNew(from, to string) error {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("write %s: %w", to, ErrDiffers)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	_ = f.Close()
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return nil
}

// syncDir makes a new name in a folder survive power loss.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
