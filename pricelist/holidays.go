package pricelist

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"wattdue/calendar"
	"wattdue/rating"
)

// The years for which the built-in calendars are right: before 2019 other laws held, and nobody knows the laws of 2101.
const (
	firstYear = 2019
	lastYear  = 2100
	// yearsAhead are computed for a version with an open end.
	yearsAhead = 10
)

// states of Germany by their ISO 3166-2 codes; DE alone has the days that are holidays in all of them.
var states = []string{"BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"}

// feast is a holiday: a fixed day, or days after Easter Sunday.
type feast struct {
	month  time.Month // 0: after Easter
	day    int        // of the month, or days after Easter
	states string     // empty: everywhere
	from   int        // first year; 0: always
	only   int        // the one year; 0: every year
}

// feasts are the holidays by law of the federal states and, for 3 October, of the Unification Treaty, art. 2(2). Holidays
// of single towns (Augsburg) and of parishes (Assumption Day in Bavaria, Corpus Christi in parts of Saxony and Thuringia)
// are not among them; a file can add them. Berlin made 8 May 2020 and 2025 and 17 June 2028 holidays for once.
var feasts = []feast{
	{month: time.January, day: 1},
	{month: time.January, day: 6, states: "BW BY ST"},
	{month: time.March, day: 8, states: "BE"},
	{month: time.March, day: 8, states: "MV", from: 2023},
	{day: -2},
	{day: 0, states: "BB"},
	{day: 1},
	{month: time.May, day: 1},
	{month: time.May, day: 8, states: "BE", only: 2020},
	{month: time.May, day: 8, states: "BE", only: 2025},
	{day: 39},
	{day: 49, states: "BB"},
	{day: 50},
	{day: 60, states: "BW BY HE NW RP SL"},
	{month: time.June, day: 17, states: "BE", only: 2028},
	{month: time.August, day: 15, states: "SL"},
	{month: time.September, day: 20, states: "TH"},
	{month: time.October, day: 3},
	{month: time.October, day: 31, states: "BB HB HH MV NI SN ST SH TH"},
	{month: time.November, day: 1, states: "BW BY NW RP SL"},
	{month: time.December, day: 25},
	{month: time.December, day: 26},
}

// GermanHolidays returns the holidays of the years from first to last, in order: those of Germany as a whole for "DE", of
// a state for "DE-" and its code, such as "DE-BY". ok is false for other names and for years before 2019 or after 2100.
func GermanHolidays(name string, first, last int) (days []calendar.Date, ok bool) {
	state, isState := strings.CutPrefix(name, "DE-")
	if name != "DE" && (!isState || !listed(states, state)) || first < firstYear || last > lastYear {
		return nil, false
	}
	for year := first; year <= last; year++ {
		for _, f := range feasts {
			if (f.states == "" || isState && strings.Contains(f.states, state)) && year >= f.from && (f.only == 0 || f.only == year) {
				days = append(days, f.in(year))
			}
		}
		if state == "SN" { // the Wednesday before 23 November
			d := calendar.NewDate(year, time.November, 22)
			for d.Weekday() != time.Wednesday {
				d = d.AddDays(-1)
			}
			days = append(days, d)
		}
	}
	slices.SortFunc(days, calendar.Date.Compare)
	return slices.Compact(days), true
}

func (f feast) in(year int) calendar.Date {
	if f.month == 0 {
		return calendar.EasterSunday(year).AddDays(f.day)
	}
	return calendar.NewDate(year, f.month, f.day)
}

// holidayYears are the years a version needs: those it is valid in, or ten after its start.
func holidayYears(t rating.Tariff) (first, last int) {
	first = t.ValidFrom.AddDate(0, 0, 1).Year() // midnight of New Year may be December in UTC
	last = first + yearsAhead
	if !t.ValidTo.IsZero() {
		last = t.ValidTo.Year()
	}
	return max(first, firstYear), min(last, lastYear)
}

const wantHolidays = "the name of a calendar, such as DE or DE-BY, or {name: ..., dates: [2026-12-24, ...]}"

