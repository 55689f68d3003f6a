// Package sepa plans SEPA direct debits and writes pain.008 files.
//
// A file is a pure function of a sealed batch: the same batch gives the same bytes. Rules follow the EPC SDD Core
// rulebook 2025, EPC217-08 (characters), ISO 20022 pain.008.001.08 and the German subset GBIC_5 (DK Anlage 3). What
// the schemas do not catch is checked before a byte is written.
//
// Plan turns debits that are ready into sealed batches and says of every other debit why it is not collected.
// CollectionDate is asked earlier, when the invoice is drafted, because the customer must be told the date. Only CORE
// debits of recurrent mandates are made here; amendments, B2B and one-off debits are refused, not guessed.
package sepa

import (
	"time"

	"wattdue/calendar"
)

// The scheme and sequence type this package writes.
const (
	Core      = "CORE"
	Recurrent = "RCUR"
)

// SealedBatch is one file: all ids and times are fixed before it is written.
type SealedBatch struct {
	MessageID string    // at most 33 characters of the id set, because the payment block adds "-1"
	Created   time.Time // written in UTC, whole seconds
	Creditor  Creditor
	Scheme    string // CORE
	Sequence  string // RCUR
	CollectOn calendar.Date
	Debits    []Debit // written in order of end-to-end id
	Count     int     // debits when sealed; compared with a recount unless Count and Sum are both zero
	Sum       int64   // euro cents when sealed
}

// Creditor is who collects.
type Creditor struct {
	Name       string
	IBAN       string
	BIC        string // empty when unknown
	CreditorID string
}

// Debit is one collection.
type Debit struct {
	EndToEndID string // unique per creditor forever
	Minor      int64  // euro cents
	Mandate    string
	SignedOn   calendar.Date
	DebtorName string
	IBAN       string
	BIC        string // empty when unknown
	Remittance string // invoice number first; at most 140 characters after conversion
	Address    Address
}

// Address is a structured postal address. It is needed when a bank outside the European Economic Area takes part
// (EPC153-22); the zero Address is no address. Town and country are needed once anything is given.
type Address struct {
	Street     string // with house number, at most 70 characters after conversion
	PostalCode string // at most 16
	Town       string // at most 35
	Country    string // ISO 3166 alpha-2
}

// IsZero reports whether there is no address.
func (a Address) IsZero() bool { return a == Address{} }
