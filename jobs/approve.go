package jobs

import (
	"context"
	"errors"
	"fmt"

	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// approve waits until a person has signed the hash of the draft set. A run without drafts passes.
var approve = Stage{Name: "approve", Queue: QueueCritical, Size: 1, Plan: planApprove}

func planApprove(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, _ int) ([]batch.Span, error) {
	set, err := tx.DraftSet(ctx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	if set.Documents+set.Free == 0 {
		return nil, nil
	}
	signed, _, err := tx.Approval(ctx, r.Tenant, r.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, errReview
	case err != nil:
		return nil, err
	case signed != set.Hash:
		return nil, batch.Failf(batch.ClassInvariant, "the drafts are not those that were approved; cancel the run and bill again")
	}
	return nil, nil
}

// Approve lets a run in review go on: an actor signs the hash of its draft set. Above the configured sum the actor must not
// be who opened the run; above the limits the run cannot be approved at all.
func (e *Env) Approve(ctx context.Context, row store.RunRow, actor string) (store.DraftSet, error) {
	var set store.DraftSet
	err := e.DB.InTx(ctx, func(tx *store.Tx) error {
		locked, err := tx.LockRun(ctx, row.TenantID, row.RunID)
		if err != nil {
			return err
		}
		name := locked.Run().Name()
		if locked.State != string(batch.Review) {
			return fmt.Errorf("run %s is %s, not in review", name, locked.State)
		}
		if set, err = tx.DraftSet(ctx, row.TenantID, row.RunID); err != nil {
			return err
		}
		if err := e.stillToday(ctx, locked); err != nil {
			return err
		}
		if err := e.withinLimits(set, locked.OpenedBy, actor); err != nil {
			return err
		}
		if err := tx.Approve(ctx, row.TenantID, row.RunID, set, actor); err != nil {
			return err
		}
		if err := tx.SetRunState(ctx, row.TenantID, row.RunID, batch.Running, "", nil); err != nil {
			return err
		}
		return tx.Audit(ctx, row.TenantID, actor, "run.approve", name, "", map[string]any{
			"documents": set.Documents, "gross": set.Gross, "hash": fmt.Sprintf("%x", set.Hash),
		})
	})
	return set, err
}

// stillToday refuses drafts of another day: they tell the customer dates of issue, notice and collection that count from
// the day they were drafted. A run at a given moment is taken at its word.
func (e *Env) stillToday(ctx context.Context, row store.RunRow) error {
	if row.Pinned {
		return nil
	}
	tenant, err := e.DB.TenantByID(ctx, row.TenantID)
	if err != nil {
		return err
	}
	drafted, err := e.localDate(tenant, row.Run())
	if err != nil {
		return err
	}
	today, err := e.today(ctx, tenant, row.Run())
	if err != nil {
		return err
	}
	if drafted != today {
		return fmt.Errorf("run %s was drafted on %s and its dates count from then; cancel it and bill again", row.Run().Name(), drafted)
	}
	return nil
}

func (e *Env) withinLimits(set store.DraftSet, preparer, actor string) error {
	limits := e.Config.Jobs.Limits
	switch {
	case actor == "":
		return errors.New("an approval needs a name; give --actor")
	case limits.MaxDocuments > 0 && set.Documents > limits.MaxDocuments:
		return fmt.Errorf("%d documents are more than the limit of %d; look at the drafts, then raise jobs.limits.max_documents", set.Documents, limits.MaxDocuments)
	case limits.MaxSum > 0 && set.Gross > int64(limits.MaxSum):
		return fmt.Errorf("the sum of %d.%02d is above the limit of %s; look at the drafts, then raise jobs.limits.max_sum", set.Gross/100, set.Gross%100, limits.MaxSum)
	case actor == preparer && set.Gross > int64(limits.FourEyesAbove):
		return fmt.Errorf("%s opened the run and must not approve it too: the sum is above %s; ask a second person", actor, limits.FourEyesAbove)
	}
	return nil
}

// Preview sums a run's drafts.
func (e *Env) Preview(ctx context.Context, row store.RunRow) (set store.DraftSet, err error) {
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		set, err = tx.DraftSet(ctx, row.TenantID, row.RunID)
		return err
	})
	return set, err
}

// Cancel ends a run for good and gives the charges of its drafts back.
func (e *Env) Cancel(ctx context.Context, row store.RunRow, actor, reason string) error {
	return e.DB.InTx(ctx, func(tx *store.Tx) error {
		locked, err := tx.LockRun(ctx, row.TenantID, row.RunID)
		if err != nil {
			return err
		}
		switch batch.RunState(locked.State) {
		case batch.Closed, batch.Cancelled:
			return fmt.Errorf("run %s is %s already", locked.Run().Name(), locked.State)
		case batch.Running, batch.Review, batch.Failed:
		}
		issued, err := tx.Issued(ctx, row.TenantID, row.RunID)
		if err != nil {
			return err
		}
		if issued > 0 {
			return fmt.Errorf("run %s has issued %d documents and must run to its end; an issued document is corrected by a cancellation document", locked.Run().Name(), issued)
		}
		if err := tx.Undraft(ctx, row.TenantID, row.RunID); err != nil {
			return err
		}
		if err := tx.CancelRun(ctx, row.TenantID, row.RunID, "cancelled: "+reason); err != nil {
			return err
		}
		return tx.Audit(ctx, row.TenantID, actor, "run.cancel", locked.Run().Name(), reason, nil)
	})
}
