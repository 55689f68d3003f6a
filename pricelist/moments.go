package pricelist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/rating"
)

// several lists a few of many.
func several(list []string) string {
	const most = 4
	if len(list) > most {
		return strings.Join(list[:most], "; ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return strings.Join(list, "; ")
}

// spellMoments describes moments of a grid; empty when they are all there are.
func spellMoments(g *grid, missing []moment) string {
	if len(missing) == g.size() {
		return ""
	}
	type since struct {
		time   time.Duration
		energy cdr.MicroKWh
	}
	hours := map[since]string{}
	for _, t := range g.since {
		for _, e := range g.energy {
			var list []moment
			for _, m := range missing {
				if m.since == t && m.energy == e {
					list = append(list, m)
				}
			}
			if len(list) > 0 {
				hours[since{t, e}] = spellHours(g, list)
			}
		}
	}
	// Stretches since the start that miss the same hours are told together.
	var parts []string
	for j, e := range g.energy {
		for i := 0; i < len(g.since); i++ {
			at, ok := hours[since{g.since[i], e}]
			if !ok {
				continue
			}
			from := i
			for i+1 < len(g.since) {
				if next, also := hours[since{g.since[i+1], e}]; !also || next != at {
					break
				}
				i++
			}
			words := []string{at, spellStretch(g.since, from, i, " since the start", spellTime), spellStretch(g.energy, j, j, " taken", spellEnergy)}
			parts = append(parts, strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " "))
		}
	}
	return several(parts)
}

// spellStretch names the edges from one to another, such as "before 240 min since the start"; empty for all of them.
func spellStretch[T time.Duration | cdr.MicroKWh](edges []T, from, to int, of string, spell func(T) string) string {
	switch {
	case from == 0 && to == len(edges)-1:
		return ""
	case from == 0:
		return "before " + spell(edges[to+1]) + of
	case to == len(edges)-1:
		return "from " + spell(edges[from]) + of
	}
	return "from " + spell(edges[from]) + " to " + spell(edges[to+1]) + of
}

// spellHours names days and times, such as "Mo-Fr 06:00-22:00".
func spellHours(g *grid, missing []moment) string {
	byDay := map[calendar.Date][]int{}
	for _, m := range missing {
		if list := byDay[m.day]; len(list) == 0 || list[len(list)-1] != m.minute {
			byDay[m.day] = append(list, m.minute)
		}
	}
	if len(g.days) == 1 {
		return spellMinutes(g.minutes, byDay[g.days[0]])
	}
	// Days of the same weekday show the same unless dates or holidays differ; then a day stands for itself.
	hours := map[string][]rating.Day{}
	var order []string
	for day := rating.Day(1); day <= 7; day++ {
		for _, d := range g.days {
			minutes, ok := byDay[d]
			if !ok || isoDay(d) != day {
				continue
			}
			s := spellMinutes(g.minutes, minutes)
			if hours[s] == nil {
				order = append(order, s)
			}
			if !slices.Contains(hours[s], day) {
				hours[s] = append(hours[s], day)
			}
		}
	}
	parts := make([]string, len(order))
	for i, s := range order {
		text := s
		if s == "" && len(order) > 1 {
			text = "all day"
		}
		parts[i] = strings.TrimSpace(spellDays(hours[s]) + " " + text)
	}
	text := strings.Join(parts, "; ")
	if first, n := missing[0].day, len(byDay); n < len(g.days) {
		text += fmt.Sprintf(" (first on %s)", first)
	}
	return text
}

// spellMinutes joins neighbouring minutes of the grid to stretches of the day; empty for the whole day.
func spellMinutes(edges, minutes []int) string {
	if len(minutes) == len(edges) {
		return ""
	}
	var parts []string
	for i := 0; i < len(edges); {
		if !slices.Contains(minutes, edges[i]) {
			i++
			continue
		}
		j := i
		for j+1 < len(edges) && slices.Contains(minutes, edges[j+1]) {
			j++
		}
		end := dayMinutes
		if j+1 < len(edges) {
			end = edges[j+1]
		}
		parts = append(parts, spellClock(edges[i])+"-"+spellClock(end))
		i = j + 1
	}
	if n := len(parts); n > 1 && parts[0][:5] == "00:00" && parts[n-1][6:] == "24:00" { // over midnight
		parts[n-1] = parts[n-1][:6] + parts[0][6:]
		parts = parts[1:]
	}
	return strings.Join(parts, ", ")
}
