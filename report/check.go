package report

import (
	"fmt"

	"wattdue/jobs/batch"
	"wattdue/money"
)

// Check is one comparison of figures that must agree.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // both figures, as people write them
}

// Checks compares the figures of the report with each other. Comparisons that need figures the report does not have
// (a trial balance, a breakdown of the documents) are left out.
func (r Report) Checks() []Check {
	b, w := r.Balance, r.words()
	in, out := came(b), became(b)
	checks := []Check{
		w.equal("Every record is accounted for", w.count, "came in", records(in), "accounted for", records(out)),
		w.equal("Every amount is accounted for", w.amount, "came in", minors(in), "accounted for", minors(out)),
		w.equal("Billed charges equal the ledger", w.amount, billedWords(b), sum(b.Billed.Minor, b.Fees.Minor, b.TaxOnTop),
			"booked to debtors", sum(b.BilledBooked)),
		w.equal("Unbilled charges equal the ledger", w.amount, "carried out", sum(b.CarriedOut.Minor), "booked as unbilled", sum(b.UnbilledBooked)),
		w.equal("Held records are all explained", w.count, "on hold", sum(b.Held.Records), "listed with a reason", heldRecords(r.Held)),
	}
	checks = append(checks, r.documentChecks(w)...)
	if len(r.Ledger) > 0 {
		checks = append(checks, r.trialCheck(w))
	}
	return checks
}

func (r Report) documentChecks(w words) []Check {
	d := r.Documents
	checks := []Check{
		w.equal("Documents equal the ledger", w.amount, "documents", sum(d.Gross), "booked to debtors", sum(r.Balance.BilledBooked)),
		w.equal("Net and VAT make the gross", w.amount, "net + VAT", sum(d.Net, d.Tax), "gross", sum(d.Gross)),
	}
	if len(d.VAT) > 0 {
		checks = append(checks, r.vatCheck(w))
	}
	if len(d.ByMethod) > 0 {
		var gross []int64
		for _, m := range d.ByMethod {
			gross = append(gross, m.Gross)
		}
		checks = append(checks, w.equal("Payment methods add up", w.amount, "payment methods", sum(gross...), "documents", sum(d.Gross)))
	}
	return checks
}

// vatCheck compares each column of the VAT table with the documents; it shows the first that differs.
func (r Report) vatCheck(w words) Check {
	d, t := r.Documents, vatTotals(r.Documents.VAT)
	const name = "VAT rates add up"
	for _, c := range []Check{
		w.equal(name, w.amount, "net by rate", t.net, "documents", sum(d.Net)),
		w.equal(name, w.amount, "VAT by rate", t.tax, "documents", sum(d.Tax)),
	} {
		if !c.OK {
			return c
		}
	}
	return w.equal(name, w.amount, "gross by rate", t.gross, "documents", sum(d.Gross))
}

// trialCheck proves the trial balance: debits equal credits, and every balance is the difference of its sides.
func (r Report) trialCheck(w words) Check {
	const name = "The trial balance is zero"
	t := trialTotals(r.Ledger)
	for _, a := range r.Ledger {
		if c := w.equal(name, w.amount, "balance of "+a.Account, sum(a.Balance), "debit - credit", difference(a.Debit, a.Credit)); !c.OK {
			return c
		}
	}
	return w.equal(name, w.amount, "debits", t.debit, "credits", t.credit)
}

// Closes reports whether every check holds.
func (r Report) Closes() bool {
	for _, c := range r.Checks() {
		if !c.OK {
			return false
		}
	}
	return true
}

// equal makes a check of two totals.
func (words) equal(name string, show func(total) string, left string, a total, right string, b total) Check {
	return Check{Name: name, OK: a.fits && a == b, Detail: fmt.Sprintf("%s %s, %s %s", left, show(a), right, show(b))}
}

// total is a sum that may have become too large for its integer; then it equals nothing.
type total struct {
	v    int64
	fits bool
}

// sum adds up values.
func sum(values ...int64) total {
	var t money.Amount
	for _, v := range values {
		next, err := t.Add(money.Amount{Minor: v})
		if err != nil {
			return total{}
		}
		t = next
	}
	return total{t.Minor, true}
}

func difference(a, b int64) total {
	if b == -b { // zero, or the lowest integer, which has no mirror
		return total{a, b == 0}
	}
	return sum(a, -b)
}

// billedWords says what documents show: charges, and what comes beside them.
func billedWords(b batch.Balance) string {
	text := "billed"
	if b.Fees != (batch.Tally{}) {
		text += " with " + number(b.Fees.Records) + " fees"
	}
	if b.TaxOnTop != 0 {
		text += " and VAT on net prices"
	}
	return text
}

// came is what came in.
func came(b batch.Balance) []batch.Tally { return []batch.Tally{b.In, b.CarriedIn} }

// became is what became of it, in the order of the formula.
func became(b batch.Balance) []batch.Tally {
	return []batch.Tally{b.Billed, b.Free, b.Credited, b.Held, b.Duplicate, b.Waived, b.CarriedOut}
}

func records(tallies []batch.Tally) total {
	var v []int64
	for _, t := range tallies {
		v = append(v, t.Records)
	}
	return sum(v...)
}

func minors(tallies []batch.Tally) total {
	var v []int64
	for _, t := range tallies {
		v = append(v, t.Minor)
	}
	return sum(v...)
}

// heldRecords counts charge records on hold; contracts and debits set aside later are none.
func heldRecords(groups []Held) total {
	var v []int64
	for _, h := range groups {
		if h.concerns() == "" {
			v = append(v, h.Records)
		}
	}
	return sum(v...)
}

type vatTotal struct{ net, tax, gross total }

func vatTotals(rows []VATSum) vatTotal {
	var net, tax, gross []int64
	for _, v := range rows {
		net, tax, gross = append(net, v.Net), append(tax, v.Tax), append(gross, v.Gross)
	}
	return vatTotal{sum(net...), sum(tax...), sum(gross...)}
}

type trialTotal struct{ debit, credit, balance total }

func trialTotals(rows []AccountSum) trialTotal {
	var debit, credit, balance []int64
	for _, a := range rows {
		debit, credit, balance = append(debit, a.Debit), append(credit, a.Credit), append(balance, a.Balance)
	}
	return trialTotal{sum(debit...), sum(credit...), sum(balance...)}
}
