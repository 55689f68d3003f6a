package masterdata

import (
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
)

// check returns the faults that show only between records: what is there twice or contradicts another record.
func (f *File) check() Faults {
	c := checker{file: f}
	c.twice()
	c.contractIDs()
	c.tokens()
	c.keys()
	return c.faults
}

type checker struct {
	file   *File
	faults Faults
}

func (c *checker) faultf(k Kind, i int, field, format string, args ...any) {
	c.faults = append(c.faults, c.file.Fault(k, i, field, fmt.Sprintf(format, args...)))
}

// twice refuses two records of the same key.
func (c *checker) twice() {
	f := c.file
	unique(c, PartyKind, "no", len(f.Parties), func(i int) string { return f.Parties[i].No })
	unique(c, ContractKind, "no", len(f.Contracts), func(i int) string { return f.Contracts[i].No })
	unique(c, MandateKind, "reference", len(f.Mandates), func(i int) string { return f.Mandates[i].Reference })
	unique(c, EVSEKind, "id", len(f.EVSEs), func(i int) string { return f.EVSEs[i].ID })
	unique(c, ScheduleKind, "job", len(f.Schedules), func(i int) string { return f.Schedules[i].Job })
	type versioned struct {
		code    string
		version int
	}
	unique(c, TariffKind, "version", len(f.Tariffs), func(i int) versioned {
		if f.Tariffs[i].Version == 0 {
			return versioned{}
		}
		return versioned{f.Tariffs[i].Code, f.Tariffs[i].Version}
	})
	unique(c, PolicyKind, "id", len(f.Policies), func(i int) string { return f.Policies[i].ID })
	unique(c, AgeingKind, "id", len(f.Ageing), func(i int) string { return f.Ageing[i].ID })
}

// unique refuses the second of two records with one key. Records without a key have a fault of their own.
func unique[K comparable](c *checker, k Kind, field string, n int, key func(int) K) {
	var none K
	first := make(map[K]int, n)
	for i := range n {
		at := key(i)
		if at == none {
			continue
		}
		if before, ok := first[at]; ok {
			c.faultf(k, i, field, "is that of %s; keep one of them", c.file.place(k, before))
			continue
		}
		first[at] = i
	}
}

// place says where a record stands, for messages about another one.
func (f *File) place(k Kind, i int) string {
	if lines := f.lines[k]; i < len(lines) {
		return fmt.Sprintf("the %s in line %d", k, lines[i])
	}
	return fmt.Sprintf("%s %d of the list", k, i+1)
}

// contractIDs refuses contracts that are valid at the same time under one contract id: a session by that id would have
// two payers.
func (c *checker) contractIDs() {
	seen := map[string][]int{}
	for i, contract := range c.file.Contracts {
		id := customer.NormaliseEMAID(contract.EMAID)
		if id == "" || contract.From.IsZero() {
			continue
		}
		for _, j := range seen[id] {
			if o := c.file.Contracts[j]; o.No != contract.No && meet(contract, o) {
				c.faultf(ContractKind, i, "emaid", "is that of contract %s at the same time; end one of them or correct the id", o.No)
			}
		}
		seen[id] = append(seen[id], i)
	}
}

func meet(a, b customer.Contract) bool {
	return before(a.From, b.Until) && before(b.From, a.Until)
}

// before reports whether a day lies before an end; no end is far away.
func before(d, end calendar.Date) bool { return end.IsZero() || d.Before(end) }

// tokens refuses a token that belongs to two contracts at the same time, or is there twice.
func (c *checker) tokens() {
	seen := map[string][]int{}
	for i, t := range c.file.Tokens {
		uid := customer.NormaliseUID(t.UID)
		if uid == "" || t.From.IsZero() {
			continue
		}
		for _, j := range seen[uid] {
			o := c.file.Tokens[j]
			switch {
			case o.From.Equal(t.From):
				c.faultf(TokenKind, i, "uid", "is that of %s, with the same valid_from; keep one of them", c.file.place(TokenKind, j))
			case o.ContractNo != t.ContractNo && (o.Until.IsZero() || t.From.Before(o.Until)) && (t.Until.IsZero() || o.From.Before(t.Until)):
				c.faultf(TokenKind, i, "uid", "belongs to contract %s at the same time; end one of them", o.ContractNo)
			}
		}
		seen[uid] = append(seen[uid], i)
	}
}

// keys refuses two meter keys of a charge point that begin at the same instant: nobody could say which one holds.
func (c *checker) keys() {
	for i, e := range c.file.EVSEs {
		seen := map[time.Time]bool{}
		for n, k := range e.Keys {
			if !k.From.IsZero() && seen[k.From] {
				c.faultf(EVSEKind, i, fmt.Sprintf("meters %d.valid_from", n+1), "another meter of the charge point begins at the same instant; keep one of them")
			}
			seen[k.From] = true
		}
	}
}

// Reference is a record a file refers to without holding it. It must have been loaded before, else Missing says so.
type Reference struct {
	Kind    Kind // PartyKind, ContractKind or TariffKind
	Key     string
	Missing Fault
}

// Loose returns the references to records the file does not hold, in the order of the file's lists.
func (f *File) Loose() []Reference {
	parties, contracts, tariffs := map[string]bool{"": true}, map[string]bool{"": true}, map[string]bool{"": true}
	for _, p := range f.Parties {
		parties[p.No] = true
	}
	for _, c := range f.Contracts {
		contracts[c.No] = true
	}
	for _, t := range f.Tariffs {
		tariffs[t.Code] = true
	}
	var loose []Reference
	refer := func(known map[string]bool, target Kind, key string, k Kind, i int, field string) {
		if !known[key] {
			text := fmt.Sprintf("%s %s is neither in the file nor loaded; add it or correct the reference", target, key)
			loose = append(loose, Reference{target, key, f.Fault(k, i, field, text)})
		}
	}
	for i, c := range f.Contracts {
		refer(parties, PartyKind, c.PartyNo, ContractKind, i, "party")
		refer(tariffs, TariffKind, c.TariffCode, ContractKind, i, "tariff")
	}
	for i, t := range f.Tokens {
		refer(contracts, ContractKind, t.ContractNo, TokenKind, i, "contract")
	}
	for i, m := range f.Mandates {
		refer(contracts, ContractKind, m.ContractNo, MandateKind, i, "contract")
	}
	return loose
}
