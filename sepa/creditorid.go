package sepa

import "strings"

// CheckCreditorID checks a creditor identifier (EPC262-08): country, two check digits, three characters business
// code, then 1 to 28 characters of the national part; 18 characters in Germany. The business code is not part of the
// check digits. The error is a *Fault and shows the digits that would be right.
func CheckCreditorID(id string) error { return checkCreditorID(id).orNil() }

func checkCreditorID(id string) *Fault {
	fault := func(detail string) *Fault {
		return &Fault{Code: BadCreditorID, Value: short(id), Detail: detail, Advice: "enter the creditor identifier as the central bank issued it"}
	}
	if len(id) < 8 || len(id) > 35 {
		return fault("creditor identifier has 8 to 35 characters")
	}
	if strings.IndexFunc(id[:2], notLetter) >= 0 || strings.ContainsFunc(id[2:4], notDigit) {
		return fault("creditor identifier starts with country and two check digits")
	}
	if i := strings.IndexFunc(id, notInSet); i >= 0 || strings.Contains(id, " ") {
		return fault("creditor identifier holds a character that is not allowed")
	}
	if id[:2] == "DE" && len(id) != 18 {
		return fault("German creditor identifier has 18 characters")
	}
	national := strings.Map(func(r rune) rune {
		if notAlphanumeric(r) {
			return -1
		}
		return r
	}, strings.ToUpper(id[7:]))
	if national == "" {
		return fault("creditor identifier has no national part")
	}
	if want := checkDigits(national + id[:2]); id[2:4] != want {
		return fault("check digits are " + id[2:4] + ", right would be " + want)
	}
	return nil
}

func notLetter(r rune) bool { return r < 'A' || r > 'Z' }
func notDigit(r rune) bool  { return r < '0' || r > '9' }
