package rating

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
)

const (
	secondsPerDay = 24 * 60 * 60
	noDay         = math.MinInt32 // no first day
	noLastDay     = math.MaxInt32
)

// condition is the moving part of a row, prepared: whether it holds at a moment costs a few comparisons.
type condition struct {
	from, to   int32  // local days, [from, to), as days since 1970
	days       uint8  // days of the week, Monday in the lowest bit
	types      uint8  // day types: holiday 1, weekday 2, weekend 4
	windows    []span // none: the whole day
	dayOfStart bool
	holidays   []int32 // of the tariff, sorted

	afterTime, untilTime     int64 // seconds
	afterEnergy, untilEnergy int64 // micro-kWh

	local    bool // looks at the calendar or the clock of the charging point
	elapsed  bool // looks at the time since session start
	byEnergy bool
	edges    []int32 // seconds of the local day at which it may change
	text     string  // for people
}

// span is a stretch of the local day in seconds. The part of a window after midnight belongs to the day before where the
// row says so (rating rules, 4.3).
type span struct {
	from, to int32
	tail     bool
}

// moment is what moving keys are tested against.
type moment struct {
	day     int32 // local, as days since 1970
	second  int32 // of the local day
	elapsed int64 // seconds since session start
	energy  int64 // micro-kWh since session start
}

// newCondition prepares moving keys that were checked; nil when there are none.
func newCondition(m *Moving, holidays []int32) *condition {
	c := &condition{
		from: noDay, to: noLastDay, days: 0x7f, types: 7, dayOfStart: m.DayOfStart, holidays: holidays,
		afterTime: int64(m.AfterTime / time.Second), untilTime: math.MaxInt64,
		afterEnergy: int64(m.AfterEnergy), untilEnergy: math.MaxInt64,
	}
	set := m.keys()
	if set == 0 {
		return nil
	}
	if !m.DateFrom.IsZero() {
		c.from = dayNumber(m.DateFrom)
	}
	if !m.DateTo.IsZero() {
		c.to = dayNumber(m.DateTo)
	}
	if len(m.Days) > 0 {
		c.days = 0
		for _, d := range m.Days {
			c.days |= 1 << (d - 1)
		}
	}
	if len(m.DayTypes) > 0 {
		c.types = 0
		for _, t := range m.DayTypes {
			c.types |= dayTypeBit(t)
		}
	}
	if m.UntilTime != 0 {
		c.untilTime = int64(m.UntilTime / time.Second)
	}
	if m.UntilEnergy != 0 {
		c.untilEnergy = int64(m.UntilEnergy)
	}
	c.elapsed = m.AfterTime != 0 || m.UntilTime != 0
	c.byEnergy = m.AfterEnergy != 0 || m.UntilEnergy != 0
	c.local = set.has(dateKey) || set.has(dayKey) || set.has(timeKey)
	for _, w := range m.Times {
		c.addWindow(int32(w.From)*60, int32(w.To)*60)
	}
	if set.has(dateKey) || set.has(dayKey) {
		c.edges = append(c.edges, 0)
	}
	slices.Sort(c.edges)
	c.edges = slices.Compact(c.edges)
	c.text = m.describe()
	return c
}

// addWindow adds a window of the local day (rating rules, 4.2).
func (c *condition) addWindow(from, to int32) {
	switch {
	case from == to: // the whole day
		c.windows = append(c.windows, span{from: 0, to: secondsPerDay})
		return
	case to == 0 || to == secondsPerDay:
		c.windows = append(c.windows, span{from: from, to: secondsPerDay})
	case to < from:
		c.windows = append(c.windows, span{from: from, to: secondsPerDay}, span{from: 0, to: to, tail: true})
	default:
		c.windows = append(c.windows, span{from: from, to: to})
	}
	c.edges = append(c.edges, from, to%secondsPerDay)
}

