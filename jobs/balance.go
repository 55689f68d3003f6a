package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"wattdue/jobs/batch"
	"wattdue/sql/store"
)

// Sheet is the balance sheet a closed run stores.
type Sheet struct {
	Balance batch.Balance `json:"balance"`
	Stock   batch.Stock   `json:"stock"`
}

// balance proves that everything that came in is accounted for, in records and in money, and that the ledger agrees.
// A run whose balance does not close stops.
var balance = Stage{Name: "balance", Queue: QueueCritical, Size: 1, Plan: one, Work: workBalance}

func workBalance(ctx context.Context, e *Env, t Task) (Counts, error) {
	stock, err := e.DB.Stock(ctx, t.Run.Tenant)
	if err != nil {
		return nil, err
	}
	last, err := t.Tx.LastSheet(ctx, t.Run.Tenant, t.Run.ID)
	if err != nil {
		return nil, err
	}
	var before Sheet
	if last != nil {
		if err := json.Unmarshal(last, &before); err != nil {
			return nil, fmt.Errorf("balance sheet of the run before: %w", err)
		}
	}
	b := batch.BalanceOf(before.Stock, stock)
	if err := b.Check(); err != nil {
		return nil, err
	}
	if err := t.Tx.SetRunState(ctx, t.Run.Tenant, t.Run.ID, batch.Running, "", Sheet{b, stock}); err != nil {
		return nil, err
	}
	return Counts{}, nil
}

// SheetOf reads the balance sheet of a run; nil when it has none.
func SheetOf(r store.RunRow) (*Sheet, error) {
	if r.Balance == nil {
		return nil, nil
	}
	var s Sheet
	if err := json.Unmarshal(r.Balance, &s); err != nil {
		return nil, fmt.Errorf("balance sheet of run %s: %w", r.Run().Name(), err)
	}
	return &s, nil
}
