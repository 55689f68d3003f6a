package rating

import "slices"

// Reverse returns the reversal of a rating (rating rules, 11.3): the exact negative of every line, of the total and of what
// was taken from allowances, under the same tariff version. Unit prices, flags and trace stay those of the original, so that
// quantity times price still gives the amount. Reversing twice is the original. A held rating is never billed, so there is
// nothing to reverse in it; its mirror is held as well.
func Reverse(r Rated) Rated {
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Quantity, l.Exact, l.Amount = -l.Quantity, -l.Exact, -l.Amount
	}
	r.Consumed = slices.Clone(r.Consumed)
	for i := range r.Consumed {
		r.Consumed[i].Quantity = -r.Consumed[i].Quantity
	}
	r.Total, r.Energy, r.Reversal = -r.Total, -r.Energy, !r.Reversal
	return r
}
