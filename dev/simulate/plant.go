package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	"wattdue/calendar"
)

// findingsFrom is the number of sessions from which every kind of contradiction is planted at least once, where a charge
// point suits it.
const findingsFrom = 200

// findingShare is how many faults there are for each contradiction of a kind, and exchangeShare for each meter that is
// exchanged.
const (
	findingShare  = 20
	exchangeShare = 60
)

// setBack is what a meter forgets that loses count, in Wh.
const setBack = 25_000

// overlapping is how long before the end of a session another one begins.
const overlapping = 10 * time.Minute

// contradictions are the kinds in the order in which they get their sessions; the pickiest comes first. Sessions that
// overlap are planted before them, because that moves them.
var contradictions = []Fault{CounterRegression, PageConflict, ReplayContainer, PowerAboveLimit, Replay, ReplayHub}

// exchange is what is replaced at a charge point.
type exchange int

const (
	newDevice exchange = iota
	newKey
	newFirmware
)

// planter plants what shows only when sessions are compared.
type planter struct {
	w      *World
	r      *rand.Rand
	order  []int   // in which sessions are tried
	before []int   // for each session the one before it at its meter, -1: none
	at     [][]int // the sessions of each registered charge point in order
}

// plantFindings plants contradictions between sessions, exchanges meters, and lets customers of others charge in between.
// Records that are missing or prove nothing leave gaps of their own.
func (w *World) plantFindings() error {
	n, exchanges := share(w.Options, findingShare), share(w.Options, exchangeShare)
	if n == 0 {
		return nil
	}
	p := &planter{w: w, r: stream(w.Options.Seed, "findings")}
	p.look()
	for _, kind := range []exchange{newDevice, newKey, newFirmware} {
		if err := p.exchange(kind, exchanges); err != nil {
			return err
		}
	}
	p.each(n, p.overlap)
	w.numberSessions()
	p.look()
	for _, kind := range contradictions {
		p.each(n, func(i int) bool { return p.contradict(kind, i) })
	}
	p.each(n, p.letOthersCharge)
	return nil
}

// share returns how many of a kind to plant: one for so many faults, and at least one in a month that is big enough.
func share(o Options, faults int) int {
	if o.Faults == 0 || o.Sessions < findingsFrom {
		return 0
	}
	return max(1, o.Sessions*o.Faults/1000/faults)
}

// look finds the neighbours of all sessions and draws the order in which they are tried.
func (p *planter) look() {
	p.order = p.r.Perm(len(p.w.Sessions))
	p.before = make([]int, len(p.w.Sessions))
	p.at = make([][]int, len(p.w.EVSEs))
	for i := range p.w.Sessions {
		s := &p.w.Sessions[i]
		p.before[i] = -1
		if s.ghost >= 0 {
			continue
		}
		if n := len(p.at[s.EVSE]); n > 0 {
			p.before[i] = p.at[s.EVSE][n-1]
		}
		p.at[s.EVSE] = append(p.at[s.EVSE], i)
	}
}

// each tries sessions until n were planted.
func (p *planter) each(n int, plant func(i int) bool) {
	for _, i := range p.order {
		if n == 0 {
			return
		}
		s := &p.w.Sessions[i]
		if s.fixture || s.wh < 1000 || !p.free(i) || len(p.w.EVSEs[s.EVSE].Later) > 0 || p.before[i] < 0 || !p.honest(p.before[i]) {
			continue
		}
		if plant(i) {
			n--
		}
	}
}

// free reports whether nothing was planted on a session.
func (p *planter) free(i int) bool { return p.honest(i) && !p.w.Sessions[i].spared }

// honest reports whether the record of a session proves it and is billed.
func (p *planter) honest(i int) bool {
	s := &p.w.Sessions[i]
	return s.Fault == None && s.ghost < 0
}

// brandOf is the make of the session's charge point.
func (p *planter) brandOf(i int) brand { return p.w.evse(&p.w.Sessions[i]).make }

// mark plants a fault on a session that stands on another one.
func (p *planter) mark(i int, kind Fault, other int) bool {
	p.w.Sessions[i].Fault = kind
	p.w.Sessions[other].spared = true
	return true
}

