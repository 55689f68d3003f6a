package pricelist

import (
	"fmt"
	"slices"

	"wattdue/rating"
)

// mostSteps bounds the work of looking at every kind of session at every moment.
const mostSteps = 60_000_000

// coverage looks for rows that never win and for moments at which a component has no price, although it has one at others.
func (c *checker) coverage() {
	steps := mostSteps
	from, to := validity(c.t)
	wins := map[*rating.Row]int{} // components by which a row was seen to win somewhere
	priced := map[*rating.Row]int{}
	for _, comp := range components {
		m := newMatrix(c.t, comp.name)
		if len(m.rows) == 0 {
			continue
		}
		for _, r := range m.rows {
			priced[r.Row]++
		}
		seen, told := map[*candidate]bool{}, map[[2]*candidate]bool{}
		var gaps []gap
		for _, p := range places(rowsOf(m.rows)) {
			list := m.at(&p)
			g := newGrid(rowsOfMatches(list), from, to, m.book)
			if steps -= (g.size() + 8) * (len(list) + 1); steps < 0 {
				c.addf(Warning, TooLarge, "", "there are too many combinations of keys to look at them all; gaps and unreachable rows were not all looked for: split the tariff by location or group")
				return
			}
			steps -= c.overlaps(comp, m, &p, list, told, seen)
			if missing := m.walk(&g, list, seen); len(missing) > 0 {
				gaps = append(gaps, gap{p, spellMoments(&g, missing)})
			}
		}
		for _, r := range m.rows {
			if seen[r] {
				wins[r.Row]++
			}
		}
		c.unreachable(comp, m, seen)
		if !slices.Contains(c.t.Free, comp.name) {
			c.gaps(comp, gaps)
		}
	}
	for i := range c.t.Rows {
		r := &c.t.Rows[i]
		if priced[r] > 0 && wins[r] == 0 {
			c.addf(Error, Unreachable, r.ID, "the row never applies: %s; change what it is for or its priority, or delete it", c.whyNever(r))
		}
	}
}

// walk finds who wins at each moment of a grid, and returns the moments at which nobody does.
func (m *matrix) walk(g *grid, list []match, seen map[*candidate]bool) []moment {
	var missing []moment
	g.each(func(at *moment) bool {
		if w := m.winner(list, at); w != nil {
			seen[w.candidate] = true
		} else {
			missing = append(missing, *at)
		}
		return true
	})
	return missing
}

// overlaps reports pairs of rows that say equally much and hold at the same moment (rating rules, 3.4), each once. It
// returns the work it took.
func (c *checker) overlaps(comp component, m *matrix, p *place, list []match, looked map[[2]*candidate]bool, seen map[*candidate]bool) (steps int) {
	from, to := validity(c.t)
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			steps++
			a, b := &list[i], &list[j]
			if a.candidate == b.candidate || a.Priority != b.Priority || a.keys != b.keys || a.group != b.group || apart(&a.Moving, &b.Moving) {
				continue
			}
			if b.ID < a.ID {
				a, b = b, a
			}
			pair := [2]*candidate{a.candidate, b.candidate}
			if looked[pair] {
				continue
			}
			looked[pair] = true
			g := newGrid([]*rating.Row{a.Row, b.Row}, from, to, m.book)
			steps += g.size()
			g.each(func(at *moment) bool {
				if !m.book.holds(&a.Moving, at) || !m.book.holds(&b.Moving, at) {
					return true
				}
				seen[a.candidate], seen[b.candidate] = true, true
				c.addf(Error, Overlap, a.ID, "%s has another price in row %s, and nothing decides between them%s; give one a higher priority, or limit one further",
					comp.word, shown(b.ID), spellMeeting(p, &g, at))
				return false
			})
		}
	}
	return steps
}

// apart reports whether the dates of two rows cannot meet: the usual case where there are many rows.
func apart(a, b *rating.Moving) bool {
	ends := func(x, y *rating.Moving) bool {
		return !x.DateTo.IsZero() && !y.DateFrom.IsZero() && x.DateTo.Before(y.DateFrom)
	}
	return ends(a, b) || ends(b, a)
}

// spellMeeting tells where two rows meet first.
func spellMeeting(p *place, g *grid, at *moment) string {
	text := ""
	if name := p.String(); name != allOthers {
		text = " for " + name
	}
	if len(g.days) > 1 {
		text += " on " + dayShort[isoDay(at.day)-1] + " " + at.day.String()
	}
	if len(g.minutes) > 1 {
		text += " at " + spellClock(at.minute)
	}
	if at.since > 0 {
		text += " " + spellTime(at.since) + " after the start"
	}
	if at.energy > 0 {
		text += " after " + spellEnergy(at.energy)
	}
	return text
}

// unreachable warns of rows that win for some components but never for this one.
func (c *checker) unreachable(comp component, m *matrix, seen map[*candidate]bool) {
	for _, r := range m.rows {
		if !seen[r] && len(r.Prices) > 1 {
			c.addf(Warning, Unreachable, r.ID, "its price for %s never applies: other rows always win; delete that price or raise the row's priority", comp.word)
		}
	}
}

// whyNever tells why no session can meet a row.
func (c *checker) whyNever(r *rating.Row) string {
	from, to := validity(c.t)
	m := &r.Moving
	if !m.DateTo.IsZero() && !from.Before(m.DateTo) || !to.IsZero() && !m.DateFrom.IsZero() && !m.DateFrom.Before(to) {
		return "its dates lie outside of the validity of the version"
	}
	book := newDayBook(c.t)
	g := newGrid([]*rating.Row{r}, from, to, book)
	ever := false
	g.each(func(at *moment) bool {
		ever = book.holds(m, at)
		return !ever
	})
	if !ever {
		return "no moment fulfils its conditions together"
	}
	return "other rows win wherever it matches"
}

// gap is a kind of session that has no price for a component at some moments.
type gap struct {
	place place
	when  string // empty: never has one
}

// gaps reports what is not priced. A price that only some sessions have is a warning, as the others may not occur; a price
// that a session has at some times and not at others is an error.
func (c *checker) gaps(comp component, all []gap) {
	advice := fmt.Sprintf("add a row for it, with the price 0 if it is meant to be free, or name %s under free", comp.word)
	var never []string
	told := map[string][]string{}
	var order []string
	for _, g := range all {
		if g.when == "" {
			never = append(never, g.place.String())
			continue
		}
		if told[g.when] == nil {
			order = append(order, g.when)
		}
		told[g.when] = append(told[g.when], g.place.String())
	}
	for _, when := range order {
		who := ""
		if len(told[when]) > 1 || told[when][0] != allOthers {
			who = " for " + several(told[when])
		}
		c.addf(Error, Gap, "", "%s has no price %s%s; %s", comp.word, when, who, advice)
	}
	if len(never) > 0 {
		c.addf(Warning, Gap, "", "%s has a price for some sessions only, none for %s; a session there that uses it is held: %s", comp.word, several(never), advice)
	}
}
