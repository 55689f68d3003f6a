package sepa

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/money"
)

// Candidate is one attempt to collect one invoice, as it stands before sealing.
type Candidate struct {
	Invoice   string // number
	Attempt   int    // counting from one
	Amount    money.Amount
	Creditor  Creditor
	Mandate   customer.Mandate
	Address   customer.Address // of the debtor; used only where a bank outside the EEA asks for it
	DueOn     calendar.Date    // of the invoice; zero means none
	CollectOn calendar.Date    // fixed when the invoice was drafted
	Notice    Notice
	Text      string // follows the invoice number in the remittance text; may be empty
}

// Notice is the pre-notification as it was sent. A notice that differs from the debit in amount or date is void.
type Notice struct {
	SentOn    calendar.Date // zero: not sent, in doubt or bounced
	Days      int           // agreed notice period; zero means 14
	Minor     int64         // cents told
	CollectOn calendar.Date // date told
}

// Profile is what differs between banks. The zero Profile with a prefix follows the scheme's own limits.
type Profile struct {
	Prefix          string // of message ids, unique per creditor; at most 6 characters
	LeadDays        int    // zero means 1
	HorizonDays     int    // zero means 90
	MaxTransactions int    // per file; zero means 50,000
	MaxBytes        int    // per file; zero means 50,000,000
	BICOptional     bool   // the bank takes debits outside the EEA without BIC
}

// Run is when and as what the batches are sealed.
type Run struct {
	Key          string // names the run; the same key gives the same message ids
	Today        calendar.Date
	BeforeCutoff bool      // the files can still be handed in today
	Created      time.Time // sealing time, written in every file
}

// Exclusion is a candidate that is not collected, with every reason.
type Exclusion struct {
	Invoice string
	Attempt int
	Faults  CheckErrors
}

// Reason returns the code of the first fault.
func (e Exclusion) Reason() Code { return e.Faults[0].Code }

const (
	defaultMaxTransactions = 50_000
	defaultMaxBytes        = 50_000_000
)

// Plan puts the candidates that may be collected into sealed batches and returns all others with their reasons, both
// in a fixed order: the order of the candidates does not matter. One batch is one file with one creditor account and
// one collection date; a batch over a limit of the profile is split. Message ids derive from the day and the run key.
func Plan(candidates []Candidate, profile Profile, run Run) ([]SealedBatch, []Exclusion) {
	var ready []planned
	var excluded []Exclusion
	uses := countInvoices(candidates)
	for i := range candidates {
		c := &candidates[i]
		p, faults := consider(c, profile, run)
		if uses[c.Invoice] > 1 {
			// Which of them is meant is not ours to guess, and two would collect twice, so none is taken.
			faults.add(&Fault{Code: IDDuplicate, Detail: "invoice is planned more than once", Advice: "keep one open attempt per invoice"}, "end-to-end id", p.debit.EndToEndID)
		}
		if len(faults) > 0 {
			excluded = append(excluded, Exclusion{c.Invoice, c.Attempt, faults})
			continue
		}
		ready = append(ready, p)
	}
	slices.SortStableFunc(excluded, func(a, b Exclusion) int {
		return cmp.Or(cmp.Compare(a.Invoice, b.Invoice), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Faults.Error(), b.Faults.Error()))
	})
	batches, refused := seal(ready, profile, run)
	return batches, append(excluded, refused...)
}

// planned is a candidate on its way into a batch.
type planned struct {
	creditor  Creditor
	collectOn calendar.Date
	debit     Debit
	invoice   string
	attempt   int
}

func countInvoices(candidates []Candidate) map[string]int {
	uses := make(map[string]int, len(candidates))
	for i := range candidates {
		uses[candidates[i].Invoice]++
	}
	return uses
}

// consider judges one candidate and writes its debit with texts already converted, so that a later conversion table
// cannot change a sealed batch.
func consider(c *Candidate, profile Profile, run Run) (planned, CheckErrors) {
	debit := DebitOf(*c)
	id := debit.EndToEndID
	creditorOutside := outsideEEA(electronicIBAN(c.Creditor.IBAN))
	debtorOutside := outsideEEA(debit.IBAN) || addressOutside(c.Address.Country)
	found := checkCandidate(c, run, id)
	// Conversion hides control characters, so the text as given is what is checked.
	raw := debit
	raw.DebtorName, raw.Remittance = c.Mandate.DebtorName, c.Invoice+" "+c.Text
	if creditorOutside || debtorOutside {
		raw.Address = Address{c.Address.Street, c.Address.PostalCode, c.Address.City, c.Address.Country}
	}
	found = append(found, checkDebit(&raw, creditorOutside || debtorOutside)...)
	if debtorOutside && debit.BIC == "" && !profile.BICOptional {
		found.add(&Fault{Code: BICRequired, Detail: "the bank asks for the BIC of an account outside the EEA", Advice: "ask the customer for the BIC"}, "debtor bic", id)
	}
	found = append(found, checkCreditor(c.Creditor, id)...)
	found = append(found, checkNotice(c, profile, run, id)...)
	creditor := c.Creditor
	creditor.Name, creditor.IBAN = Convert(creditor.Name), electronicIBAN(creditor.IBAN)
	return planned{creditor, c.CollectOn, debit, c.Invoice, c.Attempt}, found
}

