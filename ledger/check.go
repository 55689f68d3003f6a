package ledger

import (
	"errors"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/money"
)

// ErrUnbalanced is wrapped when the legs of an entry, or all balances of a ledger, do not sum to zero in a currency.
var ErrUnbalanced = errors.New("unbalanced")

// ErrMalformed is wrapped when an entry lacks what every entry must have.
var ErrMalformed = errors.New("malformed entry")

// accounts is the chart: an account that is not in it cannot be booked.
var accounts = map[Account]bool{
	Debtors: true, Revenue: true, FeeRevenue: true, Penalties: true, VATPayable: true, UnbilledCharging: true, UnbilledClearing: true,
	Bank: true, Transit: true,
}

// EntryID returns the id of the entry with a reference in a tenant's books. A reference is booked once per tenant.
func EntryID(tenant, reference string) ident.ID { return ident.Derive("entry", tenant, reference) }

// NewEntry returns an entry of a kind with the id that tenant and reference derive. Legs of zero are left out, since
// no posting is zero; the caller completes text and tax month and asks Check.
func NewEntry(tenant, kind, reference string, booking, value calendar.Date, legs ...Leg) Entry {
	e := Entry{
		ID: EntryID(tenant, reference), Kind: kind, Reference: reference,
		BookingDate: booking, ValueDate: value, Legs: make([]Leg, 0, len(legs)),
	}
	for _, l := range legs {
		if l.Minor != 0 {
			e.Legs = append(e.Legs, l)
		}
	}
	return e
}

// Check reports whether the entry may be booked: id, kind, reference and both dates are set, there are two legs or
// more on accounts of the chart, none is zero, and they sum to zero in every currency. The error wraps ErrUnbalanced
// or ErrMalformed and names the entry by its reference.
func (e Entry) Check() error {
	malformed := func(format string, args ...any) error {
		return fmt.Errorf("entry %q: %s: %w", e.Reference, fmt.Sprintf(format, args...), ErrMalformed)
	}
	switch {
	case e.Reference == "":
		return malformed("reference is missing")
	case e.ID.IsZero():
		return malformed("id is missing")
	case e.Kind == "":
		return malformed("kind is missing")
	case e.BookingDate.IsZero() || e.ValueDate.IsZero():
		return malformed("booking or value date is missing")
	case len(e.Legs) < 2:
		return malformed("%d legs, want two or more", len(e.Legs))
	}
	if _, err := time.Parse("2006-01", e.TaxMonth); e.TaxMonth != "" && err != nil {
		return malformed("tax month %q, want YYYY-MM", e.TaxMonth)
	}
	for i, l := range e.Legs {
		switch {
		case !accounts[l.Account]:
			return malformed("leg %d: account %q is not in the chart", i+1, l.Account)
		case l.Minor == 0:
			return malformed("leg %d: amount is zero", i+1)
		case l.Currency == "":
			return malformed("leg %d: currency is missing", i+1)
		}
	}
	return e.checkBalance()
}

func (e Entry) checkBalance() error {
	sums := make(map[money.Currency]money.Amount, 1)
	for i, l := range e.Legs {
		sum, err := money.Amount{Minor: sums[l.Currency].Minor, Currency: l.Currency}.Add(l.Amount())
		if err != nil {
			return fmt.Errorf("entry %q, leg %d: %w", e.Reference, i+1, err)
		}
		sums[l.Currency] = sum
	}
	for _, l := range e.Legs { // in order of legs, so that the same entry gives the same message
		if sum := sums[l.Currency]; sum.Minor != 0 {
			return fmt.Errorf("entry %q: legs sum to %s: %w", e.Reference, sum, ErrUnbalanced)
		}
	}
	return nil
}

// Amount returns the leg's amount; a credit is negative.
func (l Leg) Amount() money.Amount { return money.Amount{Minor: l.Minor, Currency: l.Currency} }

// Reverse returns the mirror of an entry: every leg with its sign turned, in the same order, with the same value date
// and tax month, because a reversal belongs to the month of the supply it takes back. It has its own reference and
// names the entry it reverses.
func Reverse(tenant string, e Entry, reference string, booking calendar.Date) Entry {
	r := e
	r.ID, r.Reference, r.BookingDate, r.Reverses = EntryID(tenant, reference), reference, booking, e.ID
	r.Legs = make([]Leg, len(e.Legs))
	for i, l := range e.Legs {
		l.Minor = -l.Minor
		r.Legs[i] = l
	}
	return r
}
