package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sections have their title in a column at the left.
const (
	titleWidth   = 9
	sectionWidth = screenWidth - titleWidth
)

// screen collects lines for a terminal of fixed width.
type screen struct {
	b     strings.Builder
	lines int
}

func (s *screen) String() string { return s.b.String() }

// line adds a line, cut where it is too long.
func (s *screen) line(text string) {
	s.b.WriteString(strings.TrimRight(fit(text, screenWidth), " ") + "\n")
	s.lines++
}

func (s *screen) rule() { s.line(strings.Repeat("-", screenWidth)) }

// ends adds a line with one text at the left and one at the right edge.
func (s *screen) ends(left, right string) { s.line(columns(screenWidth, left, "  "+right)) }

// beside adds two blocks of lines next to each other.
func (s *screen) beside(left, right []string) {
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		s.line(pad(l, halfWidth+halfGap) + r)
	}
}

// section adds lines with a title at the left of the first.
func (s *screen) section(title string, lines []string) {
	if len(lines) == 0 {
		lines = []string{"none"}
	}
	for _, l := range lines {
		s.line(pad(title, titleWidth) + fit(l, sectionWidth))
		title = ""
	}
}

// wrapped breaks a text at blanks into at most so many lines; all but the first are indented like the lead.
func wrapped(lead, text string, wide, most int) []string {
	indent := strings.Repeat(" ", width(lead))
	lines := []string{lead}
	empty := true
	for _, word := range strings.Fields(clean(text)) {
		last := len(lines) - 1
		switch {
		case empty:
			lines[last] += word
		case width(lines[last])+1+width(word) <= wide:
			lines[last] += " " + word
		case len(lines) == most:
			lines[last] = fit(lines[last], wide-3) + " .."
			return lines
		default:
			lines = append(lines, indent+word)
		}
		empty = false
	}
	for i, l := range lines {
		lines[i] = fit(l, wide)
	}
	return lines
}

// columns puts a name at the left and cells at the right edge of a line; the name gives way.
func columns(wide int, name string, cells ...string) string {
	tail := clean(strings.Join(cells, ""))
	return pad(fit(name, max(wide-width(tail), 0)), wide-width(tail)) + tail
}

// fit shortens a text that is wider than a column at its end.
func fit(s string, wide int) string {
	s = clean(s)
	switch {
	case width(s) <= wide:
		return s
	case wide < 3:
		return string([]rune(s)[:max(wide, 0)])
	}
	return string([]rune(s)[:wide-2]) + ".."
}

// fitEnd shortens a text behind its first keep characters, so that its end stays.
func fitEnd(s string, wide, keep int) string {
	s = clean(s)
	over := width(s) - wide
	if over <= 0 {
		return s
	}
	runes := []rune(s)
	return string(runes[:keep]) + ".." + string(runes[keep+over+2:])
}

func pad(s string, wide int) string {
	return s + strings.Repeat(" ", max(wide-width(s), 0))
}

func right(s string, wide int) string {
	return strings.Repeat(" ", max(wide-width(s), 0)) + s
}

func width(s string) int { return utf8.RuneCountInString(s) }

// clean replaces what a terminal would not print as one character: control and format characters (escape sequences,
// text direction), invalid bytes, marks that join the letter before them.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			return '?'
		}
		return r
	}, s)
}
