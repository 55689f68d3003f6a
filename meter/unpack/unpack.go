// Package unpack finds the files inside files: signed records come zipped, tarred, compressed, or attached to a PDF/A-3
// invoice, and any of these inside another. What a file is, its first bytes decide, never its name.
//
// The bytes are foreign and may be hostile: small archives that unpack to terabytes, archives that hold themselves,
// headers that lie. So every byte that is unpacked is counted as it comes, against limits for one file, for all of
// them together, for their number and for the depth; no length or count from a header is ever believed. Nothing is
// written anywhere, and names are only shown. For the same reason PDF is read by a small scanner of its own (PDF 1.7,
// ISO 32000-1, 7.3 to 7.5 and 7.11): the libraries read a document as a whole, without such limits. It finds embedded
// files (7.11.4) and understands nothing else of a document.
package unpack

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
)

// File is a file that holds no other file.
type File struct {
	Path []string // names from the outermost to the innermost, cleaned for showing
	Data []byte
}

// Limits says how much is unpacked.
type Limits struct {
	Depth  int   // containers inside each other; a compressed tar is one
	Files  int   // entries of all containers together, folders too
	Total  int64 // bytes that come out of all containers together
	Single int64 // bytes of one file
}

// DefaultLimits is enough for a month of signed records in one archive.
func DefaultLimits() Limits {
	return Limits{Depth: 4, Files: 10_000, Total: 64 << 20, Single: 16 << 20}
}

// Trouble is the kind of a Problem.
type Trouble string

// Why a file could not be unpacked.
const (
	TooDeep     Trouble = "too deep"    // beyond Limits.Depth
	TooLarge    Trouble = "too large"   // beyond Limits.Single or Limits.Total
	TooMany     Trouble = "too many"    // beyond Limits.Files
	Encrypted   Trouble = "encrypted"   // needs a password
	Damaged     Trouble = "damaged"     // cannot be read to its end
	Unsupported Trouble = "unsupported" // a container or compression that is not opened
	Nothing     Trouble = "nothing"     // a PDF without attachments; no fault
)

// Problem says of one file why it could not be unpacked, and what to do.
type Problem struct {
	Path    []string
	Trouble Trouble
	Text    string
}

func (p *Problem) Error() string { return strings.Join(p.Path, " > ") + ": " + p.Text }

// Walk yields every innermost file: plain files as they are, and what is in zip, tar, gzip, bzip2 and PDF. The second
// value is a *Problem with the file named by Path only; then there is no Data, and the walk goes on with the next file.
// When a limit for all files together is reached, the problem says so and nothing follows.
func Walk(name string, data []byte, l Limits) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		l.Single, l.Total = min(l.Single, mostBytes), min(l.Total, mostBytes)
		w := &walker{limits: l, left: l.Total, yield: yield}
		path := []string{label(name)}
		if identify(data) == nil && int64(len(data)) > min(l.Single, l.Total) {
			w.problem(path, TooLarge, w.tooLarge())
			return
		}
		w.open(path, data, 0)
	}
}

// mostBytes keeps sums of limits far from the largest number.
const mostBytes = 1 << 40

// walker is one walk: what is left of the limits, and where the files go.
type walker struct {
	limits Limits
	left   int64 // bytes
	files  int
	yield  func(File, error) bool
	done   bool // nobody listens any more, or nothing is left
}

// open looks what the data is and opens it, or gives it out. Depth is the number of containers around it.
func (w *walker) open(path []string, data []byte, depth int) {
	if w.done {
		return
	}
	f := identify(data)
	switch {
	case f == nil:
		w.done = !w.yield(File{Path: path, Data: data}, nil)
	case f.open == nil:
		w.problem(path, Unsupported, "a "+f.name+" archive is not opened; pack the files as zip or tar")
	case depth >= w.limits.Depth:
		w.problem(path, TooDeep, fmt.Sprintf("more than %d containers inside each other; unpack the outer ones", w.limits.Depth))
	default:
		f.open(w, path, data, depth+1)
	}
}

func (w *walker) problem(path []string, t Trouble, text string) {
	if !w.done {
		w.done = !w.yield(File{Path: path}, &Problem{Path: path, Trouble: t, Text: text})
	}
}

// stop ends the walk because a limit for everything together is reached.
func (w *walker) stop(path []string, t Trouble, text string) {
	w.problem(path, t, text+"; it and what follows is left out, send it in several files")
	w.done = true
}

// count takes one entry of a container into account; false means that the walk is over.
func (w *walker) count(path []string) bool {
	if w.files++; w.files > w.limits.Files {
		w.stop(path, TooMany, fmt.Sprintf("more than %d files", w.limits.Files))
	}
	return !w.done
}

func (w *walker) tooLarge() string {
	return fmt.Sprintf("larger than %d bytes; signed records are small, send them without large files", w.limits.Single)
}

// inside is the path of an entry.
func inside(path []string, name string) []string {
	return append(path[:len(path):len(path)], label(name))
}

// maxLabel is the length to which names are cut.
const maxLabel = 255

// label makes a foreign name fit to be shown and stored.
func label(name string) string {
	if len(name) > maxLabel {
		name = name[:maxLabel]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(name, string(unicode.ReplacementChar)))
	if name == "" {
		return "unnamed"
	}
	return name
}
