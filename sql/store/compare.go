package store

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/meter"
	"wattdue/meter/finding"
)

const qUnitLoad = `select unit_id::text as unit, count(*) as n from charge_state
where tenant_id = $1 and state = 'verified' and unit_id is not null group by unit_id order by unit_id`

// UnitSpans cuts the signing units of verified charges into ranges of about size charges. Every unit lies in one range.
func (tx *Tx) UnitSpans(ctx context.Context, tenant, size int) ([]batch.Span, error) {
	var rows []struct {
		Unit string `db:"unit"`
		N    int    `db:"n"`
	}
	if err := tx.SelectContext(ctx, &rows, qUnitLoad, tenant); err != nil {
		return nil, err
	}
	var bounds []string
	load := size
	for _, r := range rows {
		if load >= size {
			bounds = append(bounds, r.Unit)
			load = 0
		}
		load += r.N
	}
	return batch.Spans(bounds), nil
}

// settledState says of a row st of charge_state that the charge was let pass before.
const settledState = `(st.state in ('rated', 'accrued', 'drafted', 'billed', 'free') or st.state = 'verified' and st.unit_id is null)`

// Rows are looked up one by one, because the planner would read all of the tenant's while their tables have no statistics.
const verifiedUnits = `from charge_state st
cross join lateral (select s.unit_id, ` + sessionColumns + ` from signed_session s
                    where s.tenant_id = $1 and s.charge_id = st.charge_id offset 0) s
where st.tenant_id = $1 and st.state = 'verified' and st.unit_id is not null and st.unit_id >= $2::uuid
and ($3 = '' or st.unit_id < nullif($3, '')::uuid)`

const sessionColumns = `s.charge_id, s.arrival, s.evse_id, s.format, s.meter_id, s.key_hash, s.firmware, s.register, s.begin_at, s.begin_clock,
s.begin_value, s.end_at, s.end_clock, s.end_value, s.duration_usable`

const qFreshSessions = `select ` + sessionColumns + `, false as settled, false as waiting, coalesce((select e.max_watts from evse e
where e.tenant_id = $1 and e.evse_id = s.evse_id), 0) as watts ` + verifiedUnits + ` order by s.charge_id`

const qKnownSessions = `select ` + sessionColumns + `, ` + settledState + ` as settled, st.state = 'verified' as waiting, 0 as watts from unnest($2::uuid[]) as k(charge_id)
cross join lateral (select ` + sessionColumns + ` from signed_session s
                    where s.tenant_id = $1 and s.charge_id = k.charge_id offset 0) s
cross join lateral (select st.state, st.unit_id from charge_state st where st.tenant_id = $1 and st.charge_id = k.charge_id offset 0) st`

const qSignedValues = `select v.charge_id, v.digest, v.counter, v.page::text as page, v.rule from unnest($2::uuid[]) as k(charge_id)
cross join lateral (select v.charge_id, v.digest, v.counter, v.page, v.rule from signed_value v
                    where v.tenant_id = $1 and v.charge_id = k.charge_id offset 0) v
order by v.charge_id, v.counter, v.page, v.digest`

// The charges o that have something in common with a charge, or come next to it. Of many with the same values, or pages, or
// time, the first to arrive are enough, because one of them was there first; but one that was let pass was there before all
// of them, so where there are many, those are looked for too. Of neighbours two, because one may repeat the other. A session
// that lasts more than a week is found by those it overlaps while nothing else came between.
const (
	firstArrived = ` order by o.arrival limit 8) n`
	many         = ` having count(*) = 8)`
	letPass      = `
cross join lateral (select from charge_state st where st.tenant_id = $1 and st.charge_id = o.charge_id and ` + settledState + ` offset 0) st
`
	sameDigest    = `(select o.charge_id from signed_value o where o.tenant_id = $1 and o.digest = v.digest and o.charge_id <> v.charge_id`
	settledDigest = `(select o.charge_id from signed_value o` + letPass + `where o.tenant_id = $1 and o.digest = m.digest`
	samePage      = `(select o.charge_id from signed_value o where o.tenant_id = $1 and o.unit_id = v.unit_id and o.counter = v.counter
and o.page = v.page and o.rule <> 0 and v.rule <> 0 and o.charge_id <> v.charge_id`
	settledPage = `(select o.charge_id from signed_value o` + letPass + `where o.tenant_id = $1 and o.unit_id = m.unit_id and o.counter = m.counter
and o.page = m.page and o.rule <> 0`
	otherPage = `(select o.charge_id from signed_value o where o.tenant_id = $1 and o.unit_id = r.unit_id and o.counter = r.counter
and o.rule <> 0 and o.charge_id <> r.charge_id`
	atTheTime = `where o.tenant_id = $1 and o.unit_id = f.unit_id and o.begin_at < f.end_at
and o.begin_at > f.begin_at - interval '7 days' and o.end_at > f.begin_at and o.charge_id <> f.charge_id`
	sameTime    = `(select o.charge_id from signed_session o ` + atTheTime
	settledTime = `(select o.charge_id from signed_session o` + letPass + atTheTime
	ofUnit      = `(select o.charge_id from signed_session o where o.tenant_id = $1 and o.unit_id = f.unit_id and not f.paged and o.charge_id <> f.charge_id`
	ofEVSE      = `(select o.charge_id from signed_session o where o.tenant_id = $1 and o.evse_id = f.evse_id and f.evse_id <> '' and o.charge_id <> f.charge_id`
	nextBefore  = ` and o.begin_at <= f.begin_at order by o.begin_at desc limit 2) n`
	nextAfter   = ` and o.begin_at >= f.begin_at order by o.begin_at limit 2) n`
)

