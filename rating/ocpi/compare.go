package ocpi

import "wattdue/money"

// Tolerance is what a stated total may differ from the recomputed one without a dispute: the larger of both, on each side
// of tax by itself.
type Tolerance struct {
	Amount money.Exact
	Share  money.Fraction // of what is stated
}

// DefaultTolerance is 0.02 of the currency unit or 0.5 % (rating rules, 11.5).
var DefaultTolerance = Tolerance{Amount: money.ExactUnit / 50, Share: 5_000}

// Comparison holds the three prices of a session side by side (rating rules, 11.5).
type Comparison struct {
	Stated     Amount // by the operator
	Recomputed Amount // from the operator's tariff
	Retail     Amount // what the customer pays
	Difference Amount // recomputed less stated
	Dispute    bool   // the difference is beyond the tolerance; retail goes on all the same
	Margin     Sum    // retail less what the operator bills, before tax
	Loss       bool   // the margin is negative
}

// Compare holds a total that the operator states against the recomputed one, and both against retail. The margin counts
// what the operator states, because that is what it bills; where it states nothing, what was recomputed. Sides that are not
// known are not compared. The error is money.ErrOverflow.
func Compare(stated, recomputed, retail Amount, tolerance Tolerance) (Comparison, error) {
	c := Comparison{Stated: stated, Recomputed: recomputed, Retail: retail}
	var err error
	if c.Difference, err = recomputed.minus(stated); err != nil {
		return Comparison{}, err
	}
	for _, side := range [...][2]Sum{{stated.ExclVAT, c.Difference.ExclVAT}, {stated.InclVAT, c.Difference.InclVAT}} {
		beyond, err := tolerance.exceeded(side[0], side[1])
		if err != nil {
			return Comparison{}, err
		}
		c.Dispute = c.Dispute || beyond
	}
	if c.Margin, err = retail.ExclVAT.minus(either(stated.ExclVAT, recomputed.ExclVAT)); err != nil {
		return Comparison{}, err
	}
	c.Loss = c.Margin.Known && c.Margin.Exact < 0
	return c, nil
}

func (t Tolerance) exceeded(stated, difference Sum) (bool, error) {
	if !difference.Known {
		return false, nil
	}
	share, err := magnitude(stated.Exact).Times(t.Share)
	return magnitude(difference.Exact) > max(share, t.Amount), err
}

func magnitude(e money.Exact) money.Exact { return max(e, -e) }
