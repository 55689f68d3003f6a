package unpack

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// unescapeName undoes #46 and the like (7.3.5).
func unescapeName(b []byte) []byte {
	if bytes.IndexByte(b, '#') < 0 {
		return b
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if high, low := nibbleAt(b, i+1), nibbleAt(b, i+2); b[i] == '#' && high >= 0 && low >= 0 {
			out = append(out, byte(high<<4|low))
			i += 2
			continue
		}
		out = append(out, b[i])
	}
	return out
}

// nibbleAt reads a hexadecimal digit, -1 where there is none.
func nibbleAt(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch c := b[i]; {
	case digit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// decoded is the text of a text string (7.9.2.2): UTF-16 or UTF-8 with a mark, otherwise PDFDocEncoding, which is read
// as Latin-1; many writers put UTF-8 there.
func (v value) decoded() string {
	var b []byte
	switch v.kind {
	case literal:
		b = unescapeLiteral(v.text)
	case hexText:
		b = unescapeHex(v.text)
	default:
		return ""
	}
	if utf, ok := bytes.CutPrefix(b, []byte("\xfe\xff")); ok {
		units := make([]uint16, len(utf)/2)
		for i := range units {
			units[i] = uint16(utf[2*i])<<8 | uint16(utf[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

func unescapeHex(b []byte) []byte {
	var out []byte
	half := -1
	for i := range b {
		n := nibbleAt(b, i)
		switch {
		case n < 0:
		case half < 0:
			half = n
		default:
			out = append(out, byte(half<<4|n))
			half = -1
		}
	}
	if half >= 0 { // a missing last digit is a zero, 7.3.4.3
		out = append(out, byte(half<<4))
	}
	return out
}

// unescapeLiteral undoes the backslashes of 7.3.4.2.
func unescapeLiteral(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		switch c := b[i]; {
		case c >= '0' && c <= '7':
			n := 0
			for j := 0; j < 3 && i < len(b) && b[i] >= '0' && b[i] <= '7'; j++ {
				n = n<<3 | int(b[i]-'0')
				i++
			}
			i--
			out = append(out, byte(n))
		case c == '\r' && i+1 < len(b) && b[i+1] == '\n':
			i++ // a line that goes on
		case c == '\r' || c == '\n':
		default:
			if at := bytes.IndexByte([]byte("nrtbf"), c); at >= 0 {
				c = "\n\r\t\b\f"[at]
			}
			out = append(out, c)
		}
	}
	return out
}
