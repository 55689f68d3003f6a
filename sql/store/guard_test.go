package store_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"wattdue/dev/local"
	"wattdue/invoicing"
	"wattdue/masterdata"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

const (
	entryID = "11111111-1111-1111-1111-111111111111"
	runID   = "22222222-2222-2222-2222-222222222222"
)

func booked(t *testing.T) (storetest.Database, *sql.DB) {
	t.Helper()
	d := storetest.New(t)
	app := d.SQL(t, store.RoleApp)
	db := d.DB(t)
	err := db.InTx(context.Background(), func(tx *store.Tx) error {
		_, err := tx.PutTenant(context.Background(), masterdata.Tenant{Code: "acme", Zone: "Europe/Berlin", Issuer: invoicing.Issuer{Name: "Acme"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, app, `insert into entry values (1, '`+entryID+`', 'test:1', 'test', '2026-10-31', '2026-10-31', '2026-10', '', '`+runID+`')`)
	mustExec(t, app, `insert into leg values (1, '`+entryID+`', 1, 'debtors', 'C1', 119, 'EUR'), (1, '`+entryID+`', 2, 'revenue', 'DE-19', -100, 'EUR'), (1, '`+entryID+`', 3, 'vat', 'DE-19', -19, 'EUR')`)
	return d, app
}

// TestBooksAreGuarded tries by hand, as role app, what must be impossible in books and documents.
func TestBooksAreGuarded(t *testing.T) {
	_, app := booked(t)
	mustExec(t, app, `insert into entry values (1, '33333333-3333-3333-3333-333333333333', 'test:2', 'test', '2026-10-31', '2026-10-31', '', '', '`+runID+`')`)
	for _, c := range []struct{ name, sql, want string }{
		{"an entry that does not balance", `insert into leg values (1, '33333333-3333-3333-3333-333333333333', 1, 'debtors', '', 100, 'EUR'), (1, '33333333-3333-3333-3333-333333333333', 2, 'revenue', '', -99, 'EUR')`, "does not balance"},
		{"balanced over two currencies only", `insert into leg values (1, '33333333-3333-3333-3333-333333333333', 1, 'debtors', '', 100, 'EUR'), (1, '33333333-3333-3333-3333-333333333333', 2, 'revenue', '', -100, 'CHF')`, "does not balance"},
		{"a single leg", `insert into leg values (1, '33333333-3333-3333-3333-333333333333', 1, 'debtors', '', 100, 'EUR')`, "does not balance"},
		{"a leg of nothing", `insert into leg values (1, '33333333-3333-3333-3333-333333333333', 1, 'debtors', '', 0, 'EUR'), (1, '33333333-3333-3333-3333-333333333333', 2, 'revenue', '', 0, 'EUR')`, "leg_minor_check"},
		{"later legs, though they balance", `insert into leg values (1, '` + entryID + `', 4, 'debtors', '', 100, 'EUR'), (1, '` + entryID + `', 5, 'revenue', '', -100, 'EUR')`, "more than one statement"},
		{"later legs under known numbers", `insert into leg values (1, '` + entryID + `', 1, 'debtors', 'C1', 100, 'EUR'), (1, '` + entryID + `', 2, 'revenue', '', -100, 'EUR')`, "leg_pkey"},
		{"legs with a gap", `insert into leg values (1, '33333333-3333-3333-3333-333333333333', 1, 'debtors', '', 100, 'EUR'), (1, '33333333-3333-3333-3333-333333333333', 3, 'revenue', '', -100, 'EUR')`, "more than one statement"},
		{"another amount", `update leg set minor = 1`, "permission denied"},
		{"an entry less", `delete from entry`, "permission denied"},
		{"no legs at all", `truncate leg`, "permission denied"},
		{"another text", `update entry set text = 'x'`, "permission denied"},
		{"another document", `update document set gross = 1`, "permission denied"},
		{"a document less", `delete from document`, "permission denied"},
		{"no documents at all", `truncate document cascade`, "permission denied"},
		{"another verdict", `update verdict set billable = true`, "permission denied"},
		{"another charge", `update charge set energy = 1`, "permission denied"},
		{"another price", `update rated set total = 1`, "permission denied"},
		{"a finding less", `delete from finding`, "permission denied"},
		{"another finding", `update finding set holds = false`, "permission denied"},
		{"a closed finding opened", `delete from finding_closed`, "permission denied"},
		{"another place in the order", `update signed_session set arrival = ''`, "permission denied"},
		{"a signed value less", `delete from signed_value`, "permission denied"},
		{"a billed mark less", `delete from billed`, "permission denied"},
		{"a billed fee less", `delete from billed_fee`, "permission denied"},
		{"another fee", `update billed_fee set amount = 1`, "permission denied"},
		{"an audit line less", `delete from audit`, "permission denied"},
		{"another tariff", `update tariff set body = '{}'`, "permission denied"},
		{"another settlement", `update settlement set decision = 'bill'`, "permission denied"},
		{"a settlement less", `delete from settlement`, "permission denied"},
		{"another ageing rule", `update ageing_rule set decision = 'bill'`, "permission denied"},
		{"another exemption", `update signature_policy set country = 'DE'`, "permission denied"},
		{"another key under the name", `update meter_key set spki = ''`, "permission denied"},
		{"another snapshot", `update party_snapshot set sealed = ''`, "permission denied"},
		{"a partition of its own", `create table charge_x partition of charge default`, "permission denied"},
		{"the guard switched off", `alter table leg disable trigger all`, "must be owner"},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, app, c.sql, c.want) })
	}
}

// TestTriggersHoldForTheOwnerToo shows that rights are not the only guard.
func TestTriggersHoldForTheOwnerToo(t *testing.T) {
	d, _ := booked(t)
	owner := d.SQL(t, local.Superuser)
	for _, q := range []string{`update leg set minor = 1`, `delete from leg`, `truncate leg`, `delete from document`, `truncate document cascade`, `update finding set value = ''`, `delete from finding_closed`, `delete from signed_session`, `truncate signed_value`, `delete from billed_fee`, `truncate billed_fee`} {
		refused(t, owner, q, "insert-only")
	}
}

func TestReaderOnlyReads(t *testing.T) {
	d, _ := booked(t)
	reader := d.SQL(t, store.RoleReader)
	var n int
	if err := reader.QueryRow(`select count(*) from leg`).Scan(&n); err != nil || n != 3 {
		t.Fatalf("reader sees %d legs, error %v; want 3", n, err)
	}
	refused(t, reader, `insert into tenant values (9, 'x', 'UTC', '{}')`, "permission denied")
	refused(t, reader, `select ensure_month('2026-10-01')`, "permission denied")
}

func TestEnsureMonth(t *testing.T) {
	_, app := booked(t)
	for range 2 {
		mustExec(t, app, `select ensure_month('2026-10-01')`)
	}
	refused(t, app, `select ensure_month('2026-10-02')`, "first day")
	var n int
	err := app.QueryRow(`select count(*) from pg_class where relname in ('charge_202610', 'verdict_202610', 'rated_202610', 'rated_line_202610')`).Scan(&n)
	if err != nil || n != 4 {
		t.Errorf("%d partitions, error %v; want 4", n, err)
	}
}

// TestMigrationsGoUpAndDown applies the schema, takes it back and applies it again; both times it is the same.
func TestMigrationsGoUpAndDown(t *testing.T) {
	d := storetest.Empty(t)
	owner := d.SQL(t, local.Superuser)
	ctx := context.Background()
	shape := func() string {
		rows, err := owner.Query(`select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
from information_schema.columns where table_schema = 'public' and table_name not like 'goose%' order by 1`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var b strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			b.WriteString(line + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	migrate := func(down bool) {
		if _, err := store.Migrate(ctx, d.URL(local.Superuser), down); err != nil {
			t.Fatal(err)
		}
	}
	migrate(false)
	first := shape()
	if !strings.Contains(first, "leg.minor bigint NO") {
		t.Fatalf("the schema lacks the ledger:\n%s", first)
	}
	migrate(true)
	if left := shape(); left != "" {
		t.Errorf("left after going down:\n%s", left)
	}
	migrate(false)
	if again := shape(); again != first {
		t.Errorf("going up again gave another schema:\n%s", again)
	}
}

func mustExec(t *testing.T, db *sql.DB, q string) {
	t.Helper()
	if _, err := db.Exec(q); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

func refused(t *testing.T, db *sql.DB, q, want string) {
	t.Helper()
	_, err := db.Exec(q)
	if err == nil {
		t.Fatalf("the database did it: %s", q)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("refused with %q, want %q", err, want)
	}
}
