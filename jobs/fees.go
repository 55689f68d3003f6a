package jobs

import (
	"context"
	"errors"
	"fmt"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/ident"
	"wattdue/invoicing"
	"wattdue/jobs/batch"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/sql/store"
)

// feeMonthsBack is how many months before the last one fees are billed that were passed over then: an invoice is due within
// six months of the supply (UStG §14 Abs. 2).
const feeMonthsBack = 5

// feeMonths returns the months whose fees a run for a period bills, by their first days: the one that ends with the period,
// and those before it that were billed, because a contract may have been passed over then. It is none for a period that
// ends no month. Months before the first billing are somebody else's.
func feeMonths(ctx context.Context, tx *store.Tx, tenant int, period calendar.Period) ([]calendar.Date, error) {
	if period.Next.Day != 1 {
		return nil, nil
	}
	last := period.Last().MonthOf().First
	first := last
	for range feeMonthsBack {
		first = first.AddDays(-1).MonthOf().First
	}
	months, err := tx.BilledMonths(ctx, tenant, first, last.AddDays(-1))
	return append(months, last), err
}

// fees knows what the contracts of a chunk owe apart from their sessions.
type fees struct {
	months   []calendar.Date
	due      map[string][]calendar.Date // months by contract
	plans    map[string][]rating.Plan
	tariffs  map[string][]store.TariffHead // by code, the newest first
	volumes  map[string][]store.VolumeEnergy
	priced   map[tariffVersion]rating.Tariff // those with volume prices
	settled  map[string][]store.BilledTrueUp
	tenant   string
	domestic string // country of the issuer
}

type tariffVersion struct {
	code    string
	version int
}

// feesDue returns the contracts of a chunk that owe fees, with the months.
func feesDue(ctx context.Context, t Task, period calendar.Period) (fees, error) {
	f := fees{
		due: map[string][]calendar.Date{}, tariffs: map[string][]store.TariffHead{}, volumes: map[string][]store.VolumeEnergy{},
		priced: map[tariffVersion]rating.Tariff{}, settled: map[string][]store.BilledTrueUp{},
	}
	var err error
	if f.months, err = feeMonths(ctx, t.Tx, t.Run.Tenant, period); err != nil || len(f.months) == 0 {
		return f, err
	}
	rows, err := t.Tx.FeesDue(ctx, t.Run.Tenant, f.months, t.Chunk.Span)
	for _, r := range rows {
		f.due[r.Contract] = append(f.due[r.Contract], r.Month)
	}
	return f, err
}

// load reads the plans and tariffs of contracts, and the energy of months whose total decides its price.
func (f *fees) load(ctx context.Context, t Task, contracts map[string]customer.Contract, codes []string) error {
	if len(f.months) == 0 {
		return nil
	}
	var numbers, volume []string
	for no, c := range contracts {
		numbers, codes = append(numbers, no), append(codes, c.TariffCode)
	}
	heads, err := t.Tx.TariffHeads(ctx, t.Run.Tenant, unique(codes))
	if err != nil {
		return err
	}
	for _, h := range heads {
		f.tariffs[h.Code] = append(f.tariffs[h.Code], h)
		if h.Volume {
			volume = append(volume, h.Code)
		}
	}
	if len(f.due) > 0 {
		if f.plans, err = t.Tx.Plans(ctx, t.Run.Tenant, numbers); err != nil {
			return err
		}
	}
	if len(volume) == 0 {
		return nil
	}
	return f.loadVolumes(ctx, t, numbers, unique(volume))
}