// holds reports whether the keys are true at a moment. A nil condition always holds.
func (c *condition) holds(m *moment) bool {
	if c == nil {
		return true
	}
	if m.elapsed < c.afterTime || m.elapsed >= c.untilTime || m.energy < c.afterEnergy || m.energy >= c.untilEnergy {
		return false
	}
	return !c.local || c.at(m.day, m.second)
}

// at reports whether the calendar keys are true at a second of a local day.
func (c *condition) at(day, second int32) bool {
	if len(c.windows) == 0 {
		return c.onDay(day)
	}
	for _, w := range c.windows {
		if second < w.from || second >= w.to {
			continue
		}
		d := day
		if w.tail && c.dayOfStart {
			d--
		}
		if c.onDay(d) {
			return true
		}
	}
	return false
}

// onDay reports whether the day keys are true on a local day.
func (c *condition) onDay(day int32) bool {
	if day < c.from || day >= c.to || c.days>>weekday(day)&1 == 0 {
		return false
	}
	return c.types == 7 || c.types&c.typeOf(day) != 0
}

// typeOf returns the bit of the day's type.
func (c *condition) typeOf(day int32) uint8 {
	if _, holiday := slices.BinarySearch(c.holidays, day); holiday {
		return dayTypeBit(Holiday)
	}
	if weekday(day) >= 5 {
		return dayTypeBit(Weekend)
	}
	return dayTypeBit(Weekday)
}

func dayTypeBit(t DayType) uint8 {
	switch t {
	case Holiday:
		return 1
	case Weekday:
		return 2
	case Weekend:
		return 4
	}
	return 0
}

// weekday returns 0 for Monday to 6 for Sunday; day 0, the first of 1970, was a Thursday.
func weekday(day int32) int { return int((day%7 + 10) % 7) }

// dayNumber returns the days from the first of January 1970 to the date.
func dayNumber(d calendar.Date) int32 {
	return int32(calendar.Date{Year: 1970, Month: time.January, Day: 1}.DaysUntil(d))
}

// dayDate is the date of a day number.
func dayDate(day int32) calendar.Date { return calendar.NewDate(1970, time.January, 1+int(day)) }

// keys returns the moving keys a row has.
func (m *Moving) keys() keySet {
	var set keySet
	if !m.DateFrom.IsZero() || !m.DateTo.IsZero() {
		set |= keyBit(dateKey)
	}
	if len(m.DayTypes) > 0 || len(m.Days) > 0 {
		set |= keyBit(dayKey)
	}
	if len(m.Times) > 0 {
		set |= keyBit(timeKey)
	}
	if m.AfterTime != 0 || m.UntilTime != 0 || m.AfterEnergy != 0 || m.UntilEnergy != 0 {
		set |= keyBit(sinceKey)
	}
	return set
}

// describe names the keys for people, such as "22:00-06:00, Sat Sun, after 4 h".
func (m *Moving) describe() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if !m.DateFrom.IsZero() {
		add("from %s", m.DateFrom)
	}
	if !m.DateTo.IsZero() {
		add("before %s", m.DateTo)
	}
	for _, t := range m.DayTypes {
		add("%s", t)
	}
	for _, d := range m.Days {
		add("%s", time.Weekday(d % 7).String()[:3])
	}
	for _, w := range m.Times {
		add("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
	}
	if m.DayOfStart {
		add("by the day the window starts on")
	}
	if m.AfterTime != 0 {
		add("after %s", showSeconds(int64(m.AfterTime/time.Second)))
	}
	if m.UntilTime != 0 {
		add("until %s", showSeconds(int64(m.UntilTime/time.Second)))
	}
	if m.AfterEnergy != 0 {
		add("after %s", showEnergy(int64(m.AfterEnergy)))
	}
	if m.UntilEnergy != 0 {
		add("until %s", showEnergy(int64(m.UntilEnergy)))
	}
	return strings.Join(parts, ", ")
}
