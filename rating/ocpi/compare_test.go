package ocpi

import (
	"math"
	"testing"

	"wattdue/money"
)

// euro is an amount in thousandths.
func euro(excl, incl int64) Amount {
	return Amount{Known(money.Exact(excl) * oneOf(3)), Known(money.Exact(incl) * oneOf(3))}
}

// TestCompare: rating rules, 11.5: beyond 0.02 or 0.5 %, whichever is larger, on either side.
func TestCompare(t *testing.T) {
	retail := euro(11_280, 13_420)
	tests := []struct {
		name               string
		stated, recomputed Amount
		dispute            bool
		difference, margin string
	}{
		{"equal", euro(8_710, 10_365), euro(8_710, 10_365), false, "0/0", "2.570000"},
		{"two cents", euro(1_000, 1_190), euro(1_020, 1_190), false, "0.02/0", "10.280000"},
		{"more than two cents", euro(1_000, 1_190), euro(1_021, 1_190), true, "0.021/0", "10.280000"},
		{"less than the operator says", euro(1_000, 1_190), euro(979, 1_190), true, "-0.021/0", "10.280000"},
		{"with tax only", euro(1_000, 1_190), euro(1_000, 1_211), true, "0/0.021", "10.280000"},
		{"half a percent", euro(10_000, 11_900), euro(10_050, 11_950), false, "0.05/0.05", "1.280000"},
		{"more than half a percent", euro(10_000, 11_900), euro(10_051, 11_950), true, "0.051/0.05", "1.280000"},
		{"tax not stated", Amount{ExclVAT: euro(1_000, 0).ExclVAT}, euro(1_000, 1_500), false, "0/?", "10.280000"},
		{"nothing stated", Amount{}, euro(1_000, 1_500), false, "?/?", "10.280000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Compare(tt.stated, tt.recomputed, retail, DefaultTolerance)
			if err != nil || c.Dispute != tt.dispute || both(c.Difference) != tt.difference || c.Margin.Text(6) != tt.margin || c.Loss {
				t.Errorf("dispute %v, difference %s, margin %s, loss %v, error %v", c.Dispute, both(c.Difference), c.Margin.Text(6), c.Loss, err)
			}
		})
	}
	huge := Amount{ExclVAT: Known(math.MaxInt64)}
	if _, err := Compare(Amount{ExclVAT: Known(-math.MaxInt64)}, huge, huge, DefaultTolerance); err == nil {
		t.Error("a difference beyond all numbers is no error")
	}
}

// TestE19: wholesale 22 kWh at 0.38 and a fee of 0.35 is 8.71 net; retail 22 kWh at 0.61 is 13.42 gross, 11.28 net.
func TestE19(t *testing.T) {
	wholesale := mustPrice(t, record(t, total221, "10:00 ENERGY 22"), Options{}, tariff(t, "", element("", "ENERGY 0.38 vat 19", "FLAT 0.35 vat 19")))
	if got := wholesale.Total.ExclVAT.Text(2); got != "8.71" {
		t.Fatalf("wholesale %s, want 8.71", got)
	}
	c, err := Compare(wholesale.Total, wholesale.Total, euro(11_280, 13_420), DefaultTolerance)
	if err != nil || c.Margin.Text(2) != "2.57" || c.Loss {
		t.Errorf("margin %s, loss %v, error %v; want 2.57", c.Margin.Text(2), c.Loss, err)
	}
	if c, err = Compare(wholesale.Total, wholesale.Total, euro(8_000, 9_520), DefaultTolerance); err != nil || c.Margin.Text(2) != "-0.71" || !c.Loss {
		t.Errorf("margin %s, loss %v, error %v; want -0.71, reported", c.Margin.Text(2), c.Loss, err)
	}
}

// TestCredit: rating rules, 11.4, with the pitfalls "reversal" and "credit before original".
func TestCredit(t *testing.T) {
	was := CDR{ID: "CDR-1", Country: "FR", Party: "POT", Currency: money.EUR, Stated: Costs{Total: euro(2_000, 2_200)}}
	credit := CDR{
		ID: "CDR-1-C", Country: "FR", Party: "POT", Currency: money.EUR, Credit: true, CreditRef: "cdr-1", Stated: Costs{Total: euro(-2_000, -2_200)},
	}
	original := func(change func(*Original)) *Original {
		o := &Original{CDR: was, Priced: true}
		change(o)
		return o
	}
	same := func(*Original) {}
	tests := []struct {
		name     string
		credit   func(*CDR)
		original *Original
		reason   Reason
		findings int
	}{
		{"both are there", nil, original(same), "", 0},
		{"another amount is told, and the original reversed as it is", func(c *CDR) { c.Stated.Total = euro(-2_000, -2_100) }, original(same), "", 1},
		{"a total that is not stated is no difference", func(c *CDR) { c.Stated.Total = Amount{} }, original(same), "", 0},
		{"no reference", func(c *CDR) { c.CreditRef = "" }, original(same), NoReference, 0},
		{"unknown reference, or credit before original", nil, nil, UnknownReference, 0},
		{"the id of another record", func(c *CDR) { c.CreditRef = "CDR-2" }, original(same), UnknownReference, 0},
		{"the record of another operator", nil, original(func(o *Original) { o.CDR.Party = "XYZ" }), UnknownReference, 0},
		{"credit before the original is priced", nil, original(func(o *Original) { o.Priced = false }), OriginalPending, 0},
		{"twice", nil, original(func(o *Original) { o.Reversed = true }), AlreadyReversed, 0},
		{"of a credit", nil, original(func(o *Original) { o.CDR.Credit = true }), CreditOfCredit, 0},
		{"in another currency", func(c *CDR) { c.Currency = "CHF" }, original(same), OtherCurrency, 0},
		{"no credit", func(c *CDR) { c.Credit = false }, original(same), NoCredit, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := credit
			if tt.credit != nil {
				tt.credit(&c)
			}
			d := DecideCredit(c, tt.original)
			if d.Reverse != (tt.reason == "") || d.Reason != tt.reason || len(d.Findings) != tt.findings {
				t.Errorf("got %+v, want reason %q", d, tt.reason)
			}
			if tt.reason != "" && tt.reason.Text() == "" {
				t.Errorf("reason %s has no text", tt.reason)
			}
		})
	}
}