// sameValues are the charges with a value or page of a charge in v.
const sameValues = `d as materialized (select v.charge_id as whose, v.digest, n.charge_id from v cross join lateral ` + sameDigest + firstArrived + `),
p as materialized (select v.charge_id as whose, v.unit_id, v.counter, v.page, n.charge_id from v cross join lateral ` + samePage + firstArrived + `),
same as (select charge_id from d union all select charge_id from p
union all select n.charge_id from (select distinct digest from d group by whose, digest` + many + ` m cross join lateral ` + settledDigest + firstArrived + `
union all select n.charge_id from (select distinct unit_id, counter, page from p group by whose, unit_id, counter, page` + many + ` m
cross join lateral ` + settledPage + firstArrived + `)
`

// What came next before and after a session: by page at its meter, by time where there are no pages, and by time at its EVSE.
const qNeighbours = `with s as materialized (select s.charge_id, s.unit_id, s.evse_id, s.begin_at, s.end_at ` + verifiedUnits + `),
v as materialized (select s.charge_id, s.unit_id, v.digest, v.counter, v.page, v.rule from s
cross join lateral (select v.digest, v.counter, v.page, v.rule from signed_value v
                    where v.tenant_id = $1 and v.charge_id = s.charge_id offset 0) v),
r as materialized (select charge_id, unit_id, counter, min(page) as lowest, max(page) as highest from v where rule <> 0
group by charge_id, unit_id, counter),
f as materialized (select s.charge_id, s.unit_id, s.evse_id, s.begin_at, s.end_at, s.charge_id in (select charge_id from r) as paged from s),
t as materialized (select f.charge_id as whose, n.charge_id from f cross join lateral ` + sameTime + firstArrived + `),
` + sameValues + `, n as (
select charge_id from same
union all select n.charge_id from r cross join lateral ` + otherPage + ` and o.page < r.lowest order by o.page desc limit 2) n
union all select n.charge_id from r cross join lateral ` + otherPage + ` and o.page > r.highest order by o.page limit 2) n
union all select n.charge_id from r cross join lateral ` + otherPage + ` and o.page > r.lowest and o.page < r.highest` + firstArrived + `
union all select charge_id from t
union all select n.charge_id from f cross join lateral ` + settledTime + ` and f.charge_id in (select whose from t group by whose` + many + firstArrived + `
union all select n.charge_id from f cross join lateral ` + ofUnit + nextBefore + `
union all select n.charge_id from f cross join lateral ` + ofUnit + nextAfter + `
union all select n.charge_id from f cross join lateral ` + ofEVSE + nextBefore + `
union all select n.charge_id from f cross join lateral ` + ofEVSE + nextAfter + `)
select distinct n.charge_id from n where n.charge_id not in (select charge_id from f)`

// Neighbours may repeat a value or page of an earlier session themselves, and then say nothing.
const qTwins = `with v as materialized (select k.charge_id, v.unit_id, v.digest, v.counter, v.page, v.rule from unnest($2::uuid[]) as k(charge_id)
cross join lateral (select v.unit_id, v.digest, v.counter, v.page, v.rule from signed_value v
                    where v.tenant_id = $1 and v.charge_id = k.charge_id offset 0) v),
` + sameValues + `select distinct charge_id from same`

