package report

import (
	"math/bits"
	"slices"
	"strconv"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// The chart's measures, in units of its view box. All positions are integers.
const (
	chartWidth  = 760
	plotLeft    = 56
	plotRight   = chartWidth - 4
	plotHeight  = 92
	panelTop    = 26 // room for the title of a panel
	panelFoot   = 12
	axisHeight  = 20
	chartHeight = 2*(panelTop+plotHeight+panelFoot) + axisHeight
	mostSlots   = 100 // days that are drawn; more would be thinner than a hair
	mostLabels  = 16  // days named below the bars
	mostTicks   = 4
)

// chart is energy and revenue per day, one above the other over the same days.
type chart struct {
	Width, Height int
	Left, Right   int
	Panels        []panel
	Labels        []label
	LabelY        int
	Note          string // says so when not every day is drawn
}

type panel struct {
	Title, Unit, Best string
	Class             string
	TitleY            int
	Weekends          []rect
	Ticks             []label
	Bars              []bar
}

type bar struct {
	rect
	Text string
}

type rect struct{ X, Y, W, H int }

// label is a text at a position: days along X, ticks along Y.
type label struct {
	At   int
	Text string
}

// slot is one day of the chart; a day without charging is empty.
type slot = DaySum

// newChart draws the days; ok is false when there is none.
func newChart(r Report) (c chart, ok bool) {
	slots, note := slotsOf(r.Days)
	if len(slots) == 0 {
		return chart{}, false
	}
	c = chart{Width: chartWidth, Height: chartHeight, Left: plotLeft, Right: plotRight, LabelY: chartHeight - 6, Note: note}
	w := r.words()
	c.Panels = []panel{
		newPanel(0, "energy", "Energy", "kWh", slots, func(s slot) int64 { return int64(s.Energy) },
			func(v int64) string { return kWhExact(cdr.MicroKWh(v)) + " kWh" },
			func(v int64) string { return short(cdr.MicroKWh(v).KWh()) }),
		newPanel(1, "gross", "Revenue incl. VAT", string(r.Currency), slots, func(s slot) int64 { return s.Gross },
			w.money, func(v int64) string { return short(money.Amount{Minor: v, Currency: r.Currency}.Decimal()) }),
	}
	every := (len(slots) + mostLabels - 1) / mostLabels
	for i, s := range slots {
		if i%every == 0 {
			x, width := column(i, len(slots))
			c.Labels = append(c.Labels, label{x + width/2, dayLabel(s.Date, i == 0 || s.Date.Day <= every)})
		}
	}
	return c, true
}

// slotsOf returns the days in order, one slot for each, with empty ones between when that fits.
func slotsOf(days []DaySum) (slots []slot, note string) {
	sorted := slices.Clone(days)
	slices.SortStableFunc(sorted, func(a, b DaySum) int { return a.Date.Compare(b.Date) })
	if len(sorted) > mostSlots {
		note = "The chart shows the last " + strconv.Itoa(mostSlots) + " of " + strconv.Itoa(len(sorted)) + " days."
		sorted = sorted[len(sorted)-mostSlots:]
	}
	for i, d := range sorted {
		if i > 0 && sorted[0].Date.DaysUntil(sorted[len(sorted)-1].Date) < mostSlots {
			for next := sorted[i-1].Date.AddDays(1); next.Before(d.Date); next = next.AddDays(1) {
				slots = append(slots, slot{Date: next})
			}
		}
		slots = append(slots, d)
	}
	return slots, note
}

// newPanel draws one measure of the days. Values below zero have no bar; their text tells them.
func newPanel(nth int, class, title, unit string, slots []slot, value func(slot) int64, exact, tick func(int64) string) panel {
	bottom := (nth+1)*(panelTop+plotHeight+panelFoot) - panelFoot
	p := panel{Title: title, Unit: unit, Class: class, TitleY: bottom - plotHeight - 12}
	most, best := int64(0), 0
	for i, s := range slots {
		if v := value(s); v > most {
			most, best = v, i
		}
	}
	step := stepFor(most)
	steps := max((uint64(most)+step-1)/step, 1)
	top := steps * step
	for i := range steps + 1 {
		at := i * step
		p.Ticks = append(p.Ticks, label{bottom - scale(at, top, plotHeight), tickText(at, tick)})
	}
	for i, s := range slots {
		v := max(value(s), 0)
		x, width := column(i, len(slots))
		if day := s.Date.Weekday(); day == time.Saturday || day == time.Sunday {
			p.Weekends = append(p.Weekends, rect{x, bottom - plotHeight, width, plotHeight})
		}
		gap := width * 15 / 100
		h := scale(uint64(v), top, plotHeight)
		if v > 0 {
			h = max(h, 1)
		}
		text := shortDate(s.Date) + ": " + exact(value(s)) + ", " + plural(s.Sessions, "session")
		p.Bars = append(p.Bars, bar{rect{x + gap, bottom - h, max(width-2*gap, 1), h}, text})
	}
	if most > 0 {
		p.Best = "highest " + shortDate(slots[best].Date) + ": " + exact(most)
	}
	return p
}

// tickText writes a tick; the one above the largest integer stays without text.
func tickText(at uint64, tick func(int64) string) string {
	if at > 1<<63-1 {
		return ""
	}
	return tick(int64(at))
}

// stepFor is the distance of ticks: 1, 2 or 5 times a power of ten, so that at most mostTicks of them reach most.
func stepFor(most int64) uint64 {
	for power := uint64(1); ; power *= 10 {
		for _, m := range []uint64{1, 2, 5} {
			if step := m * power; (uint64(most)+step-1)/step <= mostTicks {
				return step
			}
		}
	}
}

// scale returns v*height/most, for v up to most.
func scale(v, most uint64, height int) int {
	if most == 0 {
		return 0
	}
	hi, lo := bits.Mul64(min(v, most), uint64(height))
	q, _ := bits.Div64(hi, lo, most)
	return int(q)
}

// column is where the i-th of n columns stands. Columns meet without gap or overlap.
func column(i, n int) (x, width int) {
	x = plotLeft + i*(plotRight-plotLeft)/n
	return x, plotLeft + (i+1)*(plotRight-plotLeft)/n - x
}

func dayLabel(d calendar.Date, withMonth bool) string {
	if withMonth {
		return strconv.Itoa(d.Day) + " " + monthShort(d)
	}
	return strconv.Itoa(d.Day)
}

// short drops the decimals of a round figure and groups its thousands: 2000.00 is 2,000, but 0.50 stays.
func short(s string) string {
	end := len(s)
	for end > 0 && s[end-1] == '0' {
		end--
	}
	if end > 0 && s[end-1] == '.' {
		return grouped(s[:end-1])
	}
	return grouped(s)
}

// share is one part of the bar that shows what became of the records.
type share struct {
	X, W        int
	Class, Text string
}

// shares divides a bar of the given width among counts. Whatever is not zero is visible.
func shares(width int64, parts []flow) []share {
	const least = 5
	var seen []flow
	var weights []int64
	for _, p := range parts {
		if p.records > 0 {
			seen, weights = append(seen, p), append(weights, p.records)
		}
	}
	widths := money.Allocate(width-least*int64(len(seen)), weights)
	var out []share
	x := 0
	for i, p := range seen {
		w := int(widths[i]) + least
		out = append(out, share{x, w, p.Class, p.Label + ": " + p.Records})
		x += w
	}
	return out
}