func (f *fees) loadVolumes(ctx context.Context, t Task, contracts, tariffs []string) error {
	first, next := f.months[0], f.months[len(f.months)-1].MonthOf().Next
	rows, err := t.Tx.VolumeEnergy(ctx, t.Run.Tenant, contracts, tariffs, first, next)
	if err != nil {
		return err
	}
	for _, r := range rows {
		f.volumes[r.Contract] = append(f.volumes[r.Contract], r)
		v := tariffVersion{r.Tariff, r.Version}
		if _, have := f.priced[v]; have {
			continue
		}
		if f.priced[v], err = t.Tx.Tariff(ctx, t.Run.Tenant, r.Tariff, r.Version); err != nil {
			return err
		}
	}
	billed, err := t.Tx.BilledTrueUps(ctx, t.Run.Tenant, contracts, first, next)
	for _, b := range billed {
		f.settled[b.Contract] = append(f.settled[b.Contract], b)
	}
	return err
}

// errFeeAbroad says that a fee is no supply of electricity: to a company it is supplied where that is established.
var errFeeAbroad = errors.New("the fee of a company abroad is taxed in its country (UStG §3a Abs. 2), of which nothing is known here; settle it by hand")

// monthly returns the fees of a contract's plans for a month: the days of each plan by themselves (rating rules, 9). Either
// all of them can be billed or none, because a month is billed once.
func (f *fees) monthly(c customer.Contract, p customer.Party, first calendar.Date) ([]store.DraftFee, error) {
	month := first.MonthOf()
	var out []store.DraftFee
	var head *store.TariffHead
	for _, plan := range f.plans[c.No] {
		from, until := later(later(plan.From, c.From), month.First), earlier(earlier(plan.Until, c.Until), month.Next)
		if plan.Fee == 0 || !from.Before(until) {
			continue
		}
		if p.Company && p.Address.Country != "" && p.Address.Country != f.domestic {
			return nil, errFeeAbroad
		}
		if head == nil {
			if head = f.headAt(c, from); head == nil {
				return nil, fmt.Errorf("tariff %s has no version valid on %s, so currency and price mode of the fee are unknown; publish one", c.TariffCode, from)
			}
		}
		amount, err := rating.Fee(plan.Fee, from, until, month, head.Currency, head.Rounding)
		if err != nil {
			return nil, fmt.Errorf("plan %s: %w", plan.ID, err)
		}
		key := store.FeeKey{Contract: c.No, Month: first, Kind: invoicing.MonthlyFee, No: len(out) + 1, Source: plan.ID}
		name := plan.Name
		if name == "" {
			name = plan.ID
		}
		out = append(out, store.DraftFee{FeeKey: key, Fee: invoicing.Fee{
			ID: store.FeeID(f.tenant, key), Kind: key.Kind, Plan: name, From: from, Until: until, Monthly: plan.Fee, Amount: amount.Minor,
			Currency: head.Currency, Mode: head.Mode, Country: f.domestic, VATCode: plan.VATCode,
		}})
	}
	return out, nil
}

// headAt is the version of the contract's tariff that is valid when a day begins.
func (f *fees) headAt(c customer.Contract, day calendar.Date) *store.TariffHead {
	at := day.Start(c.ZoneLocation)
	for i, h := range f.tariffs[c.TariffCode] {
		if h.ValidAt(at) {
			return &f.tariffs[c.TariffCode][i]
		}
	}
	return nil
}

