package sepa

import (
	"fmt"

	"wattdue/calendar"
)

// Defaults of planning (EPC SDD Core rulebook 2025, section 4.3).
const (
	defaultLead    = 1  // bank days between submission and collection
	defaultNotice  = 14 // calendar days between pre-notification and collection
	defaultHorizon = 90 // calendar days between submission and collection, at most
	longestLead    = 5
)

// PlanInput is what decides on a collection date. All dates are local dates at the bank.
type PlanInput struct {
	Today        calendar.Date
	BeforeCutoff bool          // the file can still be handed in today
	LeadDays     int           // bank days, 1 to 5; zero means 1
	NoticeOn     calendar.Date // day the customer is told amount and date
	NoticeDays   int           // calendar days from notice to collection; zero means 14; less only by contract
	DueOn        calendar.Date // due date of the invoice; zero means none
	HorizonDays  int           // latest day the bank takes, from submission on; zero means 90
	Wished       calendar.Date // earliest day wanted; zero means as early as possible
}

// CollectionDate returns the first bank day that keeps the lead time, the notice, the due date and the wish. It is
// the date the customer must be told. The error is a *Fault (date-horizon, date-notice or date-settings).
func CollectionDate(in PlanInput) (calendar.Date, error) {
	w, f := windowOf(in)
	if f != nil {
		return calendar.Date{}, f
	}
	day := later(w.earliest(), in.Wished.BankDayOnOrAfter())
	if w.latest.Before(day) {
		return calendar.Date{}, &Fault{Code: DateHorizon, Value: day.String(), Detail: "the bank takes debits only up to " + w.latest.String(), Advice: "plan it in a later run"}
	}
	return day, nil
}

// CheckCollectionDate reports every rule that a fixed date breaks; nothing is rolled, because a date the customer
// was told cannot move. The error is CheckErrors and names the earliest allowed date.
func CheckCollectionDate(day calendar.Date, in PlanInput) error {
	return checkCollectionDate(day, in).orNil()
}

func checkCollectionDate(day calendar.Date, in PlanInput) CheckErrors {
	if !isDay(day) {
		return CheckErrors{{Code: DateMissing, Detail: "no collection date was fixed", Advice: "plan the date and tell the customer"}}
	}
	w, f := windowOf(in)
	if f != nil {
		return CheckErrors{f}
	}
	advice := "earliest allowed date is " + w.earliest().String() + "; a new date needs a new notice"
	var found CheckErrors
	refuse := func(wrong bool, code Code, detail string) {
		if wrong {
			found = append(found, &Fault{Code: code, Value: day.String(), Detail: detail, Advice: advice})
		}
	}
	past := day.Before(in.Today)
	refuse(past, DatePast, "collection date is past")
	refuse(!day.IsBankDay(), DateClosed, "TARGET is closed on the collection date")
	refuse(!past && day.Before(w.lead), DateLead, "collection date is too near for the bank")
	refuse(day.Before(w.notice), DateNotice, "notice period ends on "+w.notice.String())
	refuse(day.Before(in.DueOn), DateDue, "invoice is due on "+in.DueOn.String()+", after the collection date")
	refuse(w.latest.Before(day), DateHorizon, "the bank takes debits only up to "+w.latest.String())
	return found
}

// SubmissionDay returns the day the bank counts a file from: today on a bank day before the cut-off, else the next
// bank day.
func SubmissionDay(today calendar.Date, beforeCutoff bool) calendar.Date {
	if today.IsBankDay() && !beforeCutoff {
		return today.AddDays(1).BankDayOnOrAfter()
	}
	return today.BankDayOnOrAfter()
}

// window is the range of collection dates; lead, notice and due are lower bounds.
type window struct {
	lead, notice, due, latest calendar.Date
}

func windowOf(in PlanInput) (window, *Fault) {
	lead := in.LeadDays
	if lead == 0 {
		lead = defaultLead
	}
	notice := in.NoticeDays
	if notice == 0 {
		notice = defaultNotice
	}
	horizon := in.HorizonDays
	if horizon == 0 {
		horizon = defaultHorizon
	}
	if lead < 1 || lead > longestLead || notice < 1 || horizon < 1 {
		return window{}, &Fault{
			Code: DateSettings, Value: fmt.Sprintf("lead %d, notice %d, horizon %d", lead, notice, horizon),
			Detail: "lead is 1 to 5 bank days, notice and horizon at least one day", Advice: "correct the bank profile or the contract",
		}
	}
	if in.Today.IsZero() {
		return window{}, &Fault{Code: DateSettings, Detail: "the day of the run is not given", Advice: "pass the local date at the bank"}
	}
	if in.NoticeOn.IsZero() {
		return window{}, &Fault{Code: DateNotice, Detail: "the customer was not told amount and date", Advice: "send the notice first"}
	}
	submission := SubmissionDay(in.Today, in.BeforeCutoff)
	return window{
		lead:   submission.AddBankDays(lead),
		notice: in.NoticeOn.AddDays(notice),
		due:    in.DueOn,
		latest: submission.AddDays(horizon),
	}, nil
}

func (w window) earliest() calendar.Date {
	return later(later(w.lead, w.notice), w.due).BankDayOnOrAfter()
}

func later(a, b calendar.Date) calendar.Date {
	if a.Before(b) {
		return b
	}
	return a
}
