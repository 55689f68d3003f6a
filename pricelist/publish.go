package pricelist

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"wattdue/rating"
)

// Severity says whether a finding stands against publication.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the version is not published
	Warning Severity = "warning" // it can be; look first
)

// FindingCode names what was found, for programs.
type FindingCode string

// The codes.
const (
	Invalid        FindingCode = "invalid"         // the engine refuses the tariff
	Overlap        FindingCode = "overlap"         // nothing decides between two rows
	Unreachable    FindingCode = "unreachable"     // a row never wins
	Gap            FindingCode = "gap"             // a component has a price only at some times or for some sessions
	NegativePrice  FindingCode = "negative_price"  // something costs less than nothing
	NoCalendar     FindingCode = "no_calendar"     // holidays without a calendar, or an unknown or outdated one
	CapBelowFree   FindingCode = "cap_below_free"  // the cap is less than what is free is worth
	NoVAT          FindingCode = "no_vat"          // gross prices where the VAT is not known
	AdHocPrice     FindingCode = "ad_hoc_price"    // not allowed for ad-hoc charging at fast public points
	Interpolated   FindingCode = "interpolated"    // energy would be estimated under calibration law
	AlreadyCovered FindingCode = "already_covered" // a published version stands against it
	TooLarge       FindingCode = "too_large"       // there are too many combinations to look at all
)

// Finding is one thing that stands against a tariff, or that somebody should know before it is published.
type Finding struct {
	Severity Severity    `json:"severity"`
	Code     FindingCode `json:"code"`
	Row      string      `json:"row,omitempty"` // its id; empty: the tariff as a whole
	Text     string      `json:"text"`          // what is wrong and what to do
}

// String prints the finding on one line.
func (f Finding) String() string {
	if f.Row == "" {
		return fmt.Sprintf("%s: %s", f.Severity, f.Text)
	}
	return fmt.Sprintf("%s: row %s: %s", f.Severity, shown(f.Row), f.Text)
}

// Ground is what the publisher knows of the world in which the tariff will hold. What is nil or empty is not checked,
// unless it says otherwise.
type Ground struct {
	// VAT reports whether there is a rate for a code in a country.
	VAT func(country, code string) bool
	// Countries are those in which the provider's sessions take place. Empty: any, Germany among them.
	Countries []string
	// Calibrated are the countries where calibration law forbids estimated energy. Empty: DE.
	Calibrated []string
	// Calendar reports whether a holiday calendar is known beside the built-in ones. Nil: no other is.
	Calendar func(name string) bool
	// AdHoc says that the tariff is offered to customers without a contract.
	AdHoc bool
	// Private reports whether a location is not open to the public. Nil: all are public.
	Private func(location string) bool
	// Published are the versions of the tariff that were published.
	Published []rating.Tariff
	// At is when the version is published; zero: not known.
	At time.Time
}

// Check judges a tariff before it is published (rating rules, 3.7). Errors come first, then in the order of the tariff.
// A tariff without errors prices every session that can occur with exactly one row per component, or with none on purpose.
func Check(t rating.Tariff, g Ground) []Finding {
	c := &checker{t: &t, ground: g}
	c.prices()
	c.calendar()
	c.vat()
	c.adHoc()
	c.calibration()
	c.versions()
	c.coverage()
	c.compile()
	slices.SortStableFunc(c.found, func(a, b Finding) int { return cmp.Compare(a.Severity, b.Severity) })
	return c.found
}

var overlapText = regexp.MustCompile(`rows "[^;]*" both price [^;]*; [^;]* part them(; )?`)

// compile asks the engine, which knows more of what a value may be. Overlaps that were found here are told better here.
func (c *checker) compile() {
	_, err := rating.Compile(*c.t)
	if err == nil {
		return
	}
	text := strings.TrimPrefix(err.Error(), fmt.Sprintf("tariff %q version %d: ", c.t.Code, c.t.Version))
	if slices.ContainsFunc(c.found, func(f Finding) bool { return f.Code == Overlap }) {
		text = overlapText.ReplaceAllString(text, "")
	}
	if text != "" {
		c.addf(Error, Invalid, "", "%s", text)
	}
}

