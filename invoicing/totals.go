package invoicing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"wattdue/money"
	"wattdue/rating"
)

// ErrTotals is wrapped when the sums of a document do not agree.
var ErrTotals = errors.New("totals do not agree")

// total fills VAT groups and totals from the lines.
func (d *Document) total() error {
	groups, err := d.groupLines()
	if err != nil {
		return err
	}
	d.Net, d.Tax, d.Gross = 0, 0, 0
	for i := range groups {
		if err := groups[i].complete(d.Mode); err != nil {
			return err
		}
		net, err1 := add(d.Net, groups[i].Net)
		tax, err2 := add(d.Tax, groups[i].Tax)
		gross, err3 := add(d.Gross, groups[i].Gross)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		d.Net, d.Tax, d.Gross = net, tax, gross
	}
	d.VAT = groups
	return nil
}

// groupLines sums lines and fees per country, category and rate, in this order. The sum stands in Gross until complete
// has split it.
func (d *Document) groupLines() ([]VATGroup, error) {
	groups := []VATGroup{}
	book := func(g VATGroup, amount int64) error {
		i := slices.IndexFunc(groups, g.same)
		if i < 0 {
			i = len(groups)
			groups = append(groups, g)
		}
		sum, err := add(groups[i].Gross, amount)
		groups[i].Gross = sum
		return err
	}
	for _, s := range d.Sessions {
		for _, l := range s.Lines {
			if err := book(l.Group(), l.Amount); err != nil {
				return nil, fmt.Errorf("session %s: %w", s.SessionID, err)
			}
		}
	}
	for _, f := range d.Fees {
		if err := book(f.Group(), f.Amount); err != nil {
			return nil, fmt.Errorf("fee %s: %w", f.Plan, err)
		}
	}
	slices.SortFunc(groups, func(a, b VATGroup) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Rate, b.Rate))
	})
	return groups, nil
}

// Group returns the VAT group of the line, without sums.
func (l Line) Group() VATGroup {
	return VATGroup{Country: l.Country, Category: l.Category, Rate: l.Rate}
}

// same reports whether o is the same group, whatever the sums.
func (g VATGroup) same(o VATGroup) bool {
	return g.Country == o.Country && g.Category == o.Category && g.Rate == o.Rate
}

// complete computes the other side of the summed lines. In gross mode the sum is what the customer was shown and
// stays untouched, the tax is taken out of it; in net mode the tax is put on top. This is the only rounding of VAT.
func (g *VATGroup) complete(mode rating.Mode) error {
	sum := g.Gross
	net, tax, err := SplitTax(mode, sum, g.Rate)
	if err != nil {
		return err
	}
	gross, err := add(net, tax)
	if err != nil {
		return err
	}
	g.Net, g.Tax, g.Gross = net, tax, gross
	return nil
}

// SplitTax returns net and tax of a sum of lines in the given mode, the tax rounded half away from zero.
func SplitTax(mode rating.Mode, sum int64, rate money.Fraction) (net, tax int64, err error) {
	if mode == rating.Net {
		tax, err = money.TaxOnNet(sum, rate)
		return sum, tax, err
	}
	tax, err = money.TaxInGross(sum, rate)
	return sum - tax, tax, err
}

// Check recomputes every sum of the document from its lines, VAT included. The error wraps ErrTotals and names the
// session or total that is off.
func (d Document) Check() error {
	for _, s := range d.Sessions {
		var sum int64
		var err error
		for _, l := range s.Lines {
			if sum, err = add(sum, l.Amount); err != nil {
				return fmt.Errorf("document %s, session %s: %w", d.ID, s.SessionID, err)
			}
		}
		if sum != s.Total {
			return fmt.Errorf("document %s, session %s: lines add up to %d, total is %d: %w", d.ID, s.SessionID, sum, s.Total, ErrTotals)
		}
	}
	want := d
	if err := want.total(); err != nil {
		return fmt.Errorf("document %s: %w", d.ID, err)
	}
	if !slices.Equal(d.VAT, want.VAT) {
		return fmt.Errorf("document %s: VAT is %v, lines give %v: %w", d.ID, d.VAT, want.VAT, ErrTotals)
	}
	if d.Net != want.Net || d.Tax != want.Tax || d.Gross != want.Gross {
		return fmt.Errorf("document %s: net %d, tax %d, gross %d, but the VAT groups give %d, %d, %d: %w",
			d.ID, d.Net, d.Tax, d.Gross, want.Net, want.Tax, want.Gross, ErrTotals)
	}
	return nil
}
