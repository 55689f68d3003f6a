package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/rating"
)

// TestE9ThroughTheDatabase is example E9 of the rating rules: 22.5 of 30 kWh were used, then 10 kWh at night and 8.4 by day
// leave 2.5 at 0.30 and 8.4 at 0.45. Another contract without a plan pays all of it, and a third one uses its own.
func TestE9ThroughTheDatabase(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	tariff := priceListOf(t, dayAndNight)
	h.contract(t, "V1", tariff, nil, included(30))
	h.contract(t, "V2", tariff, nil)
	h.contract(t, "V3", tariff, nil, included(12))
	h.arrive(t, visit{id: "A", contract: "V1", start: "2026-05-04 12:00", end: "2026-05-04 14:00", periods: []string{"22.5"}})
	periods := []string{"2026-05-06 04:00=10", "2026-05-06 06:00=8.4"}
	h.arrive(t,
		visit{id: "B", contract: "V1", start: "2026-05-06 04:00", end: "2026-05-06 08:00", periods: periods},
		visit{id: "C", contract: "V2", start: "2026-05-06 04:00", end: "2026-05-06 08:00", periods: periods},
		visit{id: "D", contract: "V3", start: "2026-05-06 04:00", end: "2026-05-06 08:00", periods: periods},
		visit{id: "E", contract: "V1", start: "2026-06-01 12:00", end: "2026-06-01 13:00", periods: []string{"31"}}) // of the next month
	h.costs(t, map[string]int64{"A": 0, "B": 453, "C": 678, "D": 288, "E": 45})
	_, trail, p := h.price(t, "B")
	var lines []string
	for _, l := range p.Lines {
		lines = append(lines, fmt.Sprintf("%s %s %d at %d: %d", l.Kind, l.Label, l.Quantity, l.Unit, l.Amount))
	}
	slices.Sort(lines)
	want := []string{"  2500000 at 300000: 75", "  8400000 at 450000: 378", "included KWH 7500000 at 0: 0"}
	if !slices.Equal(lines, want) || trail.Attempt != 1 {
		t.Errorf("lines %q in attempt %d, want %q in the first", lines, trail.Attempt, want)
	}
	h.unbilled(t, "V1", 498)
}

// TestE10ThroughTheDatabase is example E10: of 30 kWh A of the 1st of May uses 20, and C of the 9th pays 5 of its 15: 2.45. B
// of the 5th arrives late with 8 kWh: it is included, and C pays 13: 6.37. What was accrued of C is taken back and booked
// anew; A and the other contract stay as they were.
func TestE10ThroughTheDatabase(t *testing.T) {
	h := lateHouse(t, nil)
	h.costs(t, map[string]int64{"A": 0, "B": 0, "C": 637, "X": 49})
	_, trail, _ := h.price(t, "C")
	var booked []string
	for _, e := range trail.Entries {
		_, name, _ := strings.Cut(e.Reference, trail.ID.String())
		for _, l := range e.Legs {
			if l.Account == "memo:unbilled" {
				booked = append(booked, fmt.Sprintf("%s %d", name, l.Minor))
			}
		}
	}
	slices.Sort(booked)
	if want := []string{" 245", ":2 637", ":2:reversal -245"}; !slices.Equal(booked, want) {
		t.Errorf("C is booked as %q, want %q", booked, want)
	}
	if len(trail.Prices) != 2 || trail.Prices[0].Total != 245 || len(trail.Verdicts) != 2 || trail.Verdicts[1].Basis != "not_required" || trail.Attempt != 2 {
		t.Errorf("C has %d prices and %d verdicts in attempt %d, want the first price beside the second", len(trail.Prices), len(trail.Verdicts), trail.Attempt)
	}
	for _, id := range []string{"A", "B", "X"} {
		if _, trail, _ := h.price(t, id); trail.Attempt != 1 || len(trail.Prices) != 1 {
			t.Errorf("%s was priced %d times", id, len(trail.Prices))
		}
	}
	h.unbilled(t, "V1", 637)
	h.unbilled(t, "V2", 49)
	h.bill(t)
	h.costs(t, map[string]int64{"A": 0, "B": 0, "C": 637, "X": 49})
	h.unbilled(t, "V1", 0)
}

