package store

import (
	"context"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/ledger"
	"wattdue/rating"
)

// Priced is the price of one charge.
type Priced struct {
	Charge      ident.ID
	Month       calendar.Date
	Attempt     int
	Key         [32]byte
	Contract    string
	BillingDate calendar.Date
	SupplyDate  calendar.Date
	Rated       rating.Rated
	Inputs      []byte // JSON of what it was made from, where it may have to be made again; else nil
}

const cRated = `copy rated (tenant_id, month, charge_id, attempt, rating_key, contract_no, tariff_code, tariff_version, billing_date,
supply_date, currency, mode, total, flags, trace, inputs, run_id) from stdin`

const cRatedLine = `copy rated_line (tenant_id, month, charge_id, attempt, no, kind, component, label, quantity,
unit, block, amount, exact, vat_code, row_id) from stdin`

// State and contracts lead to the index of what is pending; see qJudge.
const qPrice = `update charge_state s set state = 'rated', billing_date = p.billing_date
from unnest($2::uuid[], $3::date[]) as p(charge_id, billing_date)
where s.tenant_id = $1 and s.charge_id = p.charge_id and s.state = 'verified' and s.contract_no between $4 and $5`

// Price stores prices and moves the charges on. They are in the order of their contracts, as Verified returned them.
func (tx *Tx) Price(ctx context.Context, tenant int, run ident.ID, priced []Priced) error {
	if len(priced) == 0 {
		return nil
	}
	ids, dates := make([]ident.ID, len(priced)), make([]string, len(priced))
	for i, p := range priced {
		ids[i], dates[i] = p.Charge, p.BillingDate.String()
	}
	if err := tx.putPrices(ctx, tenant, run, priced); err != nil {
		return err
	}
	first, last := priced[0].Contract, priced[len(priced)-1].Contract
	return moved(len(priced))(tx.ExecContext(ctx, qPrice, tenant, idArray(ids), pq.Array(dates), first, last))
}

// putPrices stores prices with their lines.
func (tx *Tx) putPrices(ctx context.Context, tenant int, run ident.ID, priced []Priced) error {
	err := tx.copyIn(ctx, cRated, each(priced, func(p Priced) []any {
		flags := make([]string, len(p.Rated.Flags))
		for i, f := range p.Rated.Flags {
			flags[i] = string(f)
		}
		return []any{
			tenant, p.Month, p.Charge, p.Attempt, p.Key[:], p.Contract, p.Rated.Tariff, p.Rated.Version,
			p.BillingDate, p.SupplyDate, string(p.Rated.Currency), string(p.Rated.Mode), p.Rated.Total,
			pq.Array(flags), p.Rated.Trace, jsonOrNull(p.Inputs), run,
		}
	}))
	if err != nil {
		return err
	}
	return tx.copyIn(ctx, cRatedLine, ratedLines(tenant, priced))
}

func jsonOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

func ratedLines(tenant int, priced []Priced) func() []any {
	p, n := 0, 0
	return func() []any {
		for p < len(priced) && n == len(priced[p].Rated.Lines) {
			p, n = p+1, 0
		}
		if p == len(priced) {
			return nil
		}
		c, l := priced[p], priced[p].Rated.Lines[n]
		n++
		return []any{
			tenant, c.Month, c.Charge, c.Attempt, n, string(l.Kind), string(l.Component), l.Label, l.Quantity,
			int64(l.Unit), l.Block, l.Amount, int64(l.Exact), l.VATCode, l.Row,
		}
	}
}

const qHold = `update charge_state set state = 'held' where tenant_id = $1 and charge_id = any($2)`

// Hold sets charges aside: their quarantine rows and their state.
func (tx *Tx) Hold(ctx context.Context, tenant int, set []Quarantined) error {
	if len(set) == 0 {
		return nil
	}
	ids := make([]ident.ID, len(set))
	for i, q := range set {
		ids[i] = q.Charge
	}
	if _, err := tx.ExecContext(ctx, qHold, tenant, idArray(ids)); err != nil {
		return err
	}
	return tx.Quarantine(ctx, tenant, set)
}

const qSpanCharges = `select s.charge_id, c.file_id, c.ordinal, s.attempt, c.country || '/' || c.party || '/' || upper(c.cdr_id) as record
from charge_state s join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
where s.tenant_id = $1 and s.state = $2 and case when $5 then s.contract_no >= $3 and ($4 = '' or s.contract_no < $4)
else s.charge_id::text >= $3 and ($4 = '' or s.charge_id::text < $4) end order by s.charge_id`

