package store

import "context"

const qPayloadKept = `select coalesce(length(payload), 0) > 0 from quarantine
where tenant_id = $1 and file_id = $2 and ordinal = $3 and stage = $4 and attempt = $5`

// PayloadKept reports whether bytes of a rejected record were kept.
func (db *DB) PayloadKept(ctx context.Context, tenant int, r QuarantineRow) (bool, error) {
	var kept bool
	err := found(db.x.GetContext(ctx, &kept, qPayloadKept, tenant, r.FileID.String(), r.Ordinal, r.Stage, r.Attempt))
	return kept, classify(err)
}

const qPlanAgain = `update debit set state = 'planned', held_code = '' where tenant_id = $1 and end_to_end_id = $2 and state = 'held'`

// PlanAgain puts a held debit back among those that wait for a bank file. A debit that is not held stays as it is.
func (tx *Tx) PlanAgain(ctx context.Context, tenant int, endToEnd string) error {
	_, err := tx.ExecContext(ctx, qPlanAgain, tenant, endToEnd)
	return err
}
