package checker

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Tools are the outside programs the checker stands on, as functions so that tests can stand between.
type Tools struct {
	Text     func(ctx context.Context, pdf string) (string, error)               // what a PDF file says, in its layout
	Balances func(ctx context.Context, journal string) (map[string]Cents, error) // balance of every account; nil: not asked
}

// Outside are the real programs: pdftotext and hledger.
func Outside() Tools { return Tools{Text: PDFToText, Balances: HLedger} }

// Read reads a month from its folder. Errors concern files and tools; what is wrong inside the files is told by Check.
func (t Tools) Read(ctx context.Context, dir string) (Month, error) {
	var m Month
	pdfs, err := filepath.Glob(filepath.Join(dir, "invoices", "*.pdf"))
	if err != nil || len(pdfs) == 0 {
		return m, errors.Join(fmt.Errorf("no invoices in %s", dir), err)
	}
	for _, pdf := range pdfs {
		text, err := t.Text(ctx, pdf)
		if err != nil {
			return m, err
		}
		m.Invoices = append(m.Invoices, ParseInvoice(strings.TrimSuffix(filepath.Base(pdf), ".pdf"), text))
	}
	files, err := filepath.Glob(filepath.Join(dir, "sepa", "*.xml"))
	if err != nil {
		return m, err
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return m, err
		}
		m.Bank = append(m.Bank, ParseBank(filepath.Base(file), b))
	}
	journal := filepath.Join(dir, "journal.hledger")
	b, err := os.ReadFile(journal)
	if err != nil {
		return m, err
	}
	m.Journal = ParseJournal(b)
	if b, err = os.ReadFile(filepath.Join(dir, "findings.json")); err != nil {
		return m, err
	}
	if m.Found, err = ParseFindings(b); err != nil {
		return m, err
	}
	if b, err = os.ReadFile(filepath.Join(dir, "truth.csv")); err != nil {
		return m, err
	}
	if m.Truth, err = ParseTruth(b); err != nil {
		return m, err
	}
	if t.Balances != nil {
		if m.Balances, err = t.Balances(ctx, journal); err != nil {
			(*findings)(&m.Journal.Faults).addf("hledger", "%v", err)
		}
	}
	return m, nil
}

// PDFToText runs pdftotext of poppler-utils.
func PDFToText(ctx context.Context, pdf string) (string, error) {
	out, err := run(ctx, "pdftotext", "-layout", "-enc", "UTF-8", pdf, "-")
	return string(out), err
}

// HLedger runs the strict check of hledger on a journal, and returns what it says every account holds.
func HLedger(ctx context.Context, journal string) (map[string]Cents, error) {
	if _, err := run(ctx, "hledger", "-f", journal, "check", "--strict"); err != nil {
		return nil, err
	}
	out, err := run(ctx, "hledger", "-f", journal, "balance", "--flat", "--empty", "--no-total", "-O", "csv")
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("hledger balance: %w", err)
	}
	balances := map[string]Cents{}
	for _, row := range rows[min(1, len(rows)):] {
		text := strings.TrimSuffix(row[1], " EUR")
		n, err := decimal(text, ".", 2)
		if err != nil {
			return nil, fmt.Errorf("hledger balance of %s: %w", row[0], err)
		}
		balances[row[0]] = Cents(n)
	}
	return balances, nil
}

// run runs a program and returns what it wrote; when it fails, the error holds the first lines it complained with.
func run(ctx context.Context, name string, args ...string) ([]byte, error) {
	var out, complaint bytes.Buffer
	c := exec.CommandContext(ctx, name, args...)
	c.Stdout, c.Stderr = &out, &complaint
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if err := c.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		return nil, fmt.Errorf("%s: %w: %s", name, err, strings.Join(first(lines, 5), " / "))
	}
	return out.Bytes(), nil
}
