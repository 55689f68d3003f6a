package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/policy"
)

// heldSince is the moment a charge was first set aside, by the clock of the run that did so, because that is the clock the
// run that decides goes by. A record that never became a charge has only the one row.
const heldSince = `coalesce((select min(coalesce(r.as_of, h.noted_at)) from quarantine h
left join run r on r.tenant_id = h.tenant_id and r.run_id = h.run_id
where h.tenant_id = q.tenant_id and h.charge_id = q.charge_id),
(select r.as_of from run r where r.tenant_id = q.tenant_id and r.run_id = q.run_id), q.noted_at) as held_since`

const heldCharges = `select left(q.file_id::text, 8) || '.' || q.ordinal || '.' || q.stage || '.' || q.attempt as id, q.file_id, q.ordinal, q.stage,
q.attempt, q.charge_id, q.class, q.code, q.record, coalesce(v.word, '') as word, ` + heldSince + `
from charge_state s
join quarantine q on q.tenant_id = s.tenant_id and q.charge_id = s.charge_id and q.attempt = s.attempt and q.state = 'open'
left join verdict v on v.tenant_id = s.tenant_id and v.month = s.month and v.charge_id = s.charge_id and v.attempt = s.attempt
where s.tenant_id = $1 and s.state = 'held'`

const qHeldCharges = heldCharges + ` order by s.charge_id`

// HeldCharges returns all charges that are set aside and wait for a decision.
func (db *DB) HeldCharges(ctx context.Context, tenant int) ([]QuarantineRow, error) {
	var rows []QuarantineRow
	err := classify(db.x.SelectContext(ctx, &rows, qHeldCharges, tenant))
	return rows, err
}

const qLockHeldCharges = heldCharges + ` and s.charge_id >= $2::uuid and ($3 = '' or s.charge_id < nullif($3, '')::uuid)
order by s.charge_id for update of q skip locked`

// LockHeldCharges returns the charges of a range that are set aside, and keeps everybody else from deciding about them.
// One that somebody decides about at this moment is left out.
func (tx *Tx) LockHeldCharges(ctx context.Context, tenant int, span batch.Span) ([]QuarantineRow, error) {
	var rows []QuarantineRow
	err := tx.SelectContext(ctx, &rows, qLockHeldCharges, tenant, span.Lo, span.Hi)
	return rows, err
}

// Settlement is the decision about a charge that was held.
type Settlement struct {
	Row       QuarantineRow
	Decision  policy.Decision
	Rule      string // by which it was decided; empty: by a person
	Actor     string
	Reason    string
	HeldSince calendar.Date
	DecidedOn calendar.Date
	Run       ident.ID // that decided by rule; else zero
}

// settlementIn is a settlement as the queries take it.
type settlementIn struct {
	ID        string        `json:"id"`
	File      string        `json:"file"`
	Ordinal   int           `json:"ordinal"`
	Stage     string        `json:"stage"`
	Attempt   int           `json:"attempt"`
	Charge    string        `json:"charge"`
	Record    string        `json:"record"`
	Code      string        `json:"code"`
	Held      string        `json:"held"` // state of the quarantine row
	Next      string        `json:"next"` // state of the charge
	Again     int           `json:"again"`
	Action    string        `json:"action"`
	Decision  string        `json:"decision"`
	Rule      *string       `json:"rule"`
	Actor     string        `json:"actor"`
	Reason    string        `json:"reason"`
	HeldSince calendar.Date `json:"held_since"`
	DecidedOn calendar.Date `json:"decided_on"`
	Run       *string       `json:"run"`
}

// outcomes say what a decision makes of the quarantine row and of the charge, and how the audit log calls it. A charge that
// is to be billed starts over at verification as a new attempt, with the waiver.
var outcomes = map[policy.Decision]struct {
	held, next, action string
	again              int
}{
	policy.Bill:     {"released", "imported", "charge.waive", 1},
	policy.Goodwill: {"goodwill", "goodwill", "charge.goodwill", 0},
	policy.Claim:    {"claimed", "claimed", "charge.claim", 0},
}

const settlements = `jsonb_to_recordset($2::jsonb) as x(id text, file uuid, ordinal int, stage text, attempt int, charge uuid, record text,
code text, held text, next text, again int, action text, decision text, rule text, actor text, reason text, held_since date,
decided_on date, run uuid)`

const qSettleHeld = `update quarantine q set state = x.held, decided_by = x.actor, decided_at = now(), decision = x.reason from ` + settlements + `
where q.tenant_id = $1 and q.file_id = x.file and q.ordinal = x.ordinal and q.stage = x.stage and q.attempt = x.attempt and q.state = 'open'`

const qSettleCharges = `update charge_state s set state = x.next, attempt = s.attempt + x.again from ` + settlements + `
where s.tenant_id = $1 and s.charge_id = x.charge and s.attempt = x.attempt and s.state = 'held'`

const qSettlements = `insert into settlement (tenant_id, charge_id, attempt, decision, rule_id, actor, reason, held_since, decided_on, run_id)
select $1, x.charge, x.attempt, x.decision, x.rule, x.actor, x.reason, x.held_since, x.decided_on, x.run from ` + settlements + ` order by x.charge`

const qSettleWaivers = `insert into waiver (tenant_id, charge_id, actor, reason)
select $1, x.charge, x.actor, x.reason from ` + settlements + ` where x.decision = 'bill' order by x.charge on conflict do nothing`

