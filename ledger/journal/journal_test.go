package journal

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wattdue/calendar"
	"wattdue/ledger"
	"wattdue/money"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func date(month time.Month, day int) calendar.Date { return calendar.NewDate(2026, month, day) }

func leg(a ledger.Account, sub string, minor int64, c money.Currency) ledger.Leg {
	return ledger.Leg{Account: a, Sub: sub, Minor: minor, Currency: c}
}

// books is a small month: an accrual, its document, one over two months of supply, a reversal, a debit, and currencies
// of other decimals.
func books() []ledger.Entry {
	accrual := ledger.NewEntry("t1", "accrual", "charge:5f0c", date(11, 1), date(10, 31),
		leg(ledger.UnbilledCharging, "V-1001", 1190, "EUR"), leg(ledger.UnbilledClearing, "", -1190, "EUR"))
	accrual.Text = "DE/ABC/4711"
	document := ledger.NewEntry("t1", "document", "document:77aa", date(11, 3), date(10, 31),
		leg(ledger.Debtors, "V-1001", 1190, "EUR"), leg(ledger.Revenue, "DE-19", -1000, "EUR"), leg(ledger.VATPayable, "DE-19", -190, "EUR"),
		leg(ledger.UnbilledClearing, "", 1190, "EUR"), leg(ledger.UnbilledCharging, "V-1001", -1190, "EUR"))
	document.Text, document.TaxMonth = "RE-2026-0000001", "2026-10"
	months := ledger.NewEntry("t1", "document", "document:77ab", date(11, 3), date(11, 1),
		leg(ledger.Debtors, "V-1002", 8, "EUR"), leg(ledger.Revenue, "DE-19:2026-10", -3, "EUR"), leg(ledger.Revenue, "DE-19:2026-11", -4, "EUR"),
		leg(ledger.VATPayable, "DE-19:2026-10", -1, "EUR"))
	months.Text = "RE-2026-0000002"
	debit := ledger.NewEntry("t1", "debit", "debit:1", date(11, 18), date(11, 18),
		leg(ledger.Transit, "", 1190, "EUR"), leg(ledger.Debtors, "V-1001", -1190, "EUR"))
	others := ledger.NewEntry("t1", "document", "document:77ac", date(11, 19), date(11, 19),
		leg(ledger.Bank, "", 1234567, "KWD"), leg(ledger.Transit, "", -1234567, "KWD"),
		leg(ledger.Bank, "", 1500, "JPY"), leg(ledger.Transit, "", -1500, "JPY"))
	return []ledger.Entry{accrual, document, months, debit, others, ledger.Reverse("t1", months, "cancel:77ab", date(11, 20))}
}

func TestGoldenJournal(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, slices.Values(books())); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "month.journal")
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("journal (-golden +got):\n%s", diff)
	}
	for _, line := range []string{
		"\n2026-11-03 document RE-2026-0000001\n",
		"    assets:debtors:V-1001                                11.90 EUR\n",
		"    income:charging:DE-19                               -10.00 EUR\n",
		"    liabilities:vat:DE-19                                -1.90 EUR\n",
		"    memo:unbilled:V-1001                                -11.90 EUR\n",
		"\ncommodity 1000.00 EUR\n", "\ncommodity 1000. JPY\n", "\ncommodity 1000.000 KWD\n",
		"\naccount memo:clearing\n",
	} {
		if !strings.Contains(b.String(), line) {
			t.Errorf("the journal lacks %q", line)
		}
	}
}

func TestForeignTextStaysInItsPlace(t *testing.T) {
	e := books()[0]
	e.Text = "DE/ABC/a;b|c\n2026-01-01 planted\n    assets:bank  1 EUR"
	e.Reference = "charge:1, planted: yes"
	var b bytes.Buffer
	if err := Write(&b, slices.Values([]ledger.Entry{e})); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if want := "2026-11-01 accrual DE/ABC/a b c 2026-01-01 planted     assets:bank  1 EUR"; lines[3] != want {
		t.Errorf("title %q, want %q", lines[3], want)
	}
	if want := ", reference: charge:1  planted: yes, value-date:"; !strings.Contains(lines[4], want) {
		t.Errorf("tags %q lack %q", lines[4], want)
	}
	if !strings.HasPrefix(lines[5], "    memo:unbilled:V-1001 ") {
		t.Errorf("first posting %q", lines[5])
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*ledger.Entry)
		text  string
	}{
		{"unbalanced", func(e *ledger.Entry) { e.Legs[0].Minor++ }, "unbalanced"},
		{"two blanks end an account", func(e *ledger.Entry) { e.Legs[0].Sub = "V  1" }, `"V  1"`},
		{"comment sign", func(e *ledger.Entry) { e.Legs[0].Sub = "V;1" }, `"V;1"`},
		{"line feed", func(e *ledger.Entry) { e.Legs[0].Sub = "V\n1" }, `"V\n1"`},
		{"empty part", func(e *ledger.Entry) { e.Legs[0].Sub = "V::1" }, `"V::1"`},
		{"colon at the end", func(e *ledger.Entry) { e.Legs[0].Sub = "V:" }, `"V:"`},
		{"no-break blank", func(e *ledger.Entry) { e.Legs[0].Sub = "V\u00a01" }, `"V\u00a01"`},
		{"unknown currency", func(e *ledger.Entry) { e.Legs[0].Currency, e.Legs[1].Currency = "XTS", "XTS" }, `"XTS"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := books()[0]
			tc.spoil(&e)
			var b bytes.Buffer
			err := Write(&b, slices.Values([]ledger.Entry{e}))
			if err == nil || !strings.Contains(err.Error(), tc.text) || !strings.Contains(err.Error(), "charge:5f0c") {
				t.Errorf("error %v, want %q and the reference", err, tc.text)
			}
		})
	}
}

// Every account of the chart has a name here: an entry on any of them can be exported.
func TestEveryAccountHasAName(t *testing.T) {
	for _, a := range []ledger.Account{
		ledger.Debtors, ledger.Revenue, ledger.FeeRevenue, ledger.Penalties, ledger.VATPayable, ledger.UnbilledCharging, ledger.UnbilledClearing, ledger.Bank, ledger.Transit,
	} {
		e := ledger.NewEntry("t1", "document", "x", date(11, 3), date(11, 3), leg(a, "", 1, "EUR"), leg(a, "S", -1, "EUR"))
		if err := Write(&bytes.Buffer{}, slices.Values([]ledger.Entry{e})); err != nil {
			t.Error(err)
		}
	}
	if len(names) != 9 {
		t.Errorf("%d accounts have names, this test knows 9", len(names))
	}
}

func TestEmptyJournal(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, slices.Values([]ledger.Entry(nil))); err != nil || b.String() != header+"\n" {
		t.Errorf("%q (%v)", b.String(), err)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteReportsAFullDisk(t *testing.T) {
	if err := Write(fullDisk{}, slices.Values(books())); !errors.Is(err, errFull) {
		t.Errorf("error %v, want disk full", err)
	}
}