// holidays reads which days are holidays. The days become part of the version.
func (o object) holidays(t rating.Tariff) *rating.Holidays {
	n := o.values["holidays"]
	if n == nil || n.Kind == yaml.AliasNode {
		return nil
	}
	first, last := holidayYears(t)
	if n.Kind != yaml.MappingNode {
		s, ok := o.p.scalar(n, "holidays", wantHolidays)
		if !ok {
			return nil
		}
		return o.p.calendar(n, s, first, last)
	}
	h, _ := o.p.object(n, "holidays", []string{"name", "years", "dates", "and"})
	name, nameNode, ok := h.need("name", wantHolidays)
	if !ok {
		return nil
	}
	if !isID(name) {
		o.p.faultf(nameNode, "holidays, name", "%s is no name; want at most 60 letters, digits and other signs on one line", shown(name))
	}
	if h.values["dates"] != nil {
		for _, other := range []string{"years", "and"} {
			if h.values[other] != nil {
				o.p.faultf(h.keys[other], "holidays", "%s and dates contradict each other; dates are all the holidays there are", other)
			}
		}
		return &rating.Holidays{Name: name, Days: h.dayList("dates")}
	}
	first, last = h.years(first, last)
	list := o.p.calendar(nameNode, name, first, last)
	if list != nil {
		list.Days = append(list.Days, h.dayList("and")...)
		slices.SortFunc(list.Days, calendar.Date.Compare)
		list.Days = slices.Compact(list.Days)
	}
	return list
}

// calendar finds a calendar by name, a built-in one first.
func (p *parser) calendar(n *yaml.Node, name string, first, last int) *rating.Holidays {
	if days, ok := GermanHolidays(name, first, last); ok {
		return &rating.Holidays{Name: name, Days: days}
	}
	if p.known.Holidays != nil {
		if days, ok := p.known.Holidays(name); ok {
			days = slices.Clone(days)
			slices.SortFunc(days, calendar.Date.Compare)
			return &rating.Holidays{Name: name, Days: slices.Compact(days)}
		}
	}
	names := make([]string, 0, len(states)+1)
	names = append(names, "DE")
	for _, s := range states {
		names = append(names, "DE-"+s)
	}
	if s := nearest(name, slices.Values(names)); s != "" && !listed(names, name) {
		p.faultf(n, "holidays", "the calendar %s is not known; did you mean %s? Or give {name: ..., dates: [...]}", shown(name), s)
		return nil
	}
	p.faultf(n, "holidays", "the calendar %s is not known; built in are DE and its states, such as DE-BY, or give {name: ..., dates: [...]}", shown(name))
	return nil
}

// years reads the span of years that are computed.
func (o object) years(first, last int) (int, int) {
	s, n, ok := o.text("years", "years such as 2026-2030")
	if !ok {
		return first, last
	}
	from, to, isSpan := strings.Cut(s, "-")
	if !isSpan {
		to = from
	}
	a, errFrom := strconv.Atoi(strings.TrimSpace(from))
	b, errTo := strconv.Atoi(strings.TrimSpace(to))
	if errFrom != nil || errTo != nil || a > b || a < firstYear || b > lastYear {
		o.p.faultf(n, "holidays, years", "%s are no years; want some from %d to %d, such as 2026-2030", shown(s), firstYear, lastYear)
		return first, last
	}
	return a, b
}

// dayList reads dates in any order.
func (o object) dayList(name string) []calendar.Date {
	var days []calendar.Date
	for _, it := range o.list(name, "dates such as 2026-12-24") {
		d, err := calendar.ParseDate(it.text)
		switch {
		case err != nil:
			o.p.faultf(it.node, o.field(name), "%s", dateAdvice(it.text))
		case slices.Contains(days, d):
			o.p.faultf(it.node, o.field(name), "%s is there twice", d)
		default:
			days = append(days, d)
		}
	}
	slices.SortFunc(days, calendar.Date.Compare)
	return days
}

// holidaysUsed refuses rows for holidays where nobody said what a holiday is.
func (o object) holidaysUsed(t rating.Tariff) {
	if o.values["holidays"] != nil {
		return
	}
	for _, r := range t.Rows {
		if slices.Contains(r.Moving.DayTypes, rating.Holiday) {
			o.missingf("holidays", "row %s is for holidays, but the tariff names no calendar; add one, such as %q", shown(r.ID), "holidays: DE")
			return
		}
	}
}
