package posting

import (
	"fmt"
	"slices"

	"wattdue/calendar"
	"wattdue/invoicing"
	"wattdue/ledger"
	"wattdue/money"
)

// KindDocument is the kind of the entry that Bill books.
const KindDocument = "document"

// Bill books an issued document in one entry: it takes the memo pairs of its sessions back and books debtor, revenue
// and VAT. The reference is document:<id>, the text the document number, the booking date the issue date, the value
// date the last day of supply.
//
//	Dr debtors, contract            gross
//	Cr revenue, country-rate        net per VAT group
//	Cr vat, country-rate            tax per VAT group
//	Dr memo:clearing                sum of the sessions as rated
//	Cr memo:unbilled, contract      the same
//
// VAT belongs to the month of supply, never to the issue date. When all sessions have one month of supply, it is the
// tax month of the entry, and the sub-account is country and rate, such as DE-19. Otherwise the tax month is empty,
// and revenue and VAT are split by month into sub-accounts such as DE-19:2026-10; TaxMonth reads both forms. Legs of
// zero are left out; ok is false when none remains, as in a document whose lines cancel out. It refuses a document
// without number and one whose sums do not agree.
func Bill(tenant string, d invoicing.Document) (e ledger.Entry, ok bool, err error) {
	if d.Number == "" {
		return ledger.Entry{}, false, fmt.Errorf("document %s: a draft is not booked, issue it first", d.ID)
	}
	if err := d.Check(); err != nil {
		return ledger.Entry{}, false, err
	}
	months, last := supplyMonths(d)
	legs := []ledger.Leg{leg(d, ledger.Debtors, d.ContractNo, d.Gross)}
	var vat []ledger.Leg
	for _, g := range d.VAT {
		parts, err := byMonth(d, g, months)
		if err != nil {
			return ledger.Entry{}, false, fmt.Errorf("document %s: %w", d.Number, err)
		}
		for i, p := range parts {
			sub := g.Country + "-" + g.Rate.Percent()
			if len(months) > 1 {
				sub += ":" + months[i]
			}
			legs = append(legs, leg(d, ledger.Revenue, sub, -p.net))
			vat = append(vat, leg(d, ledger.VATPayable, sub, -p.tax))
		}
	}
	legs = append(legs, vat...)
	rated, err := ratedSum(d)
	if err != nil {
		return ledger.Entry{}, false, fmt.Errorf("document %s: %w", d.Number, err)
	}
	legs = append(legs, leg(d, ledger.UnbilledClearing, "", rated), leg(d, ledger.UnbilledCharging, d.ContractNo, -rated))
	e = ledger.NewEntry(tenant, KindDocument, "document:"+d.ID.String(), d.IssuedOn, last, legs...)
	if len(e.Legs) == 0 {
		return ledger.Entry{}, false, nil
	}
	e.Text = d.Number
	if len(months) == 1 {
		e.TaxMonth = months[0]
	}
	return e, true, e.Check()
}

// monthPart is the share of a VAT group that was supplied in one month.
type monthPart struct{ net, tax int64 }

// byMonth splits a VAT group over the months of supply without a new rounding of the group: the tax of a month is the
// tax of all lines up to its end less the tax of all lines before it, so the parts add up to the group to the cent.
func byMonth(d invoicing.Document, g invoicing.VATGroup, months []string) ([]monthPart, error) {
	parts := make([]monthPart, len(months))
	sum := money.Amount{Currency: d.Currency}
	var before monthPart
	for i, month := range months {
		for _, s := range d.Sessions {
			if s.SupplyDate.MonthOf().String() != month {
				continue
			}
			for _, l := range s.Lines {
				if l.Country != g.Country || l.Category != g.Category || l.Rate != g.Rate {
					continue
				}
				var err error
				if sum, err = sum.Add(money.Amount{Minor: l.Amount, Currency: d.Currency}); err != nil {
					return nil, err
				}
			}
		}
		net, tax, err := invoicing.SplitTax(d.Mode, sum.Minor, g.Rate)
		if err != nil {
			return nil, err
		}
		parts[i] = monthPart{net - before.net, tax - before.tax}
		before = monthPart{net, tax}
	}
	return parts, nil
}

// supplyMonths returns the months in which something that costs was supplied, in order (YYYY-MM), and the last day of
// supply of all.
func supplyMonths(d invoicing.Document) (months []string, last calendar.Date) {
	for _, s := range d.Sessions {
		if last.Before(s.SupplyDate) {
			last = s.SupplyDate
		}
		costs := slices.ContainsFunc(s.Lines, func(l invoicing.Line) bool { return l.Amount != 0 })
		if m := s.SupplyDate.MonthOf().String(); costs && !slices.Contains(months, m) {
			months = append(months, m)
		}
	}
	slices.Sort(months)
	return months, last
}

func ratedSum(d invoicing.Document) (int64, error) {
	sum := money.Amount{Currency: d.Currency}
	for _, s := range d.Sessions {
		var err error
		if sum, err = sum.Add(money.Amount{Minor: s.Total, Currency: d.Currency}); err != nil {
			return 0, err
		}
	}
	return sum.Minor, nil
}

func leg(d invoicing.Document, a ledger.Account, sub string, minor int64) ledger.Leg {
	return ledger.Leg{Account: a, Sub: sub, Minor: minor, Currency: d.Currency}
}
