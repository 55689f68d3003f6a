package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// Decision is a person's word about records set aside.
type Decision struct {
	Actor  string
	Reason string
	// Waive lets charges be billed without a valid signature, under the actor's name.
	Waive bool
}

func (d Decision) check() error {
	switch {
	case d.Actor == "":
		return errors.New("a decision needs a name; give --actor")
	case strings.TrimSpace(d.Reason) == "":
		return errors.New("a decision needs a reason; give --reason")
	}
	return nil
}

// Release gives records set aside another try: the next intake reads a rejected record again, or verifies and prices a
// held charge again; the next collect run looks at a held debit again. A note of a billing run is only closed, because
// the next run looks again by itself. All are released or, when one cannot be, none: the error then has a line for each
// that cannot.
func (e *Env) Release(ctx context.Context, tenant store.Tenant, rows []store.QuarantineRow, d Decision) error {
	return e.decide(ctx, tenant, rows, d, fate{"released", "quarantine.release", e.mayRelease, tryAgain})
}

// Drop takes records set aside out for good: a rejected record is not read again, a charge is never billed, a debit never
// collected. All are dropped or none.
func (e *Env) Drop(ctx context.Context, tenant store.Tenant, rows []store.QuarantineRow, d Decision) error {
	return e.decide(ctx, tenant, rows, d, fate{"dropped", "quarantine.drop", mayDrop, takeOut})
}

// fate is what may be decided about a record.
type fate struct {
	state  string // of the quarantine row
	action string // in the audit log
	may    func(context.Context, store.Tenant, store.QuarantineRow, Decision) error
	apply  func(context.Context, *store.Tx, store.Tenant, store.QuarantineRow, Decision) error // beyond the row
}

// decide checks every record, then stores the decision about all of them with an audit line each.
func (e *Env) decide(ctx context.Context, tenant store.Tenant, rows []store.QuarantineRow, d Decision, f fate) error {
	if err := d.check(); err != nil {
		return err
	}
	var refused []error
	for _, r := range rows {
		err := f.may(ctx, tenant, r, d)
		if r.State != "open" {
			err = refusal(r, "was %s before by %s", r.State, r.DecidedBy)
		}
		if err != nil {
			refused = append(refused, err)
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	return e.DB.InTx(ctx, func(tx *store.Tx) error {
		for _, r := range rows {
			if err := tx.Decide(ctx, tenant.ID, r, f.state, d.Actor, d.Reason); err != nil {
				return err
			}
			if err := f.apply(ctx, tx, tenant, r, d); err != nil {
				return err
			}
			detail := map[string]any{"record": r.Record, "stage": r.Stage, "code": r.Code}
			if err := tx.Audit(ctx, tenant.ID, d.Actor, f.action, r.ID, d.Reason, detail); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayRelease says why a record cannot be released.
func (e *Env) mayRelease(ctx context.Context, tenant store.Tenant, r store.QuarantineRow, d Decision) error {
	switch {
	case d.Waive && r.Stage != "verify":
		return refusal(r, "--waive stands in for a signature; this was set aside in stage %s for another reason (%s)", r.Stage, r.Code)
	case d.Waive && r.Class != string(batch.ClassRecord):
		return refusal(r, "there is no verdict to waive (%s); release it without --waive", r.Code)
	case r.Stage != "import":
		return nil
	case r.Code == "conflict":
		return refusal(r, "the record is known with other content, and reading it again cannot change that; "+
			"ask the sender for a credit record and a new one, then drop it")
	}
	kept, err := e.DB.PayloadKept(ctx, tenant.ID, r)
	if err == nil && !kept {
		err = refusal(r, "no bytes of it were kept, so there is nothing to read again; ask the sender for what is missing in a new file, then drop it")
	}
	return err
}

// mayDrop says why a record cannot be dropped.
func mayDrop(_ context.Context, _ store.Tenant, r store.QuarantineRow, _ Decision) error {
	if r.Stage == "draft" {
		return refusal(r, "this is a note of a billing run: the charges stay unbilled and the next run looks again; release it to close the note")
	}
	return nil
}

func refusal(r store.QuarantineRow, format string, args ...any) error {
	name := r.ID
	if r.Record != "" {
		name += " (" + r.Record + ")"
	}
	return fmt.Errorf("record %s: "+format, append([]any{name}, args...)...)
}

// tryAgain does what a release means beyond the row: a waiver for a charge, another plan for a debit. What Decide does
// for a held charge is enough in all other stages.
func tryAgain(ctx context.Context, tx *store.Tx, tenant store.Tenant, r store.QuarantineRow, d Decision) error {
	switch {
	case r.Stage == "verify" && d.Waive:
		if err := tx.Waive(ctx, tenant.ID, r.Charge, d.Actor, d.Reason); err != nil {
			return err
		}
		detail := map[string]any{"record": r.Record, "code": r.Code}
		return tx.Audit(ctx, tenant.ID, d.Actor, "charge.waive", r.Charge.String(), d.Reason, detail)
	case r.Stage == receive.Name:
		return tx.ParkFile(ctx, tenant.ID, r.FileID, false)
	case r.Stage == "seal":
		return tx.PlanAgain(ctx, tenant.ID, strings.TrimPrefix(r.Record, "debit "))
	}
	return nil
}

// takeOut does what a drop means beyond the row: a debit that only waited for its notice is held. What Decide does for a
// held charge is enough in all other stages.
func takeOut(ctx context.Context, tx *store.Tx, tenant store.Tenant, r store.QuarantineRow, _ Decision) error {
	if r.Stage == seal.Name {
		return tx.HoldDebit(ctx, tenant.ID, strings.TrimPrefix(r.Record, "debit "), r.Code)
	}
	return nil
}
