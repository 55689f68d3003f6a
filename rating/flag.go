package rating

// Flag is a stable code for something about a session that people should see (rating rules, 11.6).
type Flag string

// The flags. Rate raises them except for three of other places: HOME_REIMBURSEMENT, UNKNOWN_COMPONENT and VAT_UNKNOWN
// belong to the adapter that reads the session, which adds them to what Rate returns.
const (
	NoPrice           Flag = "NO_PRICE"
	TimeNotBillable   Flag = "TIME_NOT_BILLABLE"
	ZeroSession       Flag = "ZERO_SESSION"
	Negative          Flag = "NEGATIVE"
	PeriodsOutside    Flag = "PERIODS_OUTSIDE_SESSION"
	HomeReimbursement Flag = "HOME_REIMBURSEMENT"
	EnergyEstimated   Flag = "ENERGY_ESTIMATED"
	PeriodsOutOfOrder Flag = "PERIODS_OUT_OF_ORDER"
	PeriodsOverlap    Flag = "PERIODS_OVERLAP"
	PeriodGap         Flag = "PERIOD_GAP"
	TotalMismatch     Flag = "TOTAL_MISMATCH"
	SpansPriceChange  Flag = "SPANS_PRICE_CHANGE"
	TZGuessed         Flag = "TZ_GUESSED"
	UnknownComponent  Flag = "UNKNOWN_COMPONENT"
	VATUnknown        Flag = "VAT_UNKNOWN"
	LimitApplied      Flag = "LIMIT_APPLIED"
)

// flagSet holds flags as bits, in the order of the table; traces store it, so the bits never change their meaning.
type flagSet uint64

const (
	flagNoPrice flagSet = 1 << iota
	flagTimeNotBillable
	flagZeroSession
	flagNegative
	flagPeriodsOutside
	flagHomeReimbursement
	flagEnergyEstimated
	flagPeriodsOutOfOrder
	flagPeriodsOverlap
	flagPeriodGap
	flagTotalMismatch
	flagSpansPriceChange
	flagTZGuessed
	flagUnknownComponent
	flagVATUnknown
	flagLimitApplied
)

// holding are the flags that hold a session. The others tell of something that was priced by a stated rule all the same:
// what was measured decides, and the flag lets a dispute with the operator start (rating rules, 5.1 and 11.5).
const holding = flagNoPrice | flagNegative | flagPeriodsOutside

// settled are the flags that settle raises; the others come with the slices.
const settled = flagNoPrice | flagTimeNotBillable | flagLimitApplied

// flags gives each bit its code and what it tells a person.
var flags = [...]struct {
	code Flag
	text string
}{
	{NoPrice, "no row of the tariff prices what was used"},
	{TimeNotBillable, "a price that depends on time is not used because the times of the session are not proven"},
	{ZeroSession, "below the smallest energy and time that is charged"},
	{Negative, "energy, idle time or duration is below zero"},
	{PeriodsOutside, "periods or idle time outside the session, or a clock that had lost its time"},
	{HomeReimbursement, "the driver is paid back for energy at home"},
	{EnergyEstimated, "energy is shared evenly over a price change that no reading marks"},
	{PeriodsOutOfOrder, "the periods came unsorted and were put in order"},
	{PeriodsOverlap, "periods start together or hold more idle time than they last"},
	{PeriodGap, "the first period starts after the session; the time before it counts as charging without energy"},
	{TotalMismatch, "stated totals differ from what periods or readings add up to"},
	{SpansPriceChange, "a measured stretch of energy spans a price change"},
	{TZGuessed, "the local time of the charging point was not stated but derived"},
	{UnknownComponent, "the record names something no component stands for"},
	{VATUnknown, "no tax rate is known"},
	{LimitApplied, "a cap, minimum or maximum changed the amount"},
}

// Text says what the flag means, for people; empty for an unknown one.
func (f Flag) Text() string {
	for i := range flags {
		if flags[i].code == f {
			return flags[i].text
		}
	}
	return ""
}

// list returns the codes in the order of the table; nil when there is none.
func (f flagSet) list() []Flag {
	var list []Flag
	for i := range flags {
		if f&(1<<i) != 0 {
			list = append(list, flags[i].code)
		}
	}
	return list
}
