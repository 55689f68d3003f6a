package pricelist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/money"
	"wattdue/rating"
)

// Change is one thing in which two versions differ.
type Change struct {
	Where string `json:"where"` // such as "row night, energy"; empty: the tariff as a whole
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Text  string `json:"text"`
}

// String prints the change on one line.
func (c Change) String() string {
	text := c.Text
	if c.From != "" || c.To != "" {
		text += ": " + orNothing(c.From) + " -> " + orNothing(c.To)
	}
	if c.Where == "" {
		return text
	}
	return c.Where + ": " + text
}

func orNothing(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Diff lists in which a new version of a tariff differs from an old one: first the tariff as a whole, then its rows by
// their ids in the order of the new version, those that were taken out last. The number of the version is no difference,
// nor is the order of rows or of names in a key.
func Diff(older, newer rating.Tariff) []Change {
	d := &differ{}
	d.head(&older, &newer)
	d.rows(older.Rows, newer.Rows)
	d.discounts(older.Discounts, newer.Discounts)
	return d.list
}

type differ struct{ list []Change }

func (d *differ) compare(where, text, from, to string) {
	if from != to {
		d.list = append(d.list, Change{where, from, to, text})
	}
}

func (d *differ) sayf(where, format string, args ...any) {
	d.list = append(d.list, Change{Where: where, Text: fmt.Sprintf(format, args...)})
}

func (d *differ) head(a, b *rating.Tariff) {
	d.compare("", "tariff", a.Code, b.Code)
	d.compare("", "valid from", instantText(a.ValidFrom), instantText(b.ValidFrom))
	d.compare("", "valid until", openEnd(a.ValidTo), openEnd(b.ValidTo))
	d.compare("", "currency", string(a.Currency), string(b.Currency))
	d.compare("", "mode", string(a.Mode), string(b.Mode))
	d.compare("", "session minimum", limitText(a.SessionMin), limitText(b.SessionMin))
	d.compare("", "minimum also where nothing was billable", yesNo(a.MinOnZero), yesNo(b.MinOnZero))
	d.compare("", "session maximum", limitText(a.SessionMax), limitText(b.SessionMax))
	d.compare("", "VAT of the minimum", a.LimitVAT, b.LimitVAT)
	d.compare("", "free of charge", spellZero(a.ZeroBelow, a.ZeroUnder), spellZero(b.ZeroBelow, b.ZeroUnder))
	d.compare("", "free without a price", freeText(a.Free), freeText(b.Free))
	d.compare("", "rounded at", string(orLine(a.Round)), string(orLine(b.Round)))
	d.compare("", "rounding", roundingText(a.Rounding), roundingText(b.Rounding))
	d.compare("", "energy over price changes", splitText(a.Split), splitText(b.Split))
	d.holidays(a.Holidays, b.Holidays)
}

func (d *differ) holidays(a, b *rating.Holidays) {
	x, y := rating.Holidays{}, rating.Holidays{}
	if a != nil {
		x = *a
	}
	if b != nil {
		y = *b
	}
	d.compare("", "holidays", x.Name, y.Name)
	if a == nil || b == nil {
		return
	}
	var more, fewer []string
	for _, day := range y.Days {
		if !slices.Contains(x.Days, day) {
			more = append(more, day.String())
		}
	}
	for _, day := range x.Days {
		if !slices.Contains(y.Days, day) {
			fewer = append(fewer, day.String())
		}
	}
	if len(more) > 0 {
		d.sayf("", "new holidays: %s", several(more))
	}
	if len(fewer) > 0 {
		d.sayf("", "no holidays any more: %s", several(fewer))
	}
}

func openEnd(t time.Time) string {
	if t.IsZero() {
		return "open end"
	}
	return instantText(t)
}

func limitText(p money.Price) string {
	if p == 0 {
		return ""
	}
	return p.String()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func freeText(list []rating.Component) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, componentOf(c).word)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func orLine(r rating.RoundAt) rating.RoundAt {
	if r == "" {
		return rating.AtLine
	}
	return r
}

func roundingText(m money.Rounding) string {
	for _, r := range roundings {
		if r.mode == m {
			return r.word
		}
	}
	return string(m)
}

func splitText(s rating.EnergySplit) string {
	if s == "" {
		return "as the law of the place allows"
	}
	return string(s)
}

func (d *differ) rows(older, newer []rating.Row) {
	for _, b := range newer {
		i := slices.IndexFunc(older, func(r rating.Row) bool { return r.ID == b.ID })
		where := "row " + shown(b.ID)
		if i < 0 {
			d.sayf(where, "added (%s): %s", spellWhenLine(b), pricesText(b))
			continue
		}
		d.row(where, &older[i], &b)
	}
	for _, a := range older {
		if !slices.ContainsFunc(newer, func(r rating.Row) bool { return r.ID == a.ID }) {
			d.sayf("row "+shown(a.ID), "taken out (%s): %s", spellWhenLine(a), pricesText(a))
		}
	}
}

func pricesText(r rating.Row) string {
	var parts []string
	for _, c := range components {
		if p, ok := r.Prices[c.name]; ok {
			parts = append(parts, c.word+" "+spellPrice(c, p))
		}
	}
	return strings.Join(parts, "; ")
}

func (d *differ) row(where string, a, b *rating.Row) {
	if a.Priority != b.Priority {
		d.compare(where, "priority", fmt.Sprint(a.Priority), fmt.Sprint(b.Priority))
	}
	d.conditions(where, a, b)
	for _, c := range components {
		p, before := a.Prices[c.name]
		q, after := b.Prices[c.name]
		switch {
		case before && after:
			d.price(where+", "+c.word, c, p, q)
		case before:
			d.sayf(where+", "+c.word, "price taken out (%s)", spellPrice(c, p))
		case after:
			d.sayf(where+", "+c.word, "price added: %s", spellPrice(c, q))
		}
	}
}

// conditions compares what a row is for, key by key.
func (d *differ) conditions(where string, a, b *rating.Row) {
	keys := func(r *rating.Row) map[string]string {
		sorted := *r
		for _, list := range []*[]string{
			&sorted.Contracts, &sorted.Customers, &sorted.Groups, &sorted.EVSEs, &sorted.Locations, &sorted.Zones, &sorted.Operators, &sorted.Countries,
			&sorted.Power, &sorted.Channels,
		} {
			*list = slices.Sorted(slices.Values(*list))
		}
		sorted.Moving.DayTypes = slices.Sorted(slices.Values(sorted.Moving.DayTypes))
		sorted.Moving.Days = slices.Sorted(slices.Values(sorted.Moving.Days))
		sorted.Moving.Times = slices.SortedFunc(slices.Values(sorted.Moving.Times), func(x, y rating.Window) int { return x.From - y.From })
		m := map[string]string{}
		for _, line := range spellWhen(sorted) {
			key, value, _ := strings.Cut(line, ": ")
			m[key] = value
		}
		return m
	}
	x, y := keys(a), keys(b)
	for _, key := range whenKeys {
		from, to := x[key], y[key]
		if from != to && from == "" {
			from = "any"
		}
		if from != to && to == "" {
			to = "any"
		}
		d.compare(where, strings.ReplaceAll(key, "_", " "), from, to)
	}
}

// price compares two prices: the number alone where nothing else changed, else in words.
func (d *differ) price(where string, c component, a, b rating.Price) {
	from, to := spellPrice(c, a), spellPrice(c, b)
	if from == to {
		d.compare(where, "VAT", a.VATCode, b.VATCode)
		return
	}
	x, y := a, b
	x.Unit, y.Unit = 0, 0
	if spellPrice(c, x) == spellPrice(c, y) && len(a.Tiers) == 0 {
		d.compare(where, "price", a.Unit.String(), b.Unit.String())
		return
	}
	d.compare(where, "price", from, to)
}

func (d *differ) discounts(older, newer []rating.Discount) {
	for i, b := range newer {
		at := slices.IndexFunc(older, func(o rating.Discount) bool { return o.ID == b.ID })
		where := "discount " + shown(b.ID)
		if at < 0 {
			d.sayf(where, "added: %s", spellDiscount(b))
			continue
		}
		d.compare(where, "changed", spellDiscount(older[at]), spellDiscount(newer[i]))
	}
	for _, a := range older {
		if !slices.ContainsFunc(newer, func(o rating.Discount) bool { return o.ID == a.ID }) {
			d.sayf("discount "+shown(a.ID), "taken out: %s", spellDiscount(a))
		}
	}
	order := func(list, other []rating.Discount) (ids []string) {
		for _, x := range list {
			if slices.ContainsFunc(other, func(o rating.Discount) bool { return o.ID == x.ID }) {
				ids = append(ids, x.ID)
			}
		}
		return ids
	}
	d.compare("", "order of the discounts", strings.Join(order(older, newer), ", "), strings.Join(order(newer, older), ", "))
}
