package invoicing

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/meter"
	"wattdue/money"
	"wattdue/rating"
)

func TestTotals(t *testing.T) {
	net := func(cs ...Charge) []Charge {
		for i := range cs {
			cs[i].Rated.Mode = rating.Net
		}
		return cs
	}
	for _, tc := range []struct {
		name            string
		charges         []Charge
		net, tax, gross int64
		groups          []VATGroup
	}{
		{
			"one session, 1.19 gross", charges(1, "2026-10-03", 119), 100, 19, 119,
			[]VATGroup{{"DE", "S", 190_000, 100, 19, 119}},
		},
		{
			"tax of 0.0048 rounds down", charges(1, "2026-10-03", 3), 3, 0, 3,
			[]VATGroup{{"DE", "S", 190_000, 3, 0, 3}},
		},
		{
			"tax of 0.0064 rounds up", charges(1, "2026-10-03", 4), 3, 1, 4,
			[]VATGroup{{"DE", "S", 190_000, 3, 1, 4}},
		},
		{
			"tax once per document: 0.30 gives 0.05, three times 0.10 would give 0.06", charges(3, "2026-10-03", 10), 25, 5, 30,
			[]VATGroup{{"DE", "S", 190_000, 25, 5, 30}},
		},
		{
			"the two rates of 2020",
			[]Charge{charge("a", "2020-06-30", 1190), charge("b", "2020-07-01", 1160)},
			2000, 350, 2350,
			[]VATGroup{{"DE", "S", 160_000, 1000, 160, 1160}, {"DE", "S", 190_000, 1000, 190, 1190}},
		},
		{
			"net, 0.50 gives 0.095, rounded 0.10", net(charge("a", "2026-10-03", 50)), 50, 10, 60,
			[]VATGroup{{"DE", "S", 190_000, 50, 10, 60}},
		},
		{
			"net, tax once: 3 x 0.08 gives 0.0456, rounded 0.05; three times 0.0152 would give 0.06", net(charges(3, "2026-10-03", 8)...), 24, 5, 29,
			[]VATGroup{{"DE", "S", 190_000, 24, 5, 29}},
		},
		{
			"a free session stays on the document",
			[]Charge{charge("a", "2026-10-03", 119), charge("b", "2026-10-04", 0)},
			100, 19, 119,
			[]VATGroup{{"DE", "S", 190_000, 100, 19, 119}},
		},
		{
			"a credit larger than the rest",
			[]Charge{charge("a", "2026-10-03", 119), charge("b", "2026-10-04", -238)},
			-100, -19, -119,
			[]VATGroup{{"DE", "S", 190_000, -100, -19, -119}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := build(t, settlement(tc.charges...))
			if d.Net != tc.net || d.Tax != tc.tax || d.Gross != tc.gross {
				t.Errorf("net %d, tax %d, gross %d, want %d, %d, %d", d.Net, d.Tax, d.Gross, tc.net, tc.tax, tc.gross)
			}
			if diff := cmp.Diff(tc.groups, d.VAT); diff != "" {
				t.Errorf("VAT groups (-want +got):\n%s", diff)
			}
			if err := d.Check(); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
}

func TestVATIsThatOfTheDayOfSupplyNotOfTheStart(t *testing.T) {
	c := charge("a", "2020-06-30", 1160)
	c.Start, c.End, c.SupplyDate = "2020-06-30T23:30:00+02:00", "2020-07-01T00:10:00+02:00", day("2020-07-01")
	if d := build(t, settlement(c)); d.VAT[0].Rate != 160_000 || d.Tax != 160 {
		t.Errorf("rate %s, tax %d, want 16 %% and 160", d.VAT[0].Rate.Percent(), d.Tax)
	}
}

func TestSessionsAreInOrderOfTheirStart(t *testing.T) {
	// The night of the autumn clock change: 02:50 summer time is before 02:10 winter time.
	a, b, c := charge("a", "2026-10-25", 100), charge("b", "2026-10-25", 100), charge("c", "2026-10-25", 100)
	a.Start, a.End = "2026-10-25T02:10:00+01:00", "2026-10-25T03:00:00+01:00"
	b.Start, b.End = "2026-10-25T02:50:00+02:00", "2026-10-25T02:05:00+01:00"
	c.Start, c.End = a.Start, a.End
	d := build(t, settlement(c, a, b))
	var got []string
	for _, s := range d.Sessions {
		got = append(got, s.SessionID)
	}
	tie := []string{"S-a", "S-c"}
	if slices.Compare(a.ID[:], c.ID[:]) > 0 {
		tie = []string{"S-c", "S-a"}
	}
	if want := append([]string{"S-b"}, tie...); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if other := build(t, settlement(b, c, a)); Hash(other) != Hash(d) {
		t.Error("the order of the charges changes the document")
	}
}

func TestMeterValuesAreShownOnlyWhenVerified(t *testing.T) {
	d := build(t, october())
	first, second := d.Sessions[0], d.Sessions[1]
	if !first.Measured || first.MeterBegin.KWh() != "1000.000" || first.MeterEnd.KWh() != "1010.500" || first.MeterID != "1EMH0001" {
		t.Errorf("verified session: %+v", first)
	}
	if second.Measured || second.MeterBegin != 0 || second.MeterEnd != 0 || second.MeterID != "" {
		t.Errorf("session without signature shows meter values: %+v", second)
	}
}

func TestBuildNamesTheChargeAtFault(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*Charge)
		code  ChargeCode
		text  string
	}{
		{"held", func(c *Charge) { c.Rated.Held, c.Rated.Flags = true, []rating.Flag{rating.NoPrice} }, ChargeHeld, "NO_PRICE"},
		{"forged", func(c *Charge) { c.Verdict.Word = meter.InvalidSignature }, ChargeUnproven, "invalid signature"},
		{"no basis", func(c *Charge) { c.Basis = "" }, ChargeUnproven, "basis"},
		{"unknown basis", func(c *Charge) { c.Basis = "goodwill" }, ChargeUnproven, "goodwill"},
		{"lines are not the total", func(c *Charge) { c.Rated.Total++ }, ChargeMalformed, "add up to 100, total is 101"},
		{"no lines", func(c *Charge) { c.Rated.Lines, c.Rated.Total = nil, 0 }, ChargeMalformed, "no priced lines"},
		{"no supply date", func(c *Charge) { c.SupplyDate = calendar.Date{} }, ChargeMalformed, "supply date"},
		{"no billing date", func(c *Charge) { c.BillingDate = calendar.Date{} }, ChargeMalformed, "billing date"},
		{"billing date after the period", func(c *Charge) { c.BillingDate = day("2026-11-01") }, ChargeMalformed, "after the period"},
		{"start without offset", func(c *Charge) { c.Start = "2026-10-03T12:00:00" }, ChargeMalformed, "RFC 3339"},
		{"end before start", func(c *Charge) { c.End = "2026-10-03T11:59:59+02:00" }, ChargeMalformed, "before start"},
		{"unknown currency", func(c *Charge) { c.Rated.Currency = "XTS" }, ChargeMalformed, "XTS"},
		{"unknown mode", func(c *Charge) { c.Rated.Mode = "" }, ChargeMalformed, "price mode"},
		{"unknown VAT code", func(c *Charge) { c.Rated.Lines[0].VATCode = "reduced" }, ChargeVATUnknown, "VAT_UNKNOWN"},
		{"no VAT code", func(c *Charge) { c.Rated.Lines[0].VATCode = "" }, ChargeVATUnknown, "VAT_UNKNOWN"},
		{"issuer not registered", func(c *Charge) { c.TaxCountry = "AT" }, ChargeUnregistered, `"AT"`},
		{"no tax country", func(c *Charge) { c.TaxCountry = "" }, ChargeUnregistered, `""`},
		{"other currency", func(c *Charge) { c.Rated.Currency = "CHF" }, ChargeMixed, "split first"},
		{"other mode", func(c *Charge) { c.Rated.Mode = rating.Net }, ChargeMixed, "split first"},
		{"same charge twice", func(c *Charge) { *c = charge("a", "2026-10-02", 100) }, ChargeMalformed, "given twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bad := charge("bad", "2026-10-03", 100)
			tc.spoil(&bad)
			_, err := Build(settlement(charge("a", "2026-10-02", 100), bad))
			var f *ChargeFault
			if !errors.As(err, &f) {
				t.Fatalf("error %v, want a charge fault", err)
			}
			if f.Code != tc.code || f.Charge.ID != bad.ID || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %q (code %s), want %s of charge %s with %q", err, f.Code, tc.code, bad.Key, tc.text)
			}
		})
	}
	if err := CheckCharge(issuer(), charge("a", "2026-10-02", 100)); err != nil {
		t.Errorf("a sound charge: %v", err)
	}
}

