package rating

import (
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// Explain tells in sentences, one per line, how the session was priced, for people who answer questions about a bill.
func (t Trace) Explain() []string {
	text := []string{fmt.Sprintf("Tariff %s version %d, prices %s in %s. Session from %s: %s in %s, %s of it idle.",
		t.Tariff, t.Version, t.Mode, t.Currency, t.Start.Format(time.RFC3339), showEnergy(int64(t.Energy)), showSeconds(t.Seconds), showSeconds(t.Idle))}
	total := money.Amount{Currency: t.Currency}
	for _, step := range t.Steps {
		text = append(text, t.explainStep(step))
		if rival := step.rival(); rival != "" {
			text = append(text, rival)
		}
		if step.printed() {
			total.Minor += step.Amount
		}
	}
	for i := range flags {
		if t.flags&(1<<i) != 0 {
			text = append(text, fmt.Sprintf("%s: %s.", flags[i].code, flags[i].text))
		}
	}
	if t.Held {
		return append(text, fmt.Sprintf("Total of what could be priced: %s. The session is held and not billed.", total))
	}
	return append(text, fmt.Sprintf("Total: %s.", total))
}

func (t Trace) explainStep(step Step) string {
	comp := components[componentIndex(step.Component)]
	measured := comp.show(step.Measured)
	switch step.Outcome {
	case Unpriced:
		return fmt.Sprintf("%s: %s, without a price.", step.Component, measured)
	case NotProven:
		return fmt.Sprintf("%s: %s, not billed.", step.Component, measured)
	case FreeOfCharge:
		return fmt.Sprintf("%s: %s, free: the tariff has no price for it.", step.Component, measured)
	case Priced:
	}
	quantity := measured
	if step.FreeTime > 0 {
		quantity = fmt.Sprintf("%s less %s free = %s", measured, comp.show(step.Free), comp.show(step.Billed))
	}
	amount := money.Amount{Minor: step.Amount, Currency: t.Currency}
	return fmt.Sprintf("%s: %s x %s per %s = %s, rounded %s (row %s for %s, VAT code %s).",
		step.Component, quantity, step.Unit, comp.unit, step.Exact, amount, step.Row, step.Matched, step.VATCode)
}

// String names the values, such as "group staff, location L1".
func (v KeyValues) String() string {
	var parts []string
	for k, value := range v {
		if value != "" {
			parts = append(parts, keys[k].name+" "+value)
		}
	}
	if len(parts) == 0 {
		return "every session"
	}
	return strings.Join(parts, ", ")
}

func (step Step) rival() string {
	switch step.Reason {
	case LowerPriority:
		return fmt.Sprintf("%s: row %s matches too, but has a lower priority.", step.Component, step.Rejected)
	case LessSpecific:
		return fmt.Sprintf("%s: row %s matches too, but is less specific.", step.Component, step.Rejected)
	case LaterGroup:
		return fmt.Sprintf("%s: row %s matches a later group of the contract; the first one counts.", step.Component, step.Rejected)
	case NoMatch:
		return fmt.Sprintf("%s: row %s has a price, but for other groups or locations.", step.Component, step.Rejected)
	}
	return ""
}

func showEnergy(microKWh int64) string { return cdr.MicroKWh(microKWh).KWh() + " kWh" }

// showSeconds prints a duration as 1 h 20 min 5 s, leaving out what is zero.
func showSeconds(n int64) string {
	if n < 0 {
		return fmt.Sprintf("%d s", n)
	}
	var parts []string
	for _, unit := range [...]struct {
		n    int64
		name string
	}{{n / 3600, "h"}, {n / 60 % 60, "min"}, {n % 60, "s"}} {
		if unit.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", unit.n, unit.name))
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

func showCount(n int64) string { return fmt.Sprintf("%d", n) }
