package ocpi

import (
	"fmt"
	"time"

	"wattdue/money"
)

// Tariff is what decides a price in a Tariff object (module Tariffs).
type Tariff struct {
	ID          string
	Country     string
	Party       string
	Type        string // REGULAR, PROFILE_FAST and so on; empty: for every preference
	Currency    money.Currency
	TaxIncluded TaxIncluded
	MinPrice    Amount // unknown: none
	MaxPrice    Amount
	ValidFrom   time.Time // the session must start in [ValidFrom, ValidTo); zero: open
	ValidTo     time.Time
	Elements    []Element
	Findings    []Finding // of reading it
}

// TaxIncluded says whether the prices of a tariff of OCPI 2.3.0 contain tax. Empty is not stated, as in other versions.
type TaxIncluded string

// The values of TaxIncluded.
const (
	TaxYes TaxIncluded = "YES"
	TaxNo  TaxIncluded = "NO"
	NoTax  TaxIncluded = "N.A." // no tax applies
)

// Element is a group of prices under common restrictions.
type Element struct {
	Components   []PriceComponent
	Restrictions Restrictions
}

// PriceComponent is the price of one dimension.
type PriceComponent struct {
	Type   string         // ENERGY, TIME, PARKING_TIME, FLAT, or what the sender made up
	Price  money.Price    // per kWh, per hour, or once
	VAT    money.Fraction // meaningful with HasVAT
	HasVAT bool
	Step   int64 // Wh or seconds; 0 and 1 change nothing beyond the unit

	// What some operators add (rating rules, 12.6).
	PriceRound *RoundRule
	StepRound  *RoundRule
}

// RoundRule is an extension by which operators state how they round: ROUND_UP, ROUND_DOWN or ROUND_NEAR to UNIT, TENTH,
// HUNDREDTH or THOUSANDTH.
type RoundRule struct {
	Rule        string
	Granularity string
}

// What is read of a tariff at most. A week in quarter hours has 672 elements.
const (
	maxElements   = 5_000
	maxComponents = 16
)

// ParseTariff reads a tariff of OCPI 2.1.1, 2.2.1 or 2.3.0. The error names the field and what to do.
func ParseTariff(text []byte) (Tariff, error) {
	n, err := parse(text)
	if err != nil {
		return Tariff{}, fmt.Errorf("read tariff: %w", err)
	}
	s := &source{}
	t := readTariff(object{source: s, node: n})
	if s.err != nil {
		return Tariff{}, fmt.Errorf("read tariff %s: %w", quoted(t.ID), s.err)
	}
	return t, nil
}

func readTariff(o object) Tariff {
	known := len(o.findings)
	t := Tariff{
		ID: o.text("id"), Country: o.enum("country_code"), Party: o.enum("party_id"), Type: o.enum("type"), Currency: o.currency("currency"),
		TaxIncluded: o.taxIncluded(), ValidFrom: o.time("start_date_time"), ValidTo: o.time("end_date_time"),
	}
	t.MinPrice, t.MaxPrice = o.amount("min_price"), o.amount("max_price")
	for _, side := range [...][2]Sum{{t.MinPrice.ExclVAT, t.MaxPrice.ExclVAT}, {t.MinPrice.InclVAT, t.MaxPrice.InclVAT}} {
		if side[0].Known && side[1].Known && side[0].Exact > side[1].Exact {
			o.failf(o.path+"min_price", "is above max_price; ask the operator which one holds")
		}
	}
	o.each("elements", maxElements, func(e object) { t.Elements = append(t.Elements, readElement(e)) })
	if len(t.Elements) == 0 {
		o.failf(o.path+"elements", "is missing or empty; a tariff has at least one element")
	}
	t.Findings = o.findings[known:len(o.findings):len(o.findings)]
	return t
}

func (o object) taxIncluded() TaxIncluded {
	switch v := TaxIncluded(o.enum("tax_included")); v {
	case "", TaxYes, TaxNo, NoTax:
		return v
	case "NA", "N.A", "N/A":
		return NoTax
	default:
		o.failf(o.path+"tax_included", "%s is none of YES, NO and N.A.", quoted(string(v)))
		return ""
	}
}

