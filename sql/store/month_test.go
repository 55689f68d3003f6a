package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/masterdata"
	"wattdue/rating"
	"wattdue/sql/store"
	"wattdue/sql/store/storetest"
)

// monthHouse is a tenant with a contract and its charges of May, priced at some cents each, in some states.
func monthHouse(t *testing.T, states ...string) (*store.DB, storetest.Database) {
	t.Helper()
	d := storetest.New(t)
	app := d.SQL(t, store.RoleApp)
	mustExec(t, app, `select ensure_month('2026-05-01')`)
	mustExec(t, app, `insert into tenant (tenant_id, code, zone, issuer) values (1, 't', 'UTC', '{}')`)
	mustExec(t, app, `insert into party (tenant_id, party_no, name) values (1, 'P1', 'A')`)
	mustExec(t, app, `insert into contract (tenant_id, contract_no, party_no, emaid, emaid_key, groups, tariff_code, payment, payment_days,
notice_days, zone, valid_from) values (1, 'V1', 'P1', '', '', '{}', 'T', 'on_account', 14, 5, 'UTC', '2026-01-01')`)
	for i, state := range states {
		id := "'" + chargeID(i).String() + "'"
		day := "'2026-05-0" + string(rune('1'+i)) + "'"
		mustExec(t, app, `insert into charge (tenant_id, month, charge_id, file_id, ordinal, country, party, cdr_id, session_id, start_at, end_at,
energy, parking_s, token_key, emaid_key, evse_id, evse_country, place, currency, stated_excl, credit_ref, periods)
values (1, '2026-05-01', `+id+`, `+id+`, 1, 'DE', 'CPO', 'x', 's', `+day+`, `+day+`, 1, 0, '', '', 'E', 'DEU', '', 'EUR', '', '', '')`)
		mustExec(t, app, `insert into charge_state (tenant_id, charge_id, month) values (1, `+id+`, '2026-05-01')`)
		mustExec(t, app, `update charge_state set state = '`+state+`', contract_no = 'V1', billing_date = `+day+` where charge_id = `+id)
		mustExec(t, app, `insert into verdict (tenant_id, month, charge_id, attempt, word, billable, basis, profile, energy, duration_usable, detail, run_id)
values (1, '2026-05-01', `+id+`, 1, 'valid', true, 'valid', 'strict', 1, true, '{}', `+id+`)`)
		mustExec(t, app, `insert into rated (tenant_id, month, charge_id, attempt, rating_key, contract_no, tariff_code, tariff_version, billing_date,
supply_date, currency, mode, total, flags, trace, run_id) values (1, '2026-05-01', `+id+`, 1, '', 'V1', 'T', 1, `+day+`, `+day+`, 'EUR', 'gross', 100,
'{}', '', `+id+`)`)
	}
	return d.DB(t), d
}

func chargeID(i int) ident.ID { return ident.Derive("charge", string(rune('a'+i))) }

var may = store.ContractMonth{Contract: "V1", Month: calendar.NewDate(2026, 5, 1).MonthOf()}

