// Package rating prices a charging session by the matrix of a tariff version.
//
// Compile checks a tariff and prepares it; Rate is a function of contract, compiled tariff and session, exact until the
// few named rounding points. The other side of the amount (net, tax) is not computed here, nor which tariff and version a
// contract has. The package has no clock, and what it cannot price it names in a flag instead of guessing. Every price
// carries a trace, from which DecodeTrace and Replay reproduce it without the tariff.
//
// A component is one row of the table in component.go, a match key one row of the table in key.go.
package rating

import (
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
)

// Component is one thing a tariff can price.
type Component string

// The components, in the order in which quotes and documents list them (AFIR art. 5): energy, minutes, session, others.
const (
	Energy         Component = "energy_kwh"      // per kWh taken
	Charging       Component = "charge_min"      // per minute of charging
	Idle           Component = "idle_min"        // per minute connected without charging
	Occupancy      Component = "occupancy_min"   // per minute connected, charging or not
	PerUse         Component = "session"         // once per session
	Reservation    Component = "reservation"     // once per reservation
	ReservationMin Component = "reservation_min" // per minute reserved before the session
	Export         Component = "export_kwh"      // per kWh given back; never makes energy_kwh negative
)

// Mode says whether prices include VAT.
type Mode string

// The price modes.
const (
	Gross Mode = "gross"
	Net   Mode = "net"
)

// RoundAt says where amounts become whole minor units (rating rules, 1.6).
type RoundAt string

// The rounding points. The zero value is AtLine.
const (
	AtLine     RoundAt = "line"     // every printed line by itself; the session is the sum of its lines
	AtSession  RoundAt = "session"  // the session's sum per VAT code; the cents are given to the lines by largest remainder
	AtDocument RoundAt = "document" // lines stay exact here; only the bill total is rounded, by whoever makes the bill
)

// EnergySplit says how the energy of a stretch that spans a price change is shared (rating rules, 5.2).
type EnergySplit string

// The splits. The zero value is SplitLinear where no calibration law applies, and SplitReadings where it does.
const (
	SplitLinear       EnergySplit = "linear"        // evenly over the charging seconds of the period
	SplitReadings     EnergySplit = "readings"      // by signed readings at the change; without them the first price
	SplitPeriodStart  EnergySplit = "period_start"  // a period wholly at the price of its start
	SplitSessionStart EnergySplit = "session_start" // the session wholly at its first price
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

	ZeroBelow cdr.MicroKWh  `json:"zero_below"` // with ZeroUnder: sessions below both cost nothing; 0 in either: no such rule
	ZeroUnder time.Duration `json:"zero_under"` // nanoseconds in JSON

	Free       []Component    `json:"free,omitempty"`        // used without a row on purpose
	SessionMin money.Price    `json:"session_min,omitempty"` // amounts in millionths of the currency unit, in the tariff's mode
	SessionMax money.Price    `json:"session_max,omitempty"` // 0: none
	MinOnZero  bool           `json:"min_on_zero,omitempty"` // the minimum also where nothing was billable (rules, 6.2)
	LimitVAT   string         `json:"limit_vat,omitempty"`   // VAT code of what a minimum adds; empty: that of the largest line
	Round      RoundAt        `json:"round,omitempty"`
	Rounding   money.Rounding `json:"rounding,omitempty"` // the zero value is half away from zero
	Split      EnergySplit    `json:"energy_split,omitempty"`
	Discounts  []Discount     `json:"discounts,omitempty"`
	Holidays   *Holidays      `json:"holidays,omitempty"`
}

// Holidays is the calendar day types are told by. Its days are part of the version, so that a price never changes with
// somebody else's calendar.
type Holidays struct {
	Name string          `json:"name"` // such as DE-BY
	Days []calendar.Date `json:"days"`
}

// ValidAt reports whether the version prices sessions that start at the instant.
func (t Tariff) ValidAt(start time.Time) bool {
	return !start.Before(t.ValidFrom) && (t.ValidTo.IsZero() || start.Before(t.ValidTo))
}

// Row is one cell of the matrix: where it applies and what it prices. An empty key matches everything; values are
// compared as they are written. A component without a price makes the row transparent for it, while the price 0 is a
// price. The order of rows means nothing.
type Row struct {
	ID       string `json:"id"`
	Priority int    `json:"priority,omitempty"`

	// Static keys, by rank.
	Contracts []string `json:"contracts,omitempty"`
	Customers []string `json:"customers,omitempty"`
	Groups    []string `json:"groups,omitempty"`
	EVSEs     []string `json:"evses,omitempty"`
	Locations []string `json:"locations,omitempty"`
	Zones     []string `json:"zones,omitempty"` // pricing zones, not time zones
	Operators []string `json:"operators,omitempty"`
	Countries []string `json:"countries,omitempty"` // ISO 3166 alpha-2
	Power     []string `json:"power,omitempty"`     // AC, DC, or a range of kW such as "50-" or "11-49.9": from inclusive, to exclusive
	Channels  []string `json:"channels,omitempty"`  // rfid, app, plug_and_charge, ad_hoc

	// Moving keys: true or false at a moment of the session.
	Moving Moving `json:"moving,omitzero"`

	Prices map[Component]Price `json:"prices"`
}