type checker struct {
	t      *rating.Tariff
	ground Ground
	found  []Finding
}

func (c *checker) addf(s Severity, code FindingCode, row, format string, args ...any) {
	c.found = append(c.found, Finding{s, code, row, fmt.Sprintf(format, args...)})
}

// eachPrice calls a function with every price in the order of the tariff.
func (c *checker) eachPrice(f func(*rating.Row, component, rating.Price)) {
	for i := range c.t.Rows {
		for _, comp := range components {
			if price, ok := c.t.Rows[i].Prices[comp.name]; ok {
				f(&c.t.Rows[i], comp, price)
			}
		}
	}
}

func (c *checker) prices() {
	c.eachPrice(func(r *rating.Row, comp component, p rating.Price) {
		lowest := p.Unit
		for _, tier := range p.Tiers {
			lowest = min(lowest, tier.Unit)
		}
		if lowest < 0 {
			c.addf(Error, NegativePrice, r.ID, "%s costs %s per %s, less than nothing; set 0, and give what is paid back as a discount or as export",
				comp.word, lowest, comp.unit)
		}
		if p.Markup < 0 {
			c.addf(Warning, NegativePrice, r.ID, "%s is passed through with a markup of %s %%, so it is sold below cost", comp.word, p.Markup.Percent())
		}
		if worth, ok := freeWorth(p, comp); ok && p.Cap > 0 && int64(p.Cap) < worth {
			c.addf(Error, CapBelowFree, r.ID, "the cap of %s for %s is below what its free amount is worth (%s); one of them is mistyped: raise the cap or lower what is free",
				p.Cap, comp.word, plain(worth))
		}
	})
}

// freeWorth is what the free amount would cost, in millionths, rounded down; ok is false where that cannot be said.
func freeWorth(p rating.Price, comp component) (int64, bool) {
	quantity, per := int64(p.FreeTime/time.Second), int64(60)
	if !comp.timed {
		quantity, per = int64(p.FreeEnergy), 1_000_000
	}
	unit := p.Unit
	if len(p.Tiers) > 0 {
		unit = p.Tiers[0].Unit
	}
	if p.StartedBlock && p.Step > 0 {
		per = p.Step
	}
	if unit < 0 || quantity < 0 {
		return 0, false
	}
	v, ok := times(int64(unit), quantity)
	return v / per, ok
}

// calendar checks that holidays can be told, and for how long.
func (c *checker) calendar() {
	h := c.t.Holidays
	for i := range c.t.Rows {
		r := &c.t.Rows[i]
		if h == nil && slices.Contains(r.Moving.DayTypes, rating.Holiday) {
			c.addf(Error, NoCalendar, r.ID, "the row is for holidays, but the tariff names no calendar; add one, such as %q", "holidays: DE")
		}
	}
	if h == nil {
		return
	}
	if _, builtIn := GermanHolidays(h.Name, firstYear, firstYear); !builtIn && (c.ground.Calendar == nil || !c.ground.Calendar(h.Name)) && len(h.Days) == 0 {
		c.addf(Error, NoCalendar, "", "the holiday calendar %s is not known and lists no day; name a built-in one, such as DE-BY, or list the dates", shown(h.Name))
	}
	if len(h.Days) == 0 {
		return
	}
	last := h.Days[0]
	for _, d := range h.Days {
		if last.Before(d) {
			last = d
		}
	}
	first, _ := holidayYears(*c.t)
	switch {
	case last.Year < first:
		c.addf(Error, NoCalendar, "", "the last holiday of %s is %s, before the version begins; list the days from %d on", shown(h.Name), last, first)
	case c.t.ValidTo.IsZero() && last.Year < first+1, !c.t.ValidTo.IsZero() && last.Year < c.t.ValidTo.AddDate(0, 0, -2).Year():
		c.addf(Warning, NoCalendar, "", "the holidays of %s end with %d, the version does not; later holidays will be priced as other days", shown(h.Name), last.Year)
	}
}

