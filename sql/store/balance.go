package store

import (
	"context"
	"database/sql"
	"iter"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/jobs/batch"
	"wattdue/ledger"
	"wattdue/money"
)

const qArrived = `select coalesce(sum(imported + duplicates + rejected), 0) from import_file where tenant_id = $1`

const qCountDuplicates = `select count(*) from cdr_duplicate where tenant_id = $1`

const qByState = `select s.state, count(*) as records, coalesce(sum(r.total) filter (where s.state not in ('held', 'imported', 'verified', 'rated')), 0)::bigint as minor
from charge_state s left join rated r
on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt
where s.tenant_id = $1 group by s.state`

const qRejects = `select q.state, count(*) as records from quarantine q
where q.tenant_id = $1 and q.charge_id is null and q.stage = 'import' and q.state in ('open', 'dropped') group by q.state`

const qReleasedWaiting = `select count(*) from quarantine q
where q.tenant_id = $1 and q.charge_id is null and q.stage = 'import' and q.state = 'released'`

const qBooked = `select
coalesce(sum(minor) filter (where account = 'memo:unbilled'), 0)::bigint as unbilled,
coalesce((select sum(d.gross) from document d where d.tenant_id = $1), 0)::bigint as billed,
coalesce((select sum(d.tax) from document d where d.tenant_id = $1 and d.mode = 'net'), 0)::bigint as on_top,
(select count(*) from billed_fee f where f.tenant_id = $1) as fees,
coalesce((select sum(f.amount) from billed_fee f where f.tenant_id = $1), 0)::bigint as fees_minor,
coalesce(sum(minor) filter (where account = 'debtors'), 0)::bigint as debtors
from leg where tenant_id = $1 and account in ('memo:unbilled', 'debtors')`

// Stock counts what a tenant's records have become since the start, and what the ledger says of them, all at one moment,
// because other runs may be at work. A charge has money from when it is booked.
func (db *DB) Stock(ctx context.Context, tenant int) (s batch.Stock, err error) {
	err = db.inTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(tx *Tx) error {
		s, err = tx.stock(ctx, tenant)
		return err
	})
	return s, err
}

func (tx *Tx) stock(ctx context.Context, tenant int) (batch.Stock, error) {
	var s batch.Stock
	if err := tx.GetContext(ctx, &s.Arrived.Records, qArrived, tenant); err != nil {
		return s, err
	}
	if err := tx.GetContext(ctx, &s.Duplicate.Records, qCountDuplicates, tenant); err != nil {
		return s, err
	}
	var states []struct {
		State   string `db:"state"`
		Records int64  `db:"records"`
		Minor   int64  `db:"minor"`
	}
	if err := tx.SelectContext(ctx, &states, qByState, tenant); err != nil {
		return s, err
	}
	for _, r := range states {
		t := map[string]*batch.Tally{
			"billed": &s.Billed, "free": &s.Free, "goodwill": &s.Free, "held": &s.Held, "dropped": &s.Waived, "claimed": &s.Waived,
		}[r.State]
		if t == nil {
			t = &s.Open
		}
		t.Records += r.Records
		t.Minor += r.Minor
		s.Arrived.Minor += r.Minor
		switch r.State {
		case "goodwill":
			s.Goodwill = batch.Tally{Records: r.Records, Minor: r.Minor}
		case "claimed":
			s.Claimed = batch.Tally{Records: r.Records, Minor: r.Minor}
		}
	}
	if err := tx.rejects(ctx, tenant, &s); err != nil {
		return s, err
	}
	var booked struct {
		Unbilled int64 `db:"unbilled"`
		Billed   int64 `db:"billed"`
		Debtors  int64 `db:"debtors"`
		OnTop    int64 `db:"on_top"`
		Fees     int64 `db:"fees"`
		FeesSum  int64 `db:"fees_minor"`
	}
	if err := tx.GetContext(ctx, &booked, qBooked, tenant); err != nil {
		return s, err
	}
	if booked.Billed != booked.Debtors {
		return s, batch.Failf(batch.ClassInvariant, "documents sum to %d, debtors were debited %d (minor units)", booked.Billed, booked.Debtors)
	}
	s.Fees, s.TaxOnTop = batch.Tally{Records: booked.Fees, Minor: booked.FeesSum}, booked.OnTop
	s.UnbilledBooked, s.BilledBooked = booked.Unbilled, booked.Debtors
	return s, nil
}

func (tx *Tx) rejects(ctx context.Context, tenant int, s *batch.Stock) error {
	var rows []struct {
		State   string `db:"state"`
		Records int64  `db:"records"`
	}
	if err := tx.SelectContext(ctx, &rows, qRejects, tenant); err != nil {
		return err
	}
	for _, r := range rows {
		if r.State == "dropped" {
			s.Waived.Records += r.Records
		} else {
			s.Held.Records += r.Records
		}
	}
	var waiting int64
	if err := tx.GetContext(ctx, &waiting, qReleasedWaiting, tenant); err != nil {
		return err
	}
	s.Open.Records += waiting
	return nil
}

const qJournal = `select e.entry_id, e.reference, e.kind, e.booking_date, e.value_date, e.tax_month, e.text, l.account, l.sub, l.minor, l.currency
from entry e join leg l on l.tenant_id = e.tenant_id and l.entry_id = e.entry_id
where e.tenant_id = $1 order by e.booking_date, e.kind, e.text, e.reference, l.no`

// Journal streams a tenant's entries in the order of the books. An error ends the stream.
func (db *DB) Journal(ctx context.Context, tenant int) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		rows, err := db.x.QueryxContext(ctx, qJournal, tenant)
		if err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		defer func() { _ = rows.Close() }()
		var e ledger.Entry
		for rows.Next() {
			var r struct {
				ID        ident.ID      `db:"entry_id"`
				Reference string        `db:"reference"`
				Kind      string        `db:"kind"`
				Booking   calendar.Date `db:"booking_date"`
				Value     calendar.Date `db:"value_date"`
				TaxMonth  string        `db:"tax_month"`
				Text      string        `db:"text"`
				Account   string        `db:"account"`
				Sub       string        `db:"sub"`
				Minor     int64         `db:"minor"`
				Currency  string        `db:"currency"`
			}
			if err := rows.StructScan(&r); err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			if r.ID != e.ID {
				if len(e.Legs) > 0 && !yield(e, nil) {
					return
				}
				e = ledger.Entry{ID: r.ID, Reference: r.Reference, Kind: r.Kind, BookingDate: r.Booking, ValueDate: r.Value, TaxMonth: r.TaxMonth, Text: r.Text}
			}
			e.Legs = append(e.Legs, ledger.Leg{Account: ledger.Account(r.Account), Sub: r.Sub, Minor: r.Minor, Currency: money.Currency(r.Currency)})
		}
		if err := rows.Err(); err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		if len(e.Legs) > 0 {
			yield(e, nil)
		}
	}
}
