package store

import (
	"context"

	"wattdue/ident"
)

// RatedCharge is a charge as one of its prices was made: with the verdict of that attempt, and places as they are registered
// now.
type RatedCharge struct {
	Verified

	Tariff  string `db:"tariff_code"`
	Version int    `db:"tariff_version"`
	Key     []byte `db:"rating_key"`
	Inputs  []byte `db:"inputs"` // nil: no counters of the month had a part in it
}

// The contract of the price is that of the charge: rated charges do not change hands.
const qRatedCharge = `select ` + verifiedColumns + `, r.tariff_code, r.tariff_version, r.rating_key, r.inputs
from (select tenant_id, charge_id, month, contract_no, $3::int as attempt from charge_state where tenant_id = $1 and charge_id = $2) s` + verifiedJoins + `
join rated r on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt`

// RatedCharge returns a charge with what one of its prices was made from, or ErrNotFound.
func (tx *Tx) RatedCharge(ctx context.Context, tenant int, charge ident.ID, attempt int) (RatedCharge, error) {
	var c RatedCharge
	err := found(tx.GetContext(ctx, &c, qRatedCharge, tenant, charge.String(), attempt))
	return c, err
}
