package pdf

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Flags of a component of a composite glyph (OpenType 1.9, glyf).
const (
	argsAreWords    = 1 << 0
	hasScale        = 1 << 3
	moreComponents  = 1 << 5
	hasTwoScales    = 1 << 6
	hasMatrix       = 1 << 7
	hasInstructions = 1 << 8
)

// subset returns a font program that holds the outlines of the given glyphs and of what they are composed of.
// Glyphs keep their numbers, so that every subset of a font is written with the same codes. Hinting is left out:
// it would double the size, and printers and screens of today do without. The second result lists the kept glyphs in
// ascending order.
func (f *trueType) subset(glyphs []uint16) ([]byte, []uint16, error) {
	kept := map[uint16][]byte{0: nil}
	queue := append([]uint16{0}, glyphs...)
	for len(queue) > 0 {
		g := queue[0]
		queue = queue[1:]
		if kept[g] != nil {
			continue
		}
		if int(g) >= len(f.advance) {
			return nil, nil, fmt.Errorf("%w: no glyph %d", errFont, g)
		}
		outline, parts, err := bareOutline(f.glyf[f.loca[g]:f.loca[g+1]])
		if err != nil {
			return nil, nil, fmt.Errorf("glyph %d: %w", g, err)
		}
		kept[g] = outline
		queue = append(queue, parts...)
	}
	order := make([]uint16, 0, len(kept))
	for g := range kept {
		order = append(order, g)
	}
	slices.Sort(order)
	return f.assemble(order, kept), order, nil
}

// bareOutline copies an outline without its instructions and lists the glyphs it is composed of.
func bareOutline(data []byte) (outline []byte, parts []uint16, err error) {
	if len(data) == 0 {
		return []byte{}, nil, nil
	}
	if len(data) < 10 {
		return nil, nil, errFont
	}
	contours := int(int16(binary.BigEndian.Uint16(data)))
	if contours < 0 {
		return bareComposite(data)
	}
	at := 10 + 2*contours
	if len(data) < at+2 {
		return nil, nil, errFont
	}
	skip := int(binary.BigEndian.Uint16(data[at:]))
	if len(data) < at+2+skip {
		return nil, nil, errFont
	}
	outline = append(slices.Clone(data[:at]), 0, 0)
	return append(outline, data[at+2+skip:]...), nil, nil
}

func bareComposite(data []byte) (outline []byte, parts []uint16, err error) {
	outline = slices.Clone(data)
	at := 10
	for {
		if len(outline) < at+4 {
			return nil, nil, errFont
		}
		flags := binary.BigEndian.Uint16(outline[at:])
		binary.BigEndian.PutUint16(outline[at:], flags&^hasInstructions)
		parts = append(parts, binary.BigEndian.Uint16(outline[at+2:]))
		at += 4 + componentSize(flags)
		if len(outline) < at {
			return nil, nil, errFont
		}
		if flags&moreComponents == 0 {
			return outline[:at], parts, nil
		}
	}
}

// componentSize returns how many bytes follow the flags and the glyph number of a component.
func componentSize(flags uint16) int {
	n := 2
	if flags&argsAreWords != 0 {
		n = 4
	}
	switch {
	case flags&hasScale != 0:
		n += 2
	case flags&hasTwoScales != 0:
		n += 4
	case flags&hasMatrix != 0:
		n += 8
	}
	return n
}

// assemble writes the tables a PDF reader needs of an embedded font (ISO 32000-1, 9.9): the character map is not
// among them, since text is written by glyph number.
func (f *trueType) assemble(order []uint16, outlines map[uint16][]byte) []byte {
	count := int(order[len(order)-1]) + 1
	var glyf []byte
	loca := make([]byte, 0, 4*(count+1))
	hmtx := make([]byte, 0, 4*count)
	for g := range count {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		outline, ok := outlines[uint16(g)]
		if !ok {
			hmtx = append(hmtx, 0, 0, 0, 0)
			continue
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(f.advance[g]))
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(f.bearing[g]))
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	head, hhea, maxp := slices.Clone(f.head), slices.Clone(f.hhea), slices.Clone(f.maxp)
	binary.BigEndian.PutUint32(head[8:], 0)  // checksum of the file, filled in below
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint16(hhea[34:], uint16(count))
	binary.BigEndian.PutUint16(maxp[4:], uint16(count))
	return joinTables([]fontTable{
		{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp},
	})
}

type fontTable struct {
	tag  string
	data []byte
}

// joinTables writes the table directory and the tables, which must come in order of their tags.
func joinTables(tables []fontTable) []byte {
	out := []byte{0, 1, 0, 0}
	out = binary.BigEndian.AppendUint16(out, uint16(len(tables)))
	power := 1
	shift := 0
	for power*2 <= len(tables) {
		power, shift = power*2, shift+1
	}
	out = binary.BigEndian.AppendUint16(out, uint16(power*16))
	out = binary.BigEndian.AppendUint16(out, uint16(shift))
	out = binary.BigEndian.AppendUint16(out, uint16((len(tables)-power)*16))
	at := 12 + 16*len(tables)
	headAt := 0
	for _, t := range tables {
		if t.tag == "head" {
			headAt = at
		}
		out = append(out, t.tag...)
		out = binary.BigEndian.AppendUint32(out, checksum(t.data))
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	const magic = 0xB1B0AFBA // OpenType, head: checkSumAdjustment
	binary.BigEndian.PutUint32(out[headAt+8:], magic-checksum(out))
	return out
}

func checksum(data []byte) uint32 {
	var sum uint32
	for len(data) >= 4 {
		sum += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	var tail [4]byte
	copy(tail[:], data)
	return sum + binary.BigEndian.Uint32(tail[:])
}
