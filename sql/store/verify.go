package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/meter"
	"wattdue/meter/finding"
	"wattdue/money"
)

const qChargeBounds = `select charge_id::text from (
select charge_id, row_number() over (order by charge_id) as n from charge_state where tenant_id = $1 and state = $2) s
where (n - 1) % $3 = 0 order by charge_id`

// ChargeSpans cuts the charges in a state into ranges of about size charges. The last range is open, so that nothing
// between is missed.
func (tx *Tx) ChargeSpans(ctx context.Context, tenant int, state string, size int) ([]batch.Span, error) {
	var bounds []string
	if err := tx.SelectContext(ctx, &bounds, qChargeBounds, tenant, state, size); err != nil {
		return nil, err
	}
	return batch.Spans(bounds), nil
}

// Imported is a charge that waits for its verdict.
type Imported struct {
	Charge      ident.ID      `db:"charge_id"`
	Month       calendar.Date `db:"month"`
	Attempt     int           `db:"attempt"`
	File        ident.ID      `db:"file_id"`
	Ordinal     int           `db:"ordinal"`
	Country     string        `db:"country"`
	Party       string        `db:"party"`
	ID          string        `db:"cdr_id"`
	Start       time.Time     `db:"start_at"`
	End         time.Time     `db:"end_at"`
	Energy      int64         `db:"energy"`
	Token       string        `db:"token_key"`
	EMAID       string        `db:"emaid_key"`
	EVSE        string        `db:"evse_id"`
	EVSECountry string        `db:"evse_country"`  // as the record states it
	Point       string        `db:"point_country"` // as registered, like the next two
	Power       string        `db:"power"`
	Since       calendar.Date `db:"commissioned_on"`
	CreditRef   string        `db:"credit_ref"`
	Signed      []byte        `db:"signed"`
	Waived      bool          `db:"waived"`
}

// Record returns what the verdict needs of the charge record.
func (i Imported) Record() (cdr.Record, error) {
	signed, err := cdr.DecodeSigned(i.Signed)
	if err != nil {
		return cdr.Record{}, fmt.Errorf("charge %s: %w", i.Charge, err)
	}
	return cdr.Record{
		Country: i.Country, Party: i.Party, ID: i.ID, Start: i.Start.UTC(), End: i.End.UTC(), Energy: cdr.MicroKWh(i.Energy),
		Token:    cdr.Token{UID: i.Token, ContractID: i.EMAID},
		Location: cdr.Location{EVSEID: i.EVSE, Country: i.EVSECountry}, Signed: signed,
	}, nil
}

const qImported = `select c.charge_id, c.month, s.attempt, c.file_id, c.ordinal, c.country, c.party, c.cdr_id, c.start_at, c.end_at,
c.energy, c.token_key, c.emaid_key, c.evse_id, c.evse_country, coalesce(e.country, '') as point_country, coalesce(e.power, '') as power,
e.commissioned_on, c.credit_ref, c.signed, w.charge_id is not null as waived
from charge_state s join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
left join waiver w on w.tenant_id = s.tenant_id and w.charge_id = s.charge_id
left join evse e on e.tenant_id = s.tenant_id and e.evse_id = c.evse_id
where s.tenant_id = $1 and s.state = 'imported' and s.charge_id >= $2::uuid and ($3 = '' or s.charge_id < nullif($3, '')::uuid)
order by s.charge_id`

// Imported returns the charges of a range that wait for their verdict.
func (tx *Tx) Imported(ctx context.Context, tenant int, span batch.Span) ([]Imported, error) {
	var rows []Imported
	err := tx.SelectContext(ctx, &rows, qImported, tenant, span.Lo, span.Hi)
	return rows, err
}

// Tokens and contracts are looked up one by one, because the planner would read all of the tenant's while their tables
// have no statistics.
const qTokens = `select u.uid_key, t.contract_no, t.valid_from, t.valid_until from unnest($2::text[]) as u(uid_key)
cross join lateral (select t.contract_no, t.valid_from, t.valid_until from token t
                    where t.tenant_id = $1 and t.uid_key = u.uid_key offset 0) t
order by u.uid_key, t.valid_from`

