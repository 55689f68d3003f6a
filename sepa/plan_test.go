package sepa

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/money"
)

var (
	bank   = Profile{Prefix: "WD"}
	runOne = Run{Key: "R1", Today: day("2026-11-12"), BeforeCutoff: true, Created: time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)}
)

// candidate is invoice number n over 10 euro plus n cents, told on 2 November for 16 November.
func candidate(n int) Candidate {
	cents := 1000 + int64(n)
	return Candidate{
		Invoice: fmt.Sprintf("RE-2026-%07d", n), Attempt: 1,
		Amount:   money.Amount{Minor: cents, Currency: money.EUR},
		Creditor: Creditor{Name: "Ladenetz Nord GmbH", IBAN: "DE89370400440532013000", CreditorID: "DE98ZZZ09999999999"},
		Mandate: customer.Mandate{
			Reference: fmt.Sprintf("M-%d", n), Scheme: Core, SignedOn: day("2026-01-15"),
			DebtorName: "Jörg Muster", IBAN: "DE02 1203 0000 0000 2020 51",
		},
		Address: customer.Address{Street: "Weg 1", PostalCode: "10115", City: "Berlin", Country: "DE"},
		DueOn:   day("2026-11-16"), CollectOn: day("2026-11-16"),
		Notice: Notice{SentOn: day("2026-11-02"), Minor: cents, CollectOn: day("2026-11-16")},
		Text:   "Ladestrom für 10/2026",
	}
}

