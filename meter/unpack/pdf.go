package unpack

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxObjects is the number of objects a PDF may have; invoices have some hundred.
const maxObjects = 100_000

// document is what is remembered of a PDF while it is looked through from front to back. The cross-reference table is
// not used: it may be wrong, and the last definition of an object is the valid one anyway (7.5.6).
type document struct {
	w         *walker
	path      []string
	lengths   map[int64][]int64 // objects that are a mere number: lengths of streams
	objects   map[int64]object  // the last definition of each
	order     []int64           // object numbers as they came
	count     int               // definitions
	specs     []spec
	inflater  io.ReadCloser
	encrypted bool
	damaged   bool // an object stream could not be read
	crowded   bool // more than maxObjects
}

// object is one definition. Only streams, texts and small dictionaries are kept.
type object struct {
	serial int // grows with every definition
	stream *stream
	value  value
}

// stream is the content of a stream object as it stands in the file.
type stream struct {
	raw         []byte
	deflated    bool
	unsupported bool // another filter
	embedded    bool // says of itself that it is an embedded file
}

// spec is a file specification with embedded files (7.11.3), and the definition it stands in.
type spec struct {
	number int64
	serial int
	value  value
}

// platforms are the keys of a file specification, the general ones first (7.11.3, table 44).
var platforms = [...]string{"UF", "F", "Unix", "DOS", "Mac"}

// pdf opens the embedded files of a PDF.
func (w *walker) pdf(path []string, data []byte, depth int) {
	d := &document{w: w, path: path, lengths: numbers(data), objects: map[int64]object{}}
	d.scan(data)
	if w.done {
		return
	}
	switch {
	case d.crowded:
		w.problem(path, TooMany, fmt.Sprintf("the PDF has more than %d objects; send its attachments by themselves", maxObjects))
		return
	case d.encrypted:
		w.problem(path, Encrypted, "the PDF is encrypted; save it without a password and without restrictions")
		return
	}
	attachments := d.attachments()
	switch {
	case d.damaged:
		w.problem(path, Damaged, "parts of the PDF cannot be read, attachments may be missing; send them by themselves")
	case len(attachments) == 0:
		w.problem(path, Nothing, "the PDF has no attachments, so it holds no signed records")
	}
	for _, a := range attachments {
		if w.done || !w.count(a.path) {
			return
		}
		d.open(a, depth)
	}
}

// attachment is an embedded file with its name; the stream is nil when it is missing.
type attachment struct {
	path   []string
	stream *stream
}

// attachments lists the embedded files, each once: those with a file specification first, then the others.
func (d *document) attachments() []attachment {
	var out []attachment
	taken := map[int64]bool{}
	add := func(text string, s *stream) {
		if text == "" {
			text = fmt.Sprintf("attachment-%d", len(out)+1)
		}
		out = append(out, attachment{inside(d.path, text), s})
	}
	for _, s := range d.specs {
		if d.objects[s.number].serial != s.serial {
			continue // a later definition replaced this one
		}
		number, found := d.file(s)
		switch {
		case !found:
			add(d.name(s), nil)
		case !taken[number]:
			taken[number] = true
			add(d.name(s), d.objects[number].stream)
		}
	}
	for _, number := range d.order {
		if s := d.objects[number].stream; s != nil && s.embedded && !taken[number] {
			taken[number] = true
			add("", s)
		}
	}
	return out
}

// file returns the stream object a file specification points to.
func (d *document) file(s spec) (number int64, found bool) {
	files := s.value.get("EF")
	if files.kind == reference {
		files = d.objects[files.number].value
	}
	for _, key := range platforms {
		if to := files.get(key); to.kind == reference && d.objects[to.number].stream != nil {
			return to.number, true
		}
	}
	return 0, false
}

func (d *document) name(s spec) string {
	for _, key := range platforms {
		v := s.value.get(key)
		if v.kind == reference {
			v = d.objects[v.number].value
		}
		if text := v.decoded(); text != "" {
			return text
		}
	}
	return ""
}

func (d *document) open(a attachment, depth int) {
	switch {
	case a.stream == nil:
		d.w.problem(a.path, Damaged, "the PDF names this attachment but does not hold it; send it by itself")
	case a.stream.unsupported:
		d.w.problem(a.path, Unsupported, "an attachment compressed in an unusual way; send it by itself")
	default:
		if data, ok := d.read(a.path, a.stream); ok {
			d.w.open(a.path, data, depth)
		}
	}
}

// read returns the content of a stream.
func (d *document) read(path []string, s *stream) ([]byte, bool) {
	if !s.deflated {
		return d.w.read(path, metered{bytes.NewReader(s.raw), d.w})
	}
	r, err := d.inflate(s.raw)
	if err != nil {
		d.w.problem(path, Damaged, "cannot be unpacked; send it by itself")
		return nil, false
	}
	return d.w.read(path, metered{r, d.w})
}

// inflate begins to unpack deflated bytes. There is one inflater for all: thousands of tiny streams are cheap to write.
func (d *document) inflate(raw []byte) (io.Reader, error) {
	if d.inflater == nil {
		r, err := zlib.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		d.inflater = r
		return r, nil
	}
	again, ok := d.inflater.(zlib.Resetter)
	if !ok {
		return nil, errors.New("the inflater cannot begin again")
	}
	return d.inflater, again.Reset(bytes.NewReader(raw), nil)
}

// define remembers an object.
func (d *document) define(number int64, o object) {
	if _, known := d.objects[number]; !known {
		d.order = append(d.order, number)
	}
	o.value = kept(o.value)
	d.objects[number] = o
}

// kept drops what nobody will ask for: only texts and the dictionaries under EF are referred to from elsewhere.
func kept(v value) value {
	switch v.kind {
	case literal, hexText:
		return v
	case dictionary:
		if slices.ContainsFunc(platforms[:], func(key string) bool { return v.get(key).kind == reference }) {
			return v
		}
	default:
	}
	return value{}
}
