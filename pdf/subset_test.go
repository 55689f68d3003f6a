package pdf

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/go-fonts/liberation/liberationsansregular"
)

func TestSubsetIsASoundFont(t *testing.T) {
	font, err := parseTrueType(liberationsansregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	// Ä is composed of A and the dots; both must come along.
	umlaut, letter := font.glyphOf['Ä'], font.glyphOf['A']
	file, kept, err := font.subset([]uint16{umlaut})
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) < 4 || !bytes.Contains(glyphBytes(kept), glyphBytes([]uint16{letter})) {
		t.Errorf("kept %v, want .notdef, Ä (%d), A (%d) and the dots", kept, umlaut, letter)
	}
	const whole = 0xB1B0AFBA // OpenType, head: the sum of a whole font
	if got := checksum(file); got != whole {
		t.Errorf("checksum of the file is %#x, want %#x", got, whole)
	}
	tables, err := fontTables(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"} {
		if len(tables[tag]) == 0 {
			t.Errorf("table %s is missing", tag)
		}
	}
	for _, g := range kept {
		if got := int64(binary.BigEndian.Uint16(tables["hmtx"][4*int(g):])); got != font.advance[g] {
			t.Errorf("glyph %d is %d units wide, in the font %d", g, got, font.advance[g])
		}
	}
	start := binary.BigEndian.Uint32(tables["loca"][4*int(letter):])
	end := binary.BigEndian.Uint32(tables["loca"][4*int(letter)+4:])
	outline := tables["glyf"][start:end]
	original := font.glyf[font.loca[letter]:font.loca[letter+1]]
	if !bytes.Equal(outline[:10], original[:10]) {
		t.Error("the box of A changed")
	}
	if len(outline) >= len(original) {
		t.Errorf("A takes %d bytes, with hinting %d", len(outline), len(original))
	}
}

func glyphBytes(glyphs []uint16) []byte {
	var out []byte
	for _, g := range glyphs {
		out = binary.BigEndian.AppendUint16(out, g)
	}
	return out
}

func TestWidthsOfArial(t *testing.T) {
	// Liberation Sans is metric compatible with Arial: published widths per 1000 of the size are 556 for digits and
	// the euro, 278 for the blank, 667 for A and Ä, 584 for the multiplication sign.
	f := testRenderer(t).fonts.regular
	for r, want := range map[rune]int64{'0': 556, '9': 556, '€': 556, ' ': 278, 'A': 667, 'Ä': 667, '×': 584} {
		if got := f.font.perMille(f.font.advance[f.glyph(r)]); got != want {
			t.Errorf("%q is %d wide, want %d", r, got, want)
		}
	}
}

func TestDamagedFonts(t *testing.T) {
	whole := liberationsansregular.TTF
	for _, n := range []int{0, 4, 11, 12, 100, 5000, 100_000, len(whole) - 200_000} {
		if _, err := newFace("Test", false, whole[:n]); err == nil {
			t.Errorf("the first %d bytes pass as a font", n)
		}
	}
}

func FuzzFont(f *testing.F) {
	f.Add(uint32(0), uint8(0xFF))
	f.Add(uint32(300), uint8(0x7F))
	whole := liberationsansregular.TTF
	f.Fuzz(func(t *testing.T, at uint32, value uint8) {
		data := bytes.Clone(whole)
		data[int(at)%len(data)] = value
		font, err := parseTrueType(data)
		if err != nil {
			return
		}
		var all []uint16
		for g := range font.advance {
			all = append(all, uint16(g))
		}
		if _, _, err := font.subset(all); err != nil {
			return
		}
	})
}
