package rating

// Reason says why a row was not used although it prices the component.
type Reason string

// The reasons, from the nearest rival to a row that applies elsewhere.
const (
	TimeNotProven Reason = "time_not_proven" // it would win, but its keys look at a time that is not proven
	LowerPriority Reason = "lower_priority"  // it matches, but another row has a higher priority
	LessSpecific  Reason = "less_specific"   // it matches, but another row of its priority says more about the session
	LaterGroup    Reason = "later_group"     // it matches a group that comes after the one whose row was used
	OtherTime     Reason = "other_time"      // it is for the session, but for another time or quantity
	NoMatch       Reason = "no_match"        // it is for other sessions
)

// reasons by their number in a trace; 0 is none.
var reasons = [...]Reason{"", LowerPriority, LessSpecific, LaterGroup, NoMatch, OtherTime, TimeNotProven}

// The places of the reasons in the table.
const (
	noReason = iota
	lowerPriority
	lessSpecific
	laterGroup
	noMatch
	otherTime
	timeNotProven
)

// choice is the outcome of looking for a component's price at a moment.
type choice struct {
	winner   *match // nil: no row matches
	rejected *candidate
	reason   uint8
	unproven bool // a row would have won whose time is not proven
}

// choose finds the row that prices a component at a moment (rating rules, 3.1 to 3.5): of the rows that match with the
// first group that has any, or without a group, the one with the highest priority, then the most specific one.
func choose(list []match, at *moment) choice {
	if len(list) == 1 && list[0].condition == nil { // no other row, no time: the usual case
		return choice{winner: &list[0]}
	}
	var found choice
	group := int32(noGroup)
	for i := range list {
		if m := &list[i]; m.group < group && !m.unused && m.condition.holds(at) {
			group = m.group
		}
	}
	var second, unproven, later, other *match
	for i := range list {
		m := &list[i]
		switch {
		case !m.condition.holds(at):
			other = better(other, m)
		case m.unused && (m.group == noGroup || m.group <= group):
			unproven = better(unproven, m)
		case m.group != noGroup && m.group != group:
			later = better(later, m)
		case found.winner == nil || m.outranks(found.winner.candidate):
			found.winner, second = m, found.winner
		default:
			second = better(second, m)
		}
	}
	found.reject(unproven, second, later, other)
	return found
}

func better(a, b *match) *match {
	if a == nil || b.outranks(a.candidate) {
		return b
	}
	return a
}

// reject finds the best row that was not used, and why.
func (found *choice) reject(unproven, second, later, other *match) {
	switch {
	case unproven != nil && (found.winner == nil || unproven.outranks(found.winner.candidate) ||
		found.winner.group != noGroup && unproven.group < found.winner.group):
		found.rejected, found.reason, found.unproven = unproven.candidate, timeNotProven, true
	case second != nil && second.priority < found.winner.priority:
		found.rejected, found.reason = second.candidate, lowerPriority
	case second != nil:
		found.rejected, found.reason = second.candidate, lessSpecific
	case later != nil:
		found.rejected, found.reason = later.candidate, laterGroup
	case other != nil:
		found.rejected, found.reason = other.candidate, otherTime
	}
}
