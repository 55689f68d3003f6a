package wire

import (
	"slices"

	"wattdue/money"
	"wattdue/rating"
)

// Sides is an amount before and with VAT as decimal text. A side that cannot be told, because no rate is known, is null,
// never zero.
type Sides struct {
	ExclVAT *string `json:"excl_vat"`
	InclVAT *string `json:"incl_vat"`
}

// Amount is an amount in whole minor units, and exact before they were rounded, with up to twelve decimals.
type Amount struct {
	Sides

	Exact Sides `json:"exact"`
}

// Rate finds the VAT rate of a code for the session; ok is false where none is known.
type Rate func(code string) (rate money.Fraction, ok bool)

// sum adds lines of one VAT code.
type sum struct {
	vat   string
	exact money.Exact
	minor int64
}

// adder adds up lines and tells both sides of their tax.
type adder struct {
	currency money.Currency
	mode     rating.Mode
	round    rating.RoundAt
	rate     Rate
	sums     []sum
}

func (a *adder) add(l *rating.Line) error {
	i := slices.IndexFunc(a.sums, func(s sum) bool { return s.vat == l.VATCode })
	if i < 0 {
		i = len(a.sums)
		a.sums = append(a.sums, sum{vat: l.VATCode})
	}
	s := &a.sums[i]
	var err error
	if s.exact, err = s.exact.Add(l.Exact); err != nil {
		return err
	}
	s.minor += l.Amount
	if a.round != rating.AtDocument {
		return nil
	}
	// Lines are for display then: what counts is the exact sum.
	whole, err := s.exact.RoundToMinor(a.currency)
	s.minor = whole.Minor
	return err
}

// both is an amount on both sides of tax; known is false for the side that needs a rate which is not known.
type both struct {
	own, other int64
	known      bool
}

func (b *both) plus(o both) {
	b.own, b.other, b.known = b.own+o.own, b.other+o.other, b.known && o.known
}

// taxed returns both sides of an amount in any unit; the other side is rounded to a whole one, as documents round it.
func (a *adder) taxed(vat string, v int64) (both, error) {
	rate, ok := a.rate(vat)
	if !ok {
		return both{own: v}, nil
	}
	if a.mode == rating.Net {
		tax, err := money.TaxOnNet(v, rate)
		return both{v, v + tax, true}, err
	}
	tax, err := money.TaxInGross(v, rate)
	return both{v, v - tax, true}, err
}

// amount is the sum of all lines added so far, VAT rounded once per code.
func (a *adder) amount() (Amount, error) {
	rounded, exact := both{known: true}, both{known: true}
	for _, s := range a.sums {
		r, err := a.taxed(s.vat, s.minor)
		if err != nil {
			return Amount{}, err
		}
		e, err := a.taxed(s.vat, int64(s.exact))
		if err != nil {
			return Amount{}, err
		}
		rounded.plus(r)
		exact.plus(e)
	}
	return Amount{
		Sides: a.sides(rounded, func(v int64) string { return money.Amount{Minor: v, Currency: a.currency}.Decimal() }),
		Exact: a.sides(exact, func(v int64) string { return exactText(money.Exact(v)) }),
	}, nil
}

func (a *adder) sides(b both, show func(int64) string) Sides {
	own, other := show(b.own), (*string)(nil)
	if b.known {
		text := show(b.other)
		other = &text
	}
	if a.mode == rating.Net {
		return Sides{&own, other}
	}
	return Sides{other, &own}
}
