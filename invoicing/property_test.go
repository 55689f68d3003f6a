package invoicing

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/money"
	"wattdue/rating"
)

// drawCharges draws sessions of one mode over both German rates of 2020, credits included.
func drawCharges(t *rapid.T) []Charge {
	mode := rapid.SampledFrom([]rating.Mode{rating.Gross, rating.Net}).Draw(t, "mode")
	amounts := rapid.Int64Range(-50_000, 500_000)
	var cs []Charge
	for i := range rapid.IntRange(1, 12).Draw(t, "sessions") {
		supplied := rapid.SampledFrom([]string{"2020-06-30", "2020-07-01", "2020-07-02"}).Draw(t, "supplied")
		var lines []rating.Line
		for _, c := range []rating.Component{rating.Energy, rating.Idle, rating.PerUse}[:rapid.IntRange(1, 3).Draw(t, "lines")] {
			lines = append(lines, line(c, 1, 1, amounts.Draw(t, "amount")))
		}
		c := charge(fmt.Sprint(i), supplied, 0).with(lines...)
		c.Rated.Mode = mode
		cs = append(cs, c)
	}
	return cs
}

// within reports whether tax is exact to half a cent: 2*|tax*d - n| <= d for the exact value n/d.
func within(tax, n, d int64) bool {
	diff := 2 * (tax*d - n)
	return -d <= diff && diff <= d
}

func TestPropertyTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := drawCharges(t)
		d, err := Build(settlement(cs...))
		if err != nil {
			t.Fatal(err)
		}
		var lines int64
		for _, c := range cs {
			for _, l := range c.Rated.Lines {
				lines += l.Amount
			}
		}
		if d.Mode == rating.Gross && d.Gross != lines || d.Mode == rating.Net && d.Net != lines {
			t.Errorf("%s mode: lines %d, net %d, gross %d", d.Mode, lines, d.Net, d.Gross)
		}
		if d.Net+d.Tax != d.Gross {
			t.Errorf("net %d + tax %d != gross %d", d.Net, d.Tax, d.Gross)
		}
		var sum VATGroup
		for _, g := range d.VAT {
			if g.Net+g.Tax != g.Gross {
				t.Errorf("group %+v does not add up", g)
			}
			rate := int64(g.Rate)
			if d.Mode == rating.Gross && !within(g.Tax, g.Gross*rate, 1_000_000+rate) {
				t.Errorf("tax %d in gross %d at %d is off by more than half a cent", g.Tax, g.Gross, rate)
			}
			if d.Mode == rating.Net && !within(g.Tax, g.Net*rate, 1_000_000) {
				t.Errorf("tax %d on net %d at %d is off by more than half a cent", g.Tax, g.Net, rate)
			}
			sum.Net, sum.Tax, sum.Gross = sum.Net+g.Net, sum.Tax+g.Tax, sum.Gross+g.Gross
		}
		if sum.Net != d.Net || sum.Tax != d.Tax || sum.Gross != d.Gross {
			t.Errorf("groups %+v, document net %d, tax %d, gross %d", sum, d.Net, d.Tax, d.Gross)
		}
		if err := d.Check(); err != nil {
			t.Error(err)
		}
	})
}

func TestPropertyOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := drawCharges(t)
		d, err := Build(settlement(cs...))
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 1))
		r.Shuffle(len(cs), func(i, j int) { cs[i], cs[j] = cs[j], cs[i] })
		other, err := Build(settlement(cs...))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, other); diff != "" {
			t.Errorf("shuffled charges give another document:\n%s", diff)
		}
	})
}

func TestPropertyEncodingIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := drawCharges(t)
		cs[0].Place = rapid.String().Draw(t, "place")
		cs[0].EVSEID = rapid.SampledFrom([]string{`"<&>"`, "\u2028", "DE*ABC*E1"}).Draw(t, "evse")
		d, err := Build(settlement(cs...))
		if err != nil {
			t.Fatal(err)
		}
		b, err := Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, back); diff != "" {
			t.Errorf("read back (-wrote +read):\n%s", diff)
		}
	})
}

func TestPropertySplitKeepsEveryCharge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := drawCharges(t)
		for i := range cs {
			cs[i].Rated.Currency = rapid.SampledFrom([]money.Currency{"EUR", "CHF"}).Draw(t, "currency")
		}
		n := 0
		for _, g := range Split(cs, nil) {
			n += len(g.Charges)
			s := settlement(g.Charges...)
			s.Contract.Payment = "on_account"
			if _, err := Build(s); err != nil {
				t.Errorf("a group of Split cannot be built: %v", err)
			}
		}
		if n != len(cs) {
			t.Errorf("%d charges in, %d out", len(cs), n)
		}
	})
}
