package rating

import (
	"testing"
	"time"

	"wattdue/calendar"
)

// TestPlanOfPartOfAMonth: 30 kWh from the 11th of February 2025 on are 18 of 28 days, 19.285714 kWh, down to whole Wh.
func TestPlanOfPartOfAMonth(t *testing.T) {
	p := Plan{ID: "PLUS", From: calendar.NewDate(2025, 2, 11), Included: []Included{
		{"kwh", Energy, 30_000_000}, {"idle", Idle, 3600},
	}}
	february := p.From.MonthOf()
	list, err := p.Allowances(february)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Allowance{{"kwh", Energy, 19_285_000}, {"idle", Idle, 2314}}; len(list) != 2 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("allowances %v, want %v", list, want)
	}
	for day, want := range map[int]bool{10: false, 11: true, 28: true} {
		if got := p.ActiveOn(calendar.NewDate(2025, 2, day)); got != want {
			t.Errorf("on the %d: %v, want %v", day, got, want)
		}
	}
	p.Until = calendar.NewDate(2025, 2, 20)
	if p.ActiveOn(p.Until) || !p.ActiveOn(calendar.NewDate(2025, 2, 19)) {
		t.Error("the end of a plan is no day of it")
	}
}

// TestMonthOfTwoPlans: 10 kWh are included until the 15th, 5 kWh by another plan from the 16th on; nothing of the first is
// left for later. Two sessions of 8 kWh at 0.50: the first is included, of the second 5 kWh are, and 3 kWh cost 1.50.
func TestMonthOfTwoPlans(t *testing.T) {
	tariff, err := Compile(Tariff{Code: "T", Version: 1, ValidFrom: time.Unix(0, 0), Currency: "EUR", Mode: Gross, Rows: []Row{
		{ID: "staff", Groups: []string{"staff"}, Prices: map[Component]Price{Energy: {Unit: 400_000, VATCode: "standard"}}},
		{ID: "all", Prices: map[Component]Price{Energy: {Unit: 500_000, VATCode: "standard"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	session := func(id string, day int) Session {
		at := time.Date(2026, 5, day, 10, 0, 0, 0, time.UTC)
		return Session{ID: id, Start: at, End: at.Add(time.Hour), Energy: 8_000_000, TimeZone: time.UTC}
	}
	only := func(id string) func(string) bool { return func(a string) bool { return a == id } }
	got := RateMonth(Contract{No: "V1", Allowances: []Allowance{{"first", Energy, 10_000_000}, {"second", Energy, 5_000_000}}}, []MonthSession{
		{Session: session("b", 20), Tariff: tariff, Covers: only("second")},
		{Session: session("a", 10), Tariff: tariff, Covers: only("first")},
		{Session: session("c", 21), Tariff: tariff, Covers: only("second"), Groups: []string{"staff"}},
	})
	for i, want := range []int64{150, 0, 320} {
		if got[i].Err != nil || got[i].Rated.Total != want {
			t.Errorf("session %d: %d cents, %v; want %d", i, got[i].Rated.Total, got[i].Err, want)
		}
	}
	if p := got[0].Payer; p.Taken != 8_000_000 || len(p.Allowances) != 1 || p.Allowances[0] != (Allowance{"second", Energy, 5_000_000}) {
		t.Errorf("the second session met the counters %+v", p)
	}
}