// DebitOf returns the debit a candidate becomes: texts in the characters of the scheme, the address only where a bank
// outside the EEA asks for it. It checks nothing; Plan does.
func DebitOf(c Candidate) Debit {
	d := Debit{
		EndToEndID: EndToEndID(c.Invoice, c.Attempt),
		Minor:      c.Amount.Minor,
		Mandate:    c.Mandate.Reference,
		SignedOn:   c.Mandate.SignedOn,
		DebtorName: Convert(c.Mandate.DebtorName),
		IBAN:       electronicIBAN(c.Mandate.IBAN),
		BIC:        c.Mandate.BIC,
		Remittance: Convert(strings.TrimSpace(c.Invoice + " " + c.Text)),
	}
	if outsideEEA(electronicIBAN(c.Creditor.IBAN)) || outsideEEA(d.IBAN) || addressOutside(c.Address.Country) {
		d.Address = Address{c.Address.Street, c.Address.PostalCode, c.Address.City, c.Address.Country}.converted()
	}
	return d
}

// addressOutside lists the address countries that need an address although their IBANs belong to another country
// (EPC153-22, EPC409-09).
func addressOutside(code string) bool {
	return slices.Contains([]string{"GG", "IM", "JE", "PM"}, code)
}

func checkCandidate(c *Candidate, run Run, id string) CheckErrors {
	var found CheckErrors
	if c.Amount.Currency != money.EUR {
		found.add(&Fault{Code: AmountCurrency, Value: string(c.Amount.Currency), Detail: "only euro is collected by SEPA", Advice: "use another payment way"}, "amount", id)
	}
	if c.Invoice == "" || c.Attempt < 1 {
		found.add(&Fault{Code: IDLength, Detail: "invoice number or attempt is missing", Advice: "attempts count from one"}, "end-to-end id", id)
	}
	return append(found, checkMandate(c, run, id)...)
}

// checkMandate asks the rules of the mandate itself and this scheme's. Missing references and signature dates are
// found by checkDebit and the customer's own check.
func checkMandate(c *Candidate, run Run, id string) CheckErrors {
	var found CheckErrors
	if c.Mandate.Reference == "" {
		return nil
	}
	if c.Mandate.Scheme != Core {
		found.add(&Fault{Code: MandateScheme, Value: short(c.Mandate.Scheme), Detail: "only CORE mandates are collected", Advice: "a mandate of another scheme cannot be used as CORE: ask for a CORE mandate"}, "mandate", id)
	}
	if signed := c.Mandate.SignedOn; !signed.IsZero() && !isDay(signed) {
		found.add(&Fault{Code: MandateMissing, Detail: "the signature date does not exist", Advice: "enter the date on the signed form"}, "mandate", id)
		return found
	}
	on := c.CollectOn
	if !isDay(on) {
		on = run.Today // the missing date has its own fault
	}
	var refusal *customer.Refusal
	if err := c.Mandate.Check(on); errors.As(err, &refusal) {
		code := Code(refusal.Code)
		if refusal.Code == customer.MandateUnsigned {
			code = MandateMissing
		}
		found.add(&Fault{Code: code, Detail: refusal.Text}, "mandate", id)
	} else if run.Today.Before(c.Mandate.SignedOn) {
		found.add(&Fault{Code: MandateFuture, Value: c.Mandate.SignedOn.String(), Detail: "the mandate is signed in the future", Advice: "correct the signature date"}, "mandate", id)
	}
	return found
}

// checkNotice is the gate of the pre-notification: no valid notice, no debit.
func checkNotice(c *Candidate, profile Profile, run Run, id string) CheckErrors {
	var found CheckErrors
	for _, f := range checkCollectionDate(c.CollectOn, PlanInput{
		Today: run.Today, BeforeCutoff: run.BeforeCutoff, LeadDays: profile.LeadDays, HorizonDays: profile.HorizonDays,
		NoticeOn: c.Notice.SentOn, NoticeDays: c.Notice.Days, DueOn: c.DueOn,
	}) {
		found.add(f, "collection date", id)
	}
	if c.Notice.SentOn.IsZero() {
		return found
	}
	if c.Notice.Minor != c.Amount.Minor || c.Notice.CollectOn != c.CollectOn {
		found.add(&Fault{Code: DateNotice, Detail: "amount or date differ from what the customer was told", Advice: "send a new notice and wait again"}, "notice", id)
	}
	if run.Today.Before(c.Notice.SentOn) {
		found.add(&Fault{Code: DateNotice, Value: c.Notice.SentOn.String(), Detail: "the notice is dated after the run", Advice: "seal after it was sent"}, "notice", id)
	}
	return found
}
