// Package sepa plans SEPA direct debits and writes pain.008 files.
//
// A file is a pure function of a sealed batch: the same batch gives the same bytes. Rules follow the EPC SDD Core
// rulebook 2025, EPC217-08 (characters), ISO 20022 pain.008.001.08 and the German subset GBIC_5 (DK Anlage 3). What
// the schemas do not catch is checked before a byte is written.
package sepa

import (
	"time"

	"wattdue/calendar"
)

// SealedBatch is one file: all ids and times are fixed before it is written.
type SealedBatch struct {
	MessageID string    // at most 35 characters of the id set
	Created   time.Time // written in UTC, whole seconds
	Creditor  Creditor
	Scheme    string // CORE
	Sequence  string // RCUR
	CollectOn calendar.Date
	Debits    []Debit // written in order of end-to-end id
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
}
