package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/masterdata"
	"wattdue/money"
	"wattdue/rating"
)

type planIn struct {
	Contract   string            `json:"contract"`
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Fee        int64             `json:"fee"`
	VATCode    string            `json:"vat_code"`
	Allowances []rating.Included `json:"allowances"`
	From       calendar.Date     `json:"valid_from"`
	Until      calendar.Date     `json:"valid_until,omitzero"`
}

func plansIn(plans []masterdata.Plan) []planIn {
	rows := make([]planIn, len(plans))
	for i, p := range plans {
		rows[i] = planIn{p.Contract, p.ID, p.Name, int64(p.Fee), p.VATCode, append([]rating.Included{}, p.Included...), p.From, p.Until}
	}
	return rows
}

const planColumns = `(contract text, id text, name text, fee bigint, vat_code text, allowances jsonb, valid_from date, valid_until date)`

const qOtherPlans = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as ` + planColumns + `)
with ordinality as x(contract, id, name, fee, vat_code, allowances, valid_from, valid_until, n)
join contract_plan p on p.tenant_id = $1 and p.contract_no = x.contract and p.plan_id = x.id
where (p.name, p.fee, p.vat_code, p.allowances, p.valid_from) is distinct from (x.name, x.fee, x.vat_code, x.allowances, x.valid_from)
order by x.n`

// OtherPlans returns the places of plans that are loaded under the same id and say something else.
func (tx *Tx) OtherPlans(ctx context.Context, tenant int, plans []masterdata.Plan) ([]int, error) {
	return clashes(ctx, tx, qOtherPlans, tenant, plansIn(plans))
}

const qSharedAllowances = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (contract text, id text, allowances jsonb))
with ordinality as x(contract, id, allowances, n)
where exists (select from contract_plan p, jsonb_array_elements(p.allowances) a, jsonb_array_elements(x.allowances) b
where p.tenant_id = $1 and p.contract_no = x.contract and p.plan_id <> x.id and a->>'id' = b->>'id') order by x.n`

// SharedAllowances returns the places of plans with an allowance whose id another loaded plan of the contract has.
func (tx *Tx) SharedAllowances(ctx context.Context, tenant int, plans []masterdata.Plan) ([]int, error) {
	return clashes(ctx, tx, qSharedAllowances, tenant, plansIn(plans))
}

const qMergePlans = `with m as (insert into contract_plan (tenant_id, contract_no, plan_id, name, fee, vat_code, allowances, valid_from, valid_until)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x` + planColumns + ` order by x.contract, x.id
on conflict (tenant_id, contract_no, plan_id) do update set valid_until = excluded.valid_until
where contract_plan.valid_until is distinct from excluded.valid_until` + mergedCounts

// MergePlans adds products of contracts, or changes when they end.
func (tx *Tx) MergePlans(ctx context.Context, tenant int, plans []masterdata.Plan) (Merged, error) {
	return merge(ctx, tx, qMergePlans, tenant, plansIn(plans))
}

const qPlans = `select contract_no, plan_id, name, fee, vat_code, allowances, valid_from, valid_until from contract_plan
where tenant_id = $1 and contract_no = any($2) order by contract_no, valid_from, plan_id`

// Plans returns the products of contracts by the number of the contract, in the order of their begin.
func (tx *Tx) Plans(ctx context.Context, tenant int, contracts []string) (map[string][]rating.Plan, error) {
	var rows []struct {
		Contract   string        `db:"contract_no"`
		ID         string        `db:"plan_id"`
		Name       string        `db:"name"`
		Fee        int64         `db:"fee"`
		VATCode    string        `db:"vat_code"`
		Allowances []byte        `db:"allowances"`
		From       calendar.Date `db:"valid_from"`
		Until      calendar.Date `db:"valid_until"`
	}
	if err := tx.SelectContext(ctx, &rows, qPlans, tenant, pq.Array(contracts)); err != nil {
		return nil, err
	}
	plans := map[string][]rating.Plan{}
	for _, r := range rows {
		p := rating.Plan{ID: r.ID, Name: r.Name, From: r.From, Until: r.Until, Fee: money.Price(r.Fee), VATCode: r.VATCode}
		if err := json.Unmarshal(r.Allowances, &p.Included); err != nil {
			return nil, fmt.Errorf("contract %s, plan %s: stored allowances: %w", r.Contract, r.ID, err)
		}
		plans[r.Contract] = append(plans[r.Contract], p)
	}
	return plans, nil
}
