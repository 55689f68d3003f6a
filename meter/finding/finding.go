// Package finding compares proven charging sessions with each other.
//
// A meter that signs counts its records and never counts energy back. So what several charge records prove about one
// meter must fit together: no signed value twice, no page twice, no reading below the one before, no two sessions at once.
// What does not fit is a finding. Some findings are only information, because a provider sees but the sessions of its own
// customers; others contradict a session that was there first, and then the later one is held until a person decides.
//
// The checks are those every format allows, with the exceptions a format makes (see Session.continuous). The package
// compares values it is given; it knows no storage and no clock.
package finding

import (
	"slices"

	"wattdue/cdr"
	"wattdue/meter"
)

// Session is what the verdict of one charge proves. Only sessions whose every signature holds belong here.
type Session struct {
	Charge  string // opaque name of the charge
	Arrival string // orders charges by how they came in; compared byte by byte
	Settled bool   // the charge was let pass before, so it was there first whatever its arrival
	Waiting bool   // of history: as new as the fresh ones, but compared elsewhere
	EVSE    string
	Watts   int64 // the most the EVSE can deliver; 0 is not known

	Format   string
	MeterID  string
	KeyHash  string
	Firmware string
	Register string
	Begin    meter.Reading
	End      meter.Reading
	Prints   []meter.Print

	DurationUsable bool
}

// SessionOf takes over what a verdict proves; ok is false when it proves nothing, because a signature does not hold or its
// key is not known to be that of the meter.
func SessionOf(v meter.Verdict) (s Session, ok bool) {
	if v.Signature != meter.SignatureValid || len(v.Prints) == 0 || v.KeyHash == "" {
		return Session{}, false
	}
	switch v.Word {
	case meter.Valid, meter.NotBillable, meter.DisagreesOutside:
	default:
		return Session{}, false
	}
	if v.Session == meter.SessionIncomplete && v.Lone != (meter.Reading{}) {
		v.Begin, v.End = v.Lone, v.Lone
	}
	return Session{
		Format: v.Format, MeterID: v.MeterID, KeyHash: v.KeyHash, Firmware: v.Firmware, Register: v.Register,
		Begin: v.Begin, End: v.End, Prints: v.Prints, DurationUsable: v.DurationUsable,
	}, true
}

// Energy is what the session took according to its readings.
func (s Session) Energy() cdr.MicroKWh { return s.End.Value - s.Begin.Value }

// Code names what was found. Codes are stable.
type Code string

// The codes. See Rules for what they mean.
const (
	Replay             Code = "replay"
	PageConflict       Code = "page-conflict"
	Overlap            Code = "overlap"
	CounterRegression  Code = "counter-regression"
	PowerAboveLimit    Code = "power-above-limit"
	PageGap            Code = "page-gap"
	AdvanceUnexplained Code = "advance-unexplained"
	MeterChanged       Code = "meter-changed"
	KeyChanged         Code = "key-changed"
	FirmwareChanged    Code = "firmware-changed"
)

// Rule says what a code means, and whether the charge is held for it.
type Rule struct {
	Code  Code
	Holds bool
	Text  string // what is wrong or noticed, and what to do
}

// rules is the table of codes, the gravest first: a charge is held for the first of its findings.
var rules = []Rule{
	{Replay, true, "the same signed values came before in another charge record; bill one of the two and drop the other"},
	{PageConflict, true, "the meter gave this page number to another record before; ask the operator which of the two is genuine"},
	{Overlap, true, "the meter was busy with another session at the time; ask the operator which of the two is genuine"},
	{CounterRegression, true, "the reading is below what the meter showed before, which it never does; ask the operator what became of the meter"},
	{PowerAboveLimit, true, "the charge point cannot deliver that much energy in that time; check its registered power, else ask the operator"},
	{PageGap, false, "records that the meter signed in between did not come in; either they belong to customers of other providers, or they are missing"},
	{AdvanceUnexplained, false, "the meter counted energy between the two sessions that is in no record here; either customers of other providers took it, or records are missing"},
	{MeterChanged, false, "the charge point has another meter than in the session before; check the registered keys"},
	{KeyChanged, false, "the meter of the charge point signs with another key than in the session before; check the registered keys"},
	{FirmwareChanged, false, "the meter or signing unit runs another firmware than in the session before; know that it may state or count things otherwise"},
}

// Rules lists every code, the gravest first. The slice is the caller's.
func Rules() []Rule { return slices.Clone(rules) }

// RuleOf returns the row of a code; ok is false when there is none.
func RuleOf(c Code) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == c })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// rank orders codes as the table does.
func (c Code) rank() int { return slices.IndexFunc(rules, func(r Rule) bool { return r.Code == c }) }

// Finding is one thing found about a charge, mostly in comparison with another one. Code, Charge and Other name it: there
// is at most one with the three.
type Finding struct {
	Code   Code
	Charge string // whom it concerns: of a contradiction the one that came later, else the later in signed order
	Other  string // what it was compared with; empty when the charge alone is enough
	Value  string // what was found, such as the missing pages; never personal data
	Text   string // of the rule
	Holds  bool   // of the rule
}

// Closed names findings that hold no longer: between the two charges a session came in that stands between them. Only
// information is closed; what holds a charge is for a person to decide.
type Closed struct {
	Code   Code
	Charge string
	Other  string
}

// Result is what a comparison brings.
type Result struct {
	Findings []Finding // by charge, code and other charge
	Closed   []Closed  // candidates: nothing need have been found about them before; in the same order
}
