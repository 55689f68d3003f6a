package ocpi

import (
	"errors"
	"fmt"
	"time"

	"wattdue/money"
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
	if len(tariffs) == 0 {
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
	return p, r.compare(&c, line, &p)
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

// bill is what one tariff prices of the record.
type bill struct {
	tariff *Tariff
	uses   []use
	index  map[[2]int]int      // place in uses by element and dimension
	last   [dimensionCount]int // the use that came last; -1: none
	local  bool                // restrictions look at local time
	moving bool                // restrictions may change within a period
	fails  []string            // per element at the period's start, reused
	later  []string            // and at its end
}

// use is what one component prices: the periods of the same element and dimension together.
type use struct {
	element   int
	dimension int
	component *PriceComponent
	measured  int64
	billed    int64
}

// open returns the bill of a tariff, making it ready at its first use.
func (r *run) open(c *CDR, t *Tariff, place int) (*bill, error) {
	if b := r.bills[place]; b != nil {
		return b, nil
	}
	if t.Currency != c.Currency {
		return nil, fmt.Errorf("currency: the record is in %s, tariff %s in %s; give the tariff the record was priced by", c.Currency, quoted(t.ID), t.Currency)
	}
	b := &bill{tariff: t, index: map[[2]int]int{}, fails: make([]string, len(t.Elements)), later: make([]string, len(t.Elements))}
	for i := range b.last {
		b.last[i] = -1
	}
	for i := range t.Elements {
		m := &t.Elements[i].Restrictions.Moving
		local := len(m.Times) > 0 || len(m.Days) > 0 || !m.DateFrom.IsZero() || !m.DateTo.IsZero()
		b.local = b.local || local
		b.moving = b.moving || local || m.AfterTime > 0 || m.UntilTime > 0 || m.AfterEnergy > 0 || m.UntilEnergy > 0
	}
	r.bills[place] = b
	r.order = append(r.order, b)
	r.findings = append(r.findings, t.Findings...)
	r.extensions(t)
	if b.local && (r.options.Zone == nil || r.options.ZoneGuessed) {
		r.find(rating.TZGuessed, "tariff "+quoted(t.ID), "looks at the local time of the charging point, which was not stated; %s was taken", r.zone)
	}
	return b, nil
}

// extensions tells of what the standard does not know.
func (r *run) extensions(t *Tariff) {
	for i, e := range t.Elements {
		for _, c := range e.Components {
			field := fmt.Sprintf("elements[%d].price_components %s", i, quoted(c.Type))
			switch c.Type {
			case "ENERGY", "TIME", "PARKING_TIME", "FLAT":
			case "SESSION_TIME":
				r.extension(field, "is an extension")
			default:
				r.find(rating.UnknownComponent, field, "is no component of OCPI; it is not priced")
			}
			if c.PriceRound != nil {
				r.extension(field, "price_round is an extension")
			}
			if c.StepRound != nil {
				r.extension(field, "step_round is an extension")
			}
		}
	}
}

func (r *run) extension(field, what string) {
	switch r.options.Extensions {
	case Agreed:
	case Standard:
		r.find(rating.UnknownComponent, field, "%s of the operator; it is left out", what)
	default:
		r.find(rating.UnknownComponent, field, "%s of the operator; it is priced as given", what)
	}
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
			r.find(flag, "charging_periods.tariff_id", "%s is none of the tariffs; the period of %s is not priced", quoted(s.TariffID),
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

// test notes per element the restriction that fails.
func (b *bill) test(fails []string, at *moment) {
	for i := range b.tariff.Elements {
		fails[i] = b.tariff.Elements[i].Restrictions.fails(at)
	}
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

// choose finds the element that prices a dimension, and the best one that does not: one that would, were the winner not
// there, before one whose restrictions fail.
func (r *run) choose(b *bill, d int, fails []string) (Choice, *PriceComponent) {
	choice := Choice{Dimension: dimensions[d].name}
	var won *PriceComponent
	kinds := []Reservation{""}
	if dimensions[d].reserved {
		kinds = []Reservation{Reserved}
		if r.expired {
			kinds = []Reservation{Expired, Reserved}
		}
	}
	for _, kind := range kinds {
		for i := range b.tariff.Elements {
			e := &b.tariff.Elements[i]
			if e.Restrictions.Reservation != kind {
				continue
			}
			component := e.component(dimensions[d].component)
			switch {
			case component == nil: // transparent: look further
			case fails[i] != "":
				if choice.Rejected == 0 {
					choice.Rejected, choice.Reason = i+1, fails[i]
				}
			case won == nil:
				won, choice.Element = component, i+1
			default:
				choice.Rejected, choice.Reason = i+1, LaterElement
				return choice, won
			}
		}
	}
	return choice, won
}

// add books a quantity under an element.
func (b *bill) add(d, element int, c *PriceComponent, quantity int64) {
	key := [2]int{element, d}
	i, ok := b.index[key]
	if !ok {
		i = len(b.uses)
		b.index[key] = i
		b.uses = append(b.uses, use{element: element, dimension: d, component: c})
	}
	b.uses[i].measured += quantity
	b.uses[i].billed += quantity
	b.last[d] = i
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
			r.find(rating.SpansPriceChange, "charging_periods", "the price of %s changes within the period of %s; all of it is priced as at its start",
				dimensions[d].name, s.Start.Format(time.RFC3339))
			return
		}
	}
}

// amount is what the use costs, taxed.
func (r *run) amount(b *bill, u *use) (Amount, error) {
	e, err := dimensions[u.dimension].price(u.component.Price, u.billed)
	if err != nil {
		return Amount{}, fmt.Errorf("elements[%d]: %s of %s: %w", u.element, u.component.Type, quoted(b.tariff.ID), err)
	}
	if rule := u.component.PriceRound; rule != nil && r.options.Extensions != Standard {
		if mode, unit, ok := rule.mode(); ok {
			if e, err = times(unit, e.In(unit, mode)); err != nil {
				return Amount{}, fmt.Errorf("elements[%d]: price_round of %s: %w", u.element, quoted(b.tariff.ID), err)
			}
		}
	}
	return r.taxed(b.tariff, u.component, e)
}

// times is so many times a unit of an amount, which is whole millionths.
func times(unit money.Exact, n int64) (money.Exact, error) {
	return money.PerEvent(money.Price(unit/oneOf(6)), n)
}
