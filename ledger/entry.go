// Package ledger is double entry: entries of two or more legs that sum to zero per currency, and balances.
//
// Amounts are minor units; a debit is positive, a credit negative. Entries are never changed; a correction is a
// mirrored entry that names the first. The package decides what an entry may look like, not which event books what
// (ledger/posting) or where it is kept.
package ledger

import (
	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/money"
)

// Account is a general ledger account by its role.
type Account string

// The accounts of the chart. Memo accounts hold unbilled charging and never reach the tax books.
const (
	Debtors          Account = "debtors"       // sub-account: contract number
	Revenue          Account = "revenue"       // of charging; sub-account: country and VAT rate
	FeeRevenue       Account = "fees"          // of plans and true-ups; sub-account: country and VAT rate
	Penalties        Account = "penalties"     // income outside VAT; sub-account: country
	VATPayable       Account = "vat"           // sub-account: country and VAT rate
	UnbilledCharging Account = "memo:unbilled" // memo; sub-account: contract number
	UnbilledClearing Account = "memo:clearing" // memo
	Bank             Account = "bank"
	Transit          Account = "transit"
)

// Entry is one balanced posting of a business event.
type Entry struct {
	ID          ident.ID      // derived from the reference
	Reference   string        // unique business reference, such as document:<id>
	Kind        string        // accrual, document
	BookingDate calendar.Date // ledger order
	ValueDate   calendar.Date // service date
	TaxMonth    string        // YYYY-MM of supply; empty when the entry has no tax, or tax of several months
	Text        string        // free of personal data; for documents the document number
	Reverses    ident.ID      // the entry this one takes back; zero when it takes none back
	Legs        []Leg
}

// Leg is one side of an entry.
type Leg struct {
	Account  Account
	Sub      string
	Minor    int64 // debit positive, credit negative, never zero
	Currency money.Currency
}
