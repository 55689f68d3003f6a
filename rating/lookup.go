package rating

import "slices"

// match is a row whose static keys hold for the session.
type match struct {
	*candidate
	group  int32 // place in Pricer.groups of the group it matched by; noGroup without
	unused bool  // its keys need a time that is not proven
}

const noGroup = 1 << 30

// place is where a session stands in the matrix: its key values as the tariff numbers them.
type place struct {
	at    cell // 0 where no row names the value; the group is filled in per look-up
	first int32
	last  int32 // local days a session touches, for rows with dates
}

// locate fills the session's key values, and the groups of the contract that rows name, in order of precedence.
func (p *Pricer) locate(t *Compiled, c *Contract, s *Session) {
	p.here = place{first: noDay, last: noLastDay}
	p.groups = p.groups[:0]
	for k := range keys {
		switch {
		case !t.used.has(k):
		case k == groupKey:
			for _, name := range c.Groups {
				if n := t.values.numbers[k][name]; n != 0 && !slices.Contains(p.groups, n) {
					p.groups = append(p.groups, n)
				}
			}
		case k == powerKey:
			p.here.at[k] = t.values.power.number(s.Power, s.Watts)
		default:
			p.here.at[k] = t.values.numbers[k][stated(k, c, s)]
		}
	}
}

// gather collects the rows that match by their static keys into one list per component.
func (p *Pricer) gather(t *Compiled) {
	p.known = 0
	for i := range p.matches {
		p.matches[i] = p.matches[i][:0]
	}
	for i := range t.shapes {
		sh := &t.shapes[i]
		if !sh.keys.has(groupKey) {
			p.collect(sh, noGroup)
			continue
		}
		for g := range p.groups {
			p.collect(sh, int32(g))
		}
	}
}

// collect adds the rows of one combination of values.
func (p *Pricer) collect(sh *shape, group int32) {
	var at cell
	for k := range keys {
		if !sh.keys.has(k) {
			continue
		}
		n := p.here.at[k]
		if k == groupKey {
			n = p.groups[group]
		}
		if n == 0 {
			return
		}
		at[k] = n
	}
	b := sh.cells[at]
	if b == nil {
		return
	}
	p.known |= b.comps
	for _, c := range b.plain {
		p.matches[c.comp] = append(p.matches[c.comp], match{candidate: c, group: group})
	}
	// Of the rows with dates those that begin by the last day and do not end before the first; a window that belongs to
	// the day before may reach one day further.
	n, _ := slices.BinarySearchFunc(b.dated, p.here.last, func(c *candidate, day int32) int {
		if c.condition.from <= day {
			return -1
		}
		return 1
	})
	for n--; n >= 0 && b.until[n] >= p.here.first; n-- {
		if c := b.dated[n]; c.condition.to >= p.here.first {
			p.matches[c.comp] = append(p.matches[c.comp], match{candidate: c, group: group})
		}
	}
}

// values returns the values by which a match was found.
func (p *Pricer) values(t *Compiled, m *match) KeyValues {
	var v KeyValues
	for k := range keys {
		switch {
		case !m.keys.has(k):
		case k == groupKey:
			v[k] = t.values.name(k, p.groups[m.group])
		default:
			v[k] = t.values.name(k, p.here.at[k])
		}
	}
	return v
}
