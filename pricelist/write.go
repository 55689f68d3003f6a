package pricelist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

// Write returns a tariff as a file. Parse reads it back as it was, for every tariff that Parse can return; instants are
// written in UTC, because a version does not keep the zone of the day it begins on.
func Write(t rating.Tariff) []byte {
	w := &writer{vat: commonVAT(t)}
	w.line("tariff", quoted(t.Code))
	w.line("version", fmt.Sprint(t.Version))
	w.line("valid_from", t.ValidFrom.UTC().Format(time.RFC3339))
	if !t.ValidTo.IsZero() {
		w.line("valid_until", t.ValidTo.UTC().Format(time.RFC3339))
	}
	w.line("currency", string(t.Currency))
	w.line("mode", string(t.Mode))
	if w.vat != defaultVAT {
		w.line("vat", quoted(w.vat))
	}
	w.head(t)
	rows := t.Rows
	if len(rows) > 0 && isBase(rows[0]) {
		w.printf("price:\n")
		w.prices("  ", rows[0].Prices)
		rows = rows[1:]
	}
	if len(rows) > 0 {
		w.printf("rows:\n")
	}
	for _, r := range rows {
		w.row(r)
	}
	if len(t.Discounts) > 0 {
		w.printf("discounts:\n")
	}
	for _, d := range t.Discounts {
		w.discount(d)
	}
	return []byte(w.String())
}

type writer struct {
	strings.Builder

	vat string // the code that prices need not name
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.Builder, format, args...) }

func (w *writer) line(key, value string) { w.printf("%s: %s\n", key, value) }

// head writes what concerns the whole tariff and is not as the file would mean it anyway.
func (w *writer) head(t rating.Tariff) {
	if t.SessionMin != 0 {
		w.line("session_minimum", t.SessionMin.String())
	}
	if t.MinOnZero {
		w.line("minimum_on_zero", "yes")
	}
	if t.SessionMax != 0 {
		w.line("session_maximum", t.SessionMax.String())
	}
	if t.LimitVAT != "" {
		w.line("limit_vat", quoted(t.LimitVAT))
	}
	switch {
	case t.ZeroBelow == 0 && t.ZeroUnder == 0:
		w.line("zero_rule", "none")
	case t.ZeroBelow != defaultZeroBelow || t.ZeroUnder != defaultZeroUnder:
		w.line("zero_rule", fmt.Sprintf("{below: %s, shorter_than: %s}", spellEnergy(t.ZeroBelow), spellTime(t.ZeroUnder)))
	}
	if len(t.Free) > 0 {
		w.line("free", words(t.Free))
	}
	if t.Round != "" && t.Round != rating.AtLine {
		w.line("round_at", string(t.Round))
	}
	for _, r := range roundings[1:] {
		if t.Rounding == r.mode {
			w.line("rounding", r.word)
		}
	}
	if t.Split != "" {
		w.line("energy_split", string(t.Split))
	}
	if t.Holidays != nil {
		w.line("holidays", spellHolidays(t))
	}
}

func words(list []rating.Component) string {
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = componentOf(c).word
	}
	return strings.Join(parts, ", ")
}

// spellHolidays writes the name alone where it means these very days.
func spellHolidays(t rating.Tariff) string {
	h := t.Holidays
	first, last := holidayYears(t)
	if days, ok := GermanHolidays(h.Name, first, last); ok && slices.Equal(days, h.Days) {
		return quoted(h.Name)
	}
	if n := len(h.Days); n > 0 {
		first, last = h.Days[0].Year, h.Days[n-1].Year
		if days, ok := GermanHolidays(h.Name, first, last); ok && slices.Equal(days, h.Days) {
			return fmt.Sprintf("{name: %s, years: %d-%d}", quoted(h.Name), first, last)
		}
	}
	parts := make([]string, len(h.Days))
	for i, d := range h.Days {
		parts[i] = d.String()
	}
	return fmt.Sprintf("{name: %s, dates: [%s]}", quoted(h.Name), strings.Join(parts, ", "))
}

// isBase holds for a row that the prices at the top mean.
func isBase(r rating.Row) bool { return r.ID == baseRow && r.Priority == 0 && spellWhen(r) == nil }

func (w *writer) row(r rating.Row) {
	w.printf("  - id: %s\n", quoted(r.ID))
	if r.Priority != 0 {
		w.printf("    priority: %d\n", r.Priority)
	}
	if when := spellWhen(r); len(when) > 0 {
		w.printf("    when:\n")
		for _, line := range when {
			w.printf("      %s\n", line)
		}
	}
	w.printf("    price:\n")
	w.prices("      ", r.Prices)
}

// spellWhen writes the conditions of a row, one per line.
func spellWhen(r rating.Row) []string {
	var lines []string
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, key+": "+value)
		}
	}
	for _, k := range []struct {
		key    string
		values []string
	}{
		{"contracts", r.Contracts},
		{"customers", r.Customers},
		{"groups", r.Groups},
		{"evses", r.EVSEs},
		{"locations", r.Locations},
		{"zones", r.Zones},
		{"operators", r.Operators},
		{"countries", r.Countries},
		{"power", spellPowers(r.Power)},
		{"channels", r.Channels},
	} {
		add(k.key, quotedList(k.values))
	}
	m := r.Moving
	add("dates", spellDates(m.DateFrom, m.DateTo))
	add("days", spellDays(m.Days))
	types := make([]string, len(m.DayTypes))
	for i, d := range m.DayTypes {
		types[i] = string(d)
	}
	add("day_type", strings.Join(types, ", "))
	times := make([]string, len(m.Times))
	for i, t := range m.Times {
		times[i] = spellWindow(t)
	}
	add("time", strings.Join(times, ", "))
	if m.DayOfStart {
		add("night_belongs_to", "first_day")
	}
	add("after", spellThreshold(m.AfterTime, spellEnergy(m.AfterEnergy), m.AfterEnergy != 0))
	add("until", spellThreshold(m.UntilTime, spellEnergy(m.UntilEnergy), m.UntilEnergy != 0))
	return lines
}

