package pricelist

import (
	"slices"

	"wattdue/rating"
)

// fastWatts is from where on the Regulation limits what an ad-hoc price may consist of.
const fastWatts = 50_000

// adHoc checks the prices of customers without a contract: at public points of 50 kW and more an ad-hoc price is a price per
// kWh, beside which there may be an occupancy fee per minute (Regulation (EU) 2023/1804, art. 5(4)). A fee for idle minutes is such a fee
// as well. A tariff is taken to be offered ad hoc when the publisher says so or a row names the channel.
func (c *checker) adHoc() {
	offered := c.ground.AdHoc
	for i := range c.t.Rows {
		offered = offered || listed(c.t.Rows[i].Channels, "ad_hoc")
	}
	if !offered {
		return
	}
	before := len(c.found)
	for i := range c.t.Rows {
		if r := &c.t.Rows[i]; c.fastAdHoc(r) {
			c.adHocRow(r)
		}
	}
	if c.t.SessionMin > 0 {
		for i := range c.t.Rows {
			if c.fastAdHoc(&c.t.Rows[i]) {
				c.addf(Error, AdHocPrice, "", "session_minimum is a fee beside the price per kWh, which ad-hoc charging at 50 kW and more must not have (AFIR, art. 5); "+
					"take it out, or make a tariff of its own for ad-hoc charging")
				break
			}
		}
	}
	if len(c.found) > before {
		return
	}
	priced := slices.ContainsFunc(c.t.Rows, func(r rating.Row) bool {
		_, ok := r.Prices[rating.Energy]
		return ok && c.fastAdHoc(&r)
	})
	any := slices.ContainsFunc(c.t.Rows, func(r rating.Row) bool { return c.fastAdHoc(&r) })
	if any && !priced {
		c.addf(Error, AdHocPrice, "", "ad-hoc charging at 50 kW and more must be priced per kWh (AFIR, art. 5), but no row has an energy price for it; add one")
	}
}

// fastAdHoc reports whether a row can price an ad-hoc session at a public point of 50 kW or more. Nobody without a contract
// is in a group.
func (c *checker) fastAdHoc(r *rating.Row) bool {
	if len(r.Contracts)+len(r.Customers)+len(r.Groups) > 0 || len(r.Channels) > 0 && !listed(r.Channels, "ad_hoc") {
		return false
	}
	if c.ground.Private != nil && len(r.Locations) > 0 && !slices.ContainsFunc(r.Locations, func(l string) bool { return !c.ground.Private(l) }) {
		return false
	}
	return len(r.Power) == 0 || slices.ContainsFunc(r.Power, func(v string) bool {
		_, high, isRange := wattRange(v)
		return !isRange || high == 0 || high > fastWatts
	})
}

func (c *checker) adHocRow(r *rating.Row) {
	const advice = "limit the row to other channels or to power below 50 kW, or take the price out"
	for _, comp := range components {
		p, ok := r.Prices[comp.name]
		if !ok {
			continue
		}
		switch comp.name {
		case rating.Energy, rating.Idle, rating.Occupancy:
			if p.StartedBlock && p.Unit > 0 {
				c.addf(Error, AdHocPrice, r.ID, "%s is sold in blocks, but ad-hoc charging at 50 kW and more must be priced per kWh, and its occupancy per minute (AFIR, art. 5); %s",
					comp.word, advice)
			}
			if p.PassThrough && p.Unit > 0 {
				c.addf(Error, AdHocPrice, r.ID, "%s has a fixed part per session, which ad-hoc charging at 50 kW and more must not have (AFIR, art. 5); %s", comp.word, advice)
			}
		case rating.Export:
		case rating.Charging, rating.PerUse, rating.Reservation, rating.ReservationMin:
			if p.Unit > 0 || p.PassThrough {
				c.addf(Error, AdHocPrice, r.ID, "%s has a price, but ad-hoc charging at public points of 50 kW and more may cost per kWh, and per minute of occupancy, only (AFIR, art. 5); %s",
					comp.word, advice)
			}
		}
	}
}
