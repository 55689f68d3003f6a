package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"wattdue/calendar"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
)

// FeeKey is the natural key of a fee: what it is for, and the how many-th of its kind in a contract's month.
type FeeKey struct {
	Contract string
	Month    calendar.Date // first day
	Kind     invoicing.FeeKind
	No       int
	Source   string // plan, or tariff, row and country of a true-up; not part of the key
}

// FeeID returns the id of the fee with a key in a tenant's books.
func FeeID(tenant string, k FeeKey) ident.ID {
	return ident.Derive("fee", tenant, k.Contract, k.Month.String(), string(k.Kind), strconv.Itoa(k.No))
}

// DraftFee is a fee on a draft.
type DraftFee struct {
	FeeKey
	Fee invoicing.Fee
}

// A month is billed again only for contracts without a fee of it. Plans without a fee owe none.
const feesDue = ` from unnest($2::date[]) m(month)
join contract_plan p on p.tenant_id = $1 and p.fee > 0 and p.valid_from < m.month + interval '1 month'
     and coalesce(p.valid_until, 'infinity') > greatest(m.month, p.valid_from)
join contract c on c.tenant_id = p.tenant_id and c.contract_no = p.contract_no
     and c.valid_from < least(coalesce(p.valid_until, 'infinity'), m.month + interval '1 month')
     and coalesce(c.valid_until, 'infinity') > greatest(m.month, p.valid_from, c.valid_from)
where not exists (select from billed_fee b where b.tenant_id = $1 and b.contract_no = p.contract_no and b.month = m.month and b.kind = 'monthly')`

const qFeesDue = `select distinct p.contract_no, m.month` + feesDue + ` and p.contract_no >= $3 and ($4 = '' or p.contract_no < $4)
order by p.contract_no, m.month`

// FeeDue is a month of a contract whose fees are not billed.
type FeeDue struct {
	Contract string        `db:"contract_no"`
	Month    calendar.Date `db:"month"` // first day
}

// FeesDue returns the contracts of a range that owe fees of some months, given by their first days.
func (tx *Tx) FeesDue(ctx context.Context, tenant int, months []calendar.Date, span batch.Span) ([]FeeDue, error) {
	var rows []FeeDue
	err := tx.SelectContext(ctx, &rows, qFeesDue, tenant, dateArray(months), span.Lo, span.Hi)
	return rows, err
}

const qFeesPending = `select exists (select` + feesDue + `)`

// FeesPending reports whether fees of some months are not billed.
func (tx *Tx) FeesPending(ctx context.Context, tenant int, months []calendar.Date) (bool, error) {
	var pending bool
	err := tx.GetContext(ctx, &pending, qFeesPending, tenant, dateArray(months))
	return pending, err
}

const qBilledMonths = `select distinct to_date(substr(period, 1, 7), 'YYYY-MM') from run
where tenant_id = $1 and job = 'billing' and state = 'closed' and substr(period, 1, 7) between $2 and $3 order by 1`

// BilledMonths returns the months from a first to a last one of which there was billing, by their first days.
func (tx *Tx) BilledMonths(ctx context.Context, tenant int, first, last calendar.Date) ([]calendar.Date, error) {
	var months []calendar.Date
	err := tx.SelectContext(ctx, &months, qBilledMonths, tenant, first.MonthOf().String(), last.MonthOf().String())
	return months, err
}

const qBillingLoad = `select contract_no from (
select contract_no from charge_state where tenant_id = $1 and state = 'accrued' and contract_no is not null and billing_date < $5::date
union select p.contract_no` + feesDue + `) s where contract_no >= $3 and ($4 = '' or contract_no < $4) order by contract_no`

// BillingSpans cuts the contracts with unbilled charges before a date, or unbilled fees of some months, into ranges of size
// contracts. Every contract lies in exactly one range.
func (tx *Tx) BillingSpans(ctx context.Context, tenant int, before calendar.Date, months []calendar.Date, size int) ([]batch.Span, error) {
	var numbers, bounds []string
	if err := tx.SelectContext(ctx, &numbers, qBillingLoad, tenant, dateArray(months), "", "", before.String()); err != nil {
		return nil, err
	}
	for i := 0; i < len(numbers); i += max(size, 1) {
		bounds = append(bounds, numbers[i])
	}
	return batch.Spans(bounds), nil
}

// VolumeEnergy is the energy of a contract's month that one row of a tariff priced in one country, and what it cost.
type VolumeEnergy struct {
	Contract string        `db:"contract_no"`
	Month    calendar.Date `db:"month"`
	Tariff   string        `db:"tariff_code"`
	Version  int           `db:"tariff_version"`
	Row      string        `db:"row_id"`
	Country  string        `db:"country"`
	VATCode  string        `db:"vat_code"`
	Currency string        `db:"currency"`
	Mode     string        `db:"mode"`
	Energy   int64         `db:"energy"`
	Amount   int64         `db:"amount"`
}

