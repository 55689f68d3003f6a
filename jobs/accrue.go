package jobs

import (
	"context"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/ledger"
	"wattdue/ledger/posting"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/sql/store"
)

// accrue books priced charges as unbilled: a memo entry each, without revenue and VAT.
var accrue = Stage{
	Name: "accrue", Queue: QueueBilling, Size: 1000,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		return tx.ChargeSpans(ctx, r.Tenant, "rated", size)
	},
	Work: workAccrue,
}

func workAccrue(ctx context.Context, e *Env, t Task) (Counts, error) {
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return nil, err
	}
	rows, err := t.Tx.Accruable(ctx, tenant.ID, t.Chunk.Span)
	if err != nil {
		return nil, err
	}
	booking, err := e.localDate(tenant, t.Run)
	if err != nil {
		return nil, err
	}
	entries := make([]ledger.Entry, 0, len(rows))
	for _, r := range rows {
		if entry, ok := posting.Accrue(tenant.Code, accrued(r), r.Contract, booking); ok {
			entries = append(entries, entry)
		}
	}
	if err := t.Tx.Post(ctx, tenant.ID, t.Run.ID, entries); err != nil {
		return nil, err
	}
	return Counts{"accrued": int64(len(rows)), "entries": int64(len(entries))}, t.Tx.Accrued(ctx, tenant.ID, rows)
}

func accrued(r store.Accruable) invoicing.Charge {
	return invoicing.Charge{
		ID: r.Charge, Key: cdr.Key{Country: r.Country, Party: r.Party, ID: r.CDR}, SupplyDate: r.SupplyDate,
		Rated: rating.Rated{Total: r.Total, Currency: money.Currency(r.Currency)},
	}
}

// today is the tenant's date now: of the database clock, or of the run's moment when that was given.
func (e *Env) today(ctx context.Context, tenant store.Tenant, r batch.Run) (calendar.Date, error) {
	now, err := e.moment(ctx, r)
	if err != nil {
		return calendar.Date{}, err
	}
	r.AsOf = now
	return e.localDate(tenant, r)
}

// moment is now by the database clock, or the run's moment when that was given.
func (e *Env) moment(ctx context.Context, r batch.Run) (time.Time, error) {
	if r.Pinned {
		return r.AsOf, nil
	}
	return e.DB.Clock(ctx)
}

// localDate is the tenant's date of the run's moment.
func (e *Env) localDate(tenant store.Tenant, r batch.Run) (calendar.Date, error) {
	zone, err := tenant.Location()
	if err != nil {
		return calendar.Date{}, err
	}
	return calendar.DateOf(r.AsOf, zone), nil
}
