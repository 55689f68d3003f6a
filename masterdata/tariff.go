package masterdata

import (
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/money"
	"wattdue/rating"
)

const (
	mostVersions = 1_000_000
	mostPriority = 1_000_000
)

// tariff reads a tariff version: its members or a price list. What the matrix as a whole must be is judged by package rating, as for publication.
func (p *parser) tariff(r *record) {
	var t rating.Tariff
	if m, there := r.find("price_list"); there {
		t = p.priceList(r, m)
	} else {
		t = p.rows(r)
	}
	if on := r.dateOr("announced_on"); !on.IsZero() {
		if p.file.Announced == nil {
			p.file.Announced = map[TariffVersion]calendar.Date{}
		}
		p.file.Announced[TariffVersion{t.Code, t.Version}] = on
	}
	p.file.Tariffs = append(p.file.Tariffs, t)
}

// rows reads a tariff version given member by member.
func (p *parser) rows(r *record) rating.Tariff {
	t := rating.Tariff{
		Code: r.checked("code", isRecordNumber, wantNumber), Version: r.whole("version", 1, mostVersions),
		Currency: money.Currency(r.checked("currency", isCurrency, wantCurrency)),
		Mode:     rating.Mode(r.checked("mode", isMode, "gross for prices with VAT, or net")),
	}
	t.ValidFrom, t.ValidTo = r.span(false)
	if m, there := r.find("free_below"); there {
		free := p.record(m.value, "free_below.")
		t.ZeroBelow = cdr.MicroKWh(free.decimal("energy_kwh", "kilowatt-hours as decimal text such as \"0.1\""))
		t.ZeroUnder = free.duration("duration")
		free.close()
	}
	if _, there := r.find("rows"); !there {
		r.missing("rows", "a list of rows")
	}
	for _, row := range r.parts("rows") {
		t.Rows = append(t.Rows, readRow(row))
		row.close()
	}
	if len(p.open) == 0 {
		if _, err := rating.Compile(t); err != nil {
			_, text, _ := strings.Cut(err.Error(), ": ")
			p.fault(r.line, "rows", text)
		}
	}
	return t
}

func isMode(s string) bool { return s == string(rating.Gross) || s == string(rating.Net) }

// rowComponents are those that rows of this format price.
var rowComponents = []rating.Component{rating.Energy, rating.Charging, rating.Idle, rating.PerUse}

func readRow(r *record) rating.Row {
	row := rating.Row{
		ID: r.text("id"), Priority: r.wholeOr("priority", -mostPriority, mostPriority), Groups: r.texts("groups"), Locations: r.texts("locations"),
		Prices: map[rating.Component]rating.Price{},
	}
	prices := r.part("prices")
	for _, c := range rowComponents {
		m, there := prices.find(string(c))
		if !there {
			continue
		}
		price := r.p.record(m.value, prices.at+string(c)+".")
		row.Prices[c] = readPrice(price, c)
		price.close()
	}
	prices.close()
	if !prices.broken && len(prices.members) == 0 {
		r.p.fault(prices.line, strings.TrimSuffix(prices.at, "."), "there is no price; name energy_kwh, charge_min, idle_min or session")
	}
	return row
}

func readPrice(r *record, c rating.Component) rating.Price {
	price := rating.Price{
		Unit:    money.Price(r.decimal("price", "a price as decimal text with at most six decimals, such as \"0.49\"")),
		VATCode: r.checked("vat", isVATCode, wantVAT),
	}
	if c == rating.Charging || c == rating.Idle {
		price.FreeTime = r.durationOr("free_time")
	}
	return price
}

// decimal reads a number written as a text, in millionths.
func (r *record) decimal(name, want string) int64 {
	m, ok := r.need(name, isText, want)
	if !ok {
		return 0
	}
	n, ok := parseMillionths(m.value.text)
	if !ok {
		r.wrongf(m, "want %s", want)
	}
	return n
}

func (r *record) duration(name string) time.Duration {
	m, ok := r.need(name, isText, wantDuration)
	return r.durationOf(m, ok)
}

func (r *record) durationOr(name string) time.Duration {
	m, ok := r.may(name, isText, wantDuration)
	return r.durationOf(m, ok)
}

func (r *record) durationOf(m member, ok bool) time.Duration {
	if !ok {
		return 0
	}
	d, ok := parseDuration(m.value.text)
	if !ok {
		r.wrongf(m, "want %s", wantDuration)
		return 0
	}
	return d
}
