package meter

import (
	"strings"
	"time"

	"wattdue/cdr"
)

// Entry is one reading of a record.
type Entry struct {
	Tx      Tx
	Time    time.Time // UTC; zero when none is stated
	Zone    int       // offset from UTC in seconds, as signed
	Wall    bool      // only the wall clock is signed; Time takes it as German time
	Clock   Clock
	Value   Decimal
	Unit    string // kWh, Wh, others are kept but not billed
	Scale   int    // power of ten the meter counts in, where the record states it apart from the number
	OBIS    string
	Errors  string  // E energy unusable, t time unusable
	Status  string  // as the record writes it
	Quality Quality // what the status means
	Events  string  // event counter or log book at the reading
	Seconds uint64  // running seconds counter of the meter
	Counted bool    // Seconds is stated
	Resets  string  // how often and when the clock was set, where the meter counts that

	Loss    Decimal // cable loss already subtracted
	HasLoss bool
}

// Clock is the state of the clock that gave a time, in the letters of OCMF (1.4, reading, TM). Decoders of other formats
// say what their status bits mean in these letters.
type Clock string

// The states of a clock.
const (
	ClockNone           Clock = ""
	ClockUnsynchronised Clock = "U"
	ClockInformative    Clock = "I"
	ClockSynchronised   Clock = "S"
	ClockRelative       Clock = "R" // counts exact seconds from a start that is itself only informative
)

// Quality is what the status of a reading means for billing.
type Quality int

// The qualities of a reading.
const (
	Unstated Quality = iota // the format or its version has no status
	Good
	Missing // the format has a status and the record leaves it out
	Bad     // Status says why
)

// Tx is the moment in a transaction a reading was taken for, in the letters of OCMF (1.4, reading, TX).
type Tx string

// The moments other formats know.
const (
	TxBegin  Tx = "B"
	TxCharge Tx = "C"
	TxEnd    Tx = "E"
)

// IsBegin reports whether the reading begins a transaction.
func (t Tx) IsBegin() bool { return t == TxBegin }

// IsEnd reports whether the reading ends a transaction: normally, locally, remotely, by error or power failure.
func (t Tx) IsEnd() bool {
	return t == TxEnd || t == "L" || t == "R" || t == "A" || t == "P"
}

// register identifies what a reading counts.
type register struct {
	obis, unit string
	scale      int
}

func (e *Entry) register() register { return register{e.OBIS, e.Unit, e.Scale} }

// firstPlausibleYear is before the first charge point that signed anything; clocks that lost their time start at
// 1970 or 2000.
const firstPlausibleYear = 2010

// clockSet reports whether the reading has a time at all: a clock that is not called unsynchronised or flagged,
// and was set since it last lost its power.
func (e *Entry) clockSet() bool {
	return e.Clock != ClockNone && e.Clock != ClockUnsynchronised && e.hasDate()
}

// hasDate reports whether the stated time is more than the seconds since the power came back.
func (e *Entry) hasDate() bool {
	return !strings.Contains(e.Errors, "t") && e.Time.Year() >= firstPlausibleYear
}

func (e *Entry) clockText() string {
	text := string(e.Clock)
	if text == "" {
		text = "none"
	}
	if strings.Contains(e.Errors, "t") {
		text += " with error flag t"
	}
	if e.Time.Year() < firstPlausibleYear {
		text += " in the year " + e.Time.Format("2006")
	}
	return text
}

func (e *Entry) reading() (r Reading, exact, ok bool) {
	var v cdr.MicroKWh
	v, exact, ok = microKWh(e.Value, e.Unit)
	return Reading{Time: e.Time, Zone: e.Zone, Clock: string(e.Clock), Value: v, Status: e.Status}, exact, ok
}
