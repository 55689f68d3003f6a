package ocpi

import (
	"fmt"
	"slices"
	"time"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// CDR is what decides a price in a charge detail record (module CDRs).
type CDR struct {
	Version  Version
	ID       string
	Country  string
	Party    string
	Start    time.Time // zero: not stated
	End      time.Time
	Currency money.Currency
	TimeZone string // IANA name of the charging point; only 2.1.1 can state it
	AdHoc    bool   // the token is one of a single payment
	Periods  []Period
	Tariffs  []Tariff
	// BrokenTariff is what keeps a tariff inside the record from being read; empty: nothing. The record can still be priced by
	// a tariff given apart.
	BrokenTariff string

	Stated  Costs
	Energy  cdr.MicroKWh // totals, meaningful with Has
	Time    time.Duration
	Parking time.Duration
	Has     Dimensions

	Credit           bool
	CreditRef        string
	HomeCompensation bool      // the money goes to the driver
	Findings         []Finding // of reading it
}

// Costs are the totals of a record, as far as they are stated. Fixed leaves out what belongs to parking or reservation.
type Costs struct {
	Total       Amount
	Fixed       Amount
	Energy      Amount
	Time        Amount
	Parking     Amount
	Reservation Amount
}

// Dimensions says which volumes are stated.
type Dimensions uint8

// The volumes.
const (
	HasEnergy Dimensions = 1 << iota
	HasTime
	HasParking
	HasReservation
	HasSessionTime
)

// Period is a charging period: it ends where the next one starts. Durations are whole seconds.
type Period struct {
	Start    time.Time
	TariffID string
	Energy   cdr.MicroKWh
	Charging time.Duration
	Parking  time.Duration
	Reserved time.Duration
	Session  time.Duration // SESSION_TIME, an extension
	Has      Dimensions
	Current  Range
	Power    Range
}

// Range is what a period says of a current or power.
type Range struct{ Min, Max, Mean Level }

// bounds are what lower and upper restrictions are held against: the one that is given stands for the other.
func (r Range) bounds() (low, high Level) {
	return first(r.Min, r.Max, r.Mean), first(r.Max, r.Min, r.Mean)
}

func first(levels ...Level) Level {
	for _, l := range levels {
		if l.Known {
			return l
		}
	}
	return Level{}
}

// What is read of a record at most.
const (
	maxPeriods    = 20_000
	maxDimensions = 32
	maxTariffs    = 64
)

// ParseCDR reads the parts of a record that decide its price, in the form of OCPI 2.1.1, 2.2.1 or 2.3.0. It tolerates what
// a price can do without; the error names the field and what to do.
func ParseCDR(text []byte) (CDR, error) {
	n, err := parse(text)
	if err != nil {
		return CDR{}, fmt.Errorf("read charge record: %w", err)
	}
	s := &source{}
	c := readCDR(object{source: s, node: n})
	if s.err != nil {
		return CDR{}, fmt.Errorf("read charge record %s: %w", quoted(c.ID), s.err)
	}
	c.Findings = s.findings
	return c, nil
}

func readCDR(o object) CDR {
	c := CDR{
		ID: o.text("id"), Country: o.enum("country_code"), Party: o.enum("party_id"), Start: o.time("start_date_time"), End: o.time("end_date_time"),
		Currency: o.currency("currency"), Version: o.version(), Credit: o.flag("credit"), CreditRef: o.text("credit_reference_id"),
		HomeCompensation: o.flag("home_charging_compensation"),
	}
	if c.End.IsZero() {
		c.End = o.time("stop_date_time")
	}
	if place, ok := o.child("location"); ok {
		c.TimeZone = place.text("time_zone")
	}
	if token, ok := o.child("cdr_token"); ok {
		c.AdHoc = token.enum("type") == "AD_HOC_USER"
	}
	o.each("charging_periods", maxPeriods, func(p object) { c.Periods = append(c.Periods, readPeriod(p)) })
	o.each("tariffs", maxTariffs, c.tariff)
	c.Stated = Costs{
		o.amount("total_cost"), o.amount("total_fixed_cost"), o.amount("total_energy_cost"), o.amount("total_time_cost"),
		o.amount("total_parking_cost"), o.amount("total_reservation_cost"),
	}
	var ok [3]bool
	c.Energy, ok[0] = o.energy("total_energy")
	c.Time, ok[1] = o.hours("total_time")
	c.Parking, ok[2] = o.hours("total_parking_time")
	for i, has := range [...]Dimensions{HasEnergy, HasTime, HasParking} {
		if ok[i] {
			c.Has |= has
		}
	}
	return c
}

// tariff reads a tariff inside the record. A broken one is none.
func (c *CDR) tariff(o object) {
	o.source = &source{}
	t := readTariff(o)
	switch {
	case o.err == nil:
		c.Tariffs = append(c.Tariffs, t)
	case c.BrokenTariff == "":
		c.BrokenTariff = o.err.Error()
	}
}

// version tells the versions apart: 2.1.1 states its total as a bare number, 2.3.0 before taxes (rating rules, 12.5).
func (o object) version() Version {
	for _, name := range [...]string{"total_cost", "total_energy_cost", "total_time_cost", "total_fixed_cost", "total_parking_cost"} {
		n, ok := o.node.get(name)
		switch {
		case !ok:
			continue
		case n.kind != '{':
			return V211
		}
		if slices.ContainsFunc(n.members, func(m member) bool { return m.name == "before_taxes" }) { // even if it is null
			return V230
		}
		return V221
	}
	if o.has("stop_date_time") || o.has("location") || o.has("auth_id") {
		return V211
	}
	return V221
}

func readPeriod(o object) Period {
	p := Period{Start: o.time("start_date_time"), TariffID: o.text("tariff_id")}
	if p.Start.IsZero() {
		o.failf(o.path+"start_date_time", "is missing; a period starts at an instant")
	}
	seen := map[string]bool{}
	o.each("dimensions", maxDimensions, func(d object) {
		kind := d.enum("type")
		if seen[kind] {
			d.failf(d.path+"type", "%s stands twice in one period; send one volume for it", quoted(kind))
		}
		seen[kind] = true
		if !d.has("volume") {
			d.failf(d.path+"volume", "is missing; send the volume of %s", quoted(kind))
		}
		p.read(kind, d)
	})
	return p
}

// read enters a dimension into the period.
func (p *Period) read(kind string, o object) {
	switch kind {
	case "ENERGY":
		p.Energy, _ = o.energy("volume")
		p.Has |= HasEnergy
	case "TIME":
		p.hours(o, &p.Charging, HasTime)
	case "PARKING_TIME":
		p.hours(o, &p.Parking, HasParking)
	case "RESERVATION_TIME":
		p.hours(o, &p.Reserved, HasReservation)
	case "SESSION_TIME":
		p.hours(o, &p.Session, HasSessionTime)
	case "MIN_CURRENT":
		p.Current.Min = o.level("volume")
	case "MAX_CURRENT":
		p.Current.Max = o.level("volume")
	case "CURRENT":
		p.Current.Mean = o.level("volume")
	case "MIN_POWER":
		p.Power.Min = o.level("volume")
	case "MAX_POWER":
		p.Power.Max = o.level("volume")
	case "POWER":
		p.Power.Mean = o.level("volume")
	case "ENERGY_IMPORT", "ENERGY_EXPORT", "STATE_OF_CHARGE", "FLAT": // known, and no component prices them
	default:
		o.findf(rating.UnknownComponent, o.path+"type", "no dimension of OCPI is called %s; it is not priced", quoted(kind))
	}
}

func (p *Period) hours(o object, dst *time.Duration, has Dimensions) {
	*dst, _ = o.hours("volume")
	p.Has |= has
}

// reservationOnly reports whether the period belongs to a reservation and not to a session.
func (p *Period) reservationOnly() bool {
	return p.Has&HasReservation != 0 && p.Energy == 0 && p.Charging == 0 && p.Parking == 0 && p.Session == 0
}
