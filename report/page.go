package report

import (
	"bytes"
	_ "embed" // page and style live in files of their own
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"wattdue/jobs/batch"
)

//go:embed page.html
var pageTemplate string

//go:embed style.css
var style string

// HTML writes the report as one page that needs nothing else: style and drawings are inside, there is no script. It
// is made for a screen, light or dark, and for A4 paper. Whatever names it shows are escaped. The error names the
// report.
func HTML(r Report) ([]byte, error) {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, fmt.Errorf("page of the report: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, newPage(r.complete())); err != nil {
		return nil, fmt.Errorf("report of %s for %s: %w", r.Tenant, r.Period, err)
	}
	return out.Bytes(), nil
}

// page is the report in the words and positions the template prints.
type page struct {
	Style                                   template.CSS // ours, from the embedded file
	Tenant, Period, AsOf, Engine, Currency  string
	Verdict                                 verdict
	Cards                                   []card
	In, Out                                 []flow
	InTotal, OutTotal                       flow
	RecordsClose, MoneyClose                bool
	Shares                                  []share
	Chart                                   chart
	HasChart                                bool
	Held, Later                             []heldRow
	HeldTotal                               string
	Findings                                []findingRow
	Found                                   []FindingLine
	FoundRest                               string
	VAT                                     []row
	VATTotal                                row
	Methods                                 []row
	MethodTotal                             row
	Bank                                    []bankRow
	BankTotal                               row
	Numbers, BankRest                       string
	Mails, Locations, Accounts, Stages, Day []row
	AccountTotal                            row
	TrialZero                               bool
	Checks                                  []Check
	Failing                                 int
	Places                                  []Place
	Next, Tariffs                           []string
}

// verdict is the first thing a reader sees: does it close, and does anybody have to act.
type verdict struct{ Class, Title, Text string }

type card struct{ Label, Value, Unit, Note, Class string }

// flow is one part of the balance formula.
type flow struct {
	Label, Note, Class string
	Records, Money     string
	records            int64
}

// row is a line of a plain table: its name, an explanation and its figures.
type row struct {
	Name, Note string
	Cells      []string
	Class      string
}

type heldRow struct {
	Records, What, ToDo, Stage, Code, Concerns string
}

type bankRow struct {
	Name, CollectOn, Debits, Sum, SHA256 string
}

func newPage(r Report) page {
	w, checks := r.words(), r.Checks()
	p := page{
		Style: template.CSS(style), Tenant: r.Tenant, Period: longPeriod(r.Period), AsOf: instant(r.AsOf), Engine: r.Engine,
		Currency: string(r.Currency), Verdict: r.verdict(checks), Cards: r.cards(w),
		Checks: checks, Failing: failing(checks), Places: r.Places, Next: r.steps(checks), Tariffs: r.Tariffs,
	}
	p.RecordsClose, p.MoneyClose = checks[0].OK, checks[1].OK
	p.In, p.Out = comings(w, r.Balance), becomings(w, r.Balance)
	p.InTotal = flow{Label: "Came in", Records: w.count(records(came(r.Balance))), Money: w.plain(minors(came(r.Balance)))}
	p.OutTotal = flow{Label: "Accounted for", Records: w.count(records(became(r.Balance))), Money: w.plain(minors(became(r.Balance)))}
	p.Shares = shares(1000, p.Out)
	p.Chart, p.HasChart = newChart(r)
	p.Held, p.Later = heldRows(r.Held)
	p.HeldTotal = w.count(heldRecords(r.Held))
	p.Findings, p.Found, p.FoundRest = findingRows(r.Findings), r.Findings.List, r.Findings.rest()
	p.VAT, p.VATTotal = vatRows(w, r.Documents)
	p.Methods, p.MethodTotal = methodRows(w, r.Documents)
	p.Bank, p.BankTotal = bankRows(w, r.BankFiles)
	p.Numbers, p.BankRest = r.Documents.numbers(), r.bankRest(w)
	p.Mails, p.Locations, p.Stages, p.Day = mailRows(r.Mails), locationRows(w, r.Locations), stageRows(r.Stages), dayRows(w, r.Days)
	p.Accounts, p.AccountTotal = accountRows(w, r.Ledger)
	trial := trialTotals(r.Ledger)
	p.TrialZero = trial.balance == total{0, true} && trial.debit.fits && trial.debit == trial.credit
	return p
}

func failing(checks []Check) int {
	n := 0
	for _, c := range checks {
		if !c.OK {
			n++
		}
	}
	return n
}

