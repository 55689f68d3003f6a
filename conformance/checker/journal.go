package checker

import (
	"regexp"
	"strings"
)

// Journal is the books as text.
type Journal struct {
	Entries []Entry
	Faults  []Finding
}

// Entry is one transaction.
type Entry struct {
	Line      int
	Date      string
	Kind      string // accrual, document
	Text      string // the record, or the number of the document
	ID        string
	Reference string
	ValueDate string
	TaxMonth  string
	Legs      []Leg
}

// Leg is one posting; a debit is positive.
type Leg struct {
	Account string
	Amount  Cents
}

var (
	entryForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d) (\S+) (\S.*)$`)
	tagForm   = regexp.MustCompile(`([a-z-]+): ([^,]*)`)
	legForm   = regexp.MustCompile(`^ {4}(\S+) {2,}(-?\d+\.\d\d) EUR$`)
	otherForm = regexp.MustCompile(`^(?:;.*|decimal-mark \.|commodity 1000\.00 EUR|account \S+)?$`)
)

// ParseJournal reads a journal. Lines that it does not know are faults.
func ParseJournal(b []byte) Journal {
	var j Journal
	faults := (*findings)(&j.Faults)
	for n, line := range strings.Split(string(b), "\n") {
		m := entryForm.FindStringSubmatch(line)
		leg := legForm.FindStringSubmatch(line)
		tags, isTags := strings.CutPrefix(line, "    ; ")
		last := len(j.Entries) - 1
		switch {
		case m != nil:
			j.Entries = append(j.Entries, Entry{Line: n + 1, Date: m[1], Kind: m[2], Text: m[3]})
		case isTags && last >= 0:
			readTags(&j.Entries[last], tags)
		case leg != nil && last >= 0:
			amount, err := decimal(leg[2], ".", 2)
			if err != nil {
				faults.addf("journal", "line %d: %v", n+1, err)
			}
			j.Entries[last].Legs = append(j.Entries[last].Legs, Leg{leg[1], Cents(amount)})
		case !otherForm.MatchString(line):
			faults.addf("journal", "line %d is not understood: %q", n+1, line)
		}
	}
	return j
}

func readTags(e *Entry, tags string) {
	into := map[string]*string{"entry": &e.ID, "reference": &e.Reference, "value-date": &e.ValueDate, "tax-month": &e.TaxMonth}
	for _, m := range tagForm.FindAllStringSubmatch(tags, -1) {
		if s, ok := into[m[1]]; ok {
			*s = m[2]
		}
	}
}

// sum adds the legs on an account and those below it.
func (e Entry) sum(account string) Cents {
	var sum Cents
	for _, l := range e.Legs {
		if l.Account == account || strings.HasPrefix(l.Account, account+":") {
			sum += l.Amount
		}
	}
	return sum
}

// balances adds up every account.
func (j Journal) balances() map[string]Cents {
	sums := map[string]Cents{}
	for _, e := range j.Entries {
		for _, l := range e.Legs {
			sums[l.Account] += l.Amount
		}
	}
	return sums
}
