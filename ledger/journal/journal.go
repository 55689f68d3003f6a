// Package journal writes ledger entries as a plain-text journal that hledger (1.25 and later) reads in strict mode,
// so that the books can be checked with a tool that is not ours.
//
// The journal is a pure function of the entries and their order. Memo accounts are written as real balanced postings
// under memo:, apart from assets, income and liabilities. Directives for the accounts and commodities that occur
// follow at the end, where hledger accepts them as well, so that entries can be streamed.
package journal

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"wattdue/ledger"
	"wattdue/money"
)

// names holds the journal account of every ledger account; a sub-account is appended after a colon.
var names = map[ledger.Account]string{
	ledger.Debtors:          "assets:debtors",
	ledger.Bank:             "assets:bank",
	ledger.Transit:          "assets:transit",
	ledger.Revenue:          "income:charging",
	ledger.FeeRevenue:       "income:fees",
	ledger.Penalties:        "income:penalties",
	ledger.VATPayable:       "liabilities:vat",
	ledger.UnbilledCharging: "memo:unbilled",
	ledger.UnbilledClearing: "memo:clearing",
}

// header says how amounts are written, whatever the locale of the reader is.
const header = "; double-entry journal, one transaction per ledger entry; debit positive, credit negative\ndecimal-mark .\n"

// Write writes the entries in the order given, which should be booking date, then reference. A transaction shows
// booking date, kind and text (for documents the number), and carries entry id, reference, value date and tax month as
// tags. An entry that fails Check, or whose sub-account would change the structure of the file, ends the journal with
// an error that names the entry; what was written before it must then be thrown away.
func Write(w io.Writer, entries iter.Seq[ledger.Entry]) error {
	j := writer{out: bufio.NewWriter(w), accounts: map[string]bool{}, currencies: map[money.Currency]bool{}}
	j.out.WriteString(header)
	for e := range entries {
		if err := j.entry(e); err != nil {
			return err
		}
	}
	j.directives()
	if err := j.out.Flush(); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// writer keeps what was seen, for the directives. Write errors stay in out until Flush.
type writer struct {
	out        *bufio.Writer
	accounts   map[string]bool
	currencies map[money.Currency]bool
}

func (j *writer) entry(e ledger.Entry) error {
	if err := e.Check(); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	fmt.Fprintf(j.out, "\n%s %s\n", e.BookingDate, strings.TrimSpace(plain(e.Kind)+" "+plain(e.Text)))
	fmt.Fprintf(j.out, "    ; entry: %s, reference: %s, value-date: %s", e.ID, tag(e.Reference), e.ValueDate)
	if e.TaxMonth != "" {
		fmt.Fprintf(j.out, ", tax-month: %s", e.TaxMonth)
	}
	if !e.Reverses.IsZero() {
		fmt.Fprintf(j.out, ", reverses: %s", e.Reverses)
	}
	j.out.WriteByte('\n')
	for _, l := range e.Legs {
		if err := j.leg(e, l); err != nil {
			return err
		}
	}
	return nil
}

func (j *writer) leg(e ledger.Entry, l ledger.Leg) error {
	name, ok := names[l.Account]
	if !ok {
		return fmt.Errorf("write journal: entry %q: account %q has no journal account", e.Reference, l.Account)
	}
	if _, ok := l.Currency.Digits(); !ok || strings.ContainsFunc(string(l.Currency), notUpper) {
		return fmt.Errorf("write journal: entry %q: currency %q is not known", e.Reference, l.Currency)
	}
	if l.Sub != "" {
		if !fitsAccount(l.Sub) {
			return fmt.Errorf("write journal: entry %q: sub-account %q does not fit into an account name; use letters, digits, hyphens and single colons",
				e.Reference, l.Sub)
		}
		name += ":" + l.Sub
	}
	j.accounts[name] = true
	j.currencies[l.Currency] = true
	fmt.Fprintf(j.out, "    %-44s  %12s %s\n", name, l.Amount().Decimal(), l.Currency)
	return nil
}

// directives declares what occurred, in alphabetical order.
func (j *writer) directives() {
	j.out.WriteByte('\n')
	for _, c := range slices.Sorted(maps.Keys(j.currencies)) {
		sample := money.Amount{Minor: 1000, Currency: c}
		digits, _ := c.Digits()
		for range digits {
			sample.Minor *= 10
		}
		format := sample.Decimal()
		if digits == 0 {
			format += "." // a commodity directive must show the decimal mark
		}
		fmt.Fprintf(j.out, "commodity %s %s\n", format, c)
	}
	for _, name := range slices.Sorted(maps.Keys(j.accounts)) {
		fmt.Fprintf(j.out, "account %s\n", name)
	}
}

// plain replaces what would end a description or begin a comment or note by a blank.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == ';' || r == '|' {
			return ' '
		}
		return r
	}, s)
}

// tag replaces what would end a tag value as well.
func tag(s string) string { return strings.ReplaceAll(plain(s), ",", " ") }

// fitsAccount reports whether a sub-account keeps the account name one name: neither blanks, which may end it, nor
// comment signs, nor empty parts.
func fitsAccount(sub string) bool {
	if strings.HasPrefix(sub, ":") || strings.HasSuffix(sub, ":") || strings.Contains(sub, "::") {
		return false
	}
	return !strings.ContainsFunc(sub, func(r rune) bool { return r <= 0x20 || r == 0x7f || r == ';' || r == '|' || r > 0x7e })
}

func notUpper(r rune) bool { return r < 'A' || r > 'Z' }