func TestWaiverAndPolicyAllowBilling(t *testing.T) {
	for _, basis := range []string{BasisNotRequired, BasisWaiver} {
		c := charge("a", "2026-10-02", 119)
		c.Verdict, c.Basis = meter.Verdict{Word: meter.KeyMissing}, basis
		if d := build(t, settlement(c)); d.Gross != 119 || d.Sessions[0].Basis != basis {
			t.Errorf("basis %s: gross %d, shown %q", basis, d.Gross, d.Sessions[0].Basis)
		}
	}
}

func TestBuildRefusesAnUnfitSettlement(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*Settlement)
		text  string
	}{
		{"no charges", func(s *Settlement) { s.Charges = nil }, "no charges and no fees"},
		{"no tenant", func(s *Settlement) { s.Tenant = "" }, "tenant"},
		{"no recipient", func(s *Settlement) { s.Recipient = [16]byte{} }, "snapshot"},
		{"no issue date", func(s *Settlement) { s.IssuedOn = calendar.Date{} }, "issue date"},
		{"empty period", func(s *Settlement) { s.Period.Next = s.Period.First }, "period is empty"},
		{"separator in the contract number", func(s *Settlement) { s.Contract.No = "V\x1f1" }, "control characters"},
		{"negative payment term", func(s *Settlement) { s.Contract.PaymentDays = -1 }, "payment term"},
		{"unknown payment method", func(s *Settlement) { s.Contract.Payment = "cheque" }, "payment method"},
		{"no collection day", func(s *Settlement) { s.CollectOn = calendar.Date{} }, "collection day"},
		{"collected on the day of issue", func(s *Settlement) { s.CollectOn = s.IssuedOn }, "collection day"},
		{"no creditor id", func(s *Settlement) { s.Issuer.CreditorID = "" }, "creditor id"},
		{"no mandate", func(s *Settlement) { s.Mandate = customer.Mandate{} }, "mandate"},
		{"mandate of another contract", func(s *Settlement) { s.Mandate.ContractNo = "V-2" }, "belongs to contract V-2"},
		{"mandate ended", func(s *Settlement) { s.Mandate.EndedOn = s.Mandate.SignedOn }, "mandate-revoked"},
		{"run out of range", func(s *Settlement) { s.Run = 1000 }, "run 1000"},
		{"debit in francs", func(s *Settlement) { s.Charges[0].Rated.Currency = "CHF" }, "SEPA"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := settlement(charge("a", "2026-10-02", 100))
			tc.spoil(&s)
			if _, err := Build(s); err == nil || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %v, want %q", err, tc.text)
			}
		})
	}
}

