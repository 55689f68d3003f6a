package wire

import (
	"encoding/json"
	"time"

	"wattdue/cdr"
	"wattdue/rating"
)

// The form of a session as JSON, in the order in which it is written.
type sessionOut struct {
	ID          string       `json:"id,omitempty"`
	Start       time.Time    `json:"start"`
	End         time.Time    `json:"end"`
	Energy      string       `json:"energy_kwh"`
	Export      string       `json:"export_kwh,omitempty"`
	Idle        string       `json:"idle,omitempty"`
	ChargeEnd   time.Time    `json:"charge_end,omitzero"`
	Periods     []periodOut  `json:"periods,omitempty"`
	Readings    []readingOut `json:"readings,omitempty"`
	Reserved    string       `json:"reserved,omitempty"`
	Expired     bool         `json:"reservation_expired,omitempty"`
	Location    string       `json:"location,omitempty"`
	EVSE        string       `json:"evse,omitempty"`
	PricingZone string       `json:"pricing_zone,omitempty"`
	Operator    string       `json:"operator,omitempty"`
	Country     string       `json:"country,omitempty"`
	Power       string       `json:"power,omitempty"`
	Watts       int64        `json:"max_watts,omitempty"`
	Channel     string       `json:"channel,omitempty"`
	TimeZone    string       `json:"time_zone,omitempty"`
	ZoneGuessed bool         `json:"time_zone_guessed,omitempty"`
	Proven      provenOut    `json:"proven"`
	Calibrated  bool         `json:"calibrated"`
	Stated      string       `json:"stated_total,omitempty"`
	Contract    *contractOut `json:"contract,omitempty"`
}

type periodOut struct {
	Start  time.Time `json:"start"`
	Energy string    `json:"energy_kwh,omitempty"`
	Idle   string    `json:"idle,omitempty"`
}

type readingOut struct {
	At     time.Time `json:"at"`
	Energy string    `json:"energy_kwh"`
}

type provenOut struct {
	Durations bool `json:"durations"`
	Start     bool `json:"start"`
	End       bool `json:"end"`
}

type contractOut struct {
	No         string         `json:"no,omitempty"`
	Customer   string         `json:"customer,omitempty"`
	Groups     []string       `json:"groups,omitempty"`
	Taken      string         `json:"taken_kwh,omitempty"`
	Allowances []allowanceOut `json:"allowances,omitempty"`
}

type allowanceOut struct {
	ID        string           `json:"id"`
	Component rating.Component `json:"component"`
	Left      string           `json:"left"`
}

// WriteSession returns a case as ParseSession reads it back. Instants are written in UTC.
func WriteSession(c Case) ([]byte, error) {
	s := &c.Session
	out := sessionOut{
		ID: s.ID, Start: s.Start.UTC(), End: s.End.UTC(), Energy: energyText(s.Energy), Export: energyOr(s.Export), Idle: durationOr(s.Idle),
		ChargeEnd: utcOr(s.ChargeEnd), Reserved: durationOr(s.Reserved), Expired: s.ReservationExpired, Location: s.Location, EVSE: s.EVSEID,
		PricingZone: s.Zone, Operator: s.Operator, Country: s.Country, Power: s.Power, Watts: s.Watts, Channel: s.Channel,
		ZoneGuessed: s.ZoneGuessed, Proven: provenOut{s.DurationUsable, s.StartTimeUsable, s.EndTimeUsable}, Calibrated: s.Calibrated,
		Contract: writeContract(c.Contract),
	}
	if s.TimeZone != nil {
		out.TimeZone = s.TimeZone.String()
	}
	if s.HasStated {
		out.Stated = exactText(s.Stated)
	}
	for _, p := range s.Periods {
		out.Periods = append(out.Periods, periodOut{p.Start.UTC(), energyOr(p.Energy), durationOr(p.Idle)})
	}
	for _, r := range s.Readings {
		out.Readings = append(out.Readings, readingOut{r.At.UTC(), energyText(r.Energy)})
	}
	return json.MarshalIndent(out, "", "  ")
}

func writeContract(c rating.Contract) *contractOut {
	out := contractOut{No: c.No, Customer: c.Customer, Groups: c.Groups, Taken: energyOr(c.Taken)}
	for _, a := range c.Allowances {
		left := energyText(cdr.MicroKWh(a.Left))
		if a.Component != rating.Energy {
			left = (time.Duration(a.Left) * time.Second).String()
		}
		out.Allowances = append(out.Allowances, allowanceOut{a.ID, a.Component, left})
	}
	if c.No == "" && c.Customer == "" && len(c.Groups) == 0 && c.Taken == 0 && len(c.Allowances) == 0 {
		return nil
	}
	return &out
}

func energyOr(e cdr.MicroKWh) string {
	if e == 0 {
		return ""
	}
	return energyText(e)
}

func durationOr(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func utcOr(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
