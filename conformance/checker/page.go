package checker

import (
	"regexp"
	"strconv"
	"strings"
)

// The parts of the patterns below. Columns stand two blanks apart at least. pdftotext drops the blank between a short
// number and its unit now and then.
const (
	amountForm = `(-?\d{1,3}(?:\.\d{3})*,\d{2} ?€)`
	timeForm   = `\d+ ?h(?: \d+ ?min)?(?: \d+ ?s)?|\d+ ?min(?: \d+ ?s)?|\d+ ?s`
	numberForm = `((?:\d{1,3}(?:\.\d{3})+|\d+),\d+)`
	dateForm   = `(\d\d\.\d\d\.\d{4})`
	clockForm  = `(\d\d:\d\d)(?: \(UTC([+-]\d+(?::\d+)?)\))?`
)

var anyAmount = regexp.MustCompile(amountForm)

// amountsIn counts the amounts of a line; a price per unit is none.
func amountsIn(line string) int {
	n := 0
	for _, at := range anyAmount.FindAllStringIndex(line, -1) {
		if !strings.HasPrefix(line[at[1]:], "/") {
			n++
		}
	}
	return n
}

// components are the words of the page for what is priced.
var components = map[string]string{"Ladestrom": "energy", "Ladezeit": "charging", "Standzeit nach Ladeende": "idle", "Startgebühr": "session"}

// form is one shape of a line. take gets the groups of the pattern and tells whether the line was of its kind after all;
// amounts says how many amounts it then has read.
type form struct {
	pattern *regexp.Regexp
	amounts int
	take    func(v *Invoice, m []string) bool
}

// field is a labelled value at the end of a line, with columns between.
func field(label, value string, take func(v *Invoice, s string)) form {
	return form{regexp.MustCompile(`(?:^|\s)` + label + `\s{2,}` + value + `(?:\s{2,}|$)`), 0, func(v *Invoice, m []string) bool {
		take(v, m[0])
		return true
	}}
}