// Moving holds the keys of a row that change during a session. All lower bounds are inclusive, all upper ones exclusive.
type Moving struct {
	DateFrom    calendar.Date `json:"date_from,omitzero"`
	DateTo      calendar.Date `json:"date_to,omitzero"`
	DayTypes    []DayType     `json:"day_types,omitempty"`
	Days        []Day         `json:"days,omitempty"`
	Times       []Window      `json:"times,omitempty"`       // any of them
	DayOfStart  bool          `json:"day_of_start,omitzero"` // day keys are tested at the start of the window, not at the moment (rules, 4.3)
	AfterTime   time.Duration `json:"after_time,omitzero"`   // since session start
	UntilTime   time.Duration `json:"until_time,omitzero"`
	AfterEnergy cdr.MicroKWh  `json:"after_energy,omitzero"` // taken since session start
	UntilEnergy cdr.MicroKWh  `json:"until_energy,omitzero"`
}

// Window is a stretch of the local day in minutes, [From, To). From = To is the whole day; To 0 or 1440 is its end; To
// before From wraps over midnight (rating rules, 4.2).
type Window struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Day is a day of the week, 1 Monday to 7 Sunday (ISO 8601).
type Day int

// DayType is a kind of day.
type DayType string

// The day types. A holiday is neither weekday nor weekend.
const (
	Holiday DayType = "holiday"
	Weekday DayType = "weekday" // Monday to Friday
	Weekend DayType = "weekend" // Saturday and Sunday
)

// Grace says what becomes of a free amount once it is exceeded.
type Grace string

// The ways of a free amount. The zero value is Deduct.
const (
	Deduct Grace = "deduct" // what is beyond it is billed
	Cliff  Grace = "cliff"  // everything is billed
)

// Price is the unit price of a component and its rules. Unit is per kWh, per minute, per session or per reservation.
type Price struct {
	Unit    money.Price `json:"unit"`
	VATCode string      `json:"vat_code"`

	FreeTime   time.Duration `json:"free_time,omitempty"` // for minutes; nanoseconds in JSON
	FreeEnergy cdr.MicroKWh  `json:"free_energy,omitempty"`
	Grace      Grace         `json:"grace,omitempty"`

	Step         int64 `json:"step,omitempty"`          // micro-kWh or seconds; the billable total is rounded up to it once per session
	StartedBlock bool  `json:"started_block,omitempty"` // Unit is the price of one step instead of a kWh or minute

	Cap       money.Price `json:"cap,omitempty"`         // the most the row's component may cost, in millionths of the currency unit; 0: none
	CapPerDay bool        `json:"cap_per_day,omitempty"` // per local day instead of per session

	Tiers  []Tier `json:"tiers,omitempty"`  // for energy: by what the contract took in the billing month before; Unit is then unused
	Volume bool   `json:"volume,omitempty"` // the tier of the month's total prices all of it; rated provisionally with the current tier

	PassThrough bool           `json:"pass_through,omitempty"` // the operator's own amount times (1 + Markup) plus Unit per session
	Markup      money.Fraction `json:"markup,omitempty"`
}

// Tier is a step of a price by quantity: up to Below, exclusive; 0 is the last, open one.
type Tier struct {
	Below cdr.MicroKWh `json:"below,omitempty"`
	Unit  money.Price  `json:"unit"`
}

// Discount lowers what components cost. Those with a Percent come before those with an Amount, each on what the one before
// left, in the order of the list; of those with the same BestOf only the one that gives most counts (rating rules, 6).
type Discount struct {
	ID         string         `json:"id"`
	Groups     []string       `json:"groups,omitempty"`     // for contracts in one of them; empty: for all
	Components []Component    `json:"components,omitempty"` // empty: all
	Percent    money.Fraction `json:"percent,omitempty"`
	Amount     money.Price    `json:"amount,omitempty"` // millionths of the currency unit
	BestOf     string         `json:"best_of,omitempty"`
}