// lateHouse plays example E10 up to the late record; change may prepare the house.
func lateHouse(t *testing.T, change func(*matrixHouse)) *matrixHouse {
	t.Helper()
	h := newMatrixHouse(t)
	if change != nil {
		change(h)
	}
	h.start(t)
	tariff := priceListOf(t, flat)
	h.contract(t, "V1", tariff, nil, included(30))
	h.contract(t, "V2", tariff, nil)
	h.arrive(t, lateA, lateC, visit{id: "X", contract: "V2", start: "2026-05-09 12:00", end: "2026-05-09 13:00", periods: []string{"1"}})
	h.costs(t, map[string]int64{"A": 0, "C": 245, "X": 49})
	h.arrive(t, lateB)
	return h
}

var (
	lateA = visit{id: "A", contract: "V1", start: "2026-05-01 12:00", end: "2026-05-01 14:00", periods: []string{"20"}}
	lateB = visit{id: "B", contract: "V1", start: "2026-05-05 12:00", end: "2026-05-05 14:00", periods: []string{"8"}}
	lateC = visit{id: "C", contract: "V1", start: "2026-05-09 12:00", end: "2026-05-09 14:00", periods: []string{"15"}}
)

// bill bills what was taken in and waits for the documents.
func (h *matrixHouse) bill(t *testing.T) {
	t.Helper()
	row := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
	if _, err := h.Approve(t.Context(), row, "approver"); err != nil {
		t.Fatal(err)
	}
	h.wait(t, row, "closed")
}

// TestBilledSessionKeepsItsAllowance: C of example E10 is billed at 2.45 before B arrives. It keeps its 10 included kWh, so
// nothing is left for B, which pays 8 x 0.49 = 3.92 by itself: the same difference, on the next bill.
func TestBilledSessionKeepsItsAllowance(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	h.contract(t, "V1", priceListOf(t, flat), nil, included(30))
	h.arrive(t, lateA, lateC)
	h.bill(t)
	h.arrive(t, lateB)
	h.costs(t, map[string]int64{"A": 0, "B": 392, "C": 245})
	if _, trail, _ := h.price(t, "C"); trail.State != "billed" || len(trail.Prices) != 1 {
		t.Errorf("C is %s with %d prices, want billed with its first", trail.State, len(trail.Prices))
	}
	h.unbilled(t, "V1", 392)
}

// TestDraftedSessionKeepsItsPriceUntilTheDraftIsGone: C of example E10 stands on a draft when B arrives, and keeps its 10 kWh.
// The draft is thrown away; with D of the 3rd of May, 1 kWh, the month is shared out anew: A 20, D 1, B 8, and 1 for C,
// which pays 14 x 0.49 = 6.86.
func TestDraftedSessionKeepsItsPriceUntilTheDraftIsGone(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	h.contract(t, "V1", priceListOf(t, flat), nil, included(30))
	h.arrive(t, lateA, lateC)
	row := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 0), "review")
	h.arrive(t, lateB)
	for id, want := range map[string]int64{"B": 392, "C": 245} {
		if _, _, p := h.price(t, id); p.Total != want {
			t.Errorf("%s costs %d beside the draft, want %d", id, p.Total, want)
		}
	}
	if err := h.Cancel(t.Context(), row, "approver", "one more came"); err != nil {
		t.Fatal(err)
	}
	h.arrive(t, visit{id: "D", contract: "V1", start: "2026-05-03 12:00", end: "2026-05-03 13:00", periods: []string{"1"}})
	h.costs(t, map[string]int64{"A": 0, "B": 0, "C": 686, "D": 0})
	h.unbilled(t, "V1", 686)
}

// TestMasterDataChangesNothingBackwards: after A and C of example E10 the contract changes its group, and the charge point its
// pricing zone; either would price otherwise. B arrives late and pays as things are now, while C is priced again as it was.
func TestMasterDataChangesNothingBackwards(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	tariff := priceListOf(t, strings.Replace(flat, "price: {energy: 0.49}", `rows:
  - {id: all, price: {energy: 0.49}}
  - {id: staff, when: {groups: staff}, price: {energy: 0.10}}
  - {id: west, when: {zones: West}, priority: 1, price: {energy: 0.20}}
`, 1))
	h.contract(t, "V1", tariff, nil, included(20))
	h.arrive(t, lateA, lateC)
	h.costs(t, map[string]int64{"A": 0, "C": 735})
	h.contract(t, "V1", tariff, func(c *customer.Contract) { c.Groups = []string{"staff"} }, included(20))
	h.sql(t, `update evse set pricing_zone = 'West' where evse_id = $1`, h.points[1])
	earlier := lateB
	earlier.start, earlier.end = "2026-04-30 23:00", "2026-05-01 00:30" // of April: what C pays stays
	h.arrive(t, earlier)
	h.costs(t, map[string]int64{"A": 0, "B": 0, "C": 735})
	first := visit{id: "D", contract: "V1", start: "2026-05-01 08:00", end: "2026-05-01 10:00", periods: []string{"25"}}
	h.arrive(t, first)
	h.costs(t, map[string]int64{"D": 100, "A": 980, "C": 735}) // D: 5 kWh at 0.20; A: 20 kWh at 0.49
}

