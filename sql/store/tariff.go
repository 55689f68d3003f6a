package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wattdue/rating"
)

const qPutTariff = `insert into tariff (tenant_id, code, version, valid_from, valid_until, body, hash) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing`

const qTariffHash = `select hash from tariff where tenant_id = $1 and code = $2 and version = $3`

// PutTariff publishes a tariff version with its content hash. Publishing the same content again does nothing; other
// content under a known version is refused.
func (tx *Tx) PutTariff(ctx context.Context, tenant int, t rating.Tariff, hash [32]byte) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, qPutTariff, tenant, t.Code, t.Version, t.ValidFrom, timeOrNull(t.ValidTo), string(body), hash[:])
	if err != nil {
		return err
	}
	var have []byte
	if err := tx.GetContext(ctx, &have, qTariffHash, tenant, t.Code, t.Version); err != nil {
		return found(err)
	}
	if string(have) != string(hash[:]) {
		return errPublished(t.Code, t.Version)
	}
	return nil
}

// TariffHash returns the content hash of a published tariff version, or ErrNotFound.
func (tx *Tx) TariffHash(ctx context.Context, tenant int, t rating.Tariff) ([]byte, error) {
	var hash []byte
	err := found(tx.GetContext(ctx, &hash, qTariffHash, tenant, t.Code, t.Version))
	return hash, err
}

func errPublished(code string, version int) error {
	return fmt.Errorf("tariff %s version %d is published with other content; published versions never change, use the next version", code, version)
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
