package rating

import (
	"math/big"
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/money"
)

// The walk prices a session a second time from the rules alone: it steps through the session second by second, asks the
// local clock what it shows, and tries every row. It shares no code with the engine, only its types and the check of what
// can be published. It knows line rounding, periods without faults, and one VAT code.

type walkLine struct {
	component Component
	row       string
	kind      LineKind
	quantity  int64
	amount    int64
}

type walked struct {
	lines   []walkLine
	total   int64
	noPrice bool
	unsure  bool // TIME_NOT_BILLABLE
}

type walker struct {
	tariff   Tariff
	contract Contract
	session  Session
	holidays map[calendar.Date]bool
}

// rank lists which keys a row has, the most important first.
func walkRank(r *Row) []bool {
	m := r.Moving
	return []bool{
		r.Contracts != nil, r.Customers != nil, r.Groups != nil, r.EVSEs != nil, r.Locations != nil, r.Zones != nil, r.Operators != nil,
		r.Countries != nil, r.Power != nil, r.Channels != nil, m.DateFrom != calendar.Date{} || m.DateTo != calendar.Date{},
		m.DayTypes != nil || m.Days != nil, m.Times != nil, m.AfterTime != 0 || m.UntilTime != 0 || m.AfterEnergy != 0 || m.UntilEnergy != 0,
	}
}

func walkBeats(a, b *Row) bool {
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	x, y := walkRank(a), walkRank(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i]
		}
	}
	return false
}

// instant is where the walk stands.
type walkInstant struct {
	clock   time.Time // local
	elapsed time.Duration
	energy  int64
}

func (w *walker) day(d calendar.Date, m *Moving) bool {
	if !m.DateFrom.IsZero() && d.Before(m.DateFrom) || !m.DateTo.IsZero() && !d.Before(m.DateTo) {
		return false
	}
	weekday := d.Weekday()
	if m.Days != nil && !slices.Contains(m.Days, Day((weekday+6)%7+1)) {
		return false
	}
	kind := Weekday
	switch {
	case w.holidays[d]:
		kind = Holiday
	case weekday == time.Saturday || weekday == time.Sunday:
		kind = Weekend
	}
	return m.DayTypes == nil || slices.Contains(m.DayTypes, kind)
}

func (w *walker) active(m *Moving, at *walkInstant) bool {
	if at.elapsed < m.AfterTime || m.UntilTime != 0 && at.elapsed >= m.UntilTime ||
		at.energy < int64(m.AfterEnergy) || m.UntilEnergy != 0 && at.energy >= int64(m.UntilEnergy) {
		return false
	}
	y, month, d := at.clock.Date()
	today := calendar.Date{Year: y, Month: month, Day: d}
	if m.Times == nil {
		return w.day(today, m)
	}
	minute := at.clock.Hour()*60 + at.clock.Minute()
	for _, t := range m.Times {
		belongs := today
		switch {
		case t.From == t.To:
		case t.To == 0 && minute >= t.From:
		case t.From < t.To && minute >= t.From && minute < t.To:
		case t.To < t.From && minute >= t.From:
		case t.To < t.From && minute < t.To:
			if m.DayOfStart {
				belongs = today.AddDays(-1)
			}
		default:
			continue
		}
		if w.day(belongs, m) {
			return true
		}
	}
	return false
}

func walkMember(list []string, v string) bool { return list == nil || slices.Contains(list, v) }

// winner finds the row of a component at an instant among all rows.
func (w *walker) winner(c Component, at *walkInstant, usable func(*Row) bool) *Row {
	try := func(group string) (best *Row, byGroup bool) {
		for i := range w.tariff.Rows {
			r := &w.tariff.Rows[i]
			_, prices := r.Prices[c]
			if !prices || !walkMember(r.Locations, w.session.Location) || !walkMember(r.Countries, w.session.Country) || !usable(r) ||
				r.Power != nil && !slices.ContainsFunc(r.Power, w.power) ||
				r.Groups != nil && (group == "" || !slices.Contains(r.Groups, group)) || !w.active(&r.Moving, at) {
				continue
			}
			byGroup = byGroup || r.Groups != nil
			if best == nil || walkBeats(r, best) {
				best = r
			}
		}
		return best, byGroup
	}
	for _, g := range w.contract.Groups {
		if best, ok := try(g); ok {
			return best
		}
	}
	best, _ := try("")
	return best
}

// power knows the values the draw uses.
func (w *walker) power(v string) bool {
	watts := w.session.Watts
	switch v {
	case "AC", "DC":
		return w.session.Power == v
	case "-22":
		return watts > 0 && watts < 22_000
	case "11-50":
		return watts >= 11_000 && watts < 50_000
	case "50-":
		return watts >= 50_000
	}
	panic(v)
}