const qSettleAudit = `insert into audit (tenant_id, actor, action, target, reason, detail)
select $1, x.actor, a.action, a.target, x.reason, jsonb_strip_nulls(jsonb_build_object('record', x.record, 'stage', x.stage, 'code', x.code,
'decision', x.decision, 'rule', x.rule, 'held_since', x.held_since))
from ` + settlements + ` cross join lateral (values ('quarantine.settle', x.id), (x.action, x.charge::text)) a(action, target) order by x.charge, a.action`

// Settle decides about charges that are held: all of them or, with an error, none. Each leaves a settlement and two lines in
// the audit log, of the row and of the charge.
func (tx *Tx) Settle(ctx context.Context, tenant int, set []Settlement) error {
	if len(set) == 0 {
		return nil
	}
	rows := make([]settlementIn, len(set))
	for i, s := range set {
		o, r := outcomes[s.Decision], s.Row
		rows[i] = settlementIn{
			r.ID, r.FileID.String(), r.Ordinal, r.Stage, r.Attempt, r.Charge.String(), r.Record, r.Code, o.held, o.next, o.again, o.action,
			string(s.Decision), textPointer(s.Rule), s.Actor, s.Reason, s.HeldSince, s.DecidedOn, nil,
		}
		if !s.Run.IsZero() {
			rows[i].Run = textPointer(s.Run.String())
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	for _, q := range []string{qSettleHeld, qSettleCharges} {
		n, err := affected(tx.ExecContext(ctx, q, tenant, string(text)))
		if err != nil {
			return err
		}
		if n != int64(len(set)) {
			return fmt.Errorf("%d of %d records were decided meanwhile; list them again", int64(len(set))-n, len(set))
		}
	}
	for _, q := range []string{qSettlements, qSettleWaivers, qSettleAudit} {
		if _, err := tx.ExecContext(ctx, q, tenant, string(text)); err != nil {
			return err
		}
	}
	return nil
}

func textPointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Claim is a charge that is claimed from the operator of the charge point instead of being billed.
type Claim struct {
	Record    string        `db:"record" json:"record"`
	Operator  string        `db:"operator" json:"operator"` // country/party
	SessionID string        `db:"session_id" json:"session_id,omitempty"`
	EVSE      string        `db:"evse_id" json:"evse"`
	Start     time.Time     `db:"start_at" json:"start"`
	Energy    int64         `db:"energy" json:"energy_micro_kwh"` // as stated
	Stated    string        `db:"stated_excl" json:"stated_excl_vat,omitempty"`
	Currency  string        `db:"currency" json:"currency"`
	Code      string        `db:"code" json:"code"`
	Fault     string        `db:"fault" json:"fault"` // why it was held
	Rule      string        `db:"rule_id" json:"rule,omitempty"`
	Actor     string        `db:"actor" json:"actor"`
	Reason    string        `db:"reason" json:"reason"`
	HeldSince calendar.Date `db:"held_since" json:"held_since"`
	DecidedOn calendar.Date `db:"decided_on" json:"decided_on"`
}

const qClaims = `select c.country || '/' || c.party || '/' || upper(c.cdr_id) as record, c.country || '/' || c.party as operator, c.session_id,
c.evse_id, c.start_at, c.energy, c.stated_excl, c.currency, coalesce(q.code, '') as code, coalesce(q.reason, '') as fault,
coalesce(t.rule_id, '') as rule_id, t.actor, t.reason, t.held_since, t.decided_on
from settlement t
join cdr_key k on k.tenant_id = t.tenant_id and k.charge_id = t.charge_id
join charge c on c.tenant_id = t.tenant_id and c.month = k.month and c.charge_id = t.charge_id
left join quarantine q on q.tenant_id = t.tenant_id and q.charge_id = t.charge_id and q.attempt = t.attempt and q.state = 'claimed'
where t.tenant_id = $1 and t.decision = 'claim' and ($2 = '' or c.country || '/' || c.party = $2) order by operator, c.start_at, record`

// Claims lists what is claimed from operators, or from one of them (country/party).
func (db *DB) Claims(ctx context.Context, tenant int, operator string) ([]Claim, error) {
	rows := []Claim{}
	err := classify(db.x.SelectContext(ctx, &rows, qClaims, tenant, operator))
	return rows, err
}

// TracedSettlement is a decision about a charge that was held.
type TracedSettlement struct {
	Attempt   int           `db:"attempt" json:"attempt"`
	Decision  string        `db:"decision" json:"decision"`
	Rule      string        `db:"rule_id" json:"rule,omitempty"`
	Actor     string        `db:"actor" json:"actor"`
	Reason    string        `db:"reason" json:"reason"`
	HeldSince calendar.Date `db:"held_since" json:"held_since"`
	DecidedOn calendar.Date `db:"decided_on" json:"decided_on"`
}

const qTraceSettlements = `select attempt, decision, coalesce(rule_id, '') as rule_id, actor, reason, held_since, decided_on
from settlement where tenant_id = $1 and charge_id = $2 order by attempt`

// TraceSettlements returns how a charge that was held was decided, the first decision first.
func (db *DB) TraceSettlements(ctx context.Context, tenant int, charge ident.ID) ([]TracedSettlement, error) {
	rows := []TracedSettlement{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceSettlements, tenant, charge.String()))
	return rows, err
}
