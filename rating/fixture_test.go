package rating

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the examples

	"wattdue/cdr"
	"wattdue/money"
)

const kWh = cdr.MicroKWh(1_000_000)

// cents of a unit price: 49*cent is 0.49.
const cent = money.Price(10_000)

// euro is an exact amount of 1.00.
const euro = money.Exact(money.ExactUnit)

var noon = time.Date(2026, 10, 14, 12, 0, 0, 0, time.UTC)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(unit money.Price) Price { return Price{Unit: unit, VATCode: "standard"} }

func energyRow(id string, unit money.Price, m Moving) Row {
	return Row{ID: id, Moving: m, Prices: map[Component]Price{Energy: at(unit)}}
}

func times(list ...string) (windows []Window) {
	for _, s := range list {
		var a, b, c, d int
		if _, err := fmt.Sscanf(s, "%d:%d-%d:%d", &a, &b, &c, &d); err != nil {
			panic(err)
		}
		windows = append(windows, Window{a*60 + b, c*60 + d})
	}
	return windows
}

func tariffOf(rows ...Row) Tariff {
	return Tariff{
		Code: "CITY", Version: 3, Currency: money.EUR, Mode: Gross, Rows: rows,
		ValidFrom: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		ZeroBelow: kWh / 10, ZeroUnder: 2 * time.Minute,
	}
}

// bySession is the tariff with the rounding of the worked examples.
func bySession(t Tariff) Tariff {
	t.Round = AtSession
	return t
}

// dayNight is the tariff DN of the examples.
func dayNight() Tariff {
	return bySession(tariffOf(energyRow("night", 30*cent, Moving{Times: times("22:00-6:00")}), energyRow("day", 45*cent, Moving{})))
}

func compiled(t testing.TB, tariff Tariff) *Compiled {
	t.Helper()
	c, err := Compile(tariff)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// session is one with proven times at noon, UTC.
func session(energy cdr.MicroKWh, lasting, idle time.Duration) Session {
	return Session{
		ID: "DE/ABC/1", Start: noon, End: noon.Add(lasting), Energy: energy, Idle: idle, Location: "L1", EVSEID: "DE*ABC*E1", TimeZone: time.UTC,
		DurationUsable: true, StartTimeUsable: true, EndTimeUsable: true,
	}
}

// between is a session with proven times from one instant to another.
func between(t testing.TB, zone, from, to string, energy cdr.MicroKWh) Session {
	t.Helper()
	s := session(energy, 0, 0)
	s.TimeZone = zoneOf(t, zone)
	s.Start, s.End = instant(t, s.TimeZone, from), instant(t, s.TimeZone, to)
	return s
}

// instant reads a UTC instant (with Z) or a local one.
func instant(t testing.TB, zone *time.Location, text string) time.Time {
	t.Helper()
	if utc, ok := strings.CutSuffix(text, "Z"); ok {
		zone, text = time.UTC, utc
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func rated(t testing.TB, c Contract, tariff Tariff, s Session) Rated {
	t.Helper()
	r, err := Rate(c, compiled(t, tariff), s)
	if err != nil {
		t.Fatal(err)
	}
	checkReplay(t, r)
	return r
}

// checkReplay replays the trace and returns it.
func checkReplay(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, r Rated,
) Trace {
	t.Helper()
	trace, err := DecodeTrace(r.Trace)
	if err != nil {
		t.Fatalf("%v", err)
	}
	again, err := trace.Replay()
	if err != nil {
		t.Fatalf("%v", err)
	}
	if !sameRated(again, r) {
		t.Fatalf("replayed %+v\nrated    %+v", again, r)
	}
	return trace
}

func sameRated(a, b Rated) bool {
	return slices.Equal(a.Lines, b.Lines) && slices.Equal(a.Consumed, b.Consumed) && slices.Equal(a.Flags, b.Flags) && string(a.Trace) == string(b.Trace) &&
		a.Total == b.Total && a.Held == b.Held && a.Tariff == b.Tariff && a.Version == b.Version && a.Currency == b.Currency && a.Mode == b.Mode &&
		a.Energy == b.Energy && a.Reversal == b.Reversal
}

// printed shows lines as a clerk would write them down: component, quantity, unit price, amount, row.
func printed(r Rated) []string {
	var lines []string
	for _, l := range r.Lines {
		amount := money.Amount{Minor: l.Amount, Currency: r.Currency}.Decimal()
		switch l.Kind {
		case QuantityLine:
			lines = append(lines, fmt.Sprintf("%s %s x %s = %s (%s)", l.Component, components[componentIndex(l.Component)].show(l.Quantity), l.Unit, amount, l.Row))
		case IncludedLine:
			lines = append(lines, fmt.Sprintf("%s %s in %s = %s", l.Component, components[componentIndex(l.Component)].show(l.Quantity), l.Label, amount))
		default:
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s%s %s = %s", l.Component, l.Row, l.Label, l.Kind, amount)))
		}
	}
	return lines
}

// wants compares lines, total and flags with what was calculated by hand.
func wants(t testing.TB, r Rated, total int64, lines ...string) {
	t.Helper()
	if got := printed(r); r.Total != total || !slices.Equal(got, lines) {
		t.Errorf("got %d\n  %s\nwant %d\n  %s", r.Total, strings.Join(got, "\n  "), total, strings.Join(lines, "\n  "))
	}
}

func flagged(t testing.TB, r Rated, held bool, want ...Flag) {
	t.Helper()
	if !slices.Equal(r.Flags, want) || r.Held != held {
		t.Errorf("flags %v, held %v, want %v, %v", r.Flags, r.Held, want, held)
	}
}
