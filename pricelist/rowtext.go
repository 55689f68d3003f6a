package pricelist

import (
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/rating"
)

// spellPrice tells a price and its rules in words, such as "0.10 per min, after 15 min free, at most 12.00 per day".
func spellPrice(c component, p rating.Price) string {
	var parts []string
	add := func(parts0 ...string) { parts = append(parts, strings.Join(parts0, "")) }
	switch {
	case len(p.Tiers) > 0:
		add(spellTiers(p))
	case p.PassThrough:
		add("the operator's amount")
		if p.Markup != 0 {
			add("plus ", p.Markup.Percent(), " %")
		}
		if p.Unit != 0 {
			add("plus ", p.Unit.String(), " per session")
		}
	case p.StartedBlock:
		add(p.Unit.String(), " per started ", spellStep(c, p.Step))
	default:
		add(p.Unit.String(), " per ", c.unit)
	}
	if p.Step != 0 && !p.StartedBlock {
		add("in steps of ", spellStep(c, p.Step))
	}
	if p.FreeTime != 0 {
		add(spellTime(p.FreeTime), " free")
	}
	if p.FreeEnergy != 0 {
		add(spellEnergy(p.FreeEnergy), " free")
	}
	if p.Grace == rating.Cliff {
		add("everything billed once that is exceeded")
	}
	if p.Cap != 0 {
		per := " per session"
		if p.CapPerDay {
			per = " per day"
		}
		add("at most ", p.Cap.String(), per)
	}
	if p.VATCode != defaultVAT {
		add("VAT ", p.VATCode)
	}
	return strings.Join(parts, ", ")
}

func spellTiers(p rating.Price) string {
	var parts []string
	for _, tier := range p.Tiers {
		end := "above"
		if tier.Below != 0 {
			end = "to " + spellEnergy(tier.Below)
		}
		parts = append(parts, end+" "+tier.Unit.String())
	}
	by := "by position in the month"
	if p.Volume {
		by = "by the month's total"
	}
	return strings.Join(parts, "; ") + " per kWh " + by
}

// spellWhenLine tells the conditions of a row on one line.
func spellWhenLine(r rating.Row) string {
	lines := spellWhen(r)
	if len(lines) == 0 {
		return "always"
	}
	return strings.Join(lines, "; ")
}

func spellDiscount(d rating.Discount) string {
	text := amountOf(d) + " off "
	if len(d.Components) == 0 {
		text += "everything"
	} else {
		text += words(d.Components)
	}
	if len(d.Groups) > 0 {
		text += " for " + strings.Join(d.Groups, ", ")
	}
	if d.BestOf != "" {
		text += ", the best of " + d.BestOf
	}
	return text
}

func spellZero(below cdr.MicroKWh, under time.Duration) string {
	if below == 0 || under == 0 {
		return "none"
	}
	return "below " + spellEnergy(below) + " and shorter than " + spellTime(under)
}
