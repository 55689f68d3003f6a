package store

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/masterdata"
)

type evseIn struct {
	ID           string        `json:"id"`
	LocationID   string        `json:"location_id"`
	LocationName string        `json:"location_name"`
	City         string        `json:"city"`
	Country      string        `json:"country"`
	Zone         string        `json:"zone"`
	PricingZone  string        `json:"pricing_zone"`
	Operator     string        `json:"operator"`
	Power        string        `json:"power"`
	Commissioned calendar.Date `json:"commissioned_on,omitzero"`
	MaxWatts     int           `json:"max_watts"`
}

const qMergeEVSEs = `with m as (insert into evse (tenant_id, evse_id, location_id, location_name, city, country, zone, pricing_zone, operator,
power, commissioned_on, max_watts)
select $1, x.* from jsonb_to_recordset($2::jsonb) as x(id text, location_id text, location_name text, city text, country text, zone text,
pricing_zone text, operator text, power text, commissioned_on date, max_watts int)
order by x.id
on conflict (tenant_id, evse_id) do update set location_id = excluded.location_id, location_name = excluded.location_name,
city = excluded.city, country = excluded.country, zone = excluded.zone, pricing_zone = excluded.pricing_zone, operator = excluded.operator,
power = excluded.power, commissioned_on = excluded.commissioned_on, max_watts = excluded.max_watts
where (evse.location_id, evse.location_name, evse.city, evse.country, evse.zone, evse.pricing_zone, evse.operator, evse.power,
evse.commissioned_on, evse.max_watts)
is distinct from (excluded.location_id, excluded.location_name, excluded.city, excluded.country, excluded.zone, excluded.pricing_zone,
excluded.operator, excluded.power, excluded.commissioned_on, excluded.max_watts)` + mergedCounts

// MergeEVSEs adds outlets or changes where and what they are; their keys are merged by MergeKeys.
func (tx *Tx) MergeEVSEs(ctx context.Context, tenant int, evses []masterdata.EVSE) (Merged, error) {
	rows := make([]evseIn, len(evses))
	for i, e := range evses {
		rows[i] = evseIn{e.ID, e.LocationID, e.LocationName, e.City, e.Country, e.Zone, e.PricingZone, e.Operator, string(e.Power), e.Commissioned, e.MaxWatts}
	}
	return merge(ctx, tx, qMergeEVSEs, tenant, rows)
}

type keyIn struct {
	EVSE   string     `json:"evse"`
	From   time.Time  `json:"valid_from"`
	Until  *time.Time `json:"valid_until"`
	Meter  string     `json:"meter"`
	SPKI   string     `json:"spki"` // hexadecimal
	Source string     `json:"source"`
}

// keysIn lists the keys of outlets, and the outlet each belongs to.
func keysIn(evses []masterdata.EVSE, source string) (rows []keyIn, owner []int) {
	for i, e := range evses {
		for _, k := range e.Keys {
			rows = append(rows, keyIn{e.ID, k.From, timePointer(k.Until), k.MeterID, hex.EncodeToString(k.SPKI), source})
			owner = append(owner, i)
		}
	}
	return rows, owner
}

