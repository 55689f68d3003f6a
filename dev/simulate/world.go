// Package simulate builds a month of an e-mobility provider from a seed: customers, charge points with meter keys,
// tariffs, charging sessions with real signatures, a few planted faults, and the truth about what each must cost.
//
// Everything follows from Options alone: no clock, no randomness of the machine, so the same seed gives the same
// bytes. Signed values are those of package signer, each charge point's in the format and on the curve of its make;
// records are OCPI 2.2.1 CDRs. The truth is a walk over the seconds of each session, written apart from package rating,
// and a walk over the sessions of each meter, written apart from package finding, so that they can disagree. All people, companies, banks and accounts are invented; mail domains are reserved names
// (RFC 2606). Only WriteInbox touches the disk.
package simulate

import (
	"fmt"
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/rating"
)

// ZoneName is the time zone of every contract and charge point of the simulated provider.
const ZoneName = "Europe/Berlin"

// Options say what to build. A zero field takes its default.
type Options struct {
	Seed      uint64
	Customers int             // default 300
	Sessions  int             // charging sessions; default 3000, negative: none
	EVSEs     int             // default 40
	Month     calendar.Period // sessions start on its local days; default 2026-10
	Faults    int             // faulty sessions per thousand; default 20, negative: none
}

// World is the simulated provider and its month. Slices are in a fixed order; sessions are ordered by start.
type World struct {
	Options   Options // with the defaults filled in
	Tenant    Tenant
	Parties   []customer.Party
	Contracts []customer.Contract
	Tokens    []customer.Token
	Mandates  []customer.Mandate // one for each contract that pays by direct debit
	Locations []Location
	EVSEs     []EVSE // the registered ones; see EVSE
	Tariffs   []rating.Tariff
	Sessions  []Session
	Files     []File // the inbox, in order of name

	zone   *time.Location
	ghosts []EVSE // charge points nobody registered, for the fault UnknownKey
}

// Generate builds the world of the options. It fails for options that make no sense and when the sessions do not
// fit on the charge points without overlapping.
func Generate(o Options) (*World, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(ZoneName)
	if err != nil {
		return nil, fmt.Errorf("time zone %s: %w", ZoneName, err)
	}
	w := &World{Options: o, Tenant: newTenant(), zone: zone}
	w.Locations = locations()
	if w.EVSEs, err = newFleet(o, w.Locations); err != nil {
		return nil, err
	}
	w.Tariffs = tariffs(o.Month, w.Locations, zone)
	w.addCustomers()
	if err := w.addSessions(); err != nil {
		return nil, err
	}
	w.plantFaults()
	if err := w.addGhosts(); err != nil {
		return nil, err
	}
	if err := w.plantFindings(); err != nil {
		return nil, err
	}
	w.readMeters()
	w.planFiles()
	return w, nil
}

// complete fills in the defaults.
func (o Options) complete() (Options, error) {
	setDefault(&o.Customers, 300)
	setDefault(&o.Sessions, 3000)
	setDefault(&o.EVSEs, 40)
	setDefault(&o.Faults, 20)
	if o.Month == (calendar.Period{}) {
		o.Month = calendar.NewDate(2026, time.October, 1).MonthOf()
	}
	o.Sessions, o.Faults = max(o.Sessions, 0), max(o.Faults, 0)
	switch {
	case o.Customers < 1:
		return o, fmt.Errorf("simulate %d customers: want at least 1", o.Customers)
	case o.EVSEs < 1:
		return o, fmt.Errorf("simulate %d charge points: want at least 1", o.EVSEs)
	case o.Customers > 99_999 || o.EVSEs > 9_999:
		return o, fmt.Errorf("simulate %d customers at %d charge points: want at most 99999 and 9999", o.Customers, o.EVSEs)
	case o.Faults > 500:
		return o, fmt.Errorf("simulate %d faults per thousand: want at most 500", o.Faults)
	case !o.Month.First.Before(o.Month.Next):
		return o, fmt.Errorf("simulate period %s: want a month such as 2026-10", o.Month)
	}
	return o, nil
}

func setDefault(field *int, value int) {
	if *field == 0 {
		*field = value
	}
}

// Registered returns the key registered for an EVSE at an instant; a World serves as the key ring of a check.
func (w *World) Registered(evseID string, at time.Time) (spki []byte, ok bool) {
	return w.keyAt(at, func(e *EVSE, _ Meter) bool { return e.ID == evseID })
}

// Keyed reports whether a key was ever registered for an EVSE.
func (w *World) Keyed(evseID string) bool {
	return slices.ContainsFunc(w.EVSEs, func(e EVSE) bool { return e.ID == evseID })
}

// RegisteredMeter returns the key registered for the serial number of a meter at an instant.
func (w *World) RegisteredMeter(meterID string, at time.Time) (spki []byte, ok bool) {
	return w.keyAt(at, func(_ *EVSE, m Meter) bool { return m.MeterID == meterID })
}

// keyAt returns the last key before an instant of those wanted.
func (w *World) keyAt(at time.Time, wanted func(*EVSE, Meter) bool) (spki []byte, ok bool) {
	for i := range w.EVSEs {
		e := &w.EVSEs[i]
		for _, m := range e.meters() {
			if wanted(e, m) && !at.Before(m.KeyFrom) {
				spki, ok = m.KeySPKI, true
			}
		}
	}
	return spki, ok
}

// evse returns the charge point of a session, registered or not.
func (w *World) evse(s *Session) *EVSE {
	if s.ghost >= 0 {
		return &w.ghosts[s.ghost]
	}
	return &w.EVSEs[s.EVSE]
}

// location returns the place of a charge point.
func (w *World) location(e *EVSE) *Location { return &w.Locations[e.place] }
