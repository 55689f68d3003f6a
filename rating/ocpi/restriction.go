package ocpi

import (
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/rating"
)

// Restrictions say when an element applies; all of them must hold. Moving is what the matrix of package rating can say as
// well; the rest is decided here alone.
type Restrictions struct {
	Moving      rating.Moving
	MinCurrent  Level // A, summed over the phases
	MaxCurrent  Level
	MinPower    Level // kW
	MaxPower    Level
	Reservation Reservation
	// Never names an upper limit of zero, which nothing is below.
	Never string
}

// Level is a quantity in millionths that may be missing.
type Level struct {
	Micro int64
	Known bool
}

// Reservation says that an element prices reservations, and which ones. Empty: it prices sessions.
type Reservation string

// The kinds of reservations.
const (
	Reserved Reservation = "RESERVATION"         // before a session
	Expired  Reservation = "RESERVATION_EXPIRES" // no session followed
)

var days = [...]string{"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}

func readRestrictions(o object) Restrictions {
	r := Restrictions{
		MinCurrent: o.level("min_current"), MaxCurrent: o.level("max_current"), MinPower: o.level("min_power"), MaxPower: o.level("max_power"),
		Reservation: Reservation(o.enum("reservation")),
	}
	switch r.Reservation {
	case "", Reserved, Expired:
	default:
		o.failf(o.path+"reservation", "%s is neither RESERVATION nor RESERVATION_EXPIRES", quoted(string(r.Reservation)))
	}
	m := &r.Moving
	if o.has("start_time") || o.has("end_time") {
		m.Times = []rating.Window{{From: o.minute("start_time"), To: o.minute("end_time")}}
	}
	m.DateFrom, m.DateTo = o.date("start_date"), o.date("end_date")
	m.Days = o.days()
	m.AfterTime, m.AfterEnergy = o.duration("min_duration"), o.limit("min_kwh")
	m.UntilTime, m.UntilEnergy = o.duration("max_duration"), o.limit("max_kwh")
	if o.has("max_duration") && m.UntilTime == 0 {
		r.Never = "max_duration"
	}
	if o.has("max_kwh") && m.UntilEnergy == 0 {
		r.Never = "max_kwh"
	}
	return r
}

func (o object) level(name string) Level {
	v, ok := o.fixed(name, 6, maxPrice)
	return Level{v, ok}
}

func (o object) limit(name string) cdr.MicroKWh {
	v, _ := o.energy(name)
	return v
}

func (o object) duration(name string) time.Duration {
	v := o.whole(name, maxStep)
	return time.Duration(v) * time.Second
}

// minute reads hh:mm as minutes of the local day; missing is midnight, which as an end is the end of the day.
func (o object) minute(name string) int {
	text := o.text(name)
	if text == "" {
		return 0
	}
	if text == "24:00" && name == "end_time" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != 5 {
		o.failf(o.path+name, "%s is no time of day; send hh:mm such as 22:00", quoted(text))
	}
	return t.Hour()*60 + t.Minute()
}

func (o object) date(name string) calendar.Date {
	text := o.text(name)
	if text == "" {
		return calendar.Date{}
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		o.failf(o.path+name, "%s is no date; send it as 2026-10-31", quoted(text))
	}
	return d
}

func (o object) days() []rating.Day {
	n, ok := o.node.get("day_of_week")
	if !ok {
		return nil
	}
	if n.kind != '[' {
		o.failf(o.path+"day_of_week", "is no list of days such as MONDAY")
		return nil
	}
	var list []rating.Day
	seen := [len(days)]bool{}
	for _, item := range n.items {
		day := dayOf(item.text)
		if day < 0 {
			o.failf(o.path+"day_of_week", "%s is no day; send MONDAY to SUNDAY", quoted(item.text))
			return nil
		}
		if !seen[day] {
			list = append(list, rating.Day(day+1))
		}
		seen[day] = true
	}
	return list
}

func dayOf(word string) int {
	for i, name := range days {
		if len(word) == len(name) && strings.ToUpper(word) == name {
			return i
		}
	}
	return -1
}

// moment is what restrictions are held against: the start of a period, by the local clock.
type moment struct {
	date    calendar.Date
	minute  int
	elapsed time.Duration // since the session, or the reservation, began
	energy  cdr.MicroKWh  // taken in the session so far
	period  *Period
}

func momentAt(at time.Time, zone *time.Location) moment {
	local := at.In(zone)
	return moment{date: calendar.DateOf(at, zone), minute: local.Hour()*60 + local.Minute()}
}

// fails names the first restriction that does not hold; empty: all hold. Lower bounds are inclusive, upper ones exclusive
// (rating rules, 12.2). Whether an element is for reservations is not asked here.
func (r *Restrictions) fails(at *moment) string {
	m := &r.Moving
	switch {
	case r.Never != "":
		return r.Never
	case len(m.Times) > 0 && !inWindow(m.Times[0], at.minute):
		return "start_time, end_time"
	case !m.DateFrom.IsZero() && at.date.Before(m.DateFrom):
		return "start_date"
	case !m.DateTo.IsZero() && !at.date.Before(m.DateTo):
		return "end_date"
	case len(m.Days) > 0 && !onDay(m.Days, at.date.Weekday()):
		return "day_of_week"
	case at.elapsed < m.AfterTime:
		return "min_duration"
	case m.UntilTime > 0 && at.elapsed >= m.UntilTime:
		return "max_duration"
	case at.energy < m.AfterEnergy:
		return "min_kwh"
	case m.UntilEnergy > 0 && at.energy >= m.UntilEnergy:
		return "max_kwh"
	}
	return r.failsBeside(at.period)
}

// failsBeside holds the restrictions against a period that the matrix cannot say. A period that states nothing fails them.
func (r *Restrictions) failsBeside(p *Period) string {
	low, high := p.Current.bounds()
	switch {
	case r.MinCurrent.Known && (!low.Known || low.Micro < r.MinCurrent.Micro):
		return "min_current"
	case r.MaxCurrent.Known && (!high.Known || high.Micro >= r.MaxCurrent.Micro):
		return "max_current"
	}
	low, high = p.Power.bounds()
	switch {
	case r.MinPower.Known && (!low.Known || low.Micro < r.MinPower.Micro):
		return "min_power"
	case r.MaxPower.Known && (!high.Known || high.Micro >= r.MaxPower.Micro):
		return "max_power"
	}
	return ""
}

// inWindow reports whether a minute of the day lies in the window (rating rules, 4.2).
func inWindow(w rating.Window, minute int) bool {
	switch {
	case w.From == w.To:
		return true
	case w.To == 0:
		return minute >= w.From
	case w.To < w.From:
		return minute >= w.From || minute < w.To
	}
	return minute >= w.From && minute < w.To
}

func onDay(list []rating.Day, day time.Weekday) bool {
	for _, d := range list {
		if time.Weekday(d%7) == day {
			return true
		}
	}
	return false
}
