package rating

import (
	"fmt"
	"math/bits"
	"testing"
	"time"

	"wattdue/money"
)

// matrix has about n rows: day and night for everyone, prices for 20 groups, for n/2 locations, and for groups there.
func matrix(n int) Tariff {
	rows := []Row{
		{ID: "day", Prices: map[Component]Price{
			Energy: {Unit: 59 * cent, VATCode: "standard", Step: 100_000}, Idle: {Unit: 10 * cent, VATCode: "standard", FreeTime: 15 * time.Minute}, PerUse: at(50 * cent),
		}},
		energyRow("night", 49*cent, Moving{Times: times("22:00-6:00")}),
		{ID: "here", Locations: []string{"L27"}, Prices: map[Component]Price{Energy: {Unit: 45 * cent, VATCode: "standard", Step: 100_000}}},
		{ID: "here at night", Locations: []string{"L27"}, Moving: Moving{Times: times("20:00-6:00")}, Prices: map[Component]Price{
			Energy: {Unit: 39 * cent, VATCode: "standard", Step: 100_000},
		}},
	}
	for i := range min(20, n/4) {
		rows = append(rows, Row{ID: fmt.Sprint("group", i), Groups: []string{fmt.Sprint("g", i)}, Prices: map[Component]Price{PerUse: at(45 * cent)}})
	}
	for i := 0; len(rows) < n; i++ {
		place := []string{fmt.Sprint("P", i)}
		rows = append(rows, Row{ID: fmt.Sprint("place", i), Locations: place, Prices: map[Component]Price{Energy: at(55 * cent)}})
		if len(rows) < n {
			rows = append(rows, Row{ID: fmt.Sprint("both", i), Groups: []string{fmt.Sprint("g", i%20)}, Locations: place, Prices: map[Component]Price{Energy: at(39 * cent)}})
		}
	}
	return tariffOf(rows...)
}

// threePeriods is a session over a change of price, with an idle end: 10 + 15 + 6.42 kWh, parted at 20:00.
func threePeriods() Session {
	s := session(31_420_000, 3*time.Hour, 40*time.Minute)
	s.TimeZone, _ = time.LoadLocation("Europe/Berlin")
	s.Start = time.Date(2026, 10, 14, 16, 30, 0, 0, time.UTC) // 18:30
	s.End = s.Start.Add(3 * time.Hour)
	s.Location = "L27"
	s.Periods = []Period{
		{Start: s.Start, Energy: 10 * kWh},
		{Start: s.Start.Add(90 * time.Minute), Energy: 15 * kWh},
		{Start: s.Start.Add(2 * time.Hour), Energy: 6_420_000, Idle: 40 * time.Minute},
	}
	return s
}

func onePeriod() Session {
	s := session(31_420_000, time.Hour, 0)
	s.Location = "P1"
	return s
}

// bare is what a price costs at least: a 128-bit product and a sum per slice.
func bare(units []money.Price, quantities []int64) (hi, lo uint64) {
	for i := range units {
		h, l := bits.Mul64(uint64(units[i])*9, uint64(quantities[i]))
		var carry uint64
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
	}
	return hi, lo
}

var sink uint64

// report adds sessions per second, and how many times the bare arithmetic over the same slices a session costs.
func report(b *testing.B, r Rated) {
	b.Helper()
	b.StopTimer()
	trace, err := DecodeTrace(r.Trace)
	if err != nil {
		b.Fatal(err)
	}
	var units []money.Price
	var quantities []int64
	for _, s := range trace.Slices {
		units, quantities = append(units, s.Price.Unit), append(quantities, s.Billed)
	}
	const rounds = 100_000
	start := time.Now()
	for range rounds {
		hi, lo := bare(units, quantities)
		sink += hi ^ lo
	}
	floor := time.Since(start)
	each := b.Elapsed().Nanoseconds() / int64(b.N)
	b.ReportMetric(float64(each)*rounds/float64(floor.Nanoseconds()), "x-bare")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
}

func BenchmarkRate(b *testing.B) {
	c := compiled(b, matrix(1000))
	contract := Contract{No: "C1", Groups: []string{"none", "g7"}}
	for _, x := range []struct {
		name  string
		s     Session
		total int64
	}{
		{"one-period", onePeriod(), 1773},       // 31.42 x 0.55 = 17.281, 0.45
		{"three-periods", threePeriods(), 1584}, // 10 x 0.45, 21.42 -> 21.5 x 0.39 = 8.385, 25 min x 0.10, 0.45
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			var r Rated
			var err error
			for b.Loop() {
				if r, err = Rate(contract, c, x.s); err != nil || r.Total != x.total {
					b.Fatal(r.Total, err, printed(r))
				}
			}
			report(b, r)
		})
	}
}

func BenchmarkRateRows(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		c := compiled(b, matrix(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := threePeriods()
			for b.Loop() {
				if _, err := Rate(Contract{No: "C1", Groups: []string{"g1"}}, c, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	// A year of hourly prices: as many rows as hours, of which a session meets those of its day.
	var rows []Row
	for day := range int32(365) {
		for hour := range 24 {
			rows = append(rows, energyRow(fmt.Sprint(day, "/", hour), money.Price(10_000+hour*1000), Moving{
				DateFrom: dayDate(20454 + day), DateTo: dayDate(20455 + day), Times: []Window{{hour * 60, (hour + 1) * 60}},
			}))
		}
	}
	c := compiled(b, tariffOf(rows...))
	b.Run("8760-hours", func(b *testing.B) {
		s := threePeriods()
		for b.Loop() {
			if r, err := Rate(Contract{}, c, s); err != nil || r.Held {
				b.Fatal(r.Flags, err)
			}
		}
	})
}

func BenchmarkCompile10000(b *testing.B) {
	tariff := matrix(10_000)
	for b.Loop() {
		if _, err := Compile(tariff); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContentKey(b *testing.B) {
	c := compiled(b, matrix(100))
	s := threePeriods()
	b.ReportAllocs()
	for b.Loop() {
		_ = ContentKey(Contract{No: "C1", Groups: []string{"g7"}}, c, s)
	}
}

// A session costs its lines and its trace, and what it took from an allowance.
func TestAllocations(t *testing.T) {
	c := compiled(t, matrix(1000))
	contract := Contract{No: "C1", Groups: []string{"none", "g7"}}
	with := contract
	with.Allowances = []Allowance{{ID: "a", Component: Energy, Left: int64(5 * kWh)}}
	var p Pricer
	for _, x := range []struct {
		name string
		c    Contract
		s    Session
		most float64
	}{
		{"one period", contract, onePeriod(), 2}, {"three periods", contract, threePeriods(), 2}, {"an allowance", with, threePeriods(), 3},
	} {
		if n := testing.AllocsPerRun(100, func() { _, _ = p.Rate(x.c, c, x.s) }); n > x.most {
			t.Errorf("%s: %v allocations", x.name, n)
		}
	}
}
