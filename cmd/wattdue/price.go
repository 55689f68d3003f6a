package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"wattdue/rating"
	"wattdue/rating/wire"
)

// pricePrinter tells how a price came about, as text for people. It keeps the first error of the output.
type pricePrinter struct {
	w    io.Writer
	zone *time.Location
	err  error

	day   string // the last date that was told
	zoned bool   // the clock changes within the session: times name their offset
}

func (p *pricePrinter) linef(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// clock is a local time, with its date where that is another one than before.
func (p *pricePrinter) clock(at time.Time) string {
	local := at.In(p.zone)
	text := local.Format(time.TimeOnly)
	if p.zoned {
		text += local.Format(" -07:00")
	}
	if day := local.Format(time.DateOnly); day != p.day {
		p.day = day
		return day + " " + text
	}
	return text
}

func (p *pricePrinter) price(v wire.Price) {
	end := v.Trace.Start.Add(time.Duration(v.Trace.Seconds) * time.Second)
	_, before := v.Trace.Start.In(p.zone).Zone()
	_, after := end.In(p.zone).Zone()
	p.zoned = before != after
	mode := map[rating.Mode]string{rating.Gross: "with VAT", rating.Net: "without VAT"}[v.Mode]
	p.linef("tariff    %s version %d, prices %s in %s", v.Tariff, v.Version, mode, v.Currency)
	span := p.clock(v.Trace.Start) + " to " + p.clock(end)
	idle := ""
	if v.Trace.IdleSeconds > 0 {
		idle = ", " + rating.Occupancy.ShowQuantity(v.Trace.IdleSeconds) + " of it idle"
	}
	p.linef("session   %s (%s): %s kWh in %s%s", span, p.zone, v.Trace.Energy, rating.Occupancy.ShowQuantity(v.Trace.Seconds), idle)
	if v.Trace.Export != "" {
		p.linef("          %s kWh given back", v.Trace.Export)
	}
	p.slices(v.Trace.Slices)
	p.adjustments(v.Trace.Adjustments)
	p.lines(v)
	for _, r := range v.Remarks {
		p.linef("flag      %s: %s", r.Flag, r.Text)
	}
	p.total(v)
}

// slices tells per component and stretch which row won, and which one lost and why.
func (p *pricePrinter) slices(slices []wire.Slice) {
	var component rating.Component
	for _, s := range slices {
		if s.Component != component {
			component = s.Component
			p.linef("\n%s", component)
		}
		when := p.clock(s.From)
		if s.To.After(s.From) {
			when += " to " + p.clock(s.To)
		}
		p.linef("  %s  %s", when, s.Measured)
		switch s.Outcome {
		case "priced":
			at := ""
			if s.When != "" {
				at = ", " + s.When
			}
			p.linef("      won   row %s, for %s%s: %s", s.Row, s.Matched, at, s.Price)
		case "no_price":
			p.linef("      no row prices it")
		case "not_proven":
			p.linef("      not billed: its time is not proven")
		case "free":
			p.linef("      free: no price is active")
		}
		if s.Rejected != nil {
			p.linef("      lost  row %s: %s", s.Rejected.Row, s.Rejected.Text)
		}
	}
}

// adjustmentTexts say what an adjustment does.
var adjustmentTexts = map[rating.AdjustmentKind]string{
	rating.FreeAdjustment:      "less what is free",
	rating.AllowanceAdjustment: "less what is included",
	rating.StepAdjustment:      "rounded up to whole steps",
	rating.CapAdjustment:       "cap of row",
	rating.DiscountAdjustment:  "discount",
	rating.LimitAdjustment:     "session limit",
	rating.CentAdjustment:      "cent so that lines add up",
}

func (p *pricePrinter) adjustments(list []wire.Adjustment) {
	if len(list) == 0 {
		return
	}
	p.linef("\nadjustments, before and after")
	for _, a := range list {
		what := strings.TrimSpace(adjustmentTexts[a.Kind] + " " + a.Label)
		line := ""
		if a.Line != nil {
			line = fmt.Sprintf("  (line %d)", *a.Line)
		}
		p.linef("  %-16s %-36s %s -> %s%s", orDash(string(a.Component)), what, a.Before, a.After, line)
	}
}

func (p *pricePrinter) lines(v wire.Price) {
	p.linef("\nlines")
	for i, l := range v.Lines {
		var what string
		switch {
		case l.Kind == rating.IncludedLine:
			what = l.Quantity + " included in " + l.Label
		case l.UnitPrice != "":
			what = l.Quantity + " x " + l.UnitPrice
			if l.Block != "" {
				what += " per started " + l.Block
			}
			if l.Row != "" {
				what += ", row " + l.Row
			}
		default:
			what = strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", l.Kind, l.Row, l.Label)), " ")
		}
		vat := "VAT " + l.VATCode
		if l.VAT != nil {
			vat += " " + *l.VAT + " %"
		}
		p.linef("  %d  %-16s %-44s %12s  %s  (exact %s)", i+1, orDash(string(l.Component)), what, l.Amount, vat, l.Exact)
	}
	if len(v.Lines) == 0 {
		p.linef("  none: nothing is charged")
	}
	p.linef("")
}

func (p *pricePrinter) total(v wire.Price) {
	word := "total"
	if v.Held {
		word = "of what could be priced; the session is held and not billed"
	}
	p.linef("%-9s %s", word, sidesText(v.Total.Sides, string(v.Currency)))
}

// sidesText tells both sides of an amount.
func sidesText(s wire.Sides, currency string) string {
	switch {
	case s.InclVAT == nil:
		return *s.ExclVAT + " " + currency + " without VAT; the rate is not known, state the country"
	case s.ExclVAT == nil:
		return *s.InclVAT + " " + currency + " with VAT; the rate is not known, state the country"
	}
	return *s.InclVAT + " " + currency + " with VAT, " + *s.ExclVAT + " without"
}
