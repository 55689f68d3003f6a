package store

import (
	"context"
	"time"

	"wattdue/calendar"
	"wattdue/policy"
)

type exemptionIn struct {
	ID          string        `json:"id"`
	Country     string        `json:"country"`
	Party       string        `json:"party"`
	EVSECountry string        `json:"evse_country"`
	Power       string        `json:"power"`
	Before      calendar.Date `json:"commissioned_before,omitzero"`
	From        time.Time     `json:"valid_from"`
	Until       *time.Time    `json:"valid_until"`
	Note        string        `json:"note"`
}

func exemptionsIn(rules []policy.Exemption) []exemptionIn {
	rows := make([]exemptionIn, len(rules))
	for i, r := range rules {
		rows[i] = exemptionIn{
			r.ID, r.Country, r.Party, r.EVSECountry, string(r.Power), r.CommissionedBefore, r.From, timePointer(r.Until), r.Note,
		}
	}
	return rows
}

const exemptionColumns = `(id text, country text, party text, evse_country text, power text, commissioned_before date,
valid_from timestamptz, valid_until timestamptz, note text)`

const qOtherExemptions = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as ` + exemptionColumns + `)
with ordinality as x(id, country, party, evse_country, power, commissioned_before, valid_from, valid_until, note, n)
join signature_policy p on p.tenant_id = $1 and p.rule_id = x.id
where (p.country, p.party, p.evse_country, p.power, p.commissioned_before, p.valid_from)
is distinct from (x.country, x.party, x.evse_country, x.power, x.commissioned_before, x.valid_from) order by x.n`

// OtherExemptions returns the places of rules that are loaded under the same name and ask something else.
func (tx *Tx) OtherExemptions(ctx context.Context, tenant int, rules []policy.Exemption) ([]int, error) {
	return clashes(ctx, tx, qOtherExemptions, tenant, exemptionsIn(rules))
}

const qMergeExemptions = `with m as (insert into signature_policy (tenant_id, rule_id, country, party, evse_country, power, commissioned_before,
valid_from, valid_until, note)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x` + exemptionColumns + ` order by x.id
on conflict (tenant_id, rule_id) do update set valid_until = excluded.valid_until, note = excluded.note
where (signature_policy.valid_until, signature_policy.note) is distinct from (excluded.valid_until, excluded.note)` + mergedCounts

// MergeExemptions adds rules about signatures that are not required, or changes their end and grounds.
func (tx *Tx) MergeExemptions(ctx context.Context, tenant int, rules []policy.Exemption) (Merged, error) {
	return merge(ctx, tx, qMergeExemptions, tenant, exemptionsIn(rules))
}

type ageingIn struct {
	ID       string        `json:"id"`
	Stage    string        `json:"stage"`
	Reason   string        `json:"reason"`
	Days     int           `json:"after_days"`
	Decision string        `json:"decision"`
	SetBy    string        `json:"set_by"`
	From     calendar.Date `json:"valid_from"`
	Until    calendar.Date `json:"valid_until,omitzero"`
	Note     string        `json:"note"`
}

func ageingsIn(rules []policy.Ageing) []ageingIn {
	rows := make([]ageingIn, len(rules))
	for i, r := range rules {
		rows[i] = ageingIn{r.ID, r.Stage, r.Reason, r.AfterDays, string(r.Decision), r.SetBy, r.From, r.Until, r.Note}
	}
	return rows
}

const ageingColumns = `(id text, stage text, reason text, after_days int, decision text, set_by text, valid_from date, valid_until date, note text)`

const qOtherAgeings = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as ` + ageingColumns + `)
with ordinality as x(id, stage, reason, after_days, decision, set_by, valid_from, valid_until, note, n)
join ageing_rule a on a.tenant_id = $1 and a.rule_id = x.id
where (a.stage, a.reason, a.after_days, a.decision, a.set_by, a.valid_from)
is distinct from (x.stage, x.reason, x.after_days, x.decision, x.set_by, x.valid_from) order by x.n`

// OtherAgeings returns the places of rules that are loaded under the same name and say something else.
func (tx *Tx) OtherAgeings(ctx context.Context, tenant int, rules []policy.Ageing) ([]int, error) {
	return clashes(ctx, tx, qOtherAgeings, tenant, ageingsIn(rules))
}

const qMergeAgeings = `with m as (insert into ageing_rule (tenant_id, rule_id, stage, reason, after_days, decision, set_by, valid_from, valid_until, note)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x` + ageingColumns + ` order by x.id
on conflict (tenant_id, rule_id) do update set valid_until = excluded.valid_until, note = excluded.note
where (ageing_rule.valid_until, ageing_rule.note) is distinct from (excluded.valid_until, excluded.note)` + mergedCounts

// MergeAgeings adds rules about charges held too long, or changes their end and grounds.
func (tx *Tx) MergeAgeings(ctx context.Context, tenant int, rules []policy.Ageing) (Merged, error) {
	return merge(ctx, tx, qMergeAgeings, tenant, ageingsIn(rules))
}
