package sepa

import (
	"fmt"
	"strings"
)

const adviceIBAN = "ask the customer for the IBAN"

// ParseIBAN checks an account number against ISO 13616 and the SEPA scope and returns its electronic form: upper
// case, no blanks. The error is a *Fault and shows at most the first and last four characters. A valid IBAN does not
// prove who owns the account.
func ParseIBAN(s string) (string, error) {
	iban, f := parseIBAN(s)
	return iban, f.orNil()
}

func parseIBAN(s string) (string, *Fault) {
	iban := electronicIBAN(s)
	fault := func(code Code, detail, advice string) (string, *Fault) {
		return "", &Fault{Code: code, Value: mask(iban), Detail: detail, Advice: advice}
	}
	if len(iban) < 4 {
		return fault(IBANLength, "iban is empty or far too short", adviceIBAN)
	}
	known, ok := countries[iban[:2]]
	if !ok {
		return fault(IBANCountry, "no country with IBANs has this code", adviceIBAN)
	}
	if i := strings.IndexFunc(iban, notAlphanumeric); i >= 0 {
		return fault(IBANCharset, fmt.Sprintf("place %d is neither a letter nor a digit", i+1), adviceIBAN)
	}
	if len(iban) != known.length {
		return fault(IBANLength, fmt.Sprintf("iban of country %s has %d characters, not %d", iban[:2], known.length, len(iban)), adviceIBAN)
	}
	// Comparing with the computed digits, not only mod 97, refuses 00, 01 and 99 as ISO 7064 asks.
	if iban[2:4] != checkDigits(iban[4:]+iban[:2]) {
		return fault(IBANChecksum, "check digits do not fit", adviceIBAN)
	}
	if known.area == outside {
		return fault(IBANNotSEPA, "country "+iban[:2]+" is not part of SEPA", "use another payment way")
	}
	return iban, nil
}

// electronicIBAN strips blanks and turns a to z to upper case. Other scripts stay as they are and are refused later:
// Unicode's own upper case would turn a dotless i into a valid letter.
func electronicIBAN(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// outsideEEA reports whether the account is at a bank in SEPA but outside the European Economic Area.
func outsideEEA(iban string) bool {
	return len(iban) >= 2 && countries[iban[:2]].area == nonEEA
}

// mask keeps the first and last four characters, and nothing of what is too short to be an account number.
func mask(iban string) string {
	if len(iban) < 15 {
		return ""
	}
	return strings.ToValidUTF8(iban[:4]+"..."+iban[len(iban)-4:], "?")
}

// checkDigits returns the two digits of ISO 7064 MOD 97-10 for letters and digits in upper case.
func checkDigits(s string) string {
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			n = (n*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			n = (n*100 + int(c-'A') + 10) % 97
		}
	}
	n = 98 - n*100%97
	return string([]byte{byte('0' + n/10), byte('0' + n%10)})
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z')
}
