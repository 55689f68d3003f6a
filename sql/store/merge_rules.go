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