// vat checks that gross prices can be parted into net and tax wherever the rows apply.
func (c *checker) vat() {
	if c.ground.VAT == nil || c.t.Mode != rating.Gross {
		return
	}
	type pair struct{ country, code string }
	told := map[pair]bool{}
	c.eachPrice(func(r *rating.Row, _ component, p rating.Price) {
		countries := r.Countries
		if len(countries) == 0 {
			countries = c.ground.Countries
		}
		for _, country := range countries {
			if key := (pair{country, p.VATCode}); !told[key] && !c.ground.VAT(country, p.VATCode) {
				told[key] = true
				c.addf(Error, NoVAT, r.ID, "no VAT rate is known for the code %s in %s, so net and tax of a gross price cannot be told; add the rate, or limit the row to other countries",
					shown(p.VATCode), country)
			}
		}
	})
}

// calibration refuses estimated energy where meter values are what is sold (rating rules, 5.2).
func (c *checker) calibration() {
	if c.t.Split != rating.SplitLinear {
		return
	}
	law := c.ground.Calibrated
	if len(law) == 0 {
		law = []string{"DE"}
	}
	where := func(countries []string) string {
		for _, country := range law {
			if listed(countries, country) {
				return country
			}
		}
		return ""
	}
	for i := range c.t.Rows {
		r := &c.t.Rows[i]
		if _, ok := r.Prices[rating.Energy]; !ok {
			continue
		}
		countries := r.Countries
		if len(countries) == 0 {
			countries = c.ground.Countries
		}
		country := where(countries)
		if len(countries) == 0 {
			country = law[0]
		}
		if country != "" {
			c.addf(Error, Interpolated, r.ID, "energy_split linear would estimate energy in %s, where calibration law allows measured values only; take energy_split out, or limit the row to other countries", country)
			return
		}
	}
}

// versions checks the version against those that were published: they never change.
func (c *checker) versions() {
	for i := range c.ground.Published {
		p := &c.ground.Published[i]
		if p.Code != c.t.Code {
			continue
		}
		switch {
		case p.Version == c.t.Version:
			c.addf(Error, AlreadyCovered, "", "version %d is published and never changes; give this one a number above %d", p.Version, c.newest())
			return
		case p.ValidFrom.Equal(c.t.ValidFrom):
			c.addf(Error, AlreadyCovered, "", "version %d is already valid from %s; choose another valid_from", p.Version, instantText(p.ValidFrom))
		case p.ValidFrom.After(c.t.ValidFrom) && (c.t.ValidTo.IsZero() || p.ValidFrom.Before(c.t.ValidTo)):
			c.addf(Error, AlreadyCovered, "", "version %d is published and begins at %s, within this version; set valid_until to that, or begin later",
				p.Version, instantText(p.ValidFrom))
		case !c.ground.At.IsZero() && c.t.ValidFrom.Before(c.ground.At) && p.ValidAt(c.t.ValidFrom):
			c.addf(Error, AlreadyCovered, "", "valid_from %s has passed, and version %d prices sessions since then; begin in the future",
				instantText(c.t.ValidFrom), p.Version)
		case p.Version > c.t.Version:
			c.addf(Error, AlreadyCovered, "", "version %d is published already; give this one a number above %d", p.Version, c.newest())
		}
	}
}

func (c *checker) newest() int {
	newest := 0
	for i := range c.ground.Published {
		if c.ground.Published[i].Code == c.t.Code {
			newest = max(newest, c.ground.Published[i].Version)
		}
	}
	return newest
}

func instantText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }
