package rating

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"wattdue/cdr"
	"wattdue/money"
)

const kWh = cdr.MicroKWh(1_000_000)

// cents of a unit price: 49*cent is 0.49.
const cent = money.Price(10_000)

var noon = time.Date(2026, 10, 14, 12, 0, 0, 0, time.UTC)

func at(unit money.Price) Price { return Price{Unit: unit, VATCode: "standard"} }

func tariffOf(rows ...Row) Tariff {
	return Tariff{
		Code: "CITY", Version: 3, Currency: money.EUR, Mode: Gross, Rows: rows,
		ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		ZeroBelow: kWh / 10, ZeroUnder: 2 * time.Minute,
	}
}

func compiled(t testing.TB, tariff Tariff) *Compiled {
	t.Helper()
	c, err := Compile(tariff)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func session(energy cdr.MicroKWh, lasting, idle time.Duration) Session {
	return Session{ID: "DE/ABC/1", Start: noon, End: noon.Add(lasting), Energy: energy, Idle: idle, Location: "L1", EVSEID: "DE*ABC*E1", DurationUsable: true}
}

// printed shows lines as a clerk would write them down: component, quantity, unit price, amount, row.
func printed(r Rated) []string {
	var lines []string
	for _, l := range r.Lines {
		quantity := components[componentIndex(l.Component)].show(l.Quantity)
		lines = append(lines, fmt.Sprintf("%s %s x %s = %s (%s)", l.Component, quantity, l.Unit, money.Amount{Minor: l.Amount, Currency: r.Currency}.Decimal(), l.Row))
	}
	return lines
}

func TestRate(t *testing.T) {
	all := Row{ID: "all", Prices: map[Component]Price{
		Energy: at(49 * cent), Charging: at(1 * cent), PerUse: at(50 * cent),
		Idle: {Unit: 20 * cent, VATCode: "standard", FreeTime: 15 * time.Minute},
	}}
	energyOnly := Row{ID: "energy", Prices: map[Component]Price{Energy: at(49 * cent)}}
	half := Row{ID: "half", Prices: map[Component]Price{Energy: at(49 * cent), Charging: at(13 * cent)}}
	staff := Row{ID: "staff", Prices: map[Component]Price{Energy: at(391_000), PerUse: at(50 * cent)}}
	free := Row{ID: "free", Prices: map[Component]Price{Energy: at(0), Idle: at(0)}}
	net := Row{ID: "net", Prices: map[Component]Price{Energy: at(411_765)}}
	seconds := Row{ID: "seconds", Prices: map[Component]Price{Energy: at(0), Charging: at(10 * cent)}}

	cases := []struct {
		name  string
		row   Row
		s     Session
		lines []string
		total int64
		flags []Flag
		held  bool
	}{
		{"everything at once: 9.80 + 0.80 + 5.00 + 0.50", all, session(20*kWh, 2*time.Hour, 40*time.Minute), []string{
			"energy_kwh 20.000 kWh x 0.49 = 9.80 (all)",
			"charge_min 1 h 20 min x 0.01 = 0.80 (all)",
			"idle_min 25 min x 0.20 = 5.00 (all)",
			"session 1 x 0.50 = 0.50 (all)",
		}, 1610, nil, false},
		{"E4: each line goes up by itself, 5.145 and 1.365 are 6.52", half, session(10_500_000, 10*time.Minute+30*time.Second, 0), []string{
			"energy_kwh 10.500 kWh x 0.49 = 5.15 (half)",
			"charge_min 10 min 30 s x 0.13 = 1.37 (half)",
		}, 652, nil, false},
		{"E7: 40 min idle, 15 free, the rest at 0.20", all, session(0, 40*time.Minute, 40*time.Minute), []string{
			"idle_min 25 min x 0.20 = 5.00 (all)",
		}, 500, nil, false},
		{"idle within the free time has no line", all, session(1*kWh, 25*time.Minute, 15*time.Minute), []string{
			"energy_kwh 1.000 kWh x 0.49 = 0.49 (all)",
			"charge_min 10 min x 0.01 = 0.10 (all)",
			"session 1 x 0.50 = 0.50 (all)",
		}, 109, nil, false},
		{"one second beyond the free time: 0.20/60 is less than half a cent", all, session(1*kWh, 25*time.Minute+time.Second, 15*time.Minute+time.Second), []string{
			"energy_kwh 1.000 kWh x 0.49 = 0.49 (all)",
			"charge_min 10 min x 0.01 = 0.10 (all)",
			"idle_min 1 s x 0.20 = 0.00 (all)",
			"session 1 x 0.50 = 0.50 (all)",
		}, 109, nil, false},
		{"E12: 31.42 kWh at 0.391 are 12.28522, with the fee 12.79", staff, session(31_420_000, time.Hour, 0), []string{
			"energy_kwh 31.420 kWh x 0.391 = 12.29 (staff)",
			"session 1 x 0.50 = 0.50 (staff)",
		}, 1279, nil, false},
		{"E16: 1,000 kWh at 0.49 gross", energyOnly, session(1000*kWh, time.Hour, 0), []string{
			"energy_kwh 1000.000 kWh x 0.49 = 490.00 (energy)",
		}, 49000, nil, false},
		{"E16: the unit price keeps six decimals, 411.765 goes up", net, session(1000*kWh, time.Hour, 0), []string{
			"energy_kwh 1000.000 kWh x 0.411765 = 411.77 (net)",
		}, 41177, nil, false},
		{"E17: 0.02 kWh in 40 s", all, session(20_000, 40*time.Second, 0), nil, 0, []Flag{ZeroSession}, false},
		{"a zero session is not held for want of a price", Row{ID: "idle", Prices: map[Component]Price{Idle: at(cent)}}, session(20_000, 40*time.Second, 0), nil, 0, []Flag{ZeroSession}, false},
		{"E17: 0.6 kWh are charged, 0.294", energyOnly, session(600_000, 40*time.Second, 0), []string{
			"energy_kwh 0.600 kWh x 0.49 = 0.29 (energy)",
		}, 29, nil, false},
		{"0.02 kWh in exactly 120 s are charged", energyOnly, session(20_000, 2*time.Minute, 0), []string{
			"energy_kwh 0.020 kWh x 0.49 = 0.01 (energy)",
		}, 1, nil, false},
		{"exactly 0.1 kWh in 40 s are charged", energyOnly, session(100_000, 40*time.Second, 0), []string{
			"energy_kwh 0.100 kWh x 0.49 = 0.05 (energy)",
		}, 5, nil, false},
		{"half a second less than 120 s is a zero session", energyOnly, session(20_000, 2*time.Minute-500*time.Millisecond, 0), nil, 0, []Flag{ZeroSession}, false},
		{"price 0 is a price and has its line", free, session(20*kWh, time.Hour, 10*time.Minute), []string{
			"energy_kwh 20.000 kWh x 0.00 = 0.00 (free)",
			"idle_min 10 min x 0.00 = 0.00 (free)",
		}, 0, nil, false},
		{"minutes without any row are free on purpose", energyOnly, session(20*kWh, time.Hour, 10*time.Minute), []string{
			"energy_kwh 20.000 kWh x 0.49 = 9.80 (energy)",
		}, 980, nil, false},
		{"no energy: the time is billed, the session fee is not", all, session(0, 3*time.Hour, 2*time.Hour), []string{
			"charge_min 1 h x 0.01 = 0.60 (all)",
			"idle_min 1 h 45 min x 0.20 = 21.00 (all)",
		}, 2160, nil, false},
		{
			"a tariff without energy does not give energy away",
			Row{ID: "idle", Prices: map[Component]Price{Idle: at(20 * cent)}},
			session(20*kWh, time.Hour, 10*time.Minute),
			[]string{
				"idle_min 10 min x 0.20 = 2.00 (idle)",
			},
			200,
			[]Flag{NoPrice},
			true,
		},
		{"fractions of a second are not billed: 59.9 s are 59 s at 0.10", seconds, session(1*kWh, 59*time.Second+900*time.Millisecond, 0), []string{
			"energy_kwh 1.000 kWh x 0.00 = 0.00 (seconds)",
			"charge_min 59 s x 0.10 = 0.10 (seconds)",
		}, 10, nil, false},
		{"57 s at 0.10 are 0.095 and go up", seconds, session(1*kWh, 57*time.Second, 0), []string{
			"energy_kwh 1.000 kWh x 0.00 = 0.00 (seconds)",
			"charge_min 57 s x 0.10 = 0.10 (seconds)",
		}, 10, nil, false},
		{"56 s at 0.10 are 0.0933", seconds, session(1*kWh, 56*time.Second, 0), []string{
			"energy_kwh 1.000 kWh x 0.00 = 0.00 (seconds)",
			"charge_min 56 s x 0.10 = 0.09 (seconds)",
		}, 9, nil, false},
		{"negative energy", all, session(-1, time.Hour, 0), nil, 0, []Flag{Negative}, true},
		{"negative idle time", all, session(kWh, time.Hour, -1), nil, 0, []Flag{Negative}, true},
		{"end before start", all, session(kWh, -time.Second, 0), nil, 0, []Flag{Negative}, true},
		{"end half a second before start", all, session(kWh, -time.Second/2, 0), nil, 0, []Flag{Negative}, true},
		{"idle longer than the session", all, session(kWh, time.Hour, time.Hour+time.Second), nil, 0, []Flag{PeriodsOutside}, true},
		{"all of it idle, rounded up by the sender", all, session(0, 40*time.Minute-300*time.Millisecond, 40*time.Minute), []string{
			"idle_min 24 min 59 s x 0.20 = 5.00 (all)", // 4.99666
		}, 500, nil, false},
		{"no time at all", energyOnly, session(kWh, 0, 0), []string{
			"energy_kwh 1.000 kWh x 0.49 = 0.49 (energy)",
		}, 49, nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Rate(Contract{No: "C1"}, compiled(t, tariffOf(c.row)), c.s)
			if err != nil {
				t.Fatal(err)
			}
			if lines := printed(got); !reflect.DeepEqual(lines, c.lines) {
				t.Errorf("lines\n %s\nwant\n %s", strings.Join(lines, "\n "), strings.Join(c.lines, "\n "))
			}
			if got.Total != c.total || !reflect.DeepEqual(got.Flags, c.flags) || got.Held != c.held {
				t.Errorf("total %d flags %v held %v, want %d %v %v", got.Total, got.Flags, got.Held, c.total, c.flags, c.held)
			}
			if got.Tariff != "CITY" || got.Version != 3 || got.Currency != money.EUR || got.Mode != Gross {
				t.Errorf("priced by %s %d in %s %s", got.Tariff, got.Version, got.Currency, got.Mode)
			}
			checkReplay(t, got)
		})
	}
}