// overlap moves a session forward into the one before. Only where clocks are kept right it is one.
func (p *planter) overlap(i int) bool {
	s, last := &p.w.Sessions[i], &p.w.Sessions[p.before[i]]
	if !p.brandOf(i).keepsTime() || last.End.Sub(last.Start) < 2*overlapping || s.End.Sub(s.Start) < 2*overlapping {
		return false
	}
	by := last.End.Add(-overlapping).Sub(s.Start)
	s.Start, s.ChargeEnd, s.End = s.Start.Add(by), s.ChargeEnd.Add(by), s.End.Add(by)
	return p.mark(i, Overlap, p.before[i])
}

// contradict plants a kind on a session that suits it.
func (p *planter) contradict(kind Fault, i int) bool {
	s, other, ok := &p.w.Sessions[i], i, true
	if kind == CounterRegression {
		other, ok = p.before[i], p.brandOf(i).counts()
	}
	if kind == ReplayContainer {
		ok = p.brandOf(i).format == "OCMF"
	}
	if kind == PowerAboveLimit {
		ok = p.overcharge(i)
	}
	if kind == PageConflict {
		if other, ok = p.twinOf(i); ok {
			s.Pair, s.twin = false, other
		}
	}
	return ok && p.mark(i, kind, other)
}

// overcharge doubles what the charge point can deliver in the time, where that is still believed of a car.
func (p *planter) overcharge(i int) bool {
	s := &p.w.Sessions[i]
	e, took := p.w.evse(s), s.End.Sub(s.Start)
	if p.w.location(e).fast || took < 10*time.Minute || took > 2*time.Hour {
		return false
	}
	s.wh = 2 * wattHours(took, e.MaxWatts)
	return true
}

// twinOf finds an earlier session of the meter that was reported on an earlier day.
func (p *planter) twinOf(i int) (int, bool) {
	day := func(n int) calendar.Date { return calendar.DateOf(p.w.Sessions[n].End, p.w.zone) }
	for n := p.before[i]; n >= 0; n = p.before[n] {
		if p.free(n) && day(n).Before(day(i)) {
			return n, true
		}
	}
	return 0, false
}

// letOthersCharge puts a customer of another provider between a session and the one before, at 7 kW with ten minutes of
// coming and going.
func (p *planter) letOthersCharge(i int) bool {
	s, last := &p.w.Sessions[i], &p.w.Sessions[p.before[i]]
	b := p.brandOf(i)
	room := s.Start.Sub(last.End) - 10*time.Minute
	if !b.counts() || !b.countsEveryPage() || room < 20*time.Minute {
		return false
	}
	s.foreign = wattHours(min(room, 3*time.Hour), 7_000)
	s.spared = true
	return true
}

// exchange replaces something at n charge points, half a minute before a session in the middle of the month. Some of the
// fleet must stay as it is.
func (p *planter) exchange(kind exchange, n int) error {
	for _, evse := range p.r.Perm(len(p.w.EVSEs)) {
		e := &p.w.EVSEs[evse]
		list := p.at[evse]
		if n == 0 || len(p.w.EVSEs) < 10 {
			return nil
		}
		if len(e.Later) > 0 || len(list) < 5 || kind == newFirmware && !e.make.signsFirmware() {
			continue
		}
		i := list[len(list)/2]
		if p.before[i] < 0 || !p.free(i) || !p.free(p.before[i]) {
			continue
		}
		m, err := p.replacement(kind, e, evse, p.w.Sessions[i].Start.Add(-breather/2))
		if err != nil {
			return err
		}
		e.Later = append(e.Later, m)
		p.w.Sessions[i].spared, p.w.Sessions[p.before[i]].spared = true, true
		n--
	}
	return nil
}

// replacement returns what is at the charge point from then on.
func (p *planter) replacement(kind exchange, e *EVSE, evse int, from time.Time) (Meter, error) {
	if kind == newFirmware {
		m := e.Meter
		m.since = from
		m.device.Firmware = laterFirmware(m.device.Firmware)
		return m, nil
	}
	m, err := newMeter(p.w.Options, e.make, uint32(firstMeter+secondMeter+evse+1), fmt.Sprintf("%s again", e.ID), from)
	if kind == newKey {
		m.MeterID, m.device = e.MeterID, e.device
	}
	return m, err
}

// laterFirmware counts the last digit of a version up.
func laterFirmware(version string) string {
	last := len(version) - 1
	return version[:last] + string(rune((version[last]-'0'+1)%10+'0'))
}
