package conformance

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wattdue/conformance/checker"
)

// TestOtherChangesAreFound changes what is no amount: names of things, days, order. The checker must find those, too.
func TestOtherChangesAreFound(t *testing.T) {
	s := readSources(t)
	var debit, account checker.Invoice
	for _, v := range s.read.Invoices {
		if v.Debit {
			debit = v
		} else {
			account = v
		}
	}
	file, bank := "", ""
	for f, text := range s.bank {
		file, bank = f, text
	}
	page, own := s.pages[debit.File], s.pages[account.File]
	changed := func(text, old, by string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("there is no %q", old)
		}
		return strings.Replace(text, old, by, 1)
	}
	// The same length keeps the layout of a page.
	other := func(s string) string { return s[:len(s)-1] + string('0'+(s[len(s)-1]-'0'+1)%10) }
	session := debit.Sessions[0]
	tests := map[string]checker.Month{
		"contract on paper":             s.withPage(debit.File, strings.ReplaceAll(page, debit.Contract, other(debit.Contract))),
		"customer on paper":             s.withPage(debit.File, strings.ReplaceAll(page, debit.Customer, other(debit.Customer))),
		"number on paper":               s.withPage(debit.File, strings.ReplaceAll(page, debit.Number, other(debit.Number))),
		"mandate on paper":              s.withPage(debit.File, strings.ReplaceAll(page, debit.Mandate, other(debit.Mandate))),
		"account on paper":              s.withPage(debit.File, changed(page, debit.IBAN, other(debit.IBAN))),
		"day of collection on paper":    s.withPage(debit.File, strings.ReplaceAll(page, "09.11.2026", "10.11.2026")),
		"session on paper":              s.withPage(debit.File, changed(page, session.ID, other(session.ID))),
		"EVSE on paper":                 s.withPage(debit.File, changed(page, session.EVSE, other(session.EVSE))),
		"start on paper":                s.withPage(debit.File, changed(page, session.Start[11:16]+" –", other(session.Start[11:16])+" –")),
		"transfer instead of a debit":   s.withPage(debit.File, changed(page, "Den Rechnungsbetrag ziehen wir am", "Bitte überweisen Sie den Rechnungsbetrag bis zum")),
		"no way of payment":             s.withPage(account.File, changed(own, "Bitte überweisen Sie", "Bitte zahlen Sie")),
		"mandate in the bank file":      s.withBank(file, changed(bank, debit.Mandate, other(debit.Mandate))),
		"day in the bank file":          s.withBank(file, changed(bank, "<ReqdColltnDt>2026-11-09", "<ReqdColltnDt>2026-11-10")),
		"account in the bank file":      s.withBank(file, changed(bank, "<DbtrAcct><Id><IBAN>DE", "<DbtrAcct><Id><IBAN>AT")),
		"creditor in the bank file":     s.withBank(file, changed(bank, "DE98ZZZ09999999999", "DE98ZZZ09999999998")),
		"purpose in the bank file":      s.withBank(file, changed(bank, "<Ustrd>"+debit.Number, "<Ustrd>"+account.Number)),
		"count in the bank file":        s.withBank(file, changed(bank, "<NbOfTxs>", "<NbOfTxs>1")),
		"currency in the bank file":     s.withBank(file, changed(bank, `Ccy="EUR"`, `Ccy="CHF"`)),
		"message of another kind":       s.withBank(file, changed(bank, "pain.008.001.08", "pain.008.001.02")),
		"debtor in the books":           s.withJournal(changed(s.journal, "assets:debtors:"+debit.Contract, "assets:debtors:"+account.Contract)),
		"contract of an accrual":        s.withJournal(changed(s.journal, "memo:unbilled:"+debit.Contract+" ", "memo:unbilled:"+account.Contract+" ")),
		"number in the books":           s.withJournal(changed(s.journal, "document "+debit.Number, "document "+debit.Number+"0")),
		"month of tax in the books":     s.withJournal(changed(s.journal, "tax-month: 2026-10", "tax-month: 2026-11")),
		"account of revenue":            s.withJournal(changed(s.journal, "income:charging:DE-19 ", "income:charging:DE-16 ")),
		"an entry twice":                s.withJournal(s.journal + s.journal[strings.Index(s.journal, "\n20"):strings.Index(s.journal, "\n\ncommodity")]),
		"a line nobody knows":           s.withJournal(s.journal + "\n~ monthly\n"),
		"contract in the truth":         s.withTruth(t, changed(s.truth, ","+debit.Contract+",", ","+account.Contract+",")),
		"period in the truth":           s.withTruth(t, changed(s.truth, ",billed,,2026-10,", ",billed,,2026-11,")),
		"a record missing in the truth": s.withTruth(t, s.truth[:strings.Index(s.truth, "\n")]+s.truth[strings.Index(s.truth, ",billed,")+strings.Index(s.truth[strings.Index(s.truth, ",billed,"):], "\n"):]),
	}
	for name, m := range tests {
		if len(m.Check()) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
	m := s.read
	m.Invoices = m.Invoices[1:]
	if len(m.Check()) == 0 {
		t.Error("a document is missing: not found")
	}
	m = s.read
	m.Bank = nil
	if len(m.Check()) == 0 {
		t.Error("the bank file is missing: not found")
	}
}

