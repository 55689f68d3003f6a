package ocpi

import (
	"slices"
	"time"

	"wattdue/cdr"
	"wattdue/rating"
)

// stretch is a charging period in its place.
type stretch struct {
	Period
	end     time.Time     // zero: not known
	elapsed time.Duration // since the session, or the reservation, began
	before  cdr.MicroKWh  // taken in the session until then
}

// timeline puts the periods in order, tells of what is wrong with them, and measures what restrictions look at. They are
// priced by their own starts whatever else is wrong (rating rules, 5.1).
func (r *run) timeline(c *CDR) []stretch {
	periods := c.Periods
	if len(periods) == 0 {
		r.findf(rating.PeriodGap, "charging_periods", "is missing or empty; the totals are priced as one period")
		periods = []Period{totals(c)}
	}
	byStart := func(a, b Period) int { return a.Start.Compare(b.Start) }
	if !slices.IsSortedFunc(periods, byStart) {
		r.findf(rating.PeriodsOutOfOrder, "charging_periods", "came unsorted and were put in order of their start")
		periods = slices.Clone(periods)
		slices.SortStableFunc(periods, byStart)
	}
	list := make([]stretch, len(periods))
	var energy cdr.MicroKWh
	for i, p := range periods {
		list[i] = stretch{Period: p, end: c.End, before: energy}
		if i+1 < len(periods) {
			list[i].end = periods[i+1].Start
		}
		energy += p.Energy
	}
	r.overlaps(list)
	begin := r.begin(c, list)
	for i := range list {
		base := begin
		if list[i].reservationOnly() {
			base = list[0].Start // a reservation lasts by itself
		}
		list[i].elapsed = list[i].Start.Sub(base)
	}
	return list
}

// totals makes one period of the totals: charging time is what is not parking (rating rules, 12.9).
func totals(c *CDR) Period {
	p := Period{Start: c.Start, Energy: c.Energy, Parking: c.Parking, Charging: max(c.Time-c.Parking, 0), Has: c.Has}
	if len(c.Tariffs) == 1 {
		p.TariffID = c.Tariffs[0].ID
	}
	return p
}

// begin returns when the session began, by which durations are measured: after a reservation, and by the periods
// themselves where they contradict the record's own times.
func (r *run) begin(c *CDR, list []stretch) time.Time {
	at := c.Start
	first, last := list[0].Start, list[len(list)-1].Start
	if c.Start.IsZero() {
		r.findf("", "start_date_time", "is missing; the session begins with its first period")
		at = first
	}
	switch {
	case !c.End.IsZero() && c.End.Before(c.Start):
		r.findf(rating.Negative, "end_date_time", "lies before the start; ask the sender to correct it")
		at = first
	case first.Before(at) || !c.End.IsZero() && last.After(c.End):
		r.findf(rating.PeriodsOutside, "charging_periods", "lie outside the session; durations are measured from the first period")
		at = first
	case first.Sub(at) >= 2*time.Second:
		r.findf(rating.PeriodGap, "charging_periods[0].start_date_time", "the first period starts after the session; nothing is known of the time before it")
	}
	if !list[0].reservationOnly() {
		return at
	}
	for i := range list {
		if !list[i].reservationOnly() {
			return list[i].Start
		}
	}
	return at
}

// slack is what rounded hours may exceed a period by: four decimals are a third of a second, snapping is half a one.
const slack = 2 * time.Second

// overlaps tells of periods that start together or hold more time than they last.
func (r *run) overlaps(list []stretch) {
	for i := range list {
		s := &list[i]
		used := max(s.Charging+s.Parking+s.Reserved, s.Session)
		length := s.end.Sub(s.Start)
		together := i+1 < len(list) && length == 0
		if together || !s.end.IsZero() && used > max(length, 0)+slack {
			r.findf(rating.PeriodsOverlap, "charging_periods", "the period of %s starts with another one or holds more time than it lasts",
				s.Start.Format(time.RFC3339))
			return // once says it
		}
	}
}

// expired reports whether the record is of a reservation that no session followed.
func expired(list []stretch) bool {
	return !slices.ContainsFunc(list, func(s stretch) bool { return !s.reservationOnly() })
}
