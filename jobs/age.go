package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/jobs/batch"
	"wattdue/meter"
	"wattdue/meter/finding"
	"wattdue/policy"
	"wattdue/rating"
	"wattdue/sql/store"
)

// age decides about charges that were held too long, as the rules in force on the run's day say. It comes before verify, so
// that what is to be billed is verified and priced by the same run. Deciding about a charge takes it from among the held
// ones, so doing the stage again does nothing.
var age = Stage{
	Name: "age", Queue: QueueBilling, Size: 1000,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		rules, err := tx.AgeingRules(ctx, r.Tenant)
		if err != nil || len(rules) == 0 {
			return nil, err
		}
		return tx.ChargeSpans(ctx, r.Tenant, "held", size)
	},
	Work: workAge,
}

func workAge(ctx context.Context, e *Env, t Task) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	zone, err := tenant.Location()
	if err != nil {
		return nil, err
	}
	rules, err := t.Tx.AgeingRules(ctx, t.Run.Tenant)
	if err != nil {
		return nil, err
	}
	held, err := t.Tx.LockHeldCharges(ctx, t.Run.Tenant, t.Chunk.Span)
	if err != nil {
		return nil, err
	}
	counts, today := Counts{}, calendar.DateOf(t.Run.AsOf, zone)
	var decided []store.Settlement
	for _, r := range held {
		h := holdOf(r, zone)
		rule, due := policy.Due(rules, h, today)
		if !due {
			continue
		}
		decided = append(decided, store.Settlement{
			Row: r, Decision: rule.Decision, Rule: rule.ID, Actor: rule.Actor(), HeldSince: h.Since, DecidedOn: today, Run: t.Run.ID,
			Reason: fmt.Sprintf("held for %d days: %s", h.Since.DaysUntil(today), rule.Note),
		})
		counts["decided"]++
		counts[string(rule.Decision)]++
	}
	return counts, t.Tx.Settle(ctx, t.Run.Tenant, decided)
}

// holdOf is what rules look at of a record set aside.
func holdOf(r store.QuarantineRow, zone *time.Location) policy.Hold {
	return policy.Hold{Stage: r.Stage, Code: r.Code, Word: r.Word, Since: calendar.DateOf(r.HeldSince, zone)}
}

// ageingPending reports whether a further run of a period would find a charge to decide about by rule.
func (e *Env) ageingPending(ctx context.Context, t store.Tenant, period string) (bool, error) {
	p, err := calendar.ParsePeriod(period)
	if err != nil {
		return false, err
	}
	zone, err := t.Location()
	if err != nil {
		return false, err
	}
	rules, err := e.DB.AgeingRules(ctx, t.ID)
	if err != nil || len(rules) == 0 {
		return false, err
	}
	held, err := e.DB.HeldCharges(ctx, t.ID)
	return slices.ContainsFunc(held, func(r store.QuarantineRow) bool {
		_, due := policy.Due(rules, holdOf(r, zone), p.Last())
		return due
	}), err
}

// Outlook says how long a record has been set aside and what becomes of it.
type Outlook struct {
	Days int            // 0 where the clock says less
	Rule *policy.Ageing // that will decide about it; nil: it waits for a person
	On   calendar.Date  // when it will
}

// Outlooks say how long records have been set aside at a moment and which rule will decide when. They belong to the rows in
// their order.
func (e *Env) Outlooks(ctx context.Context, t store.Tenant, rows []store.QuarantineRow, at time.Time) ([]Outlook, error) {
	zone, err := t.Location()
	if err != nil {
		return nil, err
	}
	rules, err := e.DB.AgeingRules(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	today, looks := calendar.DateOf(at, zone), make([]Outlook, len(rows))
	for i, r := range rows {
		h := holdOf(r, zone)
		looks[i].Days = max(h.Since.DaysUntil(today), 0)
		if r.State != "open" || r.Charge.IsZero() {
			continue
		}
		if rule, on, ok := policy.Next(rules, h, today); ok {
			looks[i].Rule, looks[i].On = &rule, on
		}
	}
	return looks, nil
}

// checkReason refuses a reason for which no charge is held in a stage, because a rule about it would never decide.
func checkReason(stage, reason string) error {
	if slices.Contains(holdReasons(stage), reason) {
		return nil
	}
	hint := "a reason code, or * for all"
	if stage == policy.Verify {
		hint = "a word of the verdict such as \"key missing\", " + hint
	}
	return errors.New("no charge is held for it in stage " + stage + "; want " + hint)
}

// holdReasons are the words and codes with which charges are held in a stage, but for those no rule may decide about.
func holdReasons(stage string) []string {
	switch stage {
	case policy.Verify:
		var known []string
		for _, r := range meter.Rules() {
			if r.Word != "" {
				known = append(known, r.Code, string(r.Word))
			}
		}
		return known
	case policy.Assign:
		return []string{string(customer.TokenUnknown), string(customer.TokenExpired), string(customer.ContractInactive), string(customer.Ambiguous)}
	case policy.Compare:
		var codes []string
		for _, r := range finding.Rules() {
			if r.Holds {
				codes = append(codes, string(r.Code))
			}
		}
		return codes
	case policy.Rate:
		return []string{
			string(rating.NoPrice), string(rating.TimeNotBillable), string(rating.Negative), string(rating.PeriodsOutside),
			"evse-unknown", "zone-unknown", "contract-unknown", "no-tariff", "rating", "net-mode",
		}
	}
	return nil
}
