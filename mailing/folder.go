package mailing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Folder writes messages as .eml files instead of sending them, for demonstrations, tests and print shops.
//
// Writing the same message again changes nothing, so a delivery is never in doubt and DataStarted is never
// reported: after a crash the message is simply delivered again.
type Folder struct {
	Dir string // made when missing
}

var notFileName = regexp.MustCompile(`[^A-Za-z0-9._-]`)

// Deliver writes <name>.eml: under a temporary name, flushed to disk, then put in place without overwriting. A file
// that is there with the same content counts as Sent, one with other content as Failed with ErrDiffers. A disk that
// refuses is a Retry with ErrUnavailable.
func (f Folder) Deliver(ctx context.Context, m Message, phase func(Phase) error) (Result, Receipt, error) {
	raw, err := Build(m)
	if err != nil {
		return Failed, Receipt{}, err
	}
	if err := ctx.Err(); err != nil {
		return Retry, Receipt{}, fmt.Errorf("store mail %s: %w", m.label(), err)
	}
	if err := phase(Connected); err != nil {
		return Retry, Receipt{}, fmt.Errorf("record phase of mail %s: %w", m.label(), err)
	}
	name := m.Name
	if !fileName.MatchString(name) {
		name = notFileName.ReplaceAllString(m.ID, "_")
	}
	err = placeFile(f.Dir, name+".eml", raw)
	switch {
	case errors.Is(err, ErrDiffers):
		return Failed, Receipt{}, fmt.Errorf("store mail %s: %w", m.label(), err)
	case err != nil:
		return Retry, Receipt{}, fmt.Errorf("store mail %s: %w: %w", m.label(), ErrUnavailable, err)
	}
	return Sent, Receipt{}, nil
}

// placeFile puts content at its final name at once and as a whole, or not at all.
func placeFile(dir, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	final := filepath.Join(dir, name)
	if there, err := os.ReadFile(final); err == nil {
		return compare(there, content)
	}
	temp, err := writeTemp(dir, content)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := putInPlace(temp, final, content); err != nil {
		return err
	}
	return flushDir(dir)
}

func compare(there, content []byte) error {
	if bytes.Equal(there, content) {
		return nil
	}
	return ErrDiffers
}

func writeTemp(dir string, content []byte) (name string, err error) {
	temp, err := os.CreateTemp(dir, ".mail-*.tmp")
	if err != nil {
		return "", err
	}
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(temp.Name())
		return "", err
	}
	return temp.Name(), nil
}

// putInPlace links rather than renames, because a rename would overwrite what another worker placed meanwhile. Where
// the file system has no links, it renames.
func putInPlace(temp, final string, content []byte) error {
	err := os.Link(temp, final)
	if errors.Is(err, fs.ErrExist) {
		there, err := os.ReadFile(final)
		if err != nil {
			return err
		}
		return compare(there, content)
	}
	if err != nil {
		return os.Rename(temp, final)
	}
	return nil
}

// flushDir makes the new name survive a power cut.
func flushDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
