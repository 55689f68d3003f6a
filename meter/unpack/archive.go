package unpack

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

var errSpent = errors.New("no bytes left")

// metered counts what is unpacked against the total while it comes, and stops it there.
type metered struct {
	r io.Reader
	w *walker
}

func (m metered) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if m.w.left <= 0 {
		// A file may end exactly at the limit.
		var probe [1]byte
		n, err := io.ReadFull(m.r, probe[:])
		if n > 0 {
			return 0, errSpent
		}
		return 0, err
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.w.left)])
	m.w.left -= int64(n)
	return n, err
}

// read reads a file to its end. It tells about a file that is too large or damaged, and then returns false.
func (w *walker) read(path []string, r io.Reader) ([]byte, bool) {
	data, err := w.drain(r)
	switch {
	case errors.Is(err, errSpent):
		w.spent(path)
	case int64(len(data)) > w.limits.Single:
		w.problem(path, TooLarge, w.tooLarge())
	case err != nil:
		w.problem(path, Damaged, "cannot be unpacked to its end; send it again")
	default:
		return data, true
	}
	return nil, false
}

// drain reads to the end, or a byte beyond the limit for one file.
func (w *walker) drain(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, w.limits.Single+1))
}

func (w *walker) spent(path []string) {
	w.stop(path, TooLarge, fmt.Sprintf("more than %d bytes unpacked", w.limits.Total))
}

// directoryEntry begins each entry in the directory of a zip (APPNOTE 4.3.12).
var directoryEntry = []byte("PK\x01\x02")

func (w *walker) zip(path []string, data []byte, depth int) {
	// The directory is read as a whole. Counting first keeps one with millions of entries out of memory.
	if bytes.Count(data, directoryEntry) > w.limits.Files {
		w.problem(path, TooMany, fmt.Sprintf("more than %d files; send them in several archives", w.limits.Files))
		return
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are not used as paths
		w.problem(path, Damaged, "the zip archive has no readable directory; pack it again")
		return
	}
	for _, f := range archive.File {
		inner := inside(path, f.Name)
		if !w.count(inner) {
			return
		}
		if f.Mode().IsRegular() {
			w.zipped(inner, f, depth)
		}
	}
}

// zipped opens one file of a zip. The size in its header can only make it be left out.
func (w *walker) zipped(path []string, f *zip.File, depth int) {
	const encrypted = 1 // bit 0 of the flags, APPNOTE 4.4.4
	if f.Flags&encrypted != 0 {
		w.problem(path, Encrypted, "encrypted; pack it without a password")
		return
	}
	if f.UncompressedSize64 > uint64(w.limits.Single) {
		w.problem(path, TooLarge, w.tooLarge())
		return
	}
	r, err := f.Open()
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		w.problem(path, Unsupported, fmt.Sprintf("compressed by method %d of zip; pack it with the usual one (deflate)", f.Method))
		return
	case err != nil:
		w.problem(path, Damaged, "cannot be found in the zip archive; pack it again")
		return
	}
	if inner, ok := w.read(path, metered{r, w}); ok {
		w.open(path, inner, depth)
	}
}

func (w *walker) gzip(path []string, data []byte, depth int) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		w.problem(path, Damaged, "the head of the gzip file cannot be read; send it again")
		return
	}
	name := r.Name
	if name == "" {
		name = strings.TrimSuffix(path[len(path)-1], ".gz")
	}
	w.compressed(path, name, r, depth)
}

func (w *walker) bzip2(path []string, data []byte, depth int) {
	name := strings.TrimSuffix(path[len(path)-1], ".bz2")
	w.compressed(path, name, bzip2.NewReader(bytes.NewReader(data)), depth)
}

// compressed opens a compressed stream. A tar inside is read as it comes and is no container of its own.
func (w *walker) compressed(path []string, name string, r io.Reader, depth int) {
	stream := bufio.NewReader(metered{r, w})
	// An error shows again when the stream is read.
	if head, _ := stream.Peek(tarBlock); isTar(head) {
		w.tarred(path, stream, depth)
		return
	}
	path = inside(path, name)
	if !w.count(path) {
		return
	}
	if inner, ok := w.read(path, stream); ok {
		w.open(path, inner, depth)
	}
}

func (w *walker) tar(path []string, data []byte, depth int) {
	w.tarred(path, metered{bytes.NewReader(data), w}, depth)
}

// tarred opens the files of a tar. Links, folders and devices have no content and are stepped over.
func (w *walker) tarred(path []string, r io.Reader, depth int) {
	archive := tar.NewReader(r)
	for !w.done {
		h, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.Is(err, errSpent):
			w.spent(path)
			return
		case err != nil && !errors.Is(err, tar.ErrInsecurePath):
			w.problem(path, Damaged, "the tar archive cannot be read to its end; pack it again")
			return
		}
		inner := inside(path, h.Name)
		if w.count(inner) {
			w.tarEntry(inner, h, archive, depth)
		}
	}
}

func (w *walker) tarEntry(path []string, h *tar.Header, r io.Reader, depth int) {
	switch {
	case sparse(h):
		// The holes are not in the archive: they would be unpacked without being counted.
		w.problem(path, Unsupported, "a sparse file of tar; pack it without --sparse")
	case h.Typeflag != tar.TypeReg:
	case h.Size > w.limits.Single:
		w.problem(path, TooLarge, w.tooLarge())
	default:
		if data, ok := w.read(path, r); ok {
			w.open(path, data, depth)
		}
	}
}

func sparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}