// TestMonthsFindsWhatHasAPrice: charges that wait for something, stand on a draft, on a document or cost nothing are found in
// the order of their start; those without a price, and of other months, are not.
func TestMonthsFindsWhatHasAPrice(t *testing.T) {
	db, _ := monthHouse(t, "billed", "rated", "free", "accrued", "drafted", "held", "verified")
	err := db.InTx(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Months(t.Context(), 1, []store.ContractMonth{may, {Contract: "V1", Month: calendar.NewDate(2026, 6, 1).MonthOf()}})
		if err != nil {
			return err
		}
		var got []string
		for _, r := range rows {
			open := ""
			if r.Open() {
				open = " open"
			}
			got = append(got, r.State+open)
		}
		if d := cmp.Diff([]string{"billed", "rated open", "free", "accrued open", "drafted"}, got); d != "" {
			t.Error(d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// again prices the charge as attempt 2.
func again(ctx context.Context, db *store.DB, charge ident.ID) error {
	return db.InTx(ctx, func(tx *store.Tx) error {
		return tx.Reprice(ctx, 1, chargeID(0), []store.Priced{{
			Charge: charge, Month: calendar.NewDate(2026, 5, 1), Attempt: 2, Contract: "V1", BillingDate: calendar.NewDate(2026, 5, 1),
			SupplyDate: calendar.NewDate(2026, 5, 1), Inputs: []byte(`{}`),
			Rated: rating.Rated{Tariff: "T", Version: 1, Currency: "EUR", Mode: rating.Gross, Total: 50, Trace: []byte{1}, Lines: []rating.Line{
				{Kind: rating.IncludedLine, Component: rating.Energy, Quantity: 1, VATCode: "standard", Label: "KWH"},
			}},
		}})
	})
}

// TestRepriceStandsBesideTheFirstPrice and refuses what stands on a draft, and what was priced anew already.
func TestRepriceStandsBesideTheFirstPrice(t *testing.T) {
	db, d := monthHouse(t, "accrued", "drafted")
	if err := again(t.Context(), db, chargeID(0)); err != nil {
		t.Fatal(err)
	}
	var n int
	err := d.SQL(t, store.RoleApp).QueryRow(`select count(*) from charge_state s
join rated r on r.charge_id = s.charge_id and r.attempt = s.attempt and r.total = 50 and r.inputs = '{}'
join verdict v on v.charge_id = s.charge_id and v.attempt = s.attempt and v.word = 'valid'
join rated_line l on l.charge_id = s.charge_id and l.attempt = s.attempt and l.label = 'KWH'
join rated o on o.charge_id = s.charge_id and o.attempt = 1 and o.total = 100
where s.attempt = 2 and s.state = 'accrued'`).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d charges stand with the second price beside the first, error %v", n, err)
	}
	for _, charge := range []ident.ID{chargeID(0), chargeID(1)} {
		if err := again(t.Context(), db, charge); err == nil {
			t.Error("a charge that was priced anew, or drafted, is priced anew")
		}
	}
}

// TestAccruedNeedsThePriceItSaw: a price made anew between reading and moving on is found out.
func TestAccruedNeedsThePriceItSaw(t *testing.T) {
	db, _ := monthHouse(t, "rated")
	var seen []store.Accruable
	err := db.InTx(t.Context(), func(tx *store.Tx) (err error) {
		seen, err = tx.Accruable(t.Context(), 1, batch.Span{Lo: "00000000-0000-0000-0000-000000000000"})
		return err
	})
	if err != nil || len(seen) != 1 {
		t.Fatalf("%d charges, %v", len(seen), err)
	}
	if err := again(t.Context(), db, chargeID(0)); err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(tx *store.Tx) error { return tx.Accrued(t.Context(), 1, seen) })
	if batch.ClassOf(err) != batch.ClassChunk || err == nil {
		t.Errorf("error %v, want one after which the chunk is tried again", err)
	}
}

// TestPlansKeepWhatTheySay loads plans, ends one, and cannot change another.
func TestPlansKeepWhatTheySay(t *testing.T) {
	db, d := monthHouse(t)
	plan := masterdata.Plan{Contract: "V1", Plan: rating.Plan{
		ID: "A", Name: "Plus", From: calendar.NewDate(2026, 1, 1), Fee: 5_990_000, VATCode: "standard",
		Included: []rating.Included{{ID: "KWH", Component: rating.Energy, Quantity: 30_000_000}},
	}}
	err := db.InTx(t.Context(), func(tx *store.Tx) error {
		for _, want := range []store.Merged{{New: 1}, {Same: 1}} {
			if got, err := tx.MergePlans(t.Context(), 1, []masterdata.Plan{plan}); err != nil || got != want {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		}
		other := plan
		other.Fee++
		if places, err := tx.OtherPlans(t.Context(), 1, []masterdata.Plan{plan, other}); err != nil || len(places) != 1 || places[0] != 1 {
			t.Errorf("plans that say something else: %v, %v", places, err)
		}
		other.ID = "B"
		if places, err := tx.SharedAllowances(t.Context(), 1, []masterdata.Plan{plan, other}); err != nil || len(places) != 1 || places[0] != 1 {
			t.Errorf("plans with an allowance of another: %v, %v", places, err)
		}
		plan.Until = calendar.NewDate(2026, 7, 1)
		if got, err := tx.MergePlans(t.Context(), 1, []masterdata.Plan{plan}); err != nil || got.Changed != 1 {
			t.Errorf("%+v, %v; want one changed", got, err)
		}
		plans, err := tx.Plans(t.Context(), 1, []string{"V1", "V2"})
		if d := cmp.Diff(map[string][]rating.Plan{"V1": {plan.Plan}}, plans); d != "" {
			t.Error(d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, d.SQL(t, store.RoleApp), `update contract_plan set fee = 0`, "permission denied")
	refused(t, d.SQL(t, store.RoleApp), `delete from contract_plan`, "permission denied")
}

// TestPublishedTariffKeepsEverything stores a version with every kind of key and rule and reads it back, and keeps the date of
// its announcement.
func TestPublishedTariffKeepsEverything(t *testing.T) {
	db, _ := monthHouse(t)
	tariff := rating.Tariff{
		Code: "T", Version: 3, ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ValidTo: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Currency: "EUR", Mode: rating.Gross, ZeroBelow: 100_000, ZeroUnder: 2 * time.Minute, SessionMin: 1_000_000, SessionMax: 90_000_000,
		Round: rating.AtSession, Split: rating.SplitSessionStart, Free: []rating.Component{rating.Reservation},
		Holidays:  &rating.Holidays{Name: "DE-SH", Days: []calendar.Date{calendar.NewDate(2026, 10, 3)}},
		Discounts: []rating.Discount{{ID: "staff", Groups: []string{"staff"}, Percent: 150_000}},
		Rows: []rating.Row{
			{
				ID: "night", Zones: []string{"Nord"}, Operators: []string{"X"}, Countries: []string{"DE"}, Power: []string{"50-"}, Channels: []string{"app"},
				Moving: rating.Moving{Times: []rating.Window{{From: 1320, To: 360}}, Days: []rating.Day{5}, AfterTime: time.Hour},
				Prices: map[rating.Component]rating.Price{rating.Energy: {Unit: 300_000, VATCode: "standard", Step: 1000, Cap: 5_000_000}},
			},
			{ID: "all", Prices: map[rating.Component]rating.Price{
				rating.Energy:    {VATCode: "standard", Tiers: []rating.Tier{{Below: 100_000_000, Unit: 490_000}, {Unit: 440_000}}},
				rating.Occupancy: {Unit: 100_000, VATCode: "standard", FreeTime: time.Hour, Grace: rating.Cliff, Cap: 12_000_000, CapPerDay: true},
			}},
		},
	}
	compiled, err := rating.Compile(tariff)
	if err != nil {
		t.Fatal(err)
	}
	on := calendar.NewDate(2025, 11, 20)
	err = db.InTx(t.Context(), func(tx *store.Tx) error {
		for range 2 {
			if err := tx.PutTariff(t.Context(), 1, tariff, compiled.Hash(), on); err != nil {
				return err
			}
		}
		stored, err := tx.Tariff(t.Context(), 1, "T", 3)
		if err != nil {
			return err
		}
		again, err := rating.Compile(stored)
		if err != nil || again.Hash() != compiled.Hash() {
			t.Errorf("another tariff comes back (%v): %+v", err, stored)
		}
		if stands, err := tx.AnnouncedOn(t.Context(), 1, tariff); err != nil || stands != on {
			t.Errorf("announced on %s, %v; want %s", stands, err, on)
		}
		if err := tx.PutTariff(t.Context(), 1, tariff, compiled.Hash(), on.AddDays(1)); err == nil || !strings.Contains(err.Error(), "another date") {
			t.Errorf("another date: %v", err)
		}
		if err := tx.PutTariff(t.Context(), 1, tariff, [32]byte{1}, on); err == nil || !strings.Contains(err.Error(), "other content") {
			t.Errorf("other content: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
