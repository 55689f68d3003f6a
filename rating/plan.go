package rating

import (
	"fmt"

	"wattdue/calendar"
	"wattdue/money"
)

// Plan is a product of a contract: what it costs per month and what is included in it. From and Until are dates of the
// contract's zone.
type Plan struct {
	ID       string
	Name     string // on documents
	From     calendar.Date
	Until    calendar.Date // exclusive; zero: open end
	Fee      money.Price   // per month, in millionths of the currency unit and in the mode of the contract's tariff; 0: none
	VATCode  string        // of the fee
	Included []Included
}

// Included is what a plan includes per month. What is left at the end of the month is gone.
type Included struct {
	ID        string    `json:"id"` // as lines and traces name it
	Component Component `json:"component"`
	Quantity  int64     `json:"quantity"` // micro-kWh or seconds
}

// ActiveOn reports whether the plan holds on a date.
func (p Plan) ActiveOn(d calendar.Date) bool {
	return !d.Before(p.From) && (p.Until.IsZero() || d.Before(p.Until))
}

// Allowances returns what a plan includes in a month, its part where the plan holds for some of its days only (rating
// rules, 7.4).
func (p Plan) Allowances(month calendar.Period) ([]Allowance, error) {
	list := make([]Allowance, len(p.Included))
	for i, in := range p.Included {
		n, err := Prorate(in.Component, in.Quantity, p.From, p.Until, month)
		if err != nil {
			return nil, fmt.Errorf("plan %s, allowance %s: %w", p.ID, in.ID, err)
		}
		list[i] = Allowance{ID: in.ID, Component: in.Component, Left: n}
	}
	return list, nil
}

// Metered returns what allowances of a component are counted in, and whether there can be allowances of it.
func Metered(c Component) (energy, minutes bool) {
	i := componentIndex(c)
	if i < 0 {
		return false, false
	}
	return components[i].freeEnergy, components[i].freeTime
}

// ByTheMonth reports whether a price of the tariff depends on what the contract took in the month before, so that the
// sessions of a month must be priced in order.
func (t Tariff) ByTheMonth() bool {
	for i := range t.Rows {
		for _, p := range t.Rows[i].Prices {
			if len(p.Tiers) > 0 {
				return true
			}
		}
	}
	return false
}
