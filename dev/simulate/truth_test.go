package simulate

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/cdr"
	"wattdue/customer"
	"wattdue/rating"
)

// byHand returns a world with three charge points and three contracts: public, staff, gold.
func byHand(t *testing.T) *World {
	t.Helper()
	w := generate(t, Options{Seed: 1, Customers: 3, Sessions: -1, EVSEs: 10})
	for i, groups := range [][]string{{Public}, {Employee}, {Gold, Public}} {
		w.Contracts[i].Groups = groups
	}
	return w
}

// visitAt returns a session of a contract at a location.
func visitAt(t *testing.T, w *World, contract int, place, start string, charge, idle time.Duration, wh int64) Session {
	t.Helper()
	for i, e := range w.EVSEs {
		if e.LocationID != place {
			continue
		}
		at, err := time.Parse(time.RFC3339, start)
		if err != nil {
			t.Fatal(err)
		}
		at = at.UTC()
		return Session{
			Start: at, ChargeEnd: at.Add(charge), End: at.Add(charge + idle), EVSE: i, Contract: contract,
			Begin: 1_000_000, Final: cdr.MicroKWh(1_000_000 + wh*1000), wh: wh, ghost: -1,
		}
	}
	t.Fatalf("no charge point at %s", place)
	return Session{}
}

func TestCostByHand(t *testing.T) {
	const (
		public, staff, gold = 0, 1, 2
		early, late         = "2026-10-05T10:00:00+02:00", "2026-10-20T10:00:00+02:00"
		s                   = time.Second
		m                   = time.Minute
	)
	cases := []struct {
		name         string
		contract     int
		place, start string
		charge, idle time.Duration
		wh           int64
		lines        []int64 // energy, charging, idle if any, session
		cents        int64
	}{
		{"20 kWh at 0.59 and the session fee", public, "LOC-B-HOEFE", early, 2 * time.Hour, 0, 20_000, []int64{1180, 0, 35}, 1215},
		{"since the 16th the kWh is 0.57", public, "LOC-B-HOEFE", late, 2 * time.Hour, 0, 20_000, []int64{1140, 0, 35}, 1175},
		{"last second of the old price holds to the end", public, "LOC-B-HOEFE", "2026-10-15T23:59:59+02:00", time.Hour, 0, 10_000, []int64{590, 0, 35}, 625},
		{"first second of the new price", public, "LOC-B-HOEFE", "2026-10-16T00:00:00+02:00", time.Hour, 0, 10_000, []int64{570, 0, 35}, 605},
		{"half a cent goes up: 12.5 kWh at 0.59 are 7.375", public, "LOC-B-HOEFE", early, time.Hour, 0, 12_500, []int64{738, 0, 35}, 773},
		{"below half goes down: 0.347 kWh at 0.59 are 0.20473", public, "LOC-B-HOEFE", early, 3 * m, 0, 347, []int64{20, 0, 35}, 55},
		{"motorway 0.69 and 0.50 a session", public, "LOC-A7-OST", early, 30 * m, 0, 40_000, []int64{2760, 0, 50}, 2810},
		{"motorway 0.665 later: 33.333 kWh are 22.166445", public, "LOC-A7-OST", late, 30 * m, 0, 33_333, []int64{2217, 0, 50}, 2267},
		{"idle 35 minutes, 15 free, 0.10 a minute", public, "LOC-HH-ELBE", early, 30 * m, 35 * m, 40_000, []int64{2360, 0, 200, 35}, 2595},
		{"idle 15 minutes are free and make a line of nothing", public, "LOC-HH-ELBE", early, 30 * m, 15 * m, 40_000, []int64{2360, 0, 0, 35}, 2395},
		{"nine seconds more are 1.5 ct", public, "LOC-HH-ELBE", early, 30 * m, 15*m + 9*s, 40_000, []int64{2360, 0, 2, 35}, 2397},
		{"garage: 90 minutes, an hour free, 0.02 a minute", public, "LOC-HL-ALTSTADT", early, time.Hour, 90 * m, 11_000, []int64{649, 0, 60, 35}, 744},
		{"harbour: 2 hours, half an hour free, 0.015 a minute", public, "LOC-HH-HAFEN", early, 2 * time.Hour, time.Hour, 22_000, []int64{1298, 135, 0, 35}, 1468},
		{"harbour: 20 minutes are all free", public, "LOC-HH-HAFEN", early, 20*m + 6*s, 0, 3_000, []int64{177, 0, 35}, 212},
		{"gold pays 0.49 everywhere and the motorway's session fee", gold, "LOC-A7-OST", early, 30 * m, 0, 40_000, []int64{1960, 0, 50}, 2010},
		{"gold at the depot: no session fee there", gold, "LOC-NM-DEPOT", late, time.Hour, 0, 10_000, []int64{475, 0, 0}, 475},
		{"staff pay 0.29 and no session fee", staff, "LOC-NM-DEPOT", early, 4 * time.Hour, time.Hour, 31_420, []int64{911, 0, 0, 0}, 911},
		{"staff pay for blocking a fast charger, too", staff, "LOC-A7-OST", early, 30 * m, 20 * m, 10_000, []int64{290, 0, 50, 0}, 340},
		{"0.1 kWh in 117 s is no zero session", public, "LOC-B-HOEFE", early, 117 * s, 0, 100, []int64{6, 0, 35}, 41},
		{"0.099 kWh in 126 s is none either", public, "LOC-B-HOEFE", early, 126 * s, 0, 99, []int64{6, 0, 35}, 41},
	}
	w := byHand(t)
	for _, c := range cases {
		session := visitAt(t, w, c.contract, c.place, c.start, c.charge, c.idle, c.wh)
		cost, err := w.Cost(&session)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var lines []int64
		for _, l := range cost.Lines {
			lines = append(lines, l.Cents)
		}
		if !slices.Equal(lines, c.lines) || cost.Cents != c.cents {
			t.Errorf("%s: lines %v, total %d; want %v, %d", c.name, lines, cost.Cents, c.lines, c.cents)
		}
	}
}