// At an EVSE with more than one signing unit, sessions in the hands of other chunks may stand between those of this one and
// what was known before.
// The states are looked up one by one in the order of time, because an anti-join would read them all for every session.
const qBeyond = `with f as materialized (select s.charge_id, s.evse_id, s.begin_at ` + verifiedUnits + ` and s.evse_id = any($4))
select n.charge_id from f cross join lateral ` + comparedAtEVSE + ` and o.begin_at <= f.begin_at order by o.begin_at desc offset 0) o` + notWaiting + `
union select n.charge_id from f cross join lateral ` + comparedAtEVSE + ` and o.begin_at >= f.begin_at order by o.begin_at offset 0) o` + notWaiting

const (
	comparedAtEVSE = `(select o.charge_id from (select o.charge_id from signed_session o
where o.tenant_id = $1 and o.evse_id = f.evse_id and o.charge_id <> f.charge_id`
	notWaiting = ` cross join lateral (select st.state from charge_state st where st.tenant_id = $1 and st.charge_id = o.charge_id offset 0) st
where st.state <> 'verified' limit 2) n`
)

// Sessions returns what the verified charges of a range of signing units prove, and of all others what Compare needs to know
// of them.
func (tx *Tx) Sessions(ctx context.Context, tenant int, span batch.Span) (history, fresh []finding.Session, err error) {
	var freshRows []sessionRow
	if err := tx.SelectContext(ctx, &freshRows, qFreshSessions, tenant, span.Lo, span.Hi); err != nil {
		return nil, nil, err
	}
	var ids []ident.ID
	if err := tx.SelectContext(ctx, &ids, qNeighbours, tenant, span.Lo, span.Hi); err != nil {
		return nil, nil, err
	}
	knownRows, err := tx.known(ctx, tenant, ids, freshRows)
	if err != nil {
		return nil, nil, err
	}
	if evses := waitingAt(knownRows); len(evses) > 0 {
		var beyond []ident.ID
		if err := tx.SelectContext(ctx, &beyond, qBeyond, tenant, span.Lo, span.Hi, pq.Array(evses)); err != nil {
			return nil, nil, err
		}
		if knownRows, err = tx.known(ctx, tenant, append(ids, beyond...), freshRows); err != nil {
			return nil, nil, err
		}
	}
	prints, err := tx.prints(ctx, tenant, freshRows, knownRows)
	return sessionsOf(knownRows, prints), sessionsOf(freshRows, prints), err
}

// known returns sessions that are not among the fresh ones, and those whose signed values or pages they repeat.
func (tx *Tx) known(ctx context.Context, tenant int, ids []ident.ID, fresh []sessionRow) ([]sessionRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var twins []ident.ID
	if err := tx.SelectContext(ctx, &twins, qTwins, tenant, idArray(ids)); err != nil {
		return nil, err
	}
	if ids = without(slices.Concat(ids, twins), fresh); len(ids) == 0 {
		return nil, nil
	}
	var rows []sessionRow
	err := tx.SelectContext(ctx, &rows, qKnownSessions, tenant, idArray(ids))
	return rows, err
}

// waitingAt lists the EVSEs of sessions that other chunks compare.
func waitingAt(rows []sessionRow) []string {
	var evses []string
	for _, r := range rows {
		if r.Waiting && r.EVSE != "" && !slices.Contains(evses, r.EVSE) {
			evses = append(evses, r.EVSE)
		}
	}
	return evses
}

