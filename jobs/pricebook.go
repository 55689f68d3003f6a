package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/pricelist"
	"wattdue/rating"
	"wattdue/sql/store"
)

// priceBook is what pricing a chunk's charges needs.
type priceBook struct {
	env       *Env
	task      Task
	contracts map[string]customer.Contract
	plans     map[string][]rating.Plan
	versions  map[string][]store.TariffVersion // by code, the oldest first
	zones     map[string]*time.Location
	counted   map[string]bool // contracts of which sessions of a month depend on each other
	dearer    map[string]bool
}

// loadPrices locks the contracts of some charges, so that nobody else prices or bills theirs, and reads what prices them.
func loadPrices(ctx context.Context, e *Env, t Task, charges []store.Verified) (*priceBook, error) {
	var numbers []string
	for _, c := range charges {
		numbers = append(numbers, c.Contract)
	}
	numbers = unique(numbers)
	if err := t.Tx.LockContracts(ctx, t.Run.Tenant, numbers); err != nil {
		return nil, err
	}
	b := &priceBook{
		env: e, task: t, versions: map[string][]store.TariffVersion{}, zones: map[string]*time.Location{}, counted: map[string]bool{},
		dearer: map[string]bool{},
	}
	var err error
	if b.contracts, err = t.Tx.Contracts(ctx, t.Run.Tenant, numbers); err != nil {
		return nil, err
	}
	if b.plans, err = t.Tx.Plans(ctx, t.Run.Tenant, numbers); err != nil {
		return nil, err
	}
	var codes []string
	for _, c := range b.contracts {
		codes = append(codes, c.TariffCode)
	}
	versions, err := t.Tx.TariffVersions(ctx, t.Run.Tenant, unique(codes))
	if err != nil {
		return nil, err
	}
	byMonth := map[string]bool{}
	for _, v := range versions {
		b.versions[v.Code] = append(b.versions[v.Code], v)
		p, err := b.published(ctx, v.Code, v.Version)
		if err != nil {
			return nil, err
		}
		byMonth[v.Code] = byMonth[v.Code] || p.byMonth
	}
	for no, c := range b.contracts {
		b.counted[no] = byMonth[c.TariffCode] || slices.ContainsFunc(b.plans[no], func(p rating.Plan) bool { return len(p.Included) > 0 })
	}
	return b, nil
}

func (b *priceBook) published(ctx context.Context, code string, version int) (*published, error) {
	return b.env.published(ctx, b.task.Tx, b.task.Run.Tenant, code, version)
}

// rateable is a charge with everything its price is made from but the counters of the month.
type rateable struct {
	*store.Verified
	contract customer.Contract
	payer    rating.Contract
	tariff   *rating.Compiled
	session  rating.Session
	billed   calendar.Date // the billing date
}

// prepare finds what prices a charge, or why it is held.
func (b *priceBook) prepare(ctx context.Context, c *store.Verified) (rateable, *store.Quarantined, error) {
	var none rateable
	if c.Location == nil || c.Zone == nil {
		return none, holdRate(c, "evse-unknown", "EVSE %s is not registered, so its location and time zone are unknown; register it and release", c.EVSE), nil
	}
	zone, err := b.zone(*c.Zone)
	if err != nil {
		return none, holdRate(c, "zone-unknown", "EVSE %s: %v; correct its time zone and release", c.EVSE, err), nil
	}
	contract, known := b.contracts[c.Contract]
	if !known {
		return none, holdRate(c, "contract-unknown", "contract %s does not exist any more", c.Contract), nil
	}
	version, err := b.versionAt(ctx, contract, c.Start)
	if err != nil {
		return none, nil, err
	}
	if version == nil {
		return none, holdRate(c, "no-tariff", "tariff %s has no version valid at the start of the session; publish one and release", contract.TariffCode), nil
	}
	session, err := sessionOf(c, placeOf(c), zone, version.tariff)
	if err != nil {
		return none, nil, err
	}
	return rateable{
		Verified: c, contract: contract, payer: payerOf(contract), tariff: version.at(c.Start), session: session,
		billed: calendar.DateOf(c.Start, contract.ZoneLocation),
	}, nil, nil
}

// payerOf is a contract without counters, as rating sees it. Price lists know a customer by the number of the party.
func payerOf(c customer.Contract) rating.Contract {
	return rating.Contract{No: c.No, Customer: c.PartyNo, Groups: c.Groups}
}

func (b *priceBook) zone(name string) (*time.Location, error) {
	if z, ok := b.zones[name]; ok {
		return z, nil
	}
	z, err := time.LoadLocation(name)
	if err == nil {
		b.zones[name] = z
	}
	return z, err
}

// versionAt returns the version of its tariff that prices a contract's session from an instant on, or nil: of those that are
// valid the newest, but a dearer one only when the contract has had its notice. Until then what held before it goes on, even
// beyond its end.
func (b *priceBook) versionAt(ctx context.Context, c customer.Contract, start time.Time) (*published, error) {
	list := b.versions[c.TariffCode]
	holds, ended := -1, -1
	for i := range list {
		v := &list[i]
		switch {
		case start.Before(v.From):
			continue
		case v.To != nil && !start.Before(*v.To):
			ended = i
			continue
		}
		before := holds
		if before < 0 {
			before = ended
		}
		holds = i
		if before < 0 || !waits(c, v, start) {
			continue
		}
		dearer, err := b.isDearer(ctx, c, &list[before], v)
		if err != nil {
			return nil, err
		}
		if dearer {
			holds = before
		}
	}
	if holds < 0 {
		return nil, nil
	}
	return b.published(ctx, c.TariffCode, list[holds].Version)
}

// waits reports whether the notice of a version still runs for a contract at an instant. A contract that began when the
// version was valid already never had an older price.
func waits(c customer.Contract, v *store.TariffVersion, at time.Time) bool {
	announced := v.AnnouncedOn
	if announced.IsZero() && v.PublishedAt != nil {
		announced = calendar.DateOf(*v.PublishedAt, c.ZoneLocation)
	}
	if c.PriceNoticeDays == 0 || announced.IsZero() || !c.From.Before(calendar.DateOf(v.From, c.ZoneLocation)) {
		return false
	}
	return at.Before(announced.AddDays(c.PriceNoticeDays).Start(c.ZoneLocation))
}

// isDearer reports whether a version could cost a contract more than another.
func (b *priceBook) isDearer(ctx context.Context, c customer.Contract, older, newer *store.TariffVersion) (bool, error) {
	x, err := b.published(ctx, older.Code, older.Version)
	if err != nil {
		return false, err
	}
	y, err := b.published(ctx, newer.Code, newer.Version)
	if err != nil {
		return false, err
	}
	payer := payerOf(c)
	key := fmt.Sprintf("%s %d %d %q", older.Code, older.Version, newer.Version, c.Groups)
	if x.personal || y.personal {
		key += strings.Join([]string{"", c.No, c.PartyNo}, " ")
	}
	known, ok := b.dearer[key]
	if !ok {
		_, known = pricelist.Dearer(x.tariff, y.tariff, &payer)
		b.dearer[key] = known
	}
	return known, nil
}
