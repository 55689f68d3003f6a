package simulate

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wattdue/calendar"
	"wattdue/cdr"
)

// Shape is how a file holds its records.
type Shape string

// The shapes a CPO may send.
const (
	Single   Shape = "single"   // one CDR object, indented
	Array    Shape = "array"    // a JSON array
	Envelope Shape = "envelope" // an OCPI response with the array in data
	NDJSON   Shape = "ndjson"   // one object per line
)

// File is one file of the inbox. Import in order of name meets an original before its duplicate.
type File struct {
	Name    string
	Shape   Shape
	Gzip    bool
	Records []Record
}

// Record is one record of a file.
type Record struct {
	Session int     // index into World.Sessions
	Fault   Fault   // what is wrong with this record; the original of a duplicate has None
	Key     cdr.Key // upper case
	Ordinal int     // 1 for the first record of the file
}

// singleEvery is how often a record is pushed in a file of its own.
const singleEvery = 60

// planFiles deals the records out: one file for each CPO and day on which sessions ended, single files for pushed
// records, and each second record of a session one to three days later.
func (w *World) planFiles() {
	r := stream(w.Options.Seed, "inbox")
	byName := map[string]*File{}
	for i := range w.Sessions {
		s := &w.Sessions[i]
		cpo := w.location(w.evse(s)).CPO
		record := Record{Session: i, Fault: s.Fault, Key: cdr.Key{Country: "DE", Party: cpo, ID: w.recordID(s)}}
		day := calendar.DateOf(s.End, w.zone)
		again := s.Fault.isSecond()
		if again {
			record.Fault = None
		}
		name := fmt.Sprintf("%s_DE-%s", day, cpo)
		if !again && oneIn(r, singleEvery) {
			name = fmt.Sprintf("%s_DE-%s_push-%06d", day, cpo, s.Number)
		}
		addRecord(byName, name, record)
		if again {
			record.Fault, record.Key = s.Fault, w.secondKey(s, record.Key)
			addRecord(byName, fmt.Sprintf("%s_DE-%s", day.AddDays(1+r.IntN(3)), record.Key.Party), record)
		}
	}
	for name, f := range byName {
		w.finishFile(f, name)
	}
	w.Files = make([]File, 0, len(byName))
	for _, f := range byName {
		w.Files = append(w.Files, *f)
	}
	slices.SortFunc(w.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
}

func addRecord(files map[string]*File, name string, r Record) {
	if files[name] == nil {
		files[name] = &File{}
	}
	files[name].Records = append(files[name].Records, r)
}

// finishFile orders the records of a file by the end of their sessions and draws its shape from its name, so that
// the order of a map has no say in it.
func (w *World) finishFile(f *File, name string) {
	slices.SortFunc(f.Records, func(a, b Record) int {
		x, y := &w.Sessions[a.Session], &w.Sessions[b.Session]
		return cmp.Or(x.End.Compare(y.End), cmp.Compare(x.Number, y.Number))
	})
	for i := range f.Records {
		f.Records[i].Ordinal = i + 1
	}
	r := stream(w.Options.Seed, "file "+name)
	f.Shape = drawShape(r, name)
	f.Gzip = oneIn(r, 4)
	f.Name = name + ".json"
	if f.Shape == NDJSON {
		f.Name = name + ".ndjson"
	}
	if f.Gzip {
		f.Name += ".gz"
	}
}

func drawShape(r *rand.Rand, name string) Shape {
	if strings.Contains(name, "_push-") {
		return Single
	}
	return pick(r, []Shape{Array, Envelope, NDJSON})
}

// WriteInbox writes the files into a folder, which it makes if need be; other files there stay as they are. The bytes
// depend on the options alone.
func (w *World) WriteInbox(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	for i := range w.Files {
		var b bytes.Buffer
		if err := w.WriteFile(&b, w.Files[i]); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, w.Files[i].Name), b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
	}
	return nil
}

// WriteFile writes the bytes of one file, compressed where its name says so. The gzip header has neither name nor
// time.
func (w *World) WriteFile(out io.Writer, f File) error {
	if !f.Gzip {
		return w.writeRecords(out, f)
	}
	z := gzip.NewWriter(out)
	if err := w.writeRecords(z, f); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("file %s: %w", f.Name, err)
	}
	return nil
}

// framing is what stands before, between and after the records of a shape.
var framing = map[Shape]struct{ before, between, after string }{
	Single:   {"", "", "\n"},
	NDJSON:   {"", "\n", "\n"},
	Array:    {"[\n", ",\n", "\n]\n"},
	Envelope: {`{"status_code":1000,"status_message":"Success","data":[` + "\n", ",\n", "\n]}\n"},
}

func (w *World) writeRecords(out io.Writer, f File) error {
	frame := framing[f.Shape]
	var b bytes.Buffer
	b.WriteString(frame.before)
	for i, r := range f.Records {
		if i > 0 {
			b.WriteString(frame.between)
		}
		raw, err := w.recordBytes(r, f.Shape)
		if err != nil {
			return fmt.Errorf("file %s: record %d: %w", f.Name, r.Ordinal, err)
		}
		b.Write(raw)
	}
	b.WriteString(frame.after)
	if _, err := out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("file %s: %w", f.Name, err)
	}
	return nil
}

// recordBytes returns a record as it stands in its file, faults included. Where more records follow on other lines
// of the same JSON value a broken one keeps its braces; elsewhere it is cut off.
func (w *World) recordBytes(r Record, shape Shape) ([]byte, error) {
	s := &w.Sessions[r.Session]
	raw, err := w.encodeAs(r.Fault, s)
	if err != nil {
		return nil, err
	}
	if shape == Single {
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", "  "); err != nil {
			return nil, err
		}
		raw = b.Bytes()
	}
	switch {
	case r.Fault != BrokenJSON:
		return raw, nil
	case shape == Single || shape == NDJSON:
		return truncate(raw), nil
	}
	return garble(raw), nil
}