func TestZeroSessionAndMissingPrice(t *testing.T) {
	w := byHand(t)
	s := visitAt(t, w, 0, "LOC-B-HOEFE", "2026-10-05T10:00:00+02:00", 117*time.Second, 0, 99)
	if cost, err := w.Cost(&s); err != nil || !cost.Free || cost.Cents != 0 || len(cost.Lines) != 0 {
		t.Errorf("0.099 kWh in 117 s: %+v, %v; want free", cost, err)
	}
	s = visitAt(t, w, 0, "LOC-NM-DEPOT", "2026-10-05T10:00:00+02:00", time.Hour, 0, 10_000)
	if cost, err := w.Cost(&s); err != nil || !cost.Missing || len(cost.Lines) != 0 {
		t.Errorf("public at the depot: %+v, %v; want no price", cost, err)
	}
}

// TestTruthOfAMonthByHand writes the truth of three sessions: 7.38 + 0.35 = 7.73; 11.80 + 2.00 + 0.35 = 14.15 for a
// night in which the clock is put back; and a zero session.
func TestTruthOfAMonthByHand(t *testing.T) {
	w := byHand(t)
	w.Options.Month = calendar.NewDate(2026, time.October, 1).MonthOf()
	w.Contracts[0] = customer.Contract{No: "V1", PartyNo: "K1", Groups: []string{Public}, TariffCode: TariffCode, Payment: customer.OnAccount}
	w.Sessions = []Session{
		visitAt(t, w, 0, "LOC-B-HOEFE", "2026-10-05T10:00:00+02:00", time.Hour, 0, 12_500),
		visitAt(t, w, 0, "LOC-HH-ELBE", "2026-10-25T02:30:00+02:00", time.Hour, 35*time.Minute, 20_000),
		visitAt(t, w, 0, "LOC-B-HOEFE", "2026-10-06T10:00:00+02:00", 45*time.Second, 0, 20),
	}
	w.Tariffs = w.Tariffs[:1]
	w.Tariffs[0].ValidTo = time.Time{}
	w.Files = []File{{Name: "a.json", Records: []Record{
		{Session: 0, Ordinal: 1, Key: cdr.Key{Country: "DE", Party: "NLC", ID: "A"}},
		{Session: 1, Ordinal: 2, Key: cdr.Key{Country: "DE", Party: "RAL", ID: "B"}},
	}}, {Name: "b.json", Records: []Record{
		{Session: 2, Ordinal: 1, Key: cdr.Key{Country: "DE", Party: "NLC", ID: "C"}},
		{Session: 0, Ordinal: 2, Key: cdr.Key{Country: "DE", Party: "NLC", ID: "A"}, Fault: Duplicate},
		{Session: 1, Ordinal: 3, Key: cdr.Key{Country: "DE", Party: "RAL", ID: "D"}, Fault: BrokenJSON},
	}}}
	const want = `record,file,ordinal,fault,expected,reason,period,contract_no,customer_no,groups,payment,evse,location,local_start,local_end,energy_kwh,charging_s,idle_s,tariff,tariff_version,rows,energy_eur,charging_eur,idle_eur,session_eur,amount_eur,findings
DE/NLC/A,a.json,1,,billed,,2026-10,V1,K1,public,on_account,DE*NLC*E0009*1,LOC-B-HOEFE,2026-10-05T10:00:00+02:00,2026-10-05T11:00:00+02:00,12.500,3600,0,NORD,1,energy_kwh=public;charge_min=included;session=public,7.38,0.00,,0.35,7.73,
DE/RAL/B,a.json,2,,billed,,2026-10,V1,K1,public,on_account,DE*RAL*E0007*1,LOC-HH-ELBE,2026-10-25T02:30:00+02:00,2026-10-25T03:05:00+01:00,20.000,3600,2100,NORD,1,energy_kwh=public;charge_min=included;idle_min=idle-fast;session=public,11.80,0.00,2.00,0.35,14.15,
DE/NLC/C,b.json,1,,free,ZERO_SESSION,2026-10,V1,K1,public,on_account,DE*NLC*E0009*1,LOC-B-HOEFE,2026-10-06T10:00:00+02:00,2026-10-06T10:00:45+02:00,0.020,45,0,NORD,1,,,,,,0.00,
DE/NLC/A,b.json,2,duplicate,duplicate,duplicate,2026-10,V1,K1,public,on_account,DE*NLC*E0009*1,LOC-B-HOEFE,2026-10-05T10:00:00+02:00,2026-10-05T11:00:00+02:00,12.500,3600,0,,,,,,,,,
DE/RAL/D,b.json,3,broken_json,rejected,json,2026-10,,,,,DE*RAL*E0007*1,LOC-HH-ELBE,2026-10-25T02:30:00+02:00,2026-10-25T03:05:00+01:00,20.000,3600,2100,,,,,,,,,
`
	var got bytes.Buffer
	if err := w.WriteTruth(&got); err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got.String(), "\n"), strings.Split(want, "\n")
	for i := range wantLines {
		if i >= len(gotLines) || gotLines[i] != wantLines[i] {
			t.Fatalf("line %d\ngot  %s\nwant %s", i+1, gotLines[min(i, len(gotLines)-1)], wantLines[i])
		}
	}
}

// TestEveryComponentOccurs guards against a month that would test less than it says.
func TestEveryComponentOccurs(t *testing.T) {
	truth, err := generate(t, small).Truth()
	if err != nil {
		t.Fatal(err)
	}
	paid, versions, outcomes, groups := map[rating.Component]int{}, map[int]int{}, map[Outcome]int{}, map[string]int{}
	for _, x := range truth {
		outcomes[x.Outcome]++
		for _, l := range x.Cost.Lines {
			if l.Cents > 0 {
				paid[l.Component]++
			}
		}
		if x.Outcome == Billed {
			versions[x.Cost.Version]++
			groups[x.Groups[0]]++
		}
	}
	for _, c := range components {
		if paid[c] < 3 {
			t.Errorf("component %s costs something in %d sessions only", c, paid[c])
		}
	}
	for _, o := range []Outcome{Billed, Free, Held, Rejected, Duplicated, Conflict} {
		if outcomes[o] < 2 {
			t.Errorf("outcome %s occurs %d times", o, outcomes[o])
		}
	}
	if versions[1] < 50 || versions[2] < 50 || groups[Public] < 50 || groups[Gold] < 5 || groups[Employee] < 5 {
		t.Errorf("versions %v, groups %v", versions, groups)
	}
}
