package rating

import (
	"math/bits"
	"slices"
	"time"
)

// stretch is a part of the session whose energy is known, from one period or reading to the next. In it energy runs evenly
// over the charging seconds.
type stretch struct {
	from, to int64 // seconds since start
	energy   int64 // micro-kWh
	idle     int64 // seconds at its end, as the period states them
	seconds  int64 // over which the energy runs: the charging ones, or all where there are none
	charged  bool  // seconds are charging seconds
}

// pause is a stretch without charging.
type pause struct{ from, to int64 }

// timeline fills stretches and pauses of the session and raises the flags of rating rules, 5.1. It may correct the totals
// in u: readings count more than periods, and periods more than totals.
func (p *Pricer) timeline(s *Session, u *usage, split EnergySplit) flagSet {
	raised := p.periods(s, u)
	p.pauses = p.pauses[:0]
	var stated int64
	for i := range p.stretches {
		k := &p.stretches[i]
		if k.idle > k.to-k.from {
			k.idle = k.to - k.from
			raised |= flagPeriodsOverlap
		}
		stated += k.idle
	}
	switch {
	case !s.ChargeEnd.IsZero(): // charging time is charge_end - start, idle the rest (rating rules, 5.3)
		end := min(max(s.ChargeEnd.Unix()-u.start, 0), u.seconds)
		raised |= differs(u.idle, u.seconds-end) | differs(stated, u.seconds-end)
		p.pause(end, u.seconds)
	case stated > 0:
		raised |= differs(u.idle, stated)
		for i := range p.stretches {
			k := &p.stretches[i]
			p.pause(k.to-k.idle, k.to)
		}
	case u.idle > 0:
		p.pause(u.seconds-u.idle, u.seconds)
	}
	u.idle = 0
	for _, k := range p.pauses {
		u.idle += k.to - k.from
	}
	return raised | p.energies(s, u, split)
}

// differs raises TOTAL_MISMATCH where a total is stated and is another one.
func differs(stated, counted int64) flagSet {
	if stated != 0 && stated != counted {
		return flagTotalMismatch
	}
	return 0
}

func (p *Pricer) pause(from, to int64) {
	if n := len(p.pauses); n > 0 && p.pauses[n-1].to == from {
		p.pauses[n-1].to = to
	} else if from < to {
		p.pauses = append(p.pauses, pause{from, to})
	}
}

// periods makes a stretch of every period, in order of their start. The time before the first one has no energy.
func (p *Pricer) periods(s *Session, u *usage) flagSet {
	p.stretches = p.stretches[:0]
	var raised flagSet
	for i := range s.Periods {
		period := &s.Periods[i]
		from := min(max(period.Start.Unix()-u.start, 0), u.seconds)
		p.stretches = append(p.stretches, stretch{from: from, energy: int64(period.Energy), idle: int64(period.Idle / time.Second)})
		at := len(p.stretches) - 1
		for ; at > 0 && p.stretches[at-1].from > from; at-- {
			p.stretches[at-1], p.stretches[at] = p.stretches[at], p.stretches[at-1]
			raised |= flagPeriodsOutOfOrder
		}
		if at > 0 && p.stretches[at-1].from == from && p.stretches[at-1].energy+p.stretches[at-1].idle > 0 {
			raised |= flagPeriodsOverlap
		}
	}
	if len(p.stretches) > 0 && p.stretches[0].from > 0 {
		p.stretches = slices.Insert(p.stretches, 0, stretch{})
		raised |= flagPeriodGap
	}
	for i := range p.stretches {
		if i+1 < len(p.stretches) {
			p.stretches[i].to = p.stretches[i+1].from
		} else {
			p.stretches[i].to = u.seconds
		}
	}
	return raised
}

// energies decides where the energy of the session is known. Under calibration law the total is a measured value and only
// signed readings are others; elsewhere periods are good, and readings better.
func (p *Pricer) energies(s *Session, u *usage, split EnergySplit) flagSet {
	var sum int64
	for i := range p.stretches {
		sum += p.stretches[i].energy
		if sum < 0 {
			return flagNegative // a sum beyond all bounds
		}
	}
	var raised flagSet
	if sum != 0 && sum != u.energy {
		raised = flagTotalMismatch
	}
	if split == SplitPeriodStart && sum > 0 {
		u.energy = sum
		return raised
	}
	if ok := p.readings(s, u); !ok {
		raised |= flagTotalMismatch
	} else if len(p.stretches) > 0 && len(s.Readings) > 0 {
		return raised
	}
	if s.Calibrated || split == SplitReadings || sum == 0 {
		p.stretches = append(p.stretches[:0], stretch{to: u.seconds, energy: u.energy})
		return raised
	}
	u.energy = sum
	return raised
}

// readings makes a stretch of the time between each two readings. It reports false, and changes nothing, where readings
// go back, or beyond the total or the session.
func (p *Pricer) readings(s *Session, u *usage) bool {
	p.read = p.read[:0]
	for _, r := range s.Readings {
		if r.At.Before(s.Start) && r.At.Unix() != u.start || r.At.Unix() > u.start+u.seconds {
			return false
		}
		k := stretch{to: r.At.Unix() - u.start, energy: int64(r.Energy)}
		at := len(p.read)
		p.read = append(p.read, k)
		for ; at > 0 && p.read[at-1].to > k.to; at-- {
			p.read[at-1], p.read[at] = p.read[at], p.read[at-1]
		}
	}
	if len(p.read) == 0 {
		return true
	}
	var at, energy int64
	for i := range p.read {
		k := &p.read[i]
		if k.energy < energy || k.energy > u.energy || k.to == at && i > 0 && k.energy != energy {
			return false
		}
		k.from, at = at, k.to
		k.energy, energy = k.energy-energy, k.energy
	}
	if at < u.seconds || energy < u.energy {
		p.read = append(p.read, stretch{from: at, to: u.seconds, energy: u.energy - energy})
	}
	p.stretches = append(p.stretches[:0], p.read...)
	return true
}

// upTo returns the energy of a stretch after some of the seconds over which it runs: floor(E*t/T), so that pieces always
// add up to the whole.
func (k *stretch) upTo(seconds int64) int64 {
	if seconds >= k.seconds {
		return k.energy
	}
	hi, lo := bits.Mul64(uint64(k.energy), uint64(seconds))
	q, _ := bits.Div64(hi, lo, uint64(k.seconds))
	return int64(q)
}

// reach returns the first of those seconds at whose end the stretch has given as much energy; 0 < energy <= k.energy.
func (k *stretch) reach(energy int64) int64 {
	hi, lo := bits.Mul64(uint64(energy), uint64(k.seconds))
	q, rest := bits.Div64(hi, lo, uint64(k.energy))
	if rest > 0 {
		q++
	}
	return int64(q)
}
