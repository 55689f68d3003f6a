package rating

import (
	"fmt"

	"wattdue/money"
)

// settlement turns slices into lines. What it reads is what a trace records, so that replaying a trace runs the same code.
type settlement struct {
	terms      *terms
	used       usage
	proven     uint8
	rules      []rule
	slices     []slice
	allowances []Allowance
	discounts  uint64 // those the contract gets, as bits
	taken      int64
	stated     money.Exact
	hasStated  bool

	flags       flagSet
	lines       []Line
	accounts    []account
	adjustments []Adjustment
	consumed    []Consumption
	passed      bool // the operator's amount is in a line
	billable    bool // the price list asks for something
	total       int64
}

// rule is a row as it prices a component of the session.
type rule struct {
	by    *candidate // nil in a replay
	comp  int
	row   string
	price *Price
}

// account is what one component costs so far under one VAT code. In line mode it is whole minor units.
type account struct {
	comp    int
	vat     string
	balance money.Exact
}

const (
	// mostQuantity bounds what a session can use, so that sums of it always fit: 70 GWh, or two million years.
	mostQuantity = 1 << 46
	// mostExact bounds amounts by a million currency units, which leaves room to round them.
	mostExact = 1_000_000 * money.ExactUnit
)

// reset empties the settlement for another session under the terms.
func (w *settlement) reset(t *terms) {
	*w = settlement{
		terms: t, rules: w.rules[:0], slices: w.slices[:0], allowances: w.allowances[:0], lines: w.lines[:0], accounts: w.accounts[:0],
		adjustments: w.adjustments[:0], consumed: w.consumed[:0],
	}
}

// settle computes the lines in the fixed order of rating rules, 6: free amounts, allowances and steps; quantity times
// price; caps; percentage discounts; fixed discounts; maximum and minimum; rounding.
//
// In line mode, the default, every line is rounded to minor units as it is written, and what comes after is computed on
// those: each printed line can be checked by hand. In session and document mode amounts stay exact until the end.
func (w *settlement) settle() error {
	for i := 0; i < len(w.slices); {
		n := i + 1
		for n < len(w.slices) && w.slices[n].comp == w.slices[i].comp {
			n++
		}
		if err := w.component(int(w.slices[i].comp), w.slices[i:n]); err != nil {
			return fmt.Errorf("%s: %w", components[w.slices[i].comp].name, err)
		}
		i = n
	}
	if w.discounts != 0 {
		if err := w.discount(); err != nil {
			return fmt.Errorf("discounts: %w", err)
		}
	}
	if w.terms.max > 0 || w.terms.min > 0 {
		if err := w.limit(); err != nil {
			return fmt.Errorf("session limits: %w", err)
		}
	}
	return w.round()
}

// component prices the slices of one component.
func (w *settlement) component(comp int, slices []slice) error {
	priced, err := w.outcomes(slices)
	if !priced || err != nil {
		return err
	}
	before := len(w.lines)
	w.deduct(comp, slices)
	w.include(comp, slices)
	if err := w.step(comp, slices); err != nil {
		return err
	}
	if err := w.multiply(comp, slices); err != nil {
		return err
	}
	if err := w.price(comp, before); err != nil {
		return err
	}
	return w.cap(comp, before)
}

// outcomes raises the flags that follow from slices, and reports whether there is anything to price.
func (w *settlement) outcomes(slices []slice) (priced bool, err error) {
	total := int64(0)
	for i := range slices {
		s := &slices[i]
		switch s.outcome {
		case Priced:
			priced = true
		case Unpriced:
			w.flags |= flagNoPrice
		case NotProven:
			w.flags |= flagTimeNotBillable
		case FreeOfCharge:
		}
		if s.reason == timeNotProven {
			w.flags |= flagTimeNotBillable
		}
		if total += s.measured; s.measured < 0 || s.measured > mostQuantity || total > mostQuantity {
			return false, errQuantity
		}
	}
	return priced, nil
}

// price computes the lines of a component and books them.
func (w *settlement) price(comp, from int) error {
	for i := from; i < len(w.lines); i++ {
		l := &w.lines[i]
		if l.Kind == IncludedLine || l.Label == PassThroughLabel {
			continue
		}
		var err error
		if l.Block > 0 {
			l.Exact, err = money.PerEvent(l.Unit, l.Quantity/l.Block)
		} else {
			l.Exact, err = components[comp].times(l.Unit, l.Quantity)
		}
		if err == nil && (l.Exact > mostExact || l.Exact < -mostExact) {
			err = money.ErrOverflow
		}
		if err != nil {
			return fmt.Errorf("%s at %s: %w", components[comp].show(l.Quantity), l.Unit, err)
		}
	}
	for i := from; i < len(w.lines); i++ {
		l := &w.lines[i]
		if l.Kind == IncludedLine {
			continue
		}
		if err := w.book(comp, l); err != nil {
			return err
		}
		w.billable = w.billable || comp != exportAt && l.Exact > 0
	}
	return nil
}

// book rounds a line where lines are, and adds it to its account.
func (w *settlement) book(comp int, l *Line) error {
	value := w.fix(l)
	for i := range w.accounts {
		a := &w.accounts[i]
		if a.comp == comp && a.vat == l.VATCode {
			sum, err := a.balance.Add(value)
			a.balance = sum
			return err
		}
	}
	w.accounts = append(w.accounts, account{comp, l.VATCode, value})
	return nil
}

// fix gives a line its minor units, which in line mode are what counts from now on, and returns what counts.
func (w *settlement) fix(l *Line) money.Exact {
	l.Amount = l.Exact.In(w.terms.minor, w.terms.rounding)
	if w.terms.round == AtLine {
		return money.Exact(l.Amount) * w.terms.minor // fits, as the largest amount leaves room to round
	}
	return l.Exact
}

// value is what a line counts for.
func (w *settlement) value(l *Line) money.Exact {
	if w.terms.round == AtLine {
		return money.Exact(l.Amount) * w.terms.minor
	}
	return l.Exact
}

// note records an adjustment.
func (w *settlement) note(kind AdjustmentKind, comp int, label string, line int, before, after int64) {
	a := Adjustment{Kind: kind, Label: label, Line: line, Before: before, After: after}
	if comp >= 0 {
		a.Component = components[comp].name
	}
	w.adjustments = append(w.adjustments, a)
}
