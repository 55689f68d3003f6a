package rating

// flagSet holds flags as bits, in the order of the table; traces store it, so the bits never change their meaning.
type flagSet uint64

const (
	flagNoPrice flagSet = 1 << iota
	flagTimeNotBillable
	flagZeroSession
	flagNegative
	flagPeriodsOutside
)

// holding are the flags that hold a session; outcomes are those that its components raise.
const (
	holding  = flagNoPrice | flagNegative | flagPeriodsOutside
	outcomes = flagNoPrice | flagTimeNotBillable
)

// flags gives each bit its code and what it tells a person.
var flags = [...]struct {
	code Flag
	text string
}{
	{NoPrice, "no row of the tariff prices what was used"},
	{TimeNotBillable, "minutes are not billed because the durations of the session are not proven"},
	{ZeroSession, "below the smallest energy and time that is charged"},
	{Negative, "energy, idle time or duration is below zero"},
	{PeriodsOutside, "idle longer than the session, or a clock that had lost its time"},
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
