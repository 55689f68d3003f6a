package archive

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ReadMasterKey reads a key file: 64 hexadecimal digits, as `openssl rand -hex 32` writes them. A file that others
// may read is refused.
func ReadMasterKey(path string) (key [32]byte, err error) {
	fi, err := os.Stat(path)
	if err != nil {
		return key, fmt.Errorf("master key: %w", err)
	}
	if fi.Mode().Perm()&0o007 != 0 {
		return key, fmt.Errorf("master key %s can be read by everybody; run: chmod 600 %s", path, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return key, fmt.Errorf("master key: %w", err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(raw) != len(key) {
		return key, fmt.Errorf("master key %s: want 64 hexadecimal digits; make one with: openssl rand -hex 32", path)
	}
	return [32]byte(raw), nil
}

// EnsureMasterKey reads the key file and makes it first when there is none. For development; in production a missing
// key is a mistake, because a new one reads nothing that was kept.
func EnsureMasterKey(path string) (key [32]byte, err error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return ReadMasterKey(path)
	}
	if _, err := rand.Read(key[:]); err != nil {
		return key, fmt.Errorf("master key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return key, fmt.Errorf("master key: %w", err)
	}
	// Of two processes that make one at once, the second is refused and reads the first one's.
	err = WriteFile(path, []byte(hex.EncodeToString(key[:])+"\n"))
	if err != nil && !errors.Is(err, ErrDiffers) {
		return key, err
	}
	return ReadMasterKey(path)
}
