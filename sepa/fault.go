package sepa

import "strings"

// Code names a fault in one stable word; operators count and filter by it.
type Code string

// The codes of everything that keeps a debit or a file from being written.
const (
	AmountRange     Code = "amount-range"
	AmountCurrency  Code = "amount-currency"
	NameMissing     Code = "name-missing"
	NameEmpty       Code = "name-empty" // no letter is left after conversion
	NameLong        Code = "name-long"
	TextControl     Code = "text-control"
	RemittanceEmpty Code = "remittance-missing"
	RemittanceLong  Code = "remittance-long"
	IDLength        Code = "id-length"
	IDCharset       Code = "id-charset"
	IDSlash         Code = "id-slash"
	IDDuplicate     Code = "id-duplicate"
	IBANCountry     Code = "iban-country"
	IBANLength      Code = "iban-length"
	IBANCharset     Code = "iban-charset"
	IBANChecksum    Code = "iban-checksum"
	IBANNotSEPA     Code = "iban-not-sepa"
	BICForm         Code = "bic-form"
	BICCountry      Code = "bic-country"
	BICRequired     Code = "bic-required"
	BadCreditorID   Code = "creditor-id"
	MandateMissing  Code = "mandate-missing"
	MandateRevoked  Code = "mandate-revoked"
	MandateLapsed   Code = "mandate-lapsed"
	MandateFuture   Code = "mandate-future"
	MandateScheme   Code = "mandate-scheme"
	DateMissing     Code = "date-missing"
	DatePast        Code = "date-past"
	DateClosed      Code = "date-closed"
	DateLead        Code = "date-lead"
	DateDue         Code = "date-due"
	DateNotice      Code = "date-notice"
	DateHorizon     Code = "date-horizon"
	DateSettings    Code = "date-settings"
	AddressRequired Code = "address-required"
	AddressParts    Code = "address-incomplete"
	AddressLong     Code = "address-long"
	AddressCountry  Code = "address-country"
	SchemeUnknown   Code = "scheme"
	BatchEmpty      Code = "batch-empty"
	BatchCreated    Code = "batch-created"
	CountSum        Code = "count-sum"
)

// Fault is one thing wrong with one record. Its text never holds a whole account number, a person's name or an
// address.
type Fault struct {
	Code   Code
	Field  string // such as "debtor iban"
	Record string // end-to-end id, message id or mandate; empty when the caller knows
	Value  string // what was found, shortened or masked; may be empty
	Detail string // what is wrong
	Advice string // what to do
}

// Error prints "code: detail (value, field of record); advice".
func (f *Fault) Error() string {
	where := f.Field
	if f.Record != "" {
		if where != "" {
			where += " of "
		}
		where += f.Record
	}
	var inside []string
	for _, s := range []string{f.Value, where} {
		if s != "" {
			inside = append(inside, s)
		}
	}
	text := string(f.Code) + ": " + f.Detail
	if len(inside) > 0 {
		text += " (" + strings.Join(inside, ", ") + ")"
	}
	if f.Advice != "" {
		text += "; " + f.Advice
	}
	return text
}

// at returns the fault with the place it was found in.
func (f *Fault) at(field, record string) *Fault {
	placed := *f
	placed.Field, placed.Record = field, record
	return &placed
}

// CheckErrors is every fault found in one check, in the order of the records.
type CheckErrors []*Fault

// Error prints one fault per line.
func (e CheckErrors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults, for errors.As and errors.Is.
func (e CheckErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i, f := range e {
		all[i] = f
	}
	return all
}

// add appends a fault at its place; a nil fault adds nothing.
func (e *CheckErrors) add(f *Fault, field, record string) {
	if f != nil {
		*e = append(*e, f.at(field, record))
	}
}

// orNil returns an untyped nil when nothing was found.
func (e CheckErrors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// orNil returns an untyped nil for no fault.
func (f *Fault) orNil() error {
	if f == nil {
		return nil
	}
	return f
}
