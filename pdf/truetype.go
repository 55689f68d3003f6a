package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// trueType is a TrueType font as far as a PDF needs it: metrics, the character map and the outlines. The layout of
// its tables follows the OpenType specification 1.9, chapters head, hhea, maxp, hmtx, cmap (format 4), loca, glyf.
type trueType struct {
	head, hhea, maxp, glyf []byte
	loca                   []uint32 // glyph count + 1 offsets into glyf
	unitsPerEm             int64
	bbox                   [4]int64
	ascent, descent        int64
	capHeight              int64
	advance                []int64 // font units by glyph
	bearing                []int16 // left side bearing by glyph
	glyphOf                map[rune]uint16
}

var errFont = errors.New("font: damaged or not TrueType")

func parseTrueType(data []byte) (*trueType, error) {
	tables, err := fontTables(data)
	if err != nil {
		return nil, err
	}
	f := &trueType{head: tables["head"], hhea: tables["hhea"], maxp: tables["maxp"], glyf: tables["glyf"]}
	if len(f.head) < 54 || len(f.hhea) < 36 || len(f.maxp) < 6 {
		return nil, errFont
	}
	f.unitsPerEm = int64(binary.BigEndian.Uint16(f.head[18:]))
	if f.unitsPerEm == 0 {
		return nil, errFont
	}
	for i := range f.bbox {
		f.bbox[i] = int64(int16(binary.BigEndian.Uint16(f.head[36+2*i:])))
	}
	f.ascent = int64(int16(binary.BigEndian.Uint16(f.hhea[4:])))
	f.descent = int64(int16(binary.BigEndian.Uint16(f.hhea[6:])))
	f.capHeight = f.ascent
	if os2 := tables["OS/2"]; len(os2) >= 90 && binary.BigEndian.Uint16(os2) >= 2 {
		f.capHeight = int64(int16(binary.BigEndian.Uint16(os2[88:])))
	}
	glyphs := int(binary.BigEndian.Uint16(f.maxp[4:]))
	if err := f.readWidths(tables["hmtx"], glyphs); err != nil {
		return nil, err
	}
	if err := f.readOffsets(tables["loca"], glyphs); err != nil {
		return nil, err
	}
	return f, f.readCharacters(tables["cmap"], glyphs)
}

func fontTables(data []byte) (map[string][]byte, error) {
	if len(data) < 12 {
		return nil, errFont
	}
	n := int(binary.BigEndian.Uint16(data[4:]))
	if len(data) < 12+16*n {
		return nil, errFont
	}
	tables := make(map[string][]byte, n)
	for i := range n {
		entry := data[12+16*i:]
		start := uint64(binary.BigEndian.Uint32(entry[8:]))
		size := uint64(binary.BigEndian.Uint32(entry[12:]))
		if start+size > uint64(len(data)) {
			return nil, fmt.Errorf("%w: table %s ends outside the file", errFont, entry[:4])
		}
		tables[string(entry[:4])] = data[start : start+size]
	}
	return tables, nil
}

func (f *trueType) readWidths(hmtx []byte, glyphs int) error {
	long := int(binary.BigEndian.Uint16(f.hhea[34:]))
	if long == 0 || long > glyphs || len(hmtx) < 4*long+2*(glyphs-long) {
		return fmt.Errorf("%w: hmtx", errFont)
	}
	f.advance = make([]int64, glyphs)
	f.bearing = make([]int16, glyphs)
	for g := range glyphs {
		if g < long {
			f.advance[g] = int64(binary.BigEndian.Uint16(hmtx[4*g:]))
			f.bearing[g] = int16(binary.BigEndian.Uint16(hmtx[4*g+2:]))
			continue
		}
		f.advance[g] = f.advance[long-1]
		f.bearing[g] = int16(binary.BigEndian.Uint16(hmtx[4*long+2*(g-long):]))
	}
	return nil
}

func (f *trueType) readOffsets(loca []byte, glyphs int) error {
	wide := binary.BigEndian.Uint16(f.head[50:]) == 1
	if wide && len(loca) < 4*(glyphs+1) || !wide && len(loca) < 2*(glyphs+1) {
		return fmt.Errorf("%w: loca", errFont)
	}
	f.loca = make([]uint32, glyphs+1)
	for g := range f.loca {
		if wide {
			f.loca[g] = binary.BigEndian.Uint32(loca[4*g:])
		} else {
			f.loca[g] = 2 * uint32(binary.BigEndian.Uint16(loca[2*g:]))
		}
		if f.loca[g] > uint32(len(f.glyf)) || g > 0 && f.loca[g] < f.loca[g-1] {
			return fmt.Errorf("%w: loca of glyph %d", errFont, g)
		}
	}
	return nil
}

// readCharacters reads the Unicode map for the basic plane (platform 3, encoding 1, format 4).
func (f *trueType) readCharacters(cmap []byte, glyphs int) error {
	table, err := unicodeMap(cmap)
	if err != nil {
		return err
	}
	segments := int(binary.BigEndian.Uint16(table[6:])) / 2
	if len(table) < 16+8*segments {
		return fmt.Errorf("%w: cmap", errFont)
	}
	word := func(i int) int {
		if i+2 > len(table) {
			return 0
		}
		return int(binary.BigEndian.Uint16(table[i:]))
	}
	f.glyphOf = make(map[rune]uint16, glyphs)
	for s := range segments {
		last := word(14 + 2*s)
		first := word(16 + 2*segments + 2*s)
		delta := word(16 + 4*segments + 2*s)
		at := 16 + 6*segments + 2*s
		offset := word(at)
		for c := first; c <= last && c < 0xFFFF; c++ {
			g := c
			if offset != 0 {
				if g = word(at + offset + 2*(c-first)); g == 0 {
					continue
				}
			}
			g = (g + delta) & 0xFFFF
			if g > 0 && g < glyphs {
				f.glyphOf[rune(c)] = uint16(g)
			}
		}
	}
	return nil
}

func unicodeMap(cmap []byte) ([]byte, error) {
	if len(cmap) < 4 {
		return nil, fmt.Errorf("%w: cmap", errFont)
	}
	n := int(binary.BigEndian.Uint16(cmap[2:]))
	for i := range n {
		if len(cmap) < 12+8*i {
			break
		}
		entry := cmap[4+8*i:]
		start := uint64(binary.BigEndian.Uint32(entry[4:]))
		if binary.BigEndian.Uint16(entry) != 3 || binary.BigEndian.Uint16(entry[2:]) != 1 || start+16 > uint64(len(cmap)) {
			continue
		}
		if table := cmap[start:]; binary.BigEndian.Uint16(table) == 4 {
			return table, nil
		}
	}
	return nil, fmt.Errorf("%w: no Unicode character map", errFont)
}
