package rating

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// RulesVersion is the version of the rules by which this engine prices. It changes whenever an unchanged session,
// contract and tariff could get another price or another flag.
const RulesVersion = 2

// Trace is how a session was priced: which row priced which part of what was used, and how lines came about. It names
// contract, customer and groups only where a row that was used is made for them.
type Trace struct {
	Rules       int // rules version
	Tariff      string
	Version     int
	Currency    money.Currency
	Mode        Mode
	Round       RoundAt
	Start       time.Time // whole seconds, UTC
	Seconds     int64     // from start to end
	Idle        int64     // seconds of them
	Energy      cdr.MicroKWh
	Export      cdr.MicroKWh
	Slices      []Slice
	Adjustments []Adjustment
	Lines       []Line
	Total       int64 // minor units
	Held        bool

	w     settlement
	keys  []traced
	bytes []byte
}

// Slice is a part of the session in which one row prices a component, or none does.
type Slice struct {
	From, To  time.Time
	Component Component
	Outcome   Outcome
	Measured  int64 // micro-kWh, seconds or count
	Billed    int64 // what is left of it after free amounts and allowances, with the surplus of a step

	// Only where it is Priced.
	Row      string
	Priority int
	Price    Price
	Matched  KeyValues // values of the static keys
	When     string    // the moving keys, for people

	Rejected string // the best row that was not used; empty when there was none
	Reason   Reason
}

// AdjustmentKind says what changed a quantity or an amount.
type AdjustmentKind string

// The adjustments, in the order in which they are made.
const (
	FreeAdjustment      AdjustmentKind = "free"
	AllowanceAdjustment AdjustmentKind = "allowance"
	StepAdjustment      AdjustmentKind = "step"
	CapAdjustment       AdjustmentKind = "cap"
	DiscountAdjustment  AdjustmentKind = "discount"
	LimitAdjustment     AdjustmentKind = "limit"
	CentAdjustment      AdjustmentKind = "cents" // a minor unit handed to a line so that the lines add up
)

// adjustmentKinds by their number in a trace.
var adjustmentKinds = [...]AdjustmentKind{
	FreeAdjustment, AllowanceAdjustment, StepAdjustment, CapAdjustment, DiscountAdjustment, LimitAdjustment, CentAdjustment,
}

// Adjustment is a change with what was before and after: quantities for free, allowance and step, money.Exact for others.
type Adjustment struct {
	Kind      AdjustmentKind
	Component Component // empty for limits and cents
	Label     string    // id of the allowance or discount, row of a cap, min or max
	Line      int       // the line that shows it; -1 for quantities
	Before    int64
	After     int64
}

const noLine = -1

// traced are the keys of a rule in a trace.
type traced struct {
	priority int
	when     string
	matched  KeyValues
}

// Flags returns the flags of the session, in a fixed order.
func (t *Trace) Flags() []Flag { return t.w.flags.list() }

// Replay prices the session again from the slices and rules in the trace alone. It returns what Rate returned, to the byte,
// or an error where something is recorded otherwise than its inputs give.
func (t *Trace) Replay() (Rated, error) {
	if t.Rules != RulesVersion {
		return Rated{}, fmt.Errorf("trace by rules version %d: this program replays version %d", t.Rules, RulesVersion)
	}
	if err := t.check(); err != nil {
		return Rated{}, err
	}
	var p Pricer
	p.settlement = t.w
	p.settlement.slices = slices.Clone(t.w.slices)
	p.settlement.lines, p.settlement.adjustments, p.settlement.consumed, p.settlement.total = nil, nil, nil, 0
	p.flags &^= settled
	p.writer.reset()
	for i := range t.keys {
		p.writer.again(&t.w.rules[i], &t.keys[i])
	}
	if t.w.flags&(flagNegative|flagPeriodsOutside) == 0 {
		if err := p.settle(); err != nil {
			return Rated{}, fmt.Errorf("trace: %w", err)
		}
	}
	r := p.result()
	if !bytes.Equal(r.Trace, t.bytes) {
		return Rated{}, errors.New("trace: its slices and rules give other lines than it records")
	}
	return r, nil
}

// check holds what a trace says against what Compile and Rate can have written.
func (t *Trace) check() error {
	if t.w.terms.minor == 0 {
		return fmt.Errorf("trace: currency %q is not known", t.Currency)
	}
	for i := range t.w.terms.discounts {
		if faults := checkDiscount(t.w.terms.discounts, i); len(faults) > 0 {
			return fmt.Errorf("trace: discount %q: %s", t.w.terms.discounts[i].ID, faults[0])
		}
	}
	most := money.Exact(mostExact)
	if t.w.terms.min < 0 || t.w.terms.max < 0 || t.w.terms.min > most || t.w.terms.max > most || t.w.taken < 0 || t.w.taken > mostQuantity {
		return errTrace
	}
	for i := range t.w.rules {
		r := &t.w.rules[i]
		if faults := checkPrice(&components[r.comp], r.price); len(faults) > 0 {
			return fmt.Errorf("trace: row %q: %s", r.row, faults[0])
		}
	}
	for i := range t.w.slices {
		s := &t.w.slices[i]
		if i > 0 && s.comp < t.w.slices[i-1].comp || s.rule >= 0 && t.w.rules[s.rule].comp != int(s.comp) {
			return errTrace
		}
	}
	return nil
}

// result turns the settlement into what Rate returns.
func (p *Pricer) result() Rated {
	w := &p.settlement
	r := Rated{
		Tariff: w.terms.tariff, Version: w.terms.version, Currency: w.terms.currency, Mode: w.terms.mode,
		Total: w.total, Flags: p.flagList(), Held: w.flags&holding != 0,
	}
	if len(w.lines) > 0 {
		r.Lines = append(make([]Line, 0, len(w.lines)), w.lines...)
	}
	if len(w.consumed) > 0 {
		r.Consumed = append(make([]Consumption, 0, len(w.consumed)), w.consumed...)
	}
	if w.flags&(holding|flagZeroSession) == 0 {
		r.Energy = cdr.MicroKWh(w.used.energy)
	}
	r.Trace = p.writer.trace(w)
	return r
}