func TestPlanSealsOneFile(t *testing.T) {
	batches, excluded := Plan([]Candidate{candidate(2), candidate(1)}, bank, runOne)
	if len(batches) != 1 || len(excluded) != 0 {
		t.Fatalf("%d batches, excluded %v", len(batches), excluded)
	}
	b := batches[0]
	if b.MessageID != "WD-20261112-R1-1" || b.Count != 2 || b.Sum != 2003 || b.CollectOn != day("2026-11-16") {
		t.Errorf("got %s, %d debits, %d cents on %s", b.MessageID, b.Count, b.Sum, b.CollectOn)
	}
	d := b.Debits[0]
	want := Debit{
		EndToEndID: "RE-2026-0000001-1", Minor: 1001, Mandate: "M-1", SignedOn: day("2026-01-15"),
		DebtorName: "Joerg Muster", IBAN: "DE02120300000000202051", Remittance: "RE-2026-0000001 Ladestrom fuer 10/2026",
	}
	if d != want {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
	compareWithFile(t, b, written(t, b))
}

func TestPlanExcludes(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Candidate)
		codes  string
	}{
		{"zero invoice", func(c *Candidate) { c.Amount.Minor, c.Notice.Minor = 0, 0 }, "amount-range"},
		{"credit", func(c *Candidate) { c.Amount.Minor, c.Notice.Minor = -500, -500 }, "amount-range"},
		{"Swiss francs", func(c *Candidate) { c.Amount.Currency = "CHF" }, "amount-currency"},
		{"no attempt", func(c *Candidate) { c.Attempt = 0 }, "id-length"},
		{"bad iban", func(c *Candidate) { c.Mandate.IBAN = "DE02120300000000202052" }, "iban-checksum"},
		{"Turkish iban", func(c *Candidate) { c.Mandate.IBAN = "TR330006100519786457841326" }, "iban-not-sepa"},
		{"no mandate", func(c *Candidate) { c.Mandate.Reference = "" }, "mandate-missing"},
		{"mandate revoked", func(c *Candidate) { c.Mandate.EndedOn = c.Mandate.SignedOn }, "mandate-revoked"},
		{"mandate not signed", func(c *Candidate) { c.Mandate.SignedOn = calendar.Date{} }, "mandate-missing"},
		{"signed in the year 26", func(c *Candidate) { c.Mandate.SignedOn.Year = 26 }, "mandate-missing"},
		{"signed tomorrow", func(c *Candidate) { c.Mandate.SignedOn = day("2026-11-13") }, "mandate-future"},
		{"signed after the debit", func(c *Candidate) { c.Mandate.SignedOn = day("2026-11-17") }, "mandate-future"},
		{"lapsed on the very day, 36 months after signature", func(c *Candidate) { c.Mandate.SignedOn = day("2023-11-16") }, "mandate-lapsed"},
		{"one day before the lapse", func(c *Candidate) { c.Mandate.SignedOn = day("2023-11-17") }, ""},
		{"old but used", func(c *Candidate) {
			c.Mandate.SignedOn, c.Mandate.LastPresented = day("2019-01-01"), day("2026-10-16")
		}, ""},
		{"B2B mandate", func(c *Candidate) { c.Mandate.Scheme = "B2B" }, "mandate-scheme"},
		{"Chinese name", func(c *Candidate) { c.Mandate.DebtorName = "王伟" }, "name-empty"},
		{"control character in the name", func(c *Candidate) { c.Mandate.DebtorName = "Max\x01" }, "text-control"},
		{"long text", func(c *Candidate) { c.Text = strings.Repeat("x", 125) }, "remittance-long"},
		{"longest text", func(c *Candidate) { c.Text = strings.Repeat("x", 124) }, ""},
		{"no text", func(c *Candidate) { c.Text = "" }, ""},
		{"notice not sent", func(c *Candidate) { c.Notice.SentOn = calendar.Date{} }, "date-notice"},
		{"notice too late", func(c *Candidate) { c.Notice.SentOn = day("2026-11-03") }, "date-notice"},
		{"notice shorter by contract", func(c *Candidate) { c.Notice.SentOn, c.Notice.Days = day("2026-11-06"), 10 }, ""},
		{"notice told another amount", func(c *Candidate) { c.Notice.Minor++ }, "date-notice"},
		{"notice told another date", func(c *Candidate) { c.Notice.CollectOn = day("2026-11-17") }, "date-notice"},
		{"notice from the future", func(c *Candidate) { c.Notice.SentOn, c.Notice.Days = day("2026-11-13"), 1 }, "date-notice"},
		{"date missed", func(c *Candidate) { c.CollectOn, c.Notice.CollectOn = day("2026-11-12"), day("2026-11-12") }, "date-lead date-notice date-due"},
		{"closed day", func(c *Candidate) { c.CollectOn, c.Notice.CollectOn = day("2026-11-21"), day("2026-11-21") }, "date-closed"},
		{"no date", func(c *Candidate) { c.CollectOn, c.Notice.CollectOn = calendar.Date{}, calendar.Date{} }, "date-missing"},
		{"Swiss account without BIC", func(c *Candidate) { c.Mandate.IBAN = "CH9300762011623852957" }, "bic-required"},
		{"Swiss account without town", func(c *Candidate) {
			c.Mandate.IBAN, c.Mandate.BIC, c.Address.City = "CH9300762011623852957", "UBSWCHZH80A", ""
		}, "address-required"},
		{"Jersey resident without town and BIC", func(c *Candidate) {
			c.Mandate.IBAN, c.Address = "GB29NWBK60161331926819", customer.Address{Country: "JE"}
		}, "address-required bic-required"},
		{"German account needs no address", func(c *Candidate) { c.Address = customer.Address{} }, ""},
		{"creditor identifier", func(c *Candidate) { c.Creditor.CreditorID = "DE97ZZZ09999999999" }, "creditor-id"},
		{"several at once", func(c *Candidate) { c.Mandate.IBAN, c.Mandate.DebtorName = "", "" }, "name-missing iban-length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faulty := candidate(1)
			tt.change(&faulty)
			batches, excluded := Plan([]Candidate{faulty, candidate(2)}, bank, runOne)
			var codes []string
			for _, e := range excluded {
				for _, f := range e.Faults {
					codes = append(codes, string(f.Code))
				}
			}
			if got := strings.Join(codes, " "); got != tt.codes {
				t.Errorf("codes %q, want %q: %v", got, tt.codes, excluded)
			}
			collected := 0
			for _, b := range batches {
				collected += b.Count
				written(t, b)
			}
			if collected+len(excluded) != 2 {
				t.Errorf("%d collected and %d excluded of 2", collected, len(excluded))
			}
		})
	}
}

func TestPlanNeverCollectsAnInvoiceTwice(t *testing.T) {
	second := candidate(1)
	second.Attempt = 2
	batches, excluded := Plan([]Candidate{candidate(1), second, candidate(3)}, bank, runOne)
	if len(batches) != 1 || batches[0].Count != 1 || len(excluded) != 2 || excluded[0].Reason() != IDDuplicate {
		t.Errorf("batches %v, excluded %v", batches, excluded)
	}
}

