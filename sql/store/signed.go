package store

import (
	"context"
	"fmt"

	"wattdue/cdr"
)

const qSignedOf = `select signed from charge where tenant_id = $1 and month = $2 and charge_id = $3`

// SignedOf returns the signed values of a charge as its sender sent them; nil when it carries none.
func (db *DB) SignedOf(ctx context.Context, tenant int, c TracedCharge) (*cdr.SignedData, error) {
	var packed []byte
	if err := db.x.GetContext(ctx, &packed, qSignedOf, tenant, c.Month.String(), c.ID.String()); err != nil {
		return nil, classify(err)
	}
	signed, err := cdr.DecodeSigned(packed)
	if err != nil {
		return nil, fmt.Errorf("charge %s: %w", c.ID, err)
	}
	return signed, nil
}
