package simulate

import (
	"fmt"
	"time"
)

// Location is a place with charge points. Country is ISO 3166 alpha-3, as OCPI writes it.
type Location struct {
	ID         string
	Name       string
	Street     string
	PostalCode string
	City       string
	Country    string
	Latitude   string
	Longitude  string
	Zone       string
	CPO        string // OCPI party id of who runs it; the country of the party is DE

	fast      bool  // direct current
	staffOnly bool  // the public has no price here
	make      brand // of the meters
}

// EVSE is a charge point with its meter. It is registered: the provider has its key.
type EVSE struct {
	ID         string // eMI3 form
	UID        string // the CPO's own id
	LocationID string
	Country    string // ISO 3166 alpha-2
	Zone       string
	PowerType  string // as in OCPI
	MaxWatts   int64
	Meter
	Later []Meter // that replaced it during the month: another one, or the same with another key or firmware

	place int // index of the location
	make  brand
}

// locations returns the places. Charge points are dealt out to them in this order, so that small fleets have the
// interesting ones.
func locations() []Location {
	list := []Location{
		{ID: "LOC-KI-FOERDE", Name: "Parkhaus Fördeblick", Street: "Kaistraße 112", PostalCode: "24103", City: "Kiel", Latitude: "54.315", Longitude: "10.134", CPO: "FSW"},
		{ID: "LOC-NM-DEPOT", Name: "Betriebshof Nordlicht", Street: "Stromweg 3", PostalCode: "24537", City: "Neumünster", Latitude: "54.081", Longitude: "9.983", CPO: "NLC", staffOnly: true},
		{ID: "LOC-A7-OST", Name: "Rasthof Ochsenweg Ost", Street: "An der A 7", PostalCode: "24623", City: "Großenaspe", Latitude: "53.972", Longitude: "9.945", CPO: "RAL", fast: true},
		{ID: "LOC-HH-HAFEN", Name: "Hafenquartier Überseekai", Street: "Überseekai 8", PostalCode: "20457", City: "Hamburg", Latitude: "53.541", Longitude: "9.999", CPO: "NLC"},
		{ID: "LOC-HL-ALTSTADT", Name: "Altstadtgarage Mühlentor", Street: "Mühlenwall 21", PostalCode: "23552", City: "Lübeck", Latitude: "53.861", Longitude: "10.690", CPO: "FSW"},
		{ID: "LOC-FL-HOTEL", Name: "Hotel Nordertor", Street: "Fördestraße 40", PostalCode: "24939", City: "Flensburg", Latitude: "54.797", Longitude: "9.432", CPO: "FSW"},
		{ID: "LOC-HH-ELBE", Name: "Schnellladepark Elbe", Street: "Osdorfer Ring 210", PostalCode: "22549", City: "Hamburg", Latitude: "53.586", Longitude: "9.866", CPO: "RAL", fast: true},
		{ID: "LOC-HRO-WARNOW", Name: "Möbelhaus Warnow", Street: "Petersdamm 55", PostalCode: "18055", City: "Rostock", Latitude: "54.089", Longitude: "12.147", CPO: "NLC"},
		{ID: "LOC-B-HOEFE", Name: "Köpenicker Höfe", Street: "Köpenicker Straße 199", PostalCode: "10179", City: "Berlin", Latitude: "52.509", Longitude: "13.427", CPO: "NLC"},
		{ID: "LOC-HB-WESER", Name: "Weserpark Süd", Street: "Hans-Bredow-Straße 90", PostalCode: "28307", City: "Bremen", Latitude: "53.060", Longitude: "8.915", CPO: "RAL", fast: true},
	}
	for i := range list {
		list[i].Country, list[i].Zone = "DEU", ZoneName
		list[i].make = makes[list[i].ID]
	}
	return list
}

// newFleet deals the charge points out to the locations.
func newFleet(o Options, places []Location) ([]EVSE, error) {
	fleet := make([]EVSE, o.EVSEs)
	for i := range fleet {
		e, err := newEVSE(o, places, i%len(places), i+1)
		if err != nil {
			return nil, err
		}
		fleet[i] = e
	}
	return fleet, nil
}

// firstMeter is where the numbers of meters begin; those of meters that come later are secondMeter higher.
const (
	firstMeter  = 4_100_000
	secondMeter = 500_000
)

// newEVSE returns charge point number n. Its key is in force since the year before the month.
func newEVSE(o Options, places []Location, place, n int) (EVSE, error) {
	p := places[place]
	e := EVSE{
		ID:         fmt.Sprintf("DE*%s*E%04d*1", p.CPO, n),
		UID:        fmt.Sprintf("%s-%04d", p.CPO, n),
		LocationID: p.ID, Country: "DE", Zone: p.Zone,
		PowerType: "AC_3_PHASE", MaxWatts: 22_000,
		place: place, make: p.make,
	}
	if p.fast {
		e.PowerType, e.MaxWatts = "DC", 150_000
	}
	var err error
	since := time.Date(o.Month.First.Year-1, time.January, 1, 0, 0, 0, 0, time.UTC)
	e.Meter, err = newMeter(o, p.make, uint32(firstMeter+n), e.ID, since)
	return e, err
}

// addGhosts builds one unregistered charge point for each session that needs one, beside the session's real one.
func (w *World) addGhosts() error {
	for i := range w.Sessions {
		s := &w.Sessions[i]
		if s.Fault != UnknownKey {
			continue
		}
		n := len(w.ghosts)
		e, err := newEVSE(w.Options, w.Locations, w.EVSEs[s.EVSE].place, 90_001+n)
		if err != nil {
			return err
		}
		w.ghosts = append(w.ghosts, e)
		s.ghost = n
	}
	return nil
}
