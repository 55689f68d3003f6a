package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
)

// TariffWorld is what a tenant has of the things price lists name.
type TariffWorld struct {
	Groups    []string // of its contracts
	Locations []string
	Zones     []string // pricing zones
	Countries []string // of its charge points
	Contracts []string // of those asked for
	Customers []string // of those asked for
	EVSEs     []string // of those asked for
}

// TariffNames are names of things of which a tenant may have too many to read them all.
type TariffNames struct{ Contracts, Customers, EVSEs []string }

const (
	qWorldGroups    = `select distinct g from contract c, unnest(c.groups) g where c.tenant_id = $1 order by g`
	qWorldLocations = `select distinct location_id from evse where tenant_id = $1 order by 1`
	qWorldZones     = `select distinct pricing_zone from evse where tenant_id = $1 and pricing_zone <> '' order by 1`
	qWorldCountries = `select distinct country from evse where tenant_id = $1 order by 1`
	qWorldContracts = `select contract_no from contract where tenant_id = $1 and contract_no = any($2) order by 1`
	qWorldCustomers = `select party_no from party where tenant_id = $1 and party_no = any($2) order by 1`
	qWorldEVSEs     = `select evse_id from evse where tenant_id = $1 and evse_id = any($2) order by 1`
)

// TariffWorld returns what a tenant has of the things price lists name, of contracts, customers and EVSEs those asked for.
func (tx *Tx) TariffWorld(ctx context.Context, tenant int, named TariffNames) (TariffWorld, error) {
	var w TariffWorld
	for _, q := range []struct {
		into  *[]string
		query string
	}{{&w.Groups, qWorldGroups}, {&w.Locations, qWorldLocations}, {&w.Zones, qWorldZones}, {&w.Countries, qWorldCountries}} {
		if err := tx.SelectContext(ctx, q.into, q.query, tenant); err != nil {
			return w, err
		}
	}
	for _, q := range []struct {
		into  *[]string
		query string
		names []string
	}{{&w.Contracts, qWorldContracts, named.Contracts}, {&w.Customers, qWorldCustomers, named.Customers}, {&w.EVSEs, qWorldEVSEs, named.EVSEs}} {
		if len(q.names) == 0 {
			continue
		}
		if err := tx.SelectContext(ctx, q.into, q.query, tenant, pq.Array(q.names)); err != nil {
			return w, err
		}
	}
	return w, nil
}

const qLockTariffs = `select pg_advisory_xact_lock(hashtext('tariff'), $1)`

// LockTariffs keeps others from publishing for the tenant until the transaction ends, so that versions are checked beside
// those that are there.
func (tx *Tx) LockTariffs(ctx context.Context, tenant int) error {
	_, err := tx.ExecContext(ctx, qLockTariffs, tenant)
	return err
}

// TariffRow is a published version in a list.
type TariffRow struct {
	Code        string        `db:"code" json:"tariff"`
	Version     int           `db:"version" json:"version"`
	From        time.Time     `db:"valid_from" json:"valid_from"`
	To          *time.Time    `db:"valid_until" json:"valid_until,omitempty"`
	Currency    string        `db:"currency" json:"currency"`
	Mode        string        `db:"mode" json:"mode"`
	Rows        int           `db:"row_count" json:"rows"`
	Hash        Digest        `db:"hash" json:"sha256"` // of the content
	AnnouncedOn calendar.Date `db:"announced_on" json:"announced_on,omitzero"`
	PublishedAt *time.Time    `db:"published_at" json:"published_at,omitempty"`
	Contracts   int           `db:"contracts" json:"contracts"` // that have the tariff today or will have it
}

const qTariffRows = `select t.code, t.version, t.valid_from, t.valid_until, t.body->>'currency' as currency, t.body->>'mode' as mode,
jsonb_array_length(t.body->'rows') as row_count, t.hash, t.announced_on, t.published_at, coalesce(n.contracts, 0) as contracts
from tariff t left join (select tariff_code, count(*) as contracts from contract
                         where tenant_id = $1 and (valid_until is null or valid_until > current_date) group by tariff_code) n on n.tariff_code = t.code
where t.tenant_id = $1 and ($2 = '' or t.code = $2) order by t.code, t.version`

// TariffRows lists published versions, all or those of a code, the oldest of each code first.
func (db *DB) TariffRows(ctx context.Context, tenant int, code string) ([]TariffRow, error) {
	rows := []TariffRow{}
	err := classify(db.x.SelectContext(ctx, &rows, qTariffRows, tenant, code))
	return rows, err
}

// NoticeGroup is how many contracts of a tariff are alike in what a price change means for them.
type NoticeGroup struct {
	Contract string     `db:"contract_no"` // empty unless asked for one by one
	Customer string     `db:"party_no"`
	Groups   textColumn `db:"groups"`
	Days     int        `db:"days"` // of notice
	Zone     string     `db:"zone"`
	Count    int        `db:"n"`
}

// Contracts that begin with the version or after it never had an older price.
const qNoticeGroups = `select case when $4 then contract_no else '' end as contract_no, case when $4 then party_no else '' end as party_no,
groups, price_notice_days as days, zone, count(*) as n from contract
where tenant_id = $1 and tariff_code = $2 and valid_from < ($3::timestamptz at time zone zone)::date
and (valid_until is null or valid_until > ($3::timestamptz at time zone zone)::date)
group by 1, 2, 3, 4, 5 order by 4, 3, 1, 2, 5`

// NoticeGroups returns the contracts that have a tariff when a version of it begins, counted where they are alike; with
// single, one by one.
func (tx *Tx) NoticeGroups(ctx context.Context, tenant int, code string, from time.Time, single bool) ([]NoticeGroup, error) {
	var rows []NoticeGroup
	err := tx.SelectContext(ctx, &rows, qNoticeGroups, tenant, code, from, single)
	return rows, err
}
