package ocpi

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"wattdue/money"
)

// TestFlags: records that are not as they should be are priced by the periods' own starts, and flagged (rating rules, 5.1).
func TestFlags(t *testing.T) {
	session := total221 + `"start_date_time":"2025-06-03T10:00:00Z","end_date_time":"2025-06-03T12:00:00Z",`
	hourly := []string{element(`"max_duration":3600`, "ENERGY 0.10", "TIME 1", "PARKING_TIME 2"), element("", "ENERGY 0.20", "TIME 1", "PARKING_TIME 2")}
	tests := []struct {
		name, members string
		periods       []string
		total, flags  string
	}{
		{"in order", session, []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", ""},
		{"out of order", session, []string{"11:00 ENERGY 10", "10:00 ENERGY 10"}, "3/3", "PERIODS_OUT_OF_ORDER"},
		{"two start together", session, []string{"10:00 TIME 1", "10:00 PARKING_TIME 1", "11:00 ENERGY 10"}, "5/5", "PERIODS_OVERLAP"},
		{"more time than the period lasts", session, []string{"10:00 TIME 1.5", "11:00 TIME 0.5"}, "2/2", "PERIODS_OVERLAP"},
		{"rounded hours are no overlap", session, []string{"10:00 TIME 1.0003", "11:00 TIME 1"}, "2.000278/2.000278", ""},
		{"before the session", session, []string{"09:30 ENERGY 10", "10:30 ENERGY 10"}, "3/3", "PERIODS_OUTSIDE_SESSION"},
		{"after the session", session, []string{"10:00 ENERGY 10", "12:30 ENERGY 10"}, "3/3", "PERIODS_OUTSIDE_SESSION SPANS_PRICE_CHANGE"},
		{"another year", session, []string{"2027-06-03T10:00:00Z ENERGY 10", "2027-06-03T11:00:00Z ENERGY 10"}, "3/3", "PERIODS_OUTSIDE_SESSION"},
		{"a gap at the start", session, []string{"10:30 ENERGY 10", "11:00 ENERGY 10"}, "3/3", "PERIOD_GAP"},
		{"no periods", session + `"total_energy":10,"total_time":2,"total_parking_time":0.5,`, nil, "3.5/3.5", "PERIOD_GAP SPANS_PRICE_CHANGE"},
		{"not split where the price changes", session, []string{"10:00 ENERGY 20"}, "2/2", "SPANS_PRICE_CHANGE"},
		{"energy differs from its total", session + `"total_energy":20.1,`, []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", "TOTAL_MISMATCH"},
		{"energy differs by rounding", session + `"total_energy":20.0001,`, []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", ""},
		{"time differs from its total", session + `"total_time":1.5,`, []string{"10:00 TIME 1", "11:00 TIME 1"}, "2/2", "TOTAL_MISMATCH"},
		{"parking differs from its total", session + `"total_parking_time":1.5,`, []string{"10:00 TIME 1", "11:00 PARKING_TIME 1"}, "3/3", "TOTAL_MISMATCH"},
		{
			"the total differs", strings.Replace(session, "null", "2.99", 1), []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", "TOTAL_MISMATCH",
		},
		{"the total is rounded", strings.Replace(session, "null", "3.001", 1), []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", ""},
		{"a part differs", session + `"total_energy_cost":{"excl_vat":2},`, []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", "TOTAL_MISMATCH"},
		{"total_time with the reservation", session + `"total_time":2,`, []string{"10:00 RESERVATION_TIME 1", "11:00 TIME 1"}, "1/1", ""},
		{"total_time without the reservation", session + `"total_time":1,`, []string{"10:00 RESERVATION_TIME 1", "11:00 TIME 1"}, "1/1", ""},
		{"paid to the driver", session + `"home_charging_compensation":true,`, []string{"10:00 ENERGY 10", "11:00 ENERGY 10"}, "3/3", "HOME_REIMBURSEMENT"},
		{"a dimension nobody knows", session, []string{"10:00 ENERGY 10 WEATHER 3", "11:00 ENERGY 10"}, "3/3", "UNKNOWN_COMPONENT"},
		{
			"the end lies before the start", total221 + `"start_date_time":"2025-06-03T10:00:00Z","end_date_time":"1970-01-01T00:00:00Z",`,
			[]string{"10:00 ENERGY 10"},
			"1/1", "NEGATIVE",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, tt.members, tt.periods...), Options{}, tariff(t, "", hourly...))
			if got := both(p.Total); got != tt.total || flagsOf(p) != tt.flags {
				t.Errorf("total %s, flags %q; want %s, %q\n%v", got, flagsOf(p), tt.total, tt.flags, p.Findings)
			}
		})
	}
}

// TestGuessedZone: only where a restriction looks at the clock does it matter that nobody stated the zone.
func TestGuessedZone(t *testing.T) {
	c := record(t, total221, "10:00 ENERGY 1")
	for _, tt := range []struct {
		restrictions string
		options      Options
		want         string
	}{
		{`"start_time":"08:00"`, Options{}, "TZ_GUESSED"},
		{`"day_of_week":["MONDAY"]`, Options{}, "TZ_GUESSED"},
		{`"start_date":"2025-01-01"`, Options{Zone: time.UTC, ZoneGuessed: true}, "TZ_GUESSED"},
		{`"start_time":"08:00"`, Options{Zone: time.UTC}, ""},
		{`"min_kwh":0`, Options{}, ""},
	} {
		p, err := Price(c, []Tariff{tariff(t, "", element(tt.restrictions, "ENERGY 1"))}, tt.options)
		if err != nil || flagsOf(p) != tt.want {
			t.Errorf("%s, %+v: flags %q, error %v; want %q", tt.restrictions, tt.options, flagsOf(p), err, tt.want)
		}
	}
}

// TestExtensions: rules of operators beside the standard (rating rules, 12.6). 11.765 kWh in steps of 1 kWh are 12 kWh at
// 0.492, 5.904, which the operator rounds up to 5.91; 11.2 kWh rounded down are 11 kWh, 5.412, rounded up 5.42.
func TestExtensions(t *testing.T) {
	rules := func(price, step string) Tariff {
		return mustTariff(t, tariffText("", `{"price_components":[{"type":"ENERGY","price":0.492,"step_size":1000,`+
			`"price_round":{"round_rule":"`+price+`","round_granularity":"HUNDREDTH"},"step_round":{"round_rule":"`+step+`","round_granularity":"UNIT"}}]}`))
	}
	session := mustTariff(t, tariffText("", element("", "SESSION_TIME 6.00", "FLAT 1")))
	tests := []struct {
		name   string
		tariff Tariff
		period string
		way    Extensions
		total  string
		flag   bool
	}{
		{"as given", rules("ROUND_UP", "ROUND_UP"), "10:00 ENERGY 11.765", AsGiven, "5.91/5.91", true},
		{"agreed", rules("ROUND_UP", "ROUND_UP"), "10:00 ENERGY 11.765", Agreed, "5.91/5.91", false},
		{"the standard alone", rules("ROUND_UP", "ROUND_UP"), "10:00 ENERGY 11.765", Standard, "5.904/5.904", true},
		{"steps down", rules("ROUND_UP", "ROUND_DOWN"), "10:00 ENERGY 11.2", AsGiven, "5.42/5.42", true},
		{"steps to the nearest", rules("ROUND_DOWN", "ROUND_NEAR"), "10:00 ENERGY 11.5", AsGiven, "5.9/5.9", true},
		{"the nearest price", rules("ROUND_NEAR", "ROUND_UP"), "10:00 ENERGY 11.2", AsGiven, "5.9/5.9", true},
		{"a rule nobody knows", rules("ROUND_ODD", "ROUND_ODD"), "10:00 ENERGY 11.2", AsGiven, "5.904/5.904", true},
		// Half an hour of charging and half an hour of parking at 6.00/h, and the start.
		{"session time as given", session, "10:00 TIME 0.5 PARKING_TIME 0.5", AsGiven, "7/7", true},
		{"session time as stated", session, "10:00 TIME 0.5 PARKING_TIME 0.5 SESSION_TIME 2", Agreed, "13/13", false},
		{"session time by the standard alone", session, "10:00 TIME 0.5 PARKING_TIME 0.5", Standard, "1/1", true},
		{"a component nobody knows", mustTariff(t, tariffText("", element("", "WEATHER 6", "FLAT 1"))), "10:00 TIME 1", Agreed, "1/1", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, total221, tt.period), Options{Extensions: tt.way}, tt.tariff)
			if both(p.Total) != tt.total || hasFlag(p, "UNKNOWN_COMPONENT") != tt.flag {
				t.Errorf("total %s, flags %q; want %s, flag %v", both(p.Total), flagsOf(p), tt.total, tt.flag)
			}
		})
	}
}

