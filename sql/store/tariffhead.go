package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"wattdue/money"
	"wattdue/rating"
)

// TariffHead is what billing needs to know of a tariff version without its rows.
type TariffHead struct {
	Code     string         `db:"code"`
	Version  int            `db:"version"`
	From     time.Time      `db:"valid_from"`
	To       *time.Time     `db:"valid_until"`
	Currency money.Currency `db:"currency"`
	Mode     rating.Mode    `db:"mode"`
	Rounding money.Rounding `db:"rounding"`
	Volume   bool           `db:"volume"` // has a price that the month's total decides
}

// ValidAt reports whether the version is valid at an instant.
func (h TariffHead) ValidAt(at time.Time) bool {
	return !at.Before(h.From) && (h.To == nil || at.Before(*h.To))
}

const qTariffHeads = `select code, version, valid_from, valid_until, body->>'currency' as currency, body->>'mode' as mode,
coalesce(body->>'rounding', '') as rounding, jsonb_path_exists(body, '$.rows[*].prices.*.volume ? (@ == true)') as volume
from tariff where tenant_id = $1 and code = any($2) order by code, version desc`

// TariffHeads returns the heads of all versions of some tariffs, of each the newest first.
func (tx *Tx) TariffHeads(ctx context.Context, tenant int, codes []string) ([]TariffHead, error) {
	var rows []TariffHead
	err := tx.SelectContext(ctx, &rows, qTariffHeads, tenant, pq.Array(codes))
	return rows, err
}
