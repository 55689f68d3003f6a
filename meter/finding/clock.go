package finding

import (
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/meter"
)

// clockStep is how far a clock may be set back between two sessions, so that the second seems to begin before the first has
// ended: the minute by which a signed time may differ from a stated one (meter.Profile).
const clockStep = time.Minute

// firstPlausibleYear is before the first charge point that signed anything; clocks that lost their time start in 1970 or
// 2000.
const firstPlausibleYear = 2010

// isSet reports whether the clock was set when it gave the time of a reading.
func isSet(r meter.Reading) bool {
	clock := meter.Clock(r.Clock)
	return clock != meter.ClockNone && clock != meter.ClockUnsynchronised && r.Time.Year() >= firstPlausibleYear
}

// isTimed reports whether the times of the session can be compared with those of others.
func (s Session) isTimed() bool { return isSet(s.Begin) && isSet(s.End) }

func (s Session) isSynchronised() bool {
	return meter.Clock(s.Begin.Clock) == meter.ClockSynchronised && meter.Clock(s.End.Clock) == meter.ClockSynchronised
}

// findOverlaps finds sessions during which the meter was busy with another one, and returns all such pairs, also those
// that are no finding because neither is to blame any more.
func (c *comparison) findOverlaps(nodes []*node) map[pair]bool {
	busy := map[pair]bool{}
	var timed []*node
	for _, n := range nodes {
		if n.isTimed() {
			timed = append(timed, n)
		}
	}
	inTime(timed)
	for i, a := range timed {
		for _, b := range timed[i+1:] {
			if !b.Begin.Time.Before(a.End.Time) {
				break
			}
			if !a.fresh && !b.fresh || !overlap(a, b) {
				continue
			}
			busy[pairOf(a, b)] = true
			c.contradict(Overlap, a, b, func(later, first *node) string {
				return span(later.Session) + " within " + span(first.Session)
			})
		}
	}
	return busy
}

// overlap reports whether two sessions, the first of which begins no later, overlap by more than a clock is set back. An
// informative clock may be set by any amount; when the pages say that one session ended before the other began, they know
// better.
func overlap(a, b *node) bool {
	end := a.End.Time
	if b.End.Time.Before(end) {
		end = b.End.Time
	}
	if end.Sub(b.Begin.Time) <= clockStep {
		return false
	}
	return a.isSynchronised() && b.isSynchronised() || !a.apart(b.Session)
}

// apart reports whether the pages of two sessions lie apart: all of one before all of the other.
func (s Session) apart(o Session) bool {
	for _, p := range s.Prints {
		lowest, highest, found := uint64(0), uint64(0), false
		for _, q := range o.Prints {
			if !paged(p) || !paged(q) || p.Counter != q.Counter {
				continue
			}
			if !found {
				lowest, highest, found = q.Page, q.Page, true
			}
			lowest, highest = min(lowest, q.Page), max(highest, q.Page)
		}
		if found {
			low, high := s.reach(p.Counter)
			return high < lowest || highest < low
		}
	}
	return false
}

// reach is the lowest and highest page of a counter, which has one.
func (s Session) reach(counter string) (lowest, highest uint64) {
	found := false
	for _, p := range s.Prints {
		if !paged(p) || p.Counter != counter {
			continue
		}
		if !found {
			lowest, highest, found = p.Page, p.Page, true
		}
		lowest, highest = min(lowest, p.Page), max(highest, p.Page)
	}
	return lowest, highest
}

func span(s Session) string {
	return s.Begin.Time.UTC().Format(time.RFC3339) + " to " + s.End.Time.UTC().Format(time.RFC3339)
}

const (
	// voltagePercent is how far the voltage of a public grid may be above its nominal value (EN 50160), and with it the
	// power of a charge point that limits the current.
	voltagePercent = 10
	// coarsest is the step of the coarsest registers, a hundredth of a kWh; a session may begin just before a step.
	coarsest cdr.MicroKWh = 10_000
	// cutSeconds: both times are signed in whole seconds, and some meters cut them.
	cutSeconds = 2
)

// findPower finds fresh sessions with more energy than their EVSE delivers in the time, where the signed times prove one.
func (c *comparison) findPower() {
	for _, n := range c.nodes {
		if n.out || !n.fresh || n.Watts <= 0 || !n.DurationUsable {
			continue
		}
		d := n.End.Time.Sub(n.Begin.Time)
		if d < 0 || !n.aboveLimit(d) {
			continue
		}
		c.note(PowerAboveLimit, n, nil, fmt.Sprintf("%s kWh in %s at %d W", n.Energy().KWh(), d, n.Watts))
	}
}

// aboveLimit compares in tenths of watt seconds: a micro-kWh is 3.6 of them.
func (s Session) aboveLimit(d time.Duration) bool {
	const perMicroKWh, perWatt = 36, (100 + voltagePercent) / 10
	seconds := int64((d+time.Second-1)/time.Second) + cutSeconds
	return int64(s.Energy()-coarsest)*perMicroKWh > s.Watts*seconds*perWatt
}
