package rating

import "wattdue/money"

// component is what the engine knows of a Component.
type component struct {
	name Component
	code byte // in traces; a code is never given to another component

	// unit names what a unit price is for, in explanations.
	unit string
	// timed components are billed only where the session's durations may be.
	timed bool
	// mustPrice says that a tariff without any row for the component cannot price a session that used it. For the
	// others such a tariff makes the component free on purpose.
	mustPrice bool

	used  func(usage) int64 // micro-kWh, seconds or count; 0 leaves the component out
	times func(money.Price, int64) (money.Exact, error)
	show  func(int64) string // the quantity for people
}

// components lists what a tariff can price, in the order of printed lines.
var components = [...]component{
	{name: Energy, code: 1, unit: "kWh", mustPrice: true, used: usage.energyUsed, times: money.PerKWh, show: showEnergy},
	{name: Charging, code: 2, unit: "min", timed: true, used: usage.chargingUsed, times: money.PerMinute, show: showSeconds},
	{name: Idle, code: 3, unit: "min", timed: true, used: usage.idleUsed, times: money.PerMinute, show: showSeconds},
	{name: PerUse, code: 4, unit: "session", used: usage.timesUsed, times: money.PerEvent, show: showCount},
}

const componentCount = len(components)

func (u usage) energyUsed() int64   { return int64(u.energy) }
func (u usage) chargingUsed() int64 { return u.seconds - u.idle }
func (u usage) idleUsed() int64     { return u.idle }

// timesUsed is the number of session fees. A session without energy is billed for its time only (rating rules, 5.7).
func (u usage) timesUsed() int64 {
	if u.energy == 0 {
		return 0
	}
	return 1
}

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