func TestUnprovenDurations(t *testing.T) {
	prices := map[Component]Price{Energy: at(49 * cent), Charging: at(1 * cent), Idle: at(20 * cent), PerUse: at(50 * cent)}
	unproven := session(20*kWh, 2*time.Hour, 40*time.Minute)
	unproven.DurationUsable = false
	onlyStaff := []Row{
		{ID: "energy", Prices: map[Component]Price{Energy: at(49 * cent)}},
		{ID: "staff", Groups: []string{"staff"}, Prices: map[Component]Price{Idle: at(20 * cent)}},
	}
	cases := []struct {
		name  string
		rows  []Row
		total int64
		flags []Flag
	}{
		{"energy and fee are billed, minutes are not", []Row{{ID: "all", Prices: prices}}, 1030, []Flag{TimeNotBillable}},
		{"a tariff without minutes has nothing to flag", []Row{{ID: "energy", Prices: map[Component]Price{Energy: at(49 * cent)}}}, 980, nil},
		{"what cannot be billed anyway is no reason to hold", onlyStaff, 980, []Flag{TimeNotBillable}},
	}
	for _, c := range cases {
		got, err := Rate(Contract{No: "C1"}, compiled(t, tariffOf(c.rows...)), unproven)
		if err != nil {
			t.Fatal(err)
		}
		if got.Total != c.total || !reflect.DeepEqual(got.Flags, c.flags) || got.Held {
			t.Errorf("%s: total %d flags %v held %v, want %d %v", c.name, got.Total, got.Flags, got.Held, c.total, c.flags)
		}
		for _, l := range got.Lines {
			if l.Component == Charging || l.Component == Idle {
				t.Errorf("%s: a line of %s", c.name, l.Component)
			}
		}
		checkReplay(t, got)
	}
}

