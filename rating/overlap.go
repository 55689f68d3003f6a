package rating

import (
	"cmp"
	"math"
	"slices"
)

// clash is a pair of rows with nothing to decide between them for a component.
type clash struct {
	component int
	row, with string
	in        string // their moving keys
	priority  int
}

// clashes returns the pairs among the rows of one cell that can match the same moment with the same priority and the same
// keys (rating rules, 3.4).
func clashes(list []*candidate) []clash {
	if len(list) < 2 {
		return nil
	}
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(a.comp, b.comp), cmp.Compare(a.priority, b.priority), cmp.Compare(a.keys, b.keys),
			cmp.Compare(a.firstDay(), b.firstDay()), cmp.Compare(a.since(), b.since()), cmp.Compare(a.row, b.row))
	})
	var found []clash
	for i, a := range sorted {
		for _, b := range sorted[i+1:] {
			if a.comp != b.comp || a.priority != b.priority || a.keys != b.keys {
				break
			}
			if a.condition != nil && b.condition.from > a.condition.to { // sorted by first day: none after it can meet a
				break
			}
			if meet(a.condition, b.condition) {
				found = append(found, newClash(a, b))
			}
		}
	}
	return found
}

func newClash(a, b *candidate) clash {
	if b.row < a.row {
		a, b = b, a
	}
	c := clash{component: a.comp, row: a.row, with: b.row, priority: a.priority}
	if a.condition != nil {
		c.in = " where " + a.condition.text + " meets " + b.condition.text
	}
	return c
}

func (c *candidate) firstDay() int32 {
	if c.condition == nil {
		return noDay
	}
	return c.condition.from
}

func (c *candidate) since() int64 {
	if c.condition == nil {
		return 0
	}
	return max(c.condition.afterTime, c.condition.afterEnergy)
}

// meet reports whether two conditions with the same keys can hold at one moment. Calendar, time and energy since the start
// are independent of each other.
func meet(a, b *condition) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if max(a.afterTime, b.afterTime) >= min(a.untilTime, b.untilTime) || max(a.afterEnergy, b.afterEnergy) >= min(a.untilEnergy, b.untilEnergy) {
		return false
	}
	if !a.local {
		return true
	}
	if a.windows == nil && !daysMeet(a, b) { // both have windows, or none
		return false
	}
	if a.windows == nil {
		return true
	}
	for _, v := range a.windows {
		for _, w := range b.windows {
			if v.from < w.to && w.from < v.to && spansMeet(a, b, v, w) {
				return true
			}
		}
	}
	return false
}

func daysMeet(a, b *condition) bool { return spansMeet(a, b, span{}, span{}) }

// spansMeet reports whether there is a day on which one span of a and one of b are both true; the spans share some time.
func spansMeet(a, b *condition, v, w span) bool {
	shift := func(c *condition, s span) int32 {
		if s.tail && c.dayOfStart {
			return -1
		}
		return 0
	}
	byA, byB := shift(a, v), shift(b, w)
	// The days on which both date keys hold; a day of start lies one before.
	first, last := max(a.from, b.from), min(a.to, b.to)
	if a.from != noDay || b.from != noDay {
		first = max(first-1, noDay)
	}
	if last != noLastDay {
		last++
	}
	if first >= last {
		return false
	}
	both := func(day int32) bool { return day >= first && day < last && a.onDay(day+byA) && b.onDay(day+byB) }
	// Four weeks show every weekday, the rest of the range repeats them; the holidays are looked at one by one.
	const weeks = 28
	from := int32(0)
	switch {
	case first != noDay:
		from = first
	case last != noLastDay:
		from = max(last-weeks, math.MinInt32+weeks)
	}
	for day := from; day < from+weeks; day++ {
		if both(day) {
			return true
		}
	}
	for _, h := range a.holidays {
		if both(h) || both(h+1) {
			return true
		}
	}
	return false
}
