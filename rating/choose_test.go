package rating

import (
	"testing"
	"time"
)

// The matrix of E22 with the keys that exist: r0 for everyone, r1 at a location, r2 for staff.
func TestPrecedence(t *testing.T) {
	e22 := []Row{
		{ID: "r0", Prices: map[Component]Price{Energy: at(59 * cent)}},
		{ID: "r1", Locations: []string{"L1", "L9"}, Prices: map[Component]Price{Energy: at(55 * cent)}},
		{ID: "r2", Groups: []string{"staff"}, Prices: map[Component]Price{Energy: at(40 * cent)}},
	}
	with := func(rows ...Row) []Row { return append(append([]Row{}, e22...), rows...) }
	cases := []struct {
		name     string
		rows     []Row
		groups   []string
		location string
		want     string // row; empty: no price
		rejected string
		reason   Reason
	}{
		{"public elsewhere", e22, nil, "L2", "r0", "", ""},
		{"public at the location", e22, nil, "L1", "r1", "r0", LessSpecific},
		{"the location is one of several", e22, nil, "L9", "r1", "r0", LessSpecific},
		{"staff elsewhere", e22, []string{"staff"}, "L2", "r2", "r0", LessSpecific},
		{"staff at the location: the group outranks the location", e22, []string{"staff"}, "L1", "r2", "r1", LessSpecific},
		{"unknown group", e22, []string{"visitors"}, "L1", "r1", "r0", LessSpecific},
		{"case counts", e22, []string{"Staff"}, "l1", "r0", "", ""},
		{
			"group and location beat the group", with(Row{ID: "r3", Groups: []string{"staff"}, Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(30 * cent)}}),
			[]string{"staff"},
			"L1", "r3", "r2", LessSpecific,
		},
		{
			"group and another location do not match", with(Row{ID: "r3", Groups: []string{"staff"}, Locations: []string{"L7"}, Prices: map[Component]Price{Energy: at(30 * cent)}}),
			[]string{"staff"},
			"L1", "r2", "r1", LessSpecific,
		},
		{
			"priority beats every key", with(Row{ID: "promo", Priority: 1, Prices: map[Component]Price{Energy: at(1 * cent)}}),
			[]string{"staff"},
			"L1", "promo", "r2", LowerPriority,
		},
		{
			"priority below zero is a last resort", with(Row{ID: "rest", Priority: -1, Groups: []string{"staff"}, Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(1 * cent)}}),
			[]string{"staff"},
			"L1", "r2", "r1", LessSpecific,
		},
		{
			"the higher of two priorities in one cell", with(Row{ID: "r4", Priority: 2, Groups: []string{"staff"}, Prices: map[Component]Price{Energy: at(39 * cent)}}),
			[]string{"staff"},
			"L1", "r4", "r2", LowerPriority,
		},
		{
			"price 0 stops the search", with(Row{ID: "gift", Groups: []string{"guest"}, Prices: map[Component]Price{Energy: at(0)}}),
			[]string{"guest"},
			"L1", "gift", "r1", LessSpecific,
		},
		{
			"a row without the component is transparent", with(Row{ID: "fee", Groups: []string{"guest"}, Prices: map[Component]Price{PerUse: at(0)}}),
			[]string{"guest"},
			"L1", "r1", "r0", LessSpecific,
		},
		{
			"the first group counts", with(Row{ID: "r5", Groups: []string{"fleet"}, Prices: map[Component]Price{Energy: at(35 * cent)}}),
			[]string{"fleet", "staff"},
			"L2", "r5", "r0", LessSpecific,
		},
		{
			"in the other order the other one", with(Row{ID: "r5", Groups: []string{"fleet"}, Prices: map[Component]Price{Energy: at(35 * cent)}}),
			[]string{"staff", "fleet"},
			"L2", "r2", "r0", LessSpecific,
		},
		{
			"the first group has no row here, so the second counts", with(Row{ID: "r5", Groups: []string{"fleet"}, Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(35 * cent)}}),
			[]string{"fleet", "staff"},
			"L2", "r2", "r0", LessSpecific,
		},
		{
			"the first group counts even where the second says more", with(Row{ID: "r5", Groups: []string{"fleet"}, Locations: []string{"L1"}, Priority: 0, Prices: map[Component]Price{Energy: at(35 * cent)}}),
			[]string{"staff", "fleet"},
			"L1", "r2", "r1", LessSpecific,
		},
		{"a row for two groups", []Row{{ID: "both", Groups: []string{"a", "b"}, Prices: map[Component]Price{Energy: at(cent)}}}, []string{"b", "a"}, "", "both", "", ""},
		{"only groups have rows: the later one is named", []Row{
			{ID: "a", Groups: []string{"a"}, Prices: map[Component]Price{Energy: at(cent)}},
			{ID: "b", Groups: []string{"b"}, Prices: map[Component]Price{Energy: at(cent)}},
		}, []string{"x", "a", "b"}, "L1", "a", "b", LaterGroup},
		{"nobody's price: the row that ranks highest is named", []Row{
			{ID: "b", Priority: 1, Locations: []string{"L7"}, Prices: map[Component]Price{Energy: at(cent)}},
			{ID: "a", Groups: []string{"a"}, Prices: map[Component]Price{Energy: at(cent)}},
		}, []string{"x"}, "L1", "", "b", NoMatch},
		{"an empty location matches no location key", []Row{{ID: "a", Locations: []string{"L1"}, Prices: map[Component]Price{Energy: at(cent)}}}, nil, "", "", "a", NoMatch},
	}
	for _, c := range cases {
		s := session(10*kWh, time.Hour, 0)
		s.Location = c.location
		got, err := Rate(Contract{No: "C", Groups: c.groups}, compiled(t, tariffOf(c.rows...)), s)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		trace := checkReplay(t, got)
		step := trace.Steps[0]
		if step.Component != Energy || step.Row != c.want || step.Rejected != c.rejected || step.Reason != c.reason {
			t.Errorf("%s: row %q, rejected %q for %q; want %q, %q for %q", c.name, step.Row, step.Rejected, step.Reason, c.want, c.rejected, c.reason)
		}
		if held := c.want == ""; got.Held != held || (len(got.Flags) == 1) != held {
			t.Errorf("%s: held %v, flags %v", c.name, got.Held, got.Flags)
		}
	}
}

