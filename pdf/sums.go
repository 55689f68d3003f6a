package pdf

import (
	"cmp"
	"fmt"
	"slices"

	"wattdue/cdr"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
)

// sums is what the overview shows beside the totals of the document.
type sums struct {
	energy   cdr.MicroKWh
	total    int64     // of the sessions, minor units in the document's mode
	services []service // of the lines the sessions show; in the order of AFIR art. 5: kWh, minutes, session
}

// service is the sum of one component over the document.
type service struct {
	component rating.Component
	quantity  int64
	amount    int64
	free      bool // every line is priced at zero
}

// addUp adds the sessions of a document as they are printed. Components that are priced at zero throughout are left
// out, unless the document has no others. Nothing wraps: a sum that does not fit is an error.
func addUp(sessions []invoicing.SessionLines) (sums, error) {
	var out sums
	var err error
	for _, v := range sessions {
		if err = addTo((*int64)(&out.energy), int64(v.Energy)); err == nil {
			err = addTo(&out.total, v.Total)
		}
		for _, l := range printed(v.Lines) {
			if err == nil {
				err = out.addLine(l)
			}
		}
		if err != nil {
			return sums{}, fmt.Errorf("session %s: %w", v.SessionID, err)
		}
	}
	if slices.ContainsFunc(out.services, func(v service) bool { return !v.free }) {
		out.services = slices.DeleteFunc(out.services, func(v service) bool { return v.free })
	}
	slices.SortStableFunc(out.services, func(a, b service) int { return cmp.Compare(rank(a.component), rank(b.component)) })
	return out, nil
}

func (s *sums) addLine(l invoicing.Line) error {
	i := slices.IndexFunc(s.services, func(v service) bool { return v.component == l.Component })
	if i < 0 {
		i = len(s.services)
		s.services = append(s.services, service{component: l.Component, free: true})
	}
	s.services[i].free = s.services[i].free && isFree(l)
	if err := addTo(&s.services[i].quantity, l.Quantity); err != nil {
		return err
	}
	return addTo(&s.services[i].amount, l.Amount)
}

func addTo(sum *int64, v int64) error {
	next, err := money.Amount{Minor: *sum}.Add(money.Amount{Minor: v})
	*sum = next.Minor
	return err
}

func rank(c rating.Component) int {
	order := []rating.Component{rating.Energy, rating.Charging, rating.Idle, rating.PerUse}
	if i := slices.Index(order, c); i >= 0 {
		return i
	}
	return len(order)
}
