package invoicing

import (
	"cmp"
	"fmt"
	"slices"

	"wattdue/money"
	"wattdue/rating"
)

// Group is what one document holds.
type Group struct {
	Charges []Charge
	Fees    []Fee
}

// Split groups charges and fees into what one document each can hold: one tax country (and so one registration of the
// issuer), one currency, one price mode. Groups are ordered by these three, charges and fees as on the document.
func Split(charges []Charge, fees []Fee) []Group {
	byGroup := map[group]*Group{}
	at := func(g group) *Group {
		if byGroup[g] == nil {
			byGroup[g] = &Group{}
		}
		return byGroup[g]
	}
	for _, c := range charges {
		g := at(c.group())
		g.Charges = append(g.Charges, c)
	}
	for _, f := range fees {
		g := at(f.group())
		g.Fees = append(g.Fees, f)
	}
	keys := make([]group, 0, len(byGroup))
	for g := range byGroup {
		keys = append(keys, g)
	}
	slices.SortFunc(keys, group.compare)
	groups := make([]Group, len(keys))
	for i, key := range keys {
		g := byGroup[key]
		slices.SortStableFunc(g.Charges, compareStart)
		slices.SortStableFunc(g.Fees, compareFee)
		groups[i] = *g
	}
	return groups
}

// group is what must be the same for everything on a document.
type group struct {
	country  string
	currency money.Currency
	mode     rating.Mode
}

func (c Charge) group() group { return group{c.TaxCountry, c.Rated.Currency, c.Rated.Mode} }

func (f Fee) group() group { return group{f.Country, f.Currency, f.Mode} }

func (g group) String() string { return fmt.Sprintf("%s %s in %s", g.currency, g.mode, g.country) }

func (g group) compare(o group) int {
	return cmp.Or(cmp.Compare(g.country, o.country), cmp.Compare(g.currency, o.currency), cmp.Compare(g.mode, o.mode))
}
