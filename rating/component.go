package rating

import (
	"fmt"
	"strings"

	"wattdue/cdr"
	"wattdue/money"
)

// component is what the engine knows of a Component.
type component struct {
	name Component
	code byte   // in traces; a code is never given to another component
	unit string // what a unit price is for, in explanations
	// timed components measure the session's minutes: they are billed only where its durations may be.
	timed bool
	// mustPrice says that a tariff without any row for the component cannot price a session that used it. For the others
	// such a tariff makes the component free on purpose.
	mustPrice bool
	// freeTime and freeEnergy say what a free amount and a step are counted in.
	freeTime, freeEnergy bool

	times func(money.Price, int64) (money.Exact, error)
	show  func(int64) string // the quantity for people
}

// components lists what a tariff can price, in the order of printed lines.
var components = [...]component{
	energyAt:         {name: Energy, code: 1, unit: "kWh", mustPrice: true, freeEnergy: true, times: money.PerKWh, show: showEnergy},
	chargingAt:       {name: Charging, code: 2, unit: "min", timed: true, freeTime: true, times: money.PerMinute, show: showSeconds},
	idleAt:           {name: Idle, code: 3, unit: "min", timed: true, freeTime: true, times: money.PerMinute, show: showSeconds},
	occupancyAt:      {name: Occupancy, code: 5, unit: "min", timed: true, freeTime: true, times: money.PerMinute, show: showSeconds},
	perUseAt:         {name: PerUse, code: 4, unit: "session", times: money.PerEvent, show: showCount},
	reservationAt:    {name: Reservation, code: 6, unit: "reservation", times: money.PerEvent, show: showCount},
	reservationMinAt: {name: ReservationMin, code: 7, unit: "min", freeTime: true, times: money.PerMinute, show: showSeconds},
	exportAt:         {name: Export, code: 8, unit: "kWh", mustPrice: true, freeEnergy: true, times: money.PerKWh, show: showEnergy},
}

// The places of the components in the table.
const (
	energyAt = iota
	chargingAt
	idleAt
	occupancyAt
	perUseAt
	reservationAt
	reservationMinAt
	exportAt
	componentCount
)

// componentIndex returns the place of a component in the table, or -1.
func componentIndex(name Component) int {
	for i := range components {
		if components[i].name == name {
			return i
		}
	}
	return -1
}

// codeIndex returns the place of a trace code in the table, or -1.
func codeIndex(code byte) int {
	for i := range components {
		if components[i].code == code {
			return i
		}
	}
	return -1
}

func showEnergy(microKWh int64) string { return cdr.MicroKWh(microKWh).KWh() + " kWh" }

// showSeconds prints a duration as 1 h 20 min 5 s, leaving out what is zero.
func showSeconds(n int64) string {
	if n < 0 {
		return fmt.Sprintf("%d s", n)
	}
	var parts []string
	for _, unit := range [...]struct {
		n    int64
		name string
	}{{n / 3600, "h"}, {n / 60 % 60, "min"}, {n % 60, "s"}} {
		if unit.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", unit.n, unit.name))
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

func showCount(n int64) string { return fmt.Sprintf("%d", n) }
