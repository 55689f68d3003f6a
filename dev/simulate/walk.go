package simulate

import (
	"fmt"
	"time"

	"wattdue/rating"
)

// Cost is what a session must cost by the walk.
type Cost struct {
	Tariff  string
	Version int
	Lines   []CostLine // energy, charging, idle if there was any, session; 0 is a price
	Cents   int64      // sum of the lines
	Free    bool       // zero session: no lines
	Missing bool       // a component it used has no price: no lines
}

// CostLine is one component in euro cents.
type CostLine struct {
	Component rating.Component
	Row       string
	Cents     int64
}

// components in the order of the lines.
var components = []rating.Component{rating.Energy, rating.Charging, rating.Idle, rating.PerUse}

// Cost walks over the seconds of the session and adds up what each costs. It knows nothing of package rating but
// its types: this is the second opinion. Each line is rounded once, half away from zero.
func (w *World) Cost(s *Session) (Cost, error) {
	t, ok := w.tariffOf(s)
	if !ok {
		return Cost{}, fmt.Errorf("session %d: no version of the price list is valid at its start", s.Number)
	}
	cost := Cost{Tariff: t.Code, Version: t.Version}
	if s.isZero() {
		cost.Free = true
		return cost, nil
	}
	groups, place := w.Contracts[s.Contract].Groups, w.evse(s).LocationID
	for _, c := range components {
		if c == rating.Idle && s.Idle() == 0 {
			continue
		}
		row, ok := rowFor(t, groups, place, c)
		if !ok {
			return Cost{Tariff: t.Code, Version: t.Version, Missing: true}, nil
		}
		cents := walk(s, c, row.Prices[c])
		cost.Lines = append(cost.Lines, CostLine{c, row.ID, cents})
		cost.Cents += cents
	}
	return cost, nil
}

// tariffOf returns the version valid at the session's start.
func (w *World) tariffOf(s *Session) (rating.Tariff, bool) {
	code := w.Contracts[s.Contract].TariffCode
	for _, t := range w.Tariffs {
		open := t.ValidTo.IsZero() || s.Start.Before(t.ValidTo)
		if t.Code == code && open && !s.Start.Before(t.ValidFrom) {
			return t, true
		}
	}
	return rating.Tariff{}, false
}

// rowFor returns the row that prices a component: the contract's groups in order, then rows for everybody; within a
// group a row for the place before one for all places. The price list has no two rows that tie.
func rowFor(t rating.Tariff, groups []string, place string, c rating.Component) (rating.Row, bool) {
	for _, group := range append(append([]string(nil), groups...), "") {
		for _, where := range []string{place, ""} {
			for _, row := range t.Rows {
				if _, priced := row.Prices[c]; priced && names(row.Groups, group) && names(row.Locations, where) {
					return row, true
				}
			}
		}
	}
	return rating.Row{}, false
}

// names reports whether a key names the value; the empty value is named by an empty key.
func names(key []string, value string) bool {
	if value == "" {
		return len(key) == 0
	}
	for _, k := range key {
		if k == value {
			return true
		}
	}
	return false
}

// walk returns the cents of one component. Prices are millionths of a euro per kWh, minute or session.
func walk(s *Session, c rating.Component, p rating.Price) int64 {
	unit := int64(p.Unit)
	if c == rating.Energy {
		const wattHoursPerKWh, millionthsPerCent = 1000, 10_000
		return roundHalfAway(int64(s.Energy()/1000)*unit, wattHoursPerKWh*millionthsPerCent)
	}
	if c == rating.PerUse {
		return roundHalfAway(unit, 10_000)
	}
	var millionthSeconds int64
	free := int64(p.FreeTime / time.Second)
	chargeEnd := s.ChargeEnd.Unix()
	for second := s.Start.Unix(); second < s.End.Unix(); second++ {
		charging := second < chargeEnd
		if charging != (c == rating.Charging) {
			continue
		}
		if free > 0 {
			free--
			continue
		}
		millionthSeconds += unit
	}
	return roundHalfAway(millionthSeconds, 60*10_000)
}
