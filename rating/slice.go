package rating

// Outcome says what became of a component for a part of the session. Traces store the numbers.
type Outcome byte

// The outcomes.
const (
	Priced       Outcome = 1 // a row prices it
	Unpriced     Outcome = 2 // NO_PRICE
	NotProven    Outcome = 3 // TIME_NOT_BILLABLE
	FreeOfCharge Outcome = 4 // no row is active, or the tariff says that it is free
)

// slice is a part of the session in which one row prices a component, or none does.
type slice struct {
	from, to int64 // seconds since start
	measured int64 // micro-kWh, seconds or count
	billed   int64 // set by settle: paid for, with the surplus of a step
	skipped  int64 // set by settle: free or included
	comp     int32
	rule     int32 // place in settlement.rules; -1 unless Priced
	day      int32 // local, where a cap is per day
	outcome  Outcome
	reason   uint8
	rejected string // row
}

// components fills the slices of everything the session used but reservations, which it adds where they stand.
func (p *Pricer) components(t *Compiled, s *Session, u *usage, split EnergySplit) flagSet {
	var raised flagSet
	for comp := range components {
		if comp == reservationAt {
			p.reservations(t, u)
		}
		if comp == reservationAt || comp == reservationMinAt || t.tops[comp] == nil && !components[comp].mustPrice {
			continue
		}
		switch {
		case comp == energyAt:
			if u.energy > 0 {
				raised |= p.energy(t, s, split)
			}
		case comp == perUseAt:
			p.perUse(t, s, u)
		case comp == exportAt:
			if u.export > 0 {
				p.atStart(t, s, comp, u.export, u.seconds)
			}
		default:
			p.minutes(t, s, comp)
		}
	}
	return raised
}

// reservations prices what was booked before the session, by the rows active when the reservation began. The station's
// clock has no part in it, so it needs no proof of times.
func (p *Pricer) reservations(t *Compiled, u *usage) {
	if !u.booked {
		return
	}
	at := moment{}
	at.day, at.second = p.zone.local(u.start - u.reserve)
	for comp, quantity := range [...]int64{reservationAt: 1, reservationMinAt: u.reserve} {
		if quantity == 0 || t.tops[comp] == nil {
			continue
		}
		found := choose(p.matches[comp], &at)
		p.add(t, comp, &found, slice{from: -u.reserve, to: 0, measured: quantity, day: at.day})
	}
}

// minutes prices the seconds of charging, idling or both.
func (p *Pricer) minutes(t *Compiled, s *Session, comp int) {
	list := p.matches[comp]
	var measured int64
	for i := range p.segs {
		measured += p.segs[i].seconds(comp)
	}
	if measured == 0 {
		return
	}
	if !s.DurationUsable {
		p.notProven(t, comp, measured)
		return
	}
	setAside(list, s.StartTimeUsable && s.EndTimeUsable, true)
	first := len(p.slices)
	for i := range p.segs {
		g := &p.segs[i]
		n := g.seconds(comp)
		if n == 0 {
			continue
		}
		found := choose(list, &g.moment)
		if found.unproven {
			p.slices = p.slices[:first]
			p.notProven(t, comp, measured)
			return
		}
		p.add(t, comp, &found, slice{from: g.from, to: g.to, measured: n, day: g.day})
	}
}

// seconds returns how much of a segment a component of minutes measures.
func (g *segment) seconds(comp int) int64 {
	if comp == chargingAt && g.idle || comp == idleAt && !g.idle {
		return 0
	}
	return g.to - g.from
}

// notProven leaves minutes out because their duration, or the time their price depends on, is not proven.
func (p *Pricer) notProven(t *Compiled, comp int, measured int64) {
	if t.free[comp] {
		return
	}
	last := p.segs[len(p.segs)-1].to
	p.slices = append(p.slices, slice{comp: int32(comp), rule: -1, outcome: NotProven, to: last, measured: measured})
}

// setAside marks the rows that look at a time which is not proven.
func setAside(list []match, local, elapsed bool) {
	for i := range list {
		w := list[i].condition
		list[i].unused = w != nil && (w.local && !local || w.elapsed && !elapsed)
	}
}

// perUse prices the session fee by the first row that becomes active. A session without energy is billed for its time only
// (rating rules, 5.7), unless the operator's own amount is passed through.
func (p *Pricer) perUse(t *Compiled, s *Session, u *usage) {
	list := p.matches[perUseAt]
	if u.energy == 0 && !(s.HasStated && anyPassThrough(list)) {
		return
	}
	setAside(list, s.StartTimeUsable, s.DurationUsable)
	var first choice // what to tell where none is, or which one would have come before
	for i := range p.segs {
		found := choose(list, &p.segs[i].moment)
		if i == 0 || found.unproven && !first.unproven {
			first = found
		}
		if found.winner != nil {
			g := &p.segs[i]
			if first.unproven {
				found.rejected, found.reason = first.rejected, first.reason
			}
			p.add(t, perUseAt, &found, slice{from: g.from, to: g.from, measured: 1, day: g.day})
			return
		}
	}
	p.add(t, perUseAt, &first, slice{measured: 1, day: p.segs[0].day})
}

func anyPassThrough(list []match) bool {
	for i := range list {
		if list[i].price.PassThrough {
			return true
		}
	}
	return false
}

// atStart prices a quantity as a whole by the row active at the start.
func (p *Pricer) atStart(t *Compiled, s *Session, comp int, quantity, to int64) {
	list := p.matches[comp]
	setAside(list, s.StartTimeUsable, s.DurationUsable)
	g := &p.segs[0]
	found := choose(list, &g.moment)
	p.add(t, comp, &found, slice{to: to, measured: quantity, day: g.day})
}

// add appends a slice, or lengthens the last one where the same row goes on.
func (p *Pricer) add(t *Compiled, comp int, found *choice, s slice) {
	s.comp, s.rule, s.reason = int32(comp), -1, found.reason
	if found.rejected != nil {
		s.rejected = found.rejected.row
	}
	switch {
	case found.winner != nil:
		s.outcome, s.rule = Priced, p.rule(t, found.winner)
	case t.free[comp], !components[comp].mustPrice && p.known>>comp&1 != 0:
		s.outcome = FreeOfCharge
	default:
		s.outcome = Unpriced
		if s.rejected == "" && t.tops[comp] != nil {
			s.rejected, s.reason = t.tops[comp].row, noMatch
		}
	}
	if s.rule < 0 || !found.winner.price.CapPerDay {
		s.day = 0
	}
	if n := len(p.slices); n > 0 {
		last := &p.slices[n-1]
		if last.comp == s.comp && last.rule == s.rule && last.outcome == s.outcome && last.day == s.day && last.to == s.from {
			last.to, last.measured = s.to, last.measured+s.measured
			if s.reason == timeNotProven {
				last.reason, last.rejected = s.reason, s.rejected
			}
			return
		}
	}
	p.slices = append(p.slices, s)
}

// rule returns the number of a row in the settlement, writing it down where it is new.
func (p *Pricer) rule(t *Compiled, m *match) int32 {
	for i := len(p.rules) - 1; i >= 0; i-- {
		if p.rules[i].by == m.candidate {
			return int32(i)
		}
	}
	p.rules = append(p.rules, rule{by: m.candidate, comp: m.comp, row: m.row, price: m.price})
	p.writer.rule(m.candidate, p.values(t, m))
	return int32(len(p.rules) - 1)
}