// TestRatingThatFailsInTheEndIsDoneAgain lets the stage fail after all it did, each time it is worked the first time: the
// outcome is the same as without.
func TestRatingThatFailsInTheEndIsDoneAgain(t *testing.T) {
	plain := lateHouse(t, nil).dump(t)
	var failures atomic.Int32
	broken := lateHouse(t, func(h *matrixHouse) {
		before := map[string]bool{}
		h.Env.Jobs = rework(h.Env.Jobs, "rate", func(do work) work {
			return func(ctx context.Context, e *jobs.Env, task jobs.Task) (jobs.Counts, error) {
				counts, err := do(ctx, e, task)
				if key := task.Run.ID.String(); err == nil && !before[key] {
					before[key] = true
					failures.Add(1)
					return nil, errors.New("the power went off")
				}
				return counts, err
			}
		})
	}).dump(t)
	if failures.Load() != 2 {
		t.Errorf("%d runs failed in between, want 2", failures.Load())
	}
	if plain != broken {
		t.Error("the outcome is another one when rating fails in between")
	}
}

// TestE11ThroughTheDatabase is example E11: tiers to 100 kWh at 0.49, to 300 at 0.44, above at 0.39. 95 kWh were taken, then 20
// cost 5 x 0.49 + 15 x 0.44 = 9.05. A record of 10 kWh from before arrives late: it costs 4.90 in full, and of the 20 none
// is left at 0.49: 8.80.
func TestE11ThroughTheDatabase(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	tariff := priceListOf(t, strings.Replace(flat, "price: {energy: 0.49}", "price: {energy: {tiers: [{to: 100 kWh, price: 0.49}, {to: 300 kWh, price: 0.44}, {price: 0.39}]}}", 1))
	h.contract(t, "V1", tariff, nil)
	h.arrive(t,
		visit{id: "B", contract: "V1", start: "2026-05-20 12:00", end: "2026-05-20 14:00", periods: []string{"20"}},
		visit{id: "A", contract: "V1", start: "2026-05-10 12:00", end: "2026-05-10 20:00", periods: []string{"95"}})
	h.costs(t, map[string]int64{"A": 4655, "B": 905})
	h.arrive(t, visit{id: "L", contract: "V1", start: "2026-05-02 12:00", end: "2026-05-02 14:00", periods: []string{"10"}})
	h.costs(t, map[string]int64{"L": 490, "A": 4630, "B": 880}) // A: 90 x 0.49 + 5 x 0.44
	h.unbilled(t, "V1", 6000)
}

// TestPlanOfLaterCountsFromItsFirstDay: 30 kWh from the 17th of May on are 15 of 31 days: 14.516 kWh. What was charged before
// is not covered, also not when it is priced later.
func TestPlanOfLaterCountsFromItsFirstDay(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	p := included(30)
	p.From = calendar.NewDate(2026, 5, 17)
	h.contract(t, "V1", priceListOf(t, flat), nil, p)
	h.arrive(t,
		visit{id: "A", contract: "V1", start: "2026-05-16 12:00", end: "2026-05-16 14:00", periods: []string{"10"}},
		visit{id: "B", contract: "V1", start: "2026-05-17 12:00", end: "2026-05-17 14:00", periods: []string{"20"}})
	h.costs(t, map[string]int64{"A": 490, "B": 269}) // 5.484 x 0.49 = 2.68716
}