const contractOf = `select n.contract_no, c.party_no, c.emaid, c.groups, c.tariff_code, c.payment, c.payment_days, c.notice_days, c.zone,
c.valid_from, c.valid_until from numbers n
cross join lateral (select c.party_no, c.emaid, c.groups, c.tariff_code, c.payment, c.payment_days, c.notice_days, c.zone,
                    c.valid_from, c.valid_until from contract c
                    where c.tenant_id = $1 and c.contract_no = n.contract_no offset 0) c
order by n.contract_no`

const qContractsFor = `with numbers as (select t.contract_no from unnest($3::text[]) as t(contract_no)
union select c.contract_no from unnest($2::text[]) as e(emaid_key)
cross join lateral (select c.contract_no from contract c where c.tenant_id = $1 and c.emaid_key = e.emaid_key offset 0) c)
` + contractOf

type contractRow struct {
	No          string        `db:"contract_no"`
	PartyNo     string        `db:"party_no"`
	EMAID       string        `db:"emaid"`
	Groups      textColumn    `db:"groups"`
	TariffCode  string        `db:"tariff_code"`
	Payment     string        `db:"payment"`
	PaymentDays int           `db:"payment_days"`
	NoticeDays  int           `db:"notice_days"`
	Zone        string        `db:"zone"`
	From        calendar.Date `db:"valid_from"`
	Until       calendar.Date `db:"valid_until"`
}

func (r contractRow) contract(zone *time.Location) customer.Contract {
	return customer.Contract{
		No: r.No, PartyNo: r.PartyNo, EMAID: r.EMAID, Groups: r.Groups, TariffCode: r.TariffCode,
		Payment: customer.PaymentMethod(r.Payment), PaymentDays: r.PaymentDays, NoticeDays: r.NoticeDays,
		Zone: r.Zone, ZoneLocation: zone, From: r.From, Until: r.Until,
	}
}

// Directory returns what is needed to find the contracts of some token uids and contract ids.
func (tx *Tx) Directory(ctx context.Context, tenant int, uids, emaids []string) ([]customer.Token, []customer.Contract, error) {
	var tokenRows []struct {
		UID        string     `db:"uid_key"`
		ContractNo string     `db:"contract_no"`
		From       time.Time  `db:"valid_from"`
		Until      *time.Time `db:"valid_until"`
	}
	if err := tx.SelectContext(ctx, &tokenRows, qTokens, tenant, pq.Array(uids)); err != nil {
		return nil, nil, err
	}
	tokens, numbers := make([]customer.Token, len(tokenRows)), make([]string, len(tokenRows))
	for i, r := range tokenRows {
		numbers[i] = r.ContractNo
		tokens[i] = customer.Token{UID: r.UID, ContractNo: r.ContractNo, From: r.From}
		if r.Until != nil {
			tokens[i].Until = *r.Until
		}
	}
	var rows []contractRow
	if err := tx.SelectContext(ctx, &rows, qContractsFor, tenant, pq.Array(emaids), pq.Array(numbers)); err != nil {
		return nil, nil, err
	}
	contracts, err := contractsOf(rows)
	return tokens, contracts, err
}

// contractsOf reads each time zone once, because reading one means opening a file.
func contractsOf(rows []contractRow) ([]customer.Contract, error) {
	zones := map[string]*time.Location{}
	contracts := make([]customer.Contract, len(rows))
	for i, r := range rows {
		zone, ok := zones[r.Zone]
		if !ok {
			var err error
			if zone, err = time.LoadLocation(r.Zone); err != nil {
				return nil, fmt.Errorf("contract %s: time zone %q is not known", r.No, r.Zone)
			}
			zones[r.Zone] = zone
		}
		contracts[i] = r.contract(zone)
	}
	return contracts, nil
}

