package report

import (
	"strings"
	"unicode/utf8"

	"wattdue/meter"
	"wattdue/meter/finding"
)

// Meaning says what the code of a held record, contract or debit means and what to do about it, in words for a clerk.
// A code that is not in the tables here is explained by the meter's own table; one that is nowhere is named and
// referred to the reason kept with each record. Neither text is ever empty.
func Meaning(code string) (what, todo string) {
	for _, table := range [][]meaning{fileMeanings, meterMeanings, customerMeanings, priceMeanings, debitMeanings} {
		for _, m := range table {
			if m.code == code {
				return m.what, m.todo
			}
		}
	}
	for _, r := range meter.Rules() {
		if r.Code == code {
			return ofRule(r)
		}
	}
	if r, ok := finding.RuleOf(finding.Code(code)); ok {
		return ofText(r.Text)
	}
	what = "Set aside with the code " + code + "."
	if code == "" {
		what = "Set aside without a code."
	}
	return what, "Read the reason kept with each record, remove the cause, then release it."
}

// meaning explains one code.
type meaning struct{ code, what, todo string }

// ofRule splits the text of a meter rule, which says what is wrong and then, after a semicolon, what to do.
func ofRule(r meter.Rule) (what, todo string) { return ofText(r.Text) }

func ofText(text string) (what, todo string) {
	what, todo, found := strings.Cut(text, "; ")
	if !found {
		todo = "ask the operator of the charge point what happened; bill only with a corrected record"
	}
	return sentence(what), sentence(todo)
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	_, first := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:first]) + s[first:] + "."
}

// stageWords says what was being done when something was set aside.
func stageWords(stage string) string {
	switch stage {
	case "import":
		return "reading the file"
	case "verify":
		return "checking the meter's signature"
	case "assign":
		return "finding the customer"
	case "compare":
		return "comparing the sessions of a meter"
	case "rate":
		return "pricing"
	case "draft":
		return "preparing the document"
	case "seal":
		return "preparing the bank file"
	case "":
		return "-"
	}
	return stage
}
