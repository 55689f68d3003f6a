package jobs

import (
	"context"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/jobs/batch"
	"wattdue/rating"
	"wattdue/sql/store"
)

// rate prices charges, contract by contract in the order of their start, because allowances will need that order.
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
	priced, held := make([]store.Priced, 0, len(charges)), []store.Quarantined(nil)
	for _, c := range charges {
		p, why := book.price(c)
		if why != nil {
			why.Run = t.Run.ID
			held = append(held, *why)
			continue
		}
		priced = append(priced, p)
	}
	if err := t.Tx.Price(ctx, t.Run.Tenant, t.Run.ID, priced); err != nil {
		return nil, err
	}
	return Counts{"rated": int64(len(priced)), "held": int64(len(held))}, t.Tx.Hold(ctx, t.Run.Tenant, held)
}

// priceBook is what pricing a chunk's charges needs.
type priceBook struct {
	contracts map[string]customer.Contract
	tariffs   map[string][]version
	zones     map[string]*time.Location
}

// version is a tariff version, ready for pricing.
type version struct {
	tariff   rating.Tariff
	compiled *rating.Compiled
}

func loadPrices(ctx context.Context, e *Env, t Task, charges []store.Verified) (priceBook, error) {
	var numbers []string
	for _, c := range charges {
		numbers = append(numbers, c.Contract)
	}
	numbers = unique(numbers)
	if err := t.Tx.LockContracts(ctx, t.Run.Tenant, numbers); err != nil {
		return priceBook{}, err
	}
	contracts, err := t.Tx.Contracts(ctx, t.Run.Tenant, numbers)
	if err != nil {
		return priceBook{}, err
	}
	var codes []string
	for _, c := range contracts {
		codes = append(codes, c.TariffCode)
	}
	tariffs, err := t.Tx.Tariffs(ctx, t.Run.Tenant, unique(codes))
	if err != nil {
		return priceBook{}, err
	}
	b := priceBook{contracts, map[string][]version{}, map[string]*time.Location{}}
	for _, tariff := range tariffs {
		compiled, err := e.compiled(t.Run.Tenant, tariff)
		if err != nil {
			return b, fmt.Errorf("tariff %s version %d: %w", tariff.Code, tariff.Version, err)
		}
		b.tariffs[tariff.Code] = append(b.tariffs[tariff.Code], version{tariff, compiled})
	}
	return b, nil
}

// price returns the price of a charge, or why it is held.
func (b priceBook) price(c store.Verified) (store.Priced, *store.Quarantined) {
	hold := func(code, format string, args ...any) (store.Priced, *store.Quarantined) {
		return store.Priced{}, &store.Quarantined{
			File: c.File, Ordinal: c.Ordinal, Stage: "rate", Attempt: c.Attempt, Charge: c.Charge, Class: string(batch.ClassRecord),
			Code: code, Record: cdr.Record{Country: c.Country, Party: c.Party, ID: c.ID}.Key().String(), Reason: fmt.Sprintf(format, args...),
		}
	}
	if c.Location == nil || c.Zone == nil {
		return hold("evse-unknown", "EVSE %s is not registered, so its location and time zone are unknown; register it and release", c.EVSE)
	}
	zone, err := b.zone(*c.Zone)
	if err != nil {
		return hold("zone-unknown", "EVSE %s: %v; correct its time zone and release", c.EVSE, err)
	}
	contract, known := b.contracts[c.Contract]
	if !known {
		return hold("contract-unknown", "contract %s does not exist any more", c.Contract)
	}
	tariff := b.validAt(contract.TariffCode, c.Start)
	if tariff == nil {
		return hold("no-tariff", "tariff %s has no version valid at the start of the session; publish one and release", contract.TariffCode)
	}
	payer, session := rating.Contract{No: contract.No, Groups: contract.Groups}, sessionOf(c)
	rated, err := rating.Rate(payer, tariff, session)
	if err != nil {
		return hold("rating", "%v", err)
	}
	if !rated.Held && rated.Mode != rating.Gross {
		return hold("net-mode", "contract %s: tariff %s has net prices, and documents are gross; publish a gross version and release", contract.No, rated.Tariff)
	}
	if rated.Held {
		return hold(holdCode(rated), "contract %s, location %s: %s; complete the tariff or correct the record, then release",
			contract.No, *c.Location, holdText(rated))
	}
	return store.Priced{
		Charge: c.Charge, Month: c.Month, Attempt: c.Attempt, Key: rating.ContentKey(payer, tariff, session), Contract: contract.No,
		BillingDate: calendar.DateOf(c.Start, contract.ZoneLocation), SupplyDate: calendar.DateOf(c.End, zone), Rated: rated,
	}, nil
}

func (b priceBook) zone(name string) (*time.Location, error) {
	if z, ok := b.zones[name]; ok {
		return z, nil
	}
	z, err := time.LoadLocation(name)
	if err == nil {
		b.zones[name] = z
	}
	return z, err
}

func (b priceBook) validAt(code string, start time.Time) *rating.Compiled {
	for _, v := range b.tariffs[code] {
		if v.tariff.ValidAt(start) {
			return v.compiled
		}
	}
	return nil
}

// sessionOf is what rating prices of a charge. Idle time is the stated parking time: of the periods where they say it, else
// of the total.
func sessionOf(c store.Verified) rating.Session {
	idle := time.Duration(c.ParkingS) * time.Second
	if periods, err := cdr.DecodePeriods(c.Periods); err == nil {
		var sum time.Duration
		stated := false
		for _, p := range periods {
			sum += p.Parking
			stated = stated || p.Has&cdr.HasParking != 0
		}
		if stated {
			idle = sum
		}
	}
	return rating.Session{
		ID: c.Country + "/" + c.Party + "/" + c.ID, Start: c.Start.UTC(), End: c.End.UTC(), Energy: cdr.MicroKWh(c.Energy), Idle: idle,
		Location: *c.Location, EVSEID: c.EVSE, DurationUsable: c.DurationUsable,
	}
}

func holdCode(r rating.Rated) string {
	if len(r.Flags) == 0 {
		return "rating"
	}
	return string(r.Flags[0])
}

func holdText(r rating.Rated) string {
	text := ""
	for i, f := range r.Flags {
		if i > 0 {
			text += ", "
		}
		text += string(f)
	}
	return text
}
