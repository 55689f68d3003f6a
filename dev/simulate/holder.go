package simulate

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxHolder is the longest name of an account holder in SEPA characters (EPC Customer-to-PSP Implementation
// Guidelines 2025).
const maxHolder = 70

// legalForms are the ends of company names with the short form a bank uses, the longest first.
var legalForms = []struct{ end, short string }{
	{"mit beschränkter Haftung & Co. Kommanditgesellschaft", "GmbH & Co. KG"},
	{"GmbH & Co. KG", "GmbH & Co. KG"},
	{"& Partner", "& Partner"},
	{"gGmbH", "gGmbH"},
	{"GmbH", "GmbH"},
	{"mbH", "mbH"},
	{"OHG", "OHG"},
}

// accountHolder is a party's name as its bank has it. One that is too long is shortened step by step, the legal form
// always kept: first the form is abbreviated, then "Gesellschaft für", then words are dropped before the form.
func accountHolder(name string) string {
	if sepaLength(name) <= maxHolder {
		return name
	}
	words, form := splitForm(name)
	if whole := join(words, form); sepaLength(whole) <= maxHolder {
		return whole
	}
	if len(words) > 2 && words[0] == "Gesellschaft" && words[1] == "für" {
		words = append([]string{"Ges.", "f."}, words[2:]...)
	}
	for len(words) > 1 && (sepaLength(join(words, form)) > maxHolder || dangles(words[len(words)-1])) {
		words = words[:len(words)-1]
	}
	return join(words, form)
}

// splitForm returns the words of a name before its legal form, and the short form; empty for a name without one.
func splitForm(name string) (words []string, form string) {
	for _, f := range legalForms {
		if before, ok := strings.CutSuffix(name, " "+f.end); ok {
			return strings.Fields(before), f.short
		}
	}
	return strings.Fields(name), ""
}

func join(words []string, form string) string {
	return strings.TrimSpace(strings.Join(words, " ") + " " + form)
}

// dangles reports whether a word makes no sense at the end of a name.
func dangles(word string) bool {
	return strings.HasSuffix(word, "-") || slices.Contains([]string{"&", "und", "für", "f.", "von", "der"}, word)
}

// sepaLength is how long a name is at most in SEPA characters: a letter outside ASCII becomes one or two.
func sepaLength(name string) int {
	n := 0
	for _, r := range name {
		n++
		if r >= utf8.RuneSelf {
			n++
		}
	}
	return n
}
