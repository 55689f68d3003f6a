package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// packed is a file to be put into an archive.
type packed struct {
	name string
	data []byte
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func zipOf(files ...packed) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.Create(f.name)
		must(err)
		_, err = w.Write(f.data)
		must(err)
	}
	must(z.Close())
	return out.Bytes()
}

func tarOf(files ...packed) []byte {
	var out bytes.Buffer
	z := tar.NewWriter(&out)
	for _, f := range files {
		must(z.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.data)), Mode: 0o644}))
		_, err := z.Write(f.data)
		must(err)
	}
	must(z.Close())
	return out.Bytes()
}

func gzipOf(data []byte) []byte { return namedGzip("", data) }

func namedGzip(name string, data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Name = name
	_, err := z.Write(data)
	must(err)
	must(z.Close())
	return out.Bytes()
}

// bzip2Hello is "hello\n" as bzip2 1.0.8 packs it; the standard library only unpacks.
var bzip2Hello = func() []byte {
	b, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDi")
	must(err)
	return b
}()

var (
	hello  = []byte("hello\n")
	record = []byte("OCMF|{}|{}")
)

// told writes a walk down: the path of each file with its content, or with the kind of its problem.
func told(name string, data []byte, l Limits) []string {
	var out []string
	for f, err := range Walk(name, data, l) {
		line := strings.Join(f.Path, " > ")
		var p *Problem
		switch {
		case err == nil:
			line += ": " + string(f.Data)
		case errors.As(err, &p) && f.Data == nil && slices.Equal(p.Path, f.Path) && strings.HasPrefix(err.Error(), line+": "):
			line += " ! " + string(p.Trouble)
		default:
			line += " ! not a problem as it should be: " + err.Error()
		}
		out = append(out, line)
	}
	return out
}

