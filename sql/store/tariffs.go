package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/rating"
)

// TariffVersion says when a published version of a tariff counts, without its prices.
type TariffVersion struct {
	Code        string        `db:"code"`
	Version     int           `db:"version"`
	From        time.Time     `db:"valid_from"`
	To          *time.Time    `db:"valid_until"`  // nil: open end
	AnnouncedOn calendar.Date `db:"announced_on"` // zero: on the day it was published
	PublishedAt *time.Time    `db:"published_at"` // nil: before that was kept
}

const qTariffVersions = `select code, version, valid_from, valid_until, announced_on, published_at from tariff
where tenant_id = $1 and code = any($2) order by code, version`

// TariffVersions returns all versions of some tariffs, of each the oldest first.
func (tx *Tx) TariffVersions(ctx context.Context, tenant int, codes []string) ([]TariffVersion, error) {
	var rows []TariffVersion
	err := tx.SelectContext(ctx, &rows, qTariffVersions, tenant, pq.Array(codes))
	return rows, err
}

const qTariff = `select body from tariff where tenant_id = $1 and code = $2 and version = $3`

// Tariff returns a published version, or ErrNotFound.
func (tx *Tx) Tariff(ctx context.Context, tenant int, code string, version int) (rating.Tariff, error) {
	var body []byte
	if err := found(tx.GetContext(ctx, &body, qTariff, tenant, code, version)); err != nil {
		return rating.Tariff{}, err
	}
	return tariffOf(body)
}

func tariffOf(body []byte) (rating.Tariff, error) {
	var t rating.Tariff
	if err := json.Unmarshal(body, &t); err != nil {
		return t, fmt.Errorf("stored tariff: %w", err)
	}
	return t, nil
}
