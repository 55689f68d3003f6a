package pricelist

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/money"
	"wattdue/rating"
)

// Kind is a kind of session whose week is worth showing: the values that rows name.
type Kind struct {
	Title    string // such as "group staff, location L1"
	Contract rating.Contract
	Session  rating.Session
}

// Week is the prices of one component through a week, for a picture. Times are local.
type Week struct {
	Component rating.Component
	Word      string // what the file calls it
	Unit      string
	For       []string      // titles of the kinds of sessions it holds for
	Seasons   []string      // the dates it holds for; empty: always
	Since     time.Duration // since session start: from here
	Until     time.Duration // until here; 0: open end
	Days      []Day         // Monday to Sunday, and a holiday where holidays have prices of their own
	Steps     []Step        // the prices that occur, the lowest first
	HasGap    bool          // there are hours without a price
	Free      bool          // where it has no price, it is free on purpose
	Rest      bool          // there are other weeks for certain sessions; this one is for all others
}

// Day is one line of the picture.
type Day struct {
	Name      string
	Date      calendar.Date // the day that was looked at
	Stretches []Stretch     // from 0 to 1440, without holes
}

// Stretch is a part of a day with one price.
type Stretch struct {
	From, To int // minutes of the day
	Row      string
	Step     int // in the steps of the week; -1: no price
}

// Step is a price that occurs.
type Step struct {
	Label string // short, such as "0.49"
	Text  string // with its rules
	Hours string // when, such as "Mo-Fr 22:00-06:00"
	Shade int    // its colour, from 0, the cheapest of the component in the tariff, to 6
	price rating.Price
}

// mostKinds bounds how many kinds of sessions and seasons are shown of each.
const mostKinds = 40

// Weeks returns the weeks of a tariff that are worth showing: for each component one per kind of session, per season and
// per time since the start, as far as they differ. More is how many kinds were left out.
func Weeks(t rating.Tariff, look Look) (weeks []Week, more int) {
	for _, c := range components {
		rows := rowsOf(newMatrix(&t, c.name).rows)
		if len(rows) == 0 {
			continue
		}
		kinds := kindsOf(rows)
		if len(kinds) > mostKinds {
			more = max(more, len(kinds)-mostKinds)
			kinds = kinds[:mostKinds]
		}
		of := weeksOf(&t, look, c, kinds, seasonsOf(&t, rows), thresholds(rows))
		shade(of)
		weeks = append(weeks, of...)
	}
	return weeks, more
}

// weeksOf draws every kind of session in every season and at every threshold, and puts together what looks the same.
func weeksOf(t *rating.Tariff, look Look, c component, kinds []Kind, seasons []season, since []time.Duration) []Week {
	var albums [][]Week // of each kind: seasons by thresholds
	for _, k := range kinds {
		var album []Week
		for i, from := range since {
			for _, s := range seasons {
				w := newWeek(t, look, c, k, s, from)
				if i+1 < len(since) {
					w.Until = since[i+1]
				}
				album = append(album, w)
			}
		}
		i := slices.IndexFunc(albums, func(o []Week) bool { return slices.EqualFunc(o, album, sameWeek) })
		switch {
		case i < 0:
			albums = append(albums, album)
		case albums[i][0].For[0] != allOthers:
			for j := range albums[i] {
				albums[i][j].For = append(albums[i][j].For, k.Title)
			}
		}
	}
	var weeks []Week
	for _, album := range albums {
		album = together(album, len(seasons))
		for i := range album {
			album[i].Rest = len(albums) > 1 && album[i].For[0] == allOthers
			if len(album[i].Steps) > 0 || len(album) > 1 {
				weeks = append(weeks, album[i])
			}
		}
	}
	return weeks
}

