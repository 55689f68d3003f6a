package store

import (
	"context"
	"time"

	"wattdue/calendar"
	"wattdue/policy"
)

const qExemptions = `select rule_id, country, party, evse_country, power, commissioned_before, valid_from, valid_until, note
from signature_policy where tenant_id = $1 order by rule_id`

// Exemptions returns a tenant's rules about signatures that are not required, in the order of their names.
func (tx *Tx) Exemptions(ctx context.Context, tenant int) ([]policy.Exemption, error) {
	var rows []struct {
		ID          string        `db:"rule_id"`
		Country     string        `db:"country"`
		Party       string        `db:"party"`
		EVSECountry string        `db:"evse_country"`
		Power       string        `db:"power"`
		Before      calendar.Date `db:"commissioned_before"`
		From        time.Time     `db:"valid_from"`
		Until       *time.Time    `db:"valid_until"`
		Note        string        `db:"note"`
	}
	if err := tx.SelectContext(ctx, &rows, qExemptions, tenant); err != nil {
		return nil, err
	}
	rules := make([]policy.Exemption, len(rows))
	for i, r := range rows {
		rules[i] = policy.Exemption{
			ID: r.ID, Country: r.Country, Party: r.Party, EVSECountry: r.EVSECountry, Power: policy.Power(r.Power),
			CommissionedBefore: r.Before, From: r.From, Note: r.Note,
		}
		if r.Until != nil {
			rules[i].Until = *r.Until
		}
	}
	return rules, nil
}

const qAgeingRules = `select rule_id, stage, reason, after_days, decision, set_by, valid_from, valid_until, note
from ageing_rule where tenant_id = $1 order by rule_id`

type ageingRow struct {
	ID       string        `db:"rule_id"`
	Stage    string        `db:"stage"`
	Reason   string        `db:"reason"`
	Days     int           `db:"after_days"`
	Decision string        `db:"decision"`
	SetBy    string        `db:"set_by"`
	From     calendar.Date `db:"valid_from"`
	Until    calendar.Date `db:"valid_until"`
	Note     string        `db:"note"`
}

// AgeingRules returns a tenant's rules about charges that were held too long, in the order of their names.
func (db *DB) AgeingRules(ctx context.Context, tenant int) ([]policy.Ageing, error) {
	var rows []ageingRow
	err := classify(db.x.SelectContext(ctx, &rows, qAgeingRules, tenant))
	return ageingOf(rows), err
}

// AgeingRules is DB.AgeingRules inside a transaction.
func (tx *Tx) AgeingRules(ctx context.Context, tenant int) ([]policy.Ageing, error) {
	var rows []ageingRow
	err := tx.SelectContext(ctx, &rows, qAgeingRules, tenant)
	return ageingOf(rows), err
}

func ageingOf(rows []ageingRow) []policy.Ageing {
	rules := make([]policy.Ageing, len(rows))
	for i, r := range rows {
		rules[i] = policy.Ageing{
			ID: r.ID, Stage: r.Stage, Reason: r.Reason, AfterDays: r.Days, Decision: policy.Decision(r.Decision), SetBy: r.SetBy,
			From: r.From, Until: r.Until, Note: r.Note,
		}
	}
	return rules
}
