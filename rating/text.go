package rating

import (
	"slices"

	"wattdue/cdr"
)

// ShowQuantity prints a quantity of the component for people: kWh, a duration, or a count.
func (c Component) ShowQuantity(n int64) string {
	if i := componentIndex(c); i >= 0 {
		return components[i].show(n)
	}
	return showCount(n)
}

// Text says in words what the price of a component is, with its rules.
func (p Price) Text(c Component) string {
	i := componentIndex(c)
	if i < 0 {
		return p.Unit.String()
	}
	return p.explain(&components[i])
}

// Text says why a row was not used, for people; empty for an unknown reason.
func (r Reason) Text() string {
	switch r {
	case TimeNotProven:
		return "would price it, but looks at a time that is not proven"
	case LowerPriority:
		return "matches too, but has a lower priority"
	case LessSpecific:
		return "matches too, but is less specific"
	case LaterGroup:
		return "matches a later group of the contract; the first one counts"
	case OtherTime:
		return "is for the session, but for another time or quantity"
	case NoMatch:
		return "has a price, but for other sessions"
	}
	return ""
}

// Counters returns the counters of the contract's month as they stood before the session.
func (t *Trace) Counters() (taken cdr.MicroKWh, allowances []Allowance) {
	return cdr.MicroKWh(t.w.taken), slices.Clone(t.w.allowances)
}