// trueUps returns what the months of a contract still cost, or give back, where their total decides the price: one line per
// version, row and country, less what was billed of it before.
func (f *fees) trueUps(c customer.Contract) ([]store.DraftFee, error) {
	totals := map[string]cdr.MicroKWh{}
	for _, v := range f.volumes[c.No] {
		totals[v.Whole()] += cdr.MicroKWh(v.Energy)
	}
	var out []store.DraftFee
	given := map[calendar.Date]int{}
	for _, v := range f.volumes[c.No] {
		price, ok := f.volumePrice(v)
		if !ok || !f.billsMonth(v.Month) {
			continue
		}
		minor, err := trueUp(price, totals[v.Whole()], v)
		if err != nil {
			return nil, fmt.Errorf("true-up of tariff %s, row %s: %w", v.Tariff, v.Row, err)
		}
		source := fmt.Sprintf("%s/%d/%s/%s", v.Tariff, v.Version, v.Row, v.Country)
		before := 0
		for _, b := range f.settled[c.No] {
			if b.Month == v.Month {
				before += b.N
				if b.Source == source {
					minor -= b.Amount
				}
			}
		}
		if minor == 0 {
			continue
		}
		given[v.Month]++
		key := store.FeeKey{Contract: c.No, Month: v.Month, Kind: invoicing.TrueUpFee, No: before + given[v.Month], Source: source}
		out = append(out, store.DraftFee{FeeKey: key, Fee: invoicing.Fee{
			ID: store.FeeID(f.tenant, key), Kind: key.Kind, Plan: v.Tariff, From: v.Month, Until: v.Month.MonthOf().Next,
			Energy: cdr.MicroKWh(v.Energy), Amount: minor, Currency: money.Currency(v.Currency), Mode: rating.Mode(v.Mode),
			Country: v.Country, VATCode: v.VATCode,
		}})
	}
	return out, nil
}

func (f *fees) billsMonth(first calendar.Date) bool {
	for _, m := range f.months {
		if m == first {
			return true
		}
	}
	return false
}

func (f *fees) volumePrice(v store.VolumeEnergy) (rating.Price, bool) {
	for _, r := range f.priced[tariffVersion{v.Tariff, v.Version}].Rows {
		if r.ID == v.Row {
			p := r.Prices[rating.Energy]
			return p, p.Volume
		}
	}
	return rating.Price{}, false
}

// trueUp rounds half away: what was charged are the whole minor units of the lines.
func trueUp(p rating.Price, month cdr.MicroKWh, v store.VolumeEnergy) (int64, error) {
	unit, ok := money.Currency(v.Currency).Minor()
	if !ok {
		return 0, fmt.Errorf("currency %q is not known", v.Currency)
	}
	due, err := rating.TrueUpPart(p, month, cdr.MicroKWh(v.Energy), 0)
	if err != nil {
		return 0, err
	}
	return due.In(unit, money.HalfAway) - v.Amount, nil
}

func later(a, b calendar.Date) calendar.Date {
	if a.Before(b) {
		return b
	}
	return a
}

// earlier returns the earlier of two ends, of which zero is open.
func earlier(a, b calendar.Date) calendar.Date {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// owed returns all fees of a contract that can be billed, and notes the others.
func (d *drafter) owed(c customer.Contract, p customer.Party) []store.DraftFee {
	var out []store.DraftFee
	for _, month := range d.fees.due[c.No] {
		list, err := d.fees.monthly(c, p, month)
		for i := 0; err == nil && i < len(list); i++ {
			err = invoicing.CheckFee(d.tenant.Issuer, list[i].Fee)
		}
		if err != nil {
			d.parkFee(c, month, err)
			continue
		}
		out = append(out, list...)
	}
	list, err := d.fees.trueUps(c)
	if err != nil {
		d.parkFee(c, d.period.First, err)
	}
	for _, f := range list {
		if err := invoicing.CheckFee(d.tenant.Issuer, f.Fee); err != nil {
			d.parkFee(c, f.Month, err)
			continue
		}
		out = append(out, f)
	}
	return out
}

// parkFee notes that a fee cannot be billed in this run; it stays unbilled.
func (d *drafter) parkFee(c customer.Contract, month calendar.Date, err error) {
	code := "fee"
	var fault *invoicing.FeeFault
	if errors.As(err, &fault) {
		code = string(fault.Code)
	}
	name := month.MonthOf().String()
	d.parked = append(d.parked, store.Quarantined{
		File: ident.Derive("fee", d.tenant.Code, c.No, name), Ordinal: d.run.Seq, Stage: "draft", Run: d.run.ID,
		Class: string(batch.ClassCustomer), Code: code, Record: "contract " + c.No + ", fees of " + name, Reason: err.Error(),
	})
}
