package invoicing

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wattdue/ident"
	"wattdue/money"
	"wattdue/rating"
)

// fee is a monthly fee in Germany for the days from until before until.
func fee(plan, from, until string, minor int64) Fee {
	return Fee{
		ID: ident.Derive("fee", plan, from), Kind: MonthlyFee, Plan: plan, From: day(from), Until: day(until), Monthly: 9_990_000, Amount: minor,
		Currency: money.EUR, Mode: rating.Gross, Country: "DE", VATCode: StandardRate,
	}
}

func TestFeesStandBesideSessions(t *testing.T) {
	s := settlement(charge("a", "2026-10-03", 119))
	// A change of plan on the 11th: 10 of 31 days of 9.99 are 3.2226, 21 of 31 of 19.99 are 13.5416.
	later := fee("Viel", "2026-10-11", "2026-11-01", 1354)
	later.Monthly = 19_990_000
	s.Fees = []Fee{later, fee("Komfort", "2026-10-01", "2026-10-11", 322)}
	d := build(t, s)
	sums(t, d, 1508, 287, 1795) // 1.19 + 3.22 + 13.54 = 17.95; x 19/119 = 2.866
	var got []string
	for _, f := range d.Fees {
		got = append(got, FeeDE(f)+": "+FeeQuantityDE(f)+" "+AmountDE(f.Amount, d.Currency))
	}
	want := []string{
		"Grundgebühr Komfort, 01.10.2026 bis 10.10.2026: 10 von 31 Tagen 3,22 €",
		"Grundgebühr Viel, 11.10.2026 bis 31.10.2026: 21 von 31 Tagen 13,54 €",
	}
	if !slices.Equal(got, want) {
		t.Errorf("fees\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	slices.Reverse(s.Fees)
	if Hash(build(t, s)) != Hash(d) {
		t.Error("the order of the fees changes the document")
	}
	whole := build(t, feesOnly(fee("Komfort", "2026-10-01", "2026-11-01", 999)))
	if got := FeeQuantityDE(whole.Fees[0]); got != "1 Monat" {
		t.Errorf("a whole month is %q", got)
	}
}

func feesOnly(fees ...Fee) Settlement {
	s := settlement()
	s.Fees = fees
	return s
}

func TestDocumentOfFeesOnly(t *testing.T) {
	d := build(t, feesOnly(fee("Komfort", "2026-10-01", "2026-11-01", 999)))
	sums(t, d, 839, 160, 999) // 9.99 x 19/119 = 1.595
	if d.Registered != "DE" || d.Mode != rating.Gross || d.Payment.CollectOn != day("2026-11-18") || Free(d) || len(d.Sessions) != 0 {
		t.Errorf("document %+v", d)
	}
	if !Free(build(t, feesOnly(fee("Komfort", "2026-10-01", "2026-11-01", 0)))) {
		t.Error("a fee of nothing is not free")
	}
	b, err := Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := Decode(b); err != nil || Hash(back) != Hash(d) {
		t.Errorf("read back: %v", err)
	}
	cent := d
	cent.Fees = slices.Clone(d.Fees)
	cent.Fees[0].Amount++
	if err := cent.Check(); !errors.Is(err, ErrTotals) {
		t.Errorf("a fee that is a cent off: %v", err)
	}
}

func TestTrueUp(t *testing.T) {
	// E11: 320 kWh in the month, due 124.80 at the tier of the total. Charged at provisional tiers: 100 x 0.49 + 200 x 0.44 + 20 x 0.39.
	f := fee("STUFEN", "2026-10-01", "2026-11-01", 12480-14480)
	f.Kind, f.Monthly, f.Energy = TrueUpFee, 0, 320*kWh
	d := build(t, feesOnly(f, fee("Komfort", "2026-10-01", "2026-11-01", 999)))
	if d.Gross != -1001 || d.Fees[0].Kind != MonthlyFee || !d.Payment.CollectOn.IsZero() {
		t.Errorf("gross %d, first fee %s, collected %s", d.Gross, d.Fees[0].Kind, d.Payment.CollectOn)
	}
	if l := d.Fees[1]; FeeDE(l) != "Mengenausgleich STUFEN, 01.10.2026 bis 31.10.2026" || FeeQuantityDE(l) != "320,000 kWh" {
		t.Errorf("%q, %q", FeeDE(l), FeeQuantityDE(l))
	}
}

func TestFeeIsTaxedByItsLastDay(t *testing.T) {
	s := feesOnly(fee("A", "2020-06-01", "2020-07-01", 1190), fee("B", "2020-07-01", "2020-08-01", 1160))
	sums(t, build(t, s), 2000, 350, 2350, VATGroup{"DE", "S", 160_000, 1000, 160, 1160}, VATGroup{"DE", "S", 190_000, 1000, 190, 1190})
}

func TestBuildNamesTheFeeAtFault(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*Fee)
		code  ChargeCode
		text  string
	}{
		{"no id", func(f *Fee) { f.ID = ident.ID{} }, ChargeMalformed, "id is missing"},
		{"no kind", func(f *Fee) { f.Kind = "" }, ChargeMalformed, "kind"},
		{"no plan", func(f *Fee) { f.Plan = "" }, ChargeMalformed, "plan"},
		{"no days", func(f *Fee) { f.Until = f.From }, ChargeMalformed, "days of one month"},
		{"days of two months", func(f *Fee) { f.From = day("2026-09-30") }, ChargeMalformed, "days of one month"},
		{"after the period", func(f *Fee) { f.From, f.Until = day("2026-11-01"), day("2026-11-02") }, ChargeMalformed, "after the period"},
		{"no mode", func(f *Fee) { f.Mode = "" }, ChargeMalformed, "mode"},
		{"unknown currency", func(f *Fee) { f.Currency = "XTS" }, ChargeMalformed, "XTS"},
		{"unknown VAT code", func(f *Fee) { f.VATCode = "" }, ChargeVATUnknown, "VAT_UNKNOWN"},
		{"not registered", func(f *Fee) { f.Country = "AT" }, ChargeUnregistered, `"AT"`},
		{"net on a gross document", func(f *Fee) { f.Mode = rating.Net }, ChargeMixed, "split first"},
		{"twice", func(f *Fee) { *f = fee("Komfort", "2026-10-01", "2026-11-01", 999) }, ChargeMalformed, "given twice"},
	} {
		bad := fee("Bad", "2026-10-01", "2026-11-01", 100)
		tc.spoil(&bad)
		s := settlement(charge("a", "2026-10-02", 100))
		s.Fees = []Fee{fee("Komfort", "2026-10-01", "2026-11-01", 999), bad}
		_, err := Build(s)
		var f *FeeFault
		if !errors.As(err, &f) || f.Code != tc.code || f.Fee.Plan != bad.Plan || !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: error %v, want %s with %q", tc.name, err, tc.code, tc.text)
		}
	}
}

func TestSplitPutsFeesWithTheirKind(t *testing.T) {
	abroad := charge("b", "2026-10-03", 120)
	abroad.TaxCountry = "AT"
	net := fee("Flotte", "2026-10-01", "2026-11-01", 999)
	net.Mode = rating.Net
	groups := Split([]Charge{charge("a", "2026-10-03", 119), abroad}, []Fee{net, fee("Komfort", "2026-10-01", "2026-11-01", 999)})
	var got []string
	for _, g := range groups {
		text := ""
		for _, c := range g.Charges {
			text += c.Key.ID + " "
		}
		for _, f := range g.Fees {
			text += f.Plan
		}
		got = append(got, text)
	}
	if want := []string{"b ", "a Komfort", "Flotte"}; !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
}