// verdict says in a sentence how the run ended.
func (r Report) verdict(checks []Check) verdict {
	if n := failing(checks); n > 0 {
		first := checks[slices.IndexFunc(checks, func(c Check) bool { return !c.OK })]
		return verdict{"bad", "The figures do not agree", "Hand in no bank file and close nothing until the cause is found. " +
			plural(int64(n), "check") + " of " + strconv.Itoa(len(checks)) + " " + verb(n, "fails", "fail") + ": " + first.Detail + "."}
	}
	waiting := r.waiting()
	switch {
	case len(waiting) > 0:
		return verdict{"wait", "Everything is accounted for", enumerate(waiting) + "."}
	case r.Balance == (batch.Balance{}):
		return verdict{"ok", "Nothing to report", "No record came in and none was waiting."}
	}
	return verdict{"ok", "Everything is accounted for", "Nothing waits for a decision."}
}

// steps are the next steps; while figures do not agree, finding out why comes before all others.
func (r Report) steps(checks []Check) []string {
	if failing(checks) == 0 {
		return r.Next
	}
	return append([]string{"Find out why the figures do not agree; take no other step before."}, r.Next...)
}

// waiting lists what a person has to look at.
func (r Report) waiting() []string {
	var list []string
	add := func(n int64, one, many string) {
		if n == 1 {
			list = append(list, "1 "+one)
		} else if n > 1 {
			list = append(list, number(n)+" "+many)
		}
	}
	add(r.Balance.Held.Records, "record is on hold", "records are on hold")
	var later, mails []int64
	for _, h := range r.Held {
		if h.concerns() != "" {
			later = append(later, h.Records)
		}
	}
	for _, m := range r.Mails {
		if m.State == "failed" || m.State == "in_doubt" {
			mails = append(mails, m.N)
		}
	}
	add(sum(later...).v, "contract or debit was set aside", "contracts or debits were set aside")
	add(sum(mails...).v, "mail needs a look", "mails need a look")
	return list
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// enumerate joins phrases as a sentence does: a, b and c.
func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// cards are the headline figures.
func (r Report) cards(w words) []card {
	d, unit := r.Documents, string(r.Currency)
	numbers := "no document"
	if d.Count > 0 {
		numbers = plural(d.Count, "document")
	}
	held := card{"On hold", number(r.Balance.Held.Records), "", "nothing waits", ""}
	if r.Balance.Held.Records > 0 {
		held.Note, held.Class = "wait for a decision", "wait"
	}
	bank := bankTotal(r.BankFiles)
	return []card{
		{"Invoiced incl. VAT", w.bare(d.Gross), unit, numbers, "lead"},
		{"Net revenue", w.bare(d.Net), unit, "plus " + w.bare(d.Tax) + " VAT", ""},
		{"Direct debits", w.plain(bank.sum), unit, w.count(bank.debits) + " in " + plural(int64(len(r.BankFiles)), "bank file"), ""},
		{"Energy sold", kWh(r.Energy), "kWh", plural(r.Sessions, "session"), ""},
		{"Records in", number(r.Balance.In.Records), "", "from " + plural(int64(r.Files), "file"), ""},
		held,
	}
}

// comings is the left side of the balance formula.
func comings(w words, b batch.Balance) []flow {
	return []flow{
		newFlow(w, "New", "arrived in this time", "in", b.In),
		newFlow(w, "Carried in", "open or on hold from before", "in", b.CarriedIn),
	}
}

// becomings is the right side of the balance formula, in the order of the formula.
func becomings(w words, b batch.Balance) []flow {
	return []flow{
		newFlow(w, "Billed", "on documents", "billed", b.Billed),
		newFlow(w, "Free", "cost nothing", "free", b.Free),
		newFlow(w, "Credited", "taken back", "credited", b.Credited),
		newFlow(w, "On hold", "wait for a decision", "held", b.Held),
		newFlow(w, "Duplicates", "sent twice, count once", "duplicate", b.Duplicate),
		newFlow(w, "Waived", "dropped or claimed", "waived", b.Waived),
		newFlow(w, "Carried out", "billed later", "carried", b.CarriedOut),
	}
}

func newFlow(w words, label, note, class string, t batch.Tally) flow {
	f := flow{Label: label, Note: note, Class: class, Records: number(t.Records), Money: w.bare(t.Minor), records: t.Records}
	if t.Minor == 0 {
		f.Money = "-" // what never got a price carries no money
	}
	if t == (batch.Tally{}) {
		f.Class += " none"
	}
	return f
}

// heldRows splits the groups into records on hold and what was set aside after pricing.
func heldRows(groups []Held) (held, later []heldRow) {
	for _, h := range groups {
		row := heldRow{number(h.Records), h.Meaning, h.ToDo, stageWords(h.Stage), h.Code, h.concerns()}
		if row.Concerns == "" {
			held = append(held, row)
		} else {
			later = append(later, row)
		}
	}
	return held, later
}