// Judged is the outcome of verification for one charge.
type Judged struct {
	Charge   ident.ID
	Month    calendar.Date
	Attempt  int
	File     ident.ID
	Ordinal  int
	Verdict  meter.Verdict
	Session  *finding.Session // what the verdict proves, for comparison with other charges; nil: nothing
	Billable bool
	Basis    string // valid, not_required, waiver, or none
	Rule     string // by which no signature was required; else empty
	Energy   int64  // micro-kWh to bill: as signed where a signature proves it, else as stated
	Contract string // empty when none was found
	State    string // verified or held
}

const cVerdict = `copy verdict (tenant_id, month, charge_id, attempt, word, billable, basis, rule, profile, energy, duration_usable, detail, run_id) from stdin`

// The bounds say nothing new, but while the table has no statistics, as after a first import, the planner would read all
// charges of the tenant without them.
const qJudge = `update charge_state s set state = j.state, contract_no = nullif(j.contract, ''), unit_id = j.unit
from unnest($2::uuid[], $3::text[], $4::text[], $7::uuid[]) as j(charge_id, state, contract, unit)
where s.tenant_id = $1 and s.charge_id = j.charge_id and s.charge_id between $5 and $6`

// Judge stores verdicts and what they prove, and moves the charges on.
func (tx *Tx) Judge(ctx context.Context, tenant int, run ident.ID, profile string, judged []Judged) error {
	if len(judged) == 0 {
		return nil
	}
	details := make([][]byte, len(judged))
	ids, states, contracts, units := make([]ident.ID, len(judged)), make([]string, len(judged)), make([]string, len(judged)), make([]*string, len(judged))
	for i, j := range judged {
		b, err := json.Marshal(j.Verdict)
		if err != nil {
			return err
		}
		details[i] = b
		ids[i], states[i], contracts[i], units[i] = j.Charge, j.State, j.Contract, j.unit()
	}
	i := -1
	err := tx.copyIn(ctx, cVerdict, each(judged, func(j Judged) []any {
		i++
		return []any{
			tenant, j.Month, j.Charge, j.Attempt, string(j.Verdict.Word), j.Billable, j.Basis, j.Rule, profile,
			j.Energy, durationUsable(j), details[i], run,
		}
	}))
	if err != nil {
		return err
	}
	if err := tx.prove(ctx, tenant, run, judged); err != nil {
		return err
	}
	lo, hi := boundsOf(ids)
	return moved(len(judged))(tx.ExecContext(ctx, qJudge, tenant, idArray(ids), pq.Array(states), pq.Array(contracts), lo.String(), hi.String(), pq.Array(units)))
}

// moved refuses an update of charges that has not reached every one of them.
func moved(want int) func(sql.Result, error) error {
	return func(r sql.Result, err error) error {
		n, err := affected(r, err)
		if err == nil && n != int64(want) {
			err = batch.Failf(batch.ClassInvariant, "%d charges should move on, %d did", want, n)
		}
		return err
	}
}

// boundsOf returns the lowest and the highest of ids, of which there is at least one.
func boundsOf(ids []ident.ID) (lo, hi ident.ID) {
	order := func(a, b ident.ID) int { return bytes.Compare(a[:], b[:]) }
	return slices.MinFunc(ids, order), slices.MaxFunc(ids, order)
}

// durationUsable: signed times prove a duration; where no proof is owed, the stated times count.
func durationUsable(j Judged) bool {
	return j.Verdict.DurationUsable || j.Basis == "not_required" || j.Basis == "waiver"
}

