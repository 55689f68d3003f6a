package pdf

import (
	"cmp"
	"fmt"
	"slices"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
)

// substitute stands for a character no font of the document can show: a visible box, as in the printing trade, and
// a character of its own, so that the text of the page can still be read out.
const substitute = '□'

// face is one embedded font with two ready-made programs. The narrow one holds the characters of European Latin
// scripts and is enough for nearly every document; the wide one holds every left-to-right character of the font and
// is used when a document needs it. Both use the same glyph numbers. A face is read only.
type face struct {
	name   string // PostScript name
	bold   bool
	font   *trueType
	narrow program
	wide   program

	// Glyphs of the first characters, as a table: they make up nearly all text and are looked up all the time.
	glyphs [tableSize]uint16
}

const tableSize = 0x180

// program is an embedded subset, ready to be copied into documents.
type program struct {
	runes     map[rune]bool
	file      []byte // deflated font file
	length    int    // of the font file before compression
	widths    []byte // W array, ISO 32000-1, 9.7.4.3
	toUnicode []byte // deflated map from glyphs to characters, 9.10.3
	tag       string // subset tag of six letters, 9.6.4
}

type fontSet struct{ regular, bold *face }

func loadFonts() (*fontSet, error) {
	regular, err := newFace("LiberationSans", false, liberationsansregular.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := newFace("LiberationSans-Bold", true, liberationsansbold.TTF)
	if err != nil {
		return nil, err
	}
	return &fontSet{regular, bold}, nil
}

func newFace(name string, bold bool, data []byte) (*face, error) {
	font, err := parseTrueType(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if font.glyphOf[substitute] == 0 || font.glyphOf[' '] == 0 {
		return nil, fmt.Errorf("%s: %w: no box or no space", name, errFont)
	}
	f := &face{name: name, bold: bold, font: font}
	if f.narrow, err = font.program(isNarrow); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for r := range f.glyphs {
		f.glyphs[r] = font.glyphOf[substitute]
		if g, ok := font.glyphOf[rune(r)]; ok {
			f.glyphs[r] = g
		}
	}
	if f.wide, err = font.program(isLeftToRight); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// isNarrow reports whether a character belongs to the narrow program: Latin, Latin-1, Latin Extended-A, the comma
// letters of Romanian, and typographic signs.
func isNarrow(r rune) bool {
	switch {
	case r >= 0x20 && r < 0x7F, r > 0xA0 && r < 0x180 && r != 0xAD, r >= 0x218 && r <= 0x21B:
		return true
	}
	return slices.Contains([]rune("–—‘’‚“”„†•…‰‹›€™→−≤≥ẞ□"), r)
}

// isLeftToRight leaves out scripts that would need reordering, and characters without a shape of their own.
func isLeftToRight(r rune) bool {
	if r == 0xA0 || r == 0xAD || r == unicode.ReplacementChar || !unicode.IsGraphic(r) {
		return false
	}
	return !unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Mn)
}

func (f *trueType) program(wanted func(rune) bool) (program, error) {
	type pair struct {
		glyph uint16
		char  rune
	}
	var pairs []pair
	runes := map[rune]bool{}
	for char, glyph := range f.glyphOf {
		if wanted(char) {
			pairs = append(pairs, pair{glyph, char})
			runes[char] = true
		}
	}
	// The map has no order; documents must have one. Of several characters with one shape the lowest is read out.
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.glyph, b.glyph), cmp.Compare(a.char, b.char))
	})
	pairs = slices.CompactFunc(pairs, func(a, b pair) bool { return a.glyph == b.glyph })
	glyphs := make([]uint16, len(pairs))
	chars := make([]rune, len(pairs))
	for i, p := range pairs {
		glyphs[i], chars[i] = p.glyph, p.char
	}
	file, kept, err := f.subset(glyphs)
	if err != nil {
		return program{}, err
	}
	return program{
		runes: runes, file: deflate(file, 9), length: len(file),
		widths:    f.widthArray(kept),
		toUnicode: deflate(toUnicodeMap(glyphs, chars), 9),
		tag:       subsetTag(file),
	}, nil
}

// perMille converts font units to thousandths of the font size, rounded half up.
func (f *trueType) perMille(units int64) int64 {
	return (2*units*1000 + f.unitsPerEm) / (2 * f.unitsPerEm)
}

func (f *trueType) widthArray(glyphs []uint16) []byte {
	out := []byte{'['}
	for i, g := range glyphs {
		if i == 0 || glyphs[i-1]+1 != g {
			if i > 0 {
				out = append(out, ']')
			}
			out = fmt.Appendf(out, "%d[", g)
		} else {
			out = append(out, ' ')
		}
		out = fmt.Append(out, f.perMille(f.advance[g]))
	}
	return append(out, "]]"...)
}

func toUnicodeMap(glyphs []uint16, chars []rune) []byte {
	out := []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const most = 100 // entries per block, Adobe technical note 5014
	for start := 0; start < len(glyphs); start += most {
		end := min(start+most, len(glyphs))
		out = fmt.Appendf(out, "%d beginbfchar\n", end-start)
		for i := start; i < end; i++ {
			out = fmt.Appendf(out, "<%04X> <%04X>\n", glyphs[i], chars[i])
		}
		out = append(out, "endbfchar\n"...)
	}
	return append(out, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"...)
}

// subsetTag derives the six letters that mark a subset from its checksum.
func subsetTag(file []byte) string {
	sum := checksum(file[:len(file)&^3]) ^ uint32(len(file))*2654435761
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + byte(sum%26)
		sum /= 26
	}
	return string(tag)
}

// glyph returns the glyph of a character, or that of the substitute.
func (f *face) glyph(r rune) uint16 {
	if r == noBreak {
		r = ' '
	}
	if r >= 0 && r < tableSize {
		return f.glyphs[r]
	}
	if g, ok := f.font.glyphOf[r]; ok {
		return g
	}
	return f.font.glyphOf[substitute]
}

// needsWide reports whether a text has characters outside the narrow program.
func (f *face) needsWide(text string) bool {
	for _, r := range text {
		if (r < 0x20 || r > 0x7E) && !f.narrow.runes[r] {
			return true
		}
	}
	return false
}

// width returns the width of a text in mm at a font size in points.
func (f *face) width(text string, size float64) float64 {
	var units int64
	for _, r := range text {
		units += f.font.advance[f.glyph(r)]
	}
	return float64(units) / float64(f.font.unitsPerEm) * size / pointsPerMM
}
