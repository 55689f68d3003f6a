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
	services []service // of the lines the sessions show, in the order of AFIR art. 5 (kWh, minutes, session, others); then fees
}

// service is a row of the overview: the sum of lines with one name, or a fee.
type service struct {
	name     string
	line     invoicing.Line // the first of them, with the quantity of all
	group    invoicing.VATGroup
	mixed    bool // lines of several VAT groups
	amount   int64
	free     bool // every line is priced at zero
	quantity string
}

// addUp adds the sessions of a document as they are printed. Components that are priced at zero throughout are left
// out, unless the document has no others. Nothing wraps: a sum that does not fit is an error.
func addUp(d invoicing.Document) (sums, error) {
	var out sums
	var err error
	for _, v := range d.Sessions {
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
	if len(d.Fees) > 0 || slices.ContainsFunc(out.services, func(v service) bool { return !v.free }) {
		out.services = slices.DeleteFunc(out.services, func(v service) bool { return v.free })
	}
	slices.SortStableFunc(out.services, func(a, b service) int { return cmp.Compare(rank(a.line.Component), rank(b.line.Component)) })
	for i := range out.services {
		out.services[i].quantity = invoicing.QuantityDE(out.services[i].line)
	}
	for _, f := range d.Fees {
		out.services = append(out.services, service{name: invoicing.FeeDE(f), group: f.Group(), amount: f.Amount, quantity: invoicing.FeeQuantityDE(f)})
	}
	return out, nil
}

func (s *sums) addLine(l invoicing.Line) error {
	name := invoicing.LineDE(l)
	i := slices.IndexFunc(s.services, func(v service) bool { return v.name == name })
	if i < 0 {
		i = len(s.services)
		s.services = append(s.services, service{name: name, line: l, group: l.Group(), free: true})
		s.services[i].line.Quantity = 0
	}
	s.services[i].free = s.services[i].free && isFree(l)
	s.services[i].mixed = s.services[i].mixed || s.services[i].group != l.Group()
	if err := addTo(&s.services[i].line.Quantity, l.Quantity); err != nil {
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
	order := []rating.Component{
		rating.Energy, rating.Charging, rating.Idle, rating.Occupancy, rating.PerUse, rating.Reservation, rating.ReservationMin, rating.Export,
	}
	if i := slices.Index(order, c); i >= 0 {
		return i
	}
	return len(order)
}
