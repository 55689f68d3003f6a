package rating

import (
	"fmt"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// RulesVersion is the version of the rules by which this engine prices. It changes whenever an unchanged session,
// contract and tariff could get another price or another flag.
const RulesVersion = 1

// Trace is how a session was priced: the inputs, and for every component that was used, which row priced it and how
// the amount came about. It holds no personal data.
type Trace struct {
	Rules    int // rules version
	Tariff   string
	Version  int
	Currency money.Currency
	Mode     Mode
	Start    time.Time // whole seconds, UTC
	Energy   cdr.MicroKWh
	Seconds  int64 // from start to end
	Idle     int64 // seconds of them
	Proven   bool  // durations may be billed
	Held     bool
	Steps    []Step // in the order of the components

	flags flagSet
}

// Outcome says what became of a component that was used.
type Outcome byte

// The outcomes. Traces store the numbers.
const (
	Priced       Outcome = 1 // a row prices it; no line when all of it was free time
	Unpriced     Outcome = 2 // NO_PRICE
	NotProven    Outcome = 3 // TIME_NOT_BILLABLE
	FreeOfCharge Outcome = 4 // the tariff has no price for it at all
)

// Step is how one component was priced. Only Component, Outcome and Measured are set unless it is Priced, and the
// rejected row where there is one.
type Step struct {
	Component Component
	Outcome   Outcome
	Measured  int64 // micro-kWh, seconds or count
	FreeTime  int64 // seconds that the row leaves free
	Free      int64 // seconds taken off
	Billed    int64 // what remains
	Unit      money.Price
	VATCode   string
	Row       string
	Matched   KeyValues
	Exact     money.Exact
	Amount    int64 // minor units

	Rejected string // the best row that was not used; empty when there was none
	Reason   Reason
}

// KeyValues holds the values of the session by which a row matched, by rank of the keys: group, location. A key the
// row has not is empty.
type KeyValues [keyCount]string

// Flags returns the flags of the session, in a fixed order.
func (t Trace) Flags() []Flag { return t.flags.list() }

// Replay prices the session again from the inputs in the trace alone. It returns what Rate returned, to the byte, or
// an error naming what is recorded otherwise than its inputs give.
func (t Trace) Replay() (Rated, error) {
	if t.Rules != RulesVersion {
		return Rated{}, fmt.Errorf("trace by rules version %d: this program replays version %d", t.Rules, RulesVersion)
	}
	again := t
	again.Steps = make([]Step, len(t.Steps))
	last, raised := -1, flagSet(0)
	for i, recorded := range t.Steps {
		at := componentIndex(recorded.Component)
		if at <= last {
			return Rated{}, fmt.Errorf("trace: component %q is not known or not in its place", recorded.Component)
		}
		last = at
		step := recorded
		step.Measured = components[at].used(t.usage())
		if step.Outcome == Priced {
			if err := step.compute(&components[at], t.Currency); err != nil {
				return Rated{}, fmt.Errorf("trace: %w", err)
			}
		}
		if step != recorded {
			return Rated{}, fmt.Errorf("trace: %s is recorded as %d units for %s, %d minor units; its inputs give %d units for %s, %d minor units",
				step.Component, recorded.Billed, recorded.Exact, recorded.Amount, step.Billed, step.Exact, step.Amount)
		}
		again.Steps[i] = step
		raised |= step.Outcome.flag()
	}
	if raised != t.flags&outcomes || t.Held != (t.flags&holding != 0) {
		return Rated{}, fmt.Errorf("trace: flags %v, held %v, do not follow from its steps", t.Flags(), t.Held)
	}
	return again.rated(again.Steps), nil
}

func (t *Trace) usage() usage { return usage{energy: t.Energy, seconds: t.Seconds, idle: t.Idle} }

// rated turns a trace and its steps into lines, total and bytes. It does not look at t.Steps.
func (t *Trace) rated(steps []Step) Rated {
	r := Rated{
		Tariff:   t.Tariff,
		Version:  t.Version,
		Currency: t.Currency,
		Mode:     t.Mode,
		Lines:    make([]Line, 0, countLines(steps)),
		Flags:    t.flags.list(),
		Held:     t.Held,
	}
	for i := range steps {
		step := &steps[i]
		if !step.printed() {
			continue
		}
		r.Lines = append(r.Lines, Line{
			Component: step.Component,
			Quantity:  step.Billed,
			Unit:      step.Unit,
			Amount:    step.Amount,
			Exact:     step.Exact,
			VATCode:   step.VATCode,
			Row:       step.Row,
		})
		r.Total += step.Amount // cannot overflow: an amount is at most some million currency units
	}
	r.Trace = t.encode(make([]byte, 0, usualTrace), steps)
	return r
}

// usualTrace is the room for the bytes of a trace; longer ones make their own.
const usualTrace = 160

// printed reports whether the step makes a line.
func (step *Step) printed() bool { return step.Outcome == Priced && step.Billed != 0 }

func countLines(steps []Step) int {
	n := 0
	for i := range steps {
		if steps[i].printed() {
			n++
		}
	}
	return n
}
