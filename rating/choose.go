package rating

// Reason says why a row was not used although it prices the component.
type Reason string

// The reasons, from the nearest rival to a row that applies elsewhere.
const (
	LowerPriority Reason = "lower_priority" // it matches, but another row has a higher priority
	LessSpecific  Reason = "less_specific"  // it matches, but another row of its priority says more about the session
	LaterGroup    Reason = "later_group"    // it matches a group that comes after the one whose row was used
	NoMatch       Reason = "no_match"       // it is for other groups or locations
)

// place is where a session stands in the matrix: its key values as the tariff numbers them.
type place struct {
	at     cell     // 0 where no row names the value
	groups []uint32 // those groups of the contract that rows name, in order of precedence
}

// choice is the outcome of looking for a component's price.
type choice struct {
	winner   *candidate // nil: no row matches
	group    uint32     // the group the search used; 0: none
	rejected *candidate // nil: there was no other
	reason   Reason
}

// locate returns the key values of a session, except for the group.
func (t *Compiled) locate(c Contract, s Session) cell {
	var at cell
	for k := range keys {
		if keys[k].session != nil {
			at[k] = t.values.numbers[k][keys[k].session(c, s)]
		}
	}
	return at
}

// groups appends to list those groups of the contract that rows name.
func (t *Compiled) groups(list []uint32, c Contract) []uint32 {
	for _, name := range c.Groups {
		if n := t.values.numbers[groupKey][name]; n != 0 {
			list = append(list, n)
		}
	}
	return list
}

// choose finds the row that prices a component (rating rules, 3.1 to 3.5): of the rows that match with the first group
// that has any, or without a group, the one with the highest priority, then the most specific one.
func (ix *index) choose(p *place) choice {
	var found choice
	for _, group := range p.groups {
		if ix.best(p, group) != nil {
			found.group = group
			break
		}
	}
	for i := range ix.shapes {
		for _, c := range ix.shapes[i].lookup(p, found.group) {
			switch {
			case found.winner == nil || c.outranks(found.winner):
				found.winner, found.rejected = c, found.winner
			case found.rejected == nil || c.outranks(found.rejected):
				found.rejected = c
			}
		}
	}
	ix.explain(p, &found)
	return found
}

// explain finds the best row that was not used, and why.
func (ix *index) explain(p *place, found *choice) {
	switch {
	case found.winner == nil:
		found.rejected, found.reason = ix.top, NoMatch
	case found.rejected != nil && found.rejected.priority < found.winner.priority:
		found.reason = LowerPriority
	case found.rejected != nil:
		found.reason = LessSpecific
	default:
		// Groups before the one that was used have no row here, so what is found belongs to a later one.
		for _, group := range p.groups {
			if c := ix.best(p, group); c != nil && c != found.winner {
				found.rejected, found.reason = c, LaterGroup
				return
			}
		}
	}
}

// best returns the highest ranking row that matches with this group as a key; nil when there is none.
func (ix *index) best(p *place, group uint32) *candidate {
	var best *candidate
	for i := range ix.shapes {
		if !ix.shapes[i].keys.has(groupKey) {
			continue
		}
		for _, c := range ix.shapes[i].lookup(p, group) {
			if best == nil || c.outranks(best) {
				best = c
			}
		}
	}
	return best
}

// lookup returns the rows of the shape that match the place, highest priority first.
func (s *shape) lookup(p *place, group uint32) []*candidate {
	var at cell
	for k := range keys {
		if !s.keys.has(k) {
			continue
		}
		n := p.at[k]
		if k == groupKey {
			n = group
		}
		if n == 0 {
			return nil
		}
		at[k] = n
	}
	return s.cells[at]
}
