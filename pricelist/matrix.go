package pricelist

import (
	"slices"
	"strings"

	"wattdue/calendar"
	"wattdue/rating"
)

// matrix finds which row of a tariff prices one component of a session. It judges kinds of sessions before there are any
// and shares no code with the engine, which prices real ones.
type matrix struct {
	book    dayBook
	rows    []*candidate
	byMasks map[uint16]map[string][]*candidate // open keys a row has, then their values
}

// candidate is a row with its rank among others.
type candidate struct {
	*rating.Row

	keys  uint32 // earlier keys are higher bits
	price rating.Price
}

func newMatrix(t *rating.Tariff, name rating.Component) *matrix {
	m := &matrix{book: newDayBook(t), byMasks: map[uint16]map[string][]*candidate{}}
	for i := range t.Rows {
		r := &t.Rows[i]
		price, ok := r.Prices[name]
		if !ok {
			continue
		}
		c := &candidate{Row: r, keys: rank(r), price: price}
		m.rows = append(m.rows, c)
		mask := uint16(c.keys >> 6)
		if m.byMasks[mask] == nil {
			m.byMasks[mask] = map[string][]*candidate{}
		}
		for _, key := range valueKeys(r) {
			m.byMasks[mask][key] = append(m.byMasks[mask][key], c)
		}
	}
	return m
}

// rank returns the keys of a row as bits (rating rules, 3.3): ten static ones above date, day, time, after and until.
func rank(r *rating.Row) uint32 {
	has := make([]bool, 0, 14)
	for _, values := range openValues(r) {
		has = append(has, len(values) > 0)
	}
	m := &r.Moving
	has = append(has, len(r.Power) > 0, len(r.Channels) > 0, !m.DateFrom.IsZero() || !m.DateTo.IsZero(), len(m.DayTypes) > 0 || len(m.Days) > 0,
		len(m.Times) > 0, m.AfterTime != 0 || m.UntilTime != 0 || m.AfterEnergy != 0 || m.UntilEnergy != 0)
	bits := uint32(0)
	for _, b := range has {
		bits <<= 1
		if b {
			bits |= 1
		}
	}
	return bits
}

// valueKeys are the combinations of the open values of a row, each as one text.
func valueKeys(r *rating.Row) []string {
	list := []string{""}
	for _, values := range openValues(r) {
		if len(values) == 0 {
			continue
		}
		wider := make([]string, 0, len(list)*len(values))
		for _, s := range list {
			for _, v := range values {
				wider = append(wider, s+v+"\x00")
			}
		}
		list = wider
	}
	return list
}

// match is a row that applies to a place.
type match struct {
	*candidate

	group int // place among the groups of the contract; len(groups) where the row names none
}

// at lists the rows whose static keys hold at a place.
func (m *matrix) at(p *place) []match {
	var list []match
	for mask, cells := range m.byMasks {
		if mask>>(openKeys-1-groupKey)&1 == 0 {
			list = m.collect(list, cells, mask, p, "", len(p.groups))
			continue
		}
		for i, g := range p.groups {
			list = m.collect(list, cells, mask, p, g, i)
		}
	}
	return list
}

func (m *matrix) collect(list []match, cells map[string][]*candidate, mask uint16, p *place, group string, nth int) []match {
	var key strings.Builder
	for k, v := range p.values {
		if mask>>(openKeys-1-k)&1 == 0 {
			continue
		}
		if k == groupKey {
			v = group
		}
		if v == "" {
			return list
		}
		key.WriteString(v)
		key.WriteByte(0)
	}
	for _, c := range cells[key.String()] {
		if matchesPower(c.Row, p.power) && matchesChannel(c.Row, p.channel) {
			list = append(list, match{c, nth})
		}
	}
	return list
}

// winner returns the row that prices the component at a moment, nil when there is none (rating rules, 3.1 to 3.5): of the
// rows for the first group that has any, and those for no group, the one that ranks highest.
func (m *matrix) winner(list []match, at *moment) *match {
	var grouped, others *match
	for i := range list {
		c := &list[i]
		if !m.book.holds(&c.Moving, at) {
			continue
		}
		switch {
		case !c.byGroup():
			others = higher(others, c)
		case grouped == nil || c.group < grouped.group:
			grouped = c
		case c.group == grouped.group:
			grouped = higher(grouped, c)
		}
	}
	if grouped == nil {
		return others
	}
	return higher(others, grouped)
}

func higher(a, b *match) *match {
	if a == nil || b.Priority > a.Priority || b.Priority == a.Priority && b.keys > a.keys {
		return b
	}
	return a
}

// byGroup reports whether the row is for customer groups.
func (c *candidate) byGroup() bool { return len(c.Groups) > 0 }

// validity is the span of local days a version prices, a day wider on both sides because zones differ.
func validity(t *rating.Tariff) (from, to calendar.Date) {
	from = calendar.NewDate(t.ValidFrom.Year(), t.ValidFrom.Month(), t.ValidFrom.Day()-1)
	if !t.ValidTo.IsZero() {
		to = calendar.NewDate(t.ValidTo.Year(), t.ValidTo.Month(), t.ValidTo.Day()+2)
	}
	return from, to
}

func rowsOf(list []*candidate) []*rating.Row {
	rows := make([]*rating.Row, len(list))
	for i, c := range list {
		rows[i] = c.Row
	}
	return rows
}

func rowsOfMatches(lists ...[]match) []*rating.Row {
	var rows []*rating.Row
	for _, list := range lists {
		for i := range list {
			if !slices.Contains(rows, list[i].Row) {
				rows = append(rows, list[i].Row)
			}
		}
	}
	return rows
}
