package pricelist

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"wattdue/calendar"
	"wattdue/money"
	"wattdue/rating"
)

// whenKeys are the conditions of a row, by rank: a row that names an earlier one is more specific.
var whenKeys = []string{
	"contracts", "customers", "groups", "evses", "locations", "zones", "operators", "countries", "power", "channels",
	"dates", "days", "day_type", "time", "night_belongs_to", "after", "until",
}

// when reads the conditions of a row into it.
func (p *parser) when(n *yaml.Node, at string, row *rating.Row) {
	o, ok := p.object(n, at, whenKeys)
	if !ok {
		return
	}
	if len(n.Content) == 0 {
		p.faultf(n, at, "there is no condition; leave when out for a row that always applies")
	}
	for _, key := range []struct {
		name, want string
		known      Names
		to         *[]string
	}{
		{"contracts", "numbers of contracts", p.known.Contracts, &row.Contracts},
		{"customers", "numbers of customers", p.known.Customers, &row.Customers},
		{"groups", "names of customer groups", p.known.Groups, &row.Groups},
		{"evses", "EVSE ids", p.known.EVSEs, &row.EVSEs},
		{"locations", "ids of locations", p.known.Locations, &row.Locations},
		{"zones", "names of pricing zones", p.known.Zones, &row.Zones},
		{"operators", "names of operators", p.known.Operators, &row.Operators},
	} {
		*key.to = o.names(key.name, key.want, key.known)
	}
	row.Countries = o.each("countries", "countries of two capital letters, such as DE", readCountry)
	row.Power = o.each("power", wantPower, readPower)
	row.Channels = o.each("channels", "channels: "+strings.Join(channels, ", "), readChannel)
	o.dates(&row.Moving)
	o.days(&row.Moving)
	o.windows(&row.Moving)
	o.thresholds(&row.Moving)
}

// names reads names and looks them up.
func (o object) names(name, want string, known Names) []string {
	return o.each(name, want, func(s string) (string, string) {
		if known != nil && !known[s] {
			return "", shown(s) + " is not known" + insteadOf(s, known)
		}
		return s, ""
	})
}

// each reads a list of texts, each by a function that returns its form to keep, or advice. None may be there twice.
func (o object) each(name, want string, read func(string) (string, string)) []string {
	var list []string
	for _, it := range o.list(name, want) {
		s, advice := read(it.text)
		switch {
		case advice != "":
			o.p.faultf(it.node, o.field(name), "%s", advice)
		case slices.Contains(list, s):
			o.p.faultf(it.node, o.field(name), "%s is there twice", shown(it.text))
		default:
			list = append(list, s)
		}
	}
	return list
}

func readCountry(s string) (string, string) {
	switch {
	case s == "UK":
		return "", "UK is no country code; write GB"
	case s == "EL":
		return "", "EL is no country code of ISO 3166; write GR"
	case len(s) == 2 && strings.ToUpper(s) == s && allLetters(s):
		return s, ""
	case len(s) == 2 && allLetters(strings.ToUpper(s)):
		return "", shown(s) + " is no country code; write " + strings.ToUpper(s)
	}
	return "", shown(s) + " is no country code; want two capital letters (ISO 3166), such as DE"
}

func allLetters(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < 'A' || c > 'Z' })
}

var channels = []string{"rfid", "app", "plug_and_charge", "ad_hoc"}

func readChannel(s string) (string, string) {
	word := strings.NewReplacer("-", "_", " ", "_", "&", "_and_").Replace(strings.ToLower(s))
	if listed(channels, word) {
		return word, ""
	}
	_, advice := instead(word, channels)
	return "", "the channel " + shown(s) + " is not known" + advice
}

const wantPower = "AC, DC, or a range such as from 50 kW, below 11 kW or 11-50 kW"

// readPower reads a kind of current or a range of kW, from inclusive, to exclusive.
func readPower(s string) (string, string) {
	if kind := strings.ToUpper(s); kind == "AC" || kind == "DC" {
		return kind, ""
	}
	advice := shown(s) + " is no power; want " + wantPower
	body := strings.TrimSpace(strings.TrimSuffix(strings.ToLower(s), "kw"))
	from, to := "0", ""
	if number, ok := strings.CutPrefix(body, "from "); ok {
		from = number
	} else if number, ok := strings.CutPrefix(body, "below "); ok {
		to = number
	} else if lower, upper, ok := strings.Cut(body, "-"); ok {
		from, to = lower, upper
	} else {
		return "", advice
	}
	low, bad := millionths(strings.TrimSpace(from))
	if bad != "" {
		return "", advice
	}
	text := plain(low) + "-"
	if to = strings.TrimSpace(to); to != "" {
		high, bad := millionths(to)
		if bad != "" {
			return "", advice
		}
		if high <= low {
			return "", shown(s) + " is an empty range; the second number must be the larger one"
		}
		text += plain(high)
	}
	if low%1000 != 0 || strings.Count(text, ".") > 0 && tooFine(text) {
		return "", shown(s) + " is finer than a watt; round it"
	}
	return text, ""
}

// tooFine reports whether a bound has more than three decimals.
func tooFine(span string) bool {
	for bound := range strings.SplitSeq(span, "-") {
		if _, fraction, _ := strings.Cut(bound, "."); len(fraction) > 3 {
			return true
		}
	}
	return false
}

