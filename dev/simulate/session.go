package simulate

import (
	"time"

	"wattdue/cdr"
)

// grain is the unit of all durations: 9 s are 0.0025 h, so that hours with the four decimals of OCPI are exact.
const grain = 9 * time.Second

// Session is one charging session as its meter signed it. Most faults lie in how it is reported, not in here.
type Session struct {
	Number    int // 1 for the earliest
	Start     time.Time
	ChargeEnd time.Time // from here on the vehicle is connected without charging
	End       time.Time
	EVSE      int          // index into World.EVSEs
	Contract  int          // index into World.Contracts
	Token     int          // index into World.Tokens
	Begin     cdr.MicroKWh // register at start
	Final     cdr.MicroKWh // register at end
	Page      int64        // pagination of the (first) signed value
	Pair      bool         // of an OCMF meter: two signed values, Start and End, instead of one
	Fault     Fault        // None for an honest record

	wh      int64 // energy
	ghost   int   // index of an unregistered charge point, -1: none
	fixture bool  // placed by hand to meet an edge; stays free of faults
	spared  bool  // a planted finding stands on it; stays free of faults
	foreign int64 // Wh that somebody else's customer took since the session before, which is in no record here
	twin    int   // of PageConflict: index of the session that has the page
}

// Energy is the difference of the readings.
func (s *Session) Energy() cdr.MicroKWh { return s.Final - s.Begin }

// Charging is the time in which energy flowed.
func (s *Session) Charging() time.Duration { return s.ChargeEnd.Sub(s.Start) }

// Idle is the time connected after charging.
func (s *Session) Idle() time.Duration { return s.End.Sub(s.ChargeEnd) }

// isZero reports whether the session is too small to cost anything.
func (s *Session) isZero() bool {
	return s.Energy() < zeroBelow && s.End.Sub(s.Start) < zeroUnder
}
