package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
)

// secondContractEvery is how often a customer has two contracts; quietEvery is how often a contract is never used.
const (
	secondContractEvery = 20
	quietEvery          = 50
)

// addCustomers builds parties, contracts, tokens and mandates.
func (w *World) addCustomers() {
	r := stream(w.Options.Seed, "customers")
	for i := range w.Options.Customers {
		w.Parties = append(w.Parties, w.newParty(r, i))
		w.addContract(r, i)
		if i%secondContractEvery == secondContractEvery-1 {
			w.addContract(r, i)
		}
	}
}

// newParty invents customer number i: a person, or a company one time in seven.
func (w *World) newParty(r *rand.Rand, i int) customer.Party {
	town := pick(r, towns)
	last := pick(r, lastNames)
	if oneIn(r, 25) {
		last = pick(r, doubleNames)
	}
	p := customer.Party{
		No:   fmt.Sprintf("K%06d", 100_001+i),
		Name: pick(r, firstNames) + " " + last,
		Address: customer.Address{
			Street:     fmt.Sprintf("%s %d%s", pick(r, streets), between(r, 1, 180), pick(r, []string{"", "", "", "a", "b"})),
			PostalCode: town.code, City: town.name, Country: "DE",
		},
	}
	if oneIn(r, 7) {
		p.Company = true
		p.Name = fmt.Sprintf(pick(r, trades), last)
		p.VATID = germanVATID(fmt.Sprintf("99%06d", i))
	}
	domain := pick(r, []string{"example.org", "example.com", "example.net", "post.example"})
	p.Email = fmt.Sprintf("%s.%s@%s", mailName(last), strings.ToLower(p.No), domain)
	return p
}

// mailName writes a name in the letters of a mail address.
func mailName(name string) string {
	plain := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ı", "i", " ", "-").Replace(strings.ToLower(name))
	return strings.Map(func(c rune) rune {
		if c == '-' || ('a' <= c && c <= 'z') {
			return c
		}
		return -1
	}, plain)
}

// addContract gives party i a contract with one or two tokens and, for direct debit, a mandate.
func (w *World) addContract(r *rand.Rand, i int) {
	n := len(w.Contracts)
	first := w.Options.Month.First
	c := customer.Contract{
		No:         fmt.Sprintf("V%06d", 500_001+n),
		PartyNo:    w.Parties[i].No,
		EMAID:      fmt.Sprintf("DE-NLM-C%08d", 20_000_001+n),
		Groups:     groupsOf(r, n),
		TariffCode: TariffCode,
		Payment:    customer.DirectDebit, PaymentDays: 14, NoticeDays: 5,
		Zone: ZoneName, ZoneLocation: w.zone,
		From: first.AddDays(-int(between(r, 60, 900))),
	}
	if r.IntN(10) < 3 {
		c.Payment = customer.OnAccount
	}
	w.Contracts = append(w.Contracts, c)
	w.addTokens(r, c)
	if c.Payment == customer.DirectDebit {
		w.addMandate(r, c, accountHolder(w.Parties[i].Name))
	}
}

// groupsOf returns the groups of contract n. The second and third contract are an employee and a gold customer, so
// that small worlds have both. A gold customer is a public customer too: what the gold row does not price, the
// public row does.
func groupsOf(r *rand.Rand, n int) []string {
	draw := r.IntN(100)
	switch {
	case n == 1 || (n > 2 && draw < 10):
		return []string{Employee}
	case n == 2 || (n > 2 && draw < 25):
		return []string{Gold, Public}
	}
	return []string{Public}
}

// addTokens gives the contract a card, one time in five also an app account. The card's uid is that of a 7-byte
// ISO 14443 chip.
func (w *World) addTokens(r *rand.Rand, c customer.Contract) {
	from := c.From.Start(w.zone).UTC()
	n := len(w.Tokens)
	card := fmt.Sprintf("04%06X%06X", between(r, 0, 0xFFFFFF), n)
	w.Tokens = append(w.Tokens, customer.Token{UID: card, ContractNo: c.No, From: from})
	if oneIn(r, 5) {
		app := fmt.Sprintf("APP-%s-%06X", strings.TrimPrefix(c.No, "V"), between(r, 0, 0xFFFFFF))
		w.Tokens = append(w.Tokens, customer.Token{UID: app, ContractNo: c.No, From: from.Add(24 * time.Hour)})
	}
}

// addMandate gives the contract a mandate signed between its beginning and the month. The BIC is known one time in
// three.
func (w *World) addMandate(r *rand.Rand, c customer.Contract, holder string) {
	b := pick(r, banks[1:])
	m := customer.Mandate{
		Reference:  fmt.Sprintf("NLM-%s-1", c.No),
		ContractNo: c.No,
		Scheme:     "CORE",
		SignedOn:   signedOn(r, c.From, w.Options.Month.First),
		DebtorName: holder,
		IBAN:       germanIBAN(b.code, uint64(between(r, 1_000_000, 9_999_999_999))),
	}
	if oneIn(r, 3) {
		m.BIC = b.bic
	}
	w.Mandates = append(w.Mandates, m)
}

func signedOn(r *rand.Rand, from, month calendar.Date) calendar.Date {
	days := min(from.DaysUntil(month)-1, 30)
	return from.AddDays(int(between(r, 0, int64(days))))
}

// payers are the contracts that may charge at a location: employees at the depot, everybody elsewhere. Contracts
// that stay quiet all month are left out.
type payers struct{ everybody, staff, public []int }

func (w *World) payers() payers {
	var p payers
	for i, c := range w.Contracts {
		if i%quietEvery == quietEvery-1 {
			continue
		}
		p.everybody = append(p.everybody, i)
		switch c.Groups[0] {
		case Employee:
			p.staff = append(p.staff, i)
		case Public:
			p.public = append(p.public, i)
		}
	}
	return p
}

func (p payers) at(l *Location) []int {
	if l.staffOnly {
		return p.staff
	}
	return p.everybody
}
