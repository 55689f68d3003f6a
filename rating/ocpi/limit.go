package ocpi

// The limits of a tariff.
const (
	MinPrice = "min_price"
	MaxPrice = "max_price"
)

// limit returns what minimum and maximum price change about a tariff's sum, and which of them did. Each side is limited by
// itself (rating rules, 12.5). Where only one side of a limit is stated and it changes the sum, the other side is not known,
// unless no tax applies at all.
func (b *bill) limit(sum Amount, untaxed bool) (change Amount, name string, err error) {
	change = Amount{Sum{Known: sum.ExclVAT.Known}, Sum{Known: sum.InclVAT.Known}}
	for _, l := range [...]struct {
		name  string
		limit Amount
		sign  int64
	}{{MinPrice, b.tariff.MinPrice, 1}, {MaxPrice, b.tariff.MaxPrice, -1}} {
		limit := l.limit
		if untaxed {
			limit.ExclVAT, limit.InclVAT = either(limit.ExclVAT, limit.InclVAT), either(limit.InclVAT, limit.ExclVAT)
		}
		excl, applied, err := bound(sum.ExclVAT, limit.ExclVAT, l.sign)
		if err != nil {
			return Amount{}, "", err
		}
		incl, also, err := bound(sum.InclVAT, limit.InclVAT, l.sign)
		if err != nil {
			return Amount{}, "", err
		}
		if !applied && !also {
			continue
		}
		if !limit.ExclVAT.Known {
			excl = Sum{}
		}
		if !limit.InclVAT.Known {
			incl = Sum{}
		}
		return Amount{excl, incl}, l.name, nil
	}
	return change, "", nil
}

func either(a, b Sum) Sum {
	if a.Known {
		return a
	}
	return b
}

// bound returns what must be added to a side to bring it to its limit: a minimum has the sign 1, a maximum -1.
func bound(sum, limit Sum, sign int64) (change Sum, applied bool, err error) {
	if !sum.Known {
		return Sum{}, false, nil
	}
	if !limit.Known || int64(limit.Exact)*sign <= int64(sum.Exact)*sign {
		return Known(0), false, nil
	}
	change, err = limit.minus(sum)
	return change, true, err
}
