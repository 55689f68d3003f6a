package simulate

import (
	"time"

	"wattdue/cdr"
)

// Finding is what comparing the sessions must bring to light about a record.
type Finding struct {
	Code  string
	Other cdr.Key // the record it contradicts or follows; zero when the record alone is enough
}

// The codes, in the words of the product.
const (
	codeReplay     = "replay"
	codeConflict   = "page-conflict"
	codeOverlap    = "overlap"
	codeRegression = "counter-regression"
	codePower      = "power-above-limit"
	codeGap        = "page-gap"
	codeAdvance    = "advance-unexplained"
	codeMeter      = "meter-changed"
	codeKey        = "key-changed"
	codeFirmware   = "firmware-changed"
)

// holding are the codes for which a record is held, the gravest first. The others are information.
var holding = []string{codeReplay, codeConflict, codeOverlap, codeRegression, codePower}

// String writes code and other record as truth.csv does.
func (f Finding) String() string {
	if f.Other == (cdr.Key{}) {
		return f.Code
	}
	return f.Code + "=" + f.Other.String()
}

// heldFor returns the gravest code for which a record is held; empty when it is not.
func heldFor(findings []Finding) string {
	for _, code := range holding {
		for _, f := range findings {
			if f.Code == code {
				return code
			}
		}
	}
	return ""
}

// arrival is a record and its place in the inbox.
type arrival struct {
	key   cdr.Key
	place [2]int // file and record
}

func (a arrival) before(b arrival) bool {
	if a.place[0] != b.place[0] {
		return a.place[0] < b.place[0]
	}
	return a.place[1] < b.place[1]
}

// walker goes over the sessions of every meter as they were signed and notes what must be found, from what was done to
// them. It knows nothing of package finding: this is the second opinion.
type walker struct {
	w        *World
	first    []arrival // the honest record of each session, or its only one
	findings map[[2]int][]Finding
}

// findings returns what must be found about each record, by file and record.
func (w *World) findings() map[[2]int][]Finding {
	k := &walker{w: w, first: make([]arrival, len(w.Sessions)), findings: map[[2]int][]Finding{}}
	for i, f := range w.Files {
		for j, r := range f.Records {
			if !r.Fault.isSecond() {
				k.first[r.Session] = arrival{r.Key, [2]int{i, j}}
			}
		}
	}
	for i, f := range w.Files {
		for j, r := range f.Records {
			if r.Fault.isReplay() {
				k.note([2]int{i, j}, codeReplay, k.first[r.Session].key)
			}
		}
	}
	traces := make([]trace, len(w.EVSEs))
	for i := range w.Sessions {
		if s := &w.Sessions[i]; s.ghost < 0 {
			k.step(&traces[s.EVSE], i)
		}
	}
	return k.findings
}

func (k *walker) note(place [2]int, code string, other cdr.Key) {
	k.findings[place] = append(k.findings[place], Finding{code, other})
}

// trace is where the walk stands at a charge point.
type trace struct {
	last   *Session // the last one that is proven
	index  int
	pages  int   // signed since by the same meter, in records that are missing or prove nothing
	energy int64 // Wh that went through the meter since
}

// proves reports whether the record of a session can be read and its signatures hold.
func (s *Session) proves() bool {
	return s.Fault != Tampered && s.Fault != UnknownKey && s.Fault != BrokenJSON
}

// isCompared reports whether a proven session gets as far as being compared: one without payer is held before.
func (s *Session) isCompared() bool { return s.Fault != UnknownToken }

// step goes on to session i.
func (k *walker) step(t *trace, i int) {
	s := &k.w.Sessions[i]
	if s.Fault == PageConflict { // the meter never saw it, so nothing follows it
		k.note(k.first[i].place, codeConflict, k.first[s.twin].key)
		return
	}
	if t.last != nil && k.w.meterOf(t.last).MeterID != k.w.meterOf(s).MeterID {
		t.pages, t.energy = 0, 0
	}
	if s.foreign > 0 {
		t.pages, t.energy = t.pages+1, t.energy+s.foreign
	}
	if !s.proves() {
		t.pages, t.energy = t.pages+1, t.energy+s.wh
		return
	}
	if s.Fault == PowerAboveLimit {
		k.note(k.first[i].place, codePower, cdr.Key{})
	}
	if t.last != nil && (s.isCompared() || t.last.isCompared()) {
		k.compare(*t, i)
	}
	*t = trace{last: s, index: i}
}

// compare notes what must be found about a session after the one before.
func (k *walker) compare(t trace, i int) {
	s, here, before := &k.w.Sessions[i], k.first[i].place, k.first[t.index].key
	old, now := k.w.meterOf(t.last), k.w.meterOf(s)
	switch {
	case old.MeterID != now.MeterID:
		k.note(here, codeMeter, before)
		return
	case string(old.KeySPKI) != string(now.KeySPKI):
		k.note(here, codeKey, before)
		return
	case old.device.Firmware != now.device.Firmware:
		k.note(here, codeFirmware, before)
	}
	b := k.w.evse(s).make
	if t.pages > 0 && b.countsEveryPage() {
		k.note(here, codeGap, before)
	}
	switch {
	case s.Start.Before(t.last.End.Add(-time.Minute)):
		k.contradict(codeOverlap, i, t.index)
	case !b.counts():
	case s.Fault == CounterRegression:
		k.contradict(codeRegression, i, t.index)
	case t.energy > 0:
		k.note(here, codeAdvance, before)
	}
}

// contradict notes a finding about that one of two sessions which came in later.
func (k *walker) contradict(code string, i, other int) {
	first, later := k.first[other], k.first[i]
	if later.before(first) {
		first, later = later, first
	}
	k.note(later.place, code, first.key)
}
