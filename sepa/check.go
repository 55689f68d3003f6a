package sepa

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"wattdue/calendar"
)

const (
	maxCents = 99_999_999_999          // 999,999,999.99 euro per debit (GBIC_5)
	farthest = 366                     // days; profiles allow less, this only catches a wrong year
	maxSum   = 999_999_999_999_999_999 // 18 digits in all (ISO 20022 DecimalNumber)
)

// Check reports every fault that keeps the batch from being written, or nil. The error is CheckErrors. It knows no
// clock: what depends on the day is judged by the sealing time of the batch.
func Check(b SealedBatch) error {
	_, found := inspect(b)
	return found.orNil()
}

// totals is the recount of pass one.
type totals struct {
	order []int // indexes of the debits in order of end-to-end id
	sum   int64
}

func inspect(b SealedBatch) (totals, CheckErrors) {
	found := checkHeader(b)
	t := totals{order: inOrder(b.Debits)}
	needAddress := outsideEEA(electronicIBAN(b.Creditor.IBAN))
	for n, i := range t.order {
		d := &b.Debits[i]
		found = append(found, checkDebit(d, needAddress)...)
		found = append(found, checkSignature(d, b)...)
		if n > 0 && b.Debits[t.order[n-1]].EndToEndID == d.EndToEndID {
			found.add(&Fault{Code: IDDuplicate, Detail: "used twice in this file", Advice: "give every attempt its own number"}, "end-to-end id", d.EndToEndID)
		}
		if d.Minor <= maxCents && d.Minor > 0 {
			t.sum += d.Minor
		}
	}
	return t, append(found, checkTotals(b, t)...)
}

func checkHeader(b SealedBatch) CheckErrors {
	var found CheckErrors
	found.add(checkID(b.MessageID), "message id", "")
	if b.MessageID != "" && len(b.MessageID) <= maxID {
		found.add(checkID(paymentID(b.MessageID)), "payment block id", b.MessageID)
	}
	found = append(found, checkCreditor(b.Creditor, b.MessageID)...)
	if b.Scheme != Core || b.Sequence != Recurrent {
		found.add(&Fault{Code: SchemeUnknown, Value: short(b.Scheme + " " + b.Sequence), Detail: "only CORE RCUR is written", Advice: "plan this debit apart"}, "scheme", b.MessageID)
	}
	if len(b.Debits) == 0 {
		found.add(&Fault{Code: BatchEmpty, Detail: "a file needs at least one debit", Advice: "write no file"}, "", b.MessageID)
	}
	return append(found, checkBatchDates(b)...)
}

func checkBatchDates(b SealedBatch) CheckErrors {
	var found CheckErrors
	if b.Created.IsZero() || b.Created.Year() < 2000 || b.Created.Year() > 9999 {
		found.add(&Fault{Code: BatchCreated, Detail: "the sealing time is not set", Advice: "seal the batch first"}, "created", b.MessageID)
		return found
	}
	if !isDay(b.CollectOn) {
		found.add(&Fault{Code: DateMissing, Detail: "the collection date is not set", Advice: "plan the batch first"}, "collection date", b.MessageID)
		return found
	}
	sealed := sealedOn(b)
	earliest := sealed.AddBankDays(defaultLead)
	fault := func(code Code, detail string) {
		found.add(&Fault{Code: code, Value: b.CollectOn.String(), Detail: detail, Advice: "earliest allowed date is " + earliest.String()}, "collection date", b.MessageID)
	}
	switch {
	case b.CollectOn.Before(sealed):
		fault(DatePast, "collection date is before the sealing")
	case b.CollectOn.Before(earliest):
		fault(DateLead, "collection date is too near for the bank")
	case sealed.AddDays(farthest).Before(b.CollectOn):
		fault(DateHorizon, "collection date is more than a year after the sealing")
	}
	if !b.CollectOn.IsBankDay() {
		fault(DateClosed, "TARGET is closed on the collection date")
	}
	return found
}

