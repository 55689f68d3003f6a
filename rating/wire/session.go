package wire

import (
	"slices"
	"strings"
	"time"

	"wattdue/pricelist"
	"wattdue/rating"
)

// calibrated is where calibration law forbids estimated energy unless the file says otherwise (rating rules, 5.2).
const calibrated = "DE"

// ParseSession reads a session. The name of the file stands in the messages. When there are faults, they are in the order of
// the file and the case is good for nothing.
func ParseSession(name string, data []byte, look Lookups) (Case, pricelist.Faults) {
	p := &parser{file: name, look: look}
	v, line, fault := readValue(data)
	if fault != "" {
		p.faultf(line, "", "%s", fault)
		return Case{}, p.faults
	}
	c := p.session(v)
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b pricelist.Fault) int { return a.Line - b.Line })
		return Case{}, p.faults
	}
	return c, nil
}

func (p *parser) session(v value) Case {
	o := p.object(v, "")
	if o == nil {
		return Case{}
	}
	var c Case
	s := &c.Session
	s.ID = o.text("id")
	s.Start, s.End = o.instant(o.need("start", wantInstant)), o.instant(o.need("end", wantInstant))
	s.Energy = o.energyOf(o.need("energy_kwh", wantEnergy))
	s.Export, s.Idle = o.energy("export_kwh"), o.duration("idle")
	s.ChargeEnd = o.instant(o.find("charge_end"))
	o.list("periods", "a list of periods", func(v value, at string) { s.Periods = append(s.Periods, p.period(v, at)) })
	o.list("readings", "a list of readings", func(v value, at string) { s.Readings = append(s.Readings, p.reading(v, at)) })
	s.Reserved, s.ReservationExpired = o.duration("reserved"), o.truth("reservation_expired", false)
	s.TimeZone = o.zone("time_zone")
	s.ZoneGuessed = o.truth("time_zone_guessed", false)
	s.Location, s.EVSEID, s.Zone, s.Operator, s.Country = o.text("location"), o.text("evse"), o.text("pricing_zone"), o.text("operator"), o.country("country")
	s.Power, s.Watts = o.word("power", "AC", "DC"), o.watts("max_watts")
	s.Channel = o.word("channel", "rfid", "app", "plug_and_charge", "ad_hoc")
	p.proven(o, s)
	s.Calibrated = o.truth("calibrated", s.Country == calibrated)
	s.Stated, s.HasStated = o.exact("stated_total")
	if m, ok := o.find("contract"); ok {
		c.Contract = p.contract(m.value)
	}
	o.close()
	if !s.Start.IsZero() && !s.End.IsZero() && s.End.Before(s.Start) {
		p.faultf(o.line, "end", "is before start; check both, and their offsets")
	}
	return c
}

func (p *parser) period(v value, at string) rating.Period {
	o := p.object(v, at+".")
	if o == nil {
		return rating.Period{}
	}
	defer o.close()
	return rating.Period{Start: o.instant(o.need("start", wantInstant)), Energy: o.energy("energy_kwh"), Idle: o.duration("idle")}
}

func (p *parser) reading(v value, at string) rating.Reading {
	o := p.object(v, at+".")
	if o == nil {
		return rating.Reading{}
	}
	defer o.close()
	return rating.Reading{At: o.instant(o.need("at", wantInstant)), Energy: o.energyOf(o.need("energy_kwh", wantEnergy))}
}

// proven reads which times of the session may be billed; left out: all of them.
func (p *parser) proven(o *object, s *rating.Session) {
	s.DurationUsable, s.StartTimeUsable, s.EndTimeUsable = true, true, true
	m, ok := o.find("proven")
	if !ok {
		return
	}
	in := p.object(m.value, "proven.")
	if in == nil {
		return
	}
	s.DurationUsable, s.StartTimeUsable, s.EndTimeUsable = in.truth("durations", true), in.truth("start", true), in.truth("end", true)
	in.close()
}

func (o *object) zone(name string) *time.Location {
	text := o.text(name)
	if text == "" {
		return nil
	}
	// Local is whatever the machine is set to.
	if z, err := o.p.look.TimeZone(text); err == nil && text != "Local" {
		return z
	}
	m, _ := o.find(name)
	o.wrongf(m, "%s is no time zone; want an IANA name such as %q", quoted(text), "Europe/Berlin")
	return nil
}

func (o *object) country(name string) string {
	text := o.text(name)
	if text == "" || len(text) == 2 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return text
	}
	m, _ := o.find(name)
	o.wrongf(m, "%s is no country; want ISO 3166 alpha-2 in capitals, such as %q", quoted(text), calibrated)
	return ""
}

// mostWatts is beyond every charge point.
const mostWatts = 100_000_000

func (o *object) watts(name string) int64 {
	m, ok := o.find(name)
	if !ok {
		return 0
	}
	n, fault := decimal(m.value, 0)
	if fault != "" || n < 1 || n > mostWatts {
		o.wrongf(m, "want whole watts, such as 22000")
		return 0
	}
	return n
}

func (p *parser) contract(v value) rating.Contract {
	o := p.object(v, "contract.")
	if o == nil {
		return rating.Contract{}
	}
	c := rating.Contract{No: o.text("no"), Customer: o.text("customer"), Groups: o.texts("groups"), Taken: o.energy("taken_kwh")}
	o.list("allowances", "a list of allowances", func(v value, at string) {
		a := p.allowance(v, at)
		if a.ID != "" && slices.ContainsFunc(c.Allowances, func(b rating.Allowance) bool { return a.ID == b.ID }) {
			p.faultf(v.line, at+".id", "is that of another allowance; give it its own")
		}
		c.Allowances = append(c.Allowances, a)
	})
	o.close()
	return c
}

// metered are the components of which there can be allowances.
func metered() (words []string) {
	for _, c := range []rating.Component{rating.Energy, rating.Charging, rating.Idle, rating.Occupancy} {
		words = append(words, string(c))
	}
	return words
}

func (p *parser) allowance(v value, at string) rating.Allowance {
	o := p.object(v, at+".")
	if o == nil {
		return rating.Allowance{}
	}
	defer o.close()
	if _, ok := o.need("id", "the name of the allowance, as lines print it"); !ok {
		return rating.Allowance{}
	}
	a := rating.Allowance{ID: o.text("id")}
	if _, ok := o.need("component", oneOf(metered())); !ok {
		return a
	}
	a.Component = rating.Component(o.word("component", metered()...))
	const left = "left"
	want := wantDuration
	if a.Component == rating.Energy {
		want = wantEnergy
	}
	if m, ok := o.need(left, want); !ok || a.Component == "" {
		return a
	} else if a.Component == rating.Energy {
		a.Left = int64(o.energyOf(m, ok))
		return a
	}
	a.Left = int64(o.duration(left) / time.Second)
	return a
}
