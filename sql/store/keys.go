package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"wattdue/registry"
)

const qMeterKeys = `select evse_id as owner, valid_from, valid_until, spki from meter_key
where tenant_id = $1 and evse_id = any($2) order by evse_id, valid_from desc`

const qSerialKeys = `select meter_id as owner, valid_from, valid_until, spki from meter_key
where tenant_id = $1 and evse_id is null order by meter_id, valid_from desc`

// KeyRing holds the registered keys of some EVSEs, and those of meters.
type KeyRing struct {
	evses  map[string][]meterKey
	meters MeterKeys
}

// MeterKeys holds all keys that are registered for the serial number of a meter and for no EVSE, of each the newest first.
type MeterKeys map[string][]meterKey

type meterKey struct {
	Owner string     `db:"owner"`
	From  time.Time  `db:"valid_from"`
	Until *time.Time `db:"valid_until"`
	SPKI  []byte     `db:"spki"`
}

// Registered returns the key registered for an EVSE at an instant.
func (k KeyRing) Registered(evse string, at time.Time) ([]byte, bool) {
	return keyAt(k.evses[evse], at)
}

// Keyed reports whether a key was ever registered for an EVSE.
func (k KeyRing) Keyed(evse string) bool { return len(k.evses[evse]) > 0 }

// RegisteredMeter returns the key registered for the serial number of a meter at an instant.
func (k KeyRing) RegisteredMeter(meterID string, at time.Time) ([]byte, bool) {
	return keyAt(k.meters[meterID], at)
}

// keyAt returns the key that holds at an instant. A key holds until the next one, and when that one ends or is revoked, the
// meter before does not come back. A key that was withdrawn before it began never was.
func keyAt(newestFirst []meterKey, at time.Time) ([]byte, bool) {
	for _, key := range newestFirst {
		if at.Before(key.From) || key.Until != nil && key.Until.Equal(key.From) {
			continue
		}
		return key.SPKI, key.Until == nil || at.Before(*key.Until)
	}
	return nil, false
}

// Keys returns the registered keys of some EVSEs, beside those of meters.
func (tx *Tx) Keys(ctx context.Context, tenant int, evses []string, meters MeterKeys) (KeyRing, error) {
	var rows []meterKey
	if err := tx.SelectContext(ctx, &rows, qMeterKeys, tenant, pq.Array(evses)); err != nil {
		return KeyRing{}, err
	}
	return KeyRing{byOwner(rows), meters}, nil
}

// MeterKeys returns all keys that are registered for meters and for no EVSE. There are few: an EVSE is what a record names.
func (tx *Tx) MeterKeys(ctx context.Context, tenant int) (MeterKeys, error) {
	var rows []meterKey
	err := tx.SelectContext(ctx, &rows, qSerialKeys, tenant)
	return byOwner(rows), err
}

func byOwner(rows []meterKey) map[string][]meterKey {
	m := make(map[string][]meterKey)
	for _, r := range rows {
		m[r.Owner] = append(m[r.Owner], r)
	}
	return m
}

// KeyRow is a registered key as people see it.
type KeyRow struct {
	EVSE      string     `db:"evse_id" json:"evse,omitempty"`
	MeterID   string     `db:"meter_id" json:"meter,omitempty"`
	From      time.Time  `db:"valid_from" json:"valid_from"`
	Until     *time.Time `db:"valid_until" json:"valid_until,omitempty"`
	SPKI      []byte     `db:"spki" json:"public_key"` // base64 of the SPKI
	Hash      string     `db:"hash" json:"sha256"`
	Source    string     `db:"source" json:"source"`
	RevokedAt *time.Time `db:"revoked_at" json:"revoked_at,omitempty"`
	RevokedBy string     `db:"revoked_by" json:"revoked_by,omitempty"`
	Reason    string     `db:"revoke_reason" json:"revoke_reason,omitempty"`
}

// Entry is the key as package registry sees it.
func (r KeyRow) Entry() registry.Entry {
	e := registry.Entry{EVSE: r.EVSE, MeterID: r.MeterID, SPKI: r.SPKI, Hash: r.Hash, From: r.From, Source: r.Source, Revoked: r.RevokedAt != nil}
	if r.Until != nil {
		e.Until = *r.Until
	}
	return e
}

// KeyFilter says which keys are meant; an empty member means all.
type KeyFilter struct {
	EVSE  string
	Meter string
	Hash  string // the SHA-256 of the key or how it begins, hexadecimal
}

const keyRows = `select coalesce(evse_id, '') as evse_id, meter_id, valid_from, valid_until, spki, encode(sha256(spki), 'hex') as hash, source,
revoked_at, revoked_by, revoke_reason from meter_key where tenant_id = $1`

const keyOrder = ` order by evse_id nulls last, meter_id, valid_from desc`

const qKeyRows = keyRows + ` and ($2 = '' or evse_id = $2) and ($3 = '' or meter_id = $3)
and ($4 = '' or encode(sha256(spki), 'hex') like $4 || '%')` + keyOrder

// KeyRows lists registered keys by EVSE, those of meters last, of each the newest first.
func (db *DB) KeyRows(ctx context.Context, tenant int, f KeyFilter) ([]KeyRow, error) {
	rows := []KeyRow{}
	err := classify(db.x.SelectContext(ctx, &rows, qKeyRows, tenant, f.EVSE, f.Meter, f.Hash))
	return rows, err
}

const qKeysOf = keyRows + ` and (evse_id = any($2) or evse_id is null and meter_id = any($3)
or revoked_at is not null and encode(sha256(spki), 'hex') = any($4))` + keyOrder

const qKnownEVSEs = `select evse_id from evse where tenant_id = $1 and evse_id = any($2)`

