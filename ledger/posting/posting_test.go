package posting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/ledger"
	"wattdue/money"
	"wattdue/rating"
)

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// charge returns a charge in Germany that ended on a date and costs the given line amounts.
func charge(id, supplied string, amounts ...int64) invoicing.Charge {
	c := invoicing.Charge{
		ID: ident.Derive("charge", id), Key: cdr.Key{Country: "DE", Party: "ABC", ID: id}, SessionID: id,
		Start: supplied + "T10:00:00Z", End: supplied + "T11:00:00Z",
		BillingDate: day("2020-06-01"), SupplyDate: day(supplied), TaxCountry: "DE", Basis: invoicing.BasisNotRequired,
		Rated: rating.Rated{Currency: money.EUR, Mode: rating.Gross},
	}
	for _, a := range amounts {
		c.Rated.Lines = append(c.Rated.Lines, rating.Line{Component: rating.Energy, Quantity: 1, Unit: 1, Amount: a, VATCode: "standard"})
		c.Rated.Total += a
	}
	return c
}

func issue(t interface{ Fatal(...any) }, charges ...invoicing.Charge) invoicing.Document {
	return issueWith(t, nil, charges...)
}

func issueWith(t interface{ Fatal(...any) }, fees []invoicing.Fee, charges ...invoicing.Charge) invoicing.Document {
	draft, err := invoicing.Build(invoicing.Settlement{
		Tenant: "t1", Series: "invoice", Recipient: ident.Derive("snapshot", "1"),
		Contract: customer.Contract{No: "V-1001", PartyNo: "K-1001", Payment: customer.OnAccount, PaymentDays: 14, ZoneLocation: time.UTC},
		Issuer:   invoicing.Issuer{Address: customer.Address{Country: "DE"}, VATID: "DE123456789"},
		Period:   calendar.Period{First: day("2020-06-01"), Next: day("2026-11-01")},
		IssuedOn: day("2026-11-03"), Charges: charges, Fees: fees, Engine: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := invoicing.Issue(draft, "RE-2026-0000001")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fee returns a monthly fee in Germany.
func fee(plan, from, until string, minor int64) invoicing.Fee {
	return invoicing.Fee{
		ID: ident.Derive("fee", plan, from), Kind: invoicing.MonthlyFee, Plan: plan, From: day(from), Until: day(until), Amount: minor,
		Currency: money.EUR, Mode: rating.Gross, Country: "DE", VATCode: invoicing.StandardRate,
	}
}

func eur(a ledger.Account, sub string, minor int64) ledger.Leg {
	return ledger.Leg{Account: a, Sub: sub, Minor: minor, Currency: money.EUR}
}

func TestAccrue(t *testing.T) {
	c := charge("a", "2026-10-31", 515, 100)
	got, ok := Accrue("t1", c, "V-1001", day("2026-11-01"))
	want := ledger.Entry{
		ID:        ident.Derive("entry", "t1", "charge:"+c.ID.String()),
		Reference: "charge:" + c.ID.String(), Kind: "accrual", Text: "DE/ABC/a",
		BookingDate: day("2026-11-01"), ValueDate: day("2026-10-31"),
		Legs: []ledger.Leg{
			{Account: ledger.UnbilledCharging, Sub: "V-1001", Minor: 615, Currency: "EUR"},
			{Account: ledger.UnbilledClearing, Minor: -615, Currency: "EUR"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("accrual, ok %v (-want +got):\n%s", ok, diff)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
}

func TestNothingToAccrue(t *testing.T) {
	held := charge("a", "2026-10-31", 515)
	held.Rated.Held = true
	for name, c := range map[string]invoicing.Charge{"free": charge("a", "2026-10-31", 0), "held": held} {
		if e, ok := Accrue("t1", c, "V-1001", day("2026-11-01")); ok || len(e.Legs) != 0 {
			t.Errorf("%s session: entry %+v, ok %v", name, e, ok)
		}
	}
}

func TestBill(t *testing.T) {
	const d, r, v, clearing, unbilled = ledger.Debtors, ledger.Revenue, ledger.VATPayable, ledger.UnbilledClearing, ledger.UnbilledCharging
	net := func(cs ...invoicing.Charge) []invoicing.Charge {
		for i := range cs {
			cs[i].Rated.Mode = rating.Net
		}
		return cs
	}
	for _, tc := range []struct {
		name     string
		charges  []invoicing.Charge
		taxMonth string
		value    string
		legs     []ledger.Leg
	}{
		{
			"one rate, one month: 11.90 holds 1.90",
			[]invoicing.Charge{charge("a", "2026-10-03", 615), charge("b", "2026-10-20", 575)},
			"2026-10", "2026-10-20",
			[]ledger.Leg{
				eur(d, "V-1001", 1190), eur(r, "DE-19", -1000), eur(v, "DE-19", -190),
				eur(clearing, "", 1190), eur(unbilled, "V-1001", -1190),
			},
		},
		{
			"net tariff: debtor gross, memo as rated", net(charge("a", "2026-10-03", 1000)),
			"2026-10", "2026-10-03",
			[]ledger.Leg{
				eur(d, "V-1001", 1190), eur(r, "DE-19", -1000), eur(v, "DE-19", -190),
				eur(clearing, "", 1000), eur(unbilled, "V-1001", -1000),
			},
		},
		{
			"tax of less than half a cent is no leg",
			[]invoicing.Charge{charge("a", "2026-10-03", 3)},
			"2026-10", "2026-10-03",
			[]ledger.Leg{
				eur(d, "V-1001", 3), eur(r, "DE-19", -3), eur(clearing, "", 3), eur(unbilled, "V-1001", -3),
			},
		},
		// The document's tax is that of 0.08: 0.01277, so 0.01. By month it is 0.01 (of 0.04: 0.0064) and the rest, 0.00.
		{
			"two months: split without a second rounding",
			[]invoicing.Charge{charge("a", "2026-10-31", 4), charge("b", "2026-11-01", 4)},
			"", "2026-11-01",
			[]ledger.Leg{
				eur(d, "V-1001", 8), eur(r, "DE-19:2026-10", -3), eur(r, "DE-19:2026-11", -4), eur(v, "DE-19:2026-10", -1),
				eur(clearing, "", 8), eur(unbilled, "V-1001", -8),
			},
		},
		{
			"two rates are two months as well",
			[]invoicing.Charge{charge("a", "2020-06-30", 1190), charge("b", "2020-07-01", 1160)},
			"", "2020-07-01",
			[]ledger.Leg{
				eur(d, "V-1001", 2350), eur(r, "DE-16:2020-07", -1000), eur(r, "DE-19:2020-06", -1000),
				eur(v, "DE-16:2020-07", -160), eur(v, "DE-19:2020-06", -190),
				eur(clearing, "", 2350), eur(unbilled, "V-1001", -2350),
			},
		},
		{
			"a free session makes no second month",
			[]invoicing.Charge{charge("a", "2026-10-31", 119), charge("b", "2026-11-01", 0)},
			"2026-10", "2026-11-01",
			[]ledger.Leg{
				eur(d, "V-1001", 119), eur(r, "DE-19", -100), eur(v, "DE-19", -19),
				eur(clearing, "", 119), eur(unbilled, "V-1001", -119),
			},
		},
		{
			"a credit turns every side",
			[]invoicing.Charge{charge("a", "2026-10-03", -119)},
			"2026-10", "2026-10-03",
			[]ledger.Leg{
				eur(d, "V-1001", -119), eur(r, "DE-19", 100), eur(v, "DE-19", 19),
				eur(clearing, "", -119), eur(unbilled, "V-1001", 119),
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := issue(t, tc.charges...)
			got, ok, err := Bill("t1", doc)
			if err != nil || !ok {
				t.Fatalf("ok %v, error %v", ok, err)
			}
			reference := "document:" + doc.ID.String()
			want := ledger.Entry{
				ID: ident.Derive("entry", "t1", reference), Reference: reference, Kind: "document", Text: "RE-2026-0000001",
				BookingDate: day("2026-11-03"), ValueDate: day(tc.value), TaxMonth: tc.taxMonth, Legs: tc.legs,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("entry (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFeesHaveTheirOwnRevenue(t *testing.T) {
	const d, r, f, v, clearing, unbilled = ledger.Debtors, ledger.Revenue, ledger.FeeRevenue, ledger.VATPayable, ledger.UnbilledClearing, ledger.UnbilledCharging
	for _, tc := range []struct {
		name     string
		fees     []invoicing.Fee
		charges  []invoicing.Charge
		taxMonth string
		legs     []ledger.Leg
	}{
		{
			"a document of fees only takes nothing back",
			[]invoicing.Fee{fee("A", "2026-10-01", "2026-11-01", 1190)},
			nil, "2026-10",
			[]ledger.Leg{eur(d, "V-1001", 1190), eur(f, "DE-19", -1000), eur(v, "DE-19", -190)},
		},
		// Of 17.95 the tax is 2.87: the sessions' 1.19 hold 1.00 net, the rest of the net is the fees'.
		{
			"beside sessions, the group is not rounded again",
			[]invoicing.Fee{fee("A", "2026-10-01", "2026-10-11", 322), fee("B", "2026-10-11", "2026-11-01", 1354)},
			[]invoicing.Charge{charge("a", "2026-10-03", 119)},
			"2026-10",
			[]ledger.Leg{
				eur(d, "V-1001", 1795), eur(r, "DE-19", -100), eur(f, "DE-19", -1408), eur(v, "DE-19", -287),
				eur(clearing, "", 119), eur(unbilled, "V-1001", -119),
			},
		},
		// A fee belongs to the month of its last day: 9.99 hold 1.595 of tax, 9.99 + 1.19 hold 1.785.
		{
			"a fee of the month before",
			[]invoicing.Fee{fee("A", "2026-09-01", "2026-10-01", 999)},
			[]invoicing.Charge{charge("a", "2026-10-03", 119)},
			"",
			[]ledger.Leg{
				eur(d, "V-1001", 1118), eur(f, "DE-19:2026-09", -839), eur(r, "DE-19:2026-10", -100),
				eur(v, "DE-19:2026-09", -160), eur(v, "DE-19:2026-10", -19),
				eur(clearing, "", 119), eur(unbilled, "V-1001", -119),
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, ok, err := Bill("t1", issueWith(t, tc.fees, tc.charges...))
			if err != nil || !ok {
				t.Fatalf("ok %v, error %v", ok, err)
			}
			if diff := cmp.Diff(tc.legs, e.Legs); diff != "" || e.TaxMonth != tc.taxMonth {
				t.Errorf("tax month %q, want %q; legs (-want +got):\n%s", e.TaxMonth, tc.taxMonth, diff)
			}
		})
	}
}

// E6 of the rating rules: 9.80 of energy with 1.56 of tax, and a penalty of 24.00 capped at 12.00, which has none.
func TestPenaltiesAreOutsideVAT(t *testing.T) {
	c := charge("a", "2026-10-03", 980)
	c.Rated.Lines = append(c.Rated.Lines,
		rating.Line{Component: rating.Occupancy, Quantity: 14_400, Unit: 100_000, Amount: 2400, VATCode: invoicing.Penalty},
		rating.Line{Kind: rating.CapLine, Component: rating.Occupancy, Amount: -1200, VATCode: invoicing.Penalty})
	c.Rated.Total = 2180
	e, ok, err := Bill("t1", issue(t, c))
	if err != nil || !ok {
		t.Fatalf("ok %v, error %v", ok, err)
	}
	want := []ledger.Leg{
		eur(ledger.Debtors, "V-1001", 2180), eur(ledger.Penalties, "DE", -1200), eur(ledger.Revenue, "DE-19", -824),
		eur(ledger.VATPayable, "DE-19", -156), eur(ledger.UnbilledClearing, "", 2180), eur(ledger.UnbilledCharging, "V-1001", -2180),
	}
	if diff := cmp.Diff(want, e.Legs); diff != "" {
		t.Errorf("legs (-want +got):\n%s", diff)
	}
	if m := TaxMonth(e, e.Legs[1]); m != "" {
		t.Errorf("a penalty has the tax month %s", m)
	}
}

func TestBillRefuses(t *testing.T) {
	draft := issue(t, charge("a", "2026-10-03", 119))
	draft.Number = ""
	cent := issue(t, charge("a", "2026-10-03", 119))
	cent.Gross++
	if _, _, err := Bill("t1", draft); err == nil || !strings.Contains(err.Error(), "draft") {
		t.Errorf("a draft: error %v", err)
	}
	if _, _, err := Bill("t1", cent); !errors.Is(err, invoicing.ErrTotals) {
		t.Errorf("a cent off: error %v", err)
	}
}

func TestNothingToBook(t *testing.T) {
	e, ok, err := Bill("t1", issue(t, charge("a", "2026-10-03", 119), charge("b", "2026-10-04", -119)))
	if err != nil || ok || len(e.Legs) != 0 {
		t.Errorf("lines that cancel out: entry %+v, ok %v, error %v", e, ok, err)
	}
	// Across months the same lines move VAT from one month to the other, which must be booked.
	e, ok, err = Bill("t1", issue(t, charge("a", "2026-10-03", 119), charge("b", "2026-11-01", -119)))
	want := []ledger.Leg{
		eur(ledger.Revenue, "DE-19:2026-10", -100), eur(ledger.Revenue, "DE-19:2026-11", 100),
		eur(ledger.VATPayable, "DE-19:2026-10", -19), eur(ledger.VATPayable, "DE-19:2026-11", 19),
	}
	if err != nil || !ok || !slices.Equal(e.Legs, want) {
		t.Errorf("legs %v, ok %v, error %v, want %v", e.Legs, ok, err, want)
	}
}

func TestTaxMonth(t *testing.T) {
	one := ledger.Entry{TaxMonth: "2026-10"}
	for _, tc := range []struct {
		e    ledger.Entry
		l    ledger.Leg
		want string
	}{
		{one, ledger.Leg{Account: ledger.Revenue, Sub: "DE-19"}, "2026-10"},
		{one, ledger.Leg{Account: ledger.VATPayable, Sub: "DE-19"}, "2026-10"},
		{ledger.Entry{}, ledger.Leg{Account: ledger.VATPayable, Sub: "DE-19:2026-11"}, "2026-11"},
		{one, ledger.Leg{Account: ledger.Debtors, Sub: "V-1"}, ""},
		{ledger.Entry{}, ledger.Leg{Account: ledger.UnbilledCharging, Sub: "V:1"}, ""},
	} {
		if got := TaxMonth(tc.e, tc.l); got != tc.want {
			t.Errorf("%s %s in an entry of %q: %q, want %q", tc.l.Account, tc.l.Sub, tc.e.TaxMonth, got, tc.want)
		}
	}
}

// A month from accrual to document: the memo accounts come back to zero, and debtor, revenue and VAT are those of the
// document, whatever the months and rates are.
func TestPropertyAccrualAndDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cs []invoicing.Charge
		mode := rapid.SampledFrom([]rating.Mode{rating.Gross, rating.Net}).Draw(t, "mode")
		for i := range rapid.IntRange(1, 10).Draw(t, "sessions") {
			amounts := rapid.SliceOfN(rapid.Int64Range(-3000, 30_000), 1, 3).Draw(t, "amounts")
			supplied := rapid.SampledFrom([]string{"2020-06-30", "2020-07-01", "2020-08-01", "2026-10-31"}).Draw(t, "supplied")
			c := charge(fmt.Sprint(i), supplied, amounts...)
			c.Rated.Mode = mode
			cs = append(cs, c)
		}
		cs = append(cs, charge("last", "2026-10-31", 1)) // so that it is not free
		cs[len(cs)-1].Rated.Mode = mode
		var entries []ledger.Entry
		for _, c := range cs {
			if e, ok := Accrue("t1", c, "V-1001", day("2026-11-01")); ok {
				entries = append(entries, e)
			}
		}
		var fees []invoicing.Fee
		for _, month := range []string{"2020-06", "2020-07", "2026-09"}[:rapid.IntRange(0, 3).Draw(t, "fees")] {
			p := day(month + "-01").MonthOf()
			f := fee("P", month+"-01", p.Next.String(), rapid.Int64Range(-500, 3000).Draw(t, "fee"))
			f.Mode = mode
			fees = append(fees, f)
		}
		d := issueWith(t, fees, cs...)
		bill, ok, err := Bill("t1", d)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			entries = append(entries, bill)
		}
		for _, e := range entries {
			if err := e.Check(); err != nil {
				t.Error(err)
			}
		}
		balances, err := ledger.Balances(slices.Values(entries))
		if err != nil {
			t.Fatal(err)
		}
		for account, want := range map[ledger.Account]int64{
			ledger.UnbilledCharging: 0, ledger.UnbilledClearing: 0,
			ledger.Debtors: d.Gross, ledger.VATPayable: -d.Tax,
		} {
			if got, err := ledger.Control(balances, account, "EUR"); err != nil || got.Minor != want {
				t.Errorf("%s: %s (%v), want %d", account, got, err, want)
			}
		}
		sessions, err1 := ledger.Control(balances, ledger.Revenue, "EUR")
		ofFees, err2 := ledger.Control(balances, ledger.FeeRevenue, "EUR")
		if sessions.Minor+ofFees.Minor != -d.Net || len(fees) == 0 && ofFees.Minor != 0 || err1 != nil || err2 != nil {
			t.Errorf("revenue %s and fees %s, the document has net %d", sessions, ofFees, d.Net)
		}
		for _, g := range d.VAT {
			var net, tax int64
			for _, l := range bill.Legs {
				if sub, _, _ := strings.Cut(l.Sub, ":"); sub != g.Country+"-"+g.Rate.Percent() {
					continue
				}
				switch l.Account {
				case ledger.Revenue, ledger.FeeRevenue:
					net -= l.Minor
				case ledger.VATPayable:
					tax -= l.Minor
				}
			}
			if net != g.Net || tax != g.Tax {
				t.Errorf("rate %s %%: booked net %d and tax %d, document has %d and %d", g.Rate.Percent(), net, tax, g.Net, g.Tax)
			}
		}
	})
}
