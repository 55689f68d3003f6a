package cdr

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// damage is a fault of the file's content below JSON: it ends the file with a reject, not with an error.
type damage struct{ code, detail string }

func (d *damage) Error() string { return d.detail }

// source delivers the bytes of a file, expanded when it begins with the magic number of gzip (RFC 1952, section
// 2.3.1). It ends with a *damage when the compressed data is corrupt or expands without end.
type source struct {
	r      io.Reader
	limits Limits

	file     counter
	out      io.Reader // file, or its expansion; nil before the first read
	packed   bool
	expanded int64
}

// counter counts the bytes read from a file and keeps the error that ended it.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// ratioFrom is the expanded size from which on the ratio is judged: a small file harms nobody.
const ratioFrom = 4 << 20

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	if s.out == nil {
		if err := s.sniff(); err != nil {
			return 0, s.explain(err)
		}
	}
	n, err := s.out.Read(p)
	if !s.packed {
		return n, err
	}
	s.expanded += int64(n)
	if s.expanded > s.limits.MaxExpanded {
		return n, &damage{CodeGzipBomb, fmt.Sprintf("the compressed file expands to more than %d bytes; it was read up to there, "+
			"ask the sender for smaller files", s.limits.MaxExpanded)}
	}
	if s.expanded > ratioFrom && s.expanded/s.limits.MaxRatio > s.file.n {
		return n, &damage{CodeGzipBomb, fmt.Sprintf("the compressed file expands to more than %d times its size; it was read up "+
			"to there, check who sent it", s.limits.MaxRatio)}
	}
	return n, s.explain(err)
}

// sniff looks at the first two bytes.
func (s *source) sniff() error {
	s.file.r = s.r
	in := bufio.NewReaderSize(&s.file, 64<<10)
	s.out = in
	if magic, _ := in.Peek(2); len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return nil
	}
	s.packed = true
	z, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	s.out = z
	return nil
}

// explain tells a fault of the compressed data from one of the stream below it.
func (s *source) explain(err error) error {
	if err == nil || !s.packed || errors.Is(err, io.EOF) {
		return err
	}
	if s.file.err != nil {
		return s.file.err
	}
	return &damage{CodeGzip, "the compressed file is cut off or corrupt; what stood before was read, ask the sender for it again"}
}
