package jobs_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wattdue/dev/simulate"
	"wattdue/jobs"
)

// TestFindingsAreThoseOfTheTruth works the intake of months with planted contradictions: found are exactly those that the
// simulator's own walk over the meters expects, however the work is cut into chunks, and what is held waits with the right
// code. Nothing is lost.
func TestFindingsAreThoseOfTheTruth(t *testing.T) {
	for seed, chunk := range map[uint64]int{21: 10, 22: 60, 23: 1000} {
		t.Run(fmt.Sprintf("seed %d in chunks of %d", seed, chunk), func(t *testing.T) {
			w, err := simulate.Generate(simulate.Options{Seed: seed, Customers: 15, Sessions: 260, EVSEs: 20})
			if err != nil {
				t.Fatal(err)
			}
			h := houseOf(t, w)
			h.start(t)
			h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, chunk), "closed")
			found, held := h.compared(t)
			wantFound, wantHeld := expected(t, w)
			if d := cmp.Diff(wantFound, found); d != "" {
				t.Errorf("findings (-truth +run)\n%s", d)
			}
			if d := cmp.Diff(wantHeld, held); d != "" {
				t.Errorf("held (-truth +run)\n%s", d)
			}
			if len(held) < 7 {
				t.Errorf("%d records are held for a finding, want one of each kind planted", len(held))
			}
			h.balanced(t)
		})
	}
}

// compared lists what was found, as truth.csv writes it, and what is held for it.
func (h *house) compared(t *testing.T) (found, held []string) {
	t.Helper()
	rows, err := h.Findings(t.Context(), h.tenant, jobs.FindingQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		text := r.Record + " " + r.Code
		if r.Other != "" {
			text += "=" + r.Other
		}
		found = append(found, text)
	}
	for _, q := range h.heldIn(t, "compare") {
		held = append(held, q.Record+" "+q.Code)
	}
	slices.Sort(found)
	slices.Sort(held)
	return found, held
}

// expected lists the same from the truth.
func expected(t *testing.T, w *simulate.World) (found, held []string) {
	t.Helper()
	truth, err := w.Truth()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range truth {
		for _, f := range x.Findings {
			found = append(found, x.Key.String()+" "+f.String())
			if f.Code == x.Reason {
				held = append(held, x.Key.String()+" "+x.Reason)
			}
		}
	}
	slices.Sort(found)
	slices.Sort(held)
	return found, held
}
