package invoicing

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	longestNumber = 20 // characters of a document number
	widestCounter = 12
)

// Series is a running number range of one issuer and tax registration. A number is the prefix followed by the counter,
// padded with zeros to the width; in SQL: prefix || lpad(n::text, width, '0'), for n up to Last. The counter starts
// at 1 and starts again only under another prefix.
type Series struct {
	Code   string
	Prefix string
	Width  int
}

// NewSeries returns the series of a pattern such as RE-{yyyy}-{n:7} in a year: literal letters, digits and hyphens,
// {yyyy} for the year if wanted, and {n:width} for the counter at the end. Numbers have at most 20 characters.
func NewSeries(code, pattern string, year int) (Series, error) {
	fault := func(format string, args ...any) (Series, error) {
		return Series{}, fmt.Errorf("series %q, pattern %q: %s", code, pattern, fmt.Sprintf(format, args...))
	}
	if code == "" {
		return fault("the code is missing")
	}
	if year < 1000 || year > 9999 {
		return fault("year %d: want four digits", year)
	}
	head, counter, ok := strings.Cut(pattern, "{n:")
	digits, rest, closed := strings.Cut(counter, "}")
	if !ok || !closed || rest != "" {
		return fault("want {n:width} at the end, such as RE-{yyyy}-{n:7}")
	}
	width := 0
	for _, r := range digits {
		if r < '0' || r > '9' || width > widestCounter {
			return fault("counter width %q: want 1 to %d", digits, widestCounter)
		}
		width = width*10 + int(r-'0')
	}
	if width < 1 || width > widestCounter {
		return fault("counter width %q: want 1 to %d", digits, widestCounter)
	}
	prefix := strings.ReplaceAll(head, "{yyyy}", fmt.Sprintf("%04d", year))
	if i := strings.IndexFunc(prefix, notNumberRune); i >= 0 {
		r, _ := utf8.DecodeRuneInString(prefix[i:])
		return fault("character %q: want letters, digits and hyphens, or {yyyy}", r)
	}
	if n := len(prefix) + width; n > longestNumber {
		return fault("numbers would have %d characters, at most %d are allowed", n, longestNumber)
	}
	return Series{Code: code, Prefix: prefix, Width: width}, nil
}

// Last returns the highest counter the width can hold.
func (s Series) Last() int64 {
	n := int64(1)
	for range s.Width {
		n *= 10
	}
	return n - 1
}

// Number returns the n-th number of the series, from 1 to Last. Beyond Last it refuses: longer numbers would not sort
// in the order they were given.
func (s Series) Number(n int64) (string, error) {
	if n < 1 || n > s.Last() {
		return "", fmt.Errorf("series %s: counter %d is outside 1 to %d; begin a series with another prefix", s.Code, n, s.Last())
	}
	return fmt.Sprintf("%s%0*d", s.Prefix, s.Width, n), nil
}

// Issue returns the draft with its number: a document, in which nothing changes any more. It keeps the dates of the
// draft, because amount and dates are what was approved and announced. It refuses a draft that has a number, one that
// costs nothing, one whose sums do not agree and a number that is not fit for print.
func Issue(draft Document, number string) (Document, error) {
	switch {
	case draft.Number != "":
		return Document{}, fmt.Errorf("document %s: already issued as %s", draft.ID, draft.Number)
	case number == "" || len(number) > longestNumber || strings.ContainsFunc(number, notNumberRune):
		return Document{}, fmt.Errorf("document %s: number %q: want 1 to %d letters, digits and hyphens", draft.ID, number, longestNumber)
	case Free(draft):
		return Document{}, fmt.Errorf("document %s: it costs nothing, so it gets no number; count its sessions as free", draft.ID)
	}
	if err := draft.Check(); err != nil {
		return Document{}, err
	}
	draft.Number = number
	return draft, nil
}

func notNumberRune(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
}
