package jobs_test

import (
	"testing"

	"wattdue/dev/simulate"
	"wattdue/rating"
)

// TestNetPricesAreHeld gives the tariff net prices from the 16th on. Documents state gross prices, so the charges of the
// second half wait with a reason, and those of the first half are billed.
func TestNetPricesAreHeld(t *testing.T) {
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
	const second = `start_at >= '2026-10-16 00:00 Europe/Berlin'`
	net := h.number(t, `select count(*) from charge where `+second)
	if net < 5 || net > 35 {
		t.Fatalf("%d of 40 charges are of the second half", net)
	}
	if n := h.number(t, `select count(*) from charge join charge_state using (tenant_id, charge_id) where state = 'held' and `+second); n != net {
		t.Errorf("%d charges at net prices are held, want %d", n, net)
	}
	if n := h.number(t, `select count(*) from quarantine where stage = 'rate' and code = 'net-mode' and state = 'open'`); n != net {
		t.Errorf("%d charges are held for net prices, want %d", n, net)
	}
	h.approve(t, row)
	h.wait(t, row, "closed")
	if n := h.number(t, `select count(*) from billed`); n != 40-net {
		t.Errorf("%d charges are billed, want the %d at gross prices", n, 40-net)
	}
}
