package rating

import (
	"math"
	"slices"

	"wattdue/money"
)

// The labels of limit lines.
const (
	maxLabel = "max"
	minLabel = "min"
)

// limit applies the session maximum, then the minimum (rating rules, 6, step 6), to all charges in the tariff's own mode;
// what is paid for export is no charge. The maximum is a promise to the customer, so it comes after the discounts.
func (w *settlement) limit() error {
	var total money.Exact
	for i := range w.accounts {
		if w.accounts[i].comp == exportAt {
			continue
		}
		sum, err := total.Add(w.accounts[i].balance)
		if err != nil {
			return err
		}
		total = sum
	}
	most, least := w.limitIn(w.terms.max), w.limitIn(w.terms.min)
	switch {
	case w.terms.max > 0 && total > most:
		w.reduce(total, most)
	case w.terms.min > 0 && total < least && (w.billable || w.terms.minOnZero):
		w.raise(total, least)
	}
	return nil
}

// limitIn is a limit as lines can meet it: whole minor units unless the bill rounds.
func (w *settlement) limitIn(limit money.Exact) money.Exact {
	if w.terms.round == AtDocument {
		return limit
	}
	return money.Exact(limit.In(w.terms.minor, w.terms.rounding)) * w.terms.minor
}

// raise adds what is missing to the minimum, under the VAT code the tariff names or else that of the largest line.
func (w *settlement) raise(total, least money.Exact) {
	vat, largest := w.terms.limitVAT, money.Exact(-1)
	if vat == "" {
		for i := range w.lines {
			l := &w.lines[i]
			if v := w.value(l); l.Kind == QuantityLine && l.Component != Export && v > largest {
				vat, largest = l.VATCode, v
			}
		}
	}
	w.flags |= flagLimitApplied
	w.note(LimitAdjustment, -1, minLabel, len(w.lines), int64(total), int64(least))
	l := Line{Kind: LimitLine, Exact: least - total, VATCode: vat, Label: minLabel}
	w.fix(&l)
	w.lines = append(w.lines, l)
}

// reduce takes off what is above the maximum, from every VAT code in proportion (rating rules, 6.3).
func (w *settlement) reduce(total, most money.Exact) {
	var codes []string
	var weights []int64
	for i := range w.accounts {
		a := &w.accounts[i]
		if a.comp == exportAt || a.balance <= 0 {
			continue
		}
		at := slices.Index(codes, a.vat)
		if at < 0 {
			at = len(codes)
			codes, weights = append(codes, a.vat), append(weights, 0)
		}
		weights[at] += int64(a.balance)
	}
	w.flags |= flagLimitApplied
	// Each code keeps its share of the maximum. Where amounts become minor units in the session, the shares are whole ones:
	// rounding every code by itself could else break the promise by one.
	unit := int64(1)
	if w.terms.round != AtDocument {
		unit = int64(w.terms.minor)
	}
	before := total
	for i, keep := range money.Allocate(int64(most)/unit, weights) {
		off := money.Exact(weights[i] - keep*unit)
		if off == 0 {
			continue
		}
		l := Line{Kind: LimitLine, Exact: -off, VATCode: codes[i], Label: maxLabel}
		w.fix(&l)
		w.note(LimitAdjustment, -1, maxLabel, len(w.lines), int64(before), int64(before-off))
		before -= off
		w.lines = append(w.lines, l)
	}
}

// round fixes the total, and in session mode the minor units of the lines (rating rules, 1.6).
func (w *settlement) round() error {
	switch w.terms.round {
	case AtSession:
		if err := w.handOut(); err != nil {
			return err
		}
	case AtDocument:
		// Amounts are for display; the bill adds up what is exact.
		var sum money.Exact
		for i := range w.lines {
			var err error
			if sum, err = sum.Add(w.lines[i].Exact); err != nil {
				return err
			}
		}
		w.total = sum.In(w.terms.minor, w.terms.rounding)
		return nil
	case AtLine:
	}
	for i := range w.lines {
		w.total += w.lines[i].Amount // cannot overflow: an amount is at most some million currency units
	}
	return nil
}

// handOut rounds the sum of each VAT code once. Every line gets the whole minor units below it, and those that are missing
// go to the largest remainders, the earlier line on a tie.
func (w *settlement) handOut() error {
	for i := range w.lines {
		w.lines[i].Amount = math.MinInt64 // not yet
	}
	for i := range w.lines {
		if w.lines[i].Amount != math.MinInt64 {
			continue
		}
		vat := w.lines[i].VATCode
		var sum money.Exact
		var whole int64
		for j := i; j < len(w.lines); j++ {
			l := &w.lines[j]
			if l.VATCode != vat {
				continue
			}
			var err error
			if sum, err = sum.Add(l.Exact); err != nil {
				return err
			}
			l.Amount = w.floor(l.Exact)
			whole += l.Amount
		}
		for missing := sum.In(w.terms.minor, w.terms.rounding) - whole; missing > 0; missing-- {
			best, most := -1, money.Exact(0)
			for j := i; j < len(w.lines); j++ {
				l := &w.lines[j]
				if rest := l.Exact - money.Exact(l.Amount)*w.terms.minor; l.VATCode == vat && rest > most {
					best, most = j, rest
				}
			}
			l := &w.lines[best]
			l.Amount++
			w.note(CentAdjustment, -1, "", best, int64(l.Exact), l.Amount*int64(w.terms.minor))
		}
	}
	return nil
}

// floor is the largest number of minor units that is not above an amount.
func (w *settlement) floor(e money.Exact) int64 {
	n := int64(e / w.terms.minor)
	if e%w.terms.minor < 0 {
		n--
	}
	return n
}
