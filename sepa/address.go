package sepa

import "strings"

// converted returns the address in the SEPA set.
func (a Address) converted() Address {
	return Address{Convert(a.Street), Convert(a.PostalCode), Convert(a.Town), a.Country}
}

// checkAddress applies EPC153-22: an address is given as a whole, or not at all unless a bank outside the European
// Economic Area takes part.
func checkAddress(a Address, bankOutside bool, record string) CheckErrors {
	var found CheckErrors
	if a.IsZero() && !bankOutside {
		return nil
	}
	var missing []string
	if Convert(a.Town) == "" {
		missing = append(missing, "town")
	}
	if a.Country == "" {
		missing = append(missing, "country")
	}
	if len(missing) > 0 {
		code, detail := AddressParts, "address lacks "
		if bankOutside {
			code, detail = AddressRequired, "a bank outside the EEA asks for an address, which lacks "
		}
		found.add(&Fault{Code: code, Detail: detail + strings.Join(missing, " and "), Advice: "complete the customer's address"}, "debtor address", record)
	}
	if a.Country != "" && (len(a.Country) != 2 || strings.ContainsFunc(a.Country, notLetter)) {
		found.add(&Fault{Code: AddressCountry, Detail: "country is not a code of two capital letters", Advice: "use ISO 3166 alpha-2, such as CH"}, "debtor address", record)
	}
	for _, part := range []struct {
		name, value string
		most        int
	}{{"street", a.Street, 70}, {"postal code", a.PostalCode, 16}, {"town", a.Town, 35}} {
		found.add(checkControl(part.value), "debtor "+part.name, record)
		if len(Convert(part.value)) > part.most {
			found.add(&Fault{Code: AddressLong, Detail: part.name + " is too long after conversion", Advice: "shorten it in the master data"}, "debtor "+part.name, record)
		}
	}
	return found
}
