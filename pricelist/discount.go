package pricelist

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

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
	if slices.Contains(d.Components, rating.Export) {
		p.faultf(o.values["on"], o.field("on"), "what is paid for export cannot be discounted; take export out")
	}
	o.minus(&d)
	if s, n, ok := o.text("best_of", "a word shared by the discounts of which only the best counts"); ok {
		if !isID(s) {
			p.faultf(n, o.field("best_of"), "%s is no name; want at most 60 letters, digits and other signs on one line", shown(s))
		}
		d.BestOf = s
	}
	return d
}

// minus reads a percentage or an amount.
func (o object) minus(d *rating.Discount) {
	if o.values["minus"] == nil {
		o.missingf("minus", "minus is missing; want %s", wantMinus)
		return
	}
	s, n, ok := o.text("minus", wantMinus)
	if !ok {
		return
	}
	field, before := o.field("minus"), len(o.p.faults)
	if strings.HasSuffix(s, "%") {
		d.Percent = o.p.percent(n, field, s, 1_000_000)
	} else {
		amount, rest, ok := o.p.money(n, field, s)
		if ok && rest != "" {
			o.p.faultf(n, field, "%s is not understood; want %s", shown(s), wantMinus)
		}
		d.Amount = amount
	}
	if d.Percent == 0 && d.Amount == 0 && len(o.p.faults) == before {
		o.p.faultf(n, field, "a discount of 0 means nothing; take it out")
	}
}

// amountOf prints what a discount takes off.
func amountOf(d rating.Discount) string {
	if d.Percent != 0 {
		return d.Percent.Percent() + " %"
	}
	return d.Amount.String()
}
