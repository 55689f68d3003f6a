package rating

import (
	"fmt"
	"time"

	"wattdue/money"
)

// Rate prices a session of a contract by a tariff version.
//
// Each component is priced by the row that wins for it (rating rules, 3.1 to 3.6), less its free time, and rounded
// once per line, half away from zero. What was not used has no line; the price 0 has a line of 0.00. Where no row
// matches:
//
//   - used energy is never free: flag NO_PRICE, and the session is held;
//   - minutes and the session fee are free on purpose, without a flag, where no row of the whole tariff prices them;
//     where some row does, only not for the session, it is flag NO_PRICE and held.
//
// Minutes whose duration is not proven cost nothing and have no line; the flag TIME_NOT_BILLABLE is raised where the
// tariff prices them, and never holds the session. Times and quantities that cannot be are held without a line.
//
// An error concerns the session alone: an amount beyond the range of money.Exact, or a tariff version that is not
// valid at the start of the session, which is a mistake of the caller.
func Rate(c Contract, t *Compiled, s Session) (Rated, error) {
	used, broken := measure(s)
	trace := Trace{
		Rules:    RulesVersion,
		Tariff:   t.head.Code,
		Version:  t.head.Version,
		Currency: t.head.Currency,
		Mode:     t.head.Mode,
		Start:    s.Start.UTC().Truncate(time.Second),
		Energy:   used.energy,
		Seconds:  used.seconds,
		Idle:     used.idle,
		Proven:   s.DurationUsable,
		Held:     broken&holding != 0,
		flags:    broken,
	}
	if trace.Held {
		return trace.rated(nil), nil
	}
	if !t.head.ValidAt(s.Start) {
		return Rated{}, fmt.Errorf("session %q: tariff %q version %d is not valid at its start; choose the version that is", s.ID, t.head.Code, t.head.Version)
	}
	if t.isZero(used, s) {
		trace.flags = flagZeroSession
		return trace.rated(nil), nil
	}
	// The steps stay on the stack and out of the trace: they leave as lines and bytes only.
	var room [componentCount]Step
	steps, err := t.price(room[:0], used, c, s)
	if err != nil {
		return Rated{}, fmt.Errorf("session %q: tariff %q version %d: %w", s.ID, t.head.Code, t.head.Version, err)
	}
	for i := range steps {
		trace.flags |= steps[i].Outcome.flag()
	}
	trace.Held = trace.flags&holding != 0
	return trace.rated(steps), nil
}

// flag returns what an outcome says about the session.
func (o Outcome) flag() flagSet {
	switch o {
	case Unpriced:
		return flagNoPrice
	case NotProven:
		return flagTimeNotBillable
	case Priced, FreeOfCharge:
	}
	return 0
}

// price appends one step for every component the session used.
func (t *Compiled) price(steps []Step, used usage, c Contract, s Session) ([]Step, error) {
	var room [8]uint32
	here := place{at: t.locate(c, s), groups: t.groups(room[:0], c)}
	for i := range components {
		comp := &components[i]
		measured := comp.used(used)
		if measured == 0 {
			continue
		}
		step := Step{Component: comp.name, Measured: measured}
		switch ix := &t.index[i]; {
		case ix.top == nil && !comp.mustPrice:
			step.Outcome = FreeOfCharge
		case comp.timed && !s.DurationUsable:
			step.Outcome = NotProven
		default:
			if err := t.fill(&step, comp, &here, ix); err != nil {
				return nil, err
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// fill completes a step by the row that wins for it, if any does.
func (t *Compiled) fill(step *Step, comp *component, here *place, ix *index) error {
	found := ix.choose(here)
	if found.rejected != nil {
		step.Rejected, step.Reason = found.rejected.row, found.reason
	}
	row := found.winner
	if row == nil {
		step.Outcome = Unpriced
		return nil
	}
	step.Outcome = Priced
	step.Row, step.Unit, step.VATCode = row.row, row.price.Unit, row.price.VATCode
	step.FreeTime = int64(row.price.FreeTime / time.Second)
	for k := range keys {
		switch {
		case !row.keys.has(k):
		case k == groupKey:
			step.Matched[k] = t.values.name(k, found.group)
		default:
			step.Matched[k] = t.values.name(k, here.at[k])
		}
	}
	return step.compute(comp, t.head.Currency)
}

// compute derives quantities and amounts of a priced step from what was measured and what the row says, in the order
// of rating rules, 6: free time, quantity times price, rounding.
func (step *Step) compute(comp *component, currency money.Currency) error {
	step.deduct()
	exact, err := comp.times(step.Unit, step.Billed)
	if err != nil {
		return fmt.Errorf("%s of %s at %s: %w", comp.name, comp.show(step.Billed), step.Unit, err)
	}
	amount, err := exact.RoundToMinor(currency)
	if err != nil {
		return fmt.Errorf("%s: %w", comp.name, err)
	}
	step.Exact, step.Amount = exact, amount.Minor
	return nil
}

// deduct takes off the free time: what is beyond it is billed (rating rules, 5.5, deduct).
func (step *Step) deduct() {
	step.Free = min(step.FreeTime, step.Measured)
	step.Billed = step.Measured - step.Free
}
