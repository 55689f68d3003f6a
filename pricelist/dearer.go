package pricelist

import (
	"fmt"
	"slices"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// Dearer reports whether a new version of a tariff could make any session dearer than the old one, and where first. With
// a contract only sessions of that contract count; nil is any contract. The answer errs on the side of the customer: what
// cannot be compared, or has too many cases to compare all, counts as dearer. A price where there was none before is
// dearer unless it is 0. VAT rates and monthly fees are not part of a tariff and not looked at.
func Dearer(older, newer rating.Tariff, c *rating.Contract) (why string, dearer bool) {
	for _, look := range []func(a, b *rating.Tariff, c *rating.Contract) string{dearerTerms, dearerLimits, dearerDiscounts, dearerCells} {
		if why := look(&older, &newer, c); why != "" {
			return why, true
		}
	}
	return "", false
}

func dearerTerms(a, b *rating.Tariff, _ *rating.Contract) string {
	switch {
	case a.Currency != b.Currency:
		return "the currency changes"
	case a.Mode != b.Mode:
		return "prices change between gross and net"
	case orLine(a.Round) != orLine(b.Round), a.Rounding != b.Rounding && b.Rounding != money.Down:
		return "amounts are rounded in another way, which can add a cent"
	case a.Split != b.Split:
		return "energy is shared over price changes in another way"
	}
	return ""
}

func dearerLimits(a, b *rating.Tariff, _ *rating.Contract) string {
	switch {
	case b.SessionMin > a.SessionMin:
		return fmt.Sprintf("the session minimum goes from %s to %s", a.SessionMin, b.SessionMin)
	case b.MinOnZero && !a.MinOnZero:
		return "the session minimum is charged also where nothing was billable"
	case a.SessionMax != 0 && b.SessionMax == 0:
		return fmt.Sprintf("the session maximum of %s is taken out", a.SessionMax)
	case b.SessionMax > a.SessionMax && a.SessionMax != 0:
		return fmt.Sprintf("the session maximum goes from %s to %s", a.SessionMax, b.SessionMax)
	}
	hadRule := a.ZeroBelow > 0 && a.ZeroUnder > 0
	if hadRule && (b.ZeroBelow < a.ZeroBelow || b.ZeroUnder < a.ZeroUnder) {
		return "fewer short sessions are free of charge"
	}
	return ""
}

// dearerDiscounts holds each old discount against the one of its id: it must give at least as much to at least as many.
func dearerDiscounts(a, b *rating.Tariff, c *rating.Contract) string {
	for _, x := range a.Discounts {
		if c != nil && len(x.Groups) > 0 && !slices.ContainsFunc(x.Groups, func(g string) bool { return listed(c.Groups, g) }) {
			continue
		}
		i := slices.IndexFunc(b.Discounts, func(y rating.Discount) bool { return y.ID == x.ID })
		if i < 0 {
			return "the discount " + shown(x.ID) + " is taken out"
		}
		y := b.Discounts[i]
		switch {
		case y.Percent < x.Percent || y.Amount < x.Amount:
			return fmt.Sprintf("the discount %s goes from %s to %s", shown(x.ID), amountOf(x), amountOf(y))
		case !covers(y.Groups, x.Groups), !covers(y.Components, x.Components):
			return "the discount " + shown(x.ID) + " is given to fewer"
		case y.BestOf != "" && y.BestOf != x.BestOf:
			return "the discount " + shown(x.ID) + " is no longer given beside others"
		}
	}
	return ""
}

// covers reports whether a list holds all of another; an empty one means everything.
func covers[T comparable](wide, narrow []T) bool {
	if len(wide) == 0 {
		return true
	}
	return len(narrow) > 0 && !slices.ContainsFunc(narrow, func(v T) bool { return !slices.Contains(wide, v) })
}

// dearerCells compares the prices of every kind of session at every moment.
func dearerCells(a, b *rating.Tariff, c *rating.Contract) string {
	steps := mostSteps
	from, to := validity(b)
	for _, comp := range components {
		x, y := newMatrix(a, comp.name), newMatrix(b, comp.name)
		if len(y.rows) == 0 && comp.name != rating.Export {
			continue // nothing is charged
		}
		manyGroups := c == nil && namedGroups(x, y) > 1
		for _, p := range places(append(rowsOf(x.rows), rowsOf(y.rows)...)) {
			if c != nil && !p.put(c) {
				continue
			}
			before, after := x.at(&p), y.at(&p)
			g := newGrid(rowsOfMatches(before, after), from, to, x.book, y.book)
			if steps -= (g.size() + 8) * (len(before) + len(after) + 1); steps < 0 {
				return "there are too many combinations of keys to compare them all"
			}
			why := ""
			g.each(func(at *moment) bool {
				why = dearerAt(comp, b.Mode, x.winner(before, at), y.winner(after, at), manyGroups)
				return why == ""
			})
			if why != "" {
				return why
			}
		}
	}
	return ""
}

// put makes a place one of the contract's; false when the contract can never be there.
func (p *place) put(c *rating.Contract) bool {
	for _, own := range []struct {
		key   int
		value string
	}{{contractKey, c.No}, {customerKey, c.Customer}} {
		if p.values[own.key] != "" && p.values[own.key] != own.value {
			return false
		}
		p.values[own.key] = own.value
	}
	p.groups = c.Groups
	return true
}

// namedGroups counts the groups that rows name.
func namedGroups(list ...*matrix) int {
	named := map[string]bool{}
	for _, m := range list {
		for _, r := range m.rows {
			for _, g := range r.Groups {
				named[g] = true
			}
		}
	}
	return len(named)
}

func dearerAt(comp component, mode rating.Mode, before, after *match, manyGroups bool) string {
	switch {
	case comp.name == rating.Export && before == nil:
		return "" // something is paid where nothing was
	case comp.name == rating.Export && after == nil:
		if free(before.price) {
			return ""
		}
		return fmt.Sprintf("export is no longer paid for (row %s)", shown(before.ID))
	case after == nil:
		return "" // free, or held: not charged
	case manyGroups && before != nil && before.byGroup() != after.byGroup():
		// A contract in several groups then takes its price from another group than it did.
		return fmt.Sprintf("%s: another customer group may now decide the price (row %s instead of %s)", comp.word, shown(after.ID), shown(before.ID))
	case before == nil && !free(after.price):
		return fmt.Sprintf("%s has a price in row %s where it had none", comp.word, shown(after.ID))
	case before == nil:
		return ""
	}
	if why := dearerPrice(comp, mode, before.price, after.price); why != "" {
		if before.ID != after.ID {
			return fmt.Sprintf("%s, row %s instead of %s: %s", comp.word, shown(after.ID), shown(before.ID), why)
		}
		return fmt.Sprintf("%s, row %s: %s", comp.word, shown(after.ID), why)
	}
	return ""
}

// free reports whether a price is never more than nothing.
func free(p rating.Price) bool {
	return p.Unit <= 0 && !p.PassThrough && !slices.ContainsFunc(p.Tiers, func(t rating.Tier) bool { return t.Unit > 0 })
}

// dearerPrice compares two prices of a component for every quantity. For export the provider pays, so less is dearer.
func dearerPrice(comp component, mode rating.Mode, a, b rating.Price) string {
	if comp.name == rating.Export {
		if b.Unit < a.Unit || b.Step != a.Step || b.StartedBlock != a.StartedBlock || b.FreeEnergy > a.FreeEnergy {
			return fmt.Sprintf("less is paid, %s instead of %s", spellPrice(comp, b), spellPrice(comp, a))
		}
		return ""
	}
	if free(b) {
		return ""
	}
	switch {
	case mode == rating.Net && a.VATCode != b.VATCode:
		return "another VAT code, " + b.VATCode + " instead of " + a.VATCode
	case a.PassThrough != b.PassThrough, a.StartedBlock != b.StartedBlock, a.StartedBlock && a.Step != b.Step, dearerUnits(a, b),
		b.Markup > a.Markup, b.FreeTime < a.FreeTime, b.FreeEnergy < a.FreeEnergy, dearerStep(a.Step, b.Step),
		b.Grace == rating.Cliff && a.Grace != rating.Cliff && (b.FreeTime > 0 || b.FreeEnergy > 0),
		a.Cap > 0 && (b.Cap == 0 || b.Cap > a.Cap), a.Cap > 0 && b.CapPerDay && !a.CapPerDay:
		return fmt.Sprintf("%s instead of %s", spellPrice(comp, b), spellPrice(comp, a))
	}
	return ""
}

// dearerUnits compares prices of a unit at every position of the month. By the month's total and by position cannot be
// compared unless all tiers of the new price are at most the cheapest of the old.
func dearerUnits(a, b rating.Price) bool {
	x, y := tiersOf(a), tiersOf(b)
	if a.Volume != b.Volume && len(x)+len(y) > 2 {
		lowest := x[0].Unit
		for _, t := range x {
			lowest = min(lowest, t.Unit)
		}
		return slices.ContainsFunc(y, func(t rating.Tier) bool { return t.Unit > lowest })
	}
	starts := []cdr.MicroKWh{0}
	for _, t := range append(slices.Clone(x), y...) {
		starts = append(starts, t.Below)
	}
	return slices.ContainsFunc(starts, func(at cdr.MicroKWh) bool { return unitAt(y, at) > unitAt(x, at) })
}

func tiersOf(p rating.Price) []rating.Tier {
	if len(p.Tiers) > 0 {
		return p.Tiers
	}
	return []rating.Tier{{Unit: p.Unit}}
}

func unitAt(tiers []rating.Tier, at cdr.MicroKWh) money.Price {
	for _, t := range tiers {
		if t.Below == 0 || at < t.Below {
			return t.Unit
		}
	}
	return tiers[len(tiers)-1].Unit
}

// dearerStep reports whether a step rounds some quantity up further than another did.
func dearerStep(a, b int64) bool {
	if b == 0 || a == b {
		return false
	}
	return a == 0 || a%b != 0
}
