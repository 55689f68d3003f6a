package store

import (
	"context"

	"wattdue/calendar"
	"wattdue/ident"
)

// TracedFee is a fee on a document. Amounts are minor units.
type TracedFee struct {
	ID       ident.ID      `db:"fee_id" json:"fee"`
	Kind     string        `db:"kind" json:"kind"`
	Source   string        `db:"source" json:"source"` // the plan, or tariff, version, row and country of a true-up
	First    calendar.Date `db:"first_day" json:"first_day"`
	Next     calendar.Date `db:"next_day" json:"next_day"` // exclusive
	Amount   int64         `db:"amount" json:"amount"`
	Currency string        `db:"currency" json:"currency"`
}

const qTraceFees = `select fee_id, kind, source, first_day, next_day, amount, currency from billed_fee
where tenant_id = $1 and document_id = $2 order by month, kind, no`

// TraceFees returns the fees of a document.
func (db *DB) TraceFees(ctx context.Context, tenant int, document ident.ID) ([]TracedFee, error) {
	rows := []TracedFee{}
	err := classify(db.x.SelectContext(ctx, &rows, qTraceFees, tenant, document.String()))
	return rows, err
}
