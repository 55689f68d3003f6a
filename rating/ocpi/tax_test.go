package ocpi

import "testing"

const (
	total211 = `"total_cost":0,`
	total230 = `"total_cost":{"before_taxes":null},`
)

// TestTax: what a missing tax means depends on the version (rating rules, 8.3 and 12.5). One kWh at 1.19.
func TestTax(t *testing.T) {
	tests := []struct {
		name, cdr, tariff, component, want string
	}{
		{"2.2.1 with VAT", total221, "", "ENERGY 1.19 vat 19", "1.19/1.4161"},
		{"2.2.1 without VAT: none applies", total221, "", "ENERGY 1.19", "1.19/1.19"},
		{"2.2.1 with 0 %", total221, "", "ENERGY 1.19 vat 0", "1.19/1.19"},
		{"2.1.1: not stated", total211, "", "ENERGY 1.19", "1.19/?"},
		{"2.1.1 with VAT all the same", total211, "", "ENERGY 1.19 vat 19", "1.19/1.4161"},
		{"2.3.0 excluded, with a rate", total230, `"tax_included":"NO",`, "ENERGY 1.19 vat 19", "1.19/1.4161"},
		{"2.3.0 excluded, without a rate", total230, `"tax_included":"NO",`, "ENERGY 1.19", "1.19/?"},
		{"2.3.0 not stated is read as excluded", total230, "", "ENERGY 1.19 vat 19", "1.19/1.4161"},
		{"2.3.0 not stated, without a rate", total230, "", "ENERGY 1.19", "1.19/?"},
		{"2.3.0 included, with a rate", total230, `"tax_included":"YES",`, "ENERGY 1.19 vat 19", "1/1.19"},
		{"2.3.0 included, without a rate", total230, `"tax_included":"YES",`, "ENERGY 1.19", "?/1.19"},
		{"2.3.0 not applicable", total230, `"tax_included":"N.A.",`, "ENERGY 1.19", "1.19/1.19"},
		{"a tariff of 2.3.0 in a record of 2.2.1", total221, `"tax_included":"NO",`, "ENERGY 1.19", "1.19/?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, tt.cdr, "10:00 ENERGY 1"), Options{}, tariff(t, tt.tariff, element("", tt.component)))
			if got := both(p.Total); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if unknown := tt.want[0] == '?' || tt.want[len(tt.want)-1] == '?'; hasFlag(p, "VAT_UNKNOWN") != unknown {
				t.Errorf("flags %s for %s", flagsOf(p), tt.want)
			}
		})
	}
}

// TestTaxPerComponent: each component has its own rate; one that is not known makes the total unknown, and nothing else.
func TestTaxPerComponent(t *testing.T) {
	v := tariff(t, "", element("", "ENERGY 0.20 vat 10", "TIME 3.00", "FLAT 1 vat 20"))
	p := mustPrice(t, record(t, total211, "10:00 ENERGY 10 TIME 1"), Options{}, v)
	for _, part := range []struct{ name, got, want string }{
		{"energy", both(p.Energy), "2/2.2"},
		{"time", both(p.Time), "3/?"},
		{"fixed", both(p.Fixed), "1/1.2"},
		{"parking", both(p.Parking), "0/0"},
		{"total", both(p.Total), "6/?"},
	} {
		if part.got != part.want {
			t.Errorf("%s: got %s, want %s", part.name, part.got, part.want)
		}
	}
}

// TestLimits: before tax and with tax, each by itself (rating rules, 6.3 and 12.5). One kWh.
func TestLimits(t *testing.T) {
	tests := []struct {
		name, members, component, want, limit string
	}{
		{"minimum on both sides", `"min_price":{"excl_vat":0.50,"incl_vat":0.55},`, "ENERGY 0.30 vat 10", "0.5/0.55", MinPrice},
		{"minimum on one side only", `"min_price":{"excl_vat":5.00,"incl_vat":5.50},`, "ENERGY 4.90 vat 20", "5/5.88", MinPrice},
		{"maximum on both sides", `"max_price":{"excl_vat":10,"incl_vat":11},`, "ENERGY 12 vat 10", "10/11", MaxPrice},
		{"maximum on one side only", `"max_price":{"excl_vat":10,"incl_vat":11},`, "ENERGY 9.50 vat 20", "9.5/11", MaxPrice},
		{"exactly the minimum", `"min_price":{"excl_vat":0.50,"incl_vat":0.55},`, "ENERGY 0.50 vat 10", "0.5/0.55", ""},
		{"the other side of a limit is not stated", `"min_price":{"excl_vat":5.00},`, "ENERGY 1 vat 10", "5/?", MinPrice},
		{"the other side is not stated, and not needed", `"min_price":{"excl_vat":0.50},`, "ENERGY 1 vat 10", "1/1.1", ""},
		{"no tax applies: both sides are one", `"max_price":{"excl_vat":0.50},`, "ENERGY 1", "0.5/0.5", MaxPrice},
		{"limits of 2.3.0", `"tax_included":"NO","max_price":{"before_taxes":0.50,"after_taxes":0.60},`, "ENERGY 1 vat 20", "0.5/0.6", MaxPrice},
		{"a free session costs the minimum", `"min_price":{"excl_vat":2,"incl_vat":2.20},`, "ENERGY 0 vat 10", "2/2.2", MinPrice},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, total221, "10:00 ENERGY 1"), Options{}, tariff(t, tt.members, element("", tt.component)))
			if got := both(p.Total); got != tt.want || p.Limit != tt.limit || hasFlag(p, "LIMIT_APPLIED") != (tt.limit != "") {
				t.Errorf("got %s, limit %q, flags %s; want %s, limit %q", got, p.Limit, flagsOf(p), tt.want, tt.limit)
			}
			sum := nothing
			for _, l := range p.Lines {
				var err error
				if sum, err = sum.add(l.Amount); err != nil {
					t.Fatal(err)
				}
			}
			if sum != p.Total {
				t.Errorf("lines add up to %s, the total is %s", both(sum), both(p.Total))
			}
		})
	}
}