func TestPayment(t *testing.T) {
	onAccount := settlement(charge("a", "2026-10-03", 119))
	onAccount.Contract.Payment = customer.OnAccount
	credit := settlement(charge("a", "2026-10-03", -119))
	free := settlement(charge("a", "2026-10-03", 0))
	free.Mandate = customer.Mandate{} // nothing to collect, so no mandate is asked for
	for _, tc := range []struct {
		name string
		s    Settlement
		want Payment
	}{
		{"direct debit falls due on its collection day", settlement(charge("a", "2026-10-03", 119)), Payment{
			Method: customer.DirectDebit, DueOn: day("2026-11-18"), CollectOn: day("2026-11-18"),
			Mandate: "M-1001", CreditorID: "DE98ZZZ09999999999", DebtorIBAN: "DE02 **** 2051",
		}},
		{"on account: 3 November and 14 days", onAccount, Payment{Method: customer.OnAccount, DueOn: day("2026-11-17")}},
		{"a credit is not collected", credit, Payment{Method: customer.DirectDebit, DueOn: day("2026-11-17")}},
		{"a free document is not collected", free, Payment{Method: customer.DirectDebit, DueOn: day("2026-11-17")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, build(t, tc.s).Payment); diff != "" {
				t.Errorf("payment (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFree(t *testing.T) {
	for _, tc := range []struct {
		name    string
		charges []Charge
		want    bool
	}{
		{"only free sessions", charges(2, "2026-10-03", 0), true},
		{"one paid session", []Charge{charge("a", "2026-10-03", 0), charge("b", "2026-10-03", 1)}, false},
		{"lines that cancel out are a document", []Charge{charge("a", "2026-10-03", 119), charge("b", "2026-10-03", -119)}, false},
	} {
		if got := Free(build(t, settlement(tc.charges...))); got != tc.want {
			t.Errorf("%s: free = %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestSplit(t *testing.T) {
	of := func(id, country string, currency money.Currency, mode rating.Mode) Charge {
		c := charge(id, "2026-10-03", 100)
		c.TaxCountry, c.Rated.Currency, c.Rated.Mode = country, currency, mode
		return c
	}
	late := of("late", "DE", "EUR", rating.Gross)
	late.Start = "2026-10-03T12:30:00+02:00"
	in := []Charge{
		late, of("net", "DE", "EUR", rating.Net), of("franc", "DE", "CHF", rating.Gross),
		of("vienna", "AT", "EUR", rating.Gross), of("early", "DE", "EUR", rating.Gross),
	}
	want := [][]string{{"vienna"}, {"franc"}, {"early", "late"}, {"net"}}
	for range 2 {
		var got [][]string
		for _, g := range Split(in, nil) {
			var ids []string
			for _, c := range g.Charges {
				ids = append(ids, c.Key.ID)
			}
			got = append(got, ids)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		slices.Reverse(in)
	}
	if got := Split(nil, nil); len(got) != 0 {
		t.Errorf("no charges give %d groups", len(got))
	}
}

func TestForeignRegistrationIsOnTheDocument(t *testing.T) {
	c := charge("a", "2026-10-03", 120)
	c.TaxCountry = "AT"
	s := settlement(c)
	s.Issuer.Registrations = []Registration{{Country: "AT", VATID: "ATU12345678"}}
	d := build(t, s)
	if d.Registered != "AT" || d.Net != 100 || d.Tax != 20 {
		t.Errorf("registered in %s, net %d, tax %d, want AT, 100, 20", d.Registered, d.Net, d.Tax)
	}
	if id, ok := d.Issuer.VATIDIn(d.Registered); id != "ATU12345678" || !ok {
		t.Errorf("VAT id %q, %v", id, ok)
	}
}

func TestSortKeyOrdersNumbers(t *testing.T) {
	of := func(party, contract, first, next string, run int) Document {
		s := settlement(charge("a", "2026-10-03", 119))
		s.Contract.PartyNo, s.Contract.No, s.Mandate.ContractNo = party, contract, contract
		s.Period, s.Run = calendar.Period{First: day(first), Next: day(next)}, run
		return build(t, s)
	}
	docs := []Document{
		of("K-1", "V-9", "2026-10-01", "2026-11-01", 0), // K-1 before K-10, whatever the contract
		of("K-10", "V-1", "2026-09-01", "2026-10-04", 0),
		of("K-10", "V-1", "2026-10-01", "2026-11-01", 0),
		of("K-10", "V-1", "2026-10-01", "2026-11-01", 1), // the second run of the period
		of("K-10", "V-2", "2026-10-01", "2026-11-01", 0),
		of("K-2", "V-0", "2026-10-01", "2026-11-01", 0), // bytewise, not by number
		of("k-1", "V-0", "2026-10-01", "2026-11-01", 0), // bytewise, not without case
	}
	for i := 1; i < len(docs); i++ {
		if a, b := docs[i-1], docs[i]; a.SortKey() >= b.SortKey() {
			t.Errorf("%q is not before %q", a.SortKey(), b.SortKey())
		}
		if docs[i-1].ID == docs[i].ID {
			t.Errorf("documents %d and %d have the same id", i-1, i)
		}
	}
}
