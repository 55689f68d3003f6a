package invoicing

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/ident"
)

// Settlement is everything a contract settlement is built from. Nothing else enters the document.
type Settlement struct {
	Tenant    string
	Series    string // code of the number series
	Contract  customer.Contract
	Recipient ident.ID // snapshot of the contract's party
	Issuer    Issuer
	Period    calendar.Period
	Run       int // 0 for the first billing run of the period, 1 and up for runs that bill late records
	IssuedOn  calendar.Date
	Mandate   customer.Mandate // for direct debit
	CollectOn calendar.Date    // for direct debit: the collection day that sepa planned
	Charges   []Charge         // one group of Split
	Engine    string           // engine version
}

// Build returns the draft of a contract settlement, without number. It only adds stored lines; VAT is computed here,
// once per group. A charge that cannot be on the document is an error that is a *ChargeFault; a mandate that cannot
// be used is a *customer.Refusal. The same settlement gives the same document, in whatever order the charges come.
func Build(s Settlement) (Document, error) {
	if err := s.check(); err != nil {
		return Document{}, fmt.Errorf("contract %s, period %s: %w", s.Contract.No, s.Period, err)
	}
	charges := slices.Clone(s.Charges)
	slices.SortFunc(charges, compareStart)
	first := charges[0]
	d := Document{
		Kind: ContractSettlement, Series: s.Series, IssuedOn: s.IssuedOn,
		Issuer: s.Issuer, Registered: first.TaxCountry, Recipient: s.Recipient,
		CustomerNo: s.Contract.PartyNo, ContractNo: s.Contract.No, EMAID: s.Contract.EMAID, Period: s.Period,
		Currency: first.Rated.Currency, Mode: first.Rated.Mode,
		Split:  fmt.Sprintf("%s-%03d", first.Rated.Mode, s.Run),
		Engine: s.Engine, Sessions: make([]SessionLines, 0, len(charges)),
	}
	d.ID = ident.Derive("document", append([]string{s.Tenant}, d.sortParts()...)...)
	for i, c := range charges {
		if i > 0 && c.ID == charges[i-1].ID {
			return Document{}, &ChargeFault{c, ChargeMalformed, errors.New("given twice")}
		}
		if compareGroup(first, c) != 0 {
			return Document{}, &ChargeFault{c, ChargeMixed, fmt.Errorf("%s %s in %s on a document in %s %s in %s; split first",
				c.Rated.Currency, c.Rated.Mode, c.TaxCountry, d.Currency, d.Mode, d.Registered)}
		}
		lines, err := sessionLines(c)
		if err != nil {
			return Document{}, &ChargeFault{c, ChargeVATUnknown, err}
		}
		d.Sessions = append(d.Sessions, lines)
	}
	if err := d.total(); err != nil {
		return Document{}, fmt.Errorf("contract %s, period %s: %w", s.Contract.No, s.Period, err)
	}
	var err error
	if d.Payment, err = s.payment(d); err != nil {
		return Document{}, fmt.Errorf("contract %s, period %s: %w", s.Contract.No, s.Period, err)
	}
	return d, nil
}

// check refuses settlements whose head or charges are not fit for a document.
func (s Settlement) check() error {
	switch {
	case s.Tenant == "":
		return errors.New("tenant is missing")
	case s.Series == "":
		return errors.New("number series is missing")
	case s.Recipient.IsZero():
		return errors.New("recipient is missing; take a party snapshot first")
	case s.IssuedOn.IsZero():
		return errors.New("issue date is missing")
	case !s.Period.First.Before(s.Period.Next):
		return errors.New("the period is empty")
	case s.Run < 0 || s.Run > 999:
		return fmt.Errorf("run %d: want 0 to 999", s.Run)
	case len(s.Charges) == 0:
		return errors.New("no charges, so no document")
	}
	for _, part := range []string{s.Contract.No, s.Contract.PartyNo} {
		if part == "" || strings.ContainsFunc(part, isControl) {
			return errors.New("contract and customer number must be set and free of control characters")
		}
	}
	for _, c := range s.Charges {
		if err := CheckCharge(s.Issuer, c); err != nil {
			return err
		}
		if !c.BillingDate.Before(s.Period.Next) {
			return &ChargeFault{c, ChargeMalformed, fmt.Errorf("billing date %s is after the period; bill it in its own", c.BillingDate)}
		}
	}
	return nil
}

// Free reports whether every line of the document costs nothing. Such a draft is dropped: nothing is owed, no number
// is spent, and its sessions count as free in the balance of the run.
func Free(d Document) bool {
	for _, s := range d.Sessions {
		for _, l := range s.Lines {
			if l.Amount != 0 {
				return false
			}
		}
	}
	return true
}

// SortKey is the order in which numbers are given: customer, contract, period, registration, currency, kind, split
// key. Keys compare bytewise (in SQL: COLLATE "C"); the parts are joined by U+001F, which sorts before every
// character a part may hold, so that K-1 comes before K-10.
func (d Document) SortKey() string { return strings.Join(d.sortParts(), "\x1f") }

func (d Document) sortParts() []string {
	return []string{
		d.CustomerNo, d.ContractNo, d.Period.First.String() + "/" + d.Period.Next.String(),
		d.Registered, string(d.Currency), string(d.Kind), d.Split,
	}
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }
