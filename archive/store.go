package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"
)

// ErrNotFound is returned by Get for a name the archive does not hold.
var ErrNotFound = errors.New("not in the archive")

// ErrDamaged is returned by Get for an object whose bytes no longer match its name.
var ErrDamaged = errors.New("damaged in the archive")

// Store holds sealed objects in a folder or bucket. It is safe for concurrent use, also by several processes.
type Store struct {
	bucket  *blob.Bucket
	dir     string // set for a folder
	durable bool
	shards  sync.Map // folders whose own name is known to survive power loss
}

// Options say how a store writes.
type Options struct {
	Sync bool // into a folder: return from Put only when the object survives power loss. Off for tests and the demo
}

// OpenStore opens an archive: a folder, which is made when missing, or the address of a bucket. This build knows
// file:///folder and mem:// (for tests); other services of gocloud.dev need their driver here.
func OpenStore(ctx context.Context, location string, o Options) (*Store, error) {
	if location == "" {
		return nil, errors.New("archive: no folder or bucket given; set archive.dir")
	}
	scheme, rest, isURL := strings.Cut(location, "://")
	switch {
	case !isURL:
		return openFolder(location, o)
	case scheme == "file":
		u, err := url.Parse(location)
		if err != nil || u.Host != "" || u.Path == "" {
			return nil, errors.New("archive: a file address needs a whole path, such as file:///srv/archive")
		}
		return openFolder(filepath.FromSlash(u.Path), o)
	case scheme == "mem" && rest == "":
		return &Store{bucket: memblob.OpenBucket(nil)}, nil
	}
	return nil, fmt.Errorf("archive: no driver for %s:// in this build; use a folder", scheme)
}

func openFolder(dir string, o Options) (*Store, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: folder %s: %w", dir, err)
	}
	bucket, err := fileblob.OpenBucket(abs, &fileblob.Options{
		CreateDir:   true,
		DirFileMode: 0o700,
		NoTempDir:   true, // the temporary file lies beside its place, so that the rename never crosses file systems
		Metadata:    fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("archive: folder %s: %w; check that it can be written", dir, err)
	}
	return &Store{bucket: bucket, dir: abs, durable: o.Sync}, nil
}

// Close lets go of the bucket.
func (s *Store) Close() error { return s.bucket.Close() }

// key spreads objects over 256 folders, because file managers and backups dislike a million files in one.
func key(name string) string { return name[:2] + "/" + name }

// Put stores an object under its name, which must be that of the bytes. An object that is there already is left
// alone. One that is there with other bytes, because a crash or a disk damaged it, is replaced: the name proves which
// of the two is right.
func (s *Store) Put(ctx context.Context, name string, sealed []byte) error {
	if Name(sealed) != name {
		return fmt.Errorf("archive: object %.12s…: the bytes do not match the name", name)
	}
	_, err := s.Get(ctx, name)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrDamaged):
	default:
		return err
	}
	opts := &blob.WriterOptions{ContentType: "application/octet-stream", BeforeWrite: ownerOnly}
	if err := s.bucket.WriteAll(ctx, key(name), sealed, opts); err != nil {
		return fmt.Errorf("archive: write object %.12s…: %w", name, err)
	}
	if s.dir == "" || !s.durable {
		return nil
	}
	return s.flush(filepath.Join(s.dir, filepath.FromSlash(key(name))))
}

// ownerOnly takes the rights of others from the file the folder driver is about to fill; other drivers have none.
func ownerOnly(as func(any) bool) error {
	var f *os.File
	if !as(&f) {
		return nil
	}
	return f.Chmod(0o600)
}

// flush makes a written object survive power loss; the driver renames without syncing. The object is not referred to
// before Put returns, so syncing after the rename is early enough.
func (s *Store) flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("archive: sync: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("archive: sync: %w", err)
	}
	shard := filepath.Dir(path)
	if err := syncDir(shard); err != nil {
		return err
	}
	if _, known := s.shards.Load(shard); known {
		return nil
	}
	if err := syncDir(s.dir); err != nil {
		return err
	}
	s.shards.Store(shard, true)
	return nil
}

// Get returns an object after checking it against its name: ErrNotFound, ErrDamaged.
func (s *Store) Get(ctx context.Context, name string) ([]byte, error) {
	if !isName(name) {
		return nil, fmt.Errorf("archive: %q is not the name of an object", name)
	}
	var b bytes.Buffer
	err := s.bucket.Download(ctx, key(name), &b, nil)
	switch {
	case gcerrors.Code(err) == gcerrors.NotFound:
		return nil, fmt.Errorf("archive: object %.12s…: %w", name, ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("archive: read object %.12s…: %w", name, err)
	case Name(b.Bytes()) != name:
		return nil, fmt.Errorf("archive: object %.12s…: %w", name, ErrDamaged)
	}
	return b.Bytes(), nil
}

func isName(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}
