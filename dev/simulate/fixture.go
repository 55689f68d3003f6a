package simulate

import "time"

// fixture is a session placed by hand because its time or size is an edge of a rule.
type fixture struct {
	visit
	where string // location, empty: any but the depot
}

func (f fixture) fits(l *Location) bool {
	if f.where == "" {
		return !l.staffOnly
	}
	return l.ID == f.where
}

// fixtures returns the edge cases of the month: its first and last moments, the change of the price list, clock
// changes, sessions at the zero rule, and idle time at the end of the free stretch.
func (w *World) fixtures() []fixture {
	month := w.Options.Month
	first, last := month.First.Start(w.zone).UTC(), month.Next.Start(w.zone).UTC()
	at := func(start time.Time, charge, idle time.Duration, wh int64, where string) fixture {
		return fixture{visit{start, charge, idle, wh}, where}
	}
	list := []fixture{
		at(first, 40*time.Minute+30*time.Second, 0, 7_123, ""),
		at(first.Add(time.Second), 3*time.Hour, 2*time.Hour, 19_875, "LOC-KI-FOERDE"),
		at(last.Add(-time.Second), 27*time.Minute, 0, 31_500, "LOC-HH-ELBE"), // ends in the next month
		at(last.Add(-5*time.Minute), 6*time.Hour, 3*time.Hour, 44_444, "LOC-FL-HOTEL"),
	}
	if len(w.Tariffs) > 1 {
		change := w.Tariffs[1].ValidFrom
		list = append(list,
			at(change.Add(-time.Second), time.Hour, 0, 10_500, "LOC-HRO-WARNOW"), // old price throughout
			at(change, time.Hour, 0, 10_500, "LOC-B-HOEFE"))                      // new price
	}
	for _, change := range w.clockChanges() {
		list = append(list,
			at(change.Add(-3*time.Hour), 5*time.Hour, 2*time.Hour+27*time.Second, 36_000, "LOC-KI-FOERDE"),
			at(change.Add(-90*time.Minute), 4*time.Hour, time.Hour, 28_800, "LOC-HH-HAFEN"),
			at(change.Add(30*time.Minute), 45*time.Minute, 0, 33_333, "LOC-A7-OST"), // in autumn: the second 02:30
			at(change.Add(-9*time.Second), 18*time.Second, 0, 50, ""))
	}
	return append(list, w.smallFixtures(first.Add(36*time.Hour))...)
}

// smallFixtures returns sessions around the limits of 0.1 kWh, 120 s and the free idle stretch of 15 minutes.
func (w *World) smallFixtures(from time.Time) []fixture {
	cases := []struct {
		charge, idle time.Duration
		wh           int64
		where        string
	}{
		{45 * time.Second, 0, 20, ""},                // free
		{117 * time.Second, 0, 99, ""},               // free, barely
		{54 * time.Second, 54 * time.Second, 60, ""}, // free
		{9 * time.Second, 0, 1, "LOC-HH-ELBE"},       // free
		{117 * time.Second, 0, 100, ""},              // enough energy: billed
		{126 * time.Second, 0, 99, ""},               // long enough: billed
		{63 * time.Second, 63 * time.Second, 12, ""},
		{18 * time.Minute, 15 * time.Minute, 20_500, "LOC-HH-ELBE"},       // all idle time free
		{18 * time.Minute, 15*time.Minute + grain, 20_500, "LOC-HH-ELBE"}, // nine seconds: 1.5 ct
		{2 * time.Hour, time.Hour + grain, 12_500, "LOC-HL-ALTSTADT"},     // nine seconds: 0.3 ct
		{30*time.Minute + 2*grain, 0, 5_500, "LOC-HH-HAFEN"},              // 18 s: 0.45 ct
		{30*time.Minute + 20*grain, 3 * time.Hour, 5_500, "LOC-HH-HAFEN"}, // three minutes: 4.5 ct
	}
	list := make([]fixture, 0, len(cases))
	for i, c := range cases {
		start := from.Add(time.Duration(i) * (3*time.Hour + 17*time.Minute + 11*time.Second))
		list = append(list, fixture{visit{start, c.charge, c.idle, c.wh}, c.where})
	}
	return list
}

// clockChanges returns the instants of the month at which the zone's offset changes. They lie on full hours.
func (w *World) clockChanges() []time.Time {
	var changes []time.Time
	end := w.Options.Month.Next.Start(w.zone)
	at := w.Options.Month.First.Start(w.zone)
	_, before := at.Zone()
	for ; at.Before(end); at = at.Add(time.Hour) {
		if _, offset := at.Zone(); offset != before {
			changes = append(changes, at.UTC())
			before = offset
		}
	}
	return changes
}
