package jobs_test

import (
	"strings"
	"testing"

	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs"
	"wattdue/masterdata"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// heldRecords sets one record aside per row and returns them as people see them, in the order given.
func heldRecords(t *testing.T, e *jobs.Env, set []store.Quarantined) (store.Tenant, []store.QuarantineRow) {
	t.Helper()
	var number int
	err := e.DB.InTx(t.Context(), func(tx *store.Tx) (err error) {
		if number, err = tx.PutTenant(t.Context(), masterdata.Tenant{Code: "acme", Zone: "Europe/Berlin", Issuer: invoicing.Issuer{Name: "Acme"}}); err != nil {
			return err
		}
		for i := range set {
			set[i].File, set[i].Run, set[i].Ordinal = ident.Derive("file", "test"), ident.Derive("run", "test"), i+1
		}
		return tx.Quarantine(t.Context(), number, set)
	})
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := e.DB.TenantByID(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return tenant, rowsOf(t, e, tenant)
}

func rowsOf(t *testing.T, e *jobs.Env, tenant store.Tenant) []store.QuarantineRow {
	t.Helper()
	rows, err := e.DB.QuarantineList(t.Context(), tenant.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestWhatMayBeDecided tries release, waiver and drop on every kind of record set aside. "" means that it is done.
func TestWhatMayBeDecided(t *testing.T) {
	charge := ident.Derive("charge", "test")
	record := func(stage, code, class string, charge ident.ID, payload string) store.Quarantined {
		return store.Quarantined{Stage: stage, Code: code, Class: class, Charge: charge, Record: "DE/ABC/1", Reason: "because", Payload: []byte(payload)}
	}
	for _, c := range []struct {
		name                 string
		record               store.Quarantined
		release, waive, drop string
	}{
		{"a record that cannot be read", record("import", "json-syntax", "record", ident.ID{}, "{"), "", "another reason (json-syntax)", ""},
		{"a record known with other content", record("import", "conflict", "record", ident.ID{}, "{}"), "credit record and a new one", "another reason (conflict)", ""},
		{"a rest of which nothing was kept", record("import", "crash", "record", ident.ID{}, ""), "no bytes of it were kept", "another reason (crash)", ""},
		{"a wrong signature", record("verify", "signature-invalid", "record", charge, ""), "", "", ""},
		{"a charge that kills the program", record("verify", "crash", "crash", charge, ""), "", "no verdict to waive", ""},
		{"a charge without a payer", record("assign", "token-unknown", "record", charge, ""), "", "another reason (token-unknown)", ""},
		{"a charge without a price", record("rate", "NO_PRICE", "record", charge, ""), "", "another reason (NO_PRICE)", ""},
		{"a note of a billing run", record("draft", "address-missing", "customer", ident.ID{}, ""), "", "another reason (address-missing)", "release it to close the note"},
		{"a debit no bank would take", record("seal", "date-passed", "customer", ident.ID{}, ""), "", "another reason (date-passed)", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &jobs.Env{DB: storetest.New(t).DB(t)}
			tenant, rows := heldRecords(t, e, []store.Quarantined{c.record, c.record, c.record})
			by := jobs.Decision{Actor: "j.doe", Reason: "ticket 4711"}
			waived := by
			waived.Waive = true
			decided(t, "release", e.Release(t.Context(), tenant, rows[:1], by), c.release)
			decided(t, "waive", e.Release(t.Context(), tenant, rows[1:2], waived), c.waive)
			decided(t, "drop", e.Drop(t.Context(), tenant, rows[2:], by), c.drop)
			for i, after := range rowsOf(t, e, tenant) {
				want := []string{"released", "released", "dropped"}[i]
				if []string{c.release, c.waive, c.drop}[i] != "" {
					want = "open"
				}
				if after.State != want {
					t.Errorf("row %d is %s, want %s", i+1, after.State, want)
				}
				audit, err := e.DB.AuditOf(t.Context(), tenant.ID, after.ID)
				if err != nil || len(audit) == 1 != (want != "open") {
					t.Errorf("row %d has %d audit lines, error %v", i+1, len(audit), err)
				}
			}
		})
	}
}

func decided(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// TestDecisionIsAllOrNone decides about three records of which one was decided before.
func TestDecisionIsAllOrNone(t *testing.T) {
	e := &jobs.Env{DB: storetest.New(t).DB(t)}
	one := store.Quarantined{Stage: "import", Code: "json-syntax", Class: "record", Reason: "because", Payload: []byte("{")}
	tenant, rows := heldRecords(t, e, []store.Quarantined{one, one, one})
	by := jobs.Decision{Actor: "j.doe", Reason: "ticket 4711"}
	if err := e.Drop(t.Context(), tenant, rows[1:2], by); err != nil {
		t.Fatal(err)
	}
	decided(t, "drop with what the caller saw before", e.Drop(t.Context(), tenant, rows, by), "was decided before")
	decided(t, "drop again", e.Drop(t.Context(), tenant, rowsOf(t, e, tenant), by), "was dropped before by j.doe")
	decided(t, "without a reason", e.Drop(t.Context(), tenant, rows[:1], jobs.Decision{Actor: "j.doe", Reason: " "}), "needs a reason")
	decided(t, "without a name", e.Release(t.Context(), tenant, rows[:1], jobs.Decision{Reason: "x"}), "needs a name")
	states := ""
	for _, r := range rowsOf(t, e, tenant) {
		states += r.State + " "
	}
	if states != "open dropped open " {
		t.Errorf("states are %s", states)
	}
}
