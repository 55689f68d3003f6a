package sepa

import "strings"

// bicCountries lists, per IBAN country, the BIC countries that belong to it besides itself (EPC409-09, notes on
// Crown dependencies, French overseas areas and Monaco).
var bicCountries = map[string]string{
	"GB": "GG JE IM",
	"FR": "MC GF GP MQ RE YT BL MF PM NC PF WF TF",
	"MC": "FR",
}

// CheckBIC checks the form of a BIC (ISO 9362, as pain.008.001.08 takes it: four letters or digits, two letters of
// the country, two, optionally three more) and that its country fits the account. The error is a *Fault.
func CheckBIC(bic, iban string) error { return checkBIC(bic, electronicIBAN(iban)).orNil() }

func checkBIC(bic, iban string) *Fault {
	advice := "correct the BIC or leave it empty"
	if len(bic) != 8 && len(bic) != 11 || strings.IndexFunc(bic, notAlphanumeric) >= 0 ||
		strings.ContainsAny(bic[4:6], "0123456789") {
		return &Fault{Code: BICForm, Detail: "a BIC has 8 or 11 letters and digits in upper case", Advice: advice}
	}
	if len(iban) < 2 {
		return nil // the account has its own fault
	}
	home, own := iban[:2], bic[4:6]
	if own == home || strings.Contains(bicCountries[home], own) {
		return nil
	}
	return &Fault{Code: BICCountry, Value: bic, Detail: "BIC of country " + own + " with an account of country " + home, Advice: advice}
}
