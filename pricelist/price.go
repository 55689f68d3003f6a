package pricelist

import (
	"time"

	"go.yaml.in/yaml/v3"

	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

var priceKeys = []string{"price", "vat", "free", "grace", "step", "started_block", "cap", "cap_per", "tiers", "tiers_by", "pass_through", "markup"}

// prices reads the prices of a row: a component each, with a price or with a price and its rules.
func (p *parser) prices(n *yaml.Node, at string) map[rating.Component]rating.Price {
	if n.Kind == yaml.ScalarNode {
		p.faultf(n, at, "say what the price is for, such as %q; want %s", "energy: 0.49", "energy, charging, idle, occupancy, session, reservation, reservation_time or export")
		return nil
	}
	o, ok := p.object(n, at, componentWords())
	if !ok {
		return nil
	}
	prices := map[rating.Component]rating.Price{}
	for _, c := range components {
		if v := o.values[c.word]; v != nil {
			prices[c.name] = p.price(v, o.field(c.word), c)
		}
	}
	if len(n.Content) == 0 {
		p.faultf(n, at, "there is no price; write one such as %q", "energy: 0.49")
	}
	return prices
}

func (p *parser) price(n *yaml.Node, at string, c component) rating.Price {
	if n.Kind != yaml.MappingNode {
		return rating.Price{Unit: p.unitPrice(n, at, c), VATCode: p.vat}
	}
	o, _ := p.object(n, at, priceKeys)
	price := rating.Price{VATCode: p.vat}
	if code, ok := o.vatCode("vat"); ok {
		price.VATCode = code
	}
	o.step(c, &price)
	if v := o.values["price"]; v != nil {
		unit := c
		if price.StartedBlock {
			unit.unit = "block"
		}
		price.Unit = p.unitPrice(v, o.field("price"), unit)
	}
	o.free(c, &price)
	o.cap(&price)
	o.tiers(c, &price)
	o.passThrough(c, &price)
	if o.values["price"] == nil && o.values["tiers"] == nil && o.values["pass_through"] == nil {
		o.missingf("price", "price is missing; write %q", "price: 0.49 per "+c.unit)
	}
	return price
}

// vatCode reads the code of a VAT rule; which rate it means is told elsewhere.
func (o object) vatCode(name string) (string, bool) {
	s, n, ok := o.text(name, "a VAT code such as standard")
	if !ok {
		return "", false
	}
	switch {
	case s[len(s)-1] == '%' || s[0] >= '0' && s[0] <= '9':
		o.p.faultf(n, o.field(name), "%s is a rate; name the code, such as standard: rates follow country and date", shown(s))
	case !isName(s):
		o.p.faultf(n, o.field(name), "%s is no VAT code; want a word such as standard", shown(s))
	case o.p.known.VATCodes != nil && !o.p.known.VATCodes[s]:
		o.p.faultf(n, o.field(name), "the VAT code %s is not known%s", shown(s), insteadOf(s, o.p.known.VATCodes))
	}
	return s, true
}

// measured reads a quantity that must be of the component's kind: minutes for times, energy for kWh.
func (o object) measured(name string, c component) quantity {
	switch {
	case o.values[name] == nil:
	case c.timed:
		return quantity{time: o.duration(name), isTime: true}
	case c.unit == "kWh":
		return quantity{energy: o.energy(name)}
	default:
		o.p.faultf(o.keys[name], o.field(name), "%s is counted, not measured; take %s out", c.word, name)
	}
	return quantity{}
}

func (o object) free(c component, price *rating.Price) {
	q := o.measured("free", c)
	price.FreeTime, price.FreeEnergy = q.time, q.energy
	switch o.word("grace", string(rating.Deduct), string(rating.Cliff)) {
	case string(rating.Cliff):
		price.Grace = rating.Cliff
	default: // deduct is how the zero value reads
	}
	if o.values["grace"] != nil && o.values["free"] == nil {
		o.p.faultf(o.keys["grace"], o.at, "grace without a free amount; add free, or take grace out")
	}
}

// step reads step and started_block, of which there may be one.
func (o object) step(c component, price *rating.Price) {
	name := "step"
	if o.values["started_block"] != nil {
		name, price.StartedBlock = "started_block", true
		if o.values["step"] != nil {
			o.p.faultf(o.keys["step"], o.at, "step and started_block contradict each other; keep started_block if the price is for a whole block")
		}
	}
	if o.values[name] == nil {
		return
	}
	before := len(o.p.faults)
	q := o.measured(name, c)
	if c.timed {
		price.Step = int64(q.time / time.Second)
	} else {
		price.Step = int64(q.energy)
	}
	if price.Step == 0 && len(o.p.faults) == before && o.values[name].Kind == yaml.ScalarNode {
		o.p.faultf(o.values[name], o.field(name), "a step of nothing has no meaning; take it out or write one such as %s", stepExample(c))
	}
}

func stepExample(c component) string {
	if c.timed {
		return "5 min"
	}
	return "100 Wh"
}

func (o object) cap(price *rating.Price) {
	per := o.word("cap_per", "session", "day")
	n := o.values["cap"]
	if n == nil {
		if o.values["cap_per"] != nil {
			o.p.faultf(o.keys["cap_per"], o.at, "cap_per without a cap; add cap, or take cap_per out")
		}
		return
	}
	price.Cap, price.CapPerDay = o.p.positive(n, o.field("cap"), "a cap"), per == "day"
}

// positive reads an amount that means something only above zero.
func (p *parser) positive(n *yaml.Node, field, what string) money.Price {
	before := len(p.faults)
	v := p.amount(n, field)
	if v == 0 && len(p.faults) == before && n.Kind == yaml.ScalarNode {
		p.faultf(n, field, "%s of 0 would make everything free or mean nothing; leave it out, or set prices to 0", what)
	}
	return v
}

func (o object) tiers(c component, price *rating.Price) {
	price.Volume = o.word("tiers_by", "position", "month") == "month"
	n := o.values["tiers"]
	switch {
	case n == nil && o.values["tiers_by"] != nil:
		o.p.faultf(o.keys["tiers_by"], o.at, "tiers_by without tiers; add tiers, or take tiers_by out")
		return
	case n == nil || n.Kind == yaml.AliasNode:
		return
	case c.name != rating.Energy:
		o.p.faultf(o.keys["tiers"], o.at, "tiers are for energy only")
		return
	case o.values["price"] != nil:
		o.p.faultf(o.keys["price"], o.at, "price and tiers contradict each other; the price stands in the tiers")
		return
	case n.Kind != yaml.SequenceNode || len(n.Content) == 0:
		o.p.faultf(n, o.field("tiers"), "want a list such as %q and %q", "- {to: 100 kWh, price: 0.49}", "- {price: 0.44}")
		return
	}
	var last cdr.MicroKWh
	for i, item := range n.Content {
		tier, ok := o.p.object(item, o.field("tiers"), []string{"to", "price"})
		if !ok {
			continue
		}
		to, before := tier.values["to"], len(o.p.faults)
		below := tier.energy("to")
		switch {
		case to == nil && i < len(n.Content)-1:
			o.p.faultf(item, tier.at, "only the last tier may be open; say where this one ends, such as %q", "to: 100 kWh")
		case to != nil && below <= last && to.Kind == yaml.ScalarNode && len(o.p.faults) == before:
			o.p.faultf(to, tier.field("to"), "%s is not above the tier before; tiers go up", shown(to.Value))
		case to != nil && i == len(n.Content)-1:
			o.p.faultf(to, tier.field("to"), "the last tier must be open, or energy beyond it has no price; leave out its to")
		}
		last = max(last, below)
		if tier.values["price"] == nil {
			o.p.faultf(item, tier.at, "price is missing; write %q", "price: 0.44")
			continue
		}
		price.Tiers = append(price.Tiers, rating.Tier{Below: below, Unit: o.p.unitPrice(tier.values["price"], tier.field("price"), c)})
	}
}

// passThrough reads the operator's own amount as the price, with a markup and a fixed part.
func (o object) passThrough(c component, price *rating.Price) {
	const mostMarkup = 10_000_000 // ten times the price is a typing mistake
	price.PassThrough = o.truth("pass_through")
	if s, n, ok := o.text("markup", "a percentage such as 10 %"); ok {
		price.Markup = o.p.percent(n, o.field("markup"), s, mostMarkup)
		if !price.PassThrough {
			o.p.faultf(o.keys["markup"], o.at, "markup is for prices that pass the operator's amount through; add %q", "pass_through: yes")
		}
	}
	for _, other := range []string{"tiers", "free", "step", "started_block"} {
		if price.PassThrough && o.values[other] != nil {
			o.p.faultf(o.keys[other], o.at, "pass_through and %s contradict each other; what is passed through is the operator's amount as it is", other)
		}
	}
	for _, other := range []string{"cap", "pass_through"} {
		if c.name == rating.Export && o.values[other] != nil {
			o.p.faultf(o.keys[other], o.at, "export has no %s; take it out", other)
		}
	}
}