// Verified is a charge that may be priced, with what rating needs.
type Verified struct {
	Charge         ident.ID       `db:"charge_id"`
	Month          calendar.Date  `db:"month"`
	Attempt        int            `db:"attempt"`
	File           ident.ID       `db:"file_id"`
	Ordinal        int            `db:"ordinal"`
	Country        string         `db:"country"`
	Party          string         `db:"party"`
	ID             string         `db:"cdr_id"`
	Start          time.Time      `db:"start_at"`
	End            time.Time      `db:"end_at"`
	Energy         int64          `db:"energy"`
	ParkingS       int            `db:"parking_s"`
	Contract       string         `db:"contract_no"`
	EVSE           string         `db:"evse_id"`
	Location       *string        `db:"location_id"`
	Zone           *string        `db:"zone"`
	Currency       money.Currency `db:"currency"`
	CreditRef      string         `db:"credit_ref"`
	Periods        []byte         `db:"periods"`
	DurationUsable bool           `db:"duration_usable"`
}

const qVerified = `select c.charge_id, c.month, s.attempt, c.file_id, c.ordinal, c.country, c.party, c.cdr_id, c.start_at, c.end_at,
v.energy, c.parking_s, s.contract_no, c.evse_id, e.location_id, e.zone, c.currency, c.credit_ref, c.periods, v.duration_usable
from charge_state s
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
join verdict v on v.tenant_id = s.tenant_id and v.month = s.month and v.charge_id = s.charge_id and v.attempt = s.attempt
left join evse e on e.tenant_id = s.tenant_id and e.evse_id = c.evse_id
where s.tenant_id = $1 and s.state = 'verified' and s.unit_id is null and s.contract_no >= $2 and ($3 = '' or s.contract_no < $3)
order by s.contract_no, c.start_at, c.charge_id`

// Verified returns the charges of a range of contracts that wait for their price, in the order of their start. One that
// still waits for comparison is left to the run that compares it.
func (tx *Tx) Verified(ctx context.Context, tenant int, span batch.Span) ([]Verified, error) {
	var rows []Verified
	err := tx.SelectContext(ctx, &rows, qVerified, tenant, span.Lo, span.Hi)
	return rows, err
}

const qContractLoad = `select contract_no, count(*) as n from charge_state
where tenant_id = $1 and state = $2 and contract_no is not null and ($3 = '' or billing_date < nullif($3, '')::date)
group by contract_no order by contract_no`

// ContractSpans cuts the contracts with charges in a state, billed before a date when one is given, into ranges of
// about size charges, or of size contracts when perContract is set. Every contract lies in exactly one range.
func (tx *Tx) ContractSpans(ctx context.Context, tenant int, state string, before calendar.Date, size int, perContract bool) ([]batch.Span, error) {
	var rows []struct {
		No string `db:"contract_no"`
		N  int    `db:"n"`
	}
	if err := tx.SelectContext(ctx, &rows, qContractLoad, tenant, state, before.String()); err != nil {
		return nil, err
	}
	var bounds []string
	load := size
	for _, r := range rows {
		if load >= size {
			bounds = append(bounds, r.No)
			load = 0
		}
		if perContract {
			load++
		} else {
			load += r.N
		}
	}
	return batch.Spans(bounds), nil
}

const qLockContract = `select pg_advisory_xact_lock($1, hashtext(c)) from unnest($2::text[]) c order by c`

// LockContracts takes a lock per contract in ascending order, so that allowances are counted by one worker at a time.
func (tx *Tx) LockContracts(ctx context.Context, tenant int, contracts []string) error {
	_, err := tx.ExecContext(ctx, qLockContract, tenant, pq.Array(contracts))
	return err
}

const qContracts = `with numbers as (select unnest($2::text[]) as contract_no)
` + contractOf

// Contracts returns contracts by number.
func (tx *Tx) Contracts(ctx context.Context, tenant int, numbers []string) (map[string]customer.Contract, error) {
	var rows []contractRow
	if err := tx.SelectContext(ctx, &rows, qContracts, tenant, pq.Array(numbers)); err != nil {
		return nil, err
	}
	contracts, err := contractsOf(rows)
	m := make(map[string]customer.Contract, len(rows))
	for _, c := range contracts {
		m[c.No] = c
	}
	return m, err
}
