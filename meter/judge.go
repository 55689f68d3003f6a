package meter

import (
	"slices"
	"strings"
	"time"

	"wattdue/cdr"
)

// judge applies the checks after the signature: one meter, one user, page order, order of values and times, status,
// clock, user assignment, cable loss, plausibility. It enters readings and energy into the verdict when every signature
// holds.
func (x *examination) judge(p proof) {
	settleHour(p.begin, p.end)
	x.judgeMessages(p)
	x.judgePages(p)
	x.judgeOrder(p)
	x.judgeStatus(p)
	x.judgeLoss(p)
	x.judgeClock(p)
	x.enter(p)
}

// judgeMessages compares the headers of all records of the session with the one that begins it.
func (x *examination) judgeMessages(p proof) {
	first := p.beginFrom
	for _, v := range p.values {
		m, label := &v.message, v.label
		if m.Meter != first.Meter || m.Gateway != first.Gateway {
			x.add("meter-differs", label, clean(m.Meter))
		}
		if m.Session != first.Session {
			x.add("session-differs", label, clean(m.Session))
		}
		if m.User.Kind != first.User.Kind || m.User.ID != first.User.ID || m.User.Since != first.User.Since {
			x.add("user-differs", label, "") // the id is personal data and not repeated
		}
		if m.Cable != first.Cable {
			x.add("loss-cable-differs", label, "")
		}
		switch m.User.Level {
		case "MISMATCH", "INVALID", "OUTDATED", "UNKNOWN":
			x.add("user-level", label, m.User.Level)
		}
	}
}

// judgeOrder demands an end not before the begin, in value, time and running seconds.
func (x *examination) judgeOrder(p proof) {
	if p.end.Value.Cmp(p.begin.Value) < 0 {
		x.add("value-falls", "end", "")
	}
	if p.end.Time.Before(p.begin.Time) || p.begin.Counted && p.end.Counted && p.end.Seconds < p.begin.Seconds {
		x.add("time-falls", "end", p.end.Time.Format(time.RFC3339))
	}
	if p.begin.Events != p.end.Events {
		x.add("event-counter", "end", clean(p.begin.Events+" to "+p.end.Events))
	}
}

// judgeStatus judges the readings that are billed, and what happened between them.
func (x *examination) judgeStatus(p proof) {
	for _, e := range p.entries {
		label, billed := "intermediate", e == p.begin || e == p.end
		switch e {
		case p.begin:
			label = "begin"
		case p.end:
			label = "end"
		}
		if strings.Contains(e.Errors, "E") {
			x.add("energy-flag", label, clean(e.Errors))
		}
		switch {
		case e.Quality == Good:
		case !billed:
			x.addOnce("intermediate-status", clean(e.Status))
		case e.Quality == Bad:
			x.add("status-not-good", label, clean(e.Status))
		case e.Quality == Missing:
			x.add("status-missing", label, "")
		default:
			x.addOnce("status-unstated", "")
		}
	}
	for _, v := range p.values {
		for _, e := range v.message.Entries {
			if e.Tx == "X" {
				x.addOnce("exception", e.Time.Format(time.RFC3339))
			}
		}
	}
}

// judgeLoss demands a cable loss that starts at zero and only grows. Meters that state the same loss other than
// zero at begin and end compensated nothing in the session; that is named but harmless.
func (x *examination) judgeLoss(p proof) {
	if !p.begin.HasLoss && !p.end.HasLoss {
		return
	}
	begin, end := p.begin.Loss, p.end.Loss
	switch {
	case begin.Sign() < 0:
		x.add("loss-negative", "begin", "")
	case end.Sign() < 0:
		x.add("loss-negative", "end", "")
	case begin.Sign() != 0 && begin == end:
		x.add("loss-carried", "begin", "")
	case begin.Sign() != 0 || end.Cmp(begin) < 0:
		x.add("loss-not-reset", "begin", "")
	}
}

