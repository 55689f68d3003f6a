package checker

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The accounts of the books.
const (
	debtors  = "assets:debtors"
	revenue  = "income:charging"
	vat      = "liabilities:vat"
	unbilled = "memo:unbilled"
	clearing = "memo:clearing"
)

// checkJournal compares the books with the documents and the truth: every session that costs something is accrued once,
// every document is booked once, and both name the right contract, day and month of tax.
func checkJournal(f *findings, j Journal, all []Invoice, truth []Row) {
	seen := map[string]bool{}
	accruals, documents := map[string]Entry{}, map[string]Entry{}
	for _, e := range j.Entries {
		where := fmt.Sprintf("journal, line %d, %s %s", e.Line, e.Kind, e.Text)
		var sum Cents
		for _, l := range e.Legs {
			sum += l.Amount
		}
		same(f, where, "sum of the legs", sum, 0)
		for _, id := range []string{"entry " + e.ID, "reference " + e.Reference, e.Kind + " " + e.Text} {
			if seen[id] {
				f.addf(where, "%s was there before", id)
			}
			seen[id] = true
		}
		switch e.Kind {
		case "accrual":
			accruals[e.Text] = e
		case "document":
			documents[e.Text] = e
		default:
			f.addf(where, "no such entry was expected")
		}
	}
	rows := map[string]Row{}
	for _, r := range truth {
		if r.Expected != "billed" {
			continue
		}
		rows[sessionID(r.Record)] = r
		e, ok := accruals[r.Record]
		if ok != (r.Amount != 0) {
			f.addf("truth, "+r.Record, "costs %s; accrued: %v", r.Amount, ok)
		}
		if ok {
			where := "accrual " + r.Record
			same(f, where, "value date", e.ValueDate, r.End.Format(time.DateOnly))
			same(f, where, "legs", legs(e), legs(Entry{Legs: []Leg{{unbilled + ":" + r.Contract, r.Amount}, {clearing, -r.Amount}}}))
		}
		delete(accruals, r.Record)
	}
	for record := range accruals {
		f.addf("accrual "+record, "the record is not to be billed")
	}
	for i := range all {
		v := &all[i]
		e, ok := documents[v.Number]
		if !ok {
			f.addf(v.Number, "is not booked")
			continue
		}
		checkPosting(f, e, v, rows)
		delete(documents, v.Number)
	}
	for number := range documents {
		f.addf("journal, "+number, "there is no such document")
	}
}

// checkPosting compares the posting of a document with its face.
func checkPosting(f *findings, e Entry, v *Invoice, rows map[string]Row) {
	where := "posting of " + v.Number
	same(f, where, "booking date", e.Date, v.IssuedOn)
	same(f, where, "debtor "+v.Contract, e.sum(debtors+":"+v.Contract), v.Total)
	same(f, where, "all debtors", e.sum(debtors), v.Total)
	same(f, where, "revenue", e.sum(revenue), -v.Net)
	same(f, where, "clearing", e.sum(clearing), v.Total)
	same(f, where, "unbilled of "+v.Contract, e.sum(unbilled+":"+v.Contract), -v.Total)
	same(f, where, "all unbilled", e.sum(unbilled), -v.Total)
	for _, l := range e.Legs {
		if !slices.Contains([]string{debtors, revenue, vat, unbilled, clearing}, strings.Join(first(strings.Split(l.Account, ":"), 2), ":")) {
			f.addf(where, "a leg on %s", l.Account)
		}
	}
	if len(v.Taxes) != 1 {
		return // said elsewhere
	}
	same(f, where, "tax", e.sum(vat), -v.Taxes[0].Tax)
	gross := map[string]Cents{} // by month of supply
	last := ""
	for _, s := range v.Sessions {
		r, ok := rows[sessionID(s.ID)]
		if !ok {
			continue // said elsewhere
		}
		if r.Amount != 0 {
			gross[r.End.Format("2006-01")] += s.Amount
		}
		last = max(last, r.End.Format(time.DateOnly))
	}
	same(f, where, "value date", e.ValueDate, last)
	checkMonths(f, where, e, gross, v.Taxes[0].Rate)
}

// checkMonths compares revenue and tax by month of supply (UStG §13 Abs. 1 Nr. 1): one month is the tax month of the
// entry, several are accounts of their own. The tax of a month is that of all sessions up to its end, less that of
// the months before, so that the months add up to the document.
func checkMonths(f *findings, where string, e Entry, gross map[string]Cents, rate int64) {
	group := "DE-" + strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", rate/100, rate%100), "0"), ".")
	var months []string
	for month := range gross {
		months = append(months, month)
	}
	slices.Sort(months)
	if len(months) == 1 {
		same(f, where, "tax month", e.TaxMonth, months[0])
		same(f, where, "revenue and tax of "+months[0], e.sum(revenue+":"+group)+e.sum(vat+":"+group), -gross[months[0]])
		return
	}
	same(f, where, "tax month", e.TaxMonth, "")
	var upTo, before Cents
	for _, month := range months {
		upTo += gross[month]
		tax := taxIn(upTo, rate)
		account := ":" + group + ":" + month
		same(f, where, "tax of "+month, e.sum(vat+account), -(tax - before))
		same(f, where, "revenue of "+month, e.sum(revenue+account), -(gross[month] - (tax - before)))
		before = tax
	}
}

// checkBalances compares what hledger makes of the journal with the documents.
func checkBalances(f *findings, m Month) {
	want := map[string]Cents{}
	var net, tax Cents
	for _, v := range m.Invoices {
		want[debtors+":"+v.Contract] += v.Total
		net += v.Net
		for _, t := range v.Taxes {
			tax += t.Tax
		}
	}
	for source, balances := range map[string]map[string]Cents{"journal": m.Journal.balances(), "hledger": m.Balances} {
		if balances == nil {
			continue
		}
		sums := map[string]Cents{}
		for account, sum := range balances {
			switch {
			case strings.HasPrefix(account, debtors+":"):
				same(f, source, "balance of "+account, sum, want[account])
			case strings.HasPrefix(account, "memo:"):
				same(f, source, "balance of "+account, sum, 0) // all that was accrued is billed
			}
			sums[strings.Join(first(strings.Split(account, ":"), 2), ":")] += sum
		}
		for account, sum := range want {
			same(f, source, "balance of "+account, balances[account], sum)
		}
		same(f, source, "revenue", sums[revenue], -net)
		same(f, source, "tax", sums[vat], -tax)
	}
}

// first returns at most n elements.
func first(s []string, n int) []string { return s[:min(n, len(s))] }

// legs prints the legs of an entry for comparison.
func legs(e Entry) string {
	var parts []string
	for _, l := range e.Legs {
		parts = append(parts, l.Account+" "+l.Amount.String())
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
