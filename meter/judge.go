package meter

import (
	"strings"
	"time"

	"wattdue/cdr"
)

// judge applies the checks after the signature: one meter, one user, contiguous pages, order, status, clock, user
// assignment, cable loss. It enters readings and energy into the verdict when every signature holds.
func (x *examination) judge(p proof) {
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
		if m.User.Kind != first.User.Kind || m.User.ID != first.User.ID {
			x.add("user-differs", label, "") // the id is personal data and not repeated
		}
		if m.Cable != first.Cable {
			x.add("loss-cable-differs", label, "")
		}
		if major, _, ok := ocmfVersion(m.Version); ok && major > 1 {
			x.add("version-unknown", label, clean(m.Version))
		}
		switch m.User.Level {
		case "MISMATCH", "INVALID", "OUTDATED", "UNKNOWN":
			x.add("user-level", label, m.User.Level)
		}
	}
}

// judgeOrder demands an end not before the begin, in value and time.
func (x *examination) judgeOrder(p proof) {
	if p.end.Value.Cmp(p.begin.Value) < 0 {
		x.add("value-falls", "end", "")
	}
	if p.end.Time.Before(p.begin.Time) {
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
		case e.Status == "G":
		case !billed:
			x.addOnce("intermediate-status", clean(e.Status))
		case e.Status != "":
			x.add("status-not-good", label, clean(e.Status))
		case x.hasStatusField(p, e):
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

// hasStatusField reports whether the version of the record knows ST, which came with 0.3.
func (x *examination) hasStatusField(p proof, e *Entry) bool {
	m := p.endFrom
	if e == p.begin {
		m = p.beginFrom
	}
	major, minor, ok := ocmfVersion(m.Version)
	return !ok || major > 0 || minor >= 3
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
// at both ends, or R at the end: the time since a start that was itself at least informative. A time of day needs
// synchronised clocks.
func (x *examination) judgeClock(p proof) {
	clocks := p.begin.Clock + p.end.Clock
	set := p.begin.clockSet() && p.end.clockSet()
	x.verdict.TimeUsable = set && clocks == "SS"
	x.verdict.DurationUsable = set && (clocks == "SS" || clocks == "RR" || clocks == "IR" || clocks == "SR")
	switch {
	case !x.verdict.DurationUsable:
		x.add("clock-unusable", "", p.begin.clockText()+" to "+p.end.clockText())
	case !x.verdict.TimeUsable:
		x.add("clock-informative", "", p.begin.clockText()+" to "+p.end.clockText())
	}
}

// firstPlausibleYear is before the first charge point that signed anything; clocks that lost their time start at
// 1970 or 2000.
const firstPlausibleYear = 2010

// clockSet reports whether the reading has a time at all: a clock that is not called unsynchronised or flagged,
// and was set since it last lost its power.
func (e *Entry) clockSet() bool {
	return e.Clock != "" && e.Clock != "U" && !strings.Contains(e.Errors, "t") && e.Time.Year() >= firstPlausibleYear
}

func (e *Entry) clockText() string {
	text := e.Clock
	if text == "" {
		text = "none"
	}
	if strings.Contains(e.Errors, "t") {
		text += " with error flag t"
	}
	if e.Time.Year() < firstPlausibleYear {
		text += " in the year " + e.Time.Format("2006")
	}
	return text
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
	if !x.proven() {
		x.verdict.DurationUsable, x.verdict.TimeUsable = false, false
		return
	}
	x.verdict.MeterID = clean(p.beginFrom.Meter)
	x.verdict.Begin, x.verdict.End, x.verdict.Energy = begin, end, energy
}

func (e *Entry) reading() (r Reading, exact, ok bool) {
	var v cdr.MicroKWh
	v, exact, ok = microKWh(e.Value, e.Unit)
	return Reading{Time: e.Time, Zone: e.Zone, Clock: e.Clock, Value: v, Status: e.Status}, exact, ok
}
