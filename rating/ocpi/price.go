package ocpi

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wattdue/rating"
)

// Extensions says what becomes of prices that the standard does not know: rounding rules of components and SESSION_TIME.
type Extensions string

// The ways of extensions. The zero value follows the tariff as it is given and flags it, so that a check of an operator's
// own figures does not differ where the operator told why.
const (
	AsGiven  Extensions = ""         // priced, with the flag UNKNOWN_COMPONENT
	Agreed   Extensions = "agreed"   // priced without a flag: known from this partner
	Standard Extensions = "standard" // not priced, with the flag: what the standard alone says
)

// Options are what a price needs beside record and tariff.
type Options struct {
	// Zone is the time zone of the charging point. Nil is UTC, with the flag TZ_GUESSED where a restriction looks at local time.
	Zone        *time.Location
	ZoneGuessed bool // Zone was derived, not stated
	Extensions  Extensions
	Preference  string // CHEAP, FAST, GREEN or REGULAR, for periods that name no tariff; empty is REGULAR
}

// maxWork bounds periods times elements.
const maxWork = 4_000_000

// Price calculates what a record costs. Tariffs are those of the operator; with none, those inside the record count. The
// error says what keeps a price from being calculated at all; everything else is in the findings. A credit has no price of
// its own (rating rules, 11.4): see DecideCredit.
func Price(c CDR, tariffs []Tariff, o Options) (Priced, error) {
	p, err := price(c, tariffs, o)
	if err != nil {
		return Priced{}, fmt.Errorf("charge record %s: %w", quoted(c.ID), err)
	}
	return p, nil
}

func price(c CDR, tariffs []Tariff, o Options) (Priced, error) {
	if c.Credit {
		return Priced{}, errors.New("credit: a credit is not priced; reverse the record it names")
	}
	if len(c.Periods) == 0 && c.Start.IsZero() {
		return Priced{}, errors.New("start_date_time: is missing, as are the periods; ask the sender for it")
	}
	given := len(tariffs) > 0
	if !given {
		if c.BrokenTariff != "" {
			return Priced{}, fmt.Errorf("%s; or give the tariff of the operator apart", c.BrokenTariff)
		}
		tariffs = c.Tariffs
	}
	r := run{options: o, zone: o.Zone, version: c.Version}
	if r.zone == nil {
		r.zone = time.UTC
	}
	r.findings = append(r.findings, c.Findings...)
	line := r.timeline(&c)
	start := c.Start
	if start.IsZero() {
		start = line[0].Start
	}
	chosen, err := newChooser(&c, tariffs, start, o.Preference)
	if err != nil {
		return Priced{}, err
	}
	chosen.given = given
	r.expired = expired(line)
	r.bills = make([]*bill, len(tariffs))
	for i := range line {
		if err := r.book(&c, &line[i], &chosen); err != nil {
			return Priced{}, err
		}
	}
	p, err := r.priced(&c)
	if err != nil {
		return Priced{}, err
	}
	p.ID = c.ID
	return p, r.reconcile(&c, line, &p)
}

// run is the pricing of one record.
type run struct {
	source
	options Options
	zone    *time.Location
	version Version
	expired bool
	bills   []*bill // by place of the tariff; nil where it is not used
	order   []*bill // in order of first use
	flats   [2]bool // charged: of the session, of the reservation
	periods []PeriodTrace
	work    int
}

// book prices one period: per dimension the first element that has it and whose restrictions all hold at the period's
// start (rating rules, 12.1). No element: the dimension costs nothing.
func (r *run) book(c *CDR, s *stretch, chosen *chooser) error {
	place, flag, err := chosen.tariff(&s.Period)
	if err != nil {
		return err
	}
	trace := PeriodTrace{Start: s.Start, End: s.end}
	if place < 0 {
		if flag != "" {
			r.findf(flag, "charging_periods.tariff_id", "%s is none of the tariffs; the period of %s is not priced", quoted(s.TariffID),
				s.Start.Format(time.RFC3339))
		}
		r.periods = append(r.periods, trace)
		return nil
	}
	b, err := r.open(c, &chosen.list[place], place)
	if err != nil {
		return err
	}
	if r.work += len(b.fails); r.work > maxWork {
		return fmt.Errorf("charging_periods: too many for a tariff of %d elements; split the record", len(b.fails))
	}
	trace.Tariff = b.tariff.ID
	if s.TariffID != "" && !strings.EqualFold(s.TariffID, b.tariff.ID) {
		r.findf("", "charging_periods.tariff_id", "names %s; the period of %s is priced by the tariff that was given, %s", quoted(s.TariffID),
			s.Start.Format(time.RFC3339), quoted(b.tariff.ID))
	}
	at := momentAt(s.Start, r.zone)
	at.elapsed, at.energy, at.period = s.elapsed, s.before, &s.Period
	b.test(b.fails, &at)
	for d := range dimensions {
		quantity := dimensions[d].quantity(&s.Period)
		if quantity == 0 || r.charged(d) || d == sessionAt && r.options.Extensions == Standard {
			continue
		}
		choice, won := r.choose(b, d, b.fails)
		if won != nil {
			b.add(d, choice.Element-1, won, quantity)
			r.charge(d)
		}
		if choice.Element > 0 || choice.Rejected > 0 {
			trace.Choices = append(trace.Choices, choice)
		}
	}
	r.periods = append(r.periods, trace)
	r.spans(b, s)
	return nil
}

// charged reports whether the dimension is a fee that was charged before (rating rules, 12.3).
func (r *run) charged(d int) bool {
	return d == flatAt && r.flats[0] || d == reservationFlatAt && r.flats[1]
}

func (r *run) charge(d int) {
	switch d {
	case flatAt:
		r.flats[0] = true
	case reservationFlatAt:
		r.flats[1] = true
	}
}

// spans tells of a period within which a price changes. Operators must split it there, and often do not.
func (r *run) spans(b *bill, s *stretch) {
	if !b.moving || !s.end.After(s.Start) {
		return
	}
	at := momentAt(s.end.Add(-1), r.zone)
	at.elapsed, at.period = s.elapsed+s.end.Sub(s.Start)-1, &s.Period
	at.energy = s.before + max(s.Energy-1, 0)
	b.test(b.later, &at)
	for _, d := range [...]int{energyAt, timeAt, parkingAt, reservationTimeAt} {
		if dimensions[d].quantity(&s.Period) == 0 {
			continue
		}
		_, first := r.choose(b, d, b.fails)
		_, last := r.choose(b, d, b.later)
		if first != last && (first == nil || last == nil || first.Price != last.Price) {
			r.findf(rating.SpansPriceChange, "charging_periods", "the price of %s changes within the period of %s; all of it is priced as at its start",
				dimensions[d].name, s.Start.Format(time.RFC3339))
			return
		}
	}
}