// judgeClock decides what the signed times may be used for (OCMF 1.4, TM). A duration needs a synchronised clock
// at both ends, or R at the end: the time since a start that was itself at least informative. A time of day that selects
// a price needs a synchronised clock at the reading that selects it.
func (x *examination) judgeClock(p proof) {
	clocks := p.begin.Clock + p.end.Clock
	set := p.begin.clockSet() && p.end.clockSet()
	x.verdict.BeginTimeUsable = p.begin.clockSet() && p.begin.Clock == ClockSynchronised
	x.verdict.EndTimeUsable = p.end.clockSet() && p.end.Clock == ClockSynchronised
	x.verdict.TimeUsable = x.verdict.BeginTimeUsable && x.verdict.EndTimeUsable
	x.verdict.DurationUsable = set && (clocks == "SS" || clocks == "RR" || clocks == "IR" || clocks == "SR")
	if p.clockMoved() {
		x.verdict.DurationUsable = false
		x.add("clock-moved", "", "")
	}
	switch {
	case !x.verdict.DurationUsable:
		x.add("clock-unusable", "", p.begin.clockText()+" to "+p.end.clockText())
	case !x.verdict.TimeUsable:
		x.add("clock-informative", "", p.begin.clockText()+" to "+p.end.clockText())
	}
}

// clockMoved reports that the clock was set between two readings that call it exact only relatively: the meter counts
// such moments, or the times are further apart than its running seconds. These may drift by a thousandth, and each
// time may be cut to a whole second.
func (p proof) clockMoved() bool {
	if p.end.Clock != ClockRelative {
		return false
	}
	if p.begin.Resets != p.end.Resets {
		return true
	}
	if !p.begin.Counted || !p.end.Counted || !p.begin.clockSet() || !p.end.clockSet() {
		return false
	}
	const cut, drift = 2, 1000
	ran := int64(p.end.Seconds) - int64(p.begin.Seconds)
	off := int64(p.end.Time.Sub(p.begin.Time)/time.Second) - ran
	return max(off, -off) > cut+max(ran, 0)/drift
}

// enter writes the pair into the verdict. Unproven readings are left out, so that nobody bills them by mistake.
func (x *examination) enter(p proof) {
	energy, exact, ok := microKWhBetween(p.begin.Value, p.end.Value, p.end.Unit)
	begin, exactBegin, okBegin := p.begin.reading()
	end, exactEnd, okEnd := p.end.reading()
	if !ok || !okBegin || !okEnd {
		x.add("value-range", "", "")
		return
	}
	if !exact || !exactBegin || !exactEnd {
		x.add("value-cut", "", "")
	}
	if limit := x.profile.MaxEnergy; limit > 0 && energy > limit {
		x.add("energy-implausible", "", energy.KWh()+" kWh")
	}
	if !x.proven() {
		x.verdict.forgetTimes()
		return
	}
	x.verdict.MeterID, x.verdict.Firmware = clean(p.beginFrom.Meter), clean(p.endFrom.Firmware)
	x.verdict.Register = clean(p.begin.OBIS)
	x.verdict.Begin, x.verdict.End, x.verdict.Energy = begin, end, energy
	if x.verdict.TimeUsable {
		x.verdict.Between = p.between(begin, end)
	}
}

// between returns the readings that part the energy of the session by time: good ones of a synchronised clock. Where they do
// not rise with time from begin to end, none is good for it.
func (p proof) between(begin, end Reading) []Reading {
	var list []Reading
	for _, e := range p.entries {
		if e.Tx.IsBegin() || e.Tx.IsEnd() || e.Quality != Good || e.Errors != "" || !e.clockSet() || e.Clock != ClockSynchronised {
			continue
		}
		if r, exact, ok := e.reading(); ok && exact {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b Reading) int { return a.Time.Compare(b.Time) })
	before := begin
	for _, r := range list {
		if !r.Time.After(before.Time) || r.Value < before.Value || !r.Time.Before(end.Time) || r.Value > end.Value {
			return nil
		}
		before = r
	}
	return list
}

// forgetTimes takes back what was said about times that nothing proves.
func (v *Verdict) forgetTimes() {
	v.DurationUsable, v.TimeUsable, v.BeginTimeUsable, v.EndTimeUsable = false, false, false, false
}

// disagreesInEnergy reports a difference between signed and stated energy beyond the tolerance.
func (p Profile) disagreesInEnergy(signed, stated cdr.MicroKWh) bool {
	return magnitude(signed, stated) > uint64(max(0, p.EnergyTolerance))
}