// forms are the lines that mean something.
var forms = []form{
	// Particulars.
	field("Rechnungsnummer", `(\S+)`, func(v *Invoice, s string) { v.set("Rechnungsnummer", s, &v.Number) }),
	field("Rechnungsdatum", dateForm, func(v *Invoice, s string) { v.set("Rechnungsdatum", v.day(s), &v.IssuedOn) }),
	field("Kundennummer", `(\S+)`, func(v *Invoice, s string) { v.set("Kundennummer", s, &v.Customer) }),
	field("Vertrag", `(\S+)`, func(v *Invoice, s string) { v.set("Vertrag", s, &v.Contract) }),
	field("Verwendungszweck", `(\S+)`, func(v *Invoice, s string) { v.set("Rechnungsnummer", s, &v.Number) }),
	field("Mandatsreferenz", `(\S+)`, func(v *Invoice, s string) { v.set("Mandatsreferenz", s, &v.Mandate) }),
	field("Gläubiger-ID", `(\S+)`, func(v *Invoice, s string) { v.set("Gläubiger-ID", s, &v.Creditor) }),
	field("IBAN", `(\S.*?)`, func(v *Invoice, s string) { v.set("IBAN", s, &v.IBAN) }),
	field("(?:Einzug|Fällig) am", dateForm, func(v *Invoice, s string) { v.set("Zahltag", v.day(s), &v.PayOn) }),
	{regexp.MustCompile(`ziehen wir am ` + dateForm + ` per SEPA-Lastschrift`), 0, func(v *Invoice, m []string) bool {
		v.Debit = true
		v.set("Zahlungsweise", "Lastschrift", new(string))
		v.set("Zahltag", v.day(m[0]), &v.PayOn)
		return true
	}},
	{regexp.MustCompile(`überweisen Sie den Rechnungsbetrag bis zum ` + dateForm), 0, func(v *Invoice, m []string) bool {
		v.set("Zahlungsweise", "Überweisung", new(string))
		v.set("Zahltag", v.day(m[0]), &v.PayOn)
		return true
	}},
	{regexp.MustCompile(`\sRechnung (\S+) vom ` + dateForm + ` · Kundennummer (\S+)$`), 0, func(v *Invoice, m []string) bool {
		v.set("Rechnungsnummer", m[0], &v.Number)
		v.set("Rechnungsdatum", v.day(m[1]), &v.IssuedOn)
		v.set("Kundennummer", m[2], &v.Customer)
		return true
	}},
	{regexp.MustCompile(`^Rechnung (\S+)$`), 0, func(v *Invoice, m []string) bool {
		v.set("Rechnungsnummer", m[0], &v.Number)
		return true
	}},
	{regexp.MustCompile(`Leistungszeitraum\s{2,}` + dateForm + ` – ` + dateForm + `$`), 0, takePeriod},
	{regexp.MustCompile(`^Abrechnungszeitraum ` + dateForm + ` bis ` + dateForm + `$`), 0, takePeriod},
	{regexp.MustCompile(`\s(Alle Preise inkl\. USt\.)$`), 0, func(v *Invoice, m []string) bool {
		v.Gross, v.once["Preise"] = true, m[0]
		return true
	}},
	{regexp.MustCompile(`Seite (\d+) von (\d+)$`), 0, func(v *Invoice, m []string) bool {
		v.Pages = append(v.Pages, page{count(m[0]), count(m[1])})
		return true
	}},

	// Sums.
	{regexp.MustCompile(`^\s+([\d.]+)\s{2,}` + numberForm + ` ?kWh\s{2,}` + amountForm + `$`), 1, takeSum},
	{regexp.MustCompile(`Summe aus ([\d.]+) Ladevorgängen\s{2,}` + numberForm + ` ?kWh\s{2,}` + amountForm + `$`), 1, takeSum},
	{regexp.MustCompile(`Summe (der) Ladevorgänge\s{2,}` + numberForm + ` ?kWh\s{2,}` + amountForm + `$`), 1, takeSum},
	{regexp.MustCompile(`^\s+Betrag\s{2,}` + amountForm + `\s{2,}(?:Einzug|Fällig) am\s`), 1, func(v *Invoice, m []string) bool {
		v.Repeats = append(v.Repeats, v.amount(m[0]))
		return true
	}},
	{regexp.MustCompile(`^\s+Nettobetrag\s{2,}` + amountForm + `$`), 1, func(v *Invoice, m []string) bool {
		v.set("Nettobetrag", m[0], new(string))
		v.Net = v.amount(m[0])
		return true
	}},
	{regexp.MustCompile(`^\s+Rechnungsbetrag\s{2,}` + amountForm + `$`), 1, func(v *Invoice, m []string) bool {
		v.set("Rechnungsbetrag", m[0], new(string))
		v.Total = v.amount(m[0])
		return true
	}},
	{regexp.MustCompile(`^\s+USt\. ([\d,]+) %\s{2,}` + amountForm + `$`), 1, func(v *Invoice, m []string) bool {
		v.Taxes = append(v.Taxes, Tax{Rate: v.number(m[0], 2), Tax: v.amount(m[1])})
		return true
	}},
	{regexp.MustCompile(`^(?:[A-Z] )?Steuersatz ([\d,]+) %\s{2,}` + amountForm + `\s{2,}` + amountForm + `\s{2,}` + amountForm + `$`), 3, takeGroup},
	{regexp.MustCompile(`^(Ladestrom)\s{2,}` + numberForm + ` ?kWh\s{2,}` + amountForm + `$`), 1, takeService},
	{regexp.MustCompile(`^(Ladezeit|Standzeit nach Ladeende)\s{2,}(` + timeForm + `)\s{2,}` + amountForm + `$`), 1, takeService},
	{regexp.MustCompile(`^(Startgebühr)\s{2,}([\d.]+)\s*×\s{2,}` + amountForm + `$`), 1, takeService},

	// Sessions.
	{regexp.MustCompile(`^\s*(\d+)\s+` + dateForm + ` ` + clockForm + ` – (?:` + dateForm + ` )?` + clockForm + `\s{2,}(?:` + numberForm + `|–)\s{2,}` +
		numberForm + ` ?kWh\s{2,}` + amountForm + `$`), 1, takeSession},
	{regexp.MustCompile(`^\s*([A-Z]{2}\*\S+)`), 0, func(v *Invoice, m []string) bool {
		s, ok := v.session()
		if ok {
			s.EVSE = m[0]
		}
		return ok
	}},
	{regexp.MustCompile(`^\s+Ladevorgang (\S+)`), 0, func(v *Invoice, m []string) bool {
		s, ok := v.session()
		if ok {
			s.ID = m[0]
		}
		return ok
	}},
	{regexp.MustCompile(`^\s+\S.*?\s{2,}` + numberForm + `(?:\s{2,}|$)`), 0, takeReading},
	{regexp.MustCompile(`\s(Ladestrom|Ladezeit|Standzeit nach Ladeende)$`), 0, func(v *Invoice, m []string) bool {
		s, ok := v.session()
		if ok {
			s.pending = components[m[0]]
		}
		return ok
	}},
	{regexp.MustCompile(`(?:(Ladestrom|Ladezeit|Standzeit nach Ladeende)\s+|\s)` + `([\d.]+(?:,\d+)? ?kWh|` + timeForm + `) ?× ?([\d.,]+) ?€/(kWh|min)\s{2,}` +
		amountForm + `$`), 1, takeLine},
	{regexp.MustCompile(`\sStartgebühr\s{2,}(?:(\d+)\s*× ?)?` + amountForm + `\s{2,}` + amountForm + `$`), 2, takeFee},
}

// count reads a whole number that the pattern has let through.
func count(s string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(s, ".", ""))
	if err != nil {
		return -1
	}
	return n
}
