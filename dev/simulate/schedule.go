package simulate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"wattdue/calendar"
)

// breather is the least time between two sessions of a charge point.
const breather = time.Minute

// fixturesFrom is the number of sessions from which the month gets its hand-placed edge cases.
const fixturesFrom = 60

// pairEvery is how often a session is signed as a pair of values.
const pairEvery = 6

// agenda holds the busy times of one charge point in order.
type agenda []visit

// position returns where the visit fits in, and whether it does.
func (a agenda) position(v visit) (int, bool) {
	i, _ := slices.BinarySearchFunc(a, v, func(x, y visit) int { return x.start.Compare(y.start) })
	if i > 0 && a[i-1].end().Add(breather).After(v.start) {
		return 0, false
	}
	if i < len(a) && v.end().Add(breather).After(a[i].start) {
		return 0, false
	}
	return i, true
}

// scheduler places visits on charge points.
type scheduler struct {
	w       *World
	r       *rand.Rand
	payers  payers
	agendas []agenda
	tokens  map[string][]int // by contract number
	draw    []int            // charge points, the busy ones twice
}

func newScheduler(w *World, topic string) *scheduler {
	s := &scheduler{
		w: w, r: stream(w.Options.Seed, topic), payers: w.payers(),
		agendas: make([]agenda, len(w.EVSEs)), tokens: map[string][]int{},
	}
	for i := range w.EVSEs {
		s.draw = append(s.draw, i)
		if w.location(&w.EVSEs[i]).fast { // people stay for half an hour, and others come
			s.draw = append(s.draw, i)
		}
	}
	for i, t := range w.Tokens {
		s.tokens[t.ContractNo] = append(s.tokens[t.ContractNo], i)
	}
	return s
}

// addSessions fills the month: first the edge cases, then visits at random. Sessions of one charge point never
// overlap.
func (w *World) addSessions() error {
	s := newScheduler(w, "sessions")
	w.Sessions = make([]Session, 0, w.Options.Sessions)
	if w.Options.Sessions >= fixturesFrom {
		for _, f := range w.fixtures() {
			s.placeFixture(f)
		}
	}
	for len(w.Sessions) < w.Options.Sessions {
		if !s.placeAny() {
			return fmt.Errorf("simulate %d sessions at %d charge points in %s: no room after %d; want more charge points",
				w.Options.Sessions, len(w.EVSEs), w.Options.Month, len(w.Sessions))
		}
	}
	w.numberSessions()
	return nil
}

// numberSessions puts the sessions into the order of their starts.
func (w *World) numberSessions() {
	slices.SortFunc(w.Sessions, func(a, b Session) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.EVSE, b.EVSE))
	})
	for i := range w.Sessions {
		w.Sessions[i].Number = i + 1
	}
}

// placeAny draws visits until one fits somewhere; after some failures it makes them shorter.
func (s *scheduler) placeAny() bool {
	days := s.w.Options.Month.First.DaysUntil(s.w.Options.Month.Next)
	for try := range 400 {
		evse := pick(s.r, s.draw)
		e := &s.w.EVSEs[evse]
		v := s.w.drawVisit(s.r, e, days)
		if try >= 20 {
			v = shorten(v, try/20)
		}
		if s.place(evse, v, false) {
			return true
		}
	}
	return false
}

// shorten halves a visit n times, to not less than 20 grains, keeping its power.
func shorten(v visit, n int) visit {
	grains := int64(v.charge / grain)
	less := min(grains, max(grains>>n, 20))
	v.wh = v.wh * less / grains
	v.charge, v.idle = grain*time.Duration(less), 0
	return v
}

// place puts a visit on a charge point if it is free and somebody may charge there.
func (s *scheduler) place(evse int, v visit, fixture bool) bool {
	if len(s.payers.at(s.w.location(&s.w.EVSEs[evse]))) == 0 {
		return false
	}
	at, free := s.agendas[evse].position(v)
	if !free {
		return false
	}
	s.agendas[evse] = slices.Insert(s.agendas[evse], at, v)
	session := s.session(evse, v)
	session.fixture = fixture
	s.w.Sessions = append(s.w.Sessions, session)
	return true
}

// session makes the visit a session of somebody who may charge there.
func (s *scheduler) session(evse int, v visit) Session {
	contract := pick(s.r, s.payers.at(s.w.location(&s.w.EVSEs[evse])))
	return Session{
		Start: v.start, ChargeEnd: v.start.Add(v.charge), End: v.end(),
		EVSE: evse, Contract: contract, Token: pick(s.r, s.tokens[s.w.Contracts[contract].No]),
		Pair: oneIn(s.r, pairEvery), wh: v.wh, ghost: -1,
	}
}

// placeFixture puts an edge case on the first free charge point of its kind. A fleet without such a charge point
// goes without the case.
func (s *scheduler) placeFixture(f fixture) {
	if !s.w.Options.Month.Contains(calendar.DateOf(f.start, s.w.zone)) {
		return
	}
	for i := range s.w.EVSEs {
		if f.fits(s.w.location(&s.w.EVSEs[i])) && s.place(i, f.visit, true) {
			return
		}
	}
}