// HoldSpan sets aside every charge of a chunk that killed its workers. byContract says whether the span is of contracts.
func (tx *Tx) HoldSpan(ctx context.Context, tenant int, run ident.ID, state, stage string, span batch.Span, byContract bool) (int, error) {
	var rows []struct {
		Charge  ident.ID `db:"charge_id"`
		File    ident.ID `db:"file_id"`
		Ordinal int      `db:"ordinal"`
		Attempt int      `db:"attempt"`
		Record  string   `db:"record"`
	}
	if err := tx.SelectContext(ctx, &rows, qSpanCharges, tenant, state, span.Lo, span.Hi, byContract); err != nil {
		return 0, err
	}
	set := make([]Quarantined, len(rows))
	for i, r := range rows {
		set[i] = Quarantined{
			File: r.File, Ordinal: r.Ordinal, Stage: stage, Attempt: r.Attempt, Charge: r.Charge, Run: run, Class: string(batch.ClassCrash),
			Code: "crash", Record: r.Record,
			Reason: "one of the records beside this one kills the program; release them one by one to find it",
		}
	}
	return len(set), tx.Hold(ctx, tenant, set)
}

// Accruable is a priced charge whose memo entry is not booked yet.
type Accruable struct {
	Charge      ident.ID      `db:"charge_id"`
	Attempt     int           `db:"attempt"`
	Contract    string        `db:"contract_no"`
	BillingDate calendar.Date `db:"billing_date"`
	SupplyDate  calendar.Date `db:"supply_date"`
	Total       int64         `db:"total"`
	Currency    string        `db:"currency"`
	Country     string        `db:"country"`
	Party       string        `db:"party"`
	CDR         string        `db:"cdr_id"`
}

const qAccruable = `select s.charge_id, s.attempt, r.contract_no, r.billing_date, r.supply_date, r.total, r.currency, c.country, c.party, upper(c.cdr_id) as cdr_id
from charge_state s join rated r on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
where s.tenant_id = $1 and s.state = 'rated' and s.charge_id >= $2::uuid and ($3 = '' or s.charge_id < nullif($3, '')::uuid)
order by s.charge_id`

// Accruable returns the charges of a range that wait for their memo entry.
func (tx *Tx) Accruable(ctx context.Context, tenant int, span batch.Span) ([]Accruable, error) {
	var rows []Accruable
	err := tx.SelectContext(ctx, &rows, qAccruable, tenant, span.Lo, span.Hi)
	return rows, err
}

const qAccrued = `update charge_state s set state = 'accrued' from unnest($2::uuid[], $3::int[]) as p(charge_id, attempt)
where s.tenant_id = $1 and s.charge_id = p.charge_id and s.charge_id between $4 and $5 and s.attempt = p.attempt and s.state = 'rated'`

// Accrued moves charges on that Accruable returned. When the price of one was made anew meanwhile, nothing is done and the
// error is one that goes away.
func (tx *Tx) Accrued(ctx context.Context, tenant int, charges []Accruable) error {
	if len(charges) == 0 {
		return nil
	}
	ids, attempts := make([]ident.ID, len(charges)), make([]int64, len(charges))
	for i, c := range charges {
		ids[i], attempts[i] = c.Charge, int64(c.Attempt)
	}
	lo, hi := boundsOf(ids) // see qJudge
	n, err := affected(tx.ExecContext(ctx, qAccrued, tenant, idArray(ids), pq.Array(attempts), lo.String(), hi.String()))
	if err == nil && n != int64(len(charges)) {
		err = batch.Failf(batch.ClassChunk, "%d of %d charges were priced anew meanwhile", int64(len(charges))-n, len(charges))
	}
	return err
}

const qSetState = `update charge_state set state = $3
where tenant_id = $1 and charge_id = any($2) and charge_id between $4 and $5 and state = $6` // bounds: see qJudge

// SetChargeState moves charges from a state to another; it is an error when one of them is not in that state any more.
func (tx *Tx) SetChargeState(ctx context.Context, tenant int, charges []ident.ID, from, state string) error {
	if len(charges) == 0 {
		return nil
	}
	lo, hi := boundsOf(charges)
	return moved(len(charges))(tx.ExecContext(ctx, qSetState, tenant, idArray(charges), state, lo.String(), hi.String(), from))
}

const cEntry = `copy entry (tenant_id, entry_id, reference, kind, booking_date, value_date, tax_month, text, run_id) from stdin`

const cLeg = `copy leg (tenant_id, entry_id, no, account, sub, minor, currency) from stdin`

// Post books entries. All legs arrive in one statement, which the database checks for balance. Posting a reference twice
// is refused by its key.
func (tx *Tx) Post(ctx context.Context, tenant int, run ident.ID, entries []ledger.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return batch.Fail(batch.ClassInvariant, err)
		}
	}
	err := tx.copyIn(ctx, cEntry, each(entries, func(e ledger.Entry) []any {
		return []any{
			tenant, e.ID, e.Reference, e.Kind, e.BookingDate, e.ValueDate, e.TaxMonth, e.Text, run,
		}
	}))
	if err != nil {
		return err
	}
	e, n := 0, 0
	return tx.copyIn(ctx, cLeg, func() []any {
		for e < len(entries) && n == len(entries[e].Legs) {
			e, n = e+1, 0
		}
		if e == len(entries) {
			return nil
		}
		l := entries[e].Legs[n]
		n++
		return []any{tenant, entries[e].ID, n, string(l.Account), l.Sub, l.Minor, string(l.Currency)}
	})
}
