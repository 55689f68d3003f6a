package sepa

// Codes of what a person should look at before a file is handed in; nothing is refused for them.
const (
	WarnTwice   Code = "warn-twice"    // same account and amount twice on one day
	WarnTestBIC Code = "warn-test-bic" // ISO 9362 test code: eighth place is 0
)

// Warnings returns what looks odd in a batch that may be written, in order of the debits.
func Warnings(b SealedBatch) CheckErrors {
	type claim struct {
		iban  string
		cents int64
	}
	first := make(map[claim]string, len(b.Debits))
	var found CheckErrors
	for i := range b.Debits {
		d := &b.Debits[i]
		c := claim{electronicIBAN(d.IBAN), d.Minor}
		if other, twice := first[c]; twice {
			found.add(&Fault{Code: WarnTwice, Value: "like " + short(other), Detail: "same account, amount and date twice", Advice: "make sure both are owed"}, "debit", short(d.EndToEndID))
		} else {
			first[c] = d.EndToEndID
		}
		if len(d.BIC) >= 8 && d.BIC[7] == '0' {
			found.add(&Fault{Code: WarnTestBIC, Value: short(d.BIC), Detail: "BIC is a test code", Advice: "ask the customer for the BIC"}, "debtor bic", short(d.EndToEndID))
		}
	}
	return found
}
