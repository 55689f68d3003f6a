package jobs

import (
	"math"
	"strconv"
	"strings"
	"time"

	"wattdue/cdr"
	"wattdue/invoicing"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/sql/store"
)

// place is where and how a session took place, as price lists name it. Prices that may have to be made again keep it,
// because what is registered may change.
type place struct {
	Location string `json:"location"`
	Zone     string `json:"zone,omitempty"`
	Operator string `json:"operator,omitempty"`
	Country  string `json:"country"`
	Power    string `json:"power,omitempty"`
	Watts    int64  `json:"watts,omitempty"`
	TimeZone string `json:"time_zone"`
}

// placeOf is the place of a charge whose EVSE is registered. The operator is the sender of the record unless another one is
// registered.
func placeOf(c *store.Verified) place {
	p := place{*c.Location, c.PricingZone, c.Operator, c.PointCountry, c.Power, c.Watts, *c.Zone}
	if p.Operator == "" {
		p.Operator = c.Country + "*" + c.Party
	}
	return p
}

// channels says how price lists name the kinds of tokens (OCPI 2.2.1, TokenType). OTHER is what vehicles that identify
// themselves come with.
var channels = map[string]string{"RFID": "rfid", "APP_USER": "app", "AD_HOC_USER": "ad_hoc", "OTHER": "plug_and_charge"}

// underCalibrationLaw is where a charge point is under calibration law: in Germany, unless a rule says that the session owes
// no signature.
func underCalibrationLaw(country, basis string) bool {
	return country == "DE" && basis != invoicing.BasisNotRequired
}

// sessionOf is what rating prices of a charge. Idle time is the stated parking time: of the periods where they say it, else
// of the total.
func sessionOf(c *store.Verified, p place, zone *time.Location, t rating.Tariff) (rating.Session, error) {
	s := rating.Session{
		ID: c.Country + "/" + c.Party + "/" + c.ID, Start: c.Start.UTC(), End: c.End.UTC(), Energy: cdr.MicroKWh(c.Energy),
		Idle:     time.Duration(c.ParkingS) * time.Second,
		Location: p.Location, EVSEID: c.EVSE, Zone: p.Zone, Operator: p.Operator, Country: p.Country, Power: p.Power, Watts: p.Watts,
		Channel: channels[c.TokenType], TimeZone: zone,
		DurationUsable: c.DurationUsable, StartTimeUsable: c.BeginUsable, EndTimeUsable: c.EndUsable,
		Calibrated: underCalibrationLaw(p.Country, c.Basis),
	}
	periods, err := cdr.DecodePeriods(c.Periods)
	if err != nil {
		return s, err
	}
	addPeriods(&s, periods)
	if c.Basis == invoicing.BasisValid {
		readings, err := c.Readings()
		if err != nil {
			return s, err
		}
		proveEnergy(&s, readings)
	}
	text := c.StatedIncl
	if t.Mode == rating.Net {
		text = c.StatedExcl
	}
	if t.Currency == c.Currency {
		s.Stated, s.HasStated = parseAmount(text)
	}
	return s, nil
}

// addPeriods gives a session its periods. One period that says nothing of its own is none.
func addPeriods(s *rating.Session, periods []cdr.Period) {
	var parked time.Duration
	states := false
	for _, p := range periods {
		parked += p.Parking
		states = states || p.Has&cdr.HasParking != 0
		s.Periods = append(s.Periods, rating.Period{Start: p.Start, Energy: p.Energy, Idle: p.Parking})
	}
	if states && parked == 0 {
		s.Idle = 0
	}
}

// signedTolerance is by how much periods may add up to something else than the signed energy before they contradict it: as
// much as the stated total may.
const signedTolerance cdr.MicroKWh = 1000

// proveEnergy makes the signed energy count. Periods that add up to it but for the sender's rounding are brought in line in
// the largest of them. Others part no energy, and the reading at the end says so to rating.
func proveEnergy(s *rating.Session, readings []store.Reading) {
	for _, r := range readings {
		if r.At.After(s.Start) && r.At.Before(s.End) {
			s.Readings = append(s.Readings, rating.Reading{At: r.At.UTC(), Energy: r.Energy})
		}
	}
	var sum cdr.MicroKWh
	largest := -1
	for i, p := range s.Periods {
		sum += p.Energy
		if largest < 0 || p.Energy > s.Periods[largest].Energy {
			largest = i
		}
	}
	off := s.Energy - sum
	switch {
	case sum == 0 || off == 0:
	case off >= -signedTolerance && off <= signedTolerance && s.Periods[largest].Energy+off >= 0:
		s.Periods[largest].Energy += off
	case len(s.Readings) == 0:
		s.Readings = []rating.Reading{{At: s.End, Energy: s.Energy}}
	}
}

// parseAmount reads a decimal amount of at most twelve decimals, exactly.
func parseAmount(s string) (money.Exact, bool) {
	const decimals, ninths = 12, 9 // an Exact is 1/(9*10^12)
	negative := strings.HasPrefix(s, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || len(fraction) > decimals {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 63)
	if err != nil || n > math.MaxInt64/ninths {
		return 0, false
	}
	amount := money.Exact(n * ninths)
	if negative {
		amount = -amount
	}
	return amount, true
}