func readElement(o object) Element {
	var e Element
	o.each("price_components", maxComponents, func(c object) { e.Components = append(e.Components, readComponent(c)) })
	if r, ok := o.child("restrictions"); ok {
		e.Restrictions = readRestrictions(r)
	}
	if len(e.Components) == 0 {
		o.failf(o.path+"price_components", "is missing or empty; an element prices at least one dimension")
	}
	return e
}

// component returns the element's price of a type; the first one counts.
func (e *Element) component(kind string) *PriceComponent {
	for i := range e.Components {
		if e.Components[i].Type == kind {
			return &e.Components[i]
		}
	}
	return nil
}

func readComponent(o object) PriceComponent {
	c := PriceComponent{Type: o.enum("type"), PriceRound: readRoundRule(o, "price_round"), StepRound: readRoundRule(o, "step_round")}
	if c.Type == "" {
		o.failf(o.path+"type", "is missing; send ENERGY, TIME, PARKING_TIME or FLAT")
	}
	price, ok := o.fixed("price", 6, maxPrice)
	if !ok {
		o.failf(o.path+"price", "is missing; a free dimension has the price 0")
	}
	c.Price = money.Price(price)
	percent, ok := o.fixed("vat", 4, 1_000_000)
	if percent < 0 {
		o.failf(o.path+"vat", "is below zero; send the percentage, such as 19.0")
	}
	c.VAT, c.HasVAT = money.Fraction(percent), ok
	c.Step = o.whole("step_size", maxStep)
	return c
}

func readRoundRule(o object, name string) *RoundRule {
	if !o.has(name) {
		return nil
	}
	r, _ := o.child(name)
	return &RoundRule{Rule: r.enum("round_rule"), Granularity: r.enum("round_granularity")}
}

// mode is how the rule rounds, and to which unit of an amount.
func (r RoundRule) mode() (money.Rounding, money.Exact, bool) {
	units := map[string]money.Exact{"UNIT": oneOf(0), "TENTH": oneOf(1), "HUNDREDTH": oneOf(2), "THOUSANDTH": oneOf(3)}
	modes := map[string]money.Rounding{"ROUND_UP": money.Up, "ROUND_DOWN": money.Down, "ROUND_NEAR": money.HalfAway}
	unit, known := units[r.Granularity]
	mode, ok := modes[r.Rule]
	return mode, unit, known && ok
}

// amount reads a price in the form of any version: a bare number before tax (2.1.1), excl_vat and incl_vat (2.2.1), or
// before_taxes with after_taxes (limits) or a list of taxes (2.3.0).
func (o object) amount(name string) Amount {
	n, ok := o.node.get(name)
	if !ok {
		return Amount{}
	}
	if n.kind != '{' {
		return Amount{ExclVAT: o.sum(name)}
	}
	p, _ := o.child(name)
	if p.has("excl_vat") || p.has("incl_vat") {
		return Amount{p.sum("excl_vat"), p.sum("incl_vat")}
	}
	a := Amount{p.sum("before_taxes"), p.sum("after_taxes")}
	if !a.InclVAT.Known {
		a.InclVAT = p.withTaxes(a.ExclVAT)
	}
	return a
}

// withTaxes adds the taxes of a price. Without any the tax is not stated, which does not mean zero.
func (o object) withTaxes(before Sum) Sum {
	sum, stated := before, false
	o.each("taxes", 32, func(tax object) {
		next, err := sum.add(tax.sum("amount"))
		if err != nil {
			o.failf(tax.path+"amount", "is too large to be true")
		}
		sum, stated = next, true
	})
	if !stated {
		return Sum{}
	}
	return sum
}

// validAt reports whether sessions that start at the instant are priced by the tariff.
func (t *Tariff) validAt(start time.Time) bool {
	return (t.ValidFrom.IsZero() || !start.Before(t.ValidFrom)) && (t.ValidTo.IsZero() || start.Before(t.ValidTo))
}
