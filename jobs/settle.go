package jobs

import (
	"context"
	"errors"

	"wattdue/calendar"
	"wattdue/policy"
	"wattdue/sql/store"
)

// Settle decides about held charges under a person's name, as a rule would when they are old enough: they are billed without
// proof, borne by the provider, or claimed from the operator of the charge point. All are decided or, when one cannot be,
// none: the error then has a line for each that cannot.
func (e *Env) Settle(ctx context.Context, tenant store.Tenant, rows []store.QuarantineRow, as policy.Decision, d Decision) error {
	if err := d.check(); err != nil {
		return err
	}
	var refused []error
	for _, r := range rows {
		if err := maySettle(r, as); err != nil {
			refused = append(refused, err)
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	zone, err := tenant.Location()
	if err != nil {
		return err
	}
	now, err := e.DB.Clock(ctx)
	if err != nil {
		return err
	}
	decided := make([]store.Settlement, len(rows))
	for i, r := range rows {
		decided[i] = store.Settlement{
			Row: r, Decision: as, Actor: d.Actor, Reason: d.Reason,
			HeldSince: holdOf(r, zone).Since, DecidedOn: calendar.DateOf(now, zone),
		}
	}
	return e.DB.InTx(ctx, func(tx *store.Tx) error { return tx.Settle(ctx, tenant.ID, decided) })
}

// maySettle says why a record cannot be decided so.
func maySettle(r store.QuarantineRow, as policy.Decision) error {
	switch {
	case r.State != "open":
		return refusal(r, "was %s before by %s", r.State, r.DecidedBy)
	case r.Charge.IsZero():
		return refusal(r, "is no charging session that could be settled (stage %s, %s); release or drop it", r.Stage, r.Code)
	case policy.Hold{Stage: r.Stage, Code: r.Code}.Open(as):
		return nil
	case as == policy.Bill && r.Stage == policy.Compare:
		return refusal(r, "is proven; another session contradicts it (%s); release it to bill it, or settle it as goodwill or claim", r.Code)
	case as == policy.Bill && r.Stage != policy.Verify:
		return refusal(r, "was set aside in stage %s (%s), and without payer and price it cannot be billed; settle it as goodwill or claim", r.Stage, r.Code)
	case as == policy.Bill:
		return refusal(r, "there is no verdict to do without (%s); release it, or settle it as goodwill or claim", r.Code)
	}
	return refusal(r, "cancels another record; settle both by hand with the customer, then drop it")
}
