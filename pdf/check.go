package pdf

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/rating"
)

// A number is at most 20 letters, digits and hyphens, so that every bank and bookkeeping program takes it.
const (
	maxNumber   = 20
	numberSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
)

// maxIdentifier is the longest identifier the page shows in full; OCPI 2.2.1 allows 39 characters for a charge
// record, 36 for a contract and 48 for an EVSE.
const maxIdentifier = 64

// check refuses what must not become a page: a draft, what UStG §14 Abs. 4 demands and is missing, a payment block
// that would be no pre-notification, and sums that do not agree.
func check(d invoicing.Document, to Recipient) error {
	switch {
	case d.Number == "":
		return fmt.Errorf("draft %s has no number: issue it first", d.ID)
	case len(d.Number) > maxNumber || strings.Trim(d.Number, numberSigns) != "":
		return fmt.Errorf("number must be at most %d letters, digits and hyphens", maxNumber)
	case d.Kind != invoicing.ContractSettlement:
		return fmt.Errorf("kind %q has no layout", d.Kind)
	case d.Mode != rating.Gross && d.Mode != rating.Net:
		return fmt.Errorf("mode %q is neither gross nor net", d.Mode)
	case d.IssuedOn.IsZero():
		return errors.New("issue date is missing")
	case !d.Period.First.Before(d.Period.Next):
		return errors.New("period is empty")
	}
	if _, ok := d.Currency.Digits(); !ok {
		return fmt.Errorf("currency %q is not known", d.Currency)
	}
	if err := checkYear(d); err != nil {
		return err
	}
	if err := checkIdentifiers(d); err != nil {
		return err
	}
	if err := checkParties(d, to); err != nil {
		return err
	}
	for _, g := range d.VAT {
		if outside := g.Category == invoicing.CategoryOutside; g.Category != invoicing.CategoryStandard && !outside || outside && (g.Rate != 0 || g.Tax != 0) {
			return fmt.Errorf("vat category %q needs a statutory note this layout does not have", g.Category)
		}
	}
	if err := checkPayment(d); err != nil {
		return err
	}
	return d.Check()
}

// checkYear keeps dates to four digits, as PDF and page have room for.
func checkYear(d invoicing.Document) error {
	for _, day := range []struct {
		name string
		year int
	}{
		{"issue date", d.IssuedOn.Year},
		{"period", d.Period.First.Year},
		{"period end", d.Period.Next.Year},
		{"due date", d.Payment.DueOn.Year},
		{"collection date", d.Payment.CollectOn.Year},
	} {
		if day.year < 0 || day.year > 9999 {
			return fmt.Errorf("%s: year %d has more than four digits", day.name, day.year)
		}
	}
	return nil
}

// checkIdentifiers keeps identifiers to a length that is never cut: a reader must be able to find them by their text.
func checkIdentifiers(d invoicing.Document) error {
	fields := []struct{ name, value string }{
		{"customer number", d.CustomerNo},
		{"contract number", d.ContractNo},
		{"ema-id", d.EMAID},
		{"mandate", d.Payment.Mandate},
		{"creditor id", d.Payment.CreditorID},
		{"debtor iban", d.Payment.DebtorIBAN},
		{"issuer iban", d.Issuer.IBAN},
	}
	for _, f := range fields {
		if utf8.RuneCountInString(f.value) > maxIdentifier {
			return fmt.Errorf("%s is longer than %d characters", f.name, maxIdentifier)
		}
	}
	for i, v := range d.Sessions {
		if strings.TrimSpace(v.SessionID) == "" {
			return fmt.Errorf("session %d has no id", i+1)
		}
		if utf8.RuneCountInString(v.SessionID) > maxIdentifier || utf8.RuneCountInString(v.EVSEID) > maxIdentifier {
			return fmt.Errorf("session %d: session id or evse id is longer than %d characters", i+1, maxIdentifier)
		}
	}
	return nil
}

func checkParties(d invoicing.Document, to Recipient) error {
	for _, field := range []struct{ name, value string }{
		{"issuer name", d.Issuer.Name},
		{"issuer street", d.Issuer.Address.Street},
		{"issuer city", d.Issuer.Address.City},
		{"recipient name", to.Name},
		{"recipient street", to.Address.Street},
		{"recipient city", to.Address.City},
		{"issuer vat id or tax number", d.Issuer.VATID + d.Issuer.TaxNo},
	} {
		if strings.TrimSpace(field.value) == "" {
			return fmt.Errorf("%s is missing: an invoice must show it (UStG §14 Abs. 4)", field.name)
		}
	}
	if _, ok := d.Issuer.VATIDIn(d.Registered); d.Registered != "" && !ok {
		return fmt.Errorf("the issuer has no tax registration in %q", d.Registered)
	}
	return nil
}

func checkPayment(d invoicing.Document) error {
	p := d.Payment
	if p.Method != customer.DirectDebit && p.Method != customer.OnAccount {
		return fmt.Errorf("payment method %q is not known", p.Method)
	}
	if d.Gross <= 0 {
		return nil
	}
	if p.Method == customer.DirectDebit {
		if p.CollectOn.IsZero() || p.Mandate == "" || p.CreditorID == "" {
			return errors.New("direct debit needs collection date, mandate and creditor id: the invoice is the pre-notification")
		}
		return nil
	}
	if p.DueOn.IsZero() || d.Issuer.IBAN == "" {
		return errors.New("payment on account needs a due date and the issuer's IBAN")
	}
	return nil
}
