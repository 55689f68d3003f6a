package rating

import (
	"fmt"
	"time"

	"wattdue/money"
)

// Explain tells in sentences, one per line, how the session was priced, for people who answer questions about a bill.
// Times are UTC.
func (t *Trace) Explain() []string {
	text := []string{fmt.Sprintf("Tariff %s version %d, prices %s in %s. Session from %s: %s in %s, %s of it idle.",
		t.Tariff, t.Version, t.Mode, t.Currency, t.Start.Format(time.RFC3339), showEnergy(int64(t.Energy)), showSeconds(t.Seconds), showSeconds(t.Idle))}
	if t.Export != 0 {
		text = append(text, fmt.Sprintf("Given back: %s.", showEnergy(int64(t.Export))))
	}
	for i := range t.Slices {
		text = append(text, t.Slices[i].explain())
		if rival := t.Slices[i].rival(); rival != "" {
			text = append(text, rival)
		}
	}
	for i := range t.Adjustments {
		if a := &t.Adjustments[i]; a.Line == noLine {
			text = append(text, t.explainAdjustment(a))
		}
	}
	for i := range t.Lines {
		text = append(text, t.explainLine(&t.Lines[i]))
		for j := range t.Adjustments {
			if a := &t.Adjustments[j]; a.Line == i {
				text = append(text, t.explainAdjustment(a))
			}
		}
	}
	for _, f := range t.Flags() {
		text = append(text, fmt.Sprintf("%s: %s.", f, f.Text()))
	}
	total := money.Amount{Minor: t.Total, Currency: t.Currency}
	if t.Held {
		return append(text, fmt.Sprintf("Total of what could be priced: %s. The session is held and not billed.", total))
	}
	return append(text, fmt.Sprintf("Total: %s.", total))
}

func (s *Slice) explain() string {
	comp := &components[componentIndex(s.Component)]
	measured := fmt.Sprintf("%s: %s", s.Component, comp.show(s.Measured))
	if s.To.After(s.From) {
		measured += fmt.Sprintf(" from %s to %s", s.From.Format(time.DateTime), s.To.Format(time.TimeOnly))
	}
	switch s.Outcome {
	case Unpriced:
		return measured + ", without a price."
	case NotProven:
		return measured + ", not billed."
	case FreeOfCharge:
		return measured + ", free: no price is active."
	case Priced:
	}
	when := ""
	if s.When != "" {
		when = " at " + s.When
	}
	return fmt.Sprintf("%s, by row %s for %s%s: %s.", measured, s.Row, s.Matched, when, s.Price.explain(comp))
}

// explain tells what a price says.
func (p *Price) explain(comp *component) string {
	text := fmt.Sprintf("%s per %s", p.Unit, comp.unit)
	switch {
	case p.PassThrough:
		text = fmt.Sprintf("the operator's amount with %s %% and %s more", p.Markup.Percent(), p.Unit)
	case p.StartedBlock:
		text = fmt.Sprintf("%s per started %s", p.Unit, comp.show(p.Step))
	case len(p.Tiers) > 0:
		text = "by tiers of the month"
	}
	if free := int64(p.FreeTime/time.Second) + int64(p.FreeEnergy); free > 0 {
		text += fmt.Sprintf(", %s free", comp.show(free))
		if p.Grace == Cliff {
			text += " unless exceeded"
		}
	}
	if p.Step > 0 && !p.StartedBlock {
		text += fmt.Sprintf(", in steps of %s", comp.show(p.Step))
	}
	if p.Cap > 0 {
		text += fmt.Sprintf(", at most %s per %s", p.Cap, map[bool]string{false: "session", true: "local day"}[p.CapPerDay])
	}
	return text + ", VAT code " + p.VATCode
}

func (s *Slice) rival() string {
	why := s.Reason.Text()
	if why == "" {
		return ""
	}
	return fmt.Sprintf("%s: row %s %s.", s.Component, s.Rejected, why)
}

func (t *Trace) explainAdjustment(a *Adjustment) string {
	show := func(v int64) string { return money.Exact(v).String() }
	if a.Line == noLine {
		if i := componentIndex(a.Component); i >= 0 {
			show = components[i].show
		}
	}
	change := fmt.Sprintf("%s to %s", show(a.Before), show(a.After))
	switch a.Kind {
	case FreeAdjustment:
		return fmt.Sprintf("%s: less what is free, from %s.", a.Component, change)
	case AllowanceAdjustment:
		return fmt.Sprintf("%s: less allowance %s, from %s.", a.Component, a.Label, change)
	case StepAdjustment:
		return fmt.Sprintf("%s: rounded up to whole steps, from %s.", a.Component, change)
	case CapAdjustment:
		return fmt.Sprintf("%s: the cap of row %s lowers %s.", a.Component, a.Label, change)
	case DiscountAdjustment:
		return fmt.Sprintf("%s: discount %s lowers %s.", a.Component, a.Label, change)
	case LimitAdjustment:
		return fmt.Sprintf("The session limit (%s) changes %s.", a.Label, change)
	case CentAdjustment:
		return fmt.Sprintf("This line takes a minor unit so that the lines add up: %s.", change)
	}
	return ""
}

func (t *Trace) explainLine(l *Line) string {
	amount := money.Amount{Minor: l.Amount, Currency: t.Currency}
	name := string(l.Component)
	if name == "" {
		name = "session"
	}
	if l.Kind != QuantityLine && l.Kind != IncludedLine {
		return fmt.Sprintf("%s: %s %s%s = %s, rounded %s (VAT code %s).", name, l.Kind, l.Row, l.Label, l.Exact, amount, l.VATCode)
	}
	comp := &components[max(componentIndex(l.Component), 0)]
	if l.Kind == IncludedLine {
		return fmt.Sprintf("%s: %s included in %s = %s (VAT code %s).", name, comp.show(l.Quantity), l.Label, amount, l.VATCode)
	}
	quantity, unit := comp.show(l.Quantity), comp.unit
	if l.Block > 0 {
		unit = "started " + comp.show(l.Block)
	}
	if l.Label != "" && l.Label != PassThroughLabel {
		quantity += " on " + l.Label
	}
	return fmt.Sprintf("%s: %s x %s per %s = %s, rounded %s (row %s, VAT code %s).", name, quantity, l.Unit, unit, l.Exact, amount, l.Row, l.VATCode)
}
