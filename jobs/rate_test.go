package jobs_test

import (
	"testing"

	"wattdue/dev/simulate"
	"wattdue/rating"
)

// TestNetPricesHaveTheirOwnDocuments gives the tariff net prices from the 16th on. A contract with sessions in both halves
// gets two documents: on the net one VAT comes on top of what was rated, and the balance knows it.
func TestNetPricesHaveTheirOwnDocuments(t *testing.T) {
	w, err := simulate.Generate(simulate.Options{Seed: 6, Customers: 6, Sessions: 40, Faults: -1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.Tariffs {
		if w.Tariffs[i].Version == 2 {
			w.Tariffs[i].Mode = rating.Net
		}
	}
	h := houseOf(t, w)
	h.start(t)
	row := h.reviewed(t)
	net := h.number(t, `select count(*) from charge where start_at >= '2026-10-16 00:00 Europe/Berlin'`)
	if net < 5 || net > 35 {
		t.Fatalf("%d of 40 charges are of the second half", net)
	}
	h.approve(t, row)
	h.wait(t, row, "closed")
	const rated = `(select sum(r.total) from rated r join billed b using (tenant_id, charge_id) join document d using (tenant_id, document_id) where d.mode = `
	for q, want := range map[string]int64{
		`select count(*) from billed`: 40,
		`select count(*) from billed b join document d using (tenant_id, document_id) where d.mode = 'net'`: net,
		`select sum(net) - ` + rated + `'net') from document where mode = 'net'`:                            0,
		`select sum(gross) - ` + rated + `'gross') from document where mode = 'gross'`:                      0,
		// One rate in the month, so the tax of a document is 19 % of its net, rounded once.
		`select count(*) from document where mode = 'net' and tax <> round(net * 0.19)`:                                                          0,
		`select count(*) from document where mode = 'net' and tax = 0`:                                                                           0,
		`select sum(l.minor) - (select sum(gross) from document) from leg l where l.account = 'debtors'`:                                         0,
		`select sum(minor) from leg where account = 'memo:unbilled'`:                                                                             0,
		`select (balance->'balance'->>'tax_on_top')::bigint - (select sum(tax) from document where mode = 'net') from run where job = 'billing'`: 0,
	} {
		if got := h.number(t, q); got != want {
			t.Errorf("%s: %d, want %d", q, got, want)
		}
	}
}