// Components are chosen by themselves: one row prices the energy, another the idle time.
func TestComponentsAreIndependent(t *testing.T) {
	c := compiled(t, tariffOf(
		Row{ID: "base", Prices: map[Component]Price{Energy: at(59 * cent), Idle: at(10 * cent), PerUse: at(50 * cent)}},
		Row{ID: "staff", Groups: []string{"staff"}, Prices: map[Component]Price{Energy: at(40 * cent), PerUse: at(0)}},
		Row{ID: "busy", Locations: []string{"L1"}, Prices: map[Component]Price{Idle: at(25 * cent)}},
		Row{ID: "fleet", Groups: []string{"fleet"}, Prices: map[Component]Price{Charging: at(5 * cent)}},
	))
	got, err := Rate(Contract{Groups: []string{"fleet", "staff"}}, c, session(10*kWh, time.Hour, 20*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	want := map[Component]string{Energy: "staff", Charging: "fleet", Idle: "busy", PerUse: "staff"}
	for _, l := range got.Lines {
		if l.Row != want[l.Component] {
			t.Errorf("%s is priced by %s, want %s", l.Component, l.Row, want[l.Component])
		}
	}
	// 4.00 + 40 min x 0.05 + 20 min x 0.25 + 0.00
	if got.Total != 1100 || len(got.Lines) != 4 {
		t.Errorf("total %d in %d lines, want 1100 in 4", got.Total, len(got.Lines))
	}
}

// A component that the tariff prices, only not for the session, is not free.
func TestPricedOnlyForOthers(t *testing.T) {
	for _, component := range []Component{Charging, Idle, PerUse} {
		c := compiled(t, tariffOf(
			Row{ID: "energy", Prices: map[Component]Price{Energy: at(59 * cent)}},
			Row{ID: "staff", Groups: []string{"staff"}, Prices: map[Component]Price{component: at(10 * cent)}},
		))
		got, err := Rate(Contract{}, c, session(10*kWh, time.Hour, 20*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if !got.Held || len(got.Flags) != 1 || got.Flags[0] != NoPrice {
			t.Errorf("%s: held %v, flags %v", component, got.Held, got.Flags)
		}
		if got.Total != 590 || len(got.Lines) != 1 { // the energy is still priced
			t.Errorf("%s: total %d in %d lines", component, got.Total, len(got.Lines))
		}
		got, err = Rate(Contract{}, c, session(0, 0, 0))
		if err != nil || got.Held {
			t.Errorf("%s not used: held %v, %v", component, got.Held, err)
		}
	}
}

func TestManyGroups(t *testing.T) {
	var groups []string
	var rows []Row
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		groups = append(groups, name)
		rows = append(rows, Row{ID: name, Groups: []string{name}, Locations: []string{"at-" + name}, Prices: map[Component]Price{Energy: at(cent)}})
	}
	s := session(10*kWh, time.Hour, 0)
	s.Location = "at-l"
	got, err := Rate(Contract{Groups: groups}, compiled(t, tariffOf(rows...)), s)
	if err != nil || len(got.Lines) != 1 || got.Lines[0].Row != "l" {
		t.Errorf("the twelfth group is not found: %+v, %v", got, err)
	}
}
