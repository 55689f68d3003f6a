package rating

import (
	"fmt"
	"testing"
	"time"
)

// benchmarkTariff has a thousand rows: a price for everyone, for 20 groups, for 500 locations and for groups there.
func benchmarkTariff(tb testing.TB) *Compiled {
	rows := []Row{{ID: "base", Prices: map[Component]Price{Energy: at(59 * cent), Charging: at(1 * cent), Idle: {Unit: 10 * cent, VATCode: "standard", FreeTime: 15 * time.Minute}, PerUse: at(50 * cent)}}}
	for i := range 20 {
		rows = append(rows, Row{ID: fmt.Sprint("group", i), Groups: []string{fmt.Sprint("g", i)}, Prices: map[Component]Price{Energy: at(45 * cent)}})
	}
	for i := range 500 {
		rows = append(rows,
			Row{ID: fmt.Sprint("place", i), Locations: []string{fmt.Sprint("L", i)}, Prices: map[Component]Price{Energy: at(55 * cent), Idle: at(20 * cent)}},
			Row{ID: fmt.Sprint("both", i), Groups: []string{fmt.Sprint("g", i%20)}, Locations: []string{fmt.Sprint("L", i)}, Prices: map[Component]Price{Energy: at(39 * cent)}})
	}
	return compiled(tb, tariffOf(rows...))
}

func BenchmarkRate(b *testing.B) {
	c := benchmarkTariff(b)
	contract := Contract{No: "C1", Groups: []string{"none", "g7"}}
	s := session(31_420_000, 2*time.Hour, 40*time.Minute)
	s.Location = "L27"
	b.ReportAllocs()
	for b.Loop() {
		// 31.42 x 0.39 = 12.25, 80 min x 0.01, 40 min x 0.20, fee 0.50
		if r, err := Rate(contract, c, s); err != nil || r.Total != 2155 {
			b.Fatal(r.Total, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
}

func BenchmarkContentKey(b *testing.B) {
	c := benchmarkTariff(b)
	s := session(31_420_000, 2*time.Hour, 40*time.Minute)
	b.ReportAllocs()
	for b.Loop() {
		_ = ContentKey(Contract{No: "C1", Groups: []string{"g7"}}, c, s)
	}
}
