package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"wattdue/calendar"
	"wattdue/customer"
	"wattdue/pricelist"
	"wattdue/rating"
	"wattdue/sql/store"
)

// Publication says who publishes a price list.
type Publication struct {
	File        TariffFile
	Actor       string
	AnnouncedOn calendar.Date // when customers were told; zero: on the day it is published
	DryRun      bool          // do everything, then take it back
}

// PublishedVersion is what became of a price list.
type PublishedVersion struct {
	CheckedTariff

	Done   bool // it is published
	Same   bool // it was published before, with the same content
	Change *PriceChange
}

// PriceChange is how a version differs from the one before it, and for whom the older price goes on.
type PriceChange struct {
	Before  int                `json:"version_before"`
	Changes []pricelist.Change `json:"changes"`
	Dearer  bool               `json:"dearer"` // for some session of some contract
	Why     string             `json:"why,omitempty"`
	Later   []LaterPrice       `json:"later,omitempty"`
	// AtOnce is how many contracts pay more from the first moment of the version on: they have no notice period, or it is over
	// by then.
	AtOnce int `json:"dearer_at_once"`
}

// LaterPrice is for how many contracts the version does not count before an instant, because it is dearer for them.
type LaterPrice struct {
	Contracts int       `json:"contracts"`
	Groups    []string  `json:"groups"`
	Days      int       `json:"notice_days"`
	Until     time.Time `json:"until"` // from then on the version counts
	Why       string    `json:"why"`
}

// PublishTariff publishes a price list as a version that never changes. What stands against it is in the result, which is
// then not done; an error says that nothing could be decided. Publishing the same again does nothing and is not audited.
func (e *Env) PublishTariff(ctx context.Context, tenant store.Tenant, p Publication) (PublishedVersion, error) {
	if p.Actor == "" {
		return PublishedVersion{}, errors.New("publishing needs a name; give --actor")
	}
	now, err := e.DB.Clock(ctx)
	if err != nil {
		return PublishedVersion{}, err
	}
	var done PublishedVersion
	err = e.DB.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.LockTariffs(ctx, tenant.ID); err != nil {
			return err
		}
		done = PublishedVersion{}
		if err := publish(ctx, tx, tenant, p, now, &done); err != nil {
			return err
		}
		if p.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return done, err
}

func publish(ctx context.Context, tx *store.Tx, tenant store.Tenant, p Publication, now time.Time, done *PublishedVersion) error {
	checked, versions, err := checkTariff(ctx, tx, tenant, p.File, now)
	if err != nil {
		return err
	}
	done.CheckedTariff = checked
	t := checked.Tariff
	for i := range versions {
		if v := &versions[i]; len(checked.Faults) == 0 && v.Version == t.Version && v.hash == checked.Hash {
			if !p.AnnouncedOn.IsZero() && p.AnnouncedOn != v.AnnouncedOn {
				return fmt.Errorf("tariff %s version %d is published as announced on another date; what customers were told stands, announce the next version",
					v.Code, v.Version)
			}
			done.Done, done.Same, done.Findings = true, true, nil
			return nil
		}
	}
	if !checked.Good() {
		return nil
	}
	version := store.TariffVersion{Code: t.Code, Version: t.Version, From: t.ValidFrom, AnnouncedOn: p.AnnouncedOn, PublishedAt: &now}
	if before := versionBefore(versions, t.ValidFrom); before != nil {
		if done.Change, err = priceChange(ctx, tx, tenant, before.tariff, t, version); err != nil {
			return err
		}
	}
	if err := tx.PutTariff(ctx, tenant.ID, t, checked.Hash, p.AnnouncedOn); err != nil {
		return err
	}
	done.Done = true
	file := sha256.Sum256(p.File.Data)
	return tx.Audit(ctx, tenant.ID, p.Actor, "tariff.publish", fmt.Sprintf("%s@%d", t.Code, t.Version), "", map[string]any{
		"content_sha256": hex.EncodeToString(checked.Hash[:]), "file_sha256": hex.EncodeToString(file[:]), "source": p.File.Name,
		"valid_from": t.ValidFrom,
	})
}

// versionBefore is the version that would hold at an instant were there no newer one: of those valid the newest, else the one
// that ended last.
func versionBefore(list []publishedTariff, at time.Time) *publishedTariff {
	var holds, ended *publishedTariff
	for i := range list {
		v := &list[i]
		switch {
		case at.Before(v.From):
		case v.To == nil || at.Before(*v.To):
			holds = v
		case ended == nil || v.To.After(*ended.To):
			ended = v
		}
	}
	if holds == nil {
		return ended
	}
	return holds
}

// priceChange compares a version with the one before it, for all and for each kind of contract.
func priceChange(ctx context.Context, tx *store.Tx, tenant store.Tenant, older, newer rating.Tariff, v store.TariffVersion) (*PriceChange, error) {
	change := &PriceChange{Before: older.Version, Changes: append([]pricelist.Change{}, pricelist.Diff(older, newer)...)}
	if change.Why, change.Dearer = pricelist.Dearer(older, newer, nil); !change.Dearer {
		return change, nil
	}
	groups, err := tx.NoticeGroups(ctx, tenant.ID, v.Code, v.From, isPersonal(older) || isPersonal(newer))
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		why, dearer := pricelist.Dearer(older, newer, &rating.Contract{No: g.Contract, Customer: g.Customer, Groups: g.Groups})
		if !dearer {
			continue
		}
		zone, err := time.LoadLocation(g.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of contracts: %w", err)
		}
		if !waits(customer.Contract{PriceNoticeDays: g.Days, ZoneLocation: zone}, &v, v.From) {
			change.AtOnce += g.Count
			continue
		}
		change.later(LaterPrice{Contracts: g.Count, Groups: append([]string{}, g.Groups...), Days: g.Days, Until: noticeEnd(v, g.Days, zone), Why: why})
	}
	return change, nil
}

// later adds contracts for which the older price goes on; those that are alike are counted together.
func (c *PriceChange) later(p LaterPrice) {
	for i := range c.Later {
		o := &c.Later[i]
		if o.Until.Equal(p.Until) && o.Days == p.Days && o.Why == p.Why && fmt.Sprint(o.Groups) == fmt.Sprint(p.Groups) {
			o.Contracts += p.Contracts
			return
		}
	}
	c.Later = append(c.Later, p)
}

// noticeEnd is when the notice of a version is over for contracts of a zone.
func noticeEnd(v store.TariffVersion, days int, zone *time.Location) time.Time {
	announced := v.AnnouncedOn
	if announced.IsZero() {
		announced = calendar.DateOf(*v.PublishedAt, zone)
	}
	return announced.AddDays(days).Start(zone)
}

// isPersonal reports whether rows name contracts or customers.
func isPersonal(t rating.Tariff) bool {
	for i := range t.Rows {
		if len(t.Rows[i].Contracts)+len(t.Rows[i].Customers) > 0 {
			return true
		}
	}
	return false
}
