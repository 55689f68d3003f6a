package pricelist

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

var tariffKeys = []string{
	"tariff", "version", "valid_from", "valid_until", "currency", "mode", "vat", "price", "rows", "discounts", "session_minimum", "session_maximum",
	"minimum_on_zero", "limit_vat", "zero_rule", "free", "round_at", "rounding", "energy_split", "holidays",
}

// What a file that is silent means (rating rules, 5.7). It is stored in the version, so that a new default never changes
// an old price.
const (
	defaultZeroBelow cdr.MicroKWh = 100_000
	defaultZeroUnder              = 120 * time.Second
	defaultVAT                    = "standard"
	baseRow                       = "base" // id of the row made of the prices at the top
)

func (p *parser) tariff(root *yaml.Node) rating.Tariff {
	o, _ := p.object(root, "", tariffKeys)
	t := rating.Tariff{Code: o.code(), Version: o.version()}
	t.ValidFrom, t.ValidTo = o.validity()
	t.Currency, t.Mode = o.currency(), o.mode()
	p.currency, p.vat = string(t.Currency), defaultVAT
	if code, ok := o.vatCode("vat"); ok {
		p.vat = code
	}
	t.Rows = o.rows()
	t.Discounts = o.discounts()
	o.limits(&t)
	o.zeroRule(&t)
	t.Free = o.componentList("free")
	o.rounding(&t)
	t.Holidays = o.holidays(t)
	o.holidaysUsed(t)
	return t
}

const wantCode = "a code of at most 35 letters, digits, points, hyphens, underscores or slashes, beginning with a letter or digit"

func (o object) code() string {
	s, n, ok := o.need("tariff", wantCode)
	if ok && (len(s) > 35 || !isName(s) || !alphanumeric(rune(s[0]))) {
		o.p.faultf(n, "tariff", "%s is no code; want %s", shown(s), wantCode)
	}
	return s
}

// isName holds for words that need no quotes anywhere.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !alphanumeric(c) && !strings.ContainsRune("._/-", c) })
}

func alphanumeric(c rune) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

const mostVersions = 1_000_000

func (o object) version() int {
	s, n, ok := o.need("version", "a number from 1")
	if !ok {
		return 0
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 || v > mostVersions || strconv.Itoa(v) != s {
		o.p.faultf(n, "version", "%s is no version; want a whole number from 1 to %d", shown(s), mostVersions)
	}
	return v
}

const wantInstant = "a day with its time zone, such as 2026-01-01 Europe/Berlin, or an instant such as 2026-01-01T00:00:00+01:00"

func (o object) validity() (from, until time.Time) {
	if s, n, ok := o.need("valid_from", wantInstant); ok {
		from = o.p.instant(n, "valid_from", s)
	}
	s, n, ok := o.text("valid_until", wantInstant)
	if !ok {
		return from, until
	}
	until = o.p.instant(n, "valid_until", s)
	if !from.IsZero() && !until.IsZero() && !from.Before(until) {
		o.p.faultf(n, "valid_until", "must be later than valid_from; it is the first day on which the version is no longer used")
	}
	return from, until
}

// instant reads an instant, or a local day, which begins at its first instant.
func (p *parser) instant(n *yaml.Node, field, s string) time.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		if t.Nanosecond() != 0 {
			p.faultf(n, field, "%s has fractions of a second; write whole seconds", shown(s))
		}
		return t.UTC()
	}
	day, zone, zoned := strings.Cut(s, " ")
	zone = strings.TrimSpace(zone)
	d, err := calendar.ParseDate(day)
	switch {
	case strings.Contains(day, "T") || strings.Contains(zone, ":"):
		p.faultf(n, field, "%s is no instant; want %s", shown(s), wantInstant)
	case err != nil:
		p.faultf(n, field, "%s", dateAdvice(day))
	case !zoned:
		p.faultf(n, field, "%s begins at another moment in every time zone; write %s Europe/Berlin, or another zone", shown(s), day)
	case p.known.TimeZone == nil:
		p.faultf(n, field, "time zones are not known here; write an instant such as %sT00:00:00+01:00", day)
	default:
		return p.dayIn(n, field, d, zone)
	}
	return time.Time{}
}

