package rating

import (
	"time"

	"wattdue/cdr"
)

// usage is what a session used, in whole numbers.
type usage struct {
	energy  cdr.MicroKWh
	seconds int64 // from start to end
	idle    int64 // seconds of them
}

// firstYear is the first year a session can lie in: clocks that lost their time restart in 1970 (rating rules, 5.7).
const firstYear = 1971

// measure returns what a session used, and which flags forbid to price it at all.
func measure(s Session) (usage, flagSet) {
	u := usage{energy: s.Energy, seconds: secondsBetween(s.Start, s.End), idle: int64(s.Idle / time.Second)}
	var broken flagSet
	if s.Energy < 0 || s.Idle < 0 || u.seconds < 0 {
		broken |= flagNegative
	}
	if s.Start.UTC().Year() < firstYear {
		broken |= flagPeriodsOutside
	}
	if broken == 0 && u.idle > u.seconds {
		// Start and end may carry fractions of a second where the idle time was rounded to whole ones.
		if s.Idle-s.End.Sub(s.Start) >= time.Second {
			broken |= flagPeriodsOutside
		} else {
			u.idle = u.seconds
		}
	}
	return u, broken
}

// secondsBetween returns the whole seconds from a to b, rounded down, so that it is negative whenever b is earlier.
// A time.Duration would end after 292 years.
func secondsBetween(a, b time.Time) int64 {
	n := b.Unix() - a.Unix()
	if b.Nanosecond() < a.Nanosecond() {
		n--
	}
	return n
}

// isZero reports whether a session is too small and too short to be charged (rating rules, 5.7).
func (t *Compiled) isZero(u usage, s Session) bool {
	return u.energy < t.head.ZeroBelow && s.End.Sub(s.Start) < t.head.ZeroUnder
}
