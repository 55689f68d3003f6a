package jobs_test

import (
	"slices"
	"strings"
	"testing"

	"wattdue/calendar"
	"wattdue/invoicing"
	"wattdue/rating"
)

// document is the frozen content of the n-th document of a contract, from 0.
func (h *house) document(t *testing.T, contract string, n int) invoicing.Document {
	t.Helper()
	var content []byte
	err := h.database.SQL(t, "wattdue_reader").QueryRow(`select content from document where contract_no = $1 order by number offset $2 limit 1`, contract, n).Scan(&content)
	if err != nil {
		t.Fatalf("document %d of contract %s: %v", n, contract, err)
	}
	d, err := invoicing.Decode(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	return d
}

// prints compares what a document says of sessions and fees, and its sums.
func prints(t *testing.T, d invoicing.Document, net, tax, gross int64, lines ...string) {
	t.Helper()
	var got []string
	add := func(parts ...string) {
		got = append(got, strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " | "))
	}
	for _, s := range d.Sessions {
		for i, l := range s.Lines {
			add(invoicing.SessionLineDE(s, i), invoicing.PricedDE(l, d.Currency), invoicing.AmountDE(l.Amount, d.Currency))
		}
	}
	for _, f := range d.Fees {
		add(invoicing.FeeDE(f), invoicing.FeeQuantityDE(f), invoicing.AmountDE(f.Amount, d.Currency))
	}
	if !slices.Equal(got, lines) {
		t.Errorf("the document says\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(lines, "\n  "))
	}
	if d.Net != net || d.Tax != tax || d.Gross != gross {
		t.Errorf("net %d, tax %d, gross %d, want %d, %d, %d", d.Net, d.Tax, d.Gross, net, tax, gross)
	}
}

// TestE10OnTheDocument: C was priced at 2.45, and again at 6.37 when B arrived late. The document bills the price that holds,
// and the lines of that price only.
func TestE10OnTheDocument(t *testing.T) {
	h := lateHouse(t, nil)
	h.bill(t)
	prints(t, h.document(t, "V1", 0), 535, 102, 637, // 6.37 x 19/119 = 1.017
		"Ladestrom inklusive | 20,000 kWh | 0,00 €", "Ladestrom inklusive | 8,000 kWh | 0,00 €",
		"Ladestrom inklusive | 2,000 kWh | 0,00 €", "Ladestrom | 13,000 kWh × 0,49 €/kWh | 6,37 €")
	if n := h.number(t, `select count(*) from billed_fee`); n != 0 {
		t.Errorf("%d fees are billed, the plan has none", n)
	}
}

const volumeTiers = `tariff: STUFEN
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
price:
  energy:
    tiers: [{to: 100 kWh, price: 0.49}, {to: 300 kWh, price: 0.44}, {price: 0.39}]
    tiers_by: month
`

const blockingPenalty = `tariff: BLOCK
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
rows:
  - {id: energy, price: {energy: 0.49}}
  - id: blocking
    when: {after: 240 min, time: 08:00-22:00}
    price: {occupancy: {price: 0.10 per min, vat: penalty, cap: 12.00}}
`

func TestTrueUpOfAMonth(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	tariff := volumeTariff(t)
	plan := rating.Plan{ID: "P", Name: "Basis", From: calendar.NewDate(2026, 10, 11), Fee: 9_990_000, VATCode: "standard"}
	h.contract(t, "V1", tariff, nil, plan)
	// E11: 320 kWh cost 124.80 at the tier of the total. Provisional: 100 x 0.49 + 200 x 0.44 + 20 x 0.39 = 144.80.
	h.arrive(t,
		visit{id: "A", contract: "V1", start: "2026-10-01 12:00", end: "2026-10-01 14:00", periods: []string{"100"}},
		visit{id: "B", contract: "V1", start: "2026-10-02 12:00", end: "2026-10-02 14:00", periods: []string{"200"}},
		visit{id: "C", contract: "V1", start: "2026-10-03 12:00", end: "2026-10-03 14:00", periods: []string{"20"}})
	h.bill(t)
	// 9.99 x 21/31 = 6.767; 124.80 + 6.77 = 131.57; x 19/119 = 21.007
	prints(t, h.document(t, "V1", 0), 11056, 2101, 13157,
		"Ladestrom | 100,000 kWh × 0,49 €/kWh | 49,00 €", "Ladestrom | 200,000 kWh × 0,44 €/kWh | 88,00 €", "Ladestrom | 20,000 kWh × 0,39 €/kWh | 7,80 €",
		"Mengenausgleich STUFEN, 01.10.2026 bis 31.10.2026 | 320,000 kWh | -20,00 €",
		"Grundgebühr Basis, 11.10.2026 bis 31.10.2026 | 21 von 31 Tagen | 6,77 €")

	// A session that comes late is billed at the tier of the total at once; nothing is left to settle.
	h.arrive(t, visit{id: "D", contract: "V1", start: "2026-10-04 12:00", end: "2026-10-04 14:00", periods: []string{"10"}})
	h.bill(t)
	prints(t, h.document(t, "V1", 1), 328, 62, 390, "Ladestrom | 10,000 kWh × 0,39 €/kWh | 3,90 €")
}

// TestTrueUpMovesWithALateSession: 90 kWh stay in the first tier. Late 20 kWh begin there, and lift the month into the second:
// 110 x 0.44 = 48.40, charged 44.10 + 9.80 = 53.90.
func TestTrueUpMovesWithALateSession(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	h.contract(t, "V1", volumeTariff(t), nil)
	h.arrive(t, visit{id: "A", contract: "V1", start: "2026-10-01 12:00", end: "2026-10-01 14:00", periods: []string{"90"}})
	h.bill(t)
	prints(t, h.document(t, "V1", 0), 3706, 704, 4410, "Ladestrom | 90,000 kWh × 0,49 €/kWh | 44,10 €")
	h.arrive(t, visit{id: "B", contract: "V1", start: "2026-10-02 12:00", end: "2026-10-02 14:00", periods: []string{"20"}})
	h.bill(t)
	prints(t, h.document(t, "V1", 1), 361, 69, 430, // 9.80 - 5.50 = 4.30; x 19/119 = 0.687
		"Ladestrom | 20,000 kWh × 0,49 €/kWh | 9,80 €",
		"Mengenausgleich STUFEN, 01.10.2026 bis 31.10.2026 | 110,000 kWh | -5,50 €")
}

func volumeTariff(t *testing.T) rating.Tariff {
	t.Helper()
	return priceListOf(t, volumeTiers)
}

// TestE6ThroughTheDatabase bills example E6: the penalty of 12.00 is income outside VAT.
func TestE6ThroughTheDatabase(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	h.contract(t, "V1", priceListOf(t, blockingPenalty), nil)
	h.arrive(t, visit{id: "A", contract: "V1", start: "2026-06-03 14:00", end: "2026-06-03 23:30", periods: []string{"20"}})
	h.bill(t)
	prints(t, h.document(t, "V1", 0), 2024, 156, 2180,
		"Ladestrom | 20,000 kWh × 0,49 €/kWh | 9,80 €", "Blockiergebühr | 4 h × 0,10 €/min | 24,00 €", "Begrenzung Blockiergebühr | -12,00 €")
	for account, want := range map[string]int64{"debtors": 2180, "penalties": -1200, "revenue": -824, "vat": -156, "memo:unbilled": 0} {
		if got := h.number(t, `select coalesce(sum(minor), 0) from leg where account = '`+account+`'`); got != want {
			t.Errorf("%s holds %d, want %d", account, got, want)
		}
	}
}
