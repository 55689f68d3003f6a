package simulate

import (
	"bytes"

	"wattdue/masterdata"
	"wattdue/meter"
	"wattdue/policy"
)

// MasterData is the provider as it is loaded: everything but the charging sessions. Charge points nobody registered are
// not among it.
func (w *World) MasterData() masterdata.File {
	f := masterdata.File{
		Tenant:  masterdata.Tenant{Code: w.Tenant.Code, Zone: w.Tenant.Zone, Profile: meter.DefaultProfile().Name, Issuer: w.Tenant.Issuer},
		Parties: w.Parties, Contracts: w.Contracts, Tokens: w.Tokens, Tariffs: w.Tariffs,
	}
	for _, m := range w.Mandates {
		f.Mandates = append(f.Mandates, masterdata.Mandate{Mandate: m})
	}
	places := map[string]Location{}
	for _, l := range w.Locations {
		places[l.ID] = l
	}
	for _, e := range w.EVSEs {
		l := places[e.LocationID]
		power := policy.AC
		if l.fast {
			power = policy.DC
		}
		f.EVSEs = append(f.EVSEs, masterdata.EVSE{
			ID: e.ID, LocationID: e.LocationID, LocationName: l.Name, City: l.City, Country: e.Country, Zone: e.Zone,
			Power: power, MaxWatts: int(e.MaxWatts),
			Keys: keysOf(&e),
		})
	}
	return f
}

// keysOf lists the keys of a charge point's meters. Another firmware leaves the key as it was.
func keysOf(e *EVSE) []masterdata.MeterKey {
	var keys []masterdata.MeterKey
	for _, m := range e.meters() {
		if n := len(keys); n > 0 && bytes.Equal(keys[n-1].SPKI, m.KeySPKI) {
			continue
		}
		keys = append(keys, masterdata.MeterKey{MeterID: m.MeterID, SPKI: m.KeySPKI, From: m.KeyFrom})
	}
	return keys
}
