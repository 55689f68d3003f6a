package store

import (
	"context"
	"time"

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

const qCloseFindings = `insert into finding_closed (tenant_id, charge_id, code, other_id, run_id)
select f.tenant_id, f.charge_id, f.code, f.other_id, $2::uuid
from unnest($3::uuid[], $4::text[], $5::uuid[]) as c(charge_id, code, other_id)
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
	charges, codes, others := make([]string, n), make([]string, n), make([]string, n)
	for i, c := range closed {
		charges[i], codes[i], others[i] = c.Charge, string(c.Code), c.Other
	}
	_, err := tx.ExecContext(ctx, qCloseFindings, tenant, run.String(), pq.Array(charges), pq.Array(codes), pq.Array(others))
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

// FoundRow is a finding as people see it.
type FoundRow struct {
	Code   string    `db:"code" json:"code"`
	State  string    `db:"state" json:"state"` // noted, closed, held, or decided: what held the charge does so no longer
	Record string    `db:"record" json:"record"`
	Charge ident.ID  `db:"charge_id" json:"-"`
	Other  string    `db:"other" json:"other,omitempty"`
	Meter  string    `db:"meter_id" json:"meter"`
	EVSE   string    `db:"evse_id" json:"evse"`
	Value  string    `db:"value" json:"value"`
	Start  time.Time `db:"begin_at" json:"start"` // of the session, as signed
	Run    string    `db:"run" json:"run"`
	AsOf   time.Time `db:"as_of" json:"as_of"` // of the run
}

const recordName = `coalesce((select c.country || '/' || c.party || '/' || upper(c.cdr_id) from cdr_key k
join charge c on c.tenant_id = k.tenant_id and c.month = k.month and c.charge_id = k.charge_id where k.tenant_id = f.tenant_id and k.charge_id = `

const foundRows = `select f.code, f.charge_id, s.meter_id, s.evse_id, f.value, s.begin_at, r.job || '/' || r.period || '/' || r.seq as run, r.as_of,
case when x.run_id is not null then 'closed' when not f.holds then 'noted' when exists (select from quarantine q where q.tenant_id = f.tenant_id
and q.charge_id = f.charge_id and q.stage = 'compare' and q.state = 'open') then 'held' else 'decided' end as state,
` + recordName + `f.charge_id), '') as record, ` + recordName + `f.other_id), '') as other
from finding f
join signed_session s on s.tenant_id = f.tenant_id and s.charge_id = f.charge_id
join run r on r.tenant_id = f.tenant_id and r.run_id = f.run_id
left join finding_closed x on x.tenant_id = f.tenant_id and x.charge_id = f.charge_id and x.code = f.code and x.other_id = f.other_id
where f.tenant_id = $1`

const foundOrder = ` order by s.meter_id, s.begin_at, record, f.code, other`

const qFound = foundRows + ` and ($2 = '' or f.code = $2) and ($3 = '' or s.meter_id = $3) and ($4::timestamptz is null or r.as_of >= $4)
and ($5::uuid[] is null or f.charge_id = any($5) or f.other_id = any($5))` + foundOrder

// FindingFilter says which findings are meant. Zero values mean any; no charges at all are not any.
type FindingFilter struct {
	Code    string
	Meter   string
	Charges []ident.ID // with a part in it, as the one concerned or the other
	Since   time.Time  // recorded by a run as of this moment or later
}

// Findings lists what was found, by meter and the begin of the session.
func (db *DB) Findings(ctx context.Context, tenant int, f FindingFilter) ([]FoundRow, error) {
	rows := []FoundRow{}
	var charges, since any
	if f.Charges != nil {
		charges = idArray(f.Charges)
	}
	if !f.Since.IsZero() {
		since = f.Since
	}
	err := classify(db.x.SelectContext(ctx, &rows, qFound, tenant, f.Code, f.Meter, since, charges))
	return rows, err
}

// FindingSum counts the findings of a code that hold.
type FindingSum struct {
	Code  string `db:"code"`
	Holds bool   `db:"holds"`
	N     int64  `db:"n"`
}

const qFindingSums = `select f.code, f.holds, count(*) as n from finding f where f.tenant_id = $1 and not exists (select from finding_closed x
where x.tenant_id = f.tenant_id and x.charge_id = f.charge_id and x.code = f.code and x.other_id = f.other_id) group by f.code, f.holds order by f.code`

// The gravest first, as far as a report has room for them.
const qReportedFindings = foundRows + ` and x.run_id is null order by f.holds desc, s.meter_id, s.begin_at, record, f.code, other limit 100`
