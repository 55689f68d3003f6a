package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

const qPutTariff = `insert into tariff (tenant_id, code, version, valid_from, valid_until, body, hash, announced_on)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`

const qTariffHash = `select hash from tariff where tenant_id = $1 and code = $2 and version = $3`

const qAnnouncedOn = `select announced_on from tariff where tenant_id = $1 and code = $2 and version = $3`

// PutTariff publishes a tariff version with its content hash. Customers are told of it on a date; zero: on the day it is
// published, by the clock of the database. Publishing the same again does nothing; other content under a known version, or
// another date, is refused.
func (tx *Tx) PutTariff(ctx context.Context, tenant int, t rating.Tariff, hash [32]byte, on calendar.Date) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	var announced any
	if !on.IsZero() {
		announced = on.String()
	}
	_, err = tx.ExecContext(ctx, qPutTariff, tenant, t.Code, t.Version, t.ValidFrom, timeOrNull(t.ValidTo), string(body), hash[:], announced)
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
	if on.IsZero() {
		return nil
	}
	stands, err := tx.AnnouncedOn(ctx, tenant, t)
	if err == nil && stands != on {
		err = fmt.Errorf("tariff %s version %d is published as announced on another date; announce the next version instead", t.Code, t.Version)
	}
	return err
}

// AnnouncedOn returns the date with which a version was published, zero for the day it was, or ErrNotFound.
func (tx *Tx) AnnouncedOn(ctx context.Context, tenant int, t rating.Tariff) (calendar.Date, error) {
	var on calendar.Date
	err := found(tx.GetContext(ctx, &on, qAnnouncedOn, tenant, t.Code, t.Version))
	return on, err
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
