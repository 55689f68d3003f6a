package simulate

import (
	"time"

	"wattdue/cdr"
)

// grain is the unit of all durations: 9 s are 0.0025 h, so that hours with the four decimals of OCPI are exact.
const grain = 9 * time.Second

// Session is one charging session as it happened. A fault lies in how it is reported, not in here.
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

// register is what a charge point remembers between sessions.
type register struct {
	reading, page int64
	joins         bool // can sign both readings of a session in one record, under one page
}

func newMeter(e *EVSE) register { return register{e.reading, e.page, e.make.format == "OCMF"} }

// record gives the session its readings and page and moves the meter on.
func (m *register) record(s *Session) {
	s.Begin = cdr.MicroKWh(m.reading * 1000)
	m.reading += s.wh
	s.Final = cdr.MicroKWh(m.reading * 1000)
	s.Page = m.page + 1
	m.page++
	if s.Pair || !m.joins {
		m.page++
	}
}

// readMeters runs the meters through the month in order of time: the register at the beginning of a session is the
// register at the end of the one before.
func (w *World) readMeters() {
	meters := make([]register, len(w.EVSEs))
	for i := range meters {
		meters[i] = newMeter(&w.EVSEs[i])
	}
	for i := range w.Sessions {
		s := &w.Sessions[i]
		m := &meters[s.EVSE]
		if s.ghost >= 0 {
			own := newMeter(w.evse(s))
			m = &own
		}
		m.record(s)
	}
}
