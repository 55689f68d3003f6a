package ocpi

import (
	"fmt"
	"slices"

	"wattdue/money"
	"wattdue/rating"
)

// Compiled is an OCPI tariff as a tariff of the matrix, with what the matrix cannot say. Where Beside is empty, pricing
// sessions whose periods are split at every price change gives the same amounts both ways, before tax.
type Compiled struct {
	Tariff rating.Tariff
	Beside []Finding
}

// components are the components of the matrix by type of price component, for sessions and for reservations. Prices of
// time are per hour in OCPI and per minute in the matrix.
var components = [...]struct {
	kind     string
	reserved bool
	to       rating.Component
	hourly   bool
}{
	{"ENERGY", false, rating.Energy, false},
	{"TIME", false, rating.Charging, true},
	{"PARKING_TIME", false, rating.Idle, true},
	{"FLAT", false, rating.PerUse, false},
	{"TIME", true, rating.ReservationMin, true},
	{"FLAT", true, rating.Reservation, false},
}

// Compile turns the elements into rows, the order of the list into descending priority (rating rules, 12.8). What is not
// used is free, minimum and maximum hold before tax (or with it where prices include it), and energy is priced by the start
// of its period. An element that cannot be said wholly becomes no row at all; Beside names it and every other difference.
// These stay with Price: restrictions on current and power of a period, expired reservations, rounding rules of operators,
// negative prices, hourly prices that are no whole millionths per minute, steps that charging and parking time share, and
// limits on the other side of tax. Rows are not rounded, because OCPI has no rule for it.
func Compile(t Tariff) Compiled {
	c := Compiled{Tariff: rating.Tariff{
		Code: t.ID, Version: 1, ValidFrom: t.ValidFrom, ValidTo: t.ValidTo, Currency: t.Currency, Mode: rating.Net, Round: rating.AtDocument,
		Split: rating.SplitPeriodStart,
		Free: []rating.Component{
			rating.Energy, rating.Charging, rating.Idle, rating.Occupancy, rating.PerUse, rating.Reservation, rating.ReservationMin, rating.Export,
		},
	}}
	low, high := t.MinPrice.ExclVAT, t.MaxPrice.ExclVAT
	if t.TaxIncluded == TaxYes {
		c.Tariff.Mode = rating.Gross
		low, high = t.MinPrice.InclVAT, t.MaxPrice.InclVAT
	}
	c.Tariff.SessionMin, c.Tariff.SessionMax = c.limit(MinPrice, t.MinPrice, low), c.limit(MaxPrice, t.MaxPrice, high)
	for i := range t.Elements {
		c.element(&t.Elements[i], i, len(t.Elements)-i)
	}
	if c.Tariff.SessionMin > 0 { // holds for every session (rating rules, 6.2)
		c.Tariff.MinOnZero, c.Tariff.LimitVAT = true, vatUnstated
		if len(c.Tariff.Rows) > 0 {
			c.Tariff.LimitVAT = limitVAT(&c.Tariff.Rows[0])
		}
	}
	c.sharedSteps(&t)
	return c
}

func (c *Compiled) besidef(field, format string, args ...any) {
	c.Beside = append(c.Beside, Finding{Field: field, Text: fmt.Sprintf(format, args...)})
}

// limit returns the side of a limit that the tariff's mode has, in millionths.
func (c *Compiled) limit(name string, both Amount, own Sum) money.Price {
	if both.ExclVAT.Known && both.InclVAT.Known {
		c.besidef(name, "limits each side of tax by itself; the row has one side")
	}
	switch {
	case !own.Known:
		if both != (Amount{}) {
			c.besidef(name, "is stated on the other side of tax only")
		}
		return 0
	case own.Exact < 0 || own.Exact == 0 && name == MaxPrice:
		c.besidef(name, "of %s cannot be said", own.Text(2))
		return 0
	}
	return money.Price(own.Exact / oneOf(6))
}