func spellThreshold(d time.Duration, energy string, hasEnergy bool) string {
	var parts []string
	if d != 0 {
		parts = append(parts, spellTime(d))
	}
	if hasEnergy {
		parts = append(parts, energy)
	}
	return strings.Join(parts, ", ")
}

// spellDates writes a span with its last day, as price lists do.
func spellDates(from, next calendar.Date) string {
	switch {
	case from.IsZero() && next.IsZero():
		return ""
	case next.IsZero():
		return "from " + from.String()
	case from.IsZero():
		return "until " + next.AddDays(-1).String()
	case next == from.AddDays(1):
		return from.String()
	}
	return from.String() + " to " + next.AddDays(-1).String()
}

func spellWindow(w rating.Window) string { return spellClock(w.From) + "-" + spellClock(w.To) }

func spellClock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func spellPowers(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		from, to, isRange := strings.Cut(s, "-")
		switch {
		case !isRange:
			out[i] = s
		case to == "":
			out[i] = "from " + from + " kW"
		case from == "0":
			out[i] = "below " + to + " kW"
		default:
			out[i] = s + " kW"
		}
	}
	return out
}

func (w *writer) prices(indent string, prices map[rating.Component]rating.Price) {
	for _, c := range components {
		if price, ok := prices[c.name]; ok {
			w.price(indent, c, price)
		}
	}
}

func (w *writer) price(indent string, c component, price rating.Price) {
	unit := price.Unit.String() + " per " + c.unit
	plainPrice := price
	plainPrice.Unit = 0
	if plainPrice.VATCode == w.vat {
		plainPrice.VATCode = ""
	}
	if isPlain(plainPrice) {
		w.printf("%s%s: %s\n", indent, c.word, unit)
		return
	}
	w.printf("%s%s:\n", indent, c.word)
	line := func(key, value string) { w.printf("%s  %s: %s\n", indent, key, value) }
	if price.StartedBlock {
		unit = price.Unit.String() + " per block"
	}
	if len(price.Tiers) == 0 && (!price.PassThrough || price.Unit != 0) {
		line("price", unit)
	}
	if price.VATCode != w.vat {
		line("vat", quoted(price.VATCode))
	}
	w.rules(line, c, price)
	for i, tier := range price.Tiers {
		if i == 0 {
			w.printf("%s  tiers:\n", indent)
		}
		to := ""
		if tier.Below != 0 {
			to = "to: " + spellEnergy(tier.Below) + ", "
		}
		w.printf("%s    - {%sprice: %s}\n", indent, to, tier.Unit)
	}
	if price.Volume {
		line("tiers_by", "month")
	}
}

// isPlain holds for a price without rules of its own.
func isPlain(p rating.Price) bool {
	return p.VATCode == "" && p.FreeTime == 0 && p.FreeEnergy == 0 && p.Grace == "" && p.Step == 0 && !p.StartedBlock && p.Cap == 0 && !p.CapPerDay &&
		len(p.Tiers) == 0 && !p.Volume && !p.PassThrough && p.Markup == 0
}

func (w *writer) rules(line func(key, value string), c component, price rating.Price) {
	if price.FreeTime != 0 {
		line("free", spellTime(price.FreeTime))
	}
	if price.FreeEnergy != 0 {
		line("free", spellEnergy(price.FreeEnergy))
	}
	if price.Grace == rating.Cliff {
		line("grace", string(rating.Cliff))
	}
	if price.Step != 0 {
		key := "step"
		if price.StartedBlock {
			key = "started_block"
		}
		line(key, spellStep(c, price.Step))
	}
	if price.Cap != 0 {
		line("cap", price.Cap.String())
	}
	if price.CapPerDay {
		line("cap_per", "day")
	}
	if price.PassThrough {
		line("pass_through", "yes")
	}
	if price.Markup != 0 {
		line("markup", price.Markup.Percent()+" %")
	}
}

func (w *writer) discount(d rating.Discount) {
	w.printf("  - id: %s\n", quoted(d.ID))
	if len(d.Groups) > 0 {
		w.printf("    groups: %s\n", quotedList(d.Groups))
	}
	if len(d.Components) > 0 {
		w.printf("    on: %s\n", words(d.Components))
	}
	w.printf("    minus: %s\n", amountOf(d))
	if d.BestOf != "" {
		w.printf("    best_of: %s\n", quoted(d.BestOf))
	}
}

// commonVAT is the code most prices have, so that it is written once.
func commonVAT(t rating.Tariff) string {
	counts := map[string]int{}
	for _, r := range t.Rows {
		for _, p := range r.Prices {
			counts[p.VATCode]++
		}
	}
	best := defaultVAT
	for code, n := range counts {
		if n > counts[best] || n == counts[best] && best != defaultVAT && code < best {
			best = code
		}
	}
	return best
}
