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
	Charges   []Charge         // one group of Split, as are the fees
	Fees      []Fee
	Engine    string // engine version
}

// Build returns the draft of a contract settlement, without number. It only adds stored lines; VAT is computed here,
// once per group. A charge that cannot be on the document is an error that is a *ChargeFault, a fee a *FeeFault; a mandate
// that cannot be used is a *customer.Refusal. The same settlement gives the same document, in whatever order charges and
// fees come. A settlement may have fees only.
func Build(s Settlement) (Document, error) {
	if err := s.check(); err != nil {
		return Document{}, fmt.Errorf("contract %s, period %s: %w", s.Contract.No, s.Period, err)
	}
	group := s.group()
	d := Document{
		Kind: ContractSettlement, Series: s.Series, IssuedOn: s.IssuedOn,
		Issuer: s.Issuer, Registered: group.country, Recipient: s.Recipient,
		CustomerNo: s.Contract.PartyNo, ContractNo: s.Contract.No, EMAID: s.Contract.EMAID, Period: s.Period,
		Currency: group.currency, Mode: group.mode,
		Split:  fmt.Sprintf("%s-%03d", group.mode, s.Run),
		Engine: s.Engine, Sessions: make([]SessionLines, 0, len(s.Charges)),
	}
	d.ID = ident.Derive("document", append([]string{s.Tenant}, d.sortParts()...)...)
	if err := s.addCharges(&d, group); err != nil {
		return Document{}, fmt.Errorf("contract %s, period %s: %w", s.Contract.No, s.Period, err)
	}
	if err := s.addFees(&d, group); err != nil {
		return Document{}, fmt.Errorf("contract %s, period %s: %w", s.Contract.No, s.Period, err)
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

// group is what the document is for: that of the first charge, or without one of the first fee.
func (s Settlement) group() group {
	if len(s.Charges) > 0 {
		return slices.MinFunc(s.Charges, compareStart).group()
	}
	return slices.MinFunc(s.Fees, compareFee).group()
}

func (s Settlement) addCharges(d *Document, g group) error {
	charges := slices.Clone(s.Charges)
	slices.SortFunc(charges, compareStart)
	for i, c := range charges {
		if i > 0 && c.ID == charges[i-1].ID {
			return &ChargeFault{c, ChargeMalformed, errors.New("given twice")}
		}
		if c.group() != g {
			return &ChargeFault{c, ChargeMixed, fmt.Errorf("%s on a document in %s; split first", c.group(), g)}
		}
		lines, err := sessionLines(c)
		if err != nil {
			return &ChargeFault{c, ChargeVATUnknown, err}
		}
		d.Sessions = append(d.Sessions, lines)
	}
	return nil
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
	case len(s.Charges)+len(s.Fees) == 0:
		return errors.New("no charges and no fees, so no document")
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
	for _, f := range s.Fees {
		if err := CheckFee(s.Issuer, f); err != nil {
			return err
		}
		if s.Period.Next.Before(f.Until) {
			return &FeeFault{f, ChargeMalformed, fmt.Errorf("it ends on %s, after the period; bill it in its own", f.Until.AddDays(-1))}
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
	return !slices.ContainsFunc(d.Fees, func(f FeeLine) bool { return f.Amount != 0 })
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
