package store

import (
	"context"

	"github.com/lib/pq"

	"wattdue/ident"
	"wattdue/meter/finding"
)

// noOther stands in a finding that concerns one charge alone.
var noOther = ident.ID{}.String()

const qSaveFindings = `insert into finding (tenant_id, charge_id, code, other_id, holds, value, run_id)
select $1::int, f.charge_id, f.code, f.other_id, f.holds, f.value, $2::uuid
from unnest($3::uuid[], $4::text[], $5::uuid[], $6::boolean[], $7::text[]) as f(charge_id, code, other_id, holds, value)
order by f.charge_id, f.code, f.other_id on conflict do nothing returning charge_id, code, other_id`

const qCloseFindings = `insert into finding_closed (tenant_id, charge_id, code, other_id, by_id, run_id)
select f.tenant_id, f.charge_id, f.code, f.other_id, c.by_id, $2::uuid
from unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[]) as c(charge_id, code, other_id, by_id)
join finding f on f.tenant_id = $1 and f.charge_id = c.charge_id and f.code = c.code and f.other_id = c.other_id
order by f.charge_id, f.code, f.other_id on conflict do nothing`

// SaveFindings records what was found and what is closed by it, and returns the findings that were not recorded before.
func (tx *Tx) SaveFindings(ctx context.Context, tenant int, run ident.ID, r finding.Result) ([]finding.Finding, error) {
	fresh, err := tx.recordFindings(ctx, tenant, run, r.Findings)
	if err != nil || len(r.Closed) == 0 {
		return fresh, err
	}
	return fresh, tx.closeFindings(ctx, tenant, run, r.Closed)
}

func (tx *Tx) closeFindings(ctx context.Context, tenant int, run ident.ID, closed []finding.Closed) error {
	n := len(closed)
	charges, codes, others, by := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, c := range closed {
		charges[i], codes[i], others[i], by[i] = c.Charge, string(c.Code), c.Other, c.By
	}
	_, err := tx.ExecContext(ctx, qCloseFindings, tenant, run.String(), pq.Array(charges), pq.Array(codes), pq.Array(others), pq.Array(by))
	return err
}

func (tx *Tx) recordFindings(ctx context.Context, tenant int, run ident.ID, findings []finding.Finding) ([]finding.Finding, error) {
	if len(findings) == 0 {
		return nil, nil
	}
	n := len(findings)
	charges, codes, others, holds, values := make([]string, n), make([]string, n), make([]string, n), make([]bool, n), make([]string, n)
	for i, f := range findings {
		charges[i], codes[i], others[i], holds[i], values[i] = f.Charge, string(f.Code), f.Other, f.Holds, storable(f.Value)
		if f.Other == "" {
			others[i] = noOther
		}
	}
	var rows []struct {
		Charge ident.ID `db:"charge_id"`
		Code   string   `db:"code"`
		Other  ident.ID `db:"other_id"`
	}
	err := tx.SelectContext(ctx, &rows, qSaveFindings, tenant, run.String(), pq.Array(charges), pq.Array(codes), pq.Array(others), pq.Array(holds), pq.Array(values))
	if err != nil {
		return nil, err
	}
	recorded := make(map[[3]string]bool, len(rows))
	for _, r := range rows {
		recorded[[3]string{r.Charge.String(), r.Code, r.Other.String()}] = true
	}
	var fresh []finding.Finding
	for i, f := range findings {
		if recorded[[3]string{charges[i], codes[i], others[i]}] {
			fresh = append(fresh, f)
		}
	}
	return fresh, nil
}
