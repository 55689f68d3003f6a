package report

import (
	"cmp"
	"slices"
	"strings"

	"wattdue/meter/finding"
)

// complete returns the findings with the words filled in, what holds sessions first, and without nil lists.
func (f Findings) complete() Findings {
	sums := make([]FindingSum, len(f.Sums))
	for i, s := range f.Sums {
		if r, ok := finding.RuleOf(finding.Code(s.Code)); ok && s.Meaning == "" {
			s.Meaning = r.Text
		}
		sums[i] = s
	}
	slices.SortStableFunc(sums, func(a, b FindingSum) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code))
	})
	return Findings{Sums: sums, List: list(f.List)}
}

// order puts what holds sessions before information.
func order(s FindingSum) int {
	if s.Holds {
		return 0
	}
	return 1
}

// rest says how many findings are not in the list; empty when all are.
func (f Findings) rest() string {
	all := f.total(func(FindingSum) bool { return true })
	rest := difference(all.v, int64(len(f.List)))
	if !all.fits || !rest.fits || rest.v <= 0 {
		return ""
	}
	return "And " + plural(rest.v, "more finding") + "."
}

func (f Findings) total(of func(FindingSum) bool) total {
	var counts []int64
	for _, s := range f.Sums {
		if of(s) {
			counts = append(counts, s.N)
		}
	}
	return sum(counts...)
}

// findingRow is a line of the table of codes.
type findingRow struct{ N, What, Then, Note, Code string }

func findingRows(f Findings) []findingRow {
	rows := make([]findingRow, len(f.Sums))
	for i, s := range f.Sums {
		what, then, parted := strings.Cut(s.Meaning, "; ")
		row := findingRow{N: number(s.N), What: "Found under the code " + s.Code + ".", Then: "-", Note: "noted", Code: s.Code}
		if what != "" {
			row.What = sentence(what)
		}
		if parted && then != "" {
			row.Then = sentence(then)
		}
		if s.Holds {
			row.Note = "held"
		}
		rows[i] = row
	}
	return rows
}

// findingLines sums findings up for a terminal: what sessions are held for, and the rest; on one line where that fits. There
// are none when nothing was found.
func findingLines(w words, f Findings) []string {
	var lines []string
	add := func(title string, of func(FindingSum) bool) {
		var codes []string
		for _, s := range f.Sums {
			if of(s) {
				codes = append(codes, number(s.N)+" "+s.Code)
			}
		}
		if len(codes) > 0 {
			lines = append(lines, listed(w.count(f.total(of))+" "+title, codes))
		}
	}
	add("held", func(s FindingSum) bool { return s.Holds })
	add("noted", func(s FindingSum) bool { return !s.Holds })
	if one := strings.Join(lines, ", "); one != "" && width(one) <= sectionWidth {
		return []string{one}
	}
	return lines
}

// listed writes codes in brackets behind what they make up, as many as fit, and counts the others.
func listed(what string, codes []string) string {
	for n := len(codes); n > 0; n-- {
		more := ""
		if rest := len(codes) - n; rest > 0 {
			more = " and " + plural(int64(rest), "more code")
		}
		if line := what + " (" + strings.Join(codes[:n], ", ") + more + ")"; width(line) <= sectionWidth {
			return line
		}
	}
	return what + " (" + plural(int64(len(codes)), "code") + ")"
}
