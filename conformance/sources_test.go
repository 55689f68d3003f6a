package conformance

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wattdue/conformance/checker"
)

// sources is the text of a month, to be changed by a cent.
type sources struct {
	pages          map[string]string // text of the PDFs, by number
	bank           map[string]string
	journal, truth string
	read           checker.Month // of the above, unchanged
}

// readSources reads the month, once for all tests.
func readSources(t testing.TB) sources {
	t.Helper()
	need(t, "pdftotext")
	dir := month(t)
	if unplanted != nil {
		return *unplanted
	}
	s := sources{pages: map[string]string{}, bank: map[string]string{}}
	for _, file := range glob(t, filepath.Join(dir, "invoices", "*.pdf")) {
		text, err := checker.PDFToText(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		number := strings.TrimSuffix(filepath.Base(file), ".pdf")
		s.pages[number] = text
		s.read.Invoices = append(s.read.Invoices, checker.ParseInvoice(number, text))
	}
	for _, file := range glob(t, filepath.Join(dir, "sepa", "*.xml")) {
		s.bank[filepath.Base(file)] = string(read(t, file))
		s.read.Bank = append(s.read.Bank, checker.ParseBank(filepath.Base(file), read(t, file)))
	}
	s.journal, s.truth = string(read(t, filepath.Join(dir, "journal.hledger"))), string(read(t, filepath.Join(dir, "truth.csv")))
	s.read.Journal = checker.ParseJournal([]byte(s.journal))
	var err error
	if s.read.Truth, err = checker.ParseTruth([]byte(s.truth)); err != nil {
		t.Fatal(err)
	}
	if s.read.Found, err = checker.ParseFindings(read(t, filepath.Join(dir, "findings.json"))); err != nil {
		t.Fatal(err)
	}
	if found := s.read.Check(); len(found) > 0 {
		t.Fatalf("the month disagrees before anything is planted: %v", found)
	}
	unplanted = &s
	return s
}

// unplanted is the month as it is.
var unplanted *sources

// withPage is the month with another text of one document.
func (s sources) withPage(number, text string) checker.Month {
	m := s.read
	m.Invoices = slices.Clone(m.Invoices)
	for i := range m.Invoices {
		if m.Invoices[i].File == number {
			m.Invoices[i] = checker.ParseInvoice(number, text)
		}
	}
	return m
}

func (s sources) withBank(file, text string) checker.Month {
	m := s.read
	m.Bank = slices.Clone(m.Bank)
	for i := range m.Bank {
		if m.Bank[i].File == file {
			m.Bank[i] = checker.ParseBank(file, []byte(text))
		}
	}
	return m
}

func (s sources) withJournal(text string) checker.Month {
	m := s.read
	m.Journal = checker.ParseJournal([]byte(text))
	return m
}

func (s sources) withTruth(t testing.TB, text string) checker.Month {
	t.Helper()
	m := s.read
	var err error
	if m.Truth, err = checker.ParseTruth([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return m
}

// The amounts of four of the sources; the group is the number. A price per unit on a page is no amount.
var (
	pageAmount    = regexp.MustCompile(`(-?\d{1,3}(?:\.\d{3})*,\d\d) ?€(?:[^/]|$)`)
	bankAmount    = regexp.MustCompile(`<(?:InstdAmt Ccy="EUR"|CtrlSum)>(\d+\.\d\d)</`)
	journalAmount = regexp.MustCompile(`\n {4}\S+ +(-?\d+\.\d\d) EUR`)
	truthAmount   = regexp.MustCompile(`,(\d+\.\d\d)(?:,|\n)`)
)

// place is where an amount stands in a text.
type place struct{ from, to int }

func places(text string, amount *regexp.Regexp) []place {
	var found []place
	for at := 0; ; {
		m := amount.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return found
		}
		found = append(found, place{at + m[2], at + m[3]})
		at += m[3] // the mark behind one amount may stand before the next
	}
}

// plant changes the amount at a place by so many cents and leaves its writing as it is.
func plant(t testing.TB, text string, p place, cents int64) string {
	t.Helper()
	old := text[p.from:p.to]
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", ",", "").Replace(old), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	n += cents
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	mark := old[len(old)-3 : len(old)-2]
	whole := strconv.FormatInt(n/100, 10)
	if mark == "," && len(whole) > 3 {
		whole = whole[:len(whole)-3] + "." + whole[len(whole)-3:]
	}
	return text[:p.from] + fmt.Sprintf("%s%s%s%02d", sign, whole, mark, n%100) + text[p.to:]
}

// cent is one more or one less.
func cent(r *rand.Rand) int64 { return 2*r.Int64N(2) - 1 }

// line is the line of a text around a place, for messages.
func line(text string, p place) string {
	from := strings.LastIndexByte(text[:p.from], '\n') + 1
	rest, _, _ := strings.Cut(text[from:], "\n")
	return strings.Join(strings.Fields(rest), " ")
}
