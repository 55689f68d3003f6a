package rating

import (
	"fmt"
	"time"
)

// Pricer prices sessions one after the other in the same room, so that a session costs no more memory than its result.
// The zero Pricer is ready; it must not be used by two goroutines at once.
type Pricer struct {
	// where the session stands
	here    place
	groups  []uint32
	matches [componentCount][]match
	known   uint32 // components that rows price for the session, at some time, as bits
	zone    zone

	// how it is cut
	cuts      cuts
	stretches []stretch
	read      []stretch
	pauses    []pause
	marks     []int64
	segs      []segment
	spare     []segment

	settlement
	writer traceWriter
	lists  map[flagSet][]Flag
}

// Rate prices a session of a contract by a tariff version.
//
// Each component is priced at each moment by the row that wins for it (rating rules, 3.1 to 3.6); quantities become lines in
// the fixed order of section 6. What was not used has no line; the price 0 has a line of 0.00. Where no row matches:
//
//   - energy taken or given back is never free: flag NO_PRICE, and the session is held, if only for a moment of it;
//   - minutes and fees are free on purpose, without a flag, where no row of the whole tariff prices them, and at moments
//     at which rows for the session exist but none is active: a fee after four hours says that the hours before cost nothing;
//   - where rows price them, only not for the session, it is flag NO_PRICE and held;
//   - a component that the tariff lists as free is free.
//
// Prices that depend on times which are not proven are not used (rating rules, 5.2): minutes are then 0.00 without a line,
// energy has the price of the row that does not look at time, and the flag TIME_NOT_BILLABLE is raised. Times and quantities
// that cannot be are held without a line.
//
// An error concerns the session alone: an amount beyond the range of money.Exact, or a tariff version that is not
// valid at the start of the session, which is a mistake of the caller.
func Rate(c Contract, t *Compiled, s Session) (Rated, error) {
	p, ok := t.spare.Get().(*Pricer)
	if !ok {
		p = new(Pricer)
	}
	r, err := p.rate(&c, t, &s)
	t.spare.Put(p)
	return r, err
}

// Rate is the function Rate in the room of the Pricer.
func (p *Pricer) Rate(c Contract, t *Compiled, s Session) (Rated, error) { return p.rate(&c, t, &s) }

func (p *Pricer) rate(c *Contract, t *Compiled, s *Session) (Rated, error) {
	p.settlement.reset(&t.terms)
	p.writer.reset()
	u, broken := measure(s)
	p.proven = proof(s)
	if broken == 0 && !t.head.ValidAt(s.Start) {
		return Rated{}, fmt.Errorf("session %q: tariff %q version %d is not valid at its start; choose the version that is",
			s.ID, t.head.Code, t.head.Version)
	}
	if broken == 0 {
		broken = p.slice(c, t, s, &u)
	}
	p.used, p.flags = u, p.flags|broken
	p.taken, p.stated, p.hasStated = int64(c.Taken), s.Stated, s.HasStated
	p.discounts = applicable(t.terms.discounts, c.Groups)
	p.allowances = append(p.allowances, c.Allowances...)
	if broken&(flagNegative|flagPeriodsOutside) == 0 {
		if err := p.settle(); err != nil {
			return Rated{}, fmt.Errorf("session %q: tariff %q version %d: %w", s.ID, t.head.Code, t.head.Version, err)
		}
	}
	return p.result(), nil
}

// proof is what the caller says about times, as bits for traces.
func proof(s *Session) uint8 {
	return bit(s.DurationUsable, 0) | bit(s.StartTimeUsable, 1) | bit(s.EndTimeUsable, 2) | bit(s.Calibrated, 3)
}

func bit(set bool, n int) uint8 {
	if set {
		return 1 << n
	}
	return 0
}

// applicable returns which discounts the groups of a contract give it.
func applicable(discounts []Discount, groups []string) uint64 {
	var set uint64
	for i := range discounts {
		if len(discounts[i].Groups) == 0 || sharesAny(discounts[i].Groups, groups) {
			set |= 1 << i
		}
	}
	return set
}

func sharesAny(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// slice cuts the session and fills the slices of every component it used. It returns flags that the session has beside
// those of its components.
func (p *Pricer) slice(c *Contract, t *Compiled, s *Session, u *usage) flagSet {
	split := t.split(s)
	raised := p.timeline(s, u, split)
	if raised&holding != 0 {
		return raised
	}
	zero := t.isZero(u, s)
	if zero {
		raised |= flagZeroSession
		if !u.booked {
			return raised
		}
	}
	p.prepare(c, t, s, u)
	if zero { // a reservation is no part of the charge
		p.reservations(t, u)
		return raised
	}
	p.segments(u)
	if p.cuts.local && (s.TimeZone == nil || s.ZoneGuessed) {
		raised |= flagTZGuessed
	}
	return raised | p.components(t, s, u, split)
}

// prepare finds the rows that could price the session, and where they cut it.
func (p *Pricer) prepare(c *Contract, t *Compiled, s *Session, u *usage) {
	p.zone.use(s.TimeZone)
	p.locate(t, c, s)
	if t.dated {
		p.here.first, _ = p.zone.local(u.start - u.reserve)
		p.here.last, _ = p.zone.local(u.start + u.seconds)
	}
	p.gather(t)
	p.plan()
}

// split is the energy split that holds for a session (rating rules, 5.2). Under calibration law energy between signed
// readings is no measured value: only readings part it, whatever the tariff says, unless that is not to part it at all.
func (t *Compiled) split(s *Session) EnergySplit {
	switch {
	case t.head.Split == SplitSessionStart:
		return SplitSessionStart
	case s.Calibrated:
		return SplitReadings
	case t.head.Split == "":
		return SplitLinear
	}
	return t.head.Split
}

// flagList returns the flags as a list that is shared by all sessions of the Pricer with the same ones.
func (p *Pricer) flagList() []Flag {
	if p.flags == 0 {
		return nil
	}
	list, ok := p.lists[p.flags]
	if !ok {
		if p.lists == nil {
			p.lists = map[flagSet][]Flag{}
		}
		list = p.flags.list()
		p.lists[p.flags] = list[:len(list):len(list)]
	}
	return list[:len(list):len(list)]
}

func (u *usage) instant(second int64) time.Time { return time.Unix(u.start+second, 0).UTC() }