func (c *Compiled) element(e *Element, place, priority int) {
	field := fmt.Sprintf("elements[%d]", place)
	if e.Restrictions.empty() {
		return
	}
	if reason := e.Restrictions.unsaid(); reason != "" {
		c.besidef(field, "%s cannot be a key of a row", reason)
		return
	}
	row := rating.Row{
		ID: fmt.Sprintf("element-%d", place+1), Priority: priority, Moving: e.Restrictions.Moving, Prices: map[rating.Component]rating.Price{},
	}
	row.Moving.Times, row.Moving.Days = slices.Clone(row.Moving.Times), slices.Clone(row.Moving.Days)
	for i := range e.Components {
		if !c.component(&row, e, &e.Components[i], field) {
			return
		}
	}
	if len(row.Prices) > 0 {
		c.Tariff.Rows = append(c.Tariff.Rows, row)
	}
}

// component adds a price to the row. It reports false when the whole element must stay with Price: a row without it would
// let a later one price what this one prices.
func (c *Compiled) component(row *rating.Row, e *Element, p *PriceComponent, field string) bool {
	if p != e.component(p.Type) {
		c.besidef(field, "states %s twice; the first counts", quoted(p.Type))
		return true
	}
	reserved := e.Restrictions.Reservation != ""
	for _, to := range components {
		if to.kind != p.Type || to.reserved != reserved {
			continue
		}
		if p.PriceRound != nil || p.StepRound != nil {
			c.besidef(field, "%s has a rounding rule of its own", p.Type)
			return false
		}
		price := rating.Price{Unit: p.Price, VATCode: vatCode(p)}
		switch {
		case p.Price < 0:
			c.besidef(field, "the price of %s is negative", p.Type)
			return false
		case to.to == rating.PerUse:
			c.besidef(field, "FLAT is also due for a session without energy; the fee of a row is not")
		case to.to == rating.Energy:
			price.Step = p.Step * 1000
		case to.hourly:
			price.Step = p.Step
			if price.Unit%60 != 0 {
				c.besidef(field, "%s %s per hour is no whole number of millionths per minute", p.Type, p.Price)
				return false
			}
			price.Unit /= 60
		}
		row.Prices[to.to] = price
		return true
	}
	if p.Type != "PARKING_TIME" && p.Type != "ENERGY" { // in elements of reservations OCPI gives them no meaning
		c.besidef(field, "%s is no component of OCPI", quoted(p.Type))
	}
	return true
}

// vatUnstated is the VAT code of components that state no tax.
const vatUnstated = "vat-unstated"

// vatCode names the tax of a component by its percentage, such as vat-19.
func vatCode(p *PriceComponent) string {
	if !p.HasVAT {
		return vatUnstated
	}
	return "vat-" + p.VAT.Percent()
}

// limitVAT is the VAT code of what a minimum adds: that of the first row's first component.
func limitVAT(row *rating.Row) string {
	for _, to := range components {
		if p, ok := row.Prices[to.to]; ok {
			return p.VATCode
		}
	}
	return vatUnstated
}

// empty reports whether nothing can meet the restrictions, so that leaving the element out changes no price.
func (r *Restrictions) empty() bool {
	m := &r.Moving
	return r.Never != "" || !m.DateFrom.IsZero() && !m.DateTo.IsZero() && !m.DateFrom.Before(m.DateTo) ||
		m.UntilTime > 0 && m.AfterTime >= m.UntilTime || m.UntilEnergy > 0 && m.AfterEnergy >= m.UntilEnergy
}

// unsaid names what of the restrictions the matrix cannot say.
func (r *Restrictions) unsaid() string {
	switch {
	case r.MinCurrent.Known || r.MaxCurrent.Known:
		return "the current of a period"
	case r.MinPower.Known || r.MaxPower.Known:
		return "the power of a period"
	case r.Reservation == Expired:
		return "a reservation that expired"
	}
	return ""
}

// sharedSteps tells of tariffs that step charging and parking: the matrix steps each by itself.
func (c *Compiled) sharedSteps(t *Tariff) {
	var charging, parking bool
	for i := range t.Elements {
		e := &t.Elements[i]
		if e.Restrictions.Reservation != "" {
			continue
		}
		p := e.component("TIME")
		charging = charging || p != nil && p.Step > 1
		parking = parking || e.component("PARKING_TIME") != nil
	}
	if charging && parking {
		c.besidef("step_size", "charging time is not stepped where parking is priced; rows step each by itself")
	}
}