// together joins seasons that look the same, and then times since the start that do.
func together(album []Week, seasons int) []Week {
	var out []Week
	for at := 0; at < len(album); at += seasons {
		first := len(out)
		for _, w := range album[at : at+seasons] {
			i := slices.IndexFunc(out[first:], func(o Week) bool { return sameWeek(o, w) })
			if i < 0 {
				out = append(out, w)
			} else {
				out[first+i] = join(out[first+i], w)
			}
		}
		if len(out) == first+1 {
			out[first].Seasons = nil // the same all the time
		}
	}
	var merged []Week
	for _, w := range out {
		i := slices.IndexFunc(merged, func(o Week) bool { return o.Until == w.Since && slices.Equal(o.Seasons, w.Seasons) && sameWeek(o, w) })
		if i < 0 {
			merged = append(merged, w)
		} else {
			merged[i].Until = w.Until
		}
	}
	return merged
}

// sameWeek reports whether two weeks show the same prices on the days both have: a season may be without a holiday.
func sameWeek(a, b Week) bool {
	for _, x := range a.Days {
		i := slices.IndexFunc(b.Days, func(y Day) bool { return y.Name == x.Name })
		if i >= 0 && !slices.EqualFunc(x.Stretches, b.Days[i].Stretches, func(s, t Stretch) bool {
			return s.From == t.From && s.To == t.To && s.Row == t.Row // a row has one price
		}) {
			return false
		}
	}
	return true
}

// join puts two weeks that look the same into one, with the days either has.
func join(a, b Week) Week {
	seasons := slices.Concat(a.Seasons, b.Seasons)
	if len(b.Days) > len(a.Days) {
		b.Since, a = a.Since, b
	}
	a.Seasons = seasons
	return a
}

// newWeek looks at every edge and every hour of every day.
func newWeek(t *rating.Tariff, look Look, c component, k Kind, s season, since time.Duration) Week {
	w := Week{
		Component: c.name, Word: c.word, Unit: c.unit, For: []string{k.Title}, Seasons: []string{s.title}, Since: since, Free: slices.Contains(t.Free, c.name),
	}
	edges := []int{0}
	for i := range t.Rows {
		for _, window := range t.Rows[i].Moving.Times {
			edges = append(edges, window.From, window.To%dayMinutes)
		}
	}
	edges = tidy(edges)
	var texts []string
	for _, d := range s.days {
		for i, from := range edges {
			end := dayMinutes
			if i+1 < len(edges) {
				end = edges[i+1]
			}
			session := k.Session
			session.TimeZone, session.DurationUsable, session.StartTimeUsable, session.EndTimeUsable = time.UTC, true, true, true
			at := d.Date.Start(time.UTC).Add(time.Duration(from) * time.Minute)
			session.Start, session.End = at.Add(-since), at.Add(time.Hour)
			stretch := Stretch{From: from, To: end, Step: -1}
			if row, price, ok := look(k.Contract, session, at, c.name); ok {
				stretch.Row = row
				text := spellPrice(c, price)
				if stretch.Step = slices.Index(texts, text); stretch.Step < 0 {
					stretch.Step = len(texts)
					texts = append(texts, text)
					w.Steps = append(w.Steps, Step{Label: shortPrice(price), Text: text, price: price})
				}
			} else {
				w.HasGap = true
			}
			d.add(stretch)
		}
		w.Days = append(w.Days, d)
	}
	w.sortSteps()
	w.tellHours()
	return w
}

// add appends a stretch, or lengthens the last one where nothing changes.
func (d *Day) add(s Stretch) {
	if n := len(d.Stretches); n > 0 && d.Stretches[n-1].Step == s.Step && d.Stretches[n-1].Row == s.Row {
		d.Stretches[n-1].To = s.To
		return
	}
	d.Stretches = append(d.Stretches, s)
}

// shortPrice is a price as it fits into the picture.
func shortPrice(p rating.Price) string {
	switch {
	case len(p.Tiers) > 0:
		return p.Tiers[0].Unit.String() + "*"
	case p.PassThrough:
		return "cost"
	}
	return p.Unit.String()
}

