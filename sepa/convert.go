package sepa

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Lengths after conversion (EPC Customer-to-PSP Implementation Guidelines 2025).
const (
	maxName       = 70
	maxRemittance = 140
)

// inSet reports whether a character may stand in a SEPA message: the Latin set of EPC217-08.
func inSet(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	}
	return strings.ContainsRune("/-?:().,'+ ", r)
}

func notInSet(r rune) bool { return !inSet(r) }

// Convert writes a name or a remittance text in the SEPA set: Unicode NFC, German letters spelled the German way,
// then the table of EPC217-08, then our own replacements; whatever is left becomes a full stop. Blanks are collapsed
// and trimmed. The result is always within the set, and converting it again changes nothing.
func Convert(s string) string {
	if isConverted(s) {
		return s
	}
	out := make([]byte, 0, len(s)+8)
	for _, r := range norm.NFC.String(s) {
		for _, c := range []byte(replacement(r)) {
			if c == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
				continue
			}
			out = append(out, c)
		}
	}
	return strings.TrimRight(string(out), " ")
}

func isConverted(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if !inSet(rune(c)) || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return s == "" || last != ' '
}

func replacement(r rune) string {
	if inSet(r) {
		return string(r)
	}
	if german := germanSpelling(r); german != "" {
		return german
	}
	if standard, ok := epcTable[r]; ok {
		return standard
	}
	switch r {
	case '&':
		return "+"
	case '_', '~':
		return "-"
	case '"':
		return "'"
	case '<':
		return "("
	case '>':
		return ")"
	case '\n', '\r', '\t', '\u2028', '\u2029':
		return " "
	}
	return "."
}

// germanSpelling takes precedence over EPC217-08, which would drop the e of the umlauts (DK Anlage 3). The capital
// sharp s is in neither and is spelled as DIN 5007 sorts it.
func germanSpelling(r rune) string {
	switch r {
	case 'ä':
		return "ae"
	case 'ö':
		return "oe"
	case 'ü':
		return "ue"
	case 'Ä':
		return "Ae"
	case 'Ö':
		return "Oe"
	case 'Ü':
		return "Ue"
	case 'ß':
		return "ss"
	case 'ẞ':
		return "SS"
	}
	return ""
}

// Name converts the name of a debtor or creditor and checks it: 1 to 70 characters, at least one letter, no control
// characters. The error is a *Fault and does not show the name.
func Name(s string) (string, error) {
	name, f := convertName(s)
	return name, f.orNil()
}

func convertName(s string) (string, *Fault) {
	if f := checkControl(s); f != nil {
		return "", f
	}
	name := Convert(s)
	switch {
	case name == "":
		return "", &Fault{Code: NameMissing, Detail: "name is empty", Advice: "enter the name of the account holder"}
	case !strings.ContainsFunc(name, isLetter):
		return "", &Fault{Code: NameEmpty, Detail: "no letter of the name is left after conversion to the SEPA set", Advice: "enter the name in Latin letters"}
	case len(name) > maxName:
		return "", &Fault{Code: NameLong, Value: fmt.Sprintf("%d characters", len(name)), Detail: "name has more than 70 characters after conversion", Advice: "shorten the name"}
	}
	return name, nil
}

// Remittance converts the text the debtor reads on the statement and checks it: 1 to 140 characters, no control
// characters. Nothing is ever cut. The error is a *Fault.
func Remittance(s string) (string, error) {
	text, f := convertRemittance(s)
	return text, f.orNil()
}

func convertRemittance(s string) (string, *Fault) {
	if f := checkControl(s); f != nil {
		return "", f
	}
	text := Convert(s)
	switch {
	case text == "":
		return "", &Fault{Code: RemittanceEmpty, Detail: "remittance text is empty", Advice: "start it with the invoice number"}
	case len(text) > maxRemittance:
		return "", &Fault{Code: RemittanceLong, Value: fmt.Sprintf("%d characters", len(text)), Detail: "remittance text has more than 140 characters after conversion", Advice: "shorten the template"}
	}
	return text, nil
}

// checkControl refuses what cannot be meant as text; line breaks and tabs are converted instead.
func checkControl(s string) *Fault {
	place := 0
	for _, r := range s {
		place++
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return &Fault{Code: TextControl, Detail: fmt.Sprintf("control character %U at place %d", r, place), Advice: "remove it from the master data"}
		}
	}
	return nil
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
