package rating

import (
	"wattdue/money"
)

// cap limits what a row's component may cost, per session or per local day (rating rules, 6, step 3). It belongs to the
// price list, so it comes before any discount.
func (w *settlement) cap(comp, from int) error {
	n := len(w.lines)
	for i := from; i < n; i++ {
		l := &w.lines[i]
		price := w.priceOf(comp, l)
		if price == nil || price.Cap == 0 || w.sameCap(comp, l, w.lines[from:i]) {
			continue
		}
		limit, err := money.PerEvent(price.Cap, 1)
		if err != nil {
			return err
		}
		limit = w.limitIn(limit)
		var sum money.Exact
		for j := i; j < n; j++ {
			if w.sameCap(comp, l, w.lines[j:j+1]) {
				if sum, err = sum.Add(w.value(&w.lines[j])); err != nil {
					return err
				}
			}
		}
		if sum <= limit {
			continue
		}
		label := ""
		if price.CapPerDay {
			label = l.Label
		}
		w.flags |= flagLimitApplied
		w.note(CapAdjustment, comp, l.Row, len(w.lines), int64(sum), int64(limit))
		w.lines = append(w.lines, Line{
			Kind: CapLine, Component: components[comp].name, Exact: limit - sum, VATCode: l.VATCode, Row: l.Row, Label: label,
		})
		if err := w.book(comp, &w.lines[len(w.lines)-1]); err != nil {
			return err
		}
	}
	return nil
}

// sameCap reports whether one of the lines is under the cap of l.
func (w *settlement) sameCap(comp int, l *Line, lines []Line) bool {
	for i := range lines {
		o := &lines[i]
		if o.Kind == QuantityLine && o.Row == l.Row && (o.Label == l.Label || !w.priceOf(comp, l).CapPerDay) {
			return true
		}
	}
	return false
}

// priceOf returns the price of the row of a line with a quantity.
func (w *settlement) priceOf(comp int, l *Line) *Price {
	if l.Kind != QuantityLine {
		return nil
	}
	for i := range w.rules {
		if r := &w.rules[i]; r.comp == comp && r.row == l.Row {
			return r.price
		}
	}
	return nil
}

// discount applies percentages, then fixed amounts, in the order of the tariff, each on what the one before left.
func (w *settlement) discount() error {
	list := w.terms.discounts
	left := w.discounts
	for _, fixed := range [...]bool{false, true} {
		for i := range list {
			d := &list[i]
			if left>>i&1 == 0 || (d.Amount != 0) != fixed {
				continue
			}
			if d.BestOf != "" {
				// The first of a group to come decides on what is left by now; the others lose their turn.
				best, err := w.best(d.BestOf, left)
				if err != nil {
					return err
				}
				for j := range list {
					if list[j].BestOf == d.BestOf && j != best {
						left &^= 1 << j
					}
				}
				if best != i {
					continue // its own turn comes
				}
			}
			if err := w.apply(d); err != nil {
				return err
			}
			left &^= 1 << i
		}
	}
	return nil
}

// best returns the discount of a group that gives most now, the earlier one on a tie.
func (w *settlement) best(group string, among uint64) (int, error) {
	best, most := -1, money.Exact(-1)
	for i := range w.terms.discounts {
		d := &w.terms.discounts[i]
		if d.BestOf != group || among>>i&1 == 0 {
			continue
		}
		gives, rest := money.Exact(0), fixedAmount(d)
		for a := range w.accounts {
			n, err := w.worth(d, &w.accounts[a], rest)
			if err != nil {
				return 0, err
			}
			gives, rest = gives+n, rest-n
		}
		if gives > most {
			best, most = i, gives
		}
	}
	return best, nil
}

func fixedAmount(d *Discount) money.Exact {
	v, err := money.PerEvent(d.Amount, 1)
	if err != nil {
		return 0 // the publication check has seen that it fits
	}
	return v
}

// worth is what a discount takes off an account: its share, or as much of the rest of its amount as there is.
func (w *settlement) worth(d *Discount, a *account, rest money.Exact) (money.Exact, error) {
	if a.balance <= 0 || a.comp == exportAt || !d.covers(components[a.comp].name) {
		return 0, nil
	}
	if d.Percent != 0 {
		return a.balance.Times(d.Percent)
	}
	return min(a.balance, rest), nil
}

func (d *Discount) covers(c Component) bool {
	if len(d.Components) == 0 {
		return true
	}
	for _, name := range d.Components {
		if name == c {
			return true
		}
	}
	return false
}

// apply writes the lines of a discount, one per component and VAT code.
func (w *settlement) apply(d *Discount) error {
	rest := fixedAmount(d)
	for i := range w.accounts {
		a := &w.accounts[i]
		off, err := w.worth(d, a, rest)
		if err != nil {
			return err
		}
		if off == 0 {
			continue
		}
		rest -= off
		l := Line{Kind: DiscountLine, Component: components[a.comp].name, Exact: -off, VATCode: a.vat, Label: d.ID}
		before := a.balance
		value := w.fix(&l)
		a.balance += value // toward 0
		w.note(DiscountAdjustment, a.comp, d.ID, len(w.lines), int64(before), int64(a.balance))
		w.lines = append(w.lines, l)
	}
	return nil
}
