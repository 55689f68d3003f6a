package checker

import (
	"strings"
	"time"
)

// Invoice is what a customer reads on paper.
type Invoice struct {
	File     string // name without .pdf
	Number   string
	IssuedOn string // dates are written YYYY-MM-DD
	Customer string
	Contract string
	From, To string // first and last day of the period
	PayOn    string // day of collection or the day it is due
	Debit    bool   // a direct debit is announced
	Mandate  string
	Creditor string // creditor identifier
	IBAN     string // of the debtor, masked; of the issuer on account
	Gross    bool   // prices include VAT

	Net, Total Cents
	Taxes      []Tax   // below the sum, one for each rate
	Groups     []Tax   // the rows of the VAT table
	Services   []Line  // sums per component
	Repeats    []Cents // other places that state the total
	Energies   []microKWh
	Counts     []int // other places that state the number of sessions
	Pages      []page
	Sessions   []Session
	Faults     []Finding // what could not be read

	once map[string]string // particulars read so far, by label
}

type page struct{ number, of int }

// Tax is a VAT rate in hundredths of a per cent with its sums.
type Tax struct {
	Rate            int64
	Net, Tax, Gross Cents
}

// Line is a priced line of a session or the sum of a component over the document.
type Line struct {
	Component string // energy, charging, idle, session
	Quantity  int64  // micro-kWh, seconds or count
	Unit      int64  // millionths of a euro per kWh, minute or session
	Amount    Cents
}

// Session is one row of the table of sessions.
type Session struct {
	Place      int // 1 for the first
	ID         string
	EVSE       string
	Start, End string // local, YYYY-MM-DDTHH:MM, followed by the offset where the page shows one
	Begin      microKWh
	Finish     microKWh // register at the end
	Metered    bool     // readings are shown
	Energy     microKWh
	Amount     Cents
	Lines      []Line

	finished bool
	pending  string // component whose price stands on the next line
}

// ParseInvoice reads the text of a document as pdftotext -layout writes it. What it cannot make sense of is among the
// faults; an amount on a line that it does not know is one of them, so that no cent on the page goes unread.
func ParseInvoice(file, text string) Invoice {
	v := Invoice{File: file, once: map[string]string{}}
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\f' }) {
		v.read(strings.TrimRight(line, " \r"))
	}
	v.finish(strings.Count(text, "\f"))
	return v
}

// read takes in one line.
func (v *Invoice) read(line string) {
	seen := 0
	for _, form := range forms {
		if m := form.pattern.FindStringSubmatch(line); m != nil {
			if form.take(v, m[1:]) {
				seen += form.amounts
			}
		}
	}
	if n := amountsIn(line); n != seen {
		v.faultf("%d of the %d amounts on this line are understood: %q", seen, n, strings.Join(strings.Fields(line), " "))
	}
}

func (v *Invoice) faultf(format string, args ...any) {
	(*findings)(&v.Faults).addf(v.File, format, args...)
}

// set keeps a particular; a second mention must say the same.
func (v *Invoice) set(label, value string, into *string) {
	if have, ok := v.once[label]; ok && have != value {
		v.faultf("%s is stated as %q and as %q", label, have, value)
	}
	v.once[label] = value
	*into = value
}

func (v *Invoice) amount(s string) Cents {
	n, err := decimal(strings.TrimRight(s, " €"), ",", 2)
	if err != nil {
		v.faultf("amount: %v", err)
	}
	return Cents(n)
}

func (v *Invoice) number(s string, decimals int) int64 {
	n, err := decimal(s, ",", decimals)
	if err != nil {
		v.faultf("%v", err)
	}
	return n
}

// day turns a German date into YYYY-MM-DD.
func (v *Invoice) day(s string) string {
	t, err := time.Parse("02.01.2006", s)
	if err != nil {
		v.faultf("%q is no date", s)
	}
	return t.Format(time.DateOnly)
}

// session is the row being read.
func (v *Invoice) session() (*Session, bool) {
	if len(v.Sessions) == 0 {
		return nil, false
	}
	return &v.Sessions[len(v.Sessions)-1], true
}

// finish looks for what must be there.
func (v *Invoice) finish(sheets int) {
	for _, label := range []string{
		"Rechnungsnummer", "Rechnungsdatum", "Kundennummer", "Vertrag", "Leistungszeitraum", "Nettobetrag", "Rechnungsbetrag", "Preise",
		"Zahlungsweise", "Zahltag",
	} {
		if _, ok := v.once[label]; !ok {
			v.faultf("%s is missing", label)
		}
	}
	if len(v.Taxes) == 0 || len(v.Groups) == 0 || len(v.Services) == 0 || len(v.Repeats) < 2 {
		v.faultf("the sums are not complete: %d taxes below the sum, %d rows in the table of VAT, %d services, the total %d more times",
			len(v.Taxes), len(v.Groups), len(v.Services), len(v.Repeats))
	}
	for i, p := range v.Pages {
		if p.number != i+1 || p.of != len(v.Pages) {
			v.faultf("sheet %d is numbered %d of %d; there are %d", i+1, p.number, p.of, len(v.Pages))
		}
	}
	if len(v.Pages) != sheets {
		v.faultf("%d of %d sheets have a page number", len(v.Pages), sheets)
	}
	for _, s := range v.Sessions {
		if s.ID == "" || s.EVSE == "" || s.Metered != s.finished || s.pending != "" {
			v.faultf("session %d: id %q, EVSE %q, second reading %v, price of %q: something is missing", s.Place, s.ID, s.EVSE, s.finished, s.pending)
		}
	}
}
