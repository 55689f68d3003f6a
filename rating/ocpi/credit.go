package ocpi

import (
	"strings"

	"wattdue/rating"
)

// Original is what is known of the record a credit names.
type Original struct {
	CDR    CDR
	Priced bool // it was priced and can be reversed
	// Reversed says that it was reversed before.
	Reversed bool
}

// Reason says why a credit is held.
type Reason string

// The reasons. A credit that came before its original is decided again once that is there and priced.
const (
	NoReference      Reason = "no_reference"      // it names no record
	UnknownReference Reason = "unknown_reference" // no such record came from this operator, or not yet
	OriginalPending  Reason = "original_pending"  // the record is there, but not priced yet
	AlreadyReversed  Reason = "already_reversed"
	CreditOfCredit   Reason = "credit_of_credit" // it names a credit
	OtherCurrency    Reason = "other_currency"
	NoCredit         Reason = "no_credit" // the record is none
)

// reasons say what to do.
var reasons = map[Reason]string{
	NoReference:      "the credit names no record; ask the operator for credit_reference_id",
	UnknownReference: "no record of this id came from the operator; it is held until the record arrives, or ask the operator",
	OriginalPending:  "the record it credits is not priced yet; it is held until it is",
	AlreadyReversed:  "the record it credits was reversed before; ask the operator whether the credit came twice",
	CreditOfCredit:   "it credits a credit, which OCPI does not know; ask the operator for a new record instead",
	OtherCurrency:    "it is in another currency than the record it credits; ask the operator to correct it",
	NoCredit:         "the record is no credit; price it",
}

// Text says what the reason means and what to do; empty for an unknown one.
func (r Reason) Text() string { return reasons[r] }

// Decision is what becomes of a credit: Reverse, or held for a reason.
type Decision struct {
	Reverse  bool
	Reason   Reason
	Findings []Finding
}

// DecideCredit decides what becomes of a credit, given the record of the same operator whose id it names, or nil where
// there is none. A credit is never priced: only its total is negative, its volumes are not (rating rules, 11.4). A total
// that does not mirror the original is told, and the original is reversed as it was billed.
func DecideCredit(credit CDR, original *Original) Decision {
	if reason := holdsCredit(&credit, original); reason != "" {
		return Decision{Reason: reason}
	}
	d := Decision{Reverse: true}
	was, is := original.CDR.Stated.Total, credit.Stated.Total
	for _, side := range [...]struct {
		field   string
		was, is Sum
	}{{"before tax", was.ExclVAT, is.ExclVAT}, {"with tax", was.InclVAT, is.InclVAT}} {
		if side.was.Known && side.is.Known && side.was.Exact != -side.is.Exact {
			d.Findings = append(d.Findings, Finding{
				rating.TotalMismatch, "total_cost, " + side.field,
				"credits " + side.is.Text(6) + " of a record over " + side.was.Text(6) + "; ask the operator, the record is reversed as it is",
			})
		}
	}
	return d
}

func holdsCredit(credit *CDR, original *Original) Reason {
	switch {
	case !credit.Credit:
		return NoCredit
	case credit.CreditRef == "":
		return NoReference
	case original == nil || !names(credit, &original.CDR):
		return UnknownReference
	case original.CDR.Credit:
		return CreditOfCredit
	case original.CDR.Currency != credit.Currency:
		return OtherCurrency
	case original.Reversed:
		return AlreadyReversed
	case !original.Priced:
		return OriginalPending
	}
	return ""
}

// names reports whether the credit names the record: the same operator's, by its id. Ids of OCPI do not know case.
func names(credit, original *CDR) bool {
	return credit.Country == original.Country && credit.Party == original.Party && strings.EqualFold(credit.CreditRef, original.ID)
}
