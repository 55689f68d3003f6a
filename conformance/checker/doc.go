// Package checker goes over a billed month from the outside: what the customer reads on paper, what the bank is told,
// what the books say, what was found by comparing sessions, and what every session must have cost.
//
// It shares no code with the product and imports the standard library alone. What it knows of the product is what
// anybody can see: the words on the page, the elements of ISO 20022 pain.008.001.08, the journal format of hledger, the
// fields of findings.json and the columns of truth.csv. It reads no database and no report of the product about itself. A
// month agrees when no finding is left; each finding names the document, the file or the record.
//
// The folder holds invoices/*.pdf, sepa/*.xml, journal.hledger, findings.json and truth.csv.
package checker

import "fmt"

// Finding is one disagreement.
type Finding struct {
	Where string // document number, file name, journal entry or record
	What  string // what was found and what it should be
}

// String prints the finding in one line.
func (f Finding) String() string { return f.Where + ": " + f.What }

// findings collects disagreements.
type findings []Finding

func (f *findings) addf(where, format string, args ...any) {
	*f = append(*f, Finding{where, fmt.Sprintf(format, args...)})
}

// same adds a finding unless two things are equal.
func same[T comparable](f *findings, where, what string, got, want T) {
	if got != want {
		f.addf(where, "%s is %v, want %v", what, got, want)
	}
}

// Month is everything that was read.
type Month struct {
	Invoices []Invoice
	Bank     []BankFile
	Journal  Journal
	Found    []Found
	Truth    []Row
	Balances map[string]Cents // what hledger makes of the journal, by account; nil when it was not asked
}

// Check compares the sources with each other and returns every disagreement, those met while reading included.
// No findings means that they agree to the cent.
func (m Month) Check() []Finding {
	var f findings
	for _, i := range m.Invoices {
		f = append(f, i.Faults...)
	}
	for _, b := range m.Bank {
		f = append(f, b.Faults...)
	}
	f = append(f, m.Journal.Faults...)
	checkTruth(&f, m.Truth)
	checkFound(&f, m.Found, m.Truth)
	for i := range m.Invoices {
		checkInvoice(&f, &m.Invoices[i])
	}
	checkNumbers(&f, m.Invoices)
	checkSessions(&f, m.Invoices, m.Truth)
	checkContracts(&f, m.Invoices, m.Truth)
	checkBank(&f, m.Bank, m.Invoices, m.Truth)
	checkJournal(&f, m.Journal, m.Invoices, m.Truth)
	checkBalances(&f, m)
	return f
}
