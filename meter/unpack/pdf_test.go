package unpack

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// pdfOf puts objects into a document with catalogue and trailer. The objects are written out with their numbers; 1 is
// the catalogue, which the caller need not know.
func pdfOf(objects ...string) []byte {
	return []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" +
		"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" + strings.Join(objects, "\n") +
		"\ntrailer\n<< /Root 1 0 R /Size 99 >>\nstartxref\n0\n%%EOF\n")
}

func deflate(data []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, err := z.Write(data)
	must(err)
	must(z.Close())
	return out.String()
}

// stream writes a stream object with further entries of its dictionary.
func streamOf(number int, entries, content string) string {
	return fmt.Sprintf("%d 0 obj\n<< %s /Length %d >>\nstream\n%s\nendstream\nendobj", number, entries, len(content), content)
}

// flate is an embedded file 11 with its specification 10.
func flate(fileName string, data []byte) string {
	return fmt.Sprintf("10 0 obj\n<< /Type /Filespec /F (%s) /EF << /F 11 0 R >> /AFRelationship /Data >>\nendobj\n", fileName) +
		streamOf(11, "/Type /EmbeddedFile /Filter /FlateDecode", deflate(data))
}

func sample(objects ...string) []byte { return pdfOf(objects...) }

// objectStream packs objects, which are written without obj and endobj, into object stream 20.
func objectStream(objects map[int]string) string {
	var head, body strings.Builder
	numbers := []int{}
	for n := range objects {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		fmt.Fprintf(&head, "%d %d ", n, body.Len())
		body.WriteString(objects[n] + "\n")
	}
	entries := fmt.Sprintf("/Type /ObjStm /N %d /First %d /Filter /FlateDecode", len(objects), head.Len())
	return streamOf(20, entries, deflate([]byte(head.String()+body.String())))
}

// sampleInStreams has everything but the embedded file itself in an object stream.
func sampleInStreams(data []byte) []byte {
	return pdfOf(streamOf(11, "/Filter /FlateDecode", deflate(data)), objectStream(map[int]string{
		5: "[ 1 2 (x) ]", 10: "<< /F (old.xml) /UF 12 0 R /EF 13 0 R >>", 12: "(new.xml)", 13: "<< /F 11 0 R /UF 11 0 R >>", 14: "7",
	}))
}

func utf16Text(s string) string {
	out := []byte("\xfe\xff")
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return fmt.Sprintf("<%X>", out)
}