// sealedOn is the UTC date of the sealing. All SEPA banks keep UTC or later time, the Azores apart, so it is never
// after their local date and a check against it refuses nothing that is allowed; Plan checks with the local date.
func sealedOn(b SealedBatch) calendar.Date {
	return calendar.DateOf(b.Created, time.UTC)
}

func checkCreditor(c Creditor, record string) CheckErrors {
	var found CheckErrors
	_, f := convertName(c.Name)
	found.add(f, "creditor name", record)
	iban, f := parseIBAN(c.IBAN)
	found.add(f, "creditor iban", record)
	if c.BIC != "" {
		found.add(checkBIC(c.BIC, iban), "creditor bic", record)
	}
	found.add(checkCreditorID(c.CreditorID), "creditor identifier", record)
	return found
}

func checkDebit(d *Debit, needAddress bool) CheckErrors {
	var found CheckErrors
	record := short(d.EndToEndID)
	found.add(checkID(d.EndToEndID), "end-to-end id", record)
	found.add(checkAmount(d.Minor), "amount", record)
	if d.Mandate == "" {
		found.add(&Fault{Code: MandateMissing, Detail: "no mandate", Advice: "ask for a mandate or use another payment way"}, "mandate", record)
	} else {
		found.add(checkID(d.Mandate), "mandate reference", record)
	}
	_, f := convertName(d.DebtorName)
	found.add(f, "debtor name", record)
	iban, f := parseIBAN(d.IBAN)
	found.add(f, "debtor iban", record)
	if d.BIC != "" {
		found.add(checkBIC(d.BIC, iban), "debtor bic", record)
	}
	_, f = convertRemittance(d.Remittance)
	found.add(f, "remittance text", record)
	return append(found, checkAddress(d.Address, needAddress || outsideEEA(iban), record)...)
}

func checkAmount(cents int64) *Fault {
	if cents >= 1 && cents <= maxCents {
		return nil
	}
	return &Fault{
		Code: AmountRange, Value: fmt.Sprintf("%d cents", cents), Detail: "amount is not between 0.01 and 999999999.99",
		Advice: "zero or credit invoices are not collected: settle or pay out",
	}
}

func checkSignature(d *Debit, b SealedBatch) CheckErrors {
	var found CheckErrors
	record := short(d.EndToEndID)
	switch {
	case !isDay(d.SignedOn):
		found.add(&Fault{Code: MandateMissing, Detail: "the mandate has no signature date", Advice: "enter the date on the signed form"}, "mandate", record)
	case !isDay(b.CollectOn) || b.Created.IsZero():
		return nil // the batch has its own fault
	case b.CollectOn.Before(d.SignedOn), sealedOn(b).AddDays(1).Before(d.SignedOn):
		found.add(&Fault{Code: MandateFuture, Value: d.SignedOn.String(), Detail: "the mandate is signed in the future", Advice: "correct the signature date"}, "mandate", record)
	}
	return found
}

func checkTotals(b SealedBatch, t totals) CheckErrors {
	var found CheckErrors
	if t.sum > maxSum {
		found.add(&Fault{Code: CountSum, Detail: "the sum has more than 18 digits", Advice: "split the batch"}, "sum", b.MessageID)
	}
	sealed := b.Count != 0 || b.Sum != 0
	if sealed && (b.Count != len(b.Debits) || b.Sum != t.sum) {
		found.add(&Fault{
			Code: CountSum, Value: fmt.Sprintf("sealed %d for %d cents, recount %d for %d cents", b.Count, b.Sum, len(b.Debits), t.sum),
			Detail: "count or sum differ from the sealed batch", Advice: "internal fault: stop, nothing was written",
		}, "totals", b.MessageID)
	}
	return found
}

// isDay reports whether a date is set and exists in the calendar, in a century an XML date can be trusted with.
func isDay(d calendar.Date) bool {
	return d.Year >= 1900 && d.Year <= 9999 && calendar.NewDate(d.Year, d.Month, d.Day) == d
}

// inOrder returns the indexes of the debits in order of end-to-end id; equal ids keep their order.
func inOrder(debits []Debit) []int {
	order := make([]int, len(debits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(debits[a].EndToEndID, debits[b].EndToEndID) })
	return order
}
