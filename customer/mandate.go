package customer

import (
	"strings"
	"time"

	"wattdue/calendar"
)

// The codes of Mandate.Check.
const (
	MandateRevoked  Code = "mandate-revoked"  // ended for whatever reason
	MandateLapsed   Code = "mandate-lapsed"   // not used for 36 months
	MandateFuture   Code = "mandate-future"   // signed after the debit
	MandateUnsigned Code = "mandate-unsigned" // no signature date is known, and none is ever invented
)

// lapseMonths is how long a mandate lives without being presented (EPC016-06, SDD Core rulebook 2025, section 4.1).
const lapseMonths = 36

// Check reports whether a debit that falls due on a date may use the mandate. The error is a *Refusal. It is to be
// asked when a debit is planned and again when its batch is sealed.
func (m Mandate) Check(on calendar.Date) error {
	if !m.EndedOn.IsZero() && !on.Before(m.EndedOn) {
		return refuse(MandateRevoked, "mandate %s ended on %s; ask for a new mandate", m.Reference, m.EndedOn)
	}
	if m.SignedOn.IsZero() {
		return refuse(MandateUnsigned, "mandate %s has no signature date; enter the date on the signed form", m.Reference)
	}
	if on.Before(m.SignedOn) {
		return refuse(MandateFuture, "mandate %s is signed on %s, after the debit on %s; choose a later date or correct the mandate",
			m.Reference, m.SignedOn, on)
	}
	if lapse := m.LapsesOn(); !on.Before(lapse) {
		return refuse(MandateLapsed, "mandate %s lapsed on %s, 36 months after its last use; ask for a new mandate", m.Reference, lapse)
	}
	return nil
}

// LapsesOn returns the first day on which the mandate can no longer be used: 36 months after the due date of the
// last debit presented, or after the signature when there was none. It needs a signature date or a last debit.
func (m Mandate) LapsesOn() calendar.Date {
	anchor := m.LastPresented
	if anchor.IsZero() {
		anchor = m.SignedOn
	}
	return addMonths(anchor, lapseMonths)
}

// addMonths counts in calendar months and stays within the month: 29 February 2024 plus 36 months is 28 February
// 2027.
func addMonths(d calendar.Date, n int) calendar.Date {
	first := calendar.NewDate(d.Year, d.Month+time.Month(n), 1)
	return calendar.Date{Year: first.Year, Month: first.Month, Day: min(d.Day, first.MonthOf().Last().Day)}
}

// MaskIBAN returns the first and last four characters of an account number with stars between them, for documents
// and messages. What is too short to be an IBAN is hidden whole.
func MaskIBAN(iban string) string {
	const shortest = 15 // Norway, the shortest in the IBAN registry
	s := strings.ToUpper(strings.ReplaceAll(iban, " ", ""))
	if len(s) < shortest {
		return "****"
	}
	return s[:4] + " **** " + s[len(s)-4:]
}