func TestWalk(t *testing.T) {
	one := packed{"a.txt", hello}
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"a plain file", hello, []string{"in: hello\n"}},
		{"an empty file", nil, []string{"in: "}},
		{"zip", zipOf(one, packed{"sub/b", record}), []string{"in > a.txt: hello\n", "in > sub/b: OCMF|{}|{}"}},
		{"an empty zip", zipOf(), nil},
		{"a folder", zipOf(packed{"sub/", nil}, packed{"sub/a", hello}), []string{"in > sub/a: hello\n"}},
		{"tar", tarOf(one, packed{"b", record}), []string{"in > a.txt: hello\n", "in > b: OCMF|{}|{}"}},
		{"gzip", gzipOf(hello), []string{"in > in: hello\n"}},
		{"gzip with a name", namedGzip("b.txt", hello), []string{"in > b.txt: hello\n"}},
		{"bzip2", bzip2Hello, []string{"in > in: hello\n"}},
		{"compressed tar", gzipOf(tarOf(one)), []string{"in > a.txt: hello\n"}},
		{
			"all inside each other", zipOf(packed{"1", gzipOf(tarOf(packed{"2", zipOf(packed{"3", bzip2Hello})}))}, packed{"4", record}),
			[]string{"in > 1 > 2 > 3 > 3: hello\n", "in > 4: OCMF|{}|{}"},
		},
		{"names that lead elsewhere", zipOf(packed{"../../etc/x", hello}), []string{"in > ../../etc/x: hello\n"}},
		{"names no database takes", zipOf(packed{"a\x00\n\xffb", hello}), []string{"in > a���b: hello\n"}},
		{"no name", tarOf(packed{"", hello}), []string{"in > unnamed: hello\n"}},
		{"7z", []byte("7z\xbc\xaf\x27\x1c..."), []string{"in ! unsupported"}},
		{"text that begins like bzip2", []byte("BZh9 is no archive"), []string{"in: BZh9 is no archive"}},
	} {
		if got := told("in", c.data, DefaultLimits()); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// The names of compressed files lose their ending.
func TestNamesOfStreams(t *testing.T) {
	for name, want := range map[string]string{"a.xml.gz": "a.xml.gz > a.xml: hello\n", "a": "a > a: hello\n", ".gz": ".gz > unnamed: hello\n"} {
		if got := told(name, gzipOf(hello), DefaultLimits()); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := told("a.bz2", bzip2Hello, DefaultLimits()); !slices.Equal(got, []string{"a.bz2 > a: hello\n"}) {
		t.Errorf("%q", got)
	}
	if got := told(strings.Repeat("n", 300), hello, DefaultLimits()); len(got[0]) != 255+len(": hello\n") {
		t.Errorf("a long name: %q", got)
	}
}

// changed returns b with the bytes at every place of old replaced.
func changed(b []byte, old, with string) []byte {
	return bytes.ReplaceAll(b, []byte(old), []byte(with))
}

func TestDamage(t *testing.T) {
	good := packed{"good", record}
	stored := func() []byte { // a zip with a file that is not compressed
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w, err := z.CreateHeader(&zip.FileHeader{Name: "bad", Method: zip.Store})
		must(err)
		_, err = w.Write(hello)
		must(err)
		w, err = z.Create("good")
		must(err)
		_, err = w.Write(record)
		must(err)
		must(z.Close())
		return out.Bytes()
	}()
	method := bytes.Clone(stored)
	directory := bytes.Index(method, directoryEntry)
	method[directory+10] = 98 // the method in the directory entry, APPNOTE 4.3.12
	flag := bytes.Clone(stored)
	flag[directory+8] |= 1
	size := bytes.Clone(stored)
	binary.LittleEndian.PutUint32(size[directory+24:], 3) // uncompressed size
	large := bytes.Clone(stored)
	binary.LittleEndian.PutUint32(large[directory+24:], 0xfffffff0)
	whole := tarOf(packed{"bad", make([]byte, 5000)}, good)
	both := []string{"in ! damaged"}
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"wrong checksum", changed(stored, "hello", "hullo"), []string{"in > bad ! damaged", "in > good: OCMF|{}|{}"}},
		{"unknown method", method, []string{"in > bad ! unsupported", "in > good: OCMF|{}|{}"}},
		{"with a password", flag, []string{"in > bad ! encrypted", "in > good: OCMF|{}|{}"}},
		{"a size that is too small", size, []string{"in > bad ! damaged", "in > good: OCMF|{}|{}"}},
		{"a size that is too large", large, []string{"in > bad ! too large", "in > good: OCMF|{}|{}"}},
		{"zip cut off", stored[:len(stored)-30], both},
		{"tar cut off in a file", whole[:2000], []string{"in > bad ! damaged", "in ! damaged"}},
		{"tar cut off in a header", whole[:512+5120+100], []string{"in > bad: " + string(make([]byte, 5000)), "in ! damaged"}},
		{"gzip cut off", gzipOf(hello)[:20], []string{"in > in ! damaged"}},
		{"gzip without more than a beginning", []byte("\x1f\x8b\x08"), both},
		{"gzip with a wrong checksum", append(gzipOf(hello)[:24], 1, 2, 3, 4, 6, 0, 0, 0), []string{"in > in ! damaged"}},
		{"bzip2 cut off", bzip2Hello[:30], []string{"in > in ! damaged"}},
	} {
		if got := told("in", c.data, DefaultLimits()); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestTarOddities(t *testing.T) {
	entry := func(h tar.Header, data []byte) []byte {
		var out bytes.Buffer
		z := tar.NewWriter(&out)
		must(z.WriteHeader(&h))
		_, err := z.Write(data)
		must(err)
		must(z.Flush())
		return out.Bytes()
	}
	huge := entry(tar.Header{Name: "huge", Size: 8}, []byte("12345678"))
	copy(huge[124:], "77777777777\x00") // octal, 8 GiB
	sum := int64(0)
	copy(huge[148:], "        ")
	for _, c := range huge[:512] {
		sum += int64(c)
	}
	copy(huge[148:], fmt.Sprintf("%06o\x00 ", sum))
	// A file of 1 GiB, of which ten bytes are in the archive (GNU tar, sparse format 0.1 in pax records).
	records := func(pairs ...string) []byte {
		var out strings.Builder
		for _, p := range pairs {
			n := len(p) + 4
			fmt.Fprintf(&out, "%d %s\n", n, p) // two digits, a blank and the line break
		}
		return []byte(out.String())
	}
	pax := records("GNU.sparse.numblocks=1", "GNU.sparse.map=0,10", "GNU.sparse.size=1073741824")
	sparse := append(entry(tar.Header{Name: "x", Size: int64(len(pax))}, pax), entry(tar.Header{Name: "holes", Size: 10}, record)...)
	sparse[156] = tar.TypeXHeader
	sum = 0
	copy(sparse[148:], "        ")
	for _, c := range sparse[:512] {
		sum += int64(c)
	}
	copy(sparse[148:], fmt.Sprintf("%06o\x00 ", sum))

	// Header sums of old writers add bytes as signed numbers: each byte from 0x80 is 256 less.
	old := tarOf(packed{"ae", hello})
	copy(old, "\xe4\xf6")
	copy(old[148:], "        ")
	sum = -2 * 256
	for _, c := range old[:512] {
		sum += int64(c)
	}
	copy(old[148:], fmt.Sprintf("%06o\x00 ", sum))

	link := entry(tar.Header{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc/x"}, nil)
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"a huge size", huge, []string{"in > huge ! too large", "in ! damaged"}},
		{"holes", append(sparse, tarOf(packed{"a", hello})...), []string{"in > holes ! unsupported", "in > a: hello\n"}},
		{"a header with a signed sum", old, []string{"in > �: hello\n"}},
		{"a link", append(link, tarOf(packed{"a", hello})...), []string{"in > a: hello\n"}},
	} {
		if got := told("in", c.data, DefaultLimits()); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// small limits make the bombs small too.
var small = Limits{Depth: 3, Files: 20, Total: 100_000, Single: 40_000}

func total(t testing.TB, data []byte, l Limits) (files int, size int64) {
	t.Helper()
	for f := range Walk("in", data, l) {
		files++
		size += int64(len(f.Data))
		if int64(len(f.Data)) > max(l.Single, 0) {
			t.Fatalf("%v has %d bytes, more than %d", f.Path, len(f.Data), l.Single)
		}
	}
	return files, size
}

func TestLimits(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	many := func(files, size int) (out []packed) {
		for i := range files {
			out = append(out, packed{fmt.Sprint(i), zeros(size)})
		}
		return out
	}
	deep := func(n int, pack func([]byte) []byte) []byte {
		b := hello
		for range n {
			b = pack(b)
		}
		return b
	}
	inZip := func(b []byte) []byte { return zipOf(packed{"z", b}) }
	for _, c := range []struct {
		name string
		data []byte
		last string
		size int64
	}{
		{"as large as may be", zeros(40_000), "", 40_000},
		{"a plain file too large", zeros(40_001), "in ! too large", 0},
		{"as large as may be, in a zip", zipOf(many(1, 40_000)...), "", 40_000},
		{"a thousand to one", zipOf(many(1, 10_000_000)...), "in > 0 ! too large", 0},
		{"a thousand to one in gzip", gzipOf(zeros(10_000_000)), "in > in ! too large", 0},
		{"a large file in a compressed tar", gzipOf(tarOf(many(1, 10_000_000)...)), "in ! too large", 0},
		{"all files exactly the total", zipOf(many(4, 25_000)...), "", 100_000},
		{"together too large", zipOf(many(20, 30_000)...), "in > 3 ! too large", 90_000},
		{"together too large in a tar", tarOf(many(20, 30_000)...), "in > 3 ! too large", 90_000},
		{"together too large in a compressed tar", gzipOf(tarOf(many(20, 30_000)...)), "in > 3 ! too large", 90_000},
		{"as many as may be", zipOf(many(20, 1)...), "", 20},
		{"too many", zipOf(many(21, 1)...), "in ! too many", 0},
		{"too many in a tar", tarOf(many(21, 1)...), "in > 20 ! too many", 20},
		{"too many in two", tarOf(packed{"a", zipOf(many(12, 1)...)}, packed{"b", zipOf(many(12, 1)...)}), "in > b > 6 ! too many", 18},
		{"as deep as may be", deep(3, inZip), "", int64(len(hello))},
		{"too deep", deep(4, inZip), "in > z > z > z ! too deep", 0},
		{"ten zips inside each other", deep(10, inZip), "in > z > z > z ! too deep", 0},
		{"gzip in gzip in gzip", deep(10, gzipOf), "in > in > in > in ! too deep", 0},
	} {
		lines := told("in", c.data, small)
		last := lines[len(lines)-1]
		if _, size := total(t, c.data, small); size != c.size {
			t.Errorf("%s: %d bytes, want %d", c.name, size, c.size)
		}
		if c.last == "" && strings.Contains(last, " ! ") || c.last != "" && last != c.last {
			t.Errorf("%s: %q, want %q", c.name, last[:min(len(last), 100)], c.last)
		}
	}
}

// A hundred thousand empty entries in one zip are not even listed.
func TestHundredThousandEntries(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for range 100_000 {
		_, err := z.CreateHeader(&zip.FileHeader{Name: "a"})
		must(err)
	}
	must(z.Close())
	if got := told("in", out.Bytes(), DefaultLimits()); !slices.Equal(got, []string{"in ! too many"}) {
		t.Errorf("%d lines, %q", len(got), got[0])
	}
}

// All entries of the directory point to the same compressed bytes: a zip of some kilobytes that unpacks to the square.
func TestOverlappingEntries(t *testing.T) {
	kernel := zipOf(packed{"k", make([]byte, 30_000)})
	at := bytes.Index(kernel, directoryEntry)
	entry, end := kernel[at:len(kernel)-22], bytes.Clone(kernel[len(kernel)-22:])
	const n = 15
	binary.LittleEndian.PutUint16(end[8:], n)
	binary.LittleEndian.PutUint16(end[10:], n)
	binary.LittleEndian.PutUint32(end[12:], uint32(n*len(entry)))
	bomb := slices.Concat(kernel[:at], bytes.Repeat(entry, n), end)
	if _, size := total(t, bomb, small); size != 90_000 {
		t.Errorf("%d bytes", size)
	}
}

func TestGzipOfManyMembers(t *testing.T) {
	// 40,000 members of gzip behind each other, each with 1,000 zeros: 40 MB from one stream.
	bomb := bytes.Repeat(gzipOf(make([]byte, 1000)), 40_000)
	if got := told("in", bomb, small); !slices.Equal(got, []string{"in > in ! too large"}) {
		t.Errorf("%q", got)
	}
}

// The bytes of files that are too large count as well: they were unpacked.
func TestWastedBytesCount(t *testing.T) {
	var files []packed
	for i := range 10 {
		files = append(files, packed{fmt.Sprint(i), gzipOf(make([]byte, 50_000))})
	}
	got := told("in", zipOf(files...), small)
	want := []string{"in > 0 > 0 ! too large", "in > 1 > 1 ! too large", "in > 2 > 2 ! too large"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestLimitsOfNothing(t *testing.T) {
	for _, l := range []Limits{{}, {Depth: 1}, {Depth: 1, Files: 1}, {Depth: 1, Files: 1, Single: 10}, {Depth: -1, Files: -1, Total: -1, Single: -1}} {
		if _, size := total(t, zipOf(packed{"a", hello}), l); size != 0 {
			t.Errorf("%+v: %d bytes", l, size)
		}
	}
	most := Limits{Depth: 1 << 30, Files: 1 << 30, Total: 1<<63 - 1, Single: 1<<63 - 1}
	if got := told("in", zipOf(packed{"a", hello}), most); !slices.Equal(got, []string{"in > a: hello\n"}) {
		t.Errorf("no limits: %q", got)
	}
}

// Whoever stops listening is not called again.
func TestStopListening(t *testing.T) {
	bad := zipOf(packed{"a", hello}, packed{"b", gzipOf(hello)[:20]}, packed{"c", tarOf(packed{"d", hello}, packed{"e", hello})})
	all := len(told("in", bad, DefaultLimits()))
	if all != 4 {
		t.Fatalf("%d lines", all)
	}
	for stop := range all {
		n := 0
		for range Walk("in", bad, DefaultLimits()) {
			if n == stop {
				break
			}
			n++
		}
	}
}

// The same walk twice gives the same.
func TestWalkAgain(t *testing.T) {
	walk := Walk("in", zipOf(packed{"a", make([]byte, 30_000)}, packed{"b", make([]byte, 30_000)}), small)
	for range 3 {
		n := 0
		for _, err := range walk {
			must(err)
			n++
		}
		if n != 2 {
			t.Fatalf("%d files", n)
		}
	}
}

// FuzzWalk: nothing panics, no limit is passed, and every error names a file.
func FuzzWalk(f *testing.F) {
	f.Add(zipOf(packed{"a", gzipOf(tarOf(packed{"b", hello}))}, packed{"c", bzip2Hello}))
	f.Add(zipOf(packed{"a", make([]byte, 50_000)}, packed{"b", make([]byte, 30_000)}))
	f.Add(tarOf(packed{"a", hello}, packed{"b", zipOf(packed{"c", record})}))
	f.Add(sample(flate("data.xml", record)))
	f.Add(sampleInStreams(record))
	f.Fuzz(func(t *testing.T, b []byte) {
		files, bytesOut := 0, int64(0)
		for file, err := range Walk("in", b, small) {
			files++
			bytesOut += int64(len(file.Data))
			var p *Problem
			if err != nil && (!errors.As(err, &p) || p.Trouble == "" || p.Text == "" || len(p.Path) == 0 || file.Data != nil) {
				t.Fatalf("%v %v", file, err)
			}
			if len(file.Path) == 0 || len(file.Path) > small.Depth+1 || int64(len(file.Data)) > small.Single {
				t.Fatalf("%v: %d bytes", file.Path, len(file.Data))
			}
		}
		// Besides the entries, each container may have one problem of its own.
		if bytesOut > small.Total || files > 2*small.Files+2 {
			t.Fatalf("%d files, %d bytes", files, bytesOut)
		}
	})
}