const qOtherKeys = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (evse text, valid_from timestamptz, meter text, spki text))
with ordinality as x(evse, valid_from, meter, spki, n)
join meter_key k on k.tenant_id = $1 and k.evse_id = x.evse and k.valid_from = x.valid_from
where k.meter_id <> x.meter or k.spki <> decode(x.spki, 'hex') order by x.n`

// OtherKeys returns the places of outlets with a key that is registered from the same instant as another one.
func (tx *Tx) OtherKeys(ctx context.Context, tenant int, evses []masterdata.EVSE) ([]int, error) {
	rows, owner := keysIn(evses, "")
	places, err := clashes(ctx, tx, qOtherKeys, tenant, rows)
	for i := range places {
		places[i] = owner[places[i]]
	}
	return places, err
}

const qRevokedKeys = `select x.n from rows from (jsonb_to_recordset($2::jsonb) as (evse text, valid_from timestamptz, spki text))
with ordinality as x(evse, valid_from, spki, n)
where exists (select from meter_key k where k.tenant_id = $1 and k.evse_id = x.evse and k.spki = decode(x.spki, 'hex') and k.revoked_at is not null)
and not exists (select from meter_key k where k.tenant_id = $1 and k.evse_id = x.evse and k.valid_from = x.valid_from) order by x.n`

// RevokedKeys returns the places of outlets with a key that was revoked there and would be registered once more, from another
// instant on.
func (tx *Tx) RevokedKeys(ctx context.Context, tenant int, evses []masterdata.EVSE) ([]int, error) {
	rows, owner := keysIn(evses, "")
	places, err := clashes(ctx, tx, qRevokedKeys, tenant, rows)
	for i := range places {
		places[i] = owner[places[i]]
	}
	return places, err
}

const qMergeKeys = `with m as (insert into meter_key (tenant_id, evse_id, valid_from, valid_until, meter_id, spki, source)
select $1, x.evse, x.valid_from, x.valid_until, x.meter, decode(x.spki, 'hex'), x.source from jsonb_to_recordset($2::jsonb)
as x(evse text, valid_from timestamptz, valid_until timestamptz, meter text, spki text, source text) order by x.evse, x.valid_from
on conflict (tenant_id, evse_id, valid_from) do update set valid_until = excluded.valid_until
where meter_key.valid_until is distinct from excluded.valid_until and meter_key.revoked_at is null` + mergedCounts

// MergeKeys registers the keys of outlets or changes until when they are valid; one that was revoked stays so. Source says where they came from.
func (tx *Tx) MergeKeys(ctx context.Context, tenant int, evses []masterdata.EVSE, source string) (Merged, error) {
	rows, _ := keysIn(evses, source)
	return merge(ctx, tx, qMergeKeys, tenant, rows)
}

const qMergeSchedule = `with m as (insert into job_schedule (tenant_id, job, spec, zone, next_due_at) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, job) do update set spec = excluded.spec, zone = excluded.zone, next_due_at = excluded.next_due_at, alarm = ''
where (job_schedule.spec, job_schedule.zone) is distinct from (excluded.spec, excluded.zone)` + mergedCounts

// MergeSchedule sets when a job runs, unless it is set so already.
func (tx *Tx) MergeSchedule(ctx context.Context, tenant int, s masterdata.Schedule, next time.Time) (Merged, error) {
	var n struct {
		New     int `db:"new"`
		Changed int `db:"changed"`
	}
	err := tx.GetContext(ctx, &n, qMergeSchedule, tenant, s.Job, s.Spec, s.Zone, next)
	return Merged{n.New, n.Changed, 1 - n.New - n.Changed}, err
}

const qKnownParties = `select p.party_no from party p join tenant t using (tenant_id) where t.code = $1 and p.party_no = any($2)`

const qKnownContracts = `select c.contract_no from contract c join tenant t using (tenant_id) where t.code = $1 and c.contract_no = any($2)`

const qKnownTariffs = `select distinct f.code from tariff f join tenant t using (tenant_id) where t.code = $1 and f.code = any($2)`

// Known returns which keys of a kind are loaded for a tenant, which need not exist.
func (db *DB) Known(ctx context.Context, tenant string, k masterdata.Kind, keys []string) (map[string]bool, error) {
	var q string
	switch k { //nolint:exhaustive // nothing else is referred to
	case masterdata.PartyKind:
		q = qKnownParties
	case masterdata.ContractKind:
		q = qKnownContracts
	case masterdata.TariffKind:
		q = qKnownTariffs
	}
	var have []string
	if err := db.x.SelectContext(ctx, &have, q, tenant, pq.Array(keys)); err != nil {
		return nil, classify(err)
	}
	known := make(map[string]bool, len(have))
	for _, key := range have {
		known[key] = true
	}
	return known, nil
}