func TestWholeSeconds(t *testing.T) {
	const ms = time.Millisecond
	cases := []struct {
		from, to time.Duration // since noon
		want     int64
	}{
		{0, 59 * time.Second, 59},
		{0, 59900 * ms, 59},
		{900 * ms, 60 * time.Second, 59},
		{900 * ms, 60900 * ms, 60},
		{900 * ms, 60800 * ms, 59},
		{100 * ms, 0, -1},
		{200 * ms, 100 * ms, -1},
		{0, 0, 0},
	}
	for _, c := range cases {
		if got := secondsBetween(noon.Add(c.from), noon.Add(c.to)); got != c.want {
			t.Errorf("from %v to %v: %d s, want %d", c.from, c.to, got, c.want)
		}
	}
	// 2,000 years of 365.2425 days
	if got := secondsBetween(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)); got != 730485*86400 {
		t.Errorf("two thousand years: %d s", got)
	}
}

func TestClockAt1970(t *testing.T) {
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent)}})
	for _, start := range []time.Time{{}, time.Unix(0, 0), time.Date(1970, 12, 31, 23, 59, 59, 0, time.UTC)} {
		s := Session{ID: "x", Start: start, End: start.Add(time.Hour), Energy: kWh}
		got, err := Rate(Contract{}, compiled(t, tariff), s)
		if err != nil || !got.Held || !reflect.DeepEqual(got.Flags, []Flag{PeriodsOutside}) || len(got.Lines) != 0 {
			t.Errorf("start %s: %+v, %v", start, got, err)
		}
	}
}

