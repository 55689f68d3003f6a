package store

import (
	"context"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
)

// ContractMonth names the billing month of a contract.
type ContractMonth struct {
	Contract string
	Month    calendar.Period
}

// MonthCharge is a charge of a billing month that has a price.
type MonthCharge struct {
	Verified
	State       string        `db:"state"`
	Tariff      string        `db:"tariff_code"`
	Version     int           `db:"tariff_version"`
	BillingDate calendar.Date `db:"billing_date"`
	SupplyDate  calendar.Date `db:"supply_date"`
	Total       int64         `db:"total"`
	Free        bool          `db:"free"`   // a session too short to be charged, which counts for nothing
	Inputs      []byte        `db:"inputs"` // nil: priced without counters
	Trace       []byte        `db:"trace"`  // with Inputs
}

// Open reports whether the price may still be made anew: the charge stands on no document and on no draft.
func (m MonthCharge) Open() bool { return m.State == "rated" || m.State == "accrued" }

const months = `unnest($2::text[], $3::date[], $4::date[]) as m(contract_no, first, next)`

const qLockMonths = `select s.charge_id from ` + months + `
cross join lateral (select s.tenant_id, s.charge_id from charge_state s where s.tenant_id = $1 and s.contract_no = m.contract_no
                    and s.state in ('rated', 'accrued') and s.billing_date >= m.first and s.billing_date < m.next offset 0) o
join charge_state s on s.tenant_id = o.tenant_id and s.charge_id = o.charge_id order by s.charge_id for update of s`

// Those that wait for something and those that are done with are found by different indexes.
const qMonths = `select ` + verifiedColumns + `, s.state, r.tariff_code, r.tariff_version, r.billing_date, r.supply_date, r.total,
'ZERO_SESSION' = any(r.flags) as free, r.inputs, case when r.inputs is not null then r.trace end as trace
from ` + months + `
cross join lateral (
    (select p.tenant_id, p.charge_id, p.month, p.state, p.attempt, p.contract_no from charge_state p
     where p.tenant_id = $1 and p.contract_no = m.contract_no and p.state in ('rated', 'accrued', 'drafted')
     and p.billing_date >= m.first and p.billing_date < m.next)
    union all
    (select p.tenant_id, p.charge_id, p.month, p.state, p.attempt, p.contract_no from charge_state p
     where p.tenant_id = $1 and p.contract_no = m.contract_no and p.state in ('billed', 'free')
     and p.billing_date >= m.first and p.billing_date < m.next) offset 0) s` + verifiedJoins + `
join rated r on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt
order by s.contract_no, c.start_at, c.charge_id`

// Months returns the charges of billing months that have a price, in the order of contract and start, and keeps those that
// are open from moving on until the transaction ends.
func (tx *Tx) Months(ctx context.Context, tenant int, list []ContractMonth) ([]MonthCharge, error) {
	numbers, first, next := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	for i, m := range list {
		numbers[i], first[i], next[i] = m.Contract, m.Month.First.String(), m.Month.Next.String()
	}
	var locked []ident.ID
	if err := tx.SelectContext(ctx, &locked, qLockMonths, tenant, pq.Array(numbers), pq.Array(first), pq.Array(next)); err != nil {
		return nil, err
	}
	var rows []MonthCharge
	err := tx.SelectContext(ctx, &rows, qMonths, tenant, pq.Array(numbers), pq.Array(first), pq.Array(next))
	return rows, err
}

const qRepeatVerdicts = `insert into verdict (tenant_id, month, charge_id, attempt, word, billable, basis, rule, profile, energy, duration_usable,
begin_usable, end_usable, readings, detail, run_id)
select v.tenant_id, v.month, v.charge_id, v.attempt + 1, v.word, v.billable, v.basis, v.rule, v.profile, v.energy, v.duration_usable,
v.begin_usable, v.end_usable, v.readings, v.detail, $5::uuid
from unnest($2::uuid[], $3::date[], $4::int[]) as p(charge_id, month, attempt)
join verdict v on v.tenant_id = $1 and v.month = p.month and v.charge_id = p.charge_id and v.attempt = p.attempt`

const qRepriced = `update charge_state s set attempt = p.attempt + 1
from unnest($2::uuid[], $3::int[]) as p(charge_id, attempt)
where s.tenant_id = $1 and s.charge_id = p.charge_id and s.attempt = p.attempt and s.state in ('rated', 'accrued')`

// Reprice stores prices beside those that charges had until now, as a further attempt with the same verdict. The attempt in
// each is the new one. The charges stay where they are; what is accrued of them is for the caller to book anew.
func (tx *Tx) Reprice(ctx context.Context, tenant int, run ident.ID, priced []Priced) error {
	if len(priced) == 0 {
		return nil
	}
	ids, months, attempts := make([]ident.ID, len(priced)), make([]string, len(priced)), make([]int64, len(priced))
	for i, p := range priced {
		ids[i], months[i], attempts[i] = p.Charge, p.Month.String(), int64(p.Attempt-1)
	}
	n, err := affected(tx.ExecContext(ctx, qRepeatVerdicts, tenant, idArray(ids), pq.Array(months), pq.Array(attempts), run.String()))
	if err != nil {
		return err
	}
	if n != int64(len(priced)) {
		return batch.Failf(batch.ClassInvariant, "%d charges are priced anew, %d of them have a verdict", len(priced), n)
	}
	if err := tx.putPrices(ctx, tenant, run, priced); err != nil {
		return err
	}
	return moved(len(priced))(tx.ExecContext(ctx, qRepriced, tenant, idArray(ids), pq.Array(attempts)))
}
