package pdf

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A small reader of our files that shares no code with the writer: it follows the cross-reference table, inflates
// the streams with the standard library and turns glyph numbers back into characters by the ToUnicode maps.

type placed struct {
	page, font int
	x, y, w    float64 // mm from the upper left corner; y is the baseline
	size       float64
	text       string
}

type pdfFile struct {
	objects map[int][]byte
	trailer string
}

func openPDF(t testing.TB, data []byte) pdfFile {
	t.Helper()
	if !bytes.HasPrefix(data, []byte("%PDF-1.7\n%")) || !bytes.HasSuffix(data, []byte("%%EOF\n")) {
		t.Fatal("no PDF 1.7 header or end")
	}
	start := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(data)
	if start == nil {
		t.Fatal("no startxref")
	}
	at, _ := strconv.Atoi(string(start[1]))
	head := regexp.MustCompile(`^xref\n0 (\d+)\n`).FindSubmatch(data[at:])
	if head == nil {
		t.Fatalf("no cross-reference table at %d", at)
	}
	count, _ := strconv.Atoi(string(head[1]))
	table := data[at+len(head[0]):]
	f := pdfFile{objects: map[int][]byte{}, trailer: string(table[20*count:])}
	for n := 1; n < count; n++ {
		entry := string(table[20*n : 20*n+20])
		if !strings.HasSuffix(entry, " 00000 n \n") {
			t.Fatalf("object %d: entry %q", n, entry)
		}
		offset, _ := strconv.Atoi(entry[:10])
		label := fmt.Sprintf("%d 0 obj\n", n)
		if !bytes.HasPrefix(data[offset:], []byte(label)) {
			t.Fatalf("object %d is not at %d", n, offset)
		}
		body := data[offset+len(label):]
		f.objects[n] = body[:bytes.Index(body, []byte("\nendobj\n"))]
	}
	return f
}

func (f pdfFile) reference(t testing.TB, object int, key string) int {
	t.Helper()
	m := regexp.MustCompile(key + ` \[?(\d+) 0 R`).FindSubmatch(f.objects[object])
	if m == nil {
		t.Fatalf("object %d has no %s: %.200s", object, key, f.objects[object])
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

func (f pdfFile) stream(t testing.TB, object int) []byte {
	t.Helper()
	head, data, ok := bytes.Cut(f.objects[object], []byte("\nstream\n"))
	m := regexp.MustCompile(`/Length (\d+)`).FindSubmatch(head)
	if !ok || m == nil {
		t.Fatalf("object %d is no stream", object)
	}
	n, _ := strconv.Atoi(string(m[1]))
	r, err := zlib.NewReader(bytes.NewReader(data[:n]))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (f pdfFile) pages(t testing.TB) []int {
	t.Helper()
	catalog := regexp.MustCompile(`/Root (\d+) 0 R`).FindStringSubmatch(f.trailer)
	root, _ := strconv.Atoi(catalog[1])
	tree := f.objects[f.reference(t, root, "/Pages")]
	var out []int
	for _, m := range regexp.MustCompile(` (\d+) 0 R`).FindAllSubmatch(tree[:bytes.Index(tree, []byte("]"))], -1) {
		n, _ := strconv.Atoi(string(m[1]))
		out = append(out, n)
	}
	return out
}

// fontReader maps the codes of a font to characters and widths.
type fontReader struct {
	char  map[string]string
	width map[int]float64
}

func (f pdfFile) font(t testing.TB, object int) fontReader {
	t.Helper()
	out := fontReader{map[string]string{}, map[int]float64{}}
	for _, m := range regexp.MustCompile(`<(\w{4})> <(\w{4})>\n`).FindAllSubmatch(f.stream(t, f.reference(t, object, "/ToUnicode")), -1) {
		r, _ := strconv.ParseUint(string(m[2]), 16, 32)
		out.char[string(m[1])] = string(rune(r))
	}
	descendant := f.objects[f.reference(t, object, "/DescendantFonts")]
	for _, m := range regexp.MustCompile(`(\d+)\[([\d ]+)\]`).FindAllSubmatch(descendant, -1) {
		g, _ := strconv.Atoi(string(m[1]))
		for _, w := range strings.Fields(string(m[2])) {
			out.width[g], _ = strconv.ParseFloat(w, 64)
			g++
		}
	}
	return out
}

var showText = regexp.MustCompile(`BT (?:/F(\d) ([\d.]+) Tf )?([-\d.]+) ([-\d.]+) Td <(\w*)> Tj ET`)

// texts returns every piece of text in reading order.
func texts(t testing.TB, data []byte) []placed {
	t.Helper()
	f := openPDF(t, data)
	pages := f.pages(t)
	tree := f.reference(t, pages[0], "/Parent")
	fonts := []fontReader{f.font(t, f.reference(t, tree, "/F1")), f.font(t, f.reference(t, tree, "/F2"))}
	const mm = 25.4 / 72
	var out []placed
	for i, page := range pages {
		font, size := 0, 0.0
		for _, m := range showText.FindAllSubmatch(f.stream(t, f.reference(t, page, "/Contents")), -1) {
			if len(m[1]) > 0 {
				font = int(m[1][0] - '1')
				size, _ = strconv.ParseFloat(string(m[2]), 64)
			}
			p := placed{page: i + 1, font: font, size: size}
			p.x, _ = strconv.ParseFloat(string(m[3]), 64)
			p.y, _ = strconv.ParseFloat(string(m[4]), 64)
			p.x, p.y = p.x*mm, 297-p.y*mm
			for code := range slices.Chunk(m[5], 4) {
				char, ok := fonts[font].char[string(code)]
				if !ok {
					t.Fatalf("page %d: glyph %s has no character", i+1, code)
				}
				p.text += char
				g, _ := hex.DecodeString(string(code))
				w, ok := fonts[font].width[int(g[0])<<8|int(g[1])]
				if !ok {
					t.Fatalf("page %d: glyph %s has no width", i+1, code)
				}
				p.w += w / 1000 * size * mm
			}
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.page, b.page), cmp.Compare(int(a.y*10+0.5), int(b.y*10+0.5)), cmp.Compare(a.x, b.x))
	})
	return out
}

// textLines joins what stands on one baseline, as a reader would.
func textLines(pieces []placed) []string {
	var out []string
	for i, p := range pieces {
		if i > 0 && sameLine(pieces[i-1], p) {
			out[len(out)-1] += " " + p.text
			continue
		}
		out = append(out, p.text)
	}
	return out
}

func sameLine(a, b placed) bool { return a.page == b.page && b.y-a.y < 0.3 && a.y-b.y < 0.3 }

// sheetText prints pages for a golden file: where each line begins and what it says.
func sheetText(pieces []placed) string {
	var b strings.Builder
	for i, p := range pieces {
		switch {
		case i == 0 || pieces[i-1].page != p.page:
			fmt.Fprintf(&b, "\n== page %d\n%5.1f  ", p.page, p.y)
		case !sameLine(pieces[i-1], p):
			fmt.Fprintf(&b, "\n%5.1f  ", p.y)
		default:
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "%.0f: %s", p.x, p.text)
	}
	return strings.TrimLeft(b.String(), "\n") + "\n"
}
