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
//	Cr revenue, country-rate        net of the sessions per VAT group
//	Cr fees, country-rate           net of the fees per VAT group
//	Cr penalties, country           what is outside the scope of VAT
//	Cr vat, country-rate            tax per VAT group
//	Dr memo:clearing                sum of the sessions as rated
//	Cr memo:unbilled, contract      the same
//
// VAT belongs to the month of supply, never to the issue date. When sessions and fees have one month of supply, it is the
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
		parts, err := shares(d, g, months)
		if err != nil {
			return ledger.Entry{}, false, fmt.Errorf("document %s: %w", d.Number, err)
		}
		for i, p := range parts {
			sub := g.Country
			if g.Category != invoicing.CategoryOutside {
				sub += "-" + g.Rate.Percent()
			}
			if len(months) > 1 {
				sub += ":" + months[i]
			}
			sessions, fees := ledger.Revenue, ledger.FeeRevenue
			if g.Category == invoicing.CategoryOutside {
				sessions, fees = ledger.Penalties, ledger.Penalties
			}
			legs = append(legs, leg(d, sessions, sub, -p.sessions), leg(d, fees, sub, -p.fees))
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

// share is what of a VAT group was supplied in one month: net of sessions, net of fees, tax of both.
type share struct{ sessions, fees, tax int64 }

// shares splits a VAT group over the months of supply, and over sessions and fees, without a new rounding of the group: the
// net and tax of a part are those of all lines up to its end less those of all lines before it, so the parts add up to the
// group to the cent.
func shares(d invoicing.Document, g invoicing.VATGroup, months []string) ([]share, error) {
	parts := make([]share, len(months))
	sum, before := money.Amount{Currency: d.Currency}, share{}
	upTo := func(amounts []int64) (net, tax int64, err error) {
		for _, minor := range amounts {
			if sum, err = sum.Add(money.Amount{Minor: minor, Currency: d.Currency}); err != nil {
				return 0, 0, err
			}
		}
		return invoicing.SplitTax(d.Mode, sum.Minor, g.Rate)
	}
	for i, month := range months {
		sessions, fees := amountsIn(d, g, month)
		net, _, err := upTo(sessions)
		if err != nil {
			return nil, err
		}
		all, tax, err := upTo(fees)
		if err != nil {
			return nil, err
		}
		parts[i] = share{net - before.sessions - before.fees, all - net, tax - before.tax}
		before = share{net, all - net, tax}
	}
	return parts, nil
}

// amountsIn returns what of a VAT group was supplied in a month, of sessions and of fees.
func amountsIn(d invoicing.Document, g invoicing.VATGroup, month string) (sessions, fees []int64) {
	group := invoicing.VATGroup{Country: g.Country, Category: g.Category, Rate: g.Rate}
	for _, s := range d.Sessions {
		for _, l := range s.Lines {
			if l.Group() == group && s.SupplyDate.MonthOf().String() == month {
				sessions = append(sessions, l.Amount)
			}
		}
	}
	for _, f := range d.Fees {
		if f.Group() == group && f.SupplyDate.MonthOf().String() == month {
			fees = append(fees, f.Amount)
		}
	}
	return sessions, fees
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
	for _, f := range d.Fees {
		if last.Before(f.SupplyDate) {
			last = f.SupplyDate
		}
		if m := f.SupplyDate.MonthOf().String(); f.Amount != 0 && !slices.Contains(months, m) {
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