// TestNoPrice: what keeps a record from being priced at all.
func TestNoPrice(t *testing.T) {
	one := tariff(t, "", element("", "ENERGY 0.25"))
	dollars, old, dear := one, one, tariff(t, "", element("", "ENERGY 1000000"))
	dollars.Currency = "USD"
	old.ValidTo = time.Date(2025, 6, 3, 10, 0, 0, 0, time.UTC)
	c := record(t, total221, "10:00 ENERGY 1")
	credit, empty, much := c, c, c
	credit.Credit = true
	empty.Periods = nil
	much.Periods = []Period{{Start: c.Periods[0].Start, Energy: math.MaxInt64 / 4, Has: HasEnergy}}
	named := c
	named.Periods = []Period{{Start: c.Periods[0].Start, TariffID: "T", Has: HasEnergy}}
	for _, tt := range []struct {
		name    string
		cdr     CDR
		tariffs []Tariff
		want    string
	}{
		{"a credit", credit, []Tariff{one}, "credit: a credit is not priced"},
		{"no tariff", c, nil, "tariffs: none is given and the record holds none"},
		{"another currency", c, []Tariff{dollars}, `currency: the record is in EUR, tariff "T" in USD`},
		{"a tariff that ended as the session began", c, []Tariff{old}, "not valid when the session starts, 2025-06-03T10:00:00Z"},
		{"a named tariff that ended", named, []Tariff{old, one, {ID: "U"}}[:1], "not valid when the session starts"},
		{"nothing to price", empty, []Tariff{one}, "start_date_time: is missing, as are the periods"},
		{"an amount beyond all numbers", much, []Tariff{dear}, money.ErrOverflow.Error()},
	} {
		_, err := Price(tt.cdr, tt.tariffs, Options{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), `charge record "C": `) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestTariffsInside: the tariffs inside a record price it where none is given. One that cannot be read is no reason not to
// read the record, and never leaves its periods to another one.
func TestTariffsInside(t *testing.T) {
	inside := func(tariffs string) string { return total221 + `"tariffs":[` + tariffs + `],` }
	one, broken := tariffText("", element("", "ENERGY 0.25")), `{"id":"B","currency":"EUR"}`
	if got := both(mustPrice(t, record(t, inside(one), "10:00 ENERGY 4"), Options{}).Total); got != "1/1" {
		t.Errorf("got %s, want 1/1", got)
	}
	c := record(t, inside(one), "10:00 ENERGY 4")
	c.Periods[0].TariffID = "B"
	if p := mustPrice(t, c, Options{}); both(p.Total) != "0/0" || !hasFlag(p, "NO_PRICE") {
		t.Errorf("a period of another tariff: %s, flags %s", both(p.Total), flagsOf(p))
	}
	c = record(t, inside(one+","+broken), "10:00 ENERGY 4")
	_, err := Price(c, nil, Options{})
	if text := fmt.Sprint(err); !strings.Contains(text, "tariffs[1].elements: is missing or empty") || !strings.Contains(text, "give the tariff of the operator apart") {
		t.Errorf("a broken tariff: %v", err)
	}
	c.Periods[0].TariffID = "B"
	p := mustPrice(t, c, Options{}, tariff(t, "", element("", "ENERGY 0.50")))
	if both(p.Total) != "2/2" || flagsOf(p) != "" || len(p.Findings) != 2 || !strings.Contains(p.Findings[1].Text, `names "B"`) {
		t.Errorf("a tariff of another name was given: %s, %v", both(p.Total), p.Findings)
	}
}
