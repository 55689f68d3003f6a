package rating

import "time"

// usage is what a session used, in whole numbers.
type usage struct {
	start   int64 // Unix seconds
	seconds int64 // from start to end
	idle    int64 // seconds of them
	energy  int64 // micro-kWh
	export  int64
	reserve int64 // seconds reserved before the start
	booked  bool  // there was a reservation
}

const (
	// firstYear is the first year a session can lie in: clocks that lost their time restart in 1970 (rating rules, 5.7).
	firstYear = 1971
	// longest is how long a session can last before it is taken for a fault of a clock: a leap year and a day.
	longest = 367 * secondsPerDay
)

// measure returns what a session used, and the flags that forbid to price it at all.
func measure(s *Session) (usage, flagSet) {
	u := usage{
		start: s.Start.Unix(), seconds: secondsBetween(s.Start, s.End), idle: int64(s.Idle / time.Second),
		energy: int64(s.Energy), export: int64(s.Export), reserve: int64(s.Reserved / time.Second),
		booked: s.Reserved > 0 || s.ReservationExpired,
	}
	var broken flagSet
	if s.Energy < 0 || s.Export < 0 || s.Idle < 0 || s.Reserved < 0 || u.seconds < 0 {
		broken |= flagNegative
	}
	if s.Start.UTC().Year() < firstYear || u.seconds > longest || u.reserve > longest {
		broken |= flagPeriodsOutside
	}
	if broken != 0 {
		return u, broken
	}
	if !s.ChargeEnd.IsZero() {
		if s.ChargeEnd.Sub(s.Start) <= -time.Second || s.ChargeEnd.Sub(s.End) >= time.Second {
			return u, flagPeriodsOutside
		}
	} else if u.idle > u.seconds {
		// Start and end may carry fractions of a second where the idle time was rounded to whole ones.
		if s.Idle-s.End.Sub(s.Start) >= time.Second {
			return u, flagPeriodsOutside
		}
		u.idle = u.seconds
	}
	for i := range s.Periods {
		p := &s.Periods[i]
		if p.Energy < 0 || p.Idle < 0 {
			broken |= flagNegative
		}
		if p.Start.Sub(s.Start) <= -time.Second || p.Start.Sub(s.End) >= time.Second {
			broken |= flagPeriodsOutside
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

// isZero reports whether a session is too small and too short to be charged (rating rules, 5.7). What was given back is
// paid whatever its size.
func (t *Compiled) isZero(u *usage, s *Session) bool {
	return u.energy < int64(t.head.ZeroBelow) && s.End.Sub(s.Start) < t.head.ZeroUnder && u.export == 0
}
