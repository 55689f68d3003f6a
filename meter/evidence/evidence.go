// Package evidence finds the signed sessions in the files people hand over: transparency files, bare records, charge
// records of OCPI 2.2.1 and OICP 2.3, receipts of ChargePoint with their signatures and keys, and archives and PDF files
// that hold any of these. What a file is, its content decides.
//
// Nothing is judged here; package meter does that. And nothing is passed over in silence: a file without a signed value
// is a session that nobody can read, or a Problem where there is not even that.
package evidence

import (
	"bytes"
	"errors"
	"iter"
	"path"
	"strings"

	"wattdue/meter"
	"wattdue/meter/unpack"
)

// File is a file as handed over.
type File struct {
	Name string // its path, with slashes
	Data []byte
}

// Session is the evidence of one charging session.
type Session struct {
	File     string // the path, and where it lay in archives the names inside, as in "october.zip > 17.xml"
	Name     string // transaction or record id as the file states it; empty when it states none
	Evidence meter.Evidence
}

// Problem says of a file why no session was found in it, and what to do. It is an error of Read.
type Problem struct {
	File     string
	Text     string
	Harmless bool // the file is not meant to hold one, such as a key or a PDF without attachments
}

func (p *Problem) Error() string { return p.File + ": " + p.Text }

// MaxFile is the largest file that is read, in bytes, and the most that is unpacked from one.
const MaxFile = 64 << 20

// limits bounds what is unpacked. Files of charge records may be larger than those of signed values.
func limits() unpack.Limits {
	l := unpack.DefaultLimits()
	l.Single, l.Total = MaxFile, MaxFile
	return l
}

// Read yields every signed session of the files. The error is a *Problem with the file named in it; reading goes on. The
// sequence of files is walked once, so a caller may read them from disk one by one; its error says that the file named
// cannot be read. Receipts come last, because their signature and key lie in other files of the same folder or archive.
func Read(files iter.Seq2[File, error]) iter.Seq2[Session, error] {
	return func(yield func(Session, error) bool) {
		r := &reader{yield: yield}
		for f, err := range files {
			if err != nil {
				r.problem(Problem{File: f.Name, Text: err.Error()})
				if r.done {
					return
				}
				continue
			}
			for inner, err := range unpack.Walk(f.Name, f.Data, limits()) {
				r.unpacked(inner, err)
				if r.done {
					return
				}
			}
		}
		r.joinReceipts()
	}
}

// reader is one walk over all files.
type reader struct {
	yield func(Session, error) bool
	done  bool // nobody listens any more
	held  receipts
}

// source is a file that holds no other file.
type source struct {
	display string // for people
	place   string // path through archives as if they were folders
	data    []byte
}

func (r *reader) session(s Session) {
	if !r.done {
		r.done = !r.yield(s, nil)
	}
}

func (r *reader) problem(p Problem) {
	if !r.done {
		r.done = !r.yield(Session{File: p.File}, &p)
	}
}

// unpacked takes one innermost file, or the reason why there is none.
func (r *reader) unpacked(f unpack.File, err error) {
	s := source{display: strings.Join(f.Path, " > "), place: path.Clean(strings.Join(f.Path, "/")), data: f.Data}
	var trouble *unpack.Problem
	switch {
	case errors.As(err, &trouble):
		r.problem(Problem{File: s.display, Text: trouble.Text, Harmless: trouble.Trouble == unpack.Nothing})
	case err != nil:
		r.problem(Problem{File: s.display, Text: err.Error()})
	case len(bytes.TrimSpace(s.data)) == 0:
		r.problem(Problem{File: s.display, Text: "the file is empty; send it again"})
	case r.held.take(s): // until all files of the folder were seen
	case isOCPI(s.data):
		r.ocpi(s)
	case isOICP(s.data):
		r.oicp(s)
	default:
		r.records(s)
	}
}

// records reads a file of signed values in any format or container. One that holds none is yielded too: the verdict on
// it says what is wrong.
func (r *reader) records(s source) {
	lines, ok := splitLines(s.data)
	if !ok {
		r.problem(Problem{File: s.display, Text: "more lines than any real file has; send them in several files"})
		return
	}
	var messages []meter.Message
	readings := 0
	for _, line := range lines {
		for _, m := range meter.Decode(line) {
			messages, readings = append(messages, m), readings+len(m.Entries)
		}
		if readings > maxReadings {
			r.problem(Problem{File: s.display, Text: "more readings than any real file has; send them in several files"})
			return
		}
	}
	r.sessions(s.display, messages)
}

func (r *reader) sessions(display string, messages []meter.Message) {
	for _, group := range meter.Sessions(messages) {
		r.session(Session{File: display, Name: nameOf(group), Evidence: meter.Evidence{Messages: group}})
	}
}

// nameOf names a session: as its container does, else by the signed number of the transaction, else by the signed page.
func nameOf(messages []meter.Message) string {
	for _, name := range []func(m meter.Message) string{
		func(m meter.Message) string { return m.Outer.Transaction },
		func(m meter.Message) string { return m.Session },
		func(m meter.Message) string { return m.Page.Text },
	} {
		for _, m := range messages {
			if text := name(m); text != "" {
				return text
			}
		}
	}
	return ""
}

// maxLines is how many records a text file may hold, one per line.
const maxLines = 10_000

// maxReadings is how many readings the records of a file may have together: a record of few bytes may claim thousands.
const maxReadings = 200_000

// lineStarts are how records begin that are kept one per line. No record has a line break before one of these inside.
var lineStarts = []string{"OCMF|", "AP;", "128.8.0("}

// splitLines cuts a text file with one record per line into records; a record of several lines stays whole. ok is false
// when there are too many.
func splitLines(data []byte) (records [][]byte, ok bool) {
	if !startsRecord(bytes.TrimLeft(data, "\ufeff \t\r\n")) {
		return [][]byte{data}, true
	}
	start := 0
	for i := 0; i < len(data); i++ {
		if data[i] != '\n' || !startsRecord(data[i+1:]) {
			continue
		}
		if records = append(records, data[start:i]); len(records) >= maxLines {
			return nil, false
		}
		start = i + 1
	}
	return append(records, data[start:]), true
}

func startsRecord(b []byte) bool {
	for _, s := range lineStarts {
		if bytes.HasPrefix(b, []byte(s)) {
			return true
		}
	}
	return false
}
