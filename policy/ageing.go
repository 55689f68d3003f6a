package policy

import (
	"cmp"
	"slices"

	"wattdue/calendar"
)

// Decision is what becomes of a held session.
type Decision string

// The decisions.
const (
	Bill     Decision = "bill"     // billed without proof, as by a waiver
	Goodwill Decision = "goodwill" // the customer pays 0.00, the provider bears it
	Claim    Decision = "claim"    // the customer is not billed, the operator of the charge point is asked to bear it
)

// Decisions are all of them.
func Decisions() []Decision { return []Decision{Bill, Goodwill, Claim} }

// The stages in which charges are held.
const (
	Verify  = "verify"
	Assign  = "assign"
	Compare = "compare"
	Rate    = "rate"
)

// AnyReason stands for every reason of a stage.
const AnyReason = "*"

// Ageing is a rule for sessions held too long: those held in a stage for a reason are decided once they have been held
// AfterDays days.
type Ageing struct {
	ID        string
	Stage     string // Verify, Assign, Compare or Rate
	Reason    string // a word of the verdict, a reason code, or AnyReason
	AfterDays int
	Decision  Decision
	SetBy     string        // the person who answers for the rule
	From      calendar.Date // the rule decides on this day or later
	Until     calendar.Date // and before this one; zero: open end
	Note      string        // on what grounds
}

// Actor names who decides by the rule, for the records.
func (a Ageing) Actor() string { return "rule " + a.ID + ", set by " + a.SetBy }

// Hold is what ageing rules look at.
type Hold struct {
	Stage string
	Code  string        // why it was set aside
	Word  string        // of the verdict; empty when there is none
	Since calendar.Date // the day it was first set aside
}

// Open reports whether the decision may be made about a hold at all, by whomever. A credit record takes back another one,
// so nobody owes anything for it; and only a missing proof can be done without, not a missing payer or price. What another
// session contradicts is released when it is the right one of the two.
func (h Hold) Open(d Decision) bool {
	switch {
	case !slices.Contains([]string{Verify, Assign, Compare, Rate}, h.Stage), h.Code == "credit":
		return false
	case d == Bill:
		return h.Stage == Verify && h.Code != crash
	}
	return true
}

// crash is the code of charges that were set aside because they kill the program: nothing was found out about them, so
// they wait for a person.
const crash = "crash"

// Due returns the rule that decides about a hold on a day; false when none does. Of several rules in force the one that
// names the code counts before the one that names the word, and that before one for any reason, even when the narrower
// one is due later; between equals the earlier one, then the order of their names.
func Due(rules []Ageing, h Hold, day calendar.Date) (Ageing, bool) {
	var best Ageing
	rank := 0
	for _, a := range rules {
		r := a.rank(h)
		if r == 0 || !a.inForce(day) {
			continue
		}
		if r > rank || r == rank && cmp.Or(cmp.Compare(a.AfterDays, best.AfterDays), cmp.Compare(a.ID, best.ID)) < 0 {
			best, rank = a, r
		}
	}
	return best, rank > 0 && h.Since.DaysUntil(day) >= best.AfterDays
}

// Next returns the rule that will decide about a hold, if nothing changes, and on which day: today or later. False when
// none will.
func Next(rules []Ageing, h Hold, today calendar.Date) (Ageing, calendar.Date, bool) {
	// What Due answers can change only on the days on which a rule begins, ends or falls due.
	days := []calendar.Date{today}
	for _, a := range rules {
		if a.rank(h) == 0 {
			continue
		}
		for _, d := range [...]calendar.Date{a.From, a.Until, h.Since.AddDays(a.AfterDays)} {
			if !d.Before(today) {
				days = append(days, d)
			}
		}
	}
	slices.SortFunc(days, calendar.Date.Compare)
	for _, d := range days {
		if a, ok := Due(rules, h, d); ok {
			return a, d, true
		}
	}
	return Ageing{}, calendar.Date{}, false
}

// rank says how closely the rule names the reason of a hold: 3 the code, 2 the word, 1 any reason, 0 not at all.
func (a Ageing) rank(h Hold) int {
	switch {
	case a.Stage != h.Stage, h.Code == crash, !h.Open(a.Decision):
		return 0
	case a.Reason == h.Code:
		return 3
	case a.Reason == h.Word && h.Word != "":
		return 2
	case a.Reason == AnyReason:
		return 1
	}
	return 0
}

func (a Ageing) inForce(day calendar.Date) bool {
	return !day.Before(a.From) && (a.Until.IsZero() || day.Before(a.Until))
}
