package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/cdr"
	"wattdue/jobs/batch"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs; look at it, then run with -update:\n%s", name, cmp.Diff(string(want), string(got)))
	}
}

func pageOf(t testing.TB, r Report) string {
	t.Helper()
	b, err := HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func jsonOf(t testing.TB, r Report) []byte {
	t.Helper()
	b, err := JSON(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// brokenMonth lost one record and one cent on the way.
func brokenMonth() Report {
	r := monthReport()
	r.Balance.Duplicate.Records--
	r.Documents.ByMethod[1].Gross--
	return r
}

func TestGoldens(t *testing.T) {
	for name, r := range map[string]Report{"month": monthReport(), "broken": brokenMonth(), "empty": {}} {
		golden(t, name+".txt", []byte(Text(r)))
		golden(t, name+".html", []byte(pageOf(t, r)))
	}
	golden(t, "month.json", jsonOf(t, monthReport()))
}

// The sums of the month, in the words of the page: each is worked out by hand beside monthReport.
func TestPageShowsTheSums(t *testing.T) {
	for shown, outputs := range map[string][]string{
		"the page":   {pageOf(t, monthReport()), "39,617.37", "33,283.47", "6,333.90", "29,212.40", "74,812", "3,035", "39,640.27", "118,875.01", "267.72 EUR", "On hold: 58 records"},
		"the screen": {Text(monthReport()), "39,617.37", "33,283.47", "6,133.10", "200.80", "74,812", "3,035", "39,640.27", "22,010.33"},
	} {
		for _, want := range outputs[1:] {
			if !strings.Contains(outputs[0], want) {
				t.Errorf("%s does not show %s", shown, want)
			}
		}
	}
}

func TestTheMonthAddsUp(t *testing.T) {
	r := monthReport()
	checks := r.Checks()
	if len(checks) != 10 {
		t.Errorf("%d checks, want 10", len(checks))
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
	var sessions, gross int64
	var energy cdr.MicroKWh
	for _, d := range r.Days {
		sessions, energy, gross = sessions+d.Sessions, energy+d.Energy, gross+d.Gross
	}
	if sessions != 2959 || energy != 74_812_456_000 || gross != 3_961_737 {
		t.Errorf("the days of the fixture come to %d sessions, %d micro-kWh, %d cents", sessions, energy, gross)
	}
}

// Whatever is off by one is found, and said by all three outputs.
func TestOneOffIsFound(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Report)
		want   string // the checks that fail
		detail string // of the first
	}{
		{"a record is lost", func(r *Report) { r.Balance.Free.Records-- }, "Every record is accounted for", "came in 3,035, accounted for 3,034"},
		{"a cent is lost on the way", func(r *Report) { r.Balance.Waived.Minor-- }, "Every amount is accounted for", "came in 39,640.27 EUR, accounted for 39,640.26 EUR"},
		{"the ledger billed a cent more", func(r *Report) { r.Balance.BilledBooked++ }, "Billed charges equal the ledger; Documents equal the ledger", "billed 39,617.37 EUR, booked to debtors 39,617.38 EUR"},
		{"the ledger holds a cent less", func(r *Report) { r.Balance.UnbilledBooked-- }, "Unbilled charges equal the ledger", "carried out 22.90 EUR, booked as unbilled 22.89 EUR"},
		{"a held record has no reason", func(r *Report) { r.Held[0].Records-- }, "Held records are all explained", "on hold 58, listed with a reason 57"},
		{"net is off", func(r *Report) { r.Documents.Net++ }, "Net and VAT make the gross; VAT rates add up", "net + VAT 39,617.38 EUR, gross 39,617.37 EUR"},
		{"a rate's net is off", func(r *Report) { r.Documents.VAT[0].Net-- }, "VAT rates add up", "net by rate 33,283.46 EUR, documents 33,283.47 EUR"},
		{"a rate's tax is off", func(r *Report) { r.Documents.VAT[1].Tax++ }, "VAT rates add up", "VAT by rate 6,333.91 EUR, documents 6,333.90 EUR"},
		{"a rate's gross is off", func(r *Report) { r.Documents.VAT[1].Gross++ }, "VAT rates add up", "gross by rate 39,617.38 EUR, documents 39,617.37 EUR"},
		{"a payment method is off", func(r *Report) { r.Documents.ByMethod[0].Gross-- }, "Payment methods add up", "payment methods 39,617.36 EUR, documents 39,617.37 EUR"},
		{"an account's balance is off", func(r *Report) { r.Ledger[4].Balance++ }, "The trial balance is zero", "balance of vat -6,333.89 EUR, debit - credit -6,333.90 EUR"},
		{"a leg is missing", func(r *Report) { r.Ledger[0].Debit--; r.Ledger[0].Balance-- }, "The trial balance is zero", "debits 118,875.00 EUR, credits 118,875.01 EUR"},
		{"a sum overflows", func(r *Report) { r.Balance.Free.Records = 1<<63 - 1 }, "Every record is accounted for", "came in 3,035, accounted for too large to add up"},
	}
	for _, c := range cases {
		r := monthReport()
		c.change(&r)
		var names []string
		detail := ""
		for _, k := range r.Checks() {
			if !k.OK {
				names = append(names, k.Name)
				if detail == "" {
					detail = k.Detail
				}
			}
		}
		if got := strings.Join(names, "; "); got != c.want || detail != c.detail {
			t.Errorf("%s: got %q: %q, want %q: %q", c.name, got, detail, c.want, c.detail)
		}
		if r.Closes() || !strings.Contains(Text(r), "!!  The figures do not agree") || !strings.Contains(pageOf(t, r), `class="verdict whole bad"`) ||
			!bytes.Contains(jsonOf(t, r), []byte(`"closes": false`)) {
			t.Errorf("%s: not said by every output", c.name)
		}
	}
}

// Each part of the formula counts: one record or one cent more in any of them, and it does not close.
func TestFormulaHasEveryPart(t *testing.T) {
	parts := func(b *batch.Balance) []*batch.Tally {
		return []*batch.Tally{&b.In, &b.CarriedIn, &b.Billed, &b.Free, &b.Credited, &b.Held, &b.Duplicate, &b.Waived, &b.CarriedOut}
	}
	for i := range parts(&batch.Balance{}) {
		r, s := monthReport(), monthReport()
		parts(&r.Balance)[i].Records++
		parts(&s.Balance)[i].Minor++
		if c := r.Checks()[0]; c.OK {
			t.Errorf("part %d: a record more and still %s", i, c.Detail)
		}
		if c := s.Checks()[1]; c.OK {
			t.Errorf("part %d: a cent more and still %s", i, c.Detail)
		}
	}
}

func TestSumsBeyondCountingNeverAgree(t *testing.T) {
	var r Report
	r.Balance.In.Records, r.Balance.CarriedIn.Records = 1<<62, 1<<62
	r.Balance.Billed.Records, r.Balance.Free.Records = 1<<62, 1<<62
	if c := r.Checks()[0]; c.OK || c.Detail != "came in too large to add up, accounted for too large to add up" {
		t.Errorf("got %+v", c)
	}
}

func TestVerdict(t *testing.T) {
	quiet := monthReport()
	quiet.Held = nil
	quiet.Balance.Held.Records, quiet.Balance.Duplicate.Records = 0, 72
	quiet.Mails = []StateSum{{"sent", 267}}
	doubt := quiet
	doubt.Mails = []StateSum{{"sent", 266}, {"in_doubt", 1}}
	held := quiet
	held.Balance.Held.Records, held.Balance.Duplicate.Records = 1, 71
	held.Held = []Held{{Stage: "verify", Code: "exception", Records: 1}, {Stage: "draft", Code: "address-missing", Records: 2}}
	cases := []struct {
		name string
		r    Report
		want verdict
	}{
		{"nothing at all", Report{}, verdict{"ok", "Nothing to report", "No record came in and none was waiting."}},
		{"nothing waits", quiet, verdict{"ok", "Everything is accounted for", "Nothing waits for a decision."}},
		{"a mail in doubt", doubt, verdict{"wait", "Everything is accounted for", "1 mail needs a look."}},
		{"one record and two contracts", held, verdict{"wait", "Everything is accounted for", "1 record is on hold and 2 contracts or debits were set aside."}},
		{"all three", monthReport(), verdict{"wait", "Everything is accounted for", "58 records are on hold, 2 contracts or debits were set aside and 2 mails need a look."}},
		{"broken", brokenMonth(), verdict{"bad", "The figures do not agree", "Hand in no bank file and close nothing until the cause is found. 2 checks of 10 fail: came in 3,035, accounted for 3,034."}},
	}
	for _, c := range cases {
		if got := c.r.verdict(c.r.Checks()); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBankRest(t *testing.T) {
	r := monthReport()
	if got, want := r.bankRest(r.words()), "To be paid by direct debit: 29,480.12 EUR. Not in these files: 267.72 EUR, because debits are set aside or their notice is not sent yet."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.BankFiles[0].Sum += 26_772
	if got := r.bankRest(r.words()); got != "" {
		t.Errorf("all debits are in files, but: %q", got)
	}
}

func TestJSONIsCompleteAndComesBack(t *testing.T) {
	if b := jsonOf(t, Report{}); bytes.Contains(b, []byte("null")) || !bytes.HasSuffix(b, []byte("\n}\n")) {
		t.Errorf("empty report has null or no end of line:\n%s", b)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		b, err := JSON(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Report
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r.complete(), back); diff != "" {
			t.Fatalf("does not come back:\n%s", diff)
		}
	})
}

func TestJSONRefusesImpossibleTimes(t *testing.T) {
	_, err := JSON(Report{Tenant: "nordlicht", Period: "2026-10", AsOf: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err == nil || !strings.Contains(err.Error(), "report of nordlicht for 2026-10") {
		t.Errorf("got %v", err)
	}
}

// The report belongs to its caller: nothing in it is filled in or sorted.
func TestOutputsLeaveTheReportAlone(t *testing.T) {
	r := monthReport()
	r.Days[0], r.Days[30] = r.Days[30], r.Days[0]
	before := monthReport()
	before.Days[0], before.Days[30] = before.Days[30], before.Days[0]
	Text(r)
	pageOf(t, r)
	jsonOf(t, r)
	if diff := cmp.Diff(before, r); diff != "" {
		t.Error(diff)
	}
}

// What documents show beside charges, fees of plans and VAT on net prices, was debited as well.
func TestFeesAndTaxOnTopAreInTheLedger(t *testing.T) {
	r := monthReport()
	r.Balance.Fees, r.Balance.TaxOnTop = batch.Tally{Records: 3, Minor: 2675}, 190
	find := func() Check {
		for _, c := range r.Checks() {
			if c.Name == "Billed charges equal the ledger" {
				return c
			}
		}
		t.Fatal("no such check")
		return Check{}
	}
	if c := find(); c.OK {
		t.Errorf("fees that are not in the ledger: %+v", c)
	}
	r.Balance.BilledBooked += 2675 + 190
	if c := find(); !c.OK || !strings.HasPrefix(c.Detail, "billed with 3 fees and VAT on net prices ") {
		t.Errorf("check %+v", c)
	}
}
