package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// printable returns a text the fonts can show: composed letters, blanks for line ends and other controls, invisible
// marks left out, and for what the fonts do not have the letter without its marks or else the substitute. A run of
// unknown characters (an emoji with its modifiers) becomes one box. Nothing fails, nothing is silently lost.
func (s *fontSet) printable(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	unknown := false
	for _, r := range norm.NFC.String(strings.ToValidUTF8(text, string(substitute))) {
		if s.has(r) {
			b.WriteRune(r)
			unknown = false
			continue
		}
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
			unknown = false
		case r == '\u2010' || r == '\u2011': // hyphens of typesetting programs
			b.WriteByte('-')
			unknown = false
		case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Sk):
			// joiners, variation selectors, skin tones: nothing to see
		default:
			if base, ok := s.withoutMarks(r); ok {
				b.WriteString(base)
				unknown = false
			} else if !unknown {
				b.WriteRune(substitute)
				unknown = true
			}
		}
	}
	return b.String()
}

// isPlain reports whether a text is printable ASCII or a common German letter, which every font here has.
func isPlain(text string) bool {
	for _, r := range text {
		if r >= 0x20 && r < 0x7F {
			continue
		}
		switch r {
		case 'ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü', 'ß', '€', '–', '·', '×':
			continue
		}
		return false
	}
	return true
}

// has reports whether the fonts can show a character. The blank that does not break is drawn like the one that does.
func (s *fontSet) has(r rune) bool {
	return r == noBreak || s.regular.wide.runes[r] && s.bold.wide.runes[r]
}

// withoutMarks takes a character apart (compatibility decomposition, Unicode annex 15) and keeps what can be shown.
func (s *fontSet) withoutMarks(r rune) (string, bool) {
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(buf[:n])) {
		switch {
		case s.has(part):
			b.WriteRune(part)
		case !unicode.In(part, unicode.Mn):
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}
