package rating

import "slices"

// segment is a part of the session in which nothing changes that a price could depend on.
type segment struct {
	moment         // at its start
	from, to int64 // seconds since start
	begin    int64 // a second with the same truth of all keys on time; from may be one later where a count is reached inside it
	used     int64 // energy in it
	stretch  int32 // where its energy comes from
	idle     bool  // connected, not charging
	counted  bool  // begins where a count of energy is reached, not at a time
}

// cuts are what the session is cut at beside periods, readings and charge end.
type cuts struct {
	local    bool    // some row looks at local time, or a cap is per local day
	instants []int64 // Unix seconds
	edges    []int32 // seconds of the local day
	seconds  []int64 // since session start
	energies []int64
}

// plan collects the cuts from all rows that could price the session (rating rules, 4.4).
func (p *Pricer) plan() {
	c := &p.cuts
	c.local, c.edges, c.seconds, c.energies, c.instants = false, c.edges[:0], c.seconds[:0], c.energies[:0], c.instants[:0]
	for comp := range p.matches {
		for i := range p.matches[comp] {
			m := &p.matches[comp][i]
			if m.price.CapPerDay {
				c.local = true
				c.edges = insert(c.edges, 0)
			}
			if w := m.condition; w != nil {
				c.add(w)
			}
		}
	}
}

func (c *cuts) add(w *condition) {
	c.local = c.local || w.local
	for _, e := range w.edges {
		c.edges = insert(c.edges, e)
	}
	if w.elapsed {
		c.seconds = insert(insert(c.seconds, w.afterTime), w.untilTime)
	}
	if w.byEnergy {
		c.energies = insert(insert(c.energies, w.afterEnergy), w.untilEnergy)
	}
}

// insert adds a value to a short sorted list unless it is there.
func insert[T int32 | int64](list []T, v T) []T {
	at := len(list)
	for at > 0 && list[at-1] >= v {
		at--
	}
	if at < len(list) && list[at] == v {
		return list
	}
	return slices.Insert(list, at, v)
}

// segments cuts the session.
func (p *Pricer) segments(u *usage) {
	p.marks = p.marks[:0]
	for _, t := range p.cuts.seconds {
		if t > 0 && t < u.seconds {
			p.marks = append(p.marks, t)
		}
	}
	if p.cuts.local && len(p.cuts.edges) > 0 {
		p.cuts.instants = p.zone.crossings(p.cuts.instants, u.start, u.start+u.seconds, p.cuts.edges)
		for _, t := range p.cuts.instants {
			p.marks = append(p.marks, t-u.start)
		}
	}
	for _, k := range p.pauses {
		p.marks = append(p.marks, k.from, k.to)
	}
	if len(p.marks) > 1 {
		slices.Sort(p.marks)
	}
	p.segs = p.segs[:0]
	for i := range p.stretches {
		p.cutStretch(int32(i))
	}
	if len(p.segs) == 0 { // a session without time and energy
		p.segs = append(p.segs, segment{})
	}
	p.share()
	if len(p.cuts.energies) > 0 {
		p.cutEnergies()
	}
	p.moments(u)
}

// cutStretch appends the segments of one stretch. One without length keeps its energy at its instant.
func (p *Pricer) cutStretch(i int32) {
	k := &p.stretches[i]
	if k.from == k.to {
		if k.energy > 0 || len(p.stretches) == 1 {
			p.segs = append(p.segs, segment{from: k.from, to: k.to, begin: k.from, stretch: i})
		}
		return
	}
	next := 0
	if len(p.marks) > 8 {
		next, _ = slices.BinarySearch(p.marks, k.from)
	}
	for at := k.from; at < k.to; {
		for next < len(p.marks) && p.marks[next] <= at {
			next++
		}
		until := k.to
		if next < len(p.marks) {
			until = min(until, p.marks[next])
		}
		p.segs = append(p.segs, segment{from: at, to: until, begin: at, stretch: i, idle: p.paused(at)})
		at = until
	}
}

func (p *Pricer) paused(at int64) bool {
	for _, k := range p.pauses {
		if at >= k.from && at < k.to {
			return true
		}
	}
	return false
}

// share gives each segment its part of the energy of its stretch.
func (p *Pricer) share() {
	for i := range p.segs {
		g := &p.segs[i]
		if k := &p.stretches[g.stretch]; !g.idle && g.to > g.from {
			k.seconds += g.to - g.from
			k.charged = true
		}
	}
	for i := range p.stretches {
		if k := &p.stretches[i]; !k.charged {
			k.seconds = k.to - k.from
		}
	}
	var before, total int64
	last := int32(-1)
	for i := range p.segs {
		g := &p.segs[i]
		k := &p.stretches[g.stretch]
		if g.stretch != last {
			last, before = g.stretch, 0
		}
		after := before
		if !g.idle || !k.charged {
			after += g.to - g.from
		}
		g.energy = total
		g.used = k.upTo(after) - k.part(before)
		total += g.used
		before = after
	}
}

// part is upTo where the start of a stretch has given nothing, also of one without length.
func (k *stretch) part(seconds int64) int64 {
	if seconds == 0 {
		return 0
	}
	return k.upTo(seconds)
}

// cutEnergies cuts segments where a count of energy is reached. The energy is cut at the very count, the time at the first
// whole second by which it is reached.
func (p *Pricer) cutEnergies() {
	p.spare = append(p.spare[:0], p.segs...)
	p.segs = p.segs[:0]
	var offset int64 // energy of the session before the stretch
	var gone int64   // seconds of it over which energy ran
	last := int32(-1)
	for _, g := range p.spare {
		k := &p.stretches[g.stretch]
		if g.stretch != last {
			last, offset, gone = g.stretch, g.energy, 0
		}
		running := !g.idle || !k.charged
		end := g.energy + g.used
		from := g.from
		for _, count := range p.cuts.energies {
			if count <= g.energy || count > end {
				continue
			}
			until := g.to
			if running && k.seconds > 0 {
				until = min(g.to, g.from+k.reach(count-offset)-gone)
			}
			if count == end && until == g.to { // the next segment begins there anyway
				continue
			}
			first := g
			first.from, first.to, first.used = from, until, count-g.energy
			p.segs = append(p.segs, first)
			g.energy, g.used, g.counted, from = count, end-count, true, until
		}
		if running {
			gone += g.to - g.from
		}
		g.from = from
		p.segs = append(p.segs, g)
	}
}

// moments fills in what moving keys look at. Energy at the very end of a session counts to its last second.
func (p *Pricer) moments(u *usage) {
	for i := range p.segs {
		g := &p.segs[i]
		at := g.begin
		if at == u.seconds && at > 0 {
			at--
		}
		g.elapsed = at
		if p.cuts.local {
			g.day, g.second = p.zone.local(u.start + at)
		}
	}
}
