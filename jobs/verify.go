package jobs

import (
	"context"
	"errors"
	"runtime"

	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/meter"
	"wattdue/meter/finding"
	"wattdue/policy"
	"wattdue/sql/store"
)

// verify gives every charge its verdict and the contract that pays for it. What may not be billed, or has no payer, is
// held with the reason.
var verify = Stage{
	Name: "verify", Queue: QueueBilling, Size: 1000,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		return tx.ChargeSpans(ctx, r.Tenant, "imported", size)
	},
	Work: workVerify,
	Park: func(ctx context.Context, _ *Env, t Task) error {
		_, err := t.Tx.HoldSpan(ctx, t.Run.Tenant, t.Run.ID, "imported", "verify", t.Chunk.Span, false)
		return err
	},
}

func workVerify(ctx context.Context, e *Env, t Task) (Counts, error) {
	charges, err := t.Tx.Imported(ctx, t.Run.Tenant, t.Chunk.Span)
	if err != nil {
		return nil, err
	}
	know, err := loadKnowledge(ctx, e, t, charges)
	if err != nil {
		return nil, err
	}
	records := make([]cdr.Record, len(charges))
	for i := range charges {
		if records[i], err = charges[i].Record(); err != nil {
			return nil, err
		}
	}
	profile, err := t.Tx.Profile(ctx, t.Run.Tenant)
	if err != nil {
		return nil, err
	}
	verdicts := e.checker().CheckAll(records, know.keys, profile, runtime.GOMAXPROCS(0))
	judged, held := make([]store.Judged, 0, len(charges)), []store.Quarantined(nil)
	for i, c := range charges {
		j, why, err := know.judge(c, records[i], verdicts[i])
		if err != nil {
			return nil, err
		}
		if why != nil {
			why.Run = t.Run.ID
			held = append(held, *why)
		}
		judged = append(judged, j)
	}
	if err := t.Tx.Judge(ctx, t.Run.Tenant, t.Run.ID, profile.Name, judged); err != nil {
		return nil, err
	}
	return Counts{"verified": int64(len(judged) - len(held)), "held": int64(len(held))}, t.Tx.Quarantine(ctx, t.Run.Tenant, held)
}

// knowledge is what the judgement of a chunk's charges needs.
type knowledge struct {
	keys      store.KeyRing
	directory *customer.Directory
	exempt    []policy.Exemption
}

func loadKnowledge(ctx context.Context, e *Env, t Task, charges []store.Imported) (knowledge, error) {
	var evses, uids, emaids []string
	for _, c := range charges {
		evses, uids, emaids = append(evses, c.EVSE), append(uids, c.Token), append(emaids, c.EMAID)
	}
	meters, err := e.meterKeys(ctx, t)
	if err != nil {
		return knowledge{}, err
	}
	keys, err := t.Tx.Keys(ctx, t.Run.Tenant, unique(evses), meters)
	if err != nil {
		return knowledge{}, err
	}
	tokens, contracts, err := t.Tx.Directory(ctx, t.Run.Tenant, unique(uids), unique(emaids))
	if err != nil {
		return knowledge{}, err
	}
	directory, err := customer.NewDirectory(contracts, tokens)
	if err != nil {
		return knowledge{}, err
	}
	exempt, err := t.Tx.Exemptions(ctx, t.Run.Tenant)
	return knowledge{keys, directory, exempt}, err
}

// judge decides whether a charge is proven and who pays; why is set when it is held.
func (k knowledge) judge(c store.Imported, record cdr.Record, v meter.Verdict) (j store.Judged, why *store.Quarantined, err error) {
	j = store.Judged{
		Charge: c.Charge, Month: c.Month, Attempt: c.Attempt, File: c.File, Ordinal: c.Ordinal, Verdict: v, State: "verified",
	}
	j.Session = proven(c, j.Verdict)
	j.Basis, j.Rule = k.basis(c, j.Verdict)
	j.Billable = j.Basis != ""
	j.Energy = c.Energy
	if j.Basis == invoicing.BasisValid {
		j.Energy = int64(j.Verdict.Energy)
	}
	contract, payer := k.directory.ContractFor(c.Token, c.EMAID, record.Start)
	if payer == nil {
		j.Contract = contract.No
	}
	hold := func(stage, code, reason string) {
		j.State = "held"
		why = &store.Quarantined{
			File: c.File, Ordinal: c.Ordinal, Stage: stage, Attempt: c.Attempt, Charge: c.Charge, Class: string(batch.ClassRecord),
			Code: code, Record: record.Key().String(), Reason: reason,
		}
	}
	var refusal *customer.Refusal
	switch {
	case payer != nil && !errors.As(payer, &refusal):
		return j, nil, payer
	case c.CreditRef != "": // before all else: ageing rules look at the reason, and none may decide about a credit
		hold("rate", "credit", "a credit record cancels another record; settle both by hand with the customer, then drop it")
	case !j.Billable:
		code, reason := mainReason(j.Verdict)
		hold("verify", code, reason)
	case refusal != nil:
		hold("assign", string(refusal.Code), refusal.Text)
	}
	return j, why, nil
}

// proven is what a verdict proves of a session. A credit record repeats the session it takes back and is none of its own.
func proven(c store.Imported, v meter.Verdict) *finding.Session {
	s, ok := finding.SessionOf(v)
	if !ok || c.CreditRef != "" {
		return nil
	}
	s.EVSE = c.EVSE
	return &s
}

// basis says why a charge may be billed, and by which rule when no signature is required; empty when it may not.
func (k knowledge) basis(c store.Imported, v meter.Verdict) (basis, rule string) {
	switch {
	case v.Billable():
		return invoicing.BasisValid, ""
	case c.Waived:
		return invoicing.BasisWaiver, ""
	case !v.Unsigned():
		return "", ""
	}
	exempt, ok := policy.NotRequired(k.exempt, policy.Session{
		Country: c.Country, Party: c.Party, Start: c.Start,
		Point: policy.Point{Country: c.Point, Power: policy.Power(c.Power), CommissionedOn: c.Since},
	})
	if !ok {
		return "", ""
	}
	return invoicing.BasisNotRequired, exempt.ID
}

// mainReason is the finding that decided a verdict: its code and the words for people.
func mainReason(v meter.Verdict) (code, text string) {
	if r, ok := v.Main(); ok {
		return r.Code, string(v.Word) + ": " + r.Text
	}
	return "verdict", string(v.Word)
}

func unique(values []string) []string {
	seen := make(map[string]bool, len(values))
	var kept []string
	for _, v := range values {
		if v != "" && !seen[v] {
			seen[v] = true
			kept = append(kept, v)
		}
	}
	return kept
}