// part is what one row prices of a component.
type walkPart struct {
	row              *Row
	day              calendar.Date // where the cap is per day
	measured, billed int64
	component        Component
}

// periods with their end and the start of their idle time, in seconds.
type walkPeriod struct {
	from, idle, to, energy int64
}

func (w *walker) periods() []walkPeriod {
	s := w.session
	n := int64(s.End.Sub(s.Start) / time.Second)
	idle := int64(s.Idle / time.Second)
	if len(s.Periods) == 0 {
		return []walkPeriod{{0, n - idle, n, int64(s.Energy)}}
	}
	var list []walkPeriod
	for i, p := range s.Periods {
		to := n
		if i+1 < len(s.Periods) {
			to = int64(s.Periods[i+1].Start.Sub(s.Start) / time.Second)
		}
		list = append(list, walkPeriod{int64(p.Start.Sub(s.Start) / time.Second), to - int64(p.Idle/time.Second), to, int64(p.Energy)})
	}
	return list
}

// thresholds are the counts of energy that any row looks at.
func (w *walker) thresholds() (list []int64) {
	for _, r := range w.tariff.Rows {
		list = append(list, int64(r.Moving.AfterEnergy), int64(r.Moving.UntilEnergy))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (w *walker) at(second int64) walkInstant {
	return walkInstant{clock: w.session.Start.Add(time.Duration(second) * time.Second).In(w.session.TimeZone), elapsed: time.Duration(second) * time.Second}
}

func anyRow(*Row) bool { return true }

// proven finds the row of a component that durations do not select unless they are proven, and notes where one would have.
func (w *walker) proven(out *walked, c Component, at *walkInstant, done bool) *Row {
	best := w.winner(c, at, anyRow)
	if w.session.DurationUsable {
		return best
	}
	row := w.winner(c, at, func(r *Row) bool { return r.Moving.AfterTime == 0 && r.Moving.UntilTime == 0 })
	if row != best && !done && w.session.Energy > 0 {
		out.unsure = true
	}
	return row
}

// walk prices the session.
func (w *walker) walk() walked {
	var out walked
	parts := map[Component][]walkPart{}
	add := func(c Component, at *walkInstant, row *Row, quantity int64) {
		p := walkPart{row: row, component: c, measured: quantity}
		if row.Prices[c].CapPerDay {
			p.day = calendar.DateOf(at.clock, w.session.TimeZone)
		}
		if n := len(parts[c]); n > 0 && parts[c][n-1].row == row && parts[c][n-1].day == p.day {
			parts[c][n-1].measured += quantity
			return
		}
		parts[c] = append(parts[c], p)
	}
	static := map[Component]bool{} // some row could price it at some time
	priced := map[Component]bool{} // some row of the tariff does
	for i := range w.tariff.Rows {
		r := &w.tariff.Rows[i]
		for c := range r.Prices {
			priced[c] = true
			if walkMember(r.Locations, w.session.Location) && walkMember(r.Countries, w.session.Country) &&
				(r.Power == nil || slices.ContainsFunc(r.Power, w.power)) &&
				(r.Groups == nil || slices.ContainsFunc(w.contract.Groups, func(g string) bool { return slices.Contains(r.Groups, g) })) {
				static[c] = true
			}
		}
	}
	minutes := func(c Component, at *walkInstant) {
		if !priced[c] {
			return
		}
		if !w.session.DurationUsable {
			out.unsure = true
			return
		}
		if row := w.winner(c, at, anyRow); row != nil {
			add(c, at, row, 1)
		} else if !static[c] {
			out.noPrice = true
		}
	}
	limits := w.thresholds()
	var energy int64
	start := w.at(0)
	fee := false
	for _, p := range w.periods() {
		before := energy
		stretch := w.at(p.from)
		stretch.energy = before
		running, from, to := p.idle-p.from, p.from, p.idle
		if running == 0 { // nothing but idle time: its energy runs evenly over all of it
			running, to = p.to-p.from, p.to
		}
		for second := p.from; second < p.to; second++ {
			at := w.at(second)
			at.energy = energy
			after := energy
			if second >= from && second < to {
				after = before + walkFloor(p.energy, second+1-from, running)
			}
			if second < p.idle {
				minutes(Charging, &at)
			} else {
				minutes(Idle, &at)
			}
			minutes(Occupancy, &at)
			for first := true; energy < after || first && !fee; first = false {
				upTo := after
				for _, l := range limits {
					if l > energy && l < upTo {
						upTo = l
					}
				}
				at.energy = energy
				if row := w.proven(&out, PerUse, &at, fee); row != nil && !fee && w.session.Energy > 0 {
					add(PerUse, &at, row, 1)
					fee = true
				}
				if upTo == energy {
					break
				}
				moment := at
				switch w.tariff.Split {
				case SplitPeriodStart:
					moment = stretch
				case SplitSessionStart:
					moment.clock, moment.elapsed = start.clock, 0
				case SplitLinear, SplitReadings:
				}
				if row := w.proven(&out, Energy, &moment, false); row != nil {
					add(Energy, &at, row, upTo-energy)
				} else {
					out.noPrice = true
				}
				energy = upTo
			}
		}
	}
	if !fee && w.session.Energy > 0 && priced[PerUse] && !static[PerUse] {
		out.noPrice = true
	}
	for _, c := range []Component{Energy, Charging, Idle, Occupancy, PerUse} {
		w.settle(&out, c, parts[c])
	}
	w.limits(&out)
	return out
}

// walkFloor returns floor(e*n/of).
func walkFloor(e, n, of int64) int64 {
	v := new(big.Int).Mul(big.NewInt(e), big.NewInt(n))
	return v.Quo(v, big.NewInt(of)).Int64()
}

// walkCents rounds an amount in millionths half away from zero.
func walkCents(millionths *big.Rat) int64 {
	v := new(big.Rat).Quo(millionths, big.NewRat(10_000, 1))
	half := big.NewRat(1, 2)
	if v.Sign() < 0 {
		half.Neg(half)
	}
	v.Add(v, half)
	return new(big.Int).Quo(v.Num(), v.Denom()).Int64()
}

// settle makes the lines of a component.
func (w *walker) settle(out *walked, c Component, parts []walkPart) {
	var total, position int64
	for _, p := range parts {
		total += p.measured
	}
	var sum int64
	for i := range parts {
		p := &parts[i]
		price := p.row.Prices[c]
		free := int64(price.FreeTime/time.Second) + int64(price.FreeEnergy)
		p.billed = p.measured
		if price.Grace == Cliff {
			if total <= free {
				p.billed = 0
			}
		} else {
			p.billed = max(0, position+p.measured-max(free, position))
		}
		position += p.measured
		sum += p.billed
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i].billed == 0 {
			continue
		}
		if step := parts[i].row.Prices[c].Step; step > 0 {
			for sum%step != 0 {
				add := step - sum%step
				parts[i].billed += add
				sum += add
			}
		}
		break
	}
	type place struct {
		row *Row
		day calendar.Date
	}
	var order []place
	billed := map[place]int64{}
	for _, p := range parts {
		if p.billed > 0 {
			at := place{p.row, p.day}
			if _, ok := billed[at]; !ok {
				order = append(order, at)
			}
			billed[at] += p.billed
		}
	}
	per := map[Component]int64{Energy: 1_000_000, Charging: 60, Idle: 60, Occupancy: 60, PerUse: 1}[c]
	var caps []walkLine
	for _, at := range order {
		price := at.row.Prices[c]
		amount := walkCents(new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(int64(price.Unit)), big.NewInt(billed[at])), big.NewInt(per)))
		out.lines = append(out.lines, walkLine{c, at.row.ID, QuantityLine, billed[at], amount})
		out.total += amount
		if most := walkCents(big.NewRat(int64(price.Cap), 1)); price.Cap > 0 && amount > most {
			caps = append(caps, walkLine{c, at.row.ID, CapLine, 0, most - amount})
			out.total += most - amount
		}
	}
	out.lines = append(out.lines, caps...)
}

// limits applies the session maximum and minimum.
func (w *walker) limits(out *walked) {
	most, least := int64(w.tariff.SessionMax/10_000), int64(w.tariff.SessionMin/10_000)
	listed := false
	for _, l := range out.lines {
		listed = listed || l.kind == QuantityLine && w.unit(l) > 0
	}
	switch {
	case most > 0 && out.total > most:
		out.lines = append(out.lines, walkLine{kind: LimitLine, amount: most - out.total})
		out.total = most
	case least > 0 && out.total < least && listed:
		out.lines = append(out.lines, walkLine{kind: LimitLine, amount: least - out.total})
		out.total = least
	}
}

func (w *walker) unit(l walkLine) money.Price {
	for i := range w.tariff.Rows {
		if w.tariff.Rows[i].ID == l.row {
			return w.tariff.Rows[i].Prices[l.component].Unit
		}
	}
	return 0
}
