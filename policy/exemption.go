// Package policy holds the dated rules a provider sets for charging sessions without proof: where no signature is
// required at all, and what becomes of sessions that were held too long.
//
// The rules are values and their answers functions over values. Every answer names the rule that gave it, because an
// auditor asks which one it was. What the rules rest on is for the provider to know and to note with them: in Germany
// the Mess- und Eichverordnung asks charge points for signed values and tolerated older ones until certain dates, which
// differ by power and commissioning date. The package knows no such date.
package policy

import (
	"time"

	"wattdue/calendar"
)

// Power is the kind of current a charge point gives. Empty: not known, or, in a rule, not asked for.
type Power string

// The kinds of power.
const (
	AC Power = "AC"
	DC Power = "DC"
)

// Exemption is a rule that sessions need no signature. Country and From are always set; every other member that is zero
// asks nothing.
type Exemption struct {
	ID      string
	Country string // of the sender, as in the record, ISO 3166 alpha-2
	Party   string // of the sender, as in the record
	// What the rule asks of the charge point. A charge point of which it is not known never fits.
	EVSECountry        string // where it stands, ISO 3166 alpha-2
	Power              Power
	CommissionedBefore calendar.Date // the first day that is out
	From               time.Time     // the session starts at this instant or later
	Until              time.Time     // and before this one; zero: open end
	Note               string        // on what grounds
}

// Session is what exemptions look at.
type Session struct {
	Country string // of the sender
	Party   string
	Start   time.Time
	Point   Point
}

// Point is a charge point as registered. What is zero is not known.
type Point struct {
	Country        string // ISO 3166 alpha-2
	Power          Power
	CommissionedOn calendar.Date
}

// NotRequired returns the first of the rules that lets a session be billed without a signature; false when none does.
func NotRequired(rules []Exemption, s Session) (Exemption, bool) {
	for _, e := range rules {
		if e.fits(s) {
			return e, true
		}
	}
	return Exemption{}, false
}

func (e Exemption) fits(s Session) bool {
	switch {
	case e.Country != s.Country, e.Party != "" && e.Party != s.Party:
		return false
	case s.Start.Before(e.From), !e.Until.IsZero() && !s.Start.Before(e.Until):
		return false
	}
	return e.fitsPoint(s.Point)
}

// fitsPoint refuses a charge point of which is not known what the rule asks: a tolerance is proven by a date, not by the
// lack of one.
func (e Exemption) fitsPoint(p Point) bool {
	switch {
	case e.EVSECountry != "" && e.EVSECountry != p.Country:
		return false
	case e.Power != "" && e.Power != p.Power:
		return false
	case e.CommissionedBefore.IsZero():
		return true
	}
	return !p.CommissionedOn.IsZero() && p.CommissionedOn.Before(e.CommissionedBefore)
}
