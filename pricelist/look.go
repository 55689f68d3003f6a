package pricelist

import (
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

// Look finds which row prices a component of a session at an instant, and its price; ok is false when none does. The local
// time of the session is that of s.TimeZone, and the time since the start that from s.Start.
type Look func(c rating.Contract, s rating.Session, at time.Time, name rating.Component) (row string, price rating.Price, ok bool)

// Pricer is what a Look needs of the engine; *rating.Compiled is one.
type Pricer interface {
	PriceAt(c rating.Contract, s rating.Session, moment time.Time) []rating.Offer
}

// Engine returns a Look that asks the engine, so that the picture shows what will be charged.
func Engine(p Pricer) Look {
	return func(c rating.Contract, s rating.Session, at time.Time, name rating.Component) (string, rating.Price, bool) {
		for _, o := range p.PriceAt(c, s, at) {
			if o.Component == name {
				return o.Row, o.Price, true
			}
		}
		return "", rating.Price{}, false
	}
}

// Rows returns a Look that asks the rows of a tariff as they stand, whether or not it could be published. It prices no
// energy thresholds: it looks at the first kWh.
func Rows(t rating.Tariff) Look {
	matrices := map[rating.Component]*matrix{}
	for _, c := range components {
		matrices[c.name] = newMatrix(&t, c.name)
	}
	return func(c rating.Contract, s rating.Session, at time.Time, name rating.Component) (string, rating.Price, bool) {
		m := matrices[name]
		if m == nil {
			return "", rating.Price{}, false
		}
		zone := s.TimeZone
		if zone == nil {
			zone = time.UTC
		}
		local := at.In(zone)
		p := place{
			values: [openKeys]string{c.No, c.Customer, "", s.EVSEID, s.Location, s.Zone, s.Operator, s.Country},
			groups: c.Groups, power: powerPoint{s.Power, s.Watts}, channel: s.Channel,
		}
		w := m.winner(m.at(&p), &moment{day: calendar.DateOf(at, zone), minute: local.Hour()*60 + local.Minute(), since: at.Sub(s.Start)})
		if w == nil {
			return "", rating.Price{}, false
		}
		return w.ID, w.price, true
	}
}