// Whole names what is added up to find the tier: all countries of a row in a month.
func (v VolumeEnergy) Whole() string {
	return strings.Join([]string{v.Month.String(), v.Tariff, strconv.Itoa(v.Version), v.Row, v.Currency, v.Mode}, "\x1f")
}

const qVolumeEnergy = `select r.contract_no, date_trunc('month', r.billing_date)::date as month, r.tariff_code, r.tariff_version, l.row_id, e.country,
l.vat_code, r.currency, r.mode, sum(l.quantity)::bigint as energy, sum(l.amount)::bigint as amount
from charge_state s
join rated r on r.tenant_id = s.tenant_id and r.month = s.month and r.charge_id = s.charge_id and r.attempt = s.attempt
join rated_line l on l.tenant_id = s.tenant_id and l.month = s.month and l.charge_id = s.charge_id and l.attempt = s.attempt
join charge c on c.tenant_id = s.tenant_id and c.month = s.month and c.charge_id = s.charge_id
join evse e on e.tenant_id = c.tenant_id and e.evse_id = c.evse_id
where s.tenant_id = $1 and s.contract_no = any($2) and s.state in ('accrued', 'billed', 'free') and r.tariff_code = any($4)
and l.kind = '' and l.component = 'energy_kwh' and s.billing_date >= $3::date and s.billing_date < $5::date
group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7`

// VolumeEnergy sums the energy that some tariffs priced for contracts, for billing dates from a first day until before
// another. What was billed counts, and what waits to be billed.
func (tx *Tx) VolumeEnergy(ctx context.Context, tenant int, contracts, tariffs []string, first, next calendar.Date) ([]VolumeEnergy, error) {
	var rows []VolumeEnergy
	err := tx.SelectContext(ctx, &rows, qVolumeEnergy, tenant, pq.Array(contracts), first.String(), pq.Array(tariffs), next.String())
	return rows, err
}

// BilledTrueUp is what true-ups of a contract's month came to so far.
type BilledTrueUp struct {
	Contract string        `db:"contract_no"`
	Month    calendar.Date `db:"month"`
	Source   string        `db:"source"`
	Amount   int64         `db:"amount"`
	N        int           `db:"n"`
}

const qBilledTrueUps = `select contract_no, month, source, sum(amount)::bigint as amount, count(*) as n from billed_fee
where tenant_id = $1 and contract_no = any($2) and kind = 'true_up' and month >= $3::date and month < $4::date group by 1, 2, 3 order by 1, 2, 3`

// BilledTrueUps sums the true-ups billed for contracts and the months from a first day until before another.
func (tx *Tx) BilledTrueUps(ctx context.Context, tenant int, contracts []string, first, next calendar.Date) ([]BilledTrueUp, error) {
	var rows []BilledTrueUp
	err := tx.SelectContext(ctx, &rows, qBilledTrueUps, tenant, pq.Array(contracts), first.String(), next.String())
	return rows, err
}

const cDraftFee = `copy draft_fee (tenant_id, run_id, document_id, fee_id, contract_no, month, kind, no, source, first_day, next_day, amount, currency) from stdin`

// putDraftFees stores the fees of drafts. A fee of nothing is on its document and needs no mark.
func (tx *Tx) putDraftFees(ctx context.Context, tenant int, run ident.ID, drafts []Draft) error {
	d, n := 0, 0
	return tx.copyIn(ctx, cDraftFee, func() []any {
		for d < len(drafts) {
			if n == len(drafts[d].Fees) {
				d, n = d+1, 0
				continue
			}
			f := drafts[d].Fees[n]
			n++
			if f.Fee.Amount == 0 {
				continue
			}
			return []any{
				tenant, run.String(), drafts[d].Document.ID.String(), f.Fee.ID.String(), f.Contract, f.Month.String(), string(f.Kind), f.No, f.Source,
				f.Fee.From.String(), f.Fee.Until.String(), f.Fee.Amount, string(f.Fee.Currency),
			}
		}
		return nil
	})
}

const qIssueFees = `insert into billed_fee (tenant_id, fee_id, document_id, contract_no, month, kind, no, source, first_day, next_day, amount, currency)
select f.tenant_id, f.fee_id, f.document_id, f.contract_no, f.month, f.kind, f.no, f.source, f.first_day, f.next_day, f.amount, f.currency
from draft_fee f join draft d on d.tenant_id = f.tenant_id and d.run_id = f.run_id and d.document_id = f.document_id
where d.tenant_id = $1 and d.run_id = $2 and d.series = $3 and not d.free order by f.fee_id`

// dateArray passes dates as date[].
func dateArray(dates []calendar.Date) any {
	s := make([]string, len(dates))
	for i, d := range dates {
		s[i] = d.String()
	}
	return pq.Array(s)
}
