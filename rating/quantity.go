package rating

import (
	"errors"
	"math"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

var errQuantity = errors.New("quantity too large")

// PassThroughLabel marks the line of the operator's own amount.
const PassThroughLabel = "pass_through"

// deduct takes off free amounts (rating rules, 5.5). They count from the beginning of the component, over all rows: a row
// that leaves 15 minutes free bills what it prices beyond the component's first 15 minutes, so two rows never add up to 30.
func (w *settlement) deduct(comp int, slices []slice) {
	var total, billed, at int64
	for i := range slices {
		if slices[i].outcome == Priced {
			total += slices[i].measured
		}
	}
	for i := range slices {
		s := &slices[i]
		s.billed, s.skipped = 0, 0
		if s.outcome != Priced {
			continue
		}
		s.billed = s.measured
		price := w.rules[s.rule].price
		free := int64(price.FreeEnergy) + int64(price.FreeTime/time.Second)
		switch {
		case free == 0:
		case price.Grace == Cliff:
			if total <= free {
				s.billed = 0
			}
		default:
			s.billed = s.measured - min(max(free-at, 0), s.measured)
		}
		s.skipped = s.measured - s.billed
		at += s.measured
		billed += s.billed
	}
	if billed != total {
		w.note(FreeAdjustment, comp, "", noLine, total, billed)
	}
}

// include takes what allowances cover, in time order (rating rules, 7.2). Only what is paid for otherwise uses them up.
func (w *settlement) include(comp int, slices []slice) {
	for a := range w.allowances {
		allowance := &w.allowances[a]
		if allowance.Left <= 0 || allowance.Component != components[comp].name {
			continue
		}
		left, before := allowance.Left, int64(0)
		for i := range slices {
			s := &slices[i]
			before += s.billed
			n := min(left, s.billed)
			if n == 0 || w.rules[s.rule].price.PassThrough {
				continue
			}
			left -= n
			s.billed -= n
			s.skipped += n
			w.included(comp, allowance.ID, w.rules[s.rule].price.VATCode, n)
		}
		if n := allowance.Left - left; n > 0 {
			w.consumed = append(w.consumed, Consumption{allowance.ID, n})
			w.note(AllowanceAdjustment, comp, allowance.ID, noLine, before, before-n)
		}
	}
}

// included adds to the 0.00 line of an allowance.
func (w *settlement) included(comp int, id, vat string, quantity int64) {
	for i := len(w.lines) - 1; i >= 0; i-- {
		l := &w.lines[i]
		if l.Kind == IncludedLine && l.Component == components[comp].name && l.Label == id && l.VATCode == vat {
			l.Quantity += quantity
			return
		}
	}
	w.lines = append(w.lines, Line{Kind: IncludedLine, Component: components[comp].name, Quantity: quantity, VATCode: vat, Label: id})
}

// step rounds the billable total of the component up to the step of the row that prices the last of it, and lets that row
// price the surplus (rating rules, 5.6). A started block is a step with a price of its own, so each row with one rounds up
// what it prices itself.
func (w *settlement) step(comp int, slices []slice) error {
	var total, before, after int64
	last := -1
	for i := range slices {
		s := &slices[i]
		before += s.billed
		if before < 0 {
			return errQuantity
		}
		if s.billed == 0 {
			continue
		}
		if price := w.rules[s.rule].price; !price.StartedBlock {
			total += s.billed
			last = i
		} else if i == lastOf(slices, s.rule) {
			if err := surplus(slices, i, s.rule, price.Step); err != nil {
				return err
			}
		}
	}
	if last >= 0 {
		if step := w.rules[slices[last].rule].price.Step; step > 0 {
			up := roundUp(total, step) - total
			if up < 0 || slices[last].billed > math.MaxInt64-up {
				return errQuantity
			}
			slices[last].billed += up
		}
	}
	for i := range slices {
		after += slices[i].billed
	}
	if before != after {
		w.note(StepAdjustment, comp, "", noLine, before, after)
	}
	return nil
}

// lastOf returns the last slice that a rule bills something of.
func lastOf(slices []slice, rule int32) int {
	for i := len(slices) - 1; i >= 0; i-- {
		if slices[i].rule == rule && slices[i].billed > 0 {
			return i
		}
	}
	return -1
}

// surplus rounds what a rule bills up to whole blocks, in its last slice.
func surplus(slices []slice, last int, rule int32, block int64) error {
	var total int64
	for i := range slices {
		if slices[i].rule == rule {
			total += slices[i].billed
		}
	}
	up := roundUp(total, block) - total
	if up < 0 || slices[last].billed > math.MaxInt64-up {
		return errQuantity
	}
	slices[last].billed += up
	return nil
}

// roundUp returns the multiple of step that is not below n; negative where there is none.
func roundUp(n, step int64) int64 {
	rest := n % step
	if rest == 0 {
		return n
	}
	return n - rest + step
}

// multiply makes the lines of what is billed: slices of the same row and price are one line, per local day where the row's
// cap is.
func (w *settlement) multiply(comp int, slices []slice) error {
	at := w.taken // position in the month, for tiers
	for i := range slices {
		s := &slices[i]
		if s.outcome != Priced {
			continue
		}
		from := at + s.skipped
		at += s.measured
		price := w.rules[s.rule].price
		switch {
		case s.billed == 0:
		case price.PassThrough:
			if err := w.passThrough(comp, s.rule); err != nil {
				return err
			}
		case len(price.Tiers) > 0:
			w.tiers(comp, s, from)
		default:
			unit := price.Unit
			if comp == exportAt {
				unit = -unit // what is given back is paid to the customer
			}
			w.quantity(comp, s, unit, s.billed)
		}
	}
	return nil
}

// quantity adds to the line of a row and price.
func (w *settlement) quantity(comp int, s *slice, unit money.Price, n int64) {
	r := &w.rules[s.rule]
	label := ""
	if r.price.CapPerDay {
		label = dayDate(s.day).String()
	}
	for i := len(w.lines) - 1; i >= 0; i-- {
		l := &w.lines[i]
		if l.Kind == QuantityLine && l.Row == r.row && l.Unit == unit && l.Label == label && l.Component == components[comp].name {
			l.Quantity += n
			return
		}
	}
	l := Line{Component: components[comp].name, Quantity: n, Unit: unit, VATCode: r.price.VATCode, Row: r.row, Label: label}
	if r.price.StartedBlock {
		l.Block = r.price.Step
	}
	w.lines = append(w.lines, l)
}

// tiers prices each kWh by its position in the month, or all of them by the tier the session starts in where the month's
// total decides in the end (rating rules, 7.5).
func (w *settlement) tiers(comp int, s *slice, at int64) {
	price := w.rules[s.rule].price
	if price.Volume {
		w.quantity(comp, s, price.tier(cdr.MicroKWh(w.taken)).Unit, s.billed)
		return
	}
	for left := s.billed; left > 0; {
		tier := price.tier(cdr.MicroKWh(at))
		n := left
		if tier.Below > 0 {
			n = min(n, int64(tier.Below)-at)
		}
		w.quantity(comp, s, tier.Unit, n)
		at += n
		left -= n
	}
}

// tier returns the tier of a position, which is in the one that does not end by it.
func (p *Price) tier(at cdr.MicroKWh) Tier {
	for _, t := range p.Tiers {
		if t.Below == 0 || at < t.Below {
			return t
		}
	}
	return p.Tiers[len(p.Tiers)-1]
}

// passThrough makes the line of the operator's own amount, once per session. Where it is not stated there is no price.
func (w *settlement) passThrough(comp int, number int32) error {
	if w.passed {
		return nil
	}
	if !w.hasStated {
		w.flags |= flagNoPrice
		return nil
	}
	r := &w.rules[number]
	markup, err := w.stated.Times(r.price.Markup)
	if err != nil {
		return err
	}
	extra, err := money.PerEvent(r.price.Unit, 1)
	if err != nil {
		return err
	}
	sum, err := w.stated.Add(markup)
	if err == nil {
		sum, err = sum.Add(extra)
	}
	if err != nil {
		return err
	}
	w.passed = true
	const millionth = money.ExactUnit / 1_000_000
	w.lines = append(w.lines, Line{
		Component: components[comp].name, Quantity: 1, Unit: money.Price(sum.In(millionth, money.HalfAway)), Exact: sum,
		VATCode: r.price.VATCode, Row: r.row, Label: PassThroughLabel,
	})
	return nil
}
