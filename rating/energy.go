package rating

// energy prices the energy of the session (rating rules, 5.2).
func (p *Pricer) energy(t *Compiled, s *Session, split EnergySplit) flagSet {
	list := p.matches[energyAt]
	setAside(list, s.StartTimeUsable, s.DurationUsable)
	var raised flagSet
	once := split == SplitSessionStart
	if movesWithTime(list) {
		spans := p.spans(list)
		if spans {
			raised |= flagSpansPriceChange
		}
		switch {
		case split == SplitLinear && spans && s.EndTimeUsable:
			raised |= flagEnergyEstimated
		case split == SplitReadings && spans, !s.EndTimeUsable && anyLocal(list):
			once = true
		}
	}
	first := int32(-1)
	start := p.segs[0].moment
	for i := range p.segs {
		g := &p.segs[i]
		if g.used == 0 {
			continue
		}
		at := g.moment
		switch {
		case once: // a count of energy is measured whatever the time, so it still parts the session
			at.day, at.second, at.elapsed = start.day, start.second, start.elapsed
		case split == SplitPeriodStart:
			if first < 0 || p.segs[first].stretch != g.stretch {
				first = p.firstOf(g.stretch)
			}
			at = p.segs[first].moment
		}
		found := choose(list, &at)
		p.add(t, energyAt, &found, slice{from: g.from, to: g.to, measured: g.used, day: g.day})
	}
	return raised
}

// firstOf returns the first segment of a stretch.
func (p *Pricer) firstOf(stretch int32) int32 {
	for i := range p.segs {
		if p.segs[i].stretch == stretch {
			return int32(i)
		}
	}
	return 0
}

func movesWithTime(list []match) bool {
	for i := range list {
		if w := list[i].condition; w != nil && (w.local || w.elapsed) {
			return true
		}
	}
	return false
}

func anyLocal(list []match) bool {
	for i := range list {
		if w := list[i].condition; w != nil && w.local && !list[i].unused {
			return true
		}
	}
	return false
}

// spans reports whether the row changes inside a stretch of energy at a time that nothing measured marks.
func (p *Pricer) spans(list []match) bool {
	stretch := int32(-1)
	var winner *candidate
	for i := range p.segs {
		g := &p.segs[i]
		if g.used == 0 {
			continue
		}
		found := choose(list, &g.moment)
		var now *candidate
		if found.winner != nil {
			now = found.winner.candidate
		}
		if g.stretch == stretch && now != winner && !g.counted {
			return true
		}
		stretch, winner = g.stretch, now
	}
	return false
}
