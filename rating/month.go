package rating

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// MonthSession is a session of a contract's billing month: the month of its start in the contract's zone.
type MonthSession struct {
	Session Session
	Tariff  *Compiled
	Billed  *Rated // as it stands on a bill; nil: to be rated

	// Covers tells which of the contract's allowances the session may use, because plans begin and end within a month; nil:
	// all.
	Covers func(allowance string) bool
	// Groups are those of the contract when the session was first rated; nil: those it has now.
	Groups []string
}

// MonthRated is what became of a session of the month.
type MonthRated struct {
	Rated Rated
	Payer Contract // with the counters as they stood before; not of what was billed
	Err   error    // concerns the session alone; it takes nothing from the counters
}

// RateMonth rates the sessions of a contract's billing month in order of start, then id, not of arrival, and walks the
// contract's counters along (rating rules, 7.1). The contract comes with the counters of the beginning of the month. What
// was billed keeps its price and what it took from allowances; a session that arrives late takes what is left by those
// (7.3), so that a document once issued never becomes dearer. Held, zero and faulty sessions take nothing.
//
// The results are in the order of the sessions given.
func RateMonth(c Contract, sessions []MonthSession) []MonthRated {
	c.Allowances = slices.Clone(c.Allowances)
	results := make([]MonthRated, len(sessions))
	order := make([]int, 0, len(sessions))
	for i := range sessions {
		if billed := sessions[i].Billed; billed != nil {
			results[i].Rated = *billed
			c.take(billed)
			continue
		}
		order = append(order, i)
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := &sessions[i].Session, &sessions[j].Session
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID), cmp.Compare(i, j))
	})
	var p Pricer
	for _, i := range order {
		s := &sessions[i]
		if s.Tariff == nil {
			results[i].Err = fmt.Errorf("session %q: no tariff", s.Session.ID)
			continue
		}
		results[i].Payer = c.before(s)
		results[i].Rated, results[i].Err = p.Rate(results[i].Payer, s.Tariff, s.Session)
		if results[i].Err == nil && !results[i].Rated.Held {
			c.take(&results[i].Rated)
		}
	}
	return results
}

// before is the contract as a session meets it.
func (c *Contract) before(s *MonthSession) Contract {
	payer := *c
	if s.Groups != nil {
		payer.Groups = s.Groups
	}
	payer.Allowances = slices.Clone(c.Allowances)
	if s.Covers != nil {
		payer.Allowances = slices.DeleteFunc(payer.Allowances, func(a Allowance) bool { return !s.Covers(a.ID) })
	}
	return payer
}

// take moves the counters by what a rating used.
func (c *Contract) take(r *Rated) {
	c.Taken += r.Energy
	for _, used := range r.Consumed {
		for i := range c.Allowances {
			if a := &c.Allowances[i]; a.ID == used.Allowance {
				a.Left -= used.Quantity
				break
			}
		}
	}
}

// TrueUp returns what a month of a volume tariff still costs, or gives back: all of its energy at the tier of the total,
// less what the sessions were charged at provisional tiers (rating rules, 7.5).
func TrueUp(p Price, month cdr.MicroKWh, charged money.Exact) (money.Exact, error) {
	return TrueUpPart(p, month, month, charged)
}

// TrueUpPart is TrueUp for a part of the month's energy, such as what was taken in one country: the part, and what it was
// charged, at the tier of the whole month.
func TrueUpPart(p Price, month, part cdr.MicroKWh, charged money.Exact) (money.Exact, error) {
	if !p.Volume || len(p.Tiers) == 0 {
		return 0, errors.New("only a price with volume tiers has a true-up")
	}
	due, err := money.PerKWh(p.tier(month).Unit, int64(part))
	if err != nil {
		return 0, err
	}
	return due.Add(-charged)
}

// Prorate returns the part of a month's allowance for the days of [from, until) in the month: in proportion to local
// calendar days, down to whole Wh for energy and whole units for the rest (rating rules, 7.4).
func Prorate(component Component, quantity int64, from, until calendar.Date, month calendar.Period) (int64, error) {
	active, days, err := activeDays(from, until, month)
	if err != nil {
		return 0, err
	}
	if quantity < 0 || quantity > mostQuantity {
		return 0, errQuantity
	}
	share := quantity * active / days // fits: 2^46 times 31
	if component == Energy || component == Export {
		const wattHour = 1000 // micro-kWh
		share -= share % wattHour
	}
	return share, nil
}

// Fee returns the part of a monthly fee for the days of [from, until) in the month, until exclusive, rounded to minor units
// (rating rules, 9). Days are local calendar days of the contract's zone, not blocks of 24 hours. A change of plan makes two
// parts, each rounded by itself.
func Fee(
	monthly money.Price, from, until calendar.Date, month calendar.Period, currency money.Currency, rounding money.Rounding,
) (money.Amount, error) {
	active, days, err := activeDays(from, until, month)
	if err != nil {
		return money.Amount{}, err
	}
	exact, err := money.PerEvent(monthly, 1)
	if err != nil {
		return money.Amount{}, err
	}
	unit, ok := currency.Minor()
	if !ok {
		return money.Amount{}, fmt.Errorf("currency %q is not known; use an ISO 4217 code in upper case", string(currency))
	}
	// exact*active/(days*unit), rounded once: whole minor units, and the rest against the divisor.
	negative := exact < 0
	hi, lo := bits.Mul64(uint64(max(exact, -exact)), uint64(active))
	divisor := uint64(days) * uint64(unit)
	if hi >= divisor {
		return money.Amount{}, money.ErrOverflow
	}
	whole, rest := bits.Div64(hi, lo, divisor)
	if whole > mostExact {
		return money.Amount{}, money.ErrOverflow
	}
	minor := int64(whole) + awayBy(whole, rest, divisor, rounding)
	if negative {
		minor = -minor
	}
	return money.Amount{Minor: minor, Currency: currency}, nil
}

// awayBy returns 1 where the rest of a division rounds away from zero.
func awayBy(whole, rest, divisor uint64, rounding money.Rounding) int64 {
	small := int64(0) // how the rest compares with the half, as a number that rounds the same
	switch {
	case rest == 0:
	case rest < divisor-rest:
		small = 1
	case rest == divisor-rest:
		small = 2
	default:
		small = 3
	}
	return money.Exact(int64(whole%2)*4+small).In(4, rounding) - int64(whole%2)
}

// activeDays returns how many days of a month lie in [from, until), and how many it has.
func activeDays(from, until calendar.Date, month calendar.Period) (active, days int64, err error) {
	if until.IsZero() || month.Next.Before(until) {
		until = month.Next
	}
	if from.Before(month.First) {
		from = month.First
	}
	days = int64(month.First.DaysUntil(month.Next))
	if days <= 0 || days > 366 {
		return 0, 0, fmt.Errorf("month %s has no days, or too many", month)
	}
	return max(int64(from.DaysUntil(until)), 0), days, nil
}