// copyMonth copies the sources of the month, and nothing else of it.
func copyMonth(t *testing.T) string {
	t.Helper()
	copied := t.TempDir()
	for _, pattern := range []string{"invoices/*.pdf", "sepa/*.xml", "journal.hledger", "findings.json", "truth.csv"} {
		for _, file := range glob(t, filepath.Join(month(t), pattern)) {
			at := filepath.Join(copied, filepath.Dir(pattern))
			if err := errors.Join(os.MkdirAll(at, 0o755), os.WriteFile(filepath.Join(at, filepath.Base(file)), read(t, file), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return copied
}

// TestCheckCommand runs the checker as a person does, on the sources alone: it says that all agrees, and with a cent
// planted in any of the files it fails and names the place.
func TestCheckCommand(t *testing.T) {
	need(t, "pdftotext", "hledger")
	s := readSources(t)
	program := filepath.Join(t.TempDir(), "check")
	output(t, "go", "build", "-o", program, "./check")
	dir := copyMonth(t)
	if out := output(t, program, dir); !strings.Contains(out, " agree") {
		t.Errorf("the month as it is: %s", out)
	}
	for _, pattern := range []string{"sepa/*.xml", "journal.hledger", "truth.csv"} {
		file := glob(t, filepath.Join(dir, pattern))[0]
		old := string(read(t, file))
		amounts := places(old, map[string]*regexp.Regexp{".xml": bankAmount, ".hledger": journalAmount, ".csv": truthAmount}[filepath.Ext(file)])
		if err := os.WriteFile(file, []byte(plant(t, old, amounts[len(amounts)/2], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), program, dir).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || len(out) == 0 {
			t.Errorf("a cent in %s: %v %s, want findings and status 1", pattern, err, out)
		}
		if err := os.WriteFile(file, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	number := s.read.Invoices[0].File
	on := checker.Tools{Text: func(ctx context.Context, pdf string) (string, error) {
		text, err := checker.PDFToText(ctx, pdf)
		if err == nil && strings.Contains(pdf, number) {
			text = plant(t, text, places(text, pageAmount)[0], 1)
		}
		return text, err
	}}
	m, err := on.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	found := m.Check()
	if len(found) == 0 {
		t.Error("a cent on paper is not found")
	}
	for _, f := range found {
		if f.Where != number {
			t.Errorf("a cent on %s is found elsewhere: %v", number, f)
		}
	}
	if out, err := exec.CommandContext(t.Context(), program, t.TempDir()).CombinedOutput(); err == nil {
		t.Errorf("an empty folder agrees: %s", out)
	}
}
