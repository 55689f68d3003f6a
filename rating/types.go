// Package rating prices a charging session by the matrix of a tariff version.
//
// Compile checks a tariff and prepares it; Rate is a function of contract, compiled tariff and session, exact until
// each printed line is rounded once, half away from zero, to the currency's minor unit. The other side of the amount
// (net, tax) is not computed here, nor which tariff and version a contract has. The package has no clock, and what it
// cannot price it names in a flag instead of guessing. Every price carries a trace, from which DecodeTrace and Replay
// reproduce it without the tariff.
//
// A component is one row of the table in component.go, a match key one row of the table in key.go.
package rating

import (
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

// Component is one thing a tariff can price.
type Component string

// The components, in the order in which quotes and documents list them (AFIR art. 5): energy, minutes, session.
const (
	Energy   Component = "energy_kwh" // per kWh
	Charging Component = "charge_min" // per minute of charging
	Idle     Component = "idle_min"   // per minute connected without charging
	PerUse   Component = "session"    // once per session
)

// Mode says whether prices include VAT.
type Mode string

// The price modes.
const (
	Gross Mode = "gross"
	Net   Mode = "net"
)

// Tariff is one immutable version of a price list. Its JSON form is how it is stored.
type Tariff struct {
	Code      string         `json:"code"`
	Version   int            `json:"version"`
	ValidFrom time.Time      `json:"valid_from"`        // an instant; the version at session start prices the whole session
	ValidTo   time.Time      `json:"valid_to,omitzero"` // exclusive; zero: open end
	Currency  money.Currency `json:"currency"`
	Mode      Mode           `json:"mode"`
	Rows      []Row          `json:"rows"`
	ZeroBelow cdr.MicroKWh   `json:"zero_below"` // with ZeroUnder: sessions below both cost nothing; 0 in either: no such rule
	ZeroUnder time.Duration  `json:"zero_under"` // nanoseconds in JSON
}

// ValidAt reports whether the version prices sessions that start at the instant.
func (t Tariff) ValidAt(start time.Time) bool {
	return !start.Before(t.ValidFrom) && (t.ValidTo.IsZero() || start.Before(t.ValidTo))
}

// Row is one cell of the matrix: where it applies and what it prices. An empty key matches everything; values are
// compared as they are written. A component without a price makes the row transparent for it, while the price 0 is a
// price. The order of rows means nothing.
type Row struct {
	ID        string              `json:"id"`
	Priority  int                 `json:"priority,omitempty"`
	Groups    []string            `json:"groups,omitempty"`
	Locations []string            `json:"locations,omitempty"`
	Prices    map[Component]Price `json:"prices"`
}

// Price is the unit price of a component (per kWh, per minute or per session) with its VAT code.
type Price struct {
	Unit     money.Price   `json:"unit"`
	VATCode  string        `json:"vat_code"`
	FreeTime time.Duration `json:"free_time,omitempty"` // for minutes: the first stretch is free; nanoseconds in JSON
}

// Session is what is to be priced. Time is billed in whole seconds; a fraction of a second is not billed.
type Session struct {
	ID       string // charge key, for messages
	Start    time.Time
	End      time.Time
	Energy   cdr.MicroKWh
	Idle     time.Duration // connected, not charging; charging time is End - Start - Idle
	Location string
	EVSEID   string
	// DurationUsable says that the durations may be billed (signed times, or no duty to prove them).
	DurationUsable bool
}

// Contract is what rating needs to know of the payer.
type Contract struct {
	No     string
	Groups []string // in order of precedence
}

// Flag is a stable code about how a session was priced.
type Flag string

// The flags this engine raises. NoPrice, Negative and PeriodsOutside hold the session.
const (
	NoPrice         Flag = "NO_PRICE"                // a component was used and no row prices it
	TimeNotBillable Flag = "TIME_NOT_BILLABLE"       // minutes were not billed, for their duration is not proven
	ZeroSession     Flag = "ZERO_SESSION"            // too small and too short to be charged at all
	Negative        Flag = "NEGATIVE"                // energy, idle time or duration below zero
	PeriodsOutside  Flag = "PERIODS_OUTSIDE_SESSION" // idle longer than the session, or a clock that stood at 1970
)

// Line is one printed line: quantity times unit price, rounded once.
type Line struct {
	Component Component   `json:"component"`
	Quantity  int64       `json:"quantity"` // micro-kWh, seconds or count
	Unit      money.Price `json:"unit"`     // per kWh, minute or session
	Amount    int64       `json:"amount"`   // minor units in the tariff's mode
	Exact     money.Exact `json:"exact"`    // before rounding
	VATCode   string      `json:"vat_code"`
	Row       string      `json:"row"`
}

// Rated is the price of a session. The session's amount is the sum of its lines, which follow the order of the
// components; a component has at most one line. A held session keeps the lines that could be priced.
type Rated struct {
	Tariff   string         `json:"tariff"`
	Version  int            `json:"version"`
	Currency money.Currency `json:"currency"`
	Mode     Mode           `json:"mode"`
	Lines    []Line         `json:"lines"`
	Total    int64          `json:"total"`           // minor units
	Flags    []Flag         `json:"flags,omitempty"` // each at most once, in a fixed order
	Held     bool           `json:"held,omitempty"`  // not to be billed; Flags say why
	Trace    []byte         `json:"-"`               // versioned compact encoding, read by DecodeTrace
}
