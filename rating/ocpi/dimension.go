package ocpi

import (
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// Dimension is what an amount is for.
type Dimension string

// The dimensions. Those of a reservation have elements of their own; SESSION_TIME is an extension.
const (
	Energy          Dimension = "ENERGY"
	Time            Dimension = "TIME"
	ParkingTime     Dimension = "PARKING_TIME"
	SessionTime     Dimension = "SESSION_TIME"
	Flat            Dimension = "FLAT"
	ReservationTime Dimension = "RESERVATION_TIME"
	ReservationFlat Dimension = "RESERVATION_FLAT"
)

// dimension is how a dimension is priced.
type dimension struct {
	name      Dimension
	component string // type of the price component
	reserved  bool   // by reservation elements
	quantity  func(*Period) int64
	price     func(money.Price, int64) (money.Exact, error)
	step      int64 // what one unit of step_size is in the quantity
	show      func(int64) string
}

// dimensions is the table of what is priced, in the order of lines.
var dimensions = [...]dimension{
	energyAt: {
		name: Energy, component: "ENERGY", quantity: func(p *Period) int64 { return int64(p.Energy) }, price: money.PerKWh, step: 1000,
		show: func(v int64) string { return cdr.MicroKWh(v).KWh() + " kWh" },
	},
	timeAt: {
		name: Time, component: "TIME", quantity: func(p *Period) int64 { return whole(p.Charging) }, price: money.PerHour, step: 1, show: showSeconds,
	},
	parkingAt: {
		name: ParkingTime, component: "PARKING_TIME", quantity: func(p *Period) int64 { return whole(p.Parking) }, price: money.PerHour, step: 1,
		show: showSeconds,
	},
	sessionAt: {name: SessionTime, component: "SESSION_TIME", quantity: connected, price: money.PerHour, step: 1, show: showSeconds},
	flatAt:    {name: Flat, component: "FLAT", quantity: once, price: money.PerEvent, show: showCount},
	reservationFlatAt: {
		name: ReservationFlat, component: "FLAT", reserved: true, quantity: reservedOnce, price: money.PerEvent, show: showCount,
	},
	reservationTimeAt: {
		name: ReservationTime, component: "TIME", reserved: true, quantity: func(p *Period) int64 { return whole(p.Reserved) }, price: money.PerHour,
		step: 1, show: showSeconds,
	},
}

// The places of the dimensions in the table.
const (
	energyAt = iota
	timeAt
	parkingAt
	sessionAt
	flatAt
	reservationFlatAt
	reservationTimeAt
	dimensionCount
)

func whole(d time.Duration) int64 { return int64(d / time.Second) }

// once is the quantity of a fee per session: it is due with the first period that is not of a reservation alone.
func once(p *Period) int64 {
	if p.reservationOnly() {
		return 0
	}
	return 1
}

func reservedOnce(p *Period) int64 {
	if p.Has&HasReservation == 0 {
		return 0
	}
	return 1
}

// connected is the time of the session within the period, charging or not.
func connected(p *Period) int64 {
	if p.Has&HasSessionTime != 0 {
		return whole(p.Session)
	}
	return whole(p.Charging + p.Parking)
}

func showCount(n int64) string { return money.FormatMinor(n, 0) }

// showSeconds prints a duration as h:mm:ss.
func showSeconds(n int64) string {
	pad := func(v int64) string { return money.FormatMinor(v+100, 0)[1:] }
	return money.FormatMinor(n/3600, 0) + ":" + pad(n/60%60) + ":" + pad(n%60)
}