func TestZeroRuleBelongsToTheTariff(t *testing.T) {
	row := Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent), PerUse: at(50 * cent)}}
	small := session(20_000, 40*time.Second, 0)
	for name, change := range map[string]func(*Tariff){
		"no energy limit": func(t *Tariff) { t.ZeroBelow = 0 },
		"no time limit":   func(t *Tariff) { t.ZeroUnder = 0 },
	} {
		tariff := tariffOf(row)
		change(&tariff)
		if got, err := Rate(Contract{}, compiled(t, tariff), small); err != nil || got.Total != 51 || got.Flags != nil {
			t.Errorf("%s: total %d, flags %v, %v, want 51", name, got.Total, got.Flags, err)
		}
	}
}

func TestRateRefusesTheWrongVersion(t *testing.T) {
	tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent)}})
	tariff.ValidFrom = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	tariff.ValidTo = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	c := compiled(t, tariff)
	for start, ok := range map[string]bool{
		"2026-09-30T23:59:59Z": false, "2026-10-01T00:00:00Z": true, "2026-10-31T23:59:59Z": true, "2026-11-01T00:00:00Z": false,
		"2026-10-01T01:00:00+02:00": false, "2026-10-01T02:00:00+02:00": true,
	} {
		s := session(kWh, 0, 0)
		s.Start, _ = time.Parse(time.RFC3339, start)
		s.End = s.Start.Add(3 * time.Hour) // E5: the version at the start stays for the whole session
		got, err := Rate(Contract{}, c, s)
		if (err == nil) != ok || ok && got.Total != 49 {
			t.Errorf("start %s: total %d, %v", start, got.Total, err)
		}
		if err != nil && !strings.Contains(err.Error(), `session "DE/ABC/1"`) {
			t.Errorf("the error does not name the session: %v", err)
		}
	}
}

func TestRateOverflowIsAnError(t *testing.T) {
	c := compiled(t, tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent)}}))
	_, err := Rate(Contract{}, c, session(3_000_000*kWh, time.Hour, 0)) // 1,470,000.00
	if !errors.Is(err, money.ErrOverflow) || !strings.Contains(err.Error(), "DE/ABC/1") {
		t.Errorf("got %v, want an overflow that names the session", err)
	}
}

func TestOtherCurrencies(t *testing.T) {
	for _, c := range []struct {
		currency money.Currency
		unit     money.Price
		want     int64
	}{{"JPY", 45_500_000, 46}, {"KWD", 45_500, 46}, {"CHF", 455_000, 46}} {
		tariff := tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(c.unit)}})
		tariff.Currency = c.currency
		if got, err := Rate(Contract{}, compiled(t, tariff), session(kWh, time.Hour, 0)); err != nil || got.Total != c.want || got.Currency != c.currency {
			t.Errorf("1 kWh at %s %s: %d %s, %v, want %d", c.unit, c.currency, got.Total, got.Currency, err, c.want)
		}
	}
}

func TestRatedAsJSON(t *testing.T) {
	got, err := Rate(Contract{}, compiled(t, tariffOf(Row{ID: "all", Prices: map[Component]Price{Energy: at(49 * cent)}})), session(20_000, 40*time.Second, 0))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"tariff":"CITY","version":3,"currency":"EUR","mode":"gross","lines":[],"total":0,"flags":["ZERO_SESSION"]}`
	if b, err := json.Marshal(got); err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}
