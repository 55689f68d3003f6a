package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// segmentSize is how much of a file goes into one archive object, so that memory does not grow with the file.
const segmentSize = 8 << 20

// receive takes the files of the inbox into the archive. A file known by name, size and time is passed over; one known by
// its bytes is noted under its new name and not imported again.
var receive = Stage{Name: "receive", Queue: QueueBilling, Size: 1, Plan: planReceive, Work: workReceive}

// InboxOf is the folder in which a tenant's files arrive.
func (e *Env) InboxOf(tenant string) string { return filepath.Join(e.Config.Jobs.InboxDir, tenant) }

// newFiles lists the files of the inbox that were not received yet, by name.
func (e *Env) newFiles(ctx context.Context, tenant int, code string) ([]store.SeenFile, error) {
	entries, err := os.ReadDir(e.InboxOf(code))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, batch.Fail(batch.ClassEnvironment, err)
	}
	seen, err := e.DB.SeenFiles(ctx, tenant)
	if err != nil {
		return nil, err
	}
	known := make(map[string]store.SeenFile, len(seen))
	for _, s := range seen {
		known[seenKey(s)] = s
	}
	var fresh []store.SeenFile
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(info.Name(), ".") || strings.HasSuffix(info.Name(), ".tmp") {
			continue
		}
		f := store.SeenFile{Name: readable(info.Name()), Size: info.Size(), ModifiedAt: info.ModTime().UTC().Truncate(time.Microsecond)}
		if _, ok := known[seenKey(f)]; !ok {
			fresh = append(fresh, f)
		}
	}
	slices.SortFunc(fresh, func(a, b store.SeenFile) int { return strings.Compare(a.Name, b.Name) })
	return fresh, nil
}

func seenKey(f store.SeenFile) string {
	return fmt.Sprintf("%s\x00%d\x00%d", f.Name, f.Size, f.ModifiedAt.UnixMicro())
}

func planReceive(ctx context.Context, e *Env, tx *store.Tx, r batch.Run, _ int) ([]batch.Span, error) {
	row, err := tx.LockRun(ctx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	files, err := e.newFiles(ctx, r.Tenant, row.Tenant)
	if err != nil {
		return nil, err
	}
	spans := make([]batch.Span, len(files))
	for i, f := range files {
		spans[i].Lo = f.Name
	}
	return spans, nil
}

func workReceive(ctx context.Context, e *Env, t Task) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	f, err := e.openInbox(tenant.Code, t.Chunk.Span.Lo)
	if errors.Is(err, fs.ErrNotExist) {
		return Counts{"vanished": 1}, nil
	}
	if err != nil {
		return nil, batch.Fail(batch.ClassEnvironment, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, batch.Fail(batch.ClassEnvironment, err)
	}
	subject := monthSubject("original", t.Run.AsOf.Format("2006-01"))
	sum := sha256.New()
	segments, size, err := e.putSegments(ctx, t, subject, io.TeeReader(f, sum))
	if err != nil {
		return nil, err
	}
	id := fileID(tenant.Code, sum)
	fresh, err := t.Tx.PutFile(ctx, tenant.ID, store.ImportFile{
		ID: id, SHA256: sum.Sum(nil), Name: readable(info.Name()), Size: size, Format: importFormat, Segments: segments, RunID: t.Run.ID,
	})
	if err != nil {
		return nil, err
	}
	seen := store.SeenFile{Name: readable(info.Name()), Size: info.Size(), ModifiedAt: info.ModTime().UTC().Truncate(time.Microsecond)}
	if err := t.Tx.SeeFile(ctx, tenant.ID, seen, id); err != nil {
		return nil, err
	}
	if !fresh {
		return Counts{"known_files": 1}, nil
	}
	return Counts{"files": 1, "bytes": size}, nil
}

// readable is a file's name as the database can hold it, different for every file: a byte that is not UTF-8 is shown as \xfc,
// and in names that could be taken for such a one a backslash as two.
func readable(name string) string {
	if utf8.ValidString(name) && !strings.Contains(name, `\x`) {
		return name
	}
	var b strings.Builder
	for rest := name; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return b.String()
}

// openInbox opens the file of the inbox that is known by its readable name.
func (e *Env) openInbox(tenant, name string) (*os.File, error) {
	if !strings.Contains(name, `\x`) {
		return os.Open(filepath.Join(e.InboxOf(tenant), filepath.Base(name)))
	}
	entries, err := os.ReadDir(e.InboxOf(tenant))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if readable(entry.Name()) == name {
			return os.Open(filepath.Join(e.InboxOf(tenant), entry.Name()))
		}
	}
	return nil, fs.ErrNotExist
}

// importFormat is the format of inbox files.
const importFormat = "ocpi-2.2.1"

func fileID(tenant string, sum hash.Hash) ident.ID {
	return ident.Derive("file", tenant, string(sum.Sum(nil)))
}

// putSegments archives a stream in segments; each is named by object and key subject.
func (e *Env) putSegments(ctx context.Context, t Task, subject string, r io.Reader) (segments []string, size int64, err error) {
	buf := make([]byte, segmentSize)
	for {
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			size += int64(n)
			name, perr := e.Vault.Put(ctx, t.Tx, t.Run.Tenant, subject, "original", buf[:n])
			if perr != nil {
				return nil, 0, perr
			}
			segments = append(segments, subject+"/"+name)
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return segments, size, nil
		case err != nil:
			return nil, 0, batch.Fail(batch.ClassEnvironment, err)
		}
	}
}

// OpenFile streams the bytes of a received file as they arrived.
func (e *Env) OpenFile(ctx context.Context, tenant int, f store.ImportFile) io.Reader {
	return &segmentReader{ctx: ctx, e: e, tenant: tenant, left: f.Segments}
}

type segmentReader struct {
	ctx    context.Context //nolint:containedctx // io.Reader has no context, and one reader serves one chunk
	e      *Env
	tenant int
	left   []string
	now    bytes.Reader
}

func (s *segmentReader) Read(p []byte) (int, error) {
	for s.now.Len() == 0 {
		if len(s.left) == 0 {
			return 0, io.EOF
		}
		subject, name, _ := strings.Cut(s.left[0], "/")
		plain, err := s.e.Vault.Get(s.ctx, s.tenant, subject, name)
		if err != nil {
			return 0, err
		}
		s.left = s.left[1:]
		s.now.Reset(plain)
	}
	return s.now.Read(p)
}
