package pricelist

import (
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/rating"
)

// moment is what moving keys look at. A moment of a grid stands for all up to the next edge.
type moment struct {
	day    calendar.Date // local
	minute int           // of the local day
	since  time.Duration
	energy cdr.MicroKWh
}

// dayBook knows the kinds of days of a version.
type dayBook map[calendar.Date]bool

func newDayBook(t *rating.Tariff) dayBook {
	book := dayBook{}
	if t.Holidays != nil {
		for _, d := range t.Holidays.Days {
			book[d] = true
		}
	}
	return book
}

func (b dayBook) kind(d calendar.Date) rating.DayType {
	switch wd := d.Weekday(); {
	case b[d]:
		return rating.Holiday
	case wd == time.Saturday || wd == time.Sunday:
		return rating.Weekend
	}
	return rating.Weekday
}

// holds reports whether the moving keys of a row are true at a moment (rating rules, 4.2 and 4.3).
func (b dayBook) holds(m *rating.Moving, at *moment) bool {
	if at.since < m.AfterTime || m.UntilTime != 0 && at.since >= m.UntilTime || at.energy < m.AfterEnergy || m.UntilEnergy != 0 && at.energy >= m.UntilEnergy {
		return false
	}
	if len(m.Times) == 0 {
		return b.onDay(m, at.day)
	}
	for _, w := range m.Times {
		inside, tail := within(w, at.minute)
		if !inside {
			continue
		}
		day := at.day
		if tail && m.DayOfStart {
			day = day.AddDays(-1)
		}
		if b.onDay(m, day) {
			return true
		}
	}
	return false
}

// within reports whether a minute of the day lies in a window, and in its part after midnight.
func within(w rating.Window, minute int) (inside, tail bool) {
	to := w.To
	if to == 0 {
		to = dayMinutes
	}
	switch {
	case w.From == w.To:
		return true, false
	case to < w.From:
		return minute >= w.From || minute < to, minute < to
	}
	return minute >= w.From && minute < to, false
}

func (b dayBook) onDay(m *rating.Moving, d calendar.Date) bool {
	if !m.DateFrom.IsZero() && d.Before(m.DateFrom) || !m.DateTo.IsZero() && !d.Before(m.DateTo) {
		return false
	}
	if len(m.Days) > 0 && !slices.Contains(m.Days, isoDay(d)) {
		return false
	}
	return len(m.DayTypes) == 0 || slices.Contains(m.DayTypes, b.kind(d))
}

// isoDay is 1 for Monday to 7 for Sunday.
func isoDay(d calendar.Date) rating.Day { return rating.Day((int(d.Weekday())+6)%7 + 1) }

// grid holds the moments at which rows may change: between two edges nothing does.
type grid struct {
	days    []calendar.Date
	minutes []int
	since   []time.Duration
	energy  []cdr.MicroKWh
}

// newGrid collects the edges of rows within the validity of their versions.
func newGrid(rows []*rating.Row, from, to calendar.Date, books ...dayBook) grid {
	g := grid{minutes: []int{0}, since: []time.Duration{0}, energy: []cdr.MicroKWh{0}}
	byDay := false
	edges := []calendar.Date{from}
	for _, r := range rows {
		m := &r.Moving
		for _, w := range m.Times {
			g.minutes = append(g.minutes, w.From, w.To%dayMinutes)
		}
		g.since = append(g.since, m.AfterTime, m.UntilTime)
		g.energy = append(g.energy, m.AfterEnergy, m.UntilEnergy)
		byDay = byDay || len(m.Days) > 0 || len(m.DayTypes) > 0 || !m.DateFrom.IsZero() || !m.DateTo.IsZero()
		for _, d := range []calendar.Date{m.DateFrom, m.DateTo} {
			if from.Before(d) && (to.IsZero() || d.Before(to)) {
				edges = append(edges, d)
			}
		}
	}
	g.minutes, g.since, g.energy = tidy(g.minutes), tidy(g.since), tidy(g.energy)
	g.days = []calendar.Date{from}
	if byDay {
		g.days = kindsOfDays(edges, to, books)
	}
	return g
}

func tidy[T int | time.Duration | cdr.MicroKWh](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// kindsOfDays returns one day of each kind between the edges: by weekday, and by whether it or the day before is a holiday
// or an edge.
func kindsOfDays(edges []calendar.Date, to calendar.Date, books []dayBook) []calendar.Date {
	slices.SortFunc(edges, calendar.Date.Compare)
	edges = slices.Compact(edges)
	var holidays []calendar.Date
	for _, b := range books {
		for d := range b {
			holidays = append(holidays, d, d.AddDays(1))
		}
	}
	slices.SortFunc(holidays, calendar.Date.Compare)
	holidays = slices.Compact(holidays)
	const weeks = 28 // days that show every weekday without a holiday
	var days []calendar.Date
	for i, from := range edges {
		next := to
		if i+1 < len(edges) {
			next = edges[i+1]
		}
		var candidates []calendar.Date
		for n := range weeks {
			candidates = append(candidates, from.AddDays(n))
		}
		first, _ := slices.BinarySearchFunc(holidays, from, calendar.Date.Compare)
		for _, d := range holidays[first:] {
			if !next.IsZero() && !d.Before(next) {
				break
			}
			candidates = append(candidates, d)
		}
		seen := map[uint64]bool{}
		for _, d := range candidates {
			kind := kindOfDay(d, d == from, books)
			if (next.IsZero() || d.Before(next)) && !seen[kind] {
				seen[kind] = true
				days = append(days, d)
			}
		}
	}
	return days
}

func kindOfDay(d calendar.Date, edge bool, books []dayBook) uint64 {
	kind := uint64(isoDay(d))
	if edge {
		kind |= 8
	}
	for _, b := range books {
		kind <<= 2
		if b[d] {
			kind |= 1
		}
		if b[d.AddDays(-1)] {
			kind |= 2
		}
	}
	return kind
}

// size is the number of moments.
func (g *grid) size() int { return len(g.days) * len(g.minutes) * len(g.since) * len(g.energy) }

// each calls a function with every moment until it returns false.
func (g *grid) each(f func(*moment) bool) {
	for _, d := range g.days {
		for _, minute := range g.minutes {
			for _, since := range g.since {
				for _, energy := range g.energy {
					if !f(&moment{d, minute, since, energy}) {
						return
					}
				}
			}
		}
	}
}
