package ocpi

import "wattdue/money"

// taxing is what is known of the tax on a price.
type taxing int

const (
	taxUnknown taxing = iota
	taxStated         // a percentage
	taxNone           // none applies
)

// taxOf says what is known of the tax on a component. What is missing means different things: in 2.2.1 that no VAT applies,
// in 2.3.0 that it is calculated elsewhere unless the tariff says N.A., in 2.1.1 nothing at all (rating rules, 12.5).
func (r *run) taxOf(t *Tariff, c *PriceComponent) taxing {
	switch {
	case t.TaxIncluded == NoTax:
		return taxNone
	case c.HasVAT:
		return taxStated
	case t.TaxIncluded != "" || r.version != V221:
		return taxUnknown
	}
	return taxNone
}

// taxed returns both sides of a price that is stated before tax, or with it where the tariff says so.
func (r *run) taxed(t *Tariff, c *PriceComponent, stated money.Exact) (Amount, error) {
	one := Known(stated)
	included := t.TaxIncluded == TaxYes
	switch r.taxOf(t, c) {
	case taxNone:
		return Amount{one, one}, nil
	case taxStated:
		return withVAT(stated, c.VAT, included)
	case taxUnknown: // the other side is left unknown
	}
	if included {
		return Amount{InclVAT: one}, nil
	}
	return Amount{ExclVAT: one}, nil
}

func withVAT(stated money.Exact, rate money.Fraction, included bool) (Amount, error) {
	if included {
		// The function takes minor units, but any unit will do: it rounds the net to a whole one.
		tax, err := money.TaxInGross(int64(stated), rate)
		return Amount{Known(stated - money.Exact(tax)), Known(stated)}, err
	}
	tax, err := stated.Times(rate)
	if err != nil {
		return Amount{}, err
	}
	gross, err := stated.Add(tax)
	return Amount{Known(stated), Known(gross)}, err
}
