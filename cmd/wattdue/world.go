package main

import (
	"context"

	"wattdue/dev/simulate"
	"wattdue/rating"
	"wattdue/sql/store"
)

// loadWorld puts the master data of a simulated provider into the database. Loading it again changes nothing.
func (a *app) loadWorld(ctx context.Context, w *simulate.World) error {
	return a.DB.InTx(ctx, func(tx *store.Tx) error {
		tenant, err := tx.PutTenant(ctx, w.Tenant.Code, w.Tenant.Zone, w.Tenant.Issuer)
		if err != nil {
			return err
		}
		if err := tx.PutParties(ctx, tenant, w.Parties); err != nil {
			return err
		}
		if err := tx.PutContracts(ctx, tenant, w.Contracts); err != nil {
			return err
		}
		if err := tx.PutTokens(ctx, tenant, w.Tokens); err != nil {
			return err
		}
		if err := tx.PutMandates(ctx, tenant, w.Mandates); err != nil {
			return err
		}
		if err := tx.PutEVSEs(ctx, tenant, evsesOf(w)); err != nil {
			return err
		}
		for _, t := range w.Tariffs {
			compiled, err := rating.Compile(t)
			if err != nil {
				return err
			}
			if err := tx.PutTariff(ctx, tenant, t, compiled.Hash()); err != nil {
				return err
			}
		}
		return nil
	})
}

func evsesOf(w *simulate.World) []store.EVSE {
	places := map[string]simulate.Location{}
	for _, l := range w.Locations {
		places[l.ID] = l
	}
	evses := make([]store.EVSE, len(w.EVSEs))
	for i, e := range w.EVSEs {
		l := places[e.LocationID]
		evses[i] = store.EVSE{
			ID: e.ID, LocationID: e.LocationID, LocationName: l.Name, City: l.City, Country: e.Country, Zone: e.Zone,
			MeterID: e.MeterID, SPKI: e.KeySPKI, KeyFrom: e.KeyFrom, KeySource: "simulation",
		}
	}
	return evses
}
