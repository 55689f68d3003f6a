package jobs

import (
	"wattdue/meter"
	"wattdue/sql/store"
)

// Trail is everything known about what was asked for, followed through the stored keys in both directions. It holds no
// personal data: customers appear by contract number.
type Trail struct {
	What       string                `json:"what"`
	Charges    []ChargeTrail         `json:"charges"`
	Documents  []DocumentTrail       `json:"documents"`
	BankFiles  []BankFileTrail       `json:"bank_files"`
	Quarantine []store.QuarantineRow `json:"quarantine"`
	Audit      []store.AuditRow      `json:"audit"`
}

// ChargeTrail follows a charge from its file to its entry.
type ChargeTrail struct {
	store.TracedCharge
	Run        string                   `json:"run"`
	Duplicates []store.TracedPlace      `json:"duplicates,omitempty"`
	Verdicts   []VerdictTrail           `json:"verdicts"`
	Waivers    []store.TracedWaiver     `json:"waivers,omitempty"`
	Settled    []store.TracedSettlement `json:"settlements,omitempty"`
	Findings   []store.FoundRow         `json:"findings"`
	Prices     []PriceTrail             `json:"prices"`
	Entries    []EntryTrail             `json:"entries"`
}

// VerdictTrail is one attempt to verify, with what was found.
type VerdictTrail struct {
	store.TracedVerdict
	Run     string         `json:"run"`
	Meter   string         `json:"meter,omitempty"`
	KeyHash string         `json:"key_hash,omitempty"`
	Reasons []meter.Reason `json:"reasons"` // without values, which may name a customer's card
}

// PriceTrail is a price with the sentences that explain it.
type PriceTrail struct {
	store.TracedPrice
	Run     string   `json:"run"`
	Explain []string `json:"explain"`
}

// EntryTrail is an entry of the books.
type EntryTrail struct {
	store.TracedEntry
	Run string `json:"run"`
}

// DocumentTrail follows a document to its bank file.
type DocumentTrail struct {
	store.TracedDocument
	Run       string                 `json:"run"`
	Charges   []store.TracedCharge   `json:"charges,omitempty"` // when the document was asked for
	Fees      []store.TracedFee      `json:"fees,omitempty"`
	Entries   []EntryTrail           `json:"entries"`
	Artefacts []store.TracedArtefact `json:"artefacts"`
	Mails     []store.TracedMail     `json:"mails"`
	Debits    []store.TracedDebit    `json:"debits"`
}

// BankFileTrail is a bank file.
type BankFileTrail struct {
	store.SepaBatch
	Run       string                 `json:"run"`
	Artefacts []store.TracedArtefact `json:"artefacts"`
	Debits    []store.TracedDebit    `json:"debits,omitempty"` // when the file was asked for
}

func newTrail(what string) Trail {
	return Trail{
		What: what, Charges: []ChargeTrail{}, Documents: []DocumentTrail{}, BankFiles: []BankFileTrail{},
		Quarantine: []store.QuarantineRow{}, Audit: []store.AuditRow{},
	}
}
