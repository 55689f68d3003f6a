package pricelist

import (
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

// kindsOf lists the kinds of sessions that rows tell apart; those of which no row names a value first.
func kindsOf(rows []*rating.Row) []Kind {
	var kinds []Kind
	for _, p := range places(rows) {
		kinds = append(kinds, Kind{
			Title:    p.String(),
			Contract: rating.Contract{No: p.values[contractKey], Customer: p.values[customerKey], Groups: p.groups},
			Session: rating.Session{
				EVSEID: p.values[evseKey], Location: p.values[locationKey], Zone: p.values[zoneKey], Operator: p.values[operatorKey],
				Country: p.values[countryKey], Power: p.power.current, Watts: p.power.watts, Channel: p.channel,
			},
		})
	}
	return kinds
}

// thresholds are the times since the start at which rows may change.
func thresholds(rows []*rating.Row) []time.Duration {
	list := []time.Duration{0}
	for _, r := range rows {
		list = append(list, r.Moving.AfterTime, r.Moving.UntilTime)
	}
	return tidy(list)
}

// season is a span of dates in which the same rows with dates hold.
type season struct {
	title string
	days  []Day // without stretches
}

// seasonsOf parts the validity of a tariff at the dates that rows name.
func seasonsOf(t *rating.Tariff, rows []*rating.Row) []season {
	from, to := validity(t)
	from = from.AddDays(1) // a picture begins where the version does
	edges := []calendar.Date{from}
	for _, r := range rows {
		for _, d := range []calendar.Date{r.Moving.DateFrom, r.Moving.DateTo} {
			if from.Before(d) && (to.IsZero() || d.Before(to)) {
				edges = append(edges, d)
			}
		}
	}
	slices.SortFunc(edges, calendar.Date.Compare)
	edges = slices.Compact(edges)
	if len(edges) > mostKinds {
		edges = edges[:mostKinds]
	}
	book := newDayBook(t)
	byHoliday := slices.ContainsFunc(rows, func(r *rating.Row) bool { return len(r.Moving.DayTypes) > 0 })
	var list []season
	for i, first := range edges {
		next := to
		if i+1 < len(edges) {
			next = edges[i+1]
		}
		s := season{days: daysOf(book, first, next, byHoliday)}
		if len(edges) > 1 {
			begin := first
			if i == 0 {
				begin = calendar.Date{}
			}
			if i == len(edges)-1 {
				next = calendar.Date{}
			}
			s.title = spellDates(begin, next)
		}
		list = append(list, s)
	}
	return list
}

// daysOf picks an ordinary day for each weekday of a season, and a holiday.
func daysOf(book dayBook, from, next calendar.Date, byHoliday bool) []Day {
	inside := func(d calendar.Date) bool { return next.IsZero() || d.Before(next) }
	var days []Day
	for day := rating.Day(1); day <= 7; day++ {
		// Eight weeks hold an ordinary day of each weekday, if the season is long enough to have one.
		best := calendar.Date{}
		for n := range 56 {
			d := from.AddDays(n)
			if !inside(d) {
				break
			}
			if isoDay(d) == day && !book[d] && (best.IsZero() || n > 0 && book[best.AddDays(-1)]) {
				best = d
			}
		}
		if !best.IsZero() {
			days = append(days, Day{Name: dayShort[day-1], Date: best})
		}
	}
	if !byHoliday {
		return days
	}
	holidays := make([]calendar.Date, 0, len(book))
	for d := range book {
		holidays = append(holidays, d)
	}
	slices.SortFunc(holidays, calendar.Date.Compare)
	for _, d := range holidays {
		if !d.Before(from) && inside(d) {
			return append(days, Day{Name: "Holiday", Date: d})
		}
	}
	return days
}
