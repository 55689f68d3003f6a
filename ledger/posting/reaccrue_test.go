package posting

import (
	"testing"

	"wattdue/ledger"
)

// TestReaccrue: a session accrued at 2.45 costs 6.37 now (rating rules, E10). Both entries together add 3.92 to what is
// unbilled, and none of them has the reference of the first accrual.
func TestReaccrue(t *testing.T) {
	c := charge("E10", "2026-05-09", 637)
	first, ok := Accrue("t1", charge("E10", "2026-05-09", 245), "V-1001", day("2026-05-10"))
	if !ok {
		t.Fatal("nothing is accrued")
	}
	var unbilled int64
	seen := map[string]bool{first.Reference: true}
	for _, e := range Reaccrue("t1", c, 245, 2, "V-1001", day("2026-05-12")) {
		if err := e.Check(); err != nil {
			t.Error(err)
		}
		if seen[e.Reference] {
			t.Errorf("reference %s is there twice", e.Reference)
		}
		seen[e.Reference] = true
		for _, l := range e.Legs {
			if l.Account == ledger.UnbilledCharging {
				unbilled += l.Minor
			}
		}
	}
	if unbilled != 392 || len(seen) != 3 {
		t.Errorf("%d cents more are unbilled in %d entries, want 392 in 3", unbilled, len(seen))
	}
	for _, r := range AccrualReferences(c.ID, 2) {
		delete(seen, r)
	}
	if len(seen) != 0 {
		t.Errorf("not found again: %v", seen)
	}
	if free := Reaccrue("t1", charge("E10", "2026-05-09"), 245, 2, "V-1001", day("2026-05-12")); len(free) != 1 {
		t.Errorf("a session that costs nothing now has %d entries, want the reversal", len(free))
	}
}
