package rating

import (
	"fmt"
	"slices"
	"time"

	"wattdue/cdr"
)

// checkRow returns the faults of a row by itself.
func checkRow(r *Row, holidays *Holidays) []string {
	var faults []string
	combinations := 1
	for k := range keys {
		values := keys[k].row(r)
		if fault := checkValues(keys[k].name, values); fault != "" {
			faults = append(faults, fault)
		}
		combinations *= max(1, len(values))
		if combinations > largestRow {
			faults = append(faults, fmt.Sprintf("its keys combine to more than %d cells; split it", largestRow))
			break
		}
	}
	for _, v := range r.Power {
		if _, err := parsePower(v); err != nil {
			faults = append(faults, err.Error())
		}
	}
	faults = append(faults, checkMoving(&r.Moving, holidays)...)
	if len(r.Prices) == 0 {
		faults = append(faults, "it prices nothing")
	}
	known := 0
	for i := range components {
		p, ok := r.Prices[components[i].name]
		if !ok {
			continue
		}
		known++
		for _, fault := range checkPrice(&components[i], &p) {
			faults = append(faults, fmt.Sprintf("%s: %s", components[i].name, fault))
		}
	}
	if known < len(r.Prices) {
		var names []Component
		for name := range r.Prices {
			if componentIndex(name) < 0 {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			faults = append(faults, fmt.Sprintf("%s: the component is not known", name))
		}
	}
	return faults
}

func checkMoving(m *Moving, holidays *Holidays) []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if !m.DateFrom.IsZero() && !m.DateTo.IsZero() && !m.DateFrom.Before(m.DateTo) {
		report("date_to must be after date_from; it is exclusive")
	}
	for i, t := range m.DayTypes {
		switch {
		case dayTypeBit(t) == 0:
			report("day type %q is not known; use holiday, weekday or weekend", string(t))
		case slices.Contains(m.DayTypes[:i], t):
			report("day type %s occurs twice", t)
		case t == Holiday && holidays == nil:
			report("day type holiday needs the calendar of holidays of the tariff")
		}
	}
	for i, d := range m.Days {
		if d < 1 || d > 7 || slices.Contains(m.Days[:i], d) {
			report("day %d is not 1 (Monday) to 7 (Sunday), or occurs twice", d)
		}
	}
	for i, w := range m.Times {
		if w.From < 0 || w.From >= 24*60 || w.To < 0 || w.To > 24*60 || slices.Contains(m.Times[:i], w) {
			report("a time window must be minutes of the day, from 0 to 1439, to 0 to 1440, and occur once")
		}
	}
	if m.DayOfStart && len(m.Times) == 0 {
		report("day_of_start needs a time window")
	}
	for _, d := range [...]struct {
		name string
		d    time.Duration
	}{{"after_time", m.AfterTime}, {"until_time", m.UntilTime}} {
		if fault := checkSeconds(d.name, d.d); fault != "" {
			faults = append(faults, fault)
		}
	}
	if m.AfterEnergy < 0 || m.UntilEnergy < 0 {
		report("after_energy and until_energy must not be negative")
	}
	if m.UntilTime != 0 && m.AfterTime >= m.UntilTime || m.UntilEnergy != 0 && m.AfterEnergy >= m.UntilEnergy {
		report("until must be above after")
	}
	return faults
}

// checkPrice returns the faults of what a row says about a component.
func checkPrice(c *component, p *Price) []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if p.Unit < 0 {
		report("the price is negative")
	}
	if p.VATCode == "" {
		report("the VAT code is missing")
	}
	switch {
	case p.FreeTime != 0 && !c.freeTime:
		report("free time is only for minutes")
	case p.FreeEnergy != 0 && !c.freeEnergy:
		report("free energy is only for kWh")
	case p.FreeEnergy < 0:
		report("the free energy is negative")
	}
	if fault := checkSeconds("the free time", p.FreeTime); fault != "" {
		faults = append(faults, fault)
	}
	if p.Grace != "" && p.Grace != Deduct && p.Grace != Cliff {
		report("grace %q is not known; use deduct or cliff", string(p.Grace))
	}
	switch {
	case p.Step < 0 || p.Step > mostQuantity:
		report("the step is negative or too large")
	case p.Step > 0 && !c.freeTime && !c.freeEnergy:
		report("a step is only for minutes and kWh")
	case p.StartedBlock && p.Step == 0:
		report("a started block needs its size as step")
	}
	if tooLarge(p.Cap) || p.Cap < 0 {
		report("the cap is negative or too large")
	}
	if p.CapPerDay && p.Cap == 0 {
		report("cap_per_day needs a cap")
	}
	faults = append(faults, checkTiers(c, p)...)
	if p.Markup != 0 && !p.PassThrough {
		report("a markup needs pass_through")
	}
	if p.PassThrough && (p.Markup < -1_000_000 || p.Step != 0 || p.FreeTime != 0 || p.FreeEnergy != 0 || len(p.Tiers) > 0) {
		report("what is passed through has no free amount, step or tiers, and takes off at most all of it")
	}
	if c.name == Export && (p.Cap != 0 || p.PassThrough) {
		report("export has no cap and is not passed through")
	}
	return faults
}

func checkTiers(c *component, p *Price) []string {
	if len(p.Tiers) == 0 {
		if p.Volume {
			return []string{"volume needs tiers"}
		}
		return nil
	}
	var faults []string
	if c.name != Energy || p.Unit != 0 || p.StartedBlock {
		faults = append(faults, "tiers are only for energy, instead of a unit price or block")
	}
	last := cdr.MicroKWh(0)
	for i, tier := range p.Tiers {
		switch {
		case tier.Unit < 0:
			faults = append(faults, "the price of a tier is negative")
		case i == len(p.Tiers)-1:
			if tier.Below != 0 {
				faults = append(faults, "the last tier must be open: leave its below out")
			}
		case tier.Below <= last:
			faults = append(faults, "each tier must end above the one before")
		}
		last = tier.Below
	}
	return faults
}