func (p *parser) dayIn(n *yaml.Node, field string, d calendar.Date, name string) time.Time {
	zone, err := p.known.TimeZone(name)
	isPlace := strings.Contains(name, "/") || name == "UTC"
	if err != nil || zone == nil || !isPlace {
		advice := "want a name such as Europe/Berlin"
		if !isPlace {
			advice = "write the place, such as Europe/Berlin: it knows summer time"
		}
		p.faultf(n, field, "the time zone %s is not known; %s", shown(name), advice)
		return time.Time{}
	}
	return d.Start(zone).UTC()
}

func (o object) currency() money.Currency {
	s, n, ok := o.need("currency", "a currency such as EUR")
	if !ok {
		return ""
	}
	c := money.Currency(s)
	if _, known := c.Digits(); !known {
		advice := "want a code of ISO 4217, such as EUR or CHF"
		if _, upper := money.Currency(strings.ToUpper(s)).Digits(); upper {
			advice = "write " + strings.ToUpper(s)
		} else if s == "€" || strings.EqualFold(s, "euro") {
			advice = "write EUR"
		}
		o.p.faultf(n, "currency", "the currency %s is not known; %s", shown(s), advice)
		return ""
	}
	return c
}

func (o object) mode() rating.Mode {
	const want = "gross for prices with VAT, or net"
	s, n, ok := o.need("mode", want)
	if ok && s != string(rating.Gross) && s != string(rating.Net) {
		o.p.faultf(n, "mode", "%s is not known; want %s", shown(s), want)
	}
	return rating.Mode(s)
}

// rows reads the prices at the top, which are a row that always applies, and the list of rows.
func (o object) rows() []rating.Row {
	var rows []rating.Row
	lines := map[string]int{}
	if n := o.values["price"]; n != nil {
		rows = append(rows, rating.Row{ID: baseRow, Prices: o.p.prices(n, "price")})
		lines[baseRow] = o.keys["price"].Line
	}
	n := o.values["rows"]
	switch {
	case n == nil && len(rows) == 0:
		o.missingf("price", "there is no price; write one, such as %q, or a list of rows", "price: {energy: 0.49}")
	case n == nil || n.Kind == yaml.AliasNode:
	case n.Kind != yaml.SequenceNode || len(n.Content) == 0:
		o.p.faultf(n, "rows", "want a list; each row begins with a hyphen, such as %q", "- id: night")
	default:
		for i, item := range n.Content {
			rows = append(rows, o.p.row(item, i, lines))
		}
	}
	return rows
}

func (p *parser) row(n *yaml.Node, i int, lines map[string]int) rating.Row {
	at := "row " + strconv.Itoa(i+1)
	o, ok := p.object(n, at, []string{"id", "priority", "when", "price"})
	if !ok {
		return rating.Row{}
	}
	row := rating.Row{}
	if s, id, ok := o.need("id", "a name for the row, such as night: bills and messages show it"); ok {
		row.ID = s
		o.at = "row " + shown(s)
		switch {
		case !isID(s):
			p.faultf(id, at, "%s is no id; want at most 60 letters, digits and other signs on one line", shown(s))
		case lines[s] != 0 && s == baseRow:
			p.faultf(id, at, "the id base belongs to the prices at the top, in line %d; name the row otherwise", lines[s])
		case lines[s] != 0:
			p.faultf(id, at, "the id %s is there twice, first in line %d; give each row its own", shown(s), lines[s])
		}
		lines[s] = id.Line
	}
	row.Priority = o.priority()
	if w := o.values["when"]; w != nil {
		p.when(w, o.at, &row)
	}
	prices := o.values["price"]
	if prices == nil {
		o.missingf("price", "price is missing; write %q", "price: {energy: 0.49}")
		return row
	}
	row.Prices = p.prices(prices, o.at)
	return row
}

func isID(s string) bool {
	return utf8.RuneCountInString(s) <= 60 && !strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) })
}