// sortSteps puts the lowest price first.
func (w *Week) sortSteps() {
	sorted := slices.Clone(w.Steps)
	slices.SortStableFunc(sorted, cheaper)
	for d := range w.Days {
		for i := range w.Days[d].Stretches {
			if s := &w.Days[d].Stretches[i]; s.Step >= 0 {
				text := w.Steps[s.Step].Text
				s.Step = slices.IndexFunc(sorted, func(o Step) bool { return o.Text == text })
			}
		}
	}
	w.Steps = sorted
}

func cheaper(a, b Step) int {
	unit := func(p rating.Price) money.Price {
		if len(p.Tiers) > 0 {
			return p.Tiers[0].Unit
		}
		return p.Unit
	}
	return cmp.Or(cmp.Compare(unit(a.price), unit(b.price)), cmp.Compare(a.Text, b.Text))
}

// shade gives the same price the same colour in all weeks of a component.
func shade(weeks []Week) {
	var all []Step
	for _, w := range weeks {
		all = append(all, w.Steps...)
	}
	slices.SortFunc(all, cheaper)
	all = slices.CompactFunc(all, func(a, b Step) bool { return a.Text == b.Text })
	for _, w := range weeks {
		for i := range w.Steps {
			at := slices.IndexFunc(all, func(o Step) bool { return o.Text == w.Steps[i].Text })
			w.Steps[i].Shade = shadeOf(at, len(all))
		}
	}
}

// tellHours fills in when each price holds.
func (w *Week) tellHours() {
	for i := range w.Steps {
		w.Steps[i].Hours = w.HoursOf(i)
	}
}

// HoursOf tells when a step holds, such as "Mo-Fr 22:00-06:00"; -1 is where there is no price.
func (w *Week) HoursOf(step int) string {
	days := map[string][]rating.Day{}
	holiday := map[string]bool{}
	var order []string
	for _, d := range w.Days {
		var hours []string
		for _, s := range d.Stretches {
			switch n := len(hours); {
			case s.Step != step:
			case n > 0 && strings.HasSuffix(hours[n-1], "-"+spellClock(s.From)): // another row at the same price
				hours[n-1] = hours[n-1][:6] + spellClock(s.To)
			default:
				hours = append(hours, spellClock(s.From)+"-"+spellClock(s.To))
			}
		}
		if len(hours) == 0 {
			continue
		}
		if n := len(hours); n > 1 && hours[0][:5] == "00:00" && hours[n-1][6:] == "24:00" {
			hours = append(hours[1:n-1:n-1], hours[n-1][:6]+hours[0][6:])
		}
		text := strings.Join(hours, ", ")
		if text == "00:00-24:00" {
			text = "all day"
		}
		if days[text] == nil && !holiday[text] {
			order = append(order, text)
		}
		if i := slices.Index(dayShort[:], d.Name); i >= 0 {
			days[text] = append(days[text], rating.Day(i+1))
		} else {
			holiday[text] = true
		}
	}
	parts := make([]string, len(order))
	for i, text := range order {
		names := spellDays(days[text])
		if holiday[text] {
			names = strings.TrimPrefix(names+", holidays", ", ")
		}
		parts[i] = names + " " + text
	}
	return strings.Join(parts, "; ")
}

// Title says what the week shows, such as "energy per kWh for group staff".
func (w *Week) Title() string {
	text := w.Word + " per " + w.Unit
	if w.Unit == w.Word {
		text = w.Word + " fee"
	}
	if w.Rest || w.For[0] != allOthers {
		text += " for " + several(w.For)
	}
	if len(w.Seasons) > 0 {
		text += ", " + strings.Join(w.Seasons, " and ")
	}
	switch {
	case w.Since > 0 && w.Until > 0:
		text += ", from " + spellTime(w.Since) + " to " + spellTime(w.Until) + " after the start"
	case w.Since > 0:
		text += ", from " + spellTime(w.Since) + " after the start"
	case w.Until > 0:
		text += ", in the first " + spellTime(w.Until)
	}
	return text
}
