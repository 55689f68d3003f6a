package jobs_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"wattdue/dev/simulate"
	"wattdue/jobs"
)

// TestMonthAgreesWithTheTruth bills a simulated month and compares every record's fate and every cent with the walk over
// the seconds that the simulator wrote apart from rating.
func TestMonthAgreesWithTheTruth(t *testing.T) {
	w, err := simulate.Generate(simulate.Options{Seed: 3, Customers: 30, Sessions: 300})
	if err != nil {
		t.Fatal(err)
	}
	truth, err := w.Truth()
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, w.Options)
	h.start(t)
	h.month(t, 50)
	got := h.fates(t)
	var sum int64
	for _, x := range truth {
		key := strings.ToUpper(x.Key.String())
		switch x.Outcome {
		case "billed", "free", "held":
		default:
			continue // never became a charge of its own
		}
		fate := got[key]
		if fate.state != string(x.Outcome) {
			t.Errorf("%s (%s): %s, want %s", key, x.Fault, fate.state, x.Outcome)
		}
		if fate.total != x.Cost.Cents {
			t.Errorf("%s: %d cents, the walk says %d", key, fate.total, x.Cost.Cents)
		}
		sum += x.Cost.Cents
	}
	if documents := h.number(t, `select coalesce(sum(gross), 0) from document`); documents != sum {
		t.Errorf("documents sum to %d, the truth to %d", documents, sum)
	}
	files, err := filepath.Glob(filepath.Join(h.dir, "sepa", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Errorf("no bank file: %v", err)
	}
	if mails, documents := h.number(t, `select count(*) from outbox where state = 'sent'`), h.number(t, `select count(*) from document`); mails != documents {
		t.Errorf("%d mails for %d documents", mails, documents)
	}
	h.nothingMore(t)
}

// nothingMore runs the month again: every job must find nothing to do.
func (h *house) nothingMore(t *testing.T) {
	t.Helper()
	before := h.dump(t)
	for _, o := range []jobs.Opening{
		{Job: "intake", Period: "2026-11-02", AsOf: intakeAsOf}, {Job: "billing", Period: "2026-10", AsOf: billingAsOf}, {Job: "collect", Period: "2026-11-04", AsOf: collectAsOf},
	} {
		if _, err := h.Open(t.Context(), h.tenant, o); !errors.Is(err, jobs.ErrNothingToDo) {
			t.Errorf("%s again: %v, want nothing to do", o.Job, err)
		}
	}
	if after := h.dump(t); after != before {
		t.Error("running the month again changed something")
	}
}

type fate struct {
	state string
	total int64
}

// fates is what became of every charge.
func (h *house) fates(t *testing.T) map[string]fate {
	t.Helper()
	rows, err := h.database.SQL(t, "wattdue_reader").Query(`select c.country || '/' || c.party || '/' || upper(c.cdr_id), s.state, coalesce(r.total, 0)
from charge c join charge_state s using (tenant_id, charge_id)
left join rated r on r.tenant_id = s.tenant_id and r.charge_id = s.charge_id and r.attempt = s.attempt`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	m := map[string]fate{}
	for rows.Next() {
		var key string
		var f fate
		if err := rows.Scan(&key, &f.state, &f.total); err != nil {
			t.Fatal(err)
		}
		m[key] = f
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

// number is the answer to a query for one number.
func (h *house) number(t testing.TB, q string) (n int64) {
	t.Helper()
	if h.reader == nil {
		h.reader = h.database.SQL(t, "wattdue_reader")
	}
	if err := h.reader.QueryRow(q).Scan(&n); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return n
}

// outcome lists the tables whose content says how a month ended, without what may differ between two runs of it: times of
// the machine, tries and keys made at random.
var outcome = []string{
	`select * from cdr_key order by 1, 2`,
	`select * from cdr_duplicate order by 1, 2, 3`,
	`select tenant_id, file_id, sha256, name, size, format, run_id, ordinal_done, finished, imported, duplicates, rejected from import_file order by 1, 2`,
	`select * from charge order by 1, 2, 3`,
	`select * from charge_state order by 1, 2`,
	`select * from verdict order by 1, 2, 3, 4`,
	`select * from signed_session order by 1, 2`,
	`select * from signed_value order by 1, 2, 3`,
	`select tenant_id, charge_id, code, other_id, holds, value, run_id from finding order by 1, 2, 3, 4`,
	`select tenant_id, charge_id, code, other_id, run_id from finding_closed order by 1, 2, 3, 4`,
	`select * from rated order by 1, 2, 3, 4`,
	`select * from rated_line order by 1, 2, 3, 4, 5`,
	`select tenant_id, file_id, ordinal, stage, attempt, charge_id, run_id, class, code, record, field, reason, payload, state from quarantine order by 1, 2, 3, 4, 5`,
	`select * from entry order by 1, 2`,
	`select * from leg order by 1, 2, 3`,
	`select * from document order by 1, series, number`,
	`select * from billed order by 1, 2`,
	`select * from billed_fee order by 1, 2`,
	`select tenant_id, key, kind, document_id, state, sent_on from outbox order by 1, 2`,
	`select tenant_id, kind, owner, sha256, size from artefact order by 1, 2, 3`,
	`select * from debit order by 1, 2`,
	`select * from sepa_batch order by 1, 2`,
	`select tenant_id, job, period, seq, state, stage, balance from run order by 1, 2, 3, 4`,
}

// dump writes the outcome of the month as text.
func (h *house) dump(t testing.TB) string {
	t.Helper()
	db := h.database.SQL(t, "wattdue_reader")
	var b strings.Builder
	for _, q := range outcome {
		rows, err := db.Query(`select x::text from (` + q + `) x`)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		b.WriteString("-- " + q + "\n")
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			b.WriteString(line + "\n")
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil { //nolint:sqlclosecheck // one query after the other
			t.Fatal(err)
		}
	}
	return b.String()
}
