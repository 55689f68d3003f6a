package pricelist

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"wattdue/money"
	"wattdue/rating"
)

const wantMinus = "what is taken off, such as 15 % or 2.00"

func (o object) discounts() []rating.Discount {
	n := o.values["discounts"]
	if n == nil || n.Kind == yaml.AliasNode {
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		o.p.faultf(n, "discounts", "want a list; each discount begins with a hyphen, such as %q", "- {id: staff, groups: staff, minus: 15 %}")
		return nil
	}
	var list []rating.Discount
	lines := map[string]int{}
	for i, item := range n.Content {
		list = append(list, o.p.discount(item, i, lines))
	}
	return list
}

func (p *parser) discount(n *yaml.Node, i int, lines map[string]int) rating.Discount {
	at := "discount " + strconv.Itoa(i+1)
	o, ok := p.object(n, at, []string{"id", "groups", "on", "minus", "best_of"})
	if !ok {
		return rating.Discount{}
	}
	d := rating.Discount{}
	if s, id, ok := o.need("id", "a name for the discount, such as staff: bills show it"); ok {
		d.ID = s
		o.at = "discount " + shown(s)
		switch {
		case !isID(s):
			p.faultf(id, at, "%s is no id; want at most 60 letters, digits and other signs on one line", shown(s))
		case lines[s] != 0:
			p.faultf(id, at, "the id %s is there twice, first in line %d; give each discount its own", shown(s), lines[s])
		}
		lines[s] = id.Line
	}
	d.Groups = o.names("groups", "names of customer groups", p.known.Groups)
	d.Components = o.componentList("on")
	o.minus(&d)
	if s, n, ok := o.text("best_of", "a word shared by the discounts of which only the best counts"); ok {
		if !isID(s) {
			p.faultf(n, o.field("best_of"), "%s is no name; want at most 60 letters, digits and other signs on one line", shown(s))
		}
		d.BestOf = s
	}
	return d
}

// minus reads a percentage, an amount, or one of each.
func (o object) minus(d *rating.Discount) {
	if o.values["minus"] == nil {
		o.missing("minus", "minus is missing; want %s", wantMinus)
		return
	}
	field := o.field("minus")
	for _, it := range o.list("minus", wantMinus) {
		before := len(o.p.faults)
		var to *int64
		var v int64
		if strings.HasSuffix(it.text, "%") {
			to, v = (*int64)(&d.Percent), int64(o.p.percent(it.node, field, it.text, 1_000_000))
		} else {
			amount, rest, ok := o.p.money(it.node, field, it.text)
			if ok && rest != "" {
				o.p.faultf(it.node, field, "%s is not understood; want %s", shown(it.text), wantMinus)
			}
			to, v = (*int64)(&d.Amount), int64(amount)
		}
		switch {
		case len(o.p.faults) > before:
		case v == 0:
			o.p.faultf(it.node, field, "a discount of 0 means nothing; take it out, or want %s", wantMinus)
		case *to != 0:
			o.p.faultf(it.node, field, "give one percentage and one amount at most")
		default:
			*to = v
		}
	}
}

// amountOf prints what a discount takes off.
func amountOf(d rating.Discount) []string {
	var parts []string
	if d.Percent != 0 {
		parts = append(parts, d.Percent.Percent()+" %")
	}
	if d.Amount != money.Price(0) {
		parts = append(parts, d.Amount.String())
	}
	return parts
}
