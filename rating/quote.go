package rating

import (
	"slices"
	"time"

	"wattdue/cdr"
)

// Offer is the price of a component at a moment.
type Offer struct {
	Component Component
	Row       string
	Price     Price
}

// PriceAt returns the rows that win at a moment for the session, in the order in which quotes list components: energy,
// minutes, session, others. A component without an active row is left out. Time counts from the start of the session, which
// the moment may precede; energy is what an even charge has reached by then. Proof of times is not asked for: what is
// quoted is what the tariff says.
func (t *Compiled) PriceAt(c Contract, s Session, moment time.Time) []Offer {
	p, ok := t.spare.Get().(*Pricer)
	if !ok {
		p = new(Pricer)
	}
	defer t.spare.Put(p)
	p.look(t, &c, &s, moment.Unix(), moment.Unix())
	at := p.momentAt(&s, moment.Unix())
	var offers []Offer
	for comp := range p.matches {
		if found := choose(p.matches[comp], &at); found.winner != nil {
			offer := Offer{Component: components[comp].name, Row: found.winner.row, Price: *found.winner.price}
			offer.Price.Tiers = slices.Clone(offer.Price.Tiers)
			offers = append(offers, offer)
		}
	}
	return offers
}

// NextChange returns the first instant after from and before until at which PriceAt begins to answer otherwise, and whether
// there is one. It looks ahead for a year at most. Thresholds of energy are no instants; they count as they stand at from.
func (t *Compiled) NextChange(c Contract, s Session, from, until time.Time) (time.Time, bool) {
	p, ok := t.spare.Get().(*Pricer)
	if !ok {
		p = new(Pricer)
	}
	defer t.spare.Put(p)
	first, last := from.Unix(), min(until.Unix(), from.Unix()+longest)
	if last <= first {
		return time.Time{}, false
	}
	p.look(t, &c, &s, first, last)
	p.marks = p.zone.crossings(p.marks[:0], first, last, p.cuts.edges)
	for _, seconds := range p.cuts.seconds {
		if at := s.Start.Unix() + seconds; seconds > 0 && seconds <= longest && at > first && at < last {
			p.marks = insert(p.marks, at)
		}
	}
	start := p.momentAt(&s, first)
	before := p.winnersAt(&start)
	for _, second := range p.marks {
		now := p.momentAt(&s, second)
		now.energy = start.energy
		if p.winnersAt(&now) != before {
			return time.Unix(second, 0).UTC(), true
		}
	}
	return time.Time{}, false
}

// look finds the rows for a session between two instants.
func (p *Pricer) look(t *Compiled, c *Contract, s *Session, from, to int64) {
	p.zone.use(s.TimeZone)
	p.locate(t, c, s)
	if t.dated {
		p.here.first, _ = p.zone.local(from)
		p.here.last, _ = p.zone.local(to)
	}
	p.gather(t)
	p.plan()
}

// momentAt is what moving keys look at, at a Unix second.
func (p *Pricer) momentAt(s *Session, second int64) moment {
	at := moment{elapsed: max(second-s.Start.Unix(), 0)}
	at.day, at.second = p.zone.local(second)
	even := stretch{seconds: max(secondsBetween(s.Start, s.End), 1), energy: int64(max(s.Energy, cdr.MicroKWh(0)))}
	at.energy = even.part(at.elapsed)
	return at
}

// winnersAt returns the row of each component.
func (p *Pricer) winnersAt(at *moment) [componentCount]*candidate {
	var rows [componentCount]*candidate
	for comp := range p.matches {
		if found := choose(p.matches[comp], at); found.winner != nil {
			rows[comp] = found.winner.candidate
		}
	}
	return rows
}