// KnownKeys returns what is registered for the owners of offered keys, where these keys were revoked, and which of their EVSEs
// exist.
func (tx *Tx) KnownKeys(ctx context.Context, tenant int, offered []registry.Entry) (registry.Registered, error) {
	var evses, meters, hashes []string
	for _, e := range offered {
		evses, meters, hashes = append(evses, e.EVSE), append(meters, e.MeterID), append(hashes, e.Hash)
	}
	known := registry.Registered{EVSEs: map[string]bool{}}
	var rows []KeyRow
	if err := tx.SelectContext(ctx, &rows, qKeysOf, tenant, pq.Array(evses), pq.Array(meters), pq.Array(hashes)); err != nil {
		return known, err
	}
	for _, r := range rows {
		known.Keys = append(known.Keys, r.Entry())
	}
	var have []string
	err := tx.SelectContext(ctx, &have, qKnownEVSEs, tenant, pq.Array(evses))
	for _, id := range have {
		known.EVSEs[id] = true
	}
	return known, err
}

const qLockKeys = `select pg_advisory_xact_lock(hashtext('meter_key'), $1)`

// LockKeys lets one at a time register keys of a tenant, so that nobody decides beside what another is registering.
func (tx *Tx) LockKeys(ctx context.Context, tenant int) error {
	_, err := tx.ExecContext(ctx, qLockKeys, tenant)
	return err
}

type registrationIn struct {
	EVSE   *string    `json:"evse"`
	Meter  string     `json:"meter"`
	SPKI   string     `json:"spki"` // hexadecimal
	Hash   string     `json:"hash"`
	From   time.Time  `json:"valid_from"`
	Until  *time.Time `json:"valid_until"`
	Source string     `json:"source"`
	Line   int        `json:"line"`
}

func registrationsIn(keys []registry.Outcome) []registrationIn {
	rows := make([]registrationIn, len(keys))
	for i, k := range keys {
		rows[i] = registrationIn{textPointer(k.EVSE), k.MeterID, hex.EncodeToString(k.SPKI), k.Hash, k.From, timePointer(k.Until), k.Source, k.Line}
	}
	return rows
}

const registrations = `jsonb_to_recordset($2::jsonb) as x(evse text, meter text, spki text, hash text, valid_from timestamptz,
valid_until timestamptz, source text, line int)`

const qAddKeys = `insert into meter_key (tenant_id, evse_id, meter_id, valid_from, valid_until, spki, source)
select $1, x.evse, x.meter, x.valid_from, x.valid_until, decode(x.spki, 'hex'), x.source from ` + registrations + ` order by x.line`

const qEndKeys = `update meter_key k set valid_until = x.valid_until from ` + registrations + `
where k.tenant_id = $1 and k.evse_id is not distinct from x.evse and (x.evse is not null or k.meter_id = x.meter)
and k.valid_from = x.valid_from and k.revoked_at is null`

const qAuditKeys = `insert into audit (tenant_id, actor, action, target, reason, detail)
select $1, $3, $4, x.hash, '', jsonb_strip_nulls(jsonb_build_object('evse', x.evse, 'meter', x.meter, 'valid_from', x.valid_from,
'valid_until', x.valid_until, 'source', x.source, 'file', $5::text, 'sha256', $6::text, 'line', x.line)) from ` + registrations + ` order by x.line`

// Registrar says who registers keys from which file.
type Registrar struct{ Actor, File, SHA256 string }

// RegisterKeys adds new keys and changes until when known ones are valid, each with a line in the audit log. Keys that are
// as before stay so.
func (tx *Tx) RegisterKeys(ctx context.Context, tenant int, keys []registry.Outcome, by Registrar) error {
	for _, step := range []struct {
		fate      registry.Fate
		q, action string
	}{{registry.New, qAddKeys, "key.register"}, {registry.Changed, qEndKeys, "key.change"}} {
		var of []registry.Outcome
		for _, k := range keys {
			if k.Fate == step.fate {
				of = append(of, k)
			}
		}
		if len(of) == 0 {
			continue
		}
		text, err := json.Marshal(registrationsIn(of))
		if err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, step.q, tenant, string(text)))
		if err != nil {
			return err
		}
		if n != int64(len(of)) {
			return fmt.Errorf("%d of %d keys were changed by somebody else meanwhile; import them again", int64(len(of))-n, len(of))
		}
		if _, err := tx.ExecContext(ctx, qAuditKeys, tenant, string(text), by.Actor, step.action, by.File, by.SHA256); err != nil {
			return err
		}
	}
	return nil
}

const qRevokeKeys = `update meter_key set valid_until = greatest(valid_from, least(valid_until, $5)), revoked_at = $5, revoked_by = $6, revoke_reason = $7
where tenant_id = $1 and encode(sha256(spki), 'hex') = $2 and ($3 = '' or evse_id = $3) and ($4 = '' or meter_id = $4) and revoked_at is null
returning coalesce(evse_id, '') as evse_id, meter_id, valid_from, valid_until, spki, encode(sha256(spki), 'hex') as hash, source,
revoked_at, revoked_by, revoke_reason`

// RevokeKeys ends the validity of a key from an instant on, for good, wherever the filter says it is registered. One that
// begins later never becomes valid. What was revoked before stays as it is. The filter's hash is whole.
func (tx *Tx) RevokeKeys(ctx context.Context, tenant int, f KeyFilter, at time.Time, actor, reason string) ([]KeyRow, error) {
	var rows []KeyRow
	err := tx.SelectContext(ctx, &rows, qRevokeKeys, tenant, f.Hash, f.EVSE, f.Meter, at, actor, reason)
	return rows, err
}