func TestSwissDebtorKeepsAddress(t *testing.T) {
	c := candidate(1)
	c.Mandate.IBAN, c.Mandate.BIC = "CH9300762011623852957", "UBSWCHZH80A"
	c.Address = customer.Address{Street: "Bahnhofstrasse 1", PostalCode: "8001", City: "Zürich", Country: "CH"}
	batches, excluded := Plan([]Candidate{c}, bank, runOne)
	if len(batches) != 1 {
		t.Fatalf("excluded %v", excluded)
	}
	const want = "<PstlAdr><StrtNm>Bahnhofstrasse 1</StrtNm><PstCd>8001</PstCd><TwnNm>Zuerich</TwnNm><Ctry>CH</Ctry></PstlAdr>"
	if raw := written(t, batches[0]); !bytes.Contains(raw, []byte(want)) {
		t.Errorf("no address in %s", raw)
	}
}

func TestPlanGroupsAndSplits(t *testing.T) {
	var all []Candidate
	for n := 1; n <= 7; n++ {
		all = append(all, candidate(n))
	}
	later := candidate(8)
	later.CollectOn, later.Notice.CollectOn = day("2026-11-17"), day("2026-11-17")
	other := candidate(9)
	other.Creditor.IBAN = "DE02120300000000202051"
	all = append(all, later, other)
	profile := bank
	profile.MaxTransactions = 3
	batches, excluded := Plan(all, profile, runOne)
	var got []string
	for _, b := range batches {
		got = append(got, fmt.Sprintf("%s %s %s %d %d", b.MessageID, b.CollectOn, b.Creditor.IBAN[:4], b.Count, b.Sum))
	}
	want := []string{
		"WD-20261112-R1-1 2026-11-16 DE02 1 1009",
		"WD-20261112-R1-2 2026-11-16 DE89 3 3006",
		"WD-20261112-R1-3 2026-11-16 DE89 3 3015",
		"WD-20261112-R1-4 2026-11-16 DE89 1 1007",
		"WD-20261112-R1-5 2026-11-17 DE89 1 1008",
	}
	if !slices.Equal(got, want) || len(excluded) != 0 {
		t.Errorf("got  %q\nwant %q\nexcluded %v", got, want, excluded)
	}
}

func TestPlanKeepsTheByteLimit(t *testing.T) {
	var all []Candidate
	for n := range 40 {
		all = append(all, candidate(n))
	}
	profile := bank
	profile.MaxBytes = 8000
	batches, _ := Plan(all, profile, runOne)
	count := 0
	for _, b := range batches {
		count += b.Count
		if n := len(written(t, b)); n > profile.MaxBytes {
			t.Errorf("%s has %d bytes", b.MessageID, n)
		}
	}
	if len(batches) < 3 || len(batches) > 8 || count != 40 {
		t.Errorf("%d files with %d debits", len(batches), count)
	}
}

func TestUnusableProfileExcludesEverything(t *testing.T) {
	batches, excluded := Plan([]Candidate{candidate(1), candidate(2)}, Profile{Prefix: "A-VERY-LONG-PREFIX-INDEED"}, runOne)
	if len(batches) != 0 || len(excluded) != 2 || excluded[1].Reason() != IDLength {
		t.Errorf("%d batches, excluded %v", len(batches), excluded)
	}
}

func TestPlanDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "candidates")
		var all []Candidate
		var sum int64
		for i := range n {
			c := candidate(i)
			if rapid.Bool().Draw(t, "later") {
				c.CollectOn, c.Notice.CollectOn = day("2026-11-18"), day("2026-11-18")
			}
			if rapid.IntRange(0, 4).Draw(t, "bad") == 0 {
				c.Mandate.EndedOn = c.Mandate.SignedOn
			} else {
				sum += c.Amount.Minor
			}
			all = append(all, c)
		}
		profile := Profile{Prefix: "WD", MaxTransactions: rapid.IntRange(1, 4).Draw(t, "limit")}
		first, out := Plan(all, profile, runOne)
		shuffled := slices.Clone(all)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		second, outAgain := Plan(shuffled, profile, runOne)
		if fmt.Sprint(first, out) != fmt.Sprint(second, outAgain) {
			t.Fatalf("order matters:\n%v\n%v", first, second)
		}
		var planned int64
		count := len(out)
		for _, b := range first {
			planned += b.Sum
			count += b.Count
		}
		if planned != sum || count != n {
			t.Fatalf("%d cents in %d records, want %d in %d", planned, count, sum, n)
		}
	})
}
