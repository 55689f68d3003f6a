package cdr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// window is the stretch of the stream held in memory: from the first byte not yet consumed to the last one read.
// It grows only when one record does not fit.
type window struct {
	src  io.Reader
	buf  []byte
	r, w int // the unread bytes are buf[r:w]
	line int // line of the first unread byte, from 1
	done bool
	err  error // why the stream ended, nil at its proper end
}

// windowSize is the least capacity: it holds the look-ahead of a search twice.
const windowSize = 2 * lookahead

func newWindow(r io.Reader, limits Limits) window {
	return window{src: &source{r: r, limits: limits}, line: 1}
}

// bytes returns the unread bytes. They stay in place until more is called.
func (w *window) bytes() []byte { return w.buf[w.r:w.w] }

// advance consumes n bytes.
func (w *window) advance(n int) {
	w.line += bytes.Count(w.buf[w.r:w.r+n], []byte{'\n'})
	w.r += n
}

// more reads on until the buffer is full and reports whether it got anything. It makes room by moving the unread
// bytes to the front or, when there is none to win, by doubling the buffer.
func (w *window) more() bool {
	if w.done {
		return false
	}
	switch {
	case w.buf == nil:
		w.buf = make([]byte, windowSize)
	case w.r > 0:
		w.w = copy(w.buf, w.buf[w.r:w.w])
		w.r = 0
	case w.w == len(w.buf):
		w.buf = append(w.buf, make([]byte, len(w.buf))...)
	}
	before, idle := w.w, 0
	for w.w < len(w.buf) && !w.done {
		n, err := w.src.Read(w.buf[w.w:])
		w.w += n
		if err != nil {
			w.done = true
			if !errors.Is(err, io.EOF) {
				w.err = err
			}
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle > 100 {
			w.done, w.err = true, fmt.Errorf("stream gives no bytes: %w", io.ErrNoProgress)
		}
	}
	return w.w > before
}
