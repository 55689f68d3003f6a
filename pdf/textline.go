package pdf

import (
	"strings"
	"unicode"
)

// noBreak is a blank at which no line breaks; on the page it is one like the others.
const noBreak = '\u00a0'

func breaks(r rune) bool { return unicode.IsSpace(r) && r != noBreak }

// breakLines breaks a text at blanks so that every line fits a width in mm; a word that is wider than a line is cut.
// An empty text has no lines.
func (f *face) breakLines(text string, size, width float64) []string {
	if text == "" {
		return nil
	}
	if f.width(text, size) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(text, breaks) {
		candidate := word
		if line != "" {
			candidate = line + " " + word
		}
		if f.width(candidate, size) <= width {
			line = candidate
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		pieces := f.cutWord(word, size, width)
		lines = append(lines, pieces[:len(pieces)-1]...)
		line = pieces[len(pieces)-1]
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cutWord cuts a word into pieces that fit the width; each piece has at least one character.
func (f *face) cutWord(word string, size, width float64) []string {
	var pieces []string
	start, used := 0, 0.0
	for i, r := range word {
		w := f.width(string(r), size)
		if used+w > width && i > start {
			pieces = append(pieces, word[start:i])
			start, used = i, 0
		}
		used += w
	}
	return append(pieces, word[start:])
}

// limitLines breaks a text like breakLines and closes with an ellipsis what does not fit into so many lines.
func (f *face) limitLines(text string, size, width float64, most int) []string {
	lines := f.breakLines(text, size, width)
	if len(lines) <= most {
		return lines
	}
	last := []rune(lines[most-1])
	for len(last) > 0 && f.width(string(last)+"…", size) > width {
		last = last[:len(last)-1]
	}
	lines[most-1] = strings.TrimRight(string(last), " ") + "…"
	return lines[:most]
}
