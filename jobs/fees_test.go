package jobs_test

import (
	"strings"
	"testing"
	"time"

	"wattdue/dev/local"
	"wattdue/dev/simulate"
)

// A month with plans: one contract charges and has a plan, another changes its plan on the 11th and never charges, a third
// begins on the 20th, a fourth ended before.
//
//	9.99 for October                                    9.99
//	9.99 x 10/31 = 3.2226, 19.99 x 21/31 = 13.5416      3.22 + 13.54 = 16.76
//	5.99 x 12/31 = 2.3187                               2.32
func TestFeesOfAMonth(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 3, Customers: 8, Sessions: 40})
	h.sql(t, `insert into contract (tenant_id, contract_no, party_no, emaid, emaid_key, groups, tariff_code, payment, payment_days, notice_days, zone, valid_from, valid_until)
select c.tenant_id, x.no, c.party_no, '', '', c.groups, c.tariff_code, 'on_account', 14, c.notice_days, c.zone, x.first, x.next
from (select tenant_id, party_no, groups, tariff_code, notice_days, zone from contract order by contract_no limit 1) c,
(values ('F-2', '2026-01-01'::date, null::date), ('F-3', '2026-10-20', null), ('F-4', '2026-01-01', '2026-10-01')) x(no, first, next)`)
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 50), "closed")
	var busy string
	if err := h.database.SQL(t, "wattdue_reader").QueryRow(`select min(contract_no) from charge_state where state = 'accrued'`).Scan(&busy); err != nil {
		t.Fatal(err)
	}
	h.sql(t, `insert into contract_plan (tenant_id, contract_no, plan_id, name, fee, vat_code, allowances, valid_from, valid_until)
select 1, x.* from (values ($1, 'komfort', 'Komfort', 9990000::bigint, 'standard', '[]'::jsonb, '2026-10-01'::date, null::date),
('F-2', 'klein', 'Klein', 9990000, 'standard', '[]', '2026-01-01', '2026-10-11'), ('F-2', 'viel', 'Viel', 19990000, 'standard', '[]', '2026-10-11', null),
('F-3', 'start', 'Start', 5990000, 'standard', '[]', '2026-01-01', null), ('F-4', 'alt', 'Alt', 5990000, 'standard', '[]', '2026-01-01', null),
($1, 'frei', 'Frei', 0, 'standard', '[]', '2026-01-01', null)) x`, busy)

	billing := h.wait(t, h.open(t, "billing", "2026-10", billingAsOf, 2), "review")
	if _, err := h.Approve(t.Context(), billing, "approver"); err != nil {
		t.Fatal(err)
	}
	h.wait(t, billing, "closed") // so the balance closes

	for q, want := range map[string]int64{
		`select count(*) from billed_fee`:                                                                              4,
		`select sum(amount) from billed_fee`:                                                                           999 + 322 + 1354 + 232,
		`select gross from document where contract_no = 'F-2'`:                                                         1676,
		`select gross from document where contract_no = 'F-3'`:                                                         232,
		`select count(*) from document where contract_no = 'F-4'`:                                                      0,
		`select count(*) from billed_fee f join document d using (tenant_id, document_id) where d.contract_no = 'F-2'`: 2,
		// 9.99, 16.76 and 2.32 without their tax are 8.395 (beside sessions), 14.08 and 1.95.
		`select -sum(l.minor) from leg l join entry e using (tenant_id, entry_id) join document d on e.text = d.number
		 where l.account = 'fees' and d.contract_no in ('F-2', 'F-3')`: 1408 + 195,
		`select count(*) from outbox o join document d using (tenant_id, document_id) where d.contract_no = 'F-2'`:                                               1,
		`select sum(gross) - (select sum(amount) from billed_fee) - (select sum(r.total) from rated r join billed b using (tenant_id, charge_id)) from document`: 0,
	} {
		if got := h.number(t, q); got != want {
			t.Errorf("%s: %d, want %d", q, got, want)
		}
	}
	h.wait(t, h.open(t, "collect", "2026-11-04", collectAsOf, 50), "closed")
	h.nothingMore(t)
	for q, want := range map[string]string{
		`insert into billed_fee select tenant_id, '00000000-0000-0000-0000-000000000001', document_id, contract_no, month, kind, no, source,
first_day, next_day, amount, currency from billed_fee limit 1`: "billed_fee_tenant_id_contract_no_month_kind_no_key",
		`update billed_fee set amount = 1`: "insert-only",
	} {
		if _, err := h.database.SQL(t, local.Superuser).Exec(q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", q, err, want)
		}
	}
}

