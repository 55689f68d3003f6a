package jobs_test

import (
	"strings"
	"testing"

	"wattdue/dev/local"
	"wattdue/invoicing"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// TestCheckFindsWhatIsBroken plants one fault at a time, as the database's superuser with all guards off, and expects that
// one to be told, and no other.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	const (
		id    = `'11111111-1111-1111-1111-111111111111'`
		entry = `insert into entry values (1, ` + id + `, 'x', 'test', '2026-10-31', '2026-10-31', '', '', ` + id + `);`
		run   = `insert into run (tenant_id, run_id, job, period, seq, state, stage, as_of, opened_by, engine, error)
values (1, ` + id + `, 'intake', '2026-11-02', 1, '%', 'rate', '2026-11-02', 'x', 'test', 'planted');`
		schedule = `insert into job_schedule (tenant_id, job, spec, zone, next_due_at, alarm) values (1, 'intake', '30 2 * * *', 'UTC', %);`
	)
	for _, c := range []struct {
		name, plant, finding string
		grade                jobs.Grade
		text                 string
	}{
		{"nothing", ``, "", jobs.GradeOK, ""},
		{
			"a cent too much", entry + `insert into leg values (1, ` + id + `, 1, 'revenue', '', 100, 'EUR'), (1, ` + id + `, 2, 'bank', '', -99, 'EUR')`,
			"books", jobs.GradeFail, "1 currencies do not add up to zero, 1 entries do not balance, 0 have no legs",
		},
		{
			"two entries whose faults cancel out", entry + strings.ReplaceAll(strings.Replace(entry, "'x'", "'y'", 1), "1111'", "1112'") +
				`insert into leg values (1, ` + id + `, 1, 'revenue', '', 1, 'EUR'), (1, '11111111-1111-1111-1111-111111111112', 1, 'bank', '', -1, 'EUR')`,
			"books", jobs.GradeFail, "0 currencies do not add up to zero, 2 entries do not balance, 0 have no legs",
		},
		{"an entry of nothing", entry, "books", jobs.GradeFail, "1 have no legs"},
		{"a number without a document", `insert into series values (1, 'invoice-2026', 'RE-2026-', 7, 3)`, "numbers", jobs.GradeFail, "given out 2 numbers, 0 documents"},
		{"a record that came from nowhere", `insert into cdr_key values (1, ` + id + `, '2026-10-01', '', ` + id + `, 1);
insert into cdr_duplicate values (1, ` + id + `, 1, ` + id + `)`, "balance", jobs.GradeFail, "records do not balance: 0 in, 1 accounted for"},
		{
			"unbilled charging nobody owes", entry + `insert into leg values (1, ` + id + `, 1, 'memo:unbilled', '', 5, 'EUR'), (1, ` + id + `, 2, 'memo:clearing', '', -5, 'EUR')`,
			"balance", jobs.GradeFail, "the ledger holds 5 unbilled, the open charges are worth 0",
		},
		{"a run that stopped", strings.Replace(run, "%", "failed", 1), "runs", jobs.GradeFail, "intake/2026-11-02/1 stopped: planted"},
		{"a run under way", strings.Replace(run, "%", "running", 1), "runs", jobs.GradeWarn, "intake/2026-11-02/1 is in stage rate"},
		{"a run in review", strings.Replace(run, "%", "review", 1), "runs", jobs.GradeWarn, "waits for approval"},
		{"a schedule that stopped", strings.Replace(schedule, "%", "'2099-01-01', 'too much was missed'", 1), "schedules", jobs.GradeFail, "intake does not run any more: too much was missed"},
		{"a schedule nobody serves", strings.Replace(schedule, "%", "'2026-01-01', ''", 1), "schedules", jobs.GradeWarn, "intake is due since 2026-01-01 00:00Z"},
		{
			"a record set aside", `insert into import_file (tenant_id, file_id, sha256, name, size, format, segments, run_id, rejected)
values (1, ` + id + `, '', 'x', 1, '', '{}', ` + id + `, 1);
insert into quarantine (tenant_id, file_id, ordinal, stage, run_id, class, code, reason) values (1, ` + id + `, 1, 'import', ` + id + `, 'record', 'not-json', 'x')`,
			"quarantine", jobs.GradeWarn, "1 records are set aside (import not-json 1)",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := storetest.New(t)
			e := &jobs.Env{DB: d.DB(t)}
			err := e.DB.InTx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.PutTenant(t.Context(), masterdata.Tenant{Code: "acme", Zone: "Europe/Berlin", Issuer: invoicing.Issuer{Name: "Acme"}})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.SQL(t, local.Superuser).Exec("begin; set local session_replication_role = replica;" + c.plant + "; commit"); err != nil {
				t.Fatal(err)
			}
			tenant, err := e.DB.Tenant(t.Context(), "acme")
			if err != nil {
				t.Fatal(err)
			}
			findings, err := e.CheckTenant(t.Context(), tenant, 0)
			if err != nil {
				t.Fatal(err)
			}
			told := false
			for _, f := range findings {
				if f.Name == c.finding && f.Grade == c.grade && strings.Contains(f.Text, c.text) {
					told = true
				} else if f.Grade != jobs.GradeOK {
					t.Errorf("also told: %s %s %s", f.Grade, f.Name, f.Text)
				}
			}
			if c.finding != "" && !told {
				t.Errorf("not told: %s %s %q in %+v", c.grade, c.finding, c.text, findings)
			}
		})
	}
}