// TestKeysOfTheMatrix prices sessions by what is registered of the charge point and by what the record says.
func TestKeysOfTheMatrix(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	tariff := priceListOf(t, `tariff: KEYS
version: 1
valid_from: 2026-01-01 Europe/Berlin
currency: EUR
mode: gross
rows:
  - {id: person, when: {customers: PV2}, price: {energy: 0.10}}
  - {id: zone, when: {zones: Nord}, price: {energy: 0.20}}
  - {id: sender, when: {operators: "DE*CPO"}, price: {energy: 0.30}}
  - {id: rest, price: {session: 0}}
  - {id: app, when: {channels: app}, priority: 1, price: {energy: 0.40}}
  - {id: vehicle, when: {channels: plug_and_charge}, priority: 1, price: {session: {pass_through: yes}, energy: 0}}
`)
	h.contract(t, "V1", tariff, nil)
	h.contract(t, "V2", tariff, nil)
	on := func(id, contract string, point int, token, cost string) visit {
		return visit{id: id, contract: contract, start: "2026-05-04 12:00", end: "2026-05-04 13:00", point: point, token: token, cost: cost, periods: []string{"10"}}
	}
	h.arrive(t,
		on("PERSON", "V2", 1, "", ""), on("ZONE", "V1", 1, "", ""), on("SENDER", "V1", 2, "", ""), on("APP", "V1", 2, "APP_USER", ""),
		on("CAR", "V1", 2, "OTHER", `{"excl_vat":3.6,"incl_vat":4.28}`), on("CARX", "V1", 2, "OTHER", `{"excl_vat":3.6}`))
	for id, row := range map[string]string{"PERSON": "person", "ZONE": "zone", "SENDER": "sender", "APP": "app", "CAR": "vehicle"} {
		_, _, p := h.price(t, id)
		if len(p.Lines) == 0 || p.Lines[0].Row != row {
			t.Errorf("%s: lines %+v, want one of row %s", id, p.Lines, row)
		}
	}
	h.costs(t, map[string]int64{"PERSON": 100, "ZONE": 200, "SENDER": 300, "APP": 400, "CAR": 428})
	if state, _, _ := h.price(t, "CARX"); state != "held" {
		t.Errorf("without the operator's amount with tax the session is %s, want held", state)
	}
	if n := h.number(t, `select count(*) from quarantine where stage = 'rate' and code = 'NO_PRICE' and state = 'open'`); n != 1 {
		t.Errorf("%d sessions are held for NO_PRICE, want 1", n)
	}
}

// TestDearerVersionWaitsForItsNotice: version 2, valid from the 1st of May and told on the 20th of April, is dearer for the
// public and cheaper for staff. With 42 days of notice, the public pays the old 0.49 until the 1st of June, although version 1
// ended; staff pays less at once, and so does who has no notice period or began in May.
func TestDearerVersionWaitsForItsNotice(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	const versions = `tariff: FLAT
version: %d
valid_from: %s Europe/Berlin
%s
currency: EUR
mode: gross
rows:
  - {id: staff, when: {groups: staff}, price: {energy: %s}}
  - {id: all, price: {energy: %s}}
`
	first := priceListOf(t, fmt.Sprintf(versions, 1, "2026-01-01", "valid_until: 2026-05-01 Europe/Berlin", "0.40", "0.49"))
	second := priceListOf(t, fmt.Sprintf(versions, 2, "2026-05-01", "", "0.39", "0.52"))
	h.loadMore(t, masterdata.File{
		Tariffs: []rating.Tariff{first, second}, Announced: map[masterdata.TariffVersion]calendar.Date{{Code: "FLAT", Version: 2}: calendar.NewDate(2026, 4, 20)},
	})
	noticed := func(c *customer.Contract) { c.PriceNoticeDays = 42 }
	h.contract(t, "V1", first, noticed)
	h.contract(t, "V2", first, func(c *customer.Contract) { noticed(c); c.Groups = []string{"staff"} })
	h.contract(t, "V3", first, nil)
	h.contract(t, "V4", first, func(c *customer.Contract) { noticed(c); c.From = calendar.NewDate(2026, 5, 1) })
	on := func(id, contract, start, end string) visit {
		return visit{id: id, contract: contract, start: start, end: end, periods: []string{"10"}}
	}
	h.arrive(t,
		on("1-APR", "V1", "2026-04-30 23:30", "2026-05-01 00:30"), on("1-MAY", "V1", "2026-05-31 23:30", "2026-06-01 00:30"),
		on("1-JUN", "V1", "2026-06-01 00:00", "2026-06-01 01:00"), on("2-MAY", "V2", "2026-05-02 12:00", "2026-05-02 13:00"),
		on("3-MAY", "V3", "2026-05-01 00:00", "2026-05-01 01:00"), on("4-MAY", "V4", "2026-05-02 12:00", "2026-05-02 13:00"))
	h.costs(t, map[string]int64{"1-APR": 490, "1-MAY": 490, "1-JUN": 520, "2-MAY": 390, "3-MAY": 520, "4-MAY": 520})
	if _, _, p := h.price(t, "1-MAY"); p.Version != 1 {
		t.Errorf("within the notice version %d prices, want the first", p.Version)
	}
}