// A contract whose address is missing is passed over in October. In November it pays both months, and none before, because
// October was the first that was billed. A plan whose VAT is not known is passed over as well, and all plans of its month.
func TestFeesOfAMonthPassedOver(t *testing.T) {
	h := newHouse(t, simulate.Options{Seed: 3, Customers: 8, Sessions: 40})
	h.sql(t, `insert into party (tenant_id, party_no, name) values (1, 'PF', 'Jens Petersen')`)
	h.sql(t, `insert into contract (tenant_id, contract_no, party_no, emaid, emaid_key, groups, tariff_code, payment, payment_days, notice_days, zone, valid_from)
select c.tenant_id, x.no, coalesce(x.party, c.party_no), '', '', c.groups, c.tariff_code, 'on_account', 14, 14, c.zone, '2026-01-01'
from (select tenant_id, party_no, groups, tariff_code, notice_days, zone from contract order by contract_no limit 1) c, (values ('F-2', 'PF'), ('F-3', null)) x(no, party)`)
	h.sql(t, `insert into contract_plan (tenant_id, contract_no, plan_id, name, fee, vat_code, allowances, valid_from)
values (1, 'F-2', 'a', 'A', 9990000, 'standard', '[]', '2026-01-01'), (1, 'F-3', 'a', 'A', 9990000, 'standard', '[]', '2026-01-01'),
(1, 'F-3', 'b', 'B', 1000000, 'luxury', '[]', '2026-01-01')`)
	h.start(t)
	h.wait(t, h.open(t, "intake", "2026-11-02", intakeAsOf, 0), "closed")
	bill := func(period string, asOf time.Time) {
		t.Helper()
		row := h.wait(t, h.open(t, "billing", period, asOf, 0), "review")
		h.approve(t, row)
		h.wait(t, row, "closed")
	}
	bill("2026-10", billingAsOf)
	if n := h.number(t, `select count(*) from billed_fee`); n != 0 {
		t.Errorf("%d fees are billed in October, want none", n)
	}
	for q, want := range map[string]int64{
		`select count(*) from quarantine where stage = 'draft' and record = 'contract F-2' and code = 'address-missing'`:                     1,
		`select count(*) from quarantine where stage = 'draft' and record = 'contract F-3, fees of 2026-10' and code = 'charge-vat-unknown'`: 1,
	} {
		if got := h.number(t, q); got != want {
			t.Errorf("%s: %d, want %d", q, got, want)
		}
	}
	h.sql(t, `update party set street = 'Markt 1', postal_code = '24103', city = 'Kiel', country = 'DE' where party_no = 'PF'`)
	bill("2026-11", time.Date(2026, time.December, 3, 3, 0, 0, 0, time.UTC))
	for q, want := range map[string]int64{
		`select count(*) from billed_fee`:                                             2,
		`select count(*) from billed_fee where month in ('2026-10-01', '2026-11-01')`: 2,
		`select gross from document where contract_no = 'F-2'`:                        1998,
		`select count(*) from document where contract_no = 'F-3'`:                     0,
		// The fee of each month is taxed in it: 9.99 hold 1.595, both 3.190.
		`select -sum(minor) from leg where account = 'vat' and sub = 'DE-19:2026-10'
		 and entry_id in (select e.entry_id from entry e join document d on d.number = e.text where d.contract_no = 'F-2')`: 160,
		`select -sum(minor) from leg where account = 'vat' and sub = 'DE-19:2026-11'
		 and entry_id in (select e.entry_id from entry e join document d on d.number = e.text where d.contract_no = 'F-2')`: 159,
	} {
		if got := h.number(t, q); got != want {
			t.Errorf("%s: %d, want %d", q, got, want)
		}
	}
}
