package cdr

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape resolves the escapes of a JSON string whose grammar was checked. It reports false for half of a
// surrogate pair, which names no character and cannot be stored.
func unescape(raw []byte) ([]byte, bool) {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		c := raw[i+1]
		if c != 'u' {
			out = append(out, simpleEscape(c))
			i += 2
			continue
		}
		r := codeUnit(raw[i+2:])
		i += 6
		if utf16.IsSurrogate(r) {
			if i+6 > len(raw) || raw[i] != '\\' || raw[i+1] != 'u' {
				return nil, false
			}
			r = utf16.DecodeRune(r, codeUnit(raw[i+2:]))
			if r == utf8.RuneError {
				return nil, false
			}
			i += 6
		}
		out = utf8.AppendRune(out, r)
	}
	return out, true
}

func simpleEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// codeUnit reads four hexadecimal digits.
func codeUnit(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		r = r<<4 | rune(hexDigit(c))
	}
	return r
}
