package config

import "strings"

// Problem is one thing that is wrong: where, what, and what to do.
type Problem struct {
	Where string `json:"where"` // file and line, variable, or the setting's name
	What  string `json:"what"`
	Hint  string `json:"hint"`
}

// String prints the problem on one line.
func (p Problem) String() string { return p.Where + ": " + p.What + " (" + p.Hint + ")" }

// Problems is everything that is wrong with a configuration.
type Problems []Problem

// Error prints one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// suggestion proposes the name that is closest to a wrong one, if any is close.
func suggestion(wrong string, names []string) string {
	best, least := "", 4
	for _, name := range names {
		if d := distance(wrong, name); d < least {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// distance counts the letters to insert, remove or replace to get from a to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
