package jobs_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/rating"
	"wattdue/rating/wire"
)

// replayed prices an explained charge again from its inputs alone, as wattdue rate does, and from its trace alone.
func (h *matrixHouse) replayed(t *testing.T, id string, attempt int) jobs.Explanation {
	t.Helper()
	x, err := h.Explain(t.Context(), h.tenant, "DE/CPO/"+id, attempt)
	if err != nil {
		t.Fatal(err)
	}
	trace, err := rating.DecodeTrace(x.Price.Trace.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := trace.Replay(); err != nil || !bytes.Equal(r.Trace, x.Price.Trace.Bytes) || !x.Replays {
		t.Errorf("%s: the trace does not replay: %v", id, err)
	}
	compiled, err := rating.Compile(priceListOf(t, x.Inputs.Tariff))
	if err != nil {
		t.Fatal(err)
	}
	c, faults := wire.ParseSession(id, x.Inputs.Session, wire.Lookups{TimeZone: time.LoadLocation})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	r, err := rating.Rate(c.Contract, compiled, c.Session)
	if err != nil {
		t.Fatal(err)
	}
	if same := bytes.Equal(r.Trace, x.Price.Trace.Bytes); x.Inputs.Same && !same {
		t.Errorf("%s: the inputs give another trace, although they are said to be the same", id)
	}
	return x
}

// TestExplainedWithTheCountersOfItsMonth explains both prices of C in example E10: at first 10 of its 15 kWh were included,
// after B came late 2 of them.
func TestExplainedWithTheCountersOfItsMonth(t *testing.T) {
	h := lateHouse(t, nil)
	for _, c := range []struct {
		attempt         int
		total, included string
	}{{1, "2.45", "15.000 kWh to 5.000 kWh"}, {2, "6.37", "15.000 kWh to 13.000 kWh"}} {
		x := h.replayed(t, "C", c.attempt)
		if !x.Inputs.Same || *x.Price.Total.InclVAT != c.total || x.Attempt != c.attempt || len(x.Attempts) != 2 {
			t.Errorf("attempt %d: %s in attempt %d of %v, same %v (%s)", c.attempt, *x.Price.Total.InclVAT, x.Attempt, x.Attempts, x.Inputs.Same, x.Inputs.Remark)
		}
		if a := x.Price.Trace.Adjustments; len(a) != 1 || a[0].Before+" to "+a[0].After != c.included {
			t.Errorf("attempt %d: adjustments %+v, want from %s", c.attempt, a, c.included)
		}
	}
	if x := h.replayed(t, "C", 0); x.Attempt != 2 || x.Zone != "Europe/Berlin" || x.Contract != "V1" {
		t.Errorf("the price that counts is of attempt %d at %s, contract %s", x.Attempt, x.Zone, x.Contract)
	}
	if _, err := h.Explain(t.Context(), h.tenant, "DE/CPO/C", 3); err == nil || !strings.Contains(err.Error(), "there is one of [1 2]") {
		t.Errorf("attempt 3: %v", err)
	}
	// What was kept with the price stands; of a price without counters the contract of today is told, and that it is another.
	staff := func(c *customer.Contract) { c.Groups = []string{"staff"} }
	h.contract(t, "V1", priceListOf(t, flat), staff, included(30))
	h.contract(t, "V2", priceListOf(t, flat), staff)
	if x := h.replayed(t, "C", 2); !x.Inputs.Same || x.Inputs.Remark != "" {
		t.Errorf("C with another group since: %q", x.Inputs.Remark)
	}
	if x := h.replayed(t, "X", 0); x.Inputs.Same || !strings.Contains(x.Inputs.Remark, "the trace is what counts") || *x.Price.Total.InclVAT != "0.49" {
		t.Errorf("X with another group since: same %v, %q", x.Inputs.Same, x.Inputs.Remark)
	}
}

// TestExplainedBeyondTheEndOfItsVersion explains a session that an ended version prices because the dearer one waits for its
// notice: the tariff in the inputs prices it, too.
func TestExplainedBeyondTheEndOfItsVersion(t *testing.T) {
	h := newMatrixHouse(t)
	h.start(t)
	first := priceListOf(t, strings.Replace(flat, "currency", "valid_until: 2026-05-01 Europe/Berlin\ncurrency", 1))
	second := priceListOf(t, strings.NewReplacer("version: 1", "version: 2", "2026-01-01", "2026-05-01", "0.49", "0.52").Replace(flat))
	h.loadMore(t, masterdata.File{
		Tariffs: []rating.Tariff{first, second}, Announced: map[masterdata.TariffVersion]calendar.Date{{Code: "FLAT", Version: 2}: calendar.NewDate(2026, 4, 20)},
	})
	h.contract(t, "V1", first, func(c *customer.Contract) { c.PriceNoticeDays = 42 })
	h.arrive(t, visit{id: "M", contract: "V1", start: "2026-05-09 12:00", end: "2026-05-09 13:00", periods: []string{"1"}})
	if x := h.replayed(t, "M", 0); !x.Inputs.Same || x.Price.Version != 1 || *x.Price.Total.InclVAT != "0.49" {
		t.Errorf("version %d: %s, same %v (%s)", x.Price.Version, *x.Price.Total.InclVAT, x.Inputs.Same, x.Inputs.Remark)
	}
}
