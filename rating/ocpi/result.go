package ocpi

import (
	"fmt"
	"slices"
	"time"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

// Priced is what a record costs by its tariff. The parts add up to the total but for what a limit changes.
type Priced struct {
	ID       string
	Version  Version
	Currency money.Currency
	Costs
	Limit      string // MinPrice or MaxPrice when it changed the total
	Lines      []Line
	Periods    []PeriodTrace
	Flags      []rating.Flag // each at most once, in order of their findings
	Findings   []Finding
	Stated     Amount // total the operator states
	Difference Amount // total less what is stated
}

// Line is one printed line: what one component of one element prices, or what a limit changes.
type Line struct {
	Tariff    string
	Element   int       // from 1 in the tariff's list; 0 for a limit
	Dimension Dimension // empty for a limit
	Label     string    // MinPrice or MaxPrice for a limit
	Measured  int64     // micro-kWh, seconds or count
	Billed    int64     // with the surplus of a step
	Unit      money.Price
	VAT       money.Fraction
	HasVAT    bool
	Amount    Amount
}

// PeriodTrace tells which elements priced a period.
type PeriodTrace struct {
	Start   time.Time
	End     time.Time // zero: not known
	Tariff  string    // empty: none
	Choices []Choice
}

// LaterElement is the reason of an element whose restrictions hold, but that stands after the one that was used.
const LaterElement = "stands later in the list"

// Choice tells which element priced a dimension in a period, and the best one that did not.
type Choice struct {
	Dimension Dimension
	Element   int    // from 1; 0: none, the dimension costs nothing
	Rejected  int    // 0: no other element has the dimension
	Reason    string // the restriction that failed, or LaterElement
}

// priced makes the amounts of what was booked.
func (r *run) priced(c *CDR) (Priced, error) {
	p := Priced{Version: r.effective(), Currency: c.Currency, Periods: r.periods, Stated: c.Stated.Total}
	p.Costs = Costs{nothing, nothing, nothing, nothing, nothing, nothing}
	for _, b := range r.order {
		b.steps(r.options.Extensions)
		if err := r.total(b, &p); err != nil {
			return Priced{}, err
		}
	}
	if !p.Total.ExclVAT.Known || !p.Total.InclVAT.Known {
		r.findf(rating.VATUnknown, "price_components.vat", "no tax is stated; that side of the total stays unknown")
	}
	if c.HomeCompensation {
		r.findf(rating.HomeReimbursement, "home_charging_compensation", "the driver is paid back for energy at home; the money goes to the driver")
	}
	return p, nil
}

// effective is the version that prices: what a tariff of 2.3.0 says about tax holds in a record of any version.
func (r *run) effective() Version {
	for _, b := range r.order {
		if b.tariff.TaxIncluded != "" {
			return V230
		}
	}
	return r.version
}

// total adds the lines of one tariff.
func (r *run) total(b *bill, p *Priced) error {
	sum, untaxed := nothing, true
	slices.SortStableFunc(b.uses, func(x, y use) int { return x.dimension - y.dimension })
	for i := range b.uses {
		u := &b.uses[i]
		a, err := r.amount(b, u)
		if err != nil {
			return err
		}
		untaxed = untaxed && r.taxOf(b.tariff, u.component) == taxNone
		if sum, err = sum.add(a); err != nil {
			return fmt.Errorf("total: %w", err)
		}
		part := p.part(b, u)
		if *part, err = part.add(a); err != nil {
			return fmt.Errorf("total: %w", err)
		}
		p.Lines = append(p.Lines, Line{
			Tariff: b.tariff.ID, Element: u.element + 1, Dimension: dimensions[u.dimension].name, Measured: u.measured, Billed: u.billed,
			Unit: u.component.Price, VAT: u.component.VAT, HasVAT: u.component.HasVAT, Amount: a,
		})
	}
	change, limit, err := b.limit(sum, untaxed)
	if err != nil {
		return fmt.Errorf("min_price, max_price: %w", err)
	}
	if limit != "" {
		p.Limit = limit
		p.Lines = append(p.Lines, Line{Tariff: b.tariff.ID, Label: limit, Amount: change})
		r.findf(rating.LimitApplied, limit, "of tariff %s changed the total", quoted(b.tariff.ID))
	}
	if sum, err = sum.add(change); err == nil {
		p.Total, err = p.Total.add(sum)
	}
	if err != nil {
		return fmt.Errorf("total: %w", err)
	}
	return nil
}

// part is where an amount belongs. Fees of parking and of reservations belong to those (rating rules, 12.9).
func (p *Priced) part(b *bill, u *use) *Amount {
	switch u.dimension {
	case energyAt:
		return &p.Energy
	case timeAt, sessionAt:
		return &p.Time
	case parkingAt:
		return &p.Parking
	case reservationFlatAt, reservationTimeAt:
		return &p.Reservation
	}
	e := &b.tariff.Elements[u.element]
	if e.component("PARKING_TIME") != nil && e.component("ENERGY") == nil && e.component("TIME") == nil {
		return &p.Parking
	}
	return &p.Fixed
}

// reconcile holds the record's own totals against what its periods and tariff come to, and closes the findings.
func (r *run) reconcile(c *CDR, line []stretch, p *Priced) error {
	r.quantities(c, line)
	for _, t := range [...]struct {
		field        string
		stated, ours Amount
	}{
		{"total_cost", c.Stated.Total, p.Total},
		{"total_fixed_cost", c.Stated.Fixed, p.Fixed},
		{"total_energy_cost", c.Stated.Energy, p.Energy},
		{"total_time_cost", c.Stated.Time, p.Time},
		{"total_parking_cost", c.Stated.Parking, p.Parking},
		{"total_reservation_cost", c.Stated.Reservation, p.Reservation},
	} {
		r.mismatch(c.Currency, t.field+", before tax", t.stated.ExclVAT, t.ours.ExclVAT)
		r.mismatch(c.Currency, t.field+", with tax", t.stated.InclVAT, t.ours.InclVAT)
	}
	var err error
	p.Difference, err = p.Total.minus(p.Stated)
	p.Findings = r.findings
	for _, f := range r.findings {
		if f.Flag != "" && !slices.Contains(p.Flags, f.Flag) {
			p.Flags = append(p.Flags, f.Flag)
		}
	}
	return err
}

// mismatch tells of amounts that differ once both are rounded, as every amount is in the end. Whether it is worth a dispute
// is for Compare to say.
func (r *run) mismatch(currency money.Currency, field string, stated, ours Sum) {
	digits := minorDigits(currency)
	if stated.Known && ours.Known && stated.Text(digits) != ours.Text(digits) {
		unit := oneOf(digits)
		difference := ours.Exact.In(unit, money.HalfAway) - stated.Exact.In(unit, money.HalfAway)
		r.findf(rating.TotalMismatch, field, "states %s, the tariff gives %s: a difference of %s", stated.Text(digits), ours.Text(digits),
			money.FormatMinor(difference, digits))
	}
}

// minorDigits are the digits amounts are rounded to; for currencies that are not known here, two.
func minorDigits(c money.Currency) int {
	if n, ok := c.Digits(); ok {
		return n
	}
	return 2
}

// quantities holds the totals of energy and time against the periods, with what rounding may explain.
func (r *run) quantities(c *CDR, line []stretch) {
	if len(c.Periods) == 0 {
		return
	}
	var energy, charging, parking, reserved int64
	var has Dimensions
	for i := range line {
		s := &line[i]
		has |= s.Has
		energy += int64(s.Energy)
		charging += whole(s.Charging)
		parking += whole(s.Parking)
		reserved += whole(s.Reserved)
	}
	n := int64(len(line))
	both := c.Has & has
	if both&HasEnergy != 0 && beyond(energy, int64(c.Energy), 1000+50*n) {
		r.findf(rating.TotalMismatch, "total_energy", "states %s kWh, the periods add up to %s kWh", c.Energy.KWh(), cdr.MicroKWh(energy).KWh())
	}
	if both&HasParking != 0 && beyond(parking, whole(c.Parking), n+1) {
		r.findf(rating.TotalMismatch, "total_parking_time", "states %s, the periods add up to %s", showSeconds(whole(c.Parking)), showSeconds(parking))
	}
	stated, used := whole(c.Time), charging+parking
	if both&HasTime != 0 && beyond(used, stated, n+1) && beyond(used+reserved, stated, n+1) {
		r.findf(rating.TotalMismatch, "total_time", "states %s, the periods add up to %s", showSeconds(stated), showSeconds(used))
	}
}

func beyond(a, b, tolerance int64) bool { return a-b > tolerance || b-a > tolerance }