// Session is what is to be priced. Time is billed in whole seconds; a fraction of a second is not billed.
type Session struct {
	ID     string // charge key, for messages
	Start  time.Time
	End    time.Time
	Energy cdr.MicroKWh
	Export cdr.MicroKWh
	Idle   time.Duration // connected, not charging; charging time is End - Start - Idle
	// ChargeEnd is when the vehicle stopped asking for energy; zero: Idle lies at the end.
	ChargeEnd time.Time
	// Periods divide the session; empty: one period. They may come in any order; faults among them are flagged.
	Periods []Period
	// Readings are signed readings inside the session, energy since its start; they share energy over price changes.
	Readings []Reading

	Reserved           time.Duration // reserved before the session
	ReservationExpired bool

	Location string
	EVSEID   string
	Zone     string // pricing zone
	Operator string
	Country  string // of the charging point, ISO 3166 alpha-2
	Power    string // AC or DC; empty: not known
	Watts    int64  // of the EVSE; 0: not known
	Channel  string

	TimeZone    *time.Location // of the charging point; nil is UTC, with the flag TZ_GUESSED where a row looks at local time
	ZoneGuessed bool           // TimeZone was derived, not stated

	// DurationUsable says that the durations may be billed (signed times, or no duty to prove them).
	DurationUsable bool
	// StartTimeUsable and EndTimeUsable say that the time of day may select a price at the start, and during the session.
	StartTimeUsable bool
	EndTimeUsable   bool
	// Calibrated says that the EVSE is under calibration law: no energy between signed readings is invented.
	Calibrated bool

	Stated    money.Exact // the operator's own total in the tariff's mode, for rows that pass it through
	HasStated bool
}

// Period is a stretch of a session with what happened in it. It ends where the next one starts, the last one at the end of
// the session.
type Period struct {
	Start  time.Time
	Energy cdr.MicroKWh
	Idle   time.Duration // part of the period, at its end
}

// Reading is a signed reading during the session.
type Reading struct {
	At     time.Time
	Energy cdr.MicroKWh // since the start of the session
}

// Contract is what rating needs to know of the payer, with its counters of the billing month as they stand before the
// session.
type Contract struct {
	No         string
	Customer   string
	Groups     []string // in order of precedence
	Allowances []Allowance
	Taken      cdr.MicroKWh // energy of the billing month so far, for tiers
}

// Allowance is an included quantity. Left is micro-kWh or seconds, as the component is measured.
type Allowance struct {
	ID        string
	Component Component
	Left      int64
}

// Consumption is what a session took from an allowance.
type Consumption struct {
	Allowance string `json:"allowance"`
	Quantity  int64  `json:"quantity"`
}

// LineKind says what a line is.
type LineKind string

// The kinds of lines. The zero value is a quantity at a price.
const (
	QuantityLine LineKind = ""
	IncludedLine LineKind = "included" // taken from an allowance, 0.00
	CapLine      LineKind = "cap"      // what a cap takes off
	DiscountLine LineKind = "discount"
	LimitLine    LineKind = "limit" // what a session minimum adds or a maximum takes off
)

// Line is one printed line: quantity times unit price, or an adjustment.
type Line struct {
	Kind      LineKind    `json:"kind,omitempty"`
	Component Component   `json:"component,omitempty"` // empty for limits
	Quantity  int64       `json:"quantity"`            // billed: micro-kWh, seconds or count
	Unit      money.Price `json:"unit"`                // per kWh, minute, session, or started block
	Amount    int64       `json:"amount"`              // minor units in the tariff's mode
	Exact     money.Exact `json:"exact"`               // before rounding
	VATCode   string      `json:"vat_code"`
	Row       string      `json:"row,omitempty"`   // of a quantity
	Label     string      `json:"label,omitempty"` // id of the discount or allowance, day of a cap, min or max of a limit
	Block     int64       `json:"block,omitempty"` // where Unit is the price of a started block: its micro-kWh or seconds
}

// Rated is the price of a session. The session's amount is the sum of its lines, which follow the order of the
// components, adjustments after what they adjust. A held session keeps the lines that could be priced.
type Rated struct {
	Tariff   string         `json:"tariff"`
	Version  int            `json:"version"`
	Currency money.Currency `json:"currency"`
	Mode     Mode           `json:"mode"`
	Lines    []Line         `json:"lines"`
	Total    int64          `json:"total"`              // minor units
	Energy   cdr.MicroKWh   `json:"energy,omitempty"`   // what the session adds to Contract.Taken
	Reversal bool           `json:"reversal,omitempty"` // made by Reverse
	Consumed []Consumption  `json:"consumed,omitempty"` // of allowances
	Flags    []Flag         `json:"flags,omitempty"`    // each at most once, in a fixed order
	Held     bool           `json:"held,omitempty"`     // not to be billed; Flags say why
	Trace    []byte         `json:"-"`                  // versioned compact encoding, read by DecodeTrace
}
