package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wattdue/calendar"
	"wattdue/invoicing"
	"wattdue/pricelist"
	"wattdue/rating"
	"wattdue/sql/store"
)

// TariffFile is a price list as text.
type TariffFile struct {
	Name string // in messages
	Data []byte
	// Unknown allows names of groups, places and contracts that the tenant does not have yet.
	Unknown bool
}

// CheckedTariff is a price list that was read and judged. With faults there is nothing to judge.
type CheckedTariff struct {
	Tariff   rating.Tariff
	Hash     [32]byte // of its content; zero where the engine refuses it
	Faults   pricelist.Faults
	Findings []pricelist.Finding
}

// Good reports whether the version can be published.
func (c CheckedTariff) Good() bool {
	return len(c.Faults) == 0 && !slices.ContainsFunc(c.Findings, func(f pricelist.Finding) bool { return f.Severity == pricelist.Error })
}

// vatCodes are the codes a tariff may name.
var vatCodes = pricelist.Names{invoicing.StandardRate: true, invoicing.Penalty: true}

// CheckTariff reads and judges a price list by what it says alone.
func CheckTariff(f TariffFile) CheckedTariff {
	return judgeTariff(f, pricelist.Known{}, pricelist.Ground{})
}

// JudgeTariff judges a tariff that was read before.
func JudgeTariff(t rating.Tariff) CheckedTariff {
	c := CheckedTariff{Tariff: t}
	c.judge(pricelist.Ground{})
	return c
}

func judgeTariff(f TariffFile, known pricelist.Known, ground pricelist.Ground) CheckedTariff {
	known.TimeZone, known.VATCodes = time.LoadLocation, vatCodes
	var c CheckedTariff
	if c.Tariff, c.Faults = pricelist.Parse(f.Name, f.Data, known); len(c.Faults) == 0 {
		c.judge(ground)
	}
	return c
}

func (c *CheckedTariff) judge(ground pricelist.Ground) {
	// A version keeps no zone: half a day later it is the day it begins on nearly everywhere.
	on := calendar.DateOf(c.Tariff.ValidFrom.Add(12*time.Hour), time.UTC)
	ground.VAT = func(country, code string) bool {
		_, _, err := invoicing.TaxRate(country, code, on)
		return err == nil
	}
	c.Findings = pricelist.Check(c.Tariff, ground)
	if compiled, err := rating.Compile(c.Tariff); err == nil {
		c.Hash = compiled.Hash()
	}
}

// CheckTariff reads and judges a price list beside what a tenant has: groups, places, contracts and published versions.
func (e *Env) CheckTariff(ctx context.Context, tenant store.Tenant, f TariffFile) (CheckedTariff, error) {
	var c CheckedTariff
	now, err := e.DB.Clock(ctx)
	if err != nil {
		return c, err
	}
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		var err error
		c, _, err = checkTariff(ctx, tx, tenant, f, now)
		return err
	})
	return c, err
}

// publishedTariff is a version as it was published.
type publishedTariff struct {
	store.TariffVersion

	tariff rating.Tariff
	hash   [32]byte
}

// checkTariff judges a price list in a transaction. It also returns the versions of the tariff that are published.
func checkTariff(ctx context.Context, tx *store.Tx, tenant store.Tenant, f TariffFile, now time.Time) (CheckedTariff, []publishedTariff, error) {
	c := CheckTariff(f)
	if len(c.Faults) > 0 {
		return c, nil, nil
	}
	versions, err := allVersions(ctx, tx, tenant.ID, c.Tariff.Code)
	if err != nil {
		return c, nil, err
	}
	world, err := tx.TariffWorld(ctx, tenant.ID, namesIn(c.Tariff))
	if err != nil {
		return c, nil, err
	}
	ground := pricelist.Ground{Countries: world.Countries, At: now}
	for i := range versions {
		ground.Published = append(ground.Published, versions[i].tariff)
	}
	known := pricelist.Known{}
	if !f.Unknown {
		known = pricelist.Known{
			Groups: namesOf(world.Groups), Locations: namesOf(world.Locations), Zones: namesOf(world.Zones),
			Contracts: namesOf(world.Contracts), Customers: namesOf(world.Customers), EVSEs: namesOf(world.EVSEs),
		}
	}
	return judgeTariff(f, known, ground), versions, nil
}

// namesIn are the names in a tariff of which a tenant may have many.
func namesIn(t rating.Tariff) store.TariffNames {
	var n store.TariffNames
	for i := range t.Rows {
		r := &t.Rows[i]
		n.Contracts, n.Customers, n.EVSEs = append(n.Contracts, r.Contracts...), append(n.Customers, r.Customers...), append(n.EVSEs, r.EVSEs...)
	}
	return store.TariffNames{Contracts: unique(n.Contracts), Customers: unique(n.Customers), EVSEs: unique(n.EVSEs)}
}

func namesOf(list []string) pricelist.Names {
	names := make(pricelist.Names, len(list))
	for _, s := range list {
		names[s] = true
	}
	return names
}

// allVersions reads the published versions of a tariff with their content, the oldest first.
func allVersions(ctx context.Context, tx *store.Tx, tenant int, code string) ([]publishedTariff, error) {
	heads, err := tx.TariffVersions(ctx, tenant, []string{code})
	if err != nil {
		return nil, err
	}
	list := make([]publishedTariff, len(heads))
	for i, h := range heads {
		t, err := tx.Tariff(ctx, tenant, h.Code, h.Version)
		if err != nil {
			return nil, err
		}
		hash, err := tx.TariffHash(ctx, tenant, t)
		if err != nil {
			return nil, err
		}
		list[i] = publishedTariff{TariffVersion: h, tariff: t, hash: [32]byte(hash)}
	}
	return list, nil
}

// PublishedTariff returns a published version of a tariff; version 0 is the one that is valid now, else the newest.
func (e *Env) PublishedTariff(ctx context.Context, tenant store.Tenant, code string, version int) (rating.Tariff, error) {
	now, err := e.DB.Clock(ctx)
	if err != nil {
		return rating.Tariff{}, err
	}
	var t rating.Tariff
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		number := version
		if number == 0 {
			heads, err := tx.TariffVersions(ctx, tenant.ID, []string{code})
			if err != nil {
				return err
			}
			number = versionNow(heads, now)
		}
		t, err = tx.Tariff(ctx, tenant.ID, code, number)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		what := "tariff " + code
		if version > 0 {
			what += fmt.Sprintf(" version %d", version)
		}
		err = fmt.Errorf("%s is not published, and there is no file of that name; list what is with: wattdue tariff list", what)
	}
	return t, err
}

// versionNow is the number of the newest version that is valid, else the newest; 0 when there is none. Versions come with
// the oldest first.
func versionNow(list []store.TariffVersion, now time.Time) int {
	number := 0
	for _, v := range list {
		if !now.Before(v.From) && (v.To == nil || now.Before(*v.To)) {
			number = v.Version
		}
	}
	if number == 0 && len(list) > 0 {
		number = list[len(list)-1].Version
	}
	return number
}
