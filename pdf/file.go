package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"unicode/utf16"

	"github.com/klauspost/compress/zlib"

	"wattdue/calendar"
)

// about is what the file says of itself outside its pages.
type about struct {
	title, author, subject string
	created                calendar.Date
}

// producer names the writer of the file. It has no version: the engine version stands in the document.
const producer = "wattdue"

// Objects per font and per page.
const (
	fontObjects = 5 // font, descendant, descriptor, program, map to Unicode
	pageObjects = 2 // page, content
)

// Fixed object numbers; the pages follow from objPage on.
const (
	objCatalog = 1
	objPages   = 2
	objInfo    = 3
	objRegular = 4
	objBold    = objRegular + fontObjects
	objPage    = objBold + fontObjects
)

// file writes a PDF 1.7 (ISO 32000-1) object by object. Nothing in it depends on time, chance or the order of a map.
type file struct {
	out     []byte
	offsets []int // by object number
}

// writeFile joins the pages to a document.
func writeFile(fonts *fontSet, pages []*content, wide bool, a about, pack *packer) []byte {
	size := 64 << 10
	f := &file{out: make([]byte, 0, size), offsets: make([]int, objPage+pageObjects*len(pages))}
	// The comment with bytes above 127 marks the file as binary (7.5.2).
	f.out = append(f.out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"...)
	f.begin(objCatalog)
	f.printf("<< /Type /Catalog /Pages %d 0 R /Lang (de-DE) /ViewerPreferences << /DisplayDocTitle true >> >>", objPages)
	f.end()
	f.pageTree(len(pages))
	f.info(a)
	f.font(objRegular, fonts.regular, wide)
	f.font(objBold, fonts.bold, wide)
	for i, p := range pages {
		f.page(objPage+pageObjects*i, p, pack)
	}
	f.trailer()
	return f.out
}

func (f *file) printf(format string, args ...any) { f.out = fmt.Appendf(f.out, format, args...) }

func (f *file) begin(object int) {
	f.offsets[object] = len(f.out)
	f.printf("%d 0 obj\n", object)
}

func (f *file) end() { f.out = append(f.out, "\nendobj\n"...) }

func (f *file) stream(object int, entries string, deflated []byte) {
	f.begin(object)
	f.printf("<< /Filter /FlateDecode /Length %d%s >>\nstream\n", len(deflated), entries)
	f.out = append(f.out, deflated...)
	f.out = append(f.out, "\nendstream"...)
	f.end()
}

func (f *file) pageTree(count int) {
	f.begin(objPages)
	f.printf("<< /Type /Pages /Count %d /Kids [", count)
	for i := range count {
		f.printf(" %d 0 R", objPage+pageObjects*i)
	}
	f.printf(" ] /MediaBox [0 0 595.28 841.89] /Resources << /Font << /F1 %d 0 R /F2 %d 0 R >> >> >>",
		objRegular, objBold)
	f.end()
}

func (f *file) info(a about) {
	f.begin(objInfo)
	f.printf("<< /Title %s /Author %s /Subject %s /Creator %s /Producer %s", textString(a.title),
		textString(a.author), textString(a.subject), textString(producer), textString(producer))
	day := fmt.Sprintf("(D:%04d%02d%02d000000Z)", a.created.Year, int(a.created.Month), a.created.Day)
	f.printf(" /CreationDate %s /ModDate %s >>", day, day)
	f.end()
}

// font writes a composite font with TrueType outlines (9.7): glyph numbers are its character codes.
func (f *file) font(object int, v *face, wide bool) {
	p := v.narrow
	if wide {
		p = v.wide
	}
	name := p.tag + "+" + v.name
	descendant, descriptor, program, toUnicode := object+1, object+2, object+3, object+4
	f.begin(object)
	f.printf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H "+
		"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, descendant, toUnicode)
	f.end()
	f.begin(descendant)
	f.printf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /FontDescriptor %d 0 R /CIDToGIDMap /Identity "+
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W ", name, descriptor)
	f.out = append(f.out, p.widths...)
	f.out = append(f.out, " >>"...)
	f.end()
	stem, t := 80, v.font
	if v.bold {
		stem = 140
	}
	const nonsymbolic = 32
	f.begin(descriptor)
	f.printf("<< /Type /FontDescriptor /FontName /%s /Flags %d /FontBBox [%d %d %d %d] /ItalicAngle 0 "+
		"/Ascent %d /Descent %d /CapHeight %d /StemV %d /FontFile2 %d 0 R >>", name, nonsymbolic,
		t.perMille(t.bbox[0]), t.perMille(t.bbox[1]), t.perMille(t.bbox[2]), t.perMille(t.bbox[3]),
		t.perMille(t.ascent), t.perMille(t.descent), t.perMille(t.capHeight), stem, program)
	f.end()
	f.stream(program, fmt.Sprintf(" /Length1 %d", p.length), p.file)
	f.stream(toUnicode, "", p.toUnicode)
}

func (f *file) page(object int, c *content, pack *packer) {
	f.begin(object)
	f.printf("<< /Type /Page /Parent %d 0 R /Contents %d 0 R", objPages, object+1)
	if len(c.links) > 0 {
		f.printf(" /Annots [")
		for _, l := range c.links {
			f.printf(" << /Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect [")
			for _, v := range [4]float64{l.x, pageHeight - l.y - l.h, l.x + l.w, pageHeight - l.y} {
				f.out = appendScaled(f.out, int64(v*pointsPerMM*100), 100)
				f.out = append(f.out, ' ')
			}
			f.printf("] /A << /S /URI /URI %s >> >>", byteString(l.target))
		}
		f.printf(" ]")
	}
	f.printf(" >>")
	f.end()
	f.stream(object+1, "", pack.deflate(c.ops))
}

func (f *file) trailer() {
	// The file identifier is made of the content (14.4), so that a repeated run gives the same file.
	sum := sha256.Sum256(f.out)
	start := len(f.out)
	f.printf("xref\n0 %d\n0000000000 65535 f \n", len(f.offsets))
	for _, at := range f.offsets[1:] {
		f.printf("%010d 00000 n \n", at)
	}
	f.printf("trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets), objCatalog, objInfo, sum[:16], sum[:16], start)
}

// textString writes a text of the information dictionary in UTF-16 with byte order mark (7.9.2.2).
func textString(text string) string {
	out := []byte("<FEFF")
	for _, u := range utf16.Encode([]rune(text)) {
		out = fmt.Appendf(out, "%04X", u)
	}
	return string(append(out, '>'))
}

// byteString writes bytes as a literal string (7.3.4.2).
func byteString(text string) []byte {
	out := []byte{'('}
	for _, b := range []byte(text) {
		switch {
		case b == '(' || b == ')' || b == '\\':
			out = append(out, '\\', b)
		case b < 0x20 || b > 0x7E:
			out = fmt.Appendf(out, "\\%03o", b)
		default:
			out = append(out, b)
		}
	}
	return append(out, ')')
}

// packer deflates the streams of one document with one writer.
type packer struct {
	buffer bytes.Buffer
	writer *zlib.Writer
}

func newPacker(level int) *packer {
	p := &packer{}
	w, err := zlib.NewWriterLevel(&p.buffer, level)
	if err != nil {
		panic("pdf: compression level: " + err.Error()) // a constant of ours is wrong
	}
	p.writer = w
	return p
}

// deflate returns the compressed data; the result is valid until the next call.
func (p *packer) deflate(data []byte) []byte {
	p.buffer.Reset()
	p.writer.Reset(&p.buffer)
	// A bytes.Buffer takes every write, so that neither call can fail.
	_, _ = p.writer.Write(data)
	_ = p.writer.Close()
	return p.buffer.Bytes()
}

func deflate(data []byte, level int) []byte { return newPacker(level).deflate(data) }
