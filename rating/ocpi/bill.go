package ocpi

import (
	"fmt"

	"wattdue/money"
	"wattdue/rating"
)

// bill is what one tariff prices of the record.
type bill struct {
	tariff *Tariff
	uses   []use
	index  map[[2]int]int      // place in uses by element and dimension
	last   [dimensionCount]int // the use that came last; -1: none
	local  bool                // restrictions look at local time
	moving bool                // restrictions may change within a period
	fails  []string            // per element at the period's start, reused
	later  []string            // and at its end
}

// use is what one component prices: the periods of the same element and dimension together.
type use struct {
	element   int
	dimension int
	component *PriceComponent
	measured  int64
	billed    int64
}

// open returns the bill of a tariff, making it ready at its first use.
func (r *run) open(c *CDR, t *Tariff, place int) (*bill, error) {
	if b := r.bills[place]; b != nil {
		return b, nil
	}
	if t.Currency != c.Currency {
		return nil, fmt.Errorf("currency: the record is in %s, tariff %s in %s; give the tariff the record was priced by",
			c.Currency, quoted(t.ID), t.Currency)
	}
	b := &bill{tariff: t, index: map[[2]int]int{}, fails: make([]string, len(t.Elements)), later: make([]string, len(t.Elements))}
	for i := range b.last {
		b.last[i] = -1
	}
	for i := range t.Elements {
		m := &t.Elements[i].Restrictions.Moving
		local := len(m.Times) > 0 || len(m.Days) > 0 || !m.DateFrom.IsZero() || !m.DateTo.IsZero()
		b.local = b.local || local
		b.moving = b.moving || local || m.AfterTime > 0 || m.UntilTime > 0 || m.AfterEnergy > 0 || m.UntilEnergy > 0
	}
	r.bills[place] = b
	r.order = append(r.order, b)
	r.findings = append(r.findings, t.Findings...)
	r.extensions(t)
	if b.local && (r.options.Zone == nil || r.options.ZoneGuessed) {
		r.findf(rating.TZGuessed, "tariff "+quoted(t.ID), "looks at the local time of the charging point, which was not stated; %s was taken", r.zone)
	}
	return b, nil
}

// test notes per element the restriction that fails.
func (b *bill) test(fails []string, at *moment) {
	for i := range b.tariff.Elements {
		fails[i] = b.tariff.Elements[i].Restrictions.fails(at)
	}
}

// choose finds the element that prices a dimension, and the best one that does not: one that would, were the winner not
// there, before one whose restrictions fail.
func (r *run) choose(b *bill, d int, fails []string) (Choice, *PriceComponent) {
	choice := Choice{Dimension: dimensions[d].name}
	var won *PriceComponent
	kinds := []Reservation{""}
	if dimensions[d].reserved {
		kinds = []Reservation{Reserved}
		if r.expired {
			kinds = []Reservation{Expired, Reserved}
		}
	}
	for _, kind := range kinds {
		for i := range b.tariff.Elements {
			e := &b.tariff.Elements[i]
			if e.Restrictions.Reservation != kind {
				continue
			}
			component := e.component(dimensions[d].component)
			switch {
			case component == nil: // transparent: look further
			case fails[i] != "":
				if choice.Rejected == 0 {
					choice.Rejected, choice.Reason = i+1, fails[i]
				}
			case won == nil:
				won, choice.Element = component, i+1
			default:
				choice.Rejected, choice.Reason = i+1, LaterElement
				return choice, won
			}
		}
	}
	return choice, won
}

// add books a quantity under an element.
func (b *bill) add(d, element int, c *PriceComponent, quantity int64) {
	key := [2]int{element, d}
	i, ok := b.index[key]
	if !ok {
		i = len(b.uses)
		b.index[key] = i
		b.uses = append(b.uses, use{element: element, dimension: d, component: c})
	}
	b.uses[i].measured += quantity
	b.uses[i].billed += quantity
	b.last[d] = i
}

// amount is what the use costs, taxed.
func (r *run) amount(b *bill, u *use) (Amount, error) {
	e, err := dimensions[u.dimension].price(u.component.Price, u.billed)
	if err != nil {
		return Amount{}, fmt.Errorf("elements[%d]: %s of %s: %w", u.element, u.component.Type, quoted(b.tariff.ID), err)
	}
	if rule := u.component.PriceRound; rule != nil && r.options.Extensions != Standard {
		if mode, unit, ok := rule.mode(); ok {
			if e, err = times(unit, e.In(unit, mode)); err != nil {
				return Amount{}, fmt.Errorf("elements[%d]: price_round of %s: %w", u.element, quoted(b.tariff.ID), err)
			}
		}
	}
	return r.taxed(b.tariff, u.component, e)
}

// times is so many times a unit of an amount, which is whole millionths.
func times(unit money.Exact, n int64) (money.Exact, error) {
	return money.PerEvent(money.Price(unit/oneOf(6)), n)
}
