package jobs

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/money"
	"wattdue/rating"
	"wattdue/sql/store"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text string
		want money.Exact
		ok   bool
	}{
		{"8.71", 78_390_000_000_000, true}, // 8.71 x 9e12
		{"0", 0, true},
		{"-1.5", -13_500_000_000_000, true},
		{"0.000000000001", 9, true},
		{"0.0000000000001", 0, false}, // more digits than there are
		{"", 0, false},
		{"1e3", 0, false},
		{"1.-5", 0, false},
		{"9999999", 0, false}, // beyond the range
	} {
		if got, ok := parseAmount(c.text); got != c.want || ok != c.ok {
			t.Errorf("%q: %d, %v; want %d, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

// TestSignedEnergyCounts: two periods of 6 and 4 kWh beside signed energy that is the same, half a watt hour less, or a whole
// kilowatt-hour less.
func TestSignedEnergyCounts(t *testing.T) {
	start := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	end := start.Add(time.Hour)
	for _, c := range []struct {
		name     string
		signed   cdr.MicroKWh
		readings []store.Reading
		want     []cdr.MicroKWh
		read     []rating.Reading
	}{
		{"the same", 10_000_000, nil, []cdr.MicroKWh{6_000_000, 4_000_000}, nil},
		{"rounded by the sender", 9_999_500, nil, []cdr.MicroKWh{5_999_500, 4_000_000}, nil},
		{"something else", 9_000_000, nil, []cdr.MicroKWh{6_000_000, 4_000_000}, []rating.Reading{{At: end, Energy: 9_000_000}}},
		{
			"read in between", 10_000_000,
			[]store.Reading{{At: start, Energy: 0}, {At: start.Add(20 * time.Minute), Energy: 3_000_000}, {At: end, Energy: 10_000_000}},
			[]cdr.MicroKWh{6_000_000, 4_000_000},
			[]rating.Reading{{At: start.Add(20 * time.Minute), Energy: 3_000_000}},
		},
	} {
		s := rating.Session{Start: start, End: end, Energy: c.signed, Periods: []rating.Period{
			{Start: start, Energy: 6_000_000}, {Start: start.Add(30 * time.Minute), Energy: 4_000_000},
		}}
		proveEnergy(&s, c.readings)
		if s.Periods[0].Energy != c.want[0] || s.Periods[1].Energy != c.want[1] || s.Energy != c.signed {
			t.Errorf("%s: periods %+v, want %v", c.name, s.Periods, c.want)
		}
		if d := cmp.Diff(c.read, s.Readings); d != "" {
			t.Errorf("%s: readings\n%s", c.name, d)
		}
	}
}

func TestSessionOfACharge(t *testing.T) {
	start := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	text := func(s string) *string { return &s }
	c := store.Verified{
		Country: "DE", Party: "NLC", ID: "1", Start: start, End: start.Add(time.Hour), Energy: 10_000_000, ParkingS: 600, EVSE: "DE*NLC*E1",
		Location: text("L1"), Zone: text("Europe/Berlin"), PointCountry: "DE", PricingZone: "Nord", Power: "DC", Watts: 150_000,
		TokenType: "APP_USER", StatedExcl: "3.6", StatedIncl: "4.284", Currency: "EUR", Basis: "valid", DurationUsable: true, BeginUsable: true,
		Periods: cdr.EncodePeriods([]cdr.Period{{Start: start, Energy: 10_000_000, Parking: 5 * time.Minute, Has: cdr.HasEnergy | cdr.HasParking}}),
	}
	s, err := sessionOf(&c, placeOf(&c), time.UTC, rating.Tariff{Currency: "EUR", Mode: rating.Gross})
	if err != nil {
		t.Fatal(err)
	}
	want := rating.Session{
		ID: "DE/NLC/1", Start: start, End: start.Add(time.Hour), Energy: 10_000_000, Idle: 10 * time.Minute,
		Periods:  []rating.Period{{Start: start, Energy: 10_000_000, Idle: 5 * time.Minute}},
		Location: "L1", EVSEID: "DE*NLC*E1", Zone: "Nord", Operator: "DE*NLC", Country: "DE", Power: "DC", Watts: 150_000, Channel: "app",
		TimeZone: time.UTC, DurationUsable: true, StartTimeUsable: true, Calibrated: true, Stated: 38_556_000_000_000, HasStated: true,
	}
	if d := cmp.Diff(want, s, cmp.Comparer(func(a, b *time.Location) bool { return a == b })); d != "" {
		t.Error(d)
	}
	for _, other := range []struct {
		name   string
		change func(*store.Verified)
		tariff rating.Tariff
		good   func(rating.Session) bool
	}{
		{"net prices", func(*store.Verified) {}, rating.Tariff{Currency: "EUR", Mode: rating.Net}, func(s rating.Session) bool { return s.Stated == 32_400_000_000_000 }},
		{"another currency", func(*store.Verified) {}, rating.Tariff{Currency: "CHF", Mode: rating.Gross}, func(s rating.Session) bool { return !s.HasStated }},
		{"exempt", func(c *store.Verified) { c.Basis = "not_required" }, rating.Tariff{}, func(s rating.Session) bool { return !s.Calibrated }},
		{"by waiver", func(c *store.Verified) { c.Basis = "waiver" }, rating.Tariff{}, func(s rating.Session) bool { return s.Calibrated }},
		{"abroad", func(c *store.Verified) { c.PointCountry = "NL" }, rating.Tariff{}, func(s rating.Session) bool { return !s.Calibrated }},
		{"operator registered", func(c *store.Verified) { c.Operator = "X" }, rating.Tariff{}, func(s rating.Session) bool { return s.Operator == "X" }},
		{"vehicle", func(c *store.Verified) { c.TokenType = "OTHER" }, rating.Tariff{}, func(s rating.Session) bool { return s.Channel == "plug_and_charge" }},
		{"periods that say there was no parking", func(c *store.Verified) {
			c.Periods = cdr.EncodePeriods([]cdr.Period{{Start: start, Energy: 10_000_000, Has: cdr.HasEnergy | cdr.HasParking}})
		}, rating.Tariff{}, func(s rating.Session) bool { return s.Idle == 0 }},
	} {
		changed := c
		other.change(&changed)
		s, err := sessionOf(&changed, placeOf(&changed), time.UTC, other.tariff)
		if err != nil || !other.good(s) {
			t.Errorf("%s: %+v, %v", other.name, s, err)
		}
	}
}

func TestNoticeOfADearerVersion(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	published := at("2026-04-20 23:59:59")
	v := store.TariffVersion{From: at("2026-05-01 00:00:00"), PublishedAt: &published}
	c := customer.Contract{ZoneLocation: berlin, PriceNoticeDays: 42}
	if !waits(c, &v, at("2026-05-31 23:59:59")) || waits(c, &v, at("2026-06-01 00:00:00")) {
		t.Error("42 days after the 20th of April end with the 31st of May")
	}
	if v.PublishedAt = nil; waits(c, &v, v.From) {
		t.Error("a version published before that was kept waits")
	}
}
