package jobs_test

import (
	"errors"
	"path/filepath"
	"testing"

	"wattdue/dev/simulate"
	"wattdue/jobs"
)

// TestFilesWithOddNamesAreImported lays files into the inbox whose names are not UTF-8, two of them alike but for that
// byte, and some named as these might be shown. Each must be imported once, under a name of its own.
func TestFilesWithOddNamesAreImported(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 6, Customers: 4, Sessions: 20, Faults: -1})
	inbox := h.InboxOf(h.tenant.Code)
	record := h.oneRecord(t, inbox)
	names := []string{"M\xfcnchen.ndjson", "M\xe4nchen.ndjson", "M?nchen.ndjson", "München.ndjson", `M\xfcnchen.ndjson`, "\xff.ndjson", " 'quoted\"\n.ndjson"}
	for i, name := range names {
		id := "ODD-" + string(rune('A'+i))
		write(t, filepath.Join(inbox, name), []byte(renamed(record, id)+"\n"))
	}
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	if n := h.number(t, `select count(*) from charge join charge_state using (tenant_id, charge_id) where cdr_id like 'ODD-%' and state = 'accrued'`); n != int64(len(names)) {
		t.Errorf("%d records arrived, want one from each of %d files", n, len(names))
	}
	if _, err := h.Open(t.Context(), h.tenant, jobs.Opening{Job: "intake", Period: "2026-11-02", AsOf: intakeAsOf, Actor: "preparer"}); !errors.Is(err, jobs.ErrNothingToDo) {
		t.Errorf("intake again: %v, want nothing to do", err)
	}
	for _, name := range []string{`M\xfcnchen.ndjson`, `M\xe4nchen.ndjson`, `M?nchen.ndjson`, `M\\xfcnchen.ndjson`} {
		if n := h.text(t, `select count(*) from import_file where name = $1`, name); n != "1" {
			t.Errorf("%s files are known as %s, want 1", n, name)
		}
	}
}
