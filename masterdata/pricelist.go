package masterdata

import (
	"time"

	"wattdue/invoicing"
	"wattdue/pricelist"
	"wattdue/rating"
)

// priceList reads a tariff version given as the text of a price list (docs/formats/tariff.md). A fault is told with its
// line and column in that text. The list must be good for publication, beside whatever was published before.
func (p *parser) priceList(r *record, m member) rating.Tariff {
	if !r.typed(m, isText, "the text of a price list") {
		return rating.Tariff{}
	}
	t, faults := pricelist.Parse("", []byte(m.value.text), pricelist.Known{
		TimeZone: func(name string) (*time.Location, error) { return p.look.Zone(name) },
		VATCodes: pricelist.Names{invoicing.StandardRate: true, invoicing.Penalty: true},
	})
	for _, f := range faults {
		p.fault(m.line, r.at+m.name, f.String())
	}
	if len(faults) > 0 {
		return t
	}
	for _, f := range pricelist.Check(t, pricelist.Ground{}) {
		if f.Severity == pricelist.Error {
			p.fault(m.line, r.at+m.name, f.Text)
		}
	}
	return t
}

// plain is a tariff without what the rows of this format cannot say. What equals it can be written as rows.
func plain(t rating.Tariff) rating.Tariff {
	simple := rating.Tariff{
		Code: t.Code, Version: t.Version, ValidFrom: t.ValidFrom, ValidTo: t.ValidTo, Currency: t.Currency, Mode: t.Mode,
		ZeroBelow: t.ZeroBelow, ZeroUnder: t.ZeroUnder,
	}
	for _, r := range t.Rows {
		row := rating.Row{ID: r.ID, Priority: r.Priority, Groups: r.Groups, Locations: r.Locations, Prices: map[rating.Component]rating.Price{}}
		for _, c := range rowComponents {
			if price, ok := r.Prices[c]; ok {
				kept := rating.Price{Unit: price.Unit, VATCode: price.VATCode}
				if c == rating.Charging || c == rating.Idle {
					kept.FreeTime = price.FreeTime
				}
				row.Prices[c] = kept
			}
		}
		simple.Rows = append(simple.Rows, row)
	}
	return simple
}

// asRows reports whether the rows of this format say all that a tariff says.
func asRows(t rating.Tariff) bool {
	a, errA := rating.Compile(t)
	b, errB := rating.Compile(plain(t))
	if errA != nil || errB != nil {
		return errA != nil // Parse tells what is wrong with it
	}
	return a.Hash() == b.Hash()
}