// plain prints millionths without trailing zeros.
func plain(n int64) string {
	s := money.FormatMinor(n, 6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

const wantDates = "days such as 2026-07-01 to 2026-08-31, from 2026-07-01, until 2026-08-31, or one day"

// dates reads a span of days, both included, as price lists write it.
func (o object) dates(m *rating.Moving) {
	s, n, ok := o.text("dates", wantDates)
	if !ok {
		return
	}
	day := func(text string) calendar.Date {
		d, err := calendar.ParseDate(strings.TrimSpace(text))
		if err != nil {
			o.p.faultf(n, o.field("dates"), "%s", dateAdvice(strings.TrimSpace(text)))
		}
		return d
	}
	first, last, isSpan := strings.Cut(s, " to ")
	if from, ok := strings.CutPrefix(s, "from "); ok && !isSpan {
		m.DateFrom = day(from)
		return
	}
	if until, ok := strings.CutPrefix(s, "until "); ok {
		if d := day(until); !d.IsZero() {
			m.DateTo = d.AddDays(1)
		}
		return
	}
	if !isSpan {
		last = first
	}
	before := len(o.p.faults)
	from := day(first)
	if len(o.p.faults) > before {
		return
	}
	to := day(last)
	switch {
	case to.IsZero():
	case to.Before(from):
		o.p.faultf(n, o.field("dates"), "%s ends before it begins", shown(s))
	default:
		m.DateFrom, m.DateTo = from, to.AddDays(1)
	}
}

// dateAdvice says how to write a date, also for one in the German order.
func dateAdvice(s string) string {
	parts := strings.Split(s, ".")
	if len(parts) == 3 && allDigits(strings.Join(parts, "")) && len(parts[2]) == 4 && parts[0] != "" && parts[1] != "" && len(parts[0]) <= 2 && len(parts[1]) <= 2 {
		return shown(s) + " is not how dates are written here; write " + parts[2] + "-" + strings.Repeat("0", 2-len(parts[1])) + parts[1] + "-" +
			strings.Repeat("0", 2-len(parts[0])) + parts[0]
	}
	if len(s) == 10 && s[4] == '-' && s[7] == '-' && allDigits(s[:4]+s[5:7]+s[8:]) {
		return shown(s) + " is a day that does not exist; look at month and day"
	}
	return shown(s) + " is no date; write year-month-day, such as 2026-07-01"
}

const wantTimes = "times such as 22:00-06:00"

func (o object) windows(m *rating.Moving) {
	for _, it := range o.list("time", wantTimes) {
		w, advice := readWindow(it.text)
		switch {
		case advice != "":
			o.p.faultf(it.node, o.field("time"), "%s", advice)
		case slices.Contains(m.Times, w):
			o.p.faultf(it.node, o.field("time"), "%s is there twice", shown(it.text))
		default:
			m.Times = append(m.Times, w)
		}
	}
	m.DayOfStart = o.word("night_belongs_to", "each_day", "first_day") == "first_day"
	if m.DayOfStart && o.values["time"] == nil {
		o.p.faultf(o.keys["night_belongs_to"], o.at, "night_belongs_to has no meaning without a time; add time, or take it out")
	}
}

// readWindow reads a stretch of the day.
func readWindow(s string) (rating.Window, string) {
	from, to, ok := strings.Cut(strings.NewReplacer("–", "-", " ", "").Replace(s), "-")
	if !ok {
		return rating.Window{}, shown(s) + " is no stretch of the day; want " + wantTimes
	}
	a, okFrom := readClock(from)
	b, okTo := readClock(to)
	switch {
	case !okFrom || !okTo:
		return rating.Window{}, shown(s) + " is no stretch of the day; want " + wantTimes + ", hours from 00 to 24 with minutes"
	case a == dayMinutes:
		return rating.Window{}, shown(s) + " begins at the end of the day; write 00:00 for its beginning"
	case a == b:
		return rating.Window{}, shown(s) + " has no length; write 00:00-24:00 or leave time out for the whole day"
	}
	return rating.Window{From: a, To: b}, ""
}

const dayMinutes = 24 * 60

// readClock reads 00:00 to 24:00 in minutes.
func readClock(s string) (int, bool) {
	hour, minute, ok := strings.Cut(s, ":")
	if !ok || len(minute) != 2 || len(hour) == 0 || len(hour) > 2 || !allDigits(hour+minute) {
		return 0, false
	}
	h, _ := strconv.Atoi(hour)   // digits
	m, _ := strconv.Atoi(minute) // digits
	return h*60 + m, m < 60 && (h < 24 || h == 24 && m == 0)
}

// thresholds reads after and until, each a duration, an energy or both.
func (o object) thresholds(m *rating.Moving) {
	var after, until quantityPair
	after, until = o.pair("after"), o.pair("until")
	m.AfterTime, m.AfterEnergy = after.time.time, after.energy.energy
	m.UntilTime, m.UntilEnergy = until.time.time, until.energy.energy
	if m.UntilTime != 0 && m.UntilTime <= m.AfterTime || m.UntilEnergy != 0 && m.UntilEnergy <= m.AfterEnergy {
		o.p.faultf(o.values["until"], o.field("until"), "must be later than after, or the row never applies")
	}
}

type quantityPair struct{ time, energy quantity }

func (o object) pair(name string) (pair quantityPair) {
	for _, it := range o.list(name, wantQuantity) {
		q, advice := readQuantity(it.text, wantQuantity)
		to := &pair.energy
		if q.isTime {
			to = &pair.time
		}
		switch {
		case advice != "":
			o.p.faultf(it.node, o.field(name), "%s", advice)
		case q.time == 0 && q.energy == 0:
			o.p.faultf(it.node, o.field(name), "%s means nothing; leave it out", shown(it.text))
		case *to != quantity{}:
			o.p.faultf(it.node, o.field(name), "%s contradicts what stands before it; give one duration and one energy at most", shown(it.text))
		default:
			*to = q
		}
	}
	return pair
}
