package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much a spool keeps in memory before it moves to a file.
const spoolMemory = 1 << 20

// spool keeps lines for later: few in memory, many in a temporary file, so that memory stays bounded. The zero spool is
// ready to use.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	disk   *bufio.Writer
}

// add keeps a line, which must hold no line break.
func (s *spool) add(line []byte) error {
	if s.file == nil && s.memory.Len()+len(line) > spoolMemory {
		f, err := os.CreateTemp("", "wattdue-*.jsonl")
		if err != nil {
			return fmt.Errorf("no room for a temporary file: %w; set TMPDIR to a folder that can be written", err)
		}
		_ = os.Remove(f.Name()) // the open file lives on without a name, and nothing is left behind however this ends
		s.file, s.disk = f, bufio.NewWriter(f)
	}
	var w io.Writer = &s.memory
	if s.file != nil {
		w = s.disk
	}
	if _, err := w.Write(line); err != nil {
		return err
	}
	_, err := w.Write([]byte("\n"))
	return err
}

// copyTo writes the lines in their order, separated, and lets go of the file.
func (s *spool) copyTo(out *bufio.Writer, between string) error {
	var lines io.Reader = &s.memory
	if s.file != nil {
		defer func() { _ = s.file.Close() }()
		if err := s.disk.Flush(); err != nil {
			return err
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		lines = io.MultiReader(&s.memory, s.file)
	}
	in := bufio.NewReader(lines)
	for n := 0; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			_, _ = out.WriteString(between)
		}
		if _, err := out.Write(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
	}
}
