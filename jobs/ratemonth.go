package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/invoicing"
	"wattdue/ledger/posting"
	"wattdue/rating"
	"wattdue/sql/store"
)

// inputs are what a price was made from beside the record and its verdict, and what it took from the counters of the month.
// They are kept where a late record may have the price made again: then only the counters are others.
type inputs struct {
	Groups   []string             `json:"groups"`
	Place    place                `json:"place"`
	Energy   cdr.MicroKWh         `json:"energy"`
	Consumed []rating.Consumption `json:"consumed,omitempty"`
}

func inputsOf(c rateable, payer rating.Contract, r rating.Rated) ([]byte, error) {
	s := c.session
	return json.Marshal(inputs{
		Groups: append([]string{}, payer.Groups...), Energy: r.Energy, Consumed: r.Consumed,
		Place: place{s.Location, s.Zone, s.Operator, s.Country, s.Power, s.Watts, s.TimeZone.String()},
	})
}

// months prices the charges of contracts with counters, month by month (rating rules, 7). Charges of these months that have
// a price and stand on no document are priced again, because a late record changes what is left for those after it.
func (r *rater) months(ctx context.Context, fresh map[store.ContractMonth][]rateable) error {
	if len(fresh) == 0 {
		return nil
	}
	list := slices.SortedFunc(maps.Keys(fresh), func(a, b store.ContractMonth) int {
		return cmp.Or(cmp.Compare(a.Contract, b.Contract), a.Month.First.Compare(b.Month.First))
	})
	rows, err := r.book.task.Tx.Months(ctx, r.book.task.Run.Tenant, list)
	if err != nil {
		return err
	}
	priced := map[store.ContractMonth][]store.MonthCharge{}
	for _, row := range rows {
		m := store.ContractMonth{Contract: row.Contract, Month: row.BillingDate.MonthOf()}
		priced[m] = append(priced[m], row)
	}
	for _, m := range list {
		if err := r.month(ctx, m, fresh[m], priced[m]); err != nil {
			return fmt.Errorf("contract %s, %s: %w", m.Contract, m.Month, err)
		}
	}
	return nil
}

// monthly is a session of a month: one that waits for its price, or one that has one.
type monthly struct {
	rateable
	had  *store.MonthCharge // nil: it had no price
	old  rating.Rated       // the price it had, with its lines where it may be made again
	kept bool               // the price stays
	by   []string           // groups of the contract when it was first priced
}

func (r *rater) month(ctx context.Context, m store.ContractMonth, fresh []rateable, priced []store.MonthCharge) error {
	sessions := make([]monthly, 0, len(fresh)+len(priced))
	for i := range priced {
		s, err := r.book.hadPrice(ctx, &priced[i])
		if err != nil {
			return err
		}
		sessions = append(sessions, s)
	}
	for _, c := range fresh {
		sessions = append(sessions, monthly{rateable: c})
	}
	payer := payerOf(r.book.contracts[m.Contract])
	for _, p := range r.book.plans[m.Contract] {
		list, err := p.Allowances(m.Month)
		if err != nil {
			return err
		}
		payer.Allowances = append(payer.Allowances, list...)
	}
	results := rateMonth(payer, r.book.plans[m.Contract], sessions)
	for i := range sessions {
		if err := r.outcome(ctx, &sessions[i], &results[i]); err != nil {
			return err
		}
	}
	return nil
}

// rateMonth prices a month. A session that had a price and can get none keeps it, and the month is priced around it.
func rateMonth(payer rating.Contract, plans []rating.Plan, sessions []monthly) []rating.MonthRated {
	month := make([]rating.MonthSession, len(sessions))
	for i := range sessions {
		s := &sessions[i]
		month[i] = rating.MonthSession{Session: s.session, Tariff: s.tariff, Groups: s.by, Covers: covers(plans, s.billed)}
	}
	for {
		for i := range sessions {
			if sessions[i].kept {
				month[i].Billed = &sessions[i].old
			}
		}
		results := rating.RateMonth(payer, month)
		again := false
		for i := range sessions {
			s := &sessions[i]
			if s.had != nil && !s.kept && (results[i].Err != nil || results[i].Rated.Held) {
				s.kept, again = true, true
			}
		}
		if !again {
			return results
		}
	}
}