func (o object) priority() int {
	const most = 1_000_000
	s, n, ok := o.text("priority", "a whole number; 0 is what rows have without it")
	if !ok {
		return 0
	}
	v, err := strconv.Atoi(s)
	if err != nil || v > most || v < -most {
		o.p.faultf(n, o.field("priority"), "%s is no priority; want a whole number, larger ones win", shown(s))
		return 0
	}
	return v
}

func (o object) limits(t *rating.Tariff) {
	if n := o.values["session_minimum"]; n != nil {
		t.SessionMin = o.p.positive(n, "session_minimum", "a minimum")
	}
	if n := o.values["session_maximum"]; n != nil {
		t.SessionMax = o.p.positive(n, "session_maximum", "a maximum")
	}
	if t.SessionMax != 0 && t.SessionMin > t.SessionMax {
		o.p.faultf(o.values["session_minimum"], "session_minimum", "%s is above the session_maximum of %s", t.SessionMin, t.SessionMax)
	}
	t.MinOnZero = o.truth("minimum_on_zero")
	if t.MinOnZero && o.values["session_minimum"] == nil {
		o.p.faultf(o.keys["minimum_on_zero"], "", "minimum_on_zero without session_minimum; add it, or take minimum_on_zero out")
	}
	if t.MinOnZero && t.SessionMin != 0 && o.values["limit_vat"] == nil {
		o.missingf("limit_vat", "minimum_on_zero needs limit_vat, such as standard: a session without lines has no VAT code of its own")
	}
	if code, ok := o.vatCode("limit_vat"); ok {
		t.LimitVAT = code
		if o.values["session_minimum"] == nil && o.values["session_maximum"] == nil {
			o.p.faultf(o.keys["limit_vat"], "", "limit_vat without session_minimum or session_maximum; take it out")
		}
	}
}

// zeroRule reads below what a session costs nothing; both limits must be missed (rating rules, 5.7).
func (o object) zeroRule(t *rating.Tariff) {
	n := o.values["zero_rule"]
	if n == nil {
		t.ZeroBelow, t.ZeroUnder = defaultZeroBelow, defaultZeroUnder
		return
	}
	const want = "none, or {below: 0.1 kWh, shorter_than: 120 s}"
	if n.Kind == yaml.ScalarNode {
		if s, ok := o.p.scalar(n, "zero_rule", want); ok && s != "none" {
			o.p.faultf(n, "zero_rule", "%s is not understood; want %s", shown(s), want)
		}
		return
	}
	rule, ok := o.p.object(n, "zero_rule", []string{"below", "shorter_than"})
	if !ok {
		return
	}
	before := len(o.p.faults)
	for _, name := range []string{"below", "shorter_than"} {
		if rule.values[name] == nil {
			rule.missingf(name, "%s is missing: a session is free below both; want %s", name, want)
		}
	}
	t.ZeroBelow, t.ZeroUnder = rule.energy("below"), rule.duration("shorter_than")
	if len(o.p.faults) == before && (t.ZeroBelow == 0) != (t.ZeroUnder == 0) {
		o.p.faultf(n, "zero_rule", "one of the limits is 0, so no session is ever below both; write none")
	}
}

// roundings maps the file's words to the engine's; the first is meant where the key is missing.
func (o object) rounding(t *rating.Tariff) {
	switch rating.RoundAt(o.word("round_at", string(rating.AtLine), string(rating.AtSession), string(rating.AtDocument))) {
	case rating.AtSession:
		t.Round = rating.AtSession
	case rating.AtDocument:
		t.Round = rating.AtDocument
	default: // line is how the zero value reads
	}
	word := o.word("rounding", roundingWords()...)
	t.Rounding = roundings[slices.Index(roundingWords(), word)].mode
	splits := []string{"", string(rating.SplitLinear), string(rating.SplitReadings), string(rating.SplitPeriodStart), string(rating.SplitSessionStart)}
	if s, n, ok := o.text("energy_split", "one of "+strings.Join(splits[1:], ", ")); ok {
		if !listed(splits[1:], s) {
			o.p.faultf(n, "energy_split", "%s is not known; want one of %s", shown(s), strings.Join(splits[1:], ", "))
		}
		t.Split = rating.EnergySplit(s)
	}
}
