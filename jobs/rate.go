package jobs

import (
	"context"
	"fmt"
	"slices"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/ledger"
	"wattdue/rating"
	"wattdue/sql/store"
)

// rate prices charges, contract by contract in the order of their start, because allowances and tiers of a month are used in
// that order.
var rate = Stage{
	Name: "rate", Queue: QueueBilling, Size: 1000,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		return tx.ContractSpans(ctx, r.Tenant, "verified", calendar.Date{}, size, false)
	},
	Work: workRate,
	Park: func(ctx context.Context, _ *Env, t Task) error {
		_, err := t.Tx.HoldSpan(ctx, t.Run.Tenant, t.Run.ID, "verified", "rate", t.Chunk.Span, true)
		return err
	},
}

func workRate(ctx context.Context, e *Env, t Task) (Counts, error) {
	charges, err := t.Tx.Verified(ctx, t.Run.Tenant, t.Chunk.Span)
	if err != nil {
		return nil, err
	}
	book, err := loadPrices(ctx, e, t, charges)
	if err != nil {
		return nil, err
	}
	r := rater{book: book}
	byMonth := map[store.ContractMonth][]rateable{}
	for i := range charges {
		c, why, err := book.prepare(ctx, &charges[i])
		switch {
		case err != nil:
			return nil, err
		case why != nil:
			r.hold(why)
		case book.counted[c.contract.No]:
			m := store.ContractMonth{Contract: c.contract.No, Month: c.billed.MonthOf()}
			byMonth[m] = append(byMonth[m], c)
		default:
			rated, err := rating.Rate(c.payer, c.tariff, c.session)
			r.settle(c, rated, c.payer, err, nil)
		}
	}
	if err := r.months(ctx, byMonth); err != nil {
		return nil, err
	}
	if len(byMonth) > 0 {
		r.sort(charges)
	}
	return r.counts(), r.store(ctx)
}

// rater collects what becomes of a chunk's charges.
type rater struct {
	book   *priceBook
	priced []store.Priced
	held   []store.Quarantined
	again  []store.Priced // prices made anew of charges that had one
	booked []ledger.Entry // for those of them that were accrued
}

func (r *rater) counts() Counts {
	counts := Counts{"rated": int64(len(r.priced)), "held": int64(len(r.held))}
	if len(r.again) > 0 {
		counts["rerated"] = int64(len(r.again))
	}
	return counts
}

// sort puts prices into the order in which their charges came.
func (r *rater) sort(charges []store.Verified) {
	place := make(map[ident.ID]int, len(charges))
	for i := range charges {
		place[charges[i].Charge] = i
	}
	slices.SortFunc(r.priced, func(a, b store.Priced) int { return place[a.Charge] - place[b.Charge] })
}

func (r *rater) hold(why *store.Quarantined) {
	why.Run = r.book.task.Run.ID
	r.held = append(r.held, *why)
}

// settle notes the price of a charge, or why it has none.
func (r *rater) settle(c rateable, rated rating.Rated, payer rating.Contract, err error, inputs []byte) {
	switch {
	case err != nil:
		r.hold(c.hold("rating", "%v", err))
	case rated.Held:
		r.hold(c.hold(holdCode(rated), "contract %s, location %s: %s; complete the tariff or correct the record, then release",
			c.contract.No, *c.Location, holdText(rated)))
	default:
		r.priced = append(r.priced, c.price(rated, payer, inputs))
	}
}

// price is what is stored of a price.
func (c rateable) price(rated rating.Rated, payer rating.Contract, inputs []byte) store.Priced {
	return store.Priced{
		Charge: c.Charge, Month: c.Month, Attempt: c.Attempt, Key: rating.ContentKey(payer, c.tariff, c.session), Contract: c.contract.No,
		BillingDate: c.billed, SupplyDate: calendar.DateOf(c.End, c.session.TimeZone), Rated: rated, Inputs: inputs,
	}
}

// hold is a charge set aside.
func (c rateable) hold(code, format string, args ...any) *store.Quarantined {
	return holdRate(c.Verified, code, format, args...)
}

func holdRate(c *store.Verified, code, format string, args ...any) *store.Quarantined {
	return &store.Quarantined{
		File: c.File, Ordinal: c.Ordinal, Stage: "rate", Attempt: c.Attempt, Charge: c.Charge, Class: string(batch.ClassRecord),
		Code: code, Record: cdr.Record{Country: c.Country, Party: c.Party, ID: c.ID}.Key().String(), Reason: fmt.Sprintf(format, args...),
	}
}

func (r *rater) store(ctx context.Context) error {
	t := r.book.task
	if err := t.Tx.Price(ctx, t.Run.Tenant, t.Run.ID, r.priced); err != nil {
		return err
	}
	if err := t.Tx.Reprice(ctx, t.Run.Tenant, t.Run.ID, r.again); err != nil {
		return err
	}
	if err := t.Tx.Post(ctx, t.Run.Tenant, t.Run.ID, r.booked); err != nil {
		return err
	}
	return t.Tx.Hold(ctx, t.Run.Tenant, r.held)
}

func holdCode(r rating.Rated) string {
	if len(r.Flags) == 0 {
		return "rating"
	}
	return string(r.Flags[0])
}

// holdText names the flags of a held session, and what they mean.
func holdText(r rating.Rated) string {
	text := ""
	for i, f := range r.Flags {
		if i > 0 {
			text += ", "
		}
		text += string(f) + " (" + f.Text() + ")"
	}
	return text
}