// without returns ids once each, but for those of rows.
func without(ids []ident.ID, rows []sessionRow) []ident.ID {
	seen := make(map[ident.ID]bool, len(ids)+len(rows))
	for _, r := range rows {
		seen[r.Charge] = true
	}
	kept := ids[:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// prints returns the signed values of sessions by their charges.
func (tx *Tx) prints(ctx context.Context, tenant int, lists ...[]sessionRow) (map[ident.ID][]meter.Print, error) {
	var ids []ident.ID
	for _, rows := range lists {
		for _, r := range rows {
			ids = append(ids, r.Charge)
		}
	}
	var rows []struct {
		Charge  ident.ID `db:"charge_id"`
		Digest  []byte   `db:"digest"`
		Counter string   `db:"counter"`
		Page    string   `db:"page"`
		Rule    int      `db:"rule"`
	}
	if err := tx.SelectContext(ctx, &rows, qSignedValues, tenant, idArray(ids)); err != nil {
		return nil, err
	}
	prints := make(map[ident.ID][]meter.Print, len(ids))
	for _, r := range rows {
		page, err := strconv.ParseUint(r.Page, 10, 64)
		if err != nil {
			return nil, batch.Failf(batch.ClassInvariant, "page %s of charge %s is no page", r.Page, r.Charge)
		}
		prints[r.Charge] = append(prints[r.Charge], meter.Print{
			Digest: hex.EncodeToString(r.Digest), Counter: r.Counter, Page: page, Rule: meter.PageRule(r.Rule),
		})
	}
	return prints, nil
}

// sessionRow is a row of signed_session with where its charge stands.
type sessionRow struct {
	Charge         ident.ID  `db:"charge_id"`
	Arrival        string    `db:"arrival"`
	EVSE           string    `db:"evse_id"`
	Format         string    `db:"format"`
	MeterID        string    `db:"meter_id"`
	KeyHash        []byte    `db:"key_hash"`
	Firmware       string    `db:"firmware"`
	Register       string    `db:"register"`
	BeginAt        time.Time `db:"begin_at"`
	BeginClock     string    `db:"begin_clock"`
	BeginValue     int64     `db:"begin_value"`
	EndAt          time.Time `db:"end_at"`
	EndClock       string    `db:"end_clock"`
	EndValue       int64     `db:"end_value"`
	DurationUsable bool      `db:"duration_usable"`
	Settled        bool      `db:"settled"`
	Waiting        bool      `db:"waiting"`
	Watts          int64     `db:"watts"`
}

func sessionsOf(rows []sessionRow, prints map[ident.ID][]meter.Print) []finding.Session {
	sessions := make([]finding.Session, len(rows))
	for i, r := range rows {
		sessions[i] = finding.Session{
			Charge: r.Charge.String(), Arrival: r.Arrival, Settled: r.Settled, Waiting: r.Waiting, EVSE: r.EVSE, Watts: r.Watts,
			Format: r.Format, MeterID: r.MeterID, KeyHash: hex.EncodeToString(r.KeyHash), Firmware: r.Firmware, Register: r.Register,
			Begin:  meter.Reading{Time: r.BeginAt.UTC(), Clock: r.BeginClock, Value: cdr.MicroKWh(r.BeginValue)},
			End:    meter.Reading{Time: r.EndAt.UTC(), Clock: r.EndClock, Value: cdr.MicroKWh(r.EndValue)},
			Prints: prints[r.Charge], DurationUsable: r.DurationUsable,
		}
	}
	return sessions
}

const qCompared = `update charge_state set unit_id = null where tenant_id = $1 and charge_id = any($2) and charge_id between $3 and $4
and state = 'verified'` // bounds: see qJudge

// Compared lets verified charges be priced. Another run may be pricing while the run that verified them compares.
func (tx *Tx) Compared(ctx context.Context, tenant int, fresh []finding.Session) error {
	if len(fresh) == 0 {
		return nil
	}
	ids := make([]ident.ID, len(fresh))
	for i, s := range fresh {
		id, err := ident.Parse(s.Charge)
		if err != nil {
			return err
		}
		ids[i] = id
	}
	lo, hi := boundsOf(ids)
	_, err := tx.ExecContext(ctx, qCompared, tenant, idArray(ids), lo.String(), hi.String())
	return err
}

// Suspect is a verified charge that is to be set aside.
type Suspect struct {
	Charge  ident.ID `db:"charge_id"`
	File    ident.ID `db:"file_id"`
	Ordinal int      `db:"ordinal"`
	Attempt int      `db:"attempt"`
	Record  string   `db:"record"`
}

const suspectColumns = `s.charge_id, c.file_id, c.ordinal, s.attempt, c.country || '/' || c.party || '/' || upper(c.cdr_id) as record`

const qSuspects = `select ` + suspectColumns + ` from charge_state s
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
where s.tenant_id = $1 and s.charge_id = any($2) and s.state = 'verified' order by s.charge_id for update of s`

// Suspects returns those of the charges that are verified and go no further for now.
func (tx *Tx) Suspects(ctx context.Context, tenant int, charges []ident.ID) ([]Suspect, error) {
	var rows []Suspect
	err := tx.SelectContext(ctx, &rows, qSuspects, tenant, idArray(charges))
	return rows, err
}

const qUnitSuspects = `select ` + suspectColumns + ` from charge_state s
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
where s.tenant_id = $1 and s.state = 'verified' and s.unit_id >= $2::uuid and ($3 = '' or s.unit_id < nullif($3, '')::uuid)
order by s.charge_id for update of s`

// UnitSuspects returns all verified charges of a range of signing units.
func (tx *Tx) UnitSuspects(ctx context.Context, tenant int, span batch.Span) ([]Suspect, error) {
	var rows []Suspect
	err := tx.SelectContext(ctx, &rows, qUnitSuspects, tenant, span.Lo, span.Hi)
	return rows, err
}
