package jobs

import (
	"context"

	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/meter/finding"
	"wattdue/policy"
	"wattdue/sql/store"
)

// compare compares what verified charges prove with each other and with what was proven before, meter by meter. It comes
// after verify has ended, so that all that came in is there to be compared with, whichever chunk was faster. A charge that
// contradicts one that was there first is held, once for each finding: when a person releases it, it goes on.
var compare = Stage{
	Name: policy.Compare, Queue: QueueBilling, Size: 1000,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		return tx.UnitSpans(ctx, r.Tenant, size)
	},
	Work: workCompare,
	Park: func(ctx context.Context, _ *Env, t Task) error {
		suspects, err := t.Tx.UnitSuspects(ctx, t.Run.Tenant, t.Chunk.Span)
		if err != nil {
			return err
		}
		return holdSuspects(ctx, t, suspects, func(store.Suspect) (batch.Class, string, string) {
			return batch.ClassCrash, "crash", "one of the records beside this one kills the program; release them one by one to find it"
		})
	},
}

func workCompare(ctx context.Context, _ *Env, t Task) (Counts, error) {
	history, fresh, err := t.Tx.Sessions(ctx, t.Run.Tenant, t.Chunk.Span)
	if err != nil {
		return nil, err
	}
	found := finding.Compare(history, fresh)
	recorded, err := t.Tx.SaveFindings(ctx, t.Run.Tenant, t.Run.ID, found)
	if err != nil {
		return nil, err
	}
	held, err := holdFound(ctx, t, recorded)
	if err != nil {
		return nil, err
	}
	err = t.Tx.Compared(ctx, t.Run.Tenant, fresh)
	return Counts{"compared": int64(len(fresh)), "findings": int64(len(recorded)), "held": int64(held)}, err
}

// holdFound sets aside the charges that contradict others, each for the gravest of its findings.
func holdFound(ctx context.Context, t Task, recorded []finding.Finding) (int, error) {
	why := map[string]finding.Finding{}
	var charges []ident.ID
	for _, f := range recorded {
		if _, known := why[f.Charge]; known || !f.Holds {
			continue // the gravest comes first
		}
		id, err := ident.Parse(f.Charge)
		if err != nil {
			return 0, err
		}
		why[f.Charge], charges = f, append(charges, id)
	}
	if len(charges) == 0 {
		return 0, nil
	}
	suspects, err := t.Tx.Suspects(ctx, t.Run.Tenant, charges)
	if err != nil {
		return 0, err
	}
	return len(suspects), holdSuspects(ctx, t, suspects, func(s store.Suspect) (batch.Class, string, string) {
		f := why[s.Charge.String()]
		return batch.ClassRecord, string(f.Code), f.Text
	})
}

// holdSuspects sets verified charges aside for a reason each.
func holdSuspects(ctx context.Context, t Task, suspects []store.Suspect, why func(store.Suspect) (batch.Class, string, string)) error {
	set := make([]store.Quarantined, len(suspects))
	for i, s := range suspects {
		class, code, reason := why(s)
		set[i] = store.Quarantined{
			File: s.File, Ordinal: s.Ordinal, Stage: policy.Compare, Attempt: s.Attempt, Charge: s.Charge, Run: t.Run.ID,
			Class: string(class), Code: code, Record: s.Record, Reason: reason,
		}
	}
	return t.Tx.Hold(ctx, t.Run.Tenant, set)
}