// covers tells which allowances a session may use: those of the plans that hold on the day it starts.
func covers(plans []rating.Plan, on calendar.Date) func(string) bool {
	return func(allowance string) bool {
		return slices.ContainsFunc(plans, func(p rating.Plan) bool {
			return p.ActiveOn(on) && slices.ContainsFunc(p.Included, func(in rating.Included) bool { return in.ID == allowance })
		})
	}
}

// hadPrice is a session with the price it has. It may be priced again while it stands on no document, if counters had a part
// in its price and it was made by the rules of today; else it keeps the price and what it took.
func (b *priceBook) hadPrice(ctx context.Context, m *store.MonthCharge) (monthly, error) {
	s := monthly{rateable: rateable{Verified: &m.Verified, contract: b.contracts[m.Contract], billed: m.BillingDate}, had: m, kept: true}
	if m.Inputs == nil {
		if !m.Free {
			s.old.Energy = cdr.MicroKWh(m.Energy)
		}
		return s, nil
	}
	var in inputs
	if err := json.Unmarshal(m.Inputs, &in); err != nil {
		return s, fmt.Errorf("charge %s: stored inputs: %w", m.Charge, err)
	}
	s.old.Energy, s.old.Consumed, s.by = in.Energy, in.Consumed, in.Groups
	if !m.Open() {
		return s, nil
	}
	trace, err := rating.DecodeTrace(m.Trace)
	if err != nil {
		return s, fmt.Errorf("charge %s: %w", m.Charge, err)
	}
	s.kept = trace.Rules != rating.RulesVersion
	s.old.Lines, s.old.Total = trace.Lines, trace.Total
	version, err := b.published(ctx, m.Tariff, m.Version)
	if err != nil {
		return s, fmt.Errorf("charge %s: %w", m.Charge, err)
	}
	zone, err := b.zone(in.Place.TimeZone)
	if err != nil {
		return s, fmt.Errorf("charge %s: %w", m.Charge, err)
	}
	s.tariff = version.at(m.Start)
	s.session, err = sessionOf(&m.Verified, in.Place, zone, version.tariff)
	return s, err
}

// outcome notes what the month made of a session. A price that comes out as it was stays as it was made.
func (r *rater) outcome(ctx context.Context, s *monthly, result *rating.MonthRated) error {
	if s.kept {
		return nil
	}
	made, err := inputsOf(s.rateable, result.Payer, result.Rated)
	if err != nil {
		return err
	}
	if s.had == nil {
		r.settle(s.rateable, result.Rated, result.Payer, result.Err, made)
		return nil
	}
	same := slices.Equal(s.old.Lines, result.Rated.Lines) && slices.Equal(s.old.Consumed, result.Rated.Consumed)
	if same && s.old.Total == result.Rated.Total && s.old.Energy == result.Rated.Energy {
		return nil
	}
	p := s.price(result.Rated, result.Payer, made)
	p.Attempt, p.BillingDate, p.SupplyDate = s.Attempt+1, s.had.BillingDate, s.had.SupplyDate
	r.again = append(r.again, p)
	if s.had.State != "accrued" {
		return nil
	}
	return r.reaccrue(ctx, s, p)
}

// reaccrue books an accrued session anew.
func (r *rater) reaccrue(ctx context.Context, s *monthly, p store.Priced) error {
	e, t := r.book.env, r.book.task
	tenant, err := e.tenantOf(ctx, t.Run)
	if err != nil {
		return err
	}
	booking, err := e.localDate(tenant, t.Run)
	if err != nil {
		return err
	}
	c := invoicing.Charge{
		ID: s.Charge, Key: cdr.Record{Country: s.Country, Party: s.Party, ID: s.ID}.Key(), SupplyDate: p.SupplyDate,
		Rated: rating.Rated{Total: p.Rated.Total, Currency: p.Rated.Currency},
	}
	r.booked = append(r.booked, posting.Reaccrue(tenant.Code, c, s.had.Total, p.Attempt, p.Contract, booking)...)
	return nil
}