func TestPDF(t *testing.T) {
	raw := string(record)
	spec := func(entries string) string { return "10 0 obj << " + entries + " >> endobj" }
	plain := streamOf(11, "/Type /EmbeddedFile", raw)
	want := func(name string) []string { return []string{"in > " + name + ": " + raw} }
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"deflated", pdfOf(flate("data.xml", record)), want("data.xml")},
		{"not deflated", pdfOf(spec("/F (data.xml) /EF << /F 11 0 R >>"), plain), want("data.xml")},
		{"the stream first", pdfOf(plain, spec("/F (data.xml) /EF << /F 11 0 R >>")), want("data.xml")},
		{"in object streams", sampleInStreams(record), want("new.xml")},
		{
			"in a list of names", pdfOf("9 0 obj << /Names [ (a) << /F(a.xml)/EF<</F 11 0 R>> >> (b) 8 0 R ] >> endobj", plain), want("a.xml"),
		},
		{
			"behind a long list", pdfOf("9 0 obj [ "+strings.Repeat("1 ", 5000)+"<< /F(a.xml)/EF<</F 11 0 R>> >> ] endobj", plain), want("a.xml"),
		},
		{"blanks and a mark in front", append([]byte("\ufeff \r\n"), pdfOf(flate("a", record))...), want("a")},
		{"a name in UTF-16", pdfOf(spec("/F (x) /UF "+utf16Text("Zähler €.xml")+" /EF << /UF 11 0 R >>"), plain), want("Zähler €.xml")},
		{"a name in UTF-8 with its mark", pdfOf(spec("/F (\ufeffZähler) /EF << /F 11 0 R >>"), plain), want("Zähler")},
		{"a name in PDFDocEncoding", pdfOf(spec("/F (Z\xe4hler) /EF << /F 11 0 R >>"), plain), want("Zähler")},
		{"escapes in a name", pdfOf(spec(`/F (a\(1\)\\\344\0532(b)\`+"\r\n"+`c\)) /EF << /F 11 0 R >>`), plain), want(`a(1)\ä+2(b)c)`)},
		{"escapes in a key", pdfOf(spec("/#46 (a.xml) /E#46 << /F 11 0 R >>"), plain), want("a.xml")},
		{"half a byte", pdfOf(spec("/F <61 62 7> /EF << /F 11 0 R >>"), plain), want("abp")},
		{"a name that is a reference", pdfOf(spec("/F 12 0 R /EF << /F 11 0 R >>"), "12 0 obj (b.xml) endobj", plain), want("b.xml")},
		{"no name", pdfOf(spec("/EF << /F 11 0 R >>"), plain), want("attachment-1")},
		{"no specification", pdfOf(plain), want("attachment-1")},
		{"two specifications of one file", pdfOf(spec("/F (a) /EF << /F 11 0 R >>"), "12 0 obj << /F (b) /EF << /F 11 0 R >> >> endobj", plain), want("a")},
		{"comments", pdfOf(spec("/F % /EF (\n (a.xml) /EF << /F 11 % x\r 0 R >>"), plain), want("a.xml")},
		{
			"replaced later", pdfOf(flate("old", hello), flate("new", record)), want("new"),
		},
		{
			"specification replaced by something else", pdfOf(spec("/F (a) /EF << /F 11 0 R >>"), streamOf(11, "", raw), "10 0 obj null endobj"),
			[]string{"in ! nothing"},
		},
		{"no attachment", pdfOf(), []string{"in ! nothing"}},
		{"only a head", []byte("%PDF-1.4"), []string{"in ! nothing"}},
		{"file missing", pdfOf(spec("/F (a) /EF << /F 11 0 R >>")), []string{"in > a ! damaged"}},
		{"encrypted", bytes.Replace(pdfOf(flate("a", record)), []byte("/Size"), []byte("/Encrypt 9 0 R /Size"), 1), []string{"in ! encrypted"}},
		{
			"encrypted, without trailer", pdfOf(plain, streamOf(12, "/Type /XRef /Encrypt 9 0 R", ""), streamOf(13, "/Type /XRef", "")),
			[]string{"in ! encrypted"},
		},
		{
			"another filter", pdfOf(streamOf(11, "/Type /EmbeddedFile /Filter [/ASCIIHexDecode /FlateDecode]", "00>")),
			[]string{"in > attachment-1 ! unsupported"},
		},
		{"a list of one filter", pdfOf(streamOf(11, "/Type /EmbeddedFile /Filter [/Fl]", deflate(record))), want("attachment-1")},
		{"an empty list of filters", pdfOf(streamOf(11, "/Type /EmbeddedFile /Filter []", raw)), want("attachment-1")},
		{
			"a predictor", pdfOf(streamOf(11, "/Type /EmbeddedFile /Filter /FlateDecode /DecodeParms << /Predictor 12 >>", deflate(record))),
			[]string{"in > attachment-1 ! unsupported"},
		},
		{"in another file", pdfOf(streamOf(11, "/Type /EmbeddedFile /F (x)", "")), []string{"in > attachment-1 ! unsupported"}},
		{"not what the filter says", pdfOf(streamOf(11, "/Type /EmbeddedFile /Filter /FlateDecode", raw)), []string{"in > attachment-1 ! damaged"}},
		{
			"a damaged object stream", pdfOf(streamOf(20, "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", "no zlib")),
			[]string{"in ! damaged"},
		},
		{
			"a damaged object stream and an attachment", pdfOf(streamOf(20, "/Type /ObjStm /N 1 /First 4", "1 x "), flate("a", record)),
			[]string{"in ! damaged", "in > a: " + raw},
		},
		{"an attachment that is a PDF", pdfOf(flate("b.pdf", pdfOf(flate("c", record)))), want("b.pdf > c")},
		{"an attachment that is a zip", pdfOf(flate("b", zipOf(packed{"c", record}))), want("b > c")},
		{"in a zip", zipOf(packed{"b.pdf", pdfOf(flate("c", record))}), want("b.pdf > c")},
	} {
		if got := told("in", c.data, DefaultLimits()); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// Where a stream ends: by its length if that leads to the end mark, else at the next end mark.
func TestStreamEnds(t *testing.T) {
	tricky := "endstream endobj 11 0 obj << /Type /EmbeddedFile /Length 3 >> stream\nbad\nendstream endobj 12 0 obj 4 endobj "
	object := func(length, eol, content, rest string) string {
		return "11 0 obj<</Type/EmbeddedFile/Length " + length + ">>stream" + eol + content + rest
	}
	n := fmt.Sprint(len(tricky))
	for _, c := range []struct{ name, object, want string }{
		{"length", object(n, "\n", tricky, "\nendstream endobj"), tricky},
		{"length, no line break at the end", object(n, "\r\n", tricky, "endstream endobj"), tricky},
		{"only a carriage return", object("3", "\r", "abc", "\rendstream"), "abc"},
		{"length behind", object("12 0 R", "\n", tricky, "\nendstream endobj 12 0 obj "+n+" endobj"), tricky},
		{"length before", "12 0 obj\n" + n + "\nendobj " + object("12 0 R", "\n", tricky, "\nendstream endobj"), tricky},
		{"length too small", object("1", "\n", "abc", "\nendstream endobj"), "abc"},
		{"length too large", object("5000", "\n", "abc", "\r\nendstream endobj"), "abc"},
		{"length missing", strings.Replace(object("", "\n", "abc", "\nendstream endobj"), "/Length", "", 1), "abc"},
		{"length of another kind", object("(3)", "\n", "abc", "\nendstream endobj"), "abc"},
		{"length nowhere", object("77 0 R", "\n", "abc", "\nendstream endobj"), "abc"},
		{"empty", object("0", "\n", "", "\nendstream endobj"), ""},
		{"no end", object("0", "\n", "abc", ""), "abc"},
	} {
		data := []byte("%PDF-1.7\n" + c.object)
		if got := told("in", data, DefaultLimits()); !slices.Equal(got, []string{"in > attachment-1: " + c.want}) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestPDFBombs(t *testing.T) {
	zeros := make([]byte, 10_000_000)
	tail := flate("a", record)
	var many []string
	for i := range 21 {
		many = append(many, streamOf(100+i, "/Type /EmbeddedFile", "x"))
	}
	copies := func(entries string, content []byte, n int) (out []string) {
		for i := range n {
			out = append(out, streamOf(100+i, entries+" /Filter /FlateDecode", deflate(content)))
		}
		return out
	}
	for _, c := range []struct {
		name string
		data []byte
		last string
		size int64
	}{
		{"an attachment of zeros", pdfOf(flate("a", zeros)), "in > a ! too large", 0},
		{"attachments that are too large together", pdfOf(copies("/Type /EmbeddedFile", zeros[:30_000], 9)...), "in > attachment-4 ! too large", 90_000},
		{"an object stream of zeros", pdfOf(append(copies("/Type /ObjStm /N 1 /First 4", zeros, 1), tail)...), "in > a: OCMF|{}|{}", 10},
		{"many object streams of zeros", pdfOf(append(copies("/Type /ObjStm /N 1 /First 4", zeros, 9), tail)...), "in ! too large", 0},
		{"too many attachments", pdfOf(many...), "in > attachment-21 ! too many", 20},
		{"PDF in PDF", pdfOf(flate("1", pdfOf(flate("2", pdfOf(flate("3", pdfOf(tail)))))), ""), "in > 1 > 2 > 3 ! too deep", 0},
		{"too many objects", pdfOf(strings.Repeat("3 0 obj 1 endobj ", maxObjects)), "in ! too many", 0},
		{"a thousand million objects in a stream", pdfOf(streamOf(20, "/Type /ObjStm /N 1000000000 /First 0", ""), tail), "in > a: OCMF|{}|{}", 10},
		{"a beginning behind the end", pdfOf(streamOf(20, "/Type /ObjStm /N 1 /First 9999999999", "1 0 "), tail), "in > a: OCMF|{}|{}", 10},
		{
			"two objects behind the end", pdfOf(streamOf(20, "/Type /ObjStm /N 2 /First 26", "1 9999999998 2 9999999999 "), tail),
			"in > a: OCMF|{}|{}", 10,
		},
		{"an object behind the end", pdfOf(streamOf(20, "/Type /ObjStm /N 1 /First 13", "1 9999999999 "), tail), "in > a: OCMF|{}|{}", 10},
		{"deep brackets", pdfOf("5 0 obj "+strings.Repeat("[", 100_000)+" endobj", tail), "in > a: OCMF|{}|{}", 10},
		{"a text without end", pdfOf("5 0 obj ("+strings.Repeat("x", 2*maxText)+" endobj", tail), "in > a: OCMF|{}|{}", 10},
	} {
		lines := told("in", c.data, small)
		if last := lines[len(lines)-1]; last != c.last {
			t.Errorf("%s: %q, want %q", c.name, last[:min(len(last), 100)], c.last)
		}
		if _, size := total(t, c.data, small); size != c.size {
			t.Errorf("%s: %d bytes, want %d", c.name, size, c.size)
		}
	}
}

// Broken documents that could make a reader go back again and again are read in time that grows with their length. All
// of them together take half a second; looking for a word from every place anew takes a quarter of a minute.
func TestPDFTime(t *testing.T) {
	const size = 2 << 20
	begin := time.Now()
	for _, piece := range []string{
		"1 0 obj<<", "1 0 obj (", "1 0 obj[", "trailer<<", "trailer(", "1 0 obj<<>>stream\n", "1 0 obj<</Length 2 0 R>>stream\n 2 0 obj 9 ",
		"1 0 obj 1 ", "<", "(", "obj", "obj trailer ", "1 0 obj %", "1 0 obj /A", "1 0 obj 12 0 ", "1 0 obj<</EF 1 0 R", "/", "\\",
	} {
		total(t, []byte("%PDF-1.7\n1 0 obj\n"+strings.Repeat(piece, size/len(piece))), DefaultLimits())
		if took := time.Since(begin); took > 5*time.Second {
			t.Fatalf("it took %v up to %q again and again", took, piece)
		}
	}
}
