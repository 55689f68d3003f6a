package ocpi

import (
	"testing"
	"time"
)

// TestSteps: rating rules, 12.4, with the amounts calculated by hand.
func TestSteps(t *testing.T) {
	tests := []struct {
		name    string
		tariff  []string
		periods []string
		time    string
		parking string
		energy  string
	}{
		{
			// 12 min at 4.80/h are 0.96; 32 min become 45, so 33 min at 3.60/h are 1.98.
			name: "E8: the step and the price of the last component", time: "2.94/2.94",
			tariff: []string{
				element(`"start_time":"00:00","end_time":"18:00"`, "TIME 4.80 step 600"), element(`"start_time":"18:00","end_time":"00:00"`, "TIME 3.60 step 900"),
			},
			periods: []string{"17:48 TIME 0.2", "18:00 TIME 0.333333"},
		},
		{
			name: "E8: hours are snapped before they are stepped", tariff: []string{element("", "TIME 6.00 step 300")},
			periods: []string{"10:00 TIME 0.1667"}, time: "1/1",
		},
		{
			// 21 min at 1.20/h are 0.42, not stepped to 25; 7 min parking become 10 at 3.00/h.
			name: "where parking is priced, only parking is stepped", tariff: []string{element("", "TIME 1.20 step 300", "PARKING_TIME 3.00 step 300")},
			periods: []string{"08:00 TIME 0.35", "08:21 PARKING_TIME 0.116667"}, time: "0.42/0.42", parking: "0.5/0.5",
		},
		{
			// Parking after 19:00 has no price: 8 min become 15, the other 12 stay out.
			name: "only priced quantity counts", parking: "0.25/0.25",
			tariff:  []string{element(`"end_time":"19:00"`, "PARKING_TIME 1.00 step 900")},
			periods: []string{"18:52 PARKING_TIME 0.133333", "19:00 PARKING_TIME 0.2"},
		},
		{
			// The charging is stepped although parking lasted: nothing prices it. 28 min become 30 at 6.00/h.
			name: "parking without a price does not keep charging from its step", tariff: []string{element("", "TIME 6.00 step 600")},
			periods: []string{"10:00 TIME 0.466667", "10:28 PARKING_TIME 1"}, time: "3/3",
		},
		{
			// 3 x 0.4 kWh are 1.2 kWh; once stepped to 1.5 at 0.40, and not three times 0.5.
			name: "energy is stepped once per session", tariff: []string{element("", "ENERGY 0.40 step 500")},
			periods: []string{"10:00 ENERGY 0.4", "10:10 ENERGY 0.4", "10:20 ENERGY 0.4"}, energy: "0.6/0.6",
		},
		{
			name: "a step of 0 is none", tariff: []string{element("", "ENERGY 0.40 step 0")}, periods: []string{"10:00 ENERGY 0.4005"}, energy: "0.1602/0.1602",
		},
		{
			name: "a missing step is none", tariff: []string{element("", "ENERGY 0.40")}, periods: []string{"10:00 ENERGY 0.4005"}, energy: "0.1602/0.1602",
		},
		{
			// 5 min at 6.00/h, then 5 min at 12.00/h: 10 min are a whole step already.
			name: "a whole number of steps has no surplus", time: "1.5/1.5",
			tariff:  []string{element(`"max_duration":300`, "TIME 6.00 step 600"), element("", "TIME 12.00 step 600")},
			periods: []string{"10:00 TIME 0.083333", "10:05 TIME 0.083333"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, total221, tt.periods...), Options{}, tariff(t, "", tt.tariff...))
			for _, part := range []struct{ name, got, want string }{
				{"time", both(p.Time), tt.time}, {"parking", both(p.Parking), tt.parking}, {"energy", both(p.Energy), tt.energy},
			} {
				if part.want == "" {
					part.want = "0/0"
				}
				if part.got != part.want {
					t.Errorf("%s: got %s, want %s; lines %+v", part.name, part.got, part.want, p.Lines)
				}
			}
		})
	}
}

// TestSaturday is the complex tariff of module Tariffs with the price it has, 1.25 per hour: its text calculates with 1.20
// (rating rules, 12.6). 114 min of charging are 2.375, 71 min of parking become 75 at 6.00/h, and the start costs 2.50.
func TestSaturday(t *testing.T) {
	weekdays := `"day_of_week":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY"]`
	complexTariff := tariff(t, "",
		element("", "FLAT 2.50 vat 15 step 1"),
		element(`"max_current":32.00`, "TIME 1.00 vat 20 step 900"),
		element(`"min_current":32.00,`+weekdays, "TIME 2.00 vat 20 step 600"),
		element(`"min_current":32.00,"day_of_week":["SATURDAY","SUNDAY"]`, "TIME 1.25 vat 20 step 600"),
		element(`"start_time":"09:00","end_time":"18:00",`+weekdays, "PARKING_TIME 5.00 vat 10 step 300"),
		element(`"start_time":"10:00","end_time":"17:00","day_of_week":["SATURDAY"]`, "PARKING_TIME 6.00 vat 10 step 300"),
	)
	c := record(t, total221, "2025-06-07T11:30:00Z TIME 1.9 ENERGY 40 MIN_CURRENT 43 MAX_CURRENT 50", "2025-06-07T13:24:00Z PARKING_TIME 1.183333")
	p := mustPrice(t, c, Options{Zone: zone(t, "Europe/Berlin")}, complexTariff)
	for _, part := range []struct{ name, got, want string }{
		{"fixed", both(p.Fixed), "2.5/2.875"},
		{"time", both(p.Time), "2.375/2.85"},
		{"parking", both(p.Parking), "7.5/8.25"},
		{"energy", both(p.Energy), "0/0"},
		{"total", both(p.Total), "12.375/13.975"},
		{"flags", flagsOf(p), ""},
	} {
		if part.got != part.want {
			t.Errorf("%s: got %s, want %s", part.name, part.got, part.want)
		}
	}
	// Charging: the element for 43 A on weekends, the fourth; the best other is the one below 32 A.
	if got, want := p.Periods[0].Choices[0], (Choice{Time, 4, 2, "max_current"}); got != want {
		t.Errorf("charging was priced by %+v, want %+v", got, want)
	}
	if got, want := p.Periods[1].Choices[0], (Choice{ParkingTime, 6, 5, "day_of_week"}); got != want {
		t.Errorf("parking was priced by %+v, want %+v", got, want)
	}
}

// TestElements: the first element in the list that has the dimension and applies (rating rules, 12.1). The price tells
// which one won.
func TestElements(t *testing.T) {
	tests := []struct {
		name         string
		restrictions string // of the element at 1.00; the one after it asks 2.00
		period       string
		zone         string
		want         string
	}{
		{"an empty object restricts nothing", ``, "10:00 ENERGY 1", "", "1/1"},
		{"null restricts nothing", `"start_time":null,"min_kwh":null`, "10:00 ENERGY 1", "", "1/1"},
		{"from is inclusive", `"start_time":"10:00","end_time":"11:00"`, "10:00 ENERGY 1", "", "1/1"},
		{"to is exclusive", `"start_time":"09:00","end_time":"10:00"`, "10:00 ENERGY 1", "", "2/2"},
		{"from = to is the whole day", `"start_time":"07:00","end_time":"07:00"`, "06:59 ENERGY 1", "", "1/1"},
		{"to 00:00 is the end of the day", `"start_time":"20:00","end_time":"00:00"`, "23:59 ENERGY 1", "", "1/1"},
		{"to 24:00 is the end of the day", `"start_time":"20:00","end_time":"24:00"`, "23:59 ENERGY 1", "", "1/1"},
		{"a window wraps over midnight, before it", `"start_time":"22:00","end_time":"06:00"`, "23:00 ENERGY 1", "", "1/1"},
		{"a window wraps over midnight, after it", `"start_time":"22:00","end_time":"06:00"`, "05:59 ENERGY 1", "", "1/1"},
		{"a window wraps over midnight, outside", `"start_time":"22:00","end_time":"06:00"`, "06:00 ENERGY 1", "", "2/2"},
		{"only an end", `"end_time":"10:00"`, "09:59 ENERGY 1", "", "1/1"},
		{"only a start", `"start_time":"10:00"`, "09:59 ENERGY 1", "", "2/2"},
		{"the clock is local", `"start_time":"12:00","end_time":"13:00"`, "10:00 ENERGY 1", "Europe/Berlin", "1/1"},
		{"the day is local", `"day_of_week":["WEDNESDAY"]`, "22:30 ENERGY 1", "Europe/Berlin", "1/1"},
		{"before the spring change", `"start_time":"01:00","end_time":"02:00"`, "2025-03-30T00:30:00Z ENERGY 1", "Europe/Berlin", "1/1"},
		{"after the spring change", `"start_time":"03:00","end_time":"04:00"`, "2025-03-30T01:30:00Z ENERGY 1", "Europe/Berlin", "1/1"},
		{"the first 02:30 in autumn", `"start_time":"02:00","end_time":"03:00"`, "2025-10-26T00:30:00Z ENERGY 1", "Europe/Berlin", "1/1"},
		{"the second 02:30 in autumn", `"start_time":"02:00","end_time":"03:00"`, "2025-10-26T01:30:00Z ENERGY 1", "Europe/Berlin", "1/1"},
		{"start date is inclusive", `"start_date":"2025-06-03"`, "00:00 ENERGY 1", "", "1/1"},
		{"end date is exclusive", `"end_date":"2025-06-03"`, "00:00 ENERGY 1", "", "2/2"},
		{"the day before the end date", `"end_date":"2025-06-04"`, "23:59 ENERGY 1", "", "1/1"},
		{"another day", `"day_of_week":["MONDAY","SUNDAY"]`, "10:00 ENERGY 1", "", "2/2"},
		{"its day, in lower case", `"day_of_week":["monday","tuesday"]`, "10:00 ENERGY 1", "", "1/1"},
		{"min_current is inclusive", `"min_current":32`, "10:00 ENERGY 1 MIN_CURRENT 32 MAX_CURRENT 40", "", "1/1"},
		{"min_current looks at the minimum", `"min_current":32`, "10:00 ENERGY 1 MIN_CURRENT 31.9 MAX_CURRENT 40", "", "2/2"},
		{"min_current takes the maximum if there is no other", `"min_current":32`, "10:00 ENERGY 1 MAX_CURRENT 32", "", "1/1"},
		{"max_current is exclusive", `"max_current":32`, "10:00 ENERGY 1 MAX_CURRENT 32", "", "2/2"},
		{"max_current looks at the maximum", `"max_current":32`, "10:00 ENERGY 1 MIN_CURRENT 6 MAX_CURRENT 31.99", "", "1/1"},
		{"max_current does not look at the minimum", `"max_current":32`, "10:00 ENERGY 1 MIN_CURRENT 6 MAX_CURRENT 40", "", "2/2"},
		{"the mean if there is nothing else", `"min_current":6,"max_current":32`, "10:00 ENERGY 1 CURRENT 16", "", "1/1"},
		{"max_current takes the minimum if there is no other", `"max_current":32`, "10:00 ENERGY 1 MIN_CURRENT 6", "", "1/1"},
		{"no current at all fails", `"max_current":32`, "10:00 ENERGY 1", "", "2/2"},
		{"min_power", `"min_power":50`, "10:00 ENERGY 1 MIN_POWER 50", "", "1/1"},
		{"max_power", `"max_power":50`, "10:00 ENERGY 1 MAX_POWER 50", "", "2/2"},
		{"no power at all fails", `"min_power":0`, "10:00 ENERGY 1", "", "2/2"},
		{"all of them must hold", `"min_power":50,"day_of_week":["MONDAY"]`, "10:00 ENERGY 1 MIN_POWER 50", "", "2/2"},
		{"an upper limit of zero lets nothing in", `"max_kwh":0`, "10:00 ENERGY 1", "", "2/2"},
		{"elements of reservations price no session", `"reservation":"RESERVATION"`, "10:00 ENERGY 1", "", "2/2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{}
			if tt.zone != "" {
				o.Zone = zone(t, tt.zone)
			}
			p := mustPrice(t, record(t, total221, tt.period), o, tariff(t, "", element(tt.restrictions, "ENERGY 1.00"), element("", "ENERGY 2.00")))
			if got := both(p.Total); got != tt.want {
				t.Errorf("got %s, want %s; trace %+v", got, tt.want, p.Periods)
			}
		})
	}
}

// TestThresholds: energy and duration are those at the period's start; lower bounds are inclusive, upper ones exclusive.
func TestThresholds(t *testing.T) {
	byEnergy := tariff(t, "",
		element(`"max_kwh":10`, "ENERGY 0.10"), element(`"min_kwh":10,"max_kwh":20`, "ENERGY 0.20"), element(`"min_kwh":20`, "ENERGY 0.40"))
	// 10 kWh at 0.10, 9.999 at 0.20, 1 at 0.20 (begun at 19.999), 1 at 0.40.
	c := record(t, total221, "10:00 ENERGY 10", "10:10 ENERGY 9.999", "10:20 ENERGY 1", "10:30 ENERGY 1")
	if got, want := both(mustPrice(t, c, Options{}, byEnergy).Total), "3.5998/3.5998"; got != want {
		t.Errorf("by energy: got %s, want %s", got, want)
	}
	byTime := tariff(t, "",
		element(`"max_duration":1800`, "TIME 1"), element(`"min_duration":1800,"max_duration":3600`, "TIME 2"), element(`"min_duration":3600`, "TIME 4"))
	// Half an hour each at 1, 2 and 4 per hour.
	c = record(t, total221, "10:00 TIME 0.5", "10:30 TIME 0.5", "11:00 TIME 0.5")
	if got, want := both(mustPrice(t, c, Options{}, byTime).Total), "3.5/3.5"; got != want {
		t.Errorf("by duration: got %s, want %s", got, want)
	}
	// The session begins when the reservation ends: half an hour at 1 and half an hour at 2.
	c = record(t, total221, "09:00 RESERVATION_TIME 1", "10:00 TIME 0.5", "10:30 TIME 0.5")
	if got, want := both(mustPrice(t, c, Options{}, byTime).Total), "1.5/1.5"; got != want {
		t.Errorf("after a reservation: got %s, want %s", got, want)
	}
}

func TestNoElement(t *testing.T) {
	p := mustPrice(t, record(t, total221, "10:00 ENERGY 10 TIME 1"), Options{}, tariff(t, "", element("", "ENERGY 0.30")))
	if both(p.Time) != "0/0" || both(p.Total) != "3/3" || flagsOf(p) != "" {
		t.Errorf("a dimension nothing prices costs nothing: time %s, total %s, flags %s", both(p.Time), both(p.Total), flagsOf(p))
	}
}

// TestFlat: once per session, the first time it becomes active (rating rules, 12.3), and where it belongs (12.9).
func TestFlat(t *testing.T) {
	tests := []struct {
		name           string
		elements       []string
		periods        []string
		fixed, parking string
	}{
		{"once for all periods", []string{element("", "FLAT 0.50 vat 20")}, []string{"10:00 ENERGY 1", "11:00 ENERGY 1"}, "0.5/0.6", "0/0"},
		{
			"the first time it becomes active",
			[]string{element(`"start_time":"11:00"`, "FLAT 0.50"), element(`"start_time":"12:00"`, "FLAT 9")},
			[]string{"10:00 ENERGY 1", "11:00 ENERGY 1", "12:00 ENERGY 1"},
			"0.5/0.5", "0/0",
		},
		{"of parking", []string{element("", "PARKING_TIME 1", "FLAT 0.50")}, []string{"10:00 PARKING_TIME 1"}, "0/0", "1.5/1.5"},
		{"of energy and parking", []string{element("", "ENERGY 0", "PARKING_TIME 1", "FLAT 0.50")}, []string{"10:00 PARKING_TIME 1"}, "0.5/0.5", "1/1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, total221, tt.periods...), Options{}, tariff(t, "", tt.elements...))
			if both(p.Fixed) != tt.fixed || both(p.Parking) != tt.parking {
				t.Errorf("fixed %s, parking %s; want %s, %s", both(p.Fixed), both(p.Parking), tt.fixed, tt.parking)
			}
		})
	}
}

// TestReservation: rating rules, 12.2 to 12.4.
func TestReservation(t *testing.T) {
	session := element("", "FLAT 0.50 vat 20", "TIME 60", "ENERGY 0.25 vat 10")
	fee := element(`"reservation":"RESERVATION_EXPIRES"`, "FLAT 4.00 vat 20")
	late := element(`"reservation":"RESERVATION_EXPIRES"`, "TIME 6.00 step 600")
	reserved := element(`"reservation":"RESERVATION"`, "TIME 2.00 vat 20 step 600")
	tests := []struct {
		name               string
		elements, periods  []string
		reservation, total string
	}{
		// 22 min become 30 at 2.00/h; 20 kWh are 5.00; the start costs 0.50.
		{
			"used: no fee for expiry",
			[]string{fee, reserved, element("", "FLAT 0.50 vat 20", "ENERGY 0.25 vat 10")},
			[]string{"08:00 RESERVATION_TIME 0.366667", "08:22 ENERGY 20 TIME 1"},
			"1/1.2", "6.5/7.3",
		},
		// 20 min are two steps at 2.00/h, 0.666667, and the fee; nothing started, so no start fee.
		{
			"expired: the fee, and the time by the other element",
			[]string{session, reserved, fee},
			[]string{"08:00 RESERVATION_TIME 0.333333"},
			"4.666667/5.6", "4.666667/5.6",
		},
		// 22 min become 30 at 6.00/h, although the other element stands first.
		{"expired: its own price of time goes first", []string{session, reserved, late}, []string{"08:00 RESERVATION_TIME 0.366667"}, "3/3", "3/3"},
		{"elements of sessions price no reservation", []string{session}, []string{"08:00 RESERVATION_TIME 0.25"}, "0/0", "0/0"},
		// An hour at 60.00 and the start.
		{"elements of reservations price no charging", []string{reserved, element("", "TIME 60")}, []string{"08:00 TIME 1"}, "0/0", "60/60"},
		// Half an hour at 2.00/h with tax 20 %, and the fee of reserving.
		{
			"a fee of its own beside that of the session",
			[]string{element(`"reservation":"RESERVATION"`, "FLAT 1", "TIME 2 vat 20"), element("", "FLAT 0.50")},
			[]string{"08:00 RESERVATION_TIME 0.5", "08:30 ENERGY 1"},
			"2/2.2", "2.5/2.7",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPrice(t, record(t, total221, tt.periods...), Options{}, tariff(t, "", tt.elements...))
			if both(p.Reservation) != tt.reservation || both(p.Total) != tt.total {
				t.Errorf("reservation %s, total %s; want %s, %s", both(p.Reservation), both(p.Total), tt.reservation, tt.total)
			}
		})
	}
}

// TestTwoTariffs: a period may name its tariff; steps and limits stay within one (rating rules, 12.4 and 12.9).
func TestTwoTariffs(t *testing.T) {
	a, b := tariff(t, "", element("", "FLAT 1", "ENERGY 1.00 step 1000")), tariff(t, "", element("", "FLAT 9", "ENERGY 2.00 step 1000"))
	a.ID, b.ID = "cheap", "fast"
	c := record(t, total221, "10:00 ENERGY 1.5", "10:30 ENERGY 1.5")
	c.Periods[0].TariffID, c.Periods[1].TariffID = "CHEAP", "fast" // ids do not know case
	// 2 kWh at 1.00 and 2 kWh at 2.00, not 3 kWh altogether; one fee.
	if got, want := both(mustPrice(t, c, Options{}, a, b).Total), "7/7"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.Periods[1].TariffID = "" // then no tariff is relevant
	if got, want := both(mustPrice(t, c, Options{}, a, b).Total), "3/3"; got != want {
		t.Errorf("a period without a tariff: got %s, want %s", got, want)
	}
	c.Periods[1].TariffID = "other"
	p := mustPrice(t, c, Options{}, a, b)
	if got := both(p.Total); got != "3/3" || !hasFlag(p, "NO_PRICE") {
		t.Errorf("a period of an unknown tariff: got %s, flags %s", got, flagsOf(p))
	}
	p = mustPrice(t, c, Options{}, a)
	if got := both(p.Total); got != "3/3" || !hasFlag(p, "NO_PRICE") {
		t.Errorf("a period of a tariff that is not given: got %s, flags %s", got, flagsOf(p))
	}
}

// TestPreference: where no period names a tariff, its type follows the preference of the charge.
func TestPreference(t *testing.T) {
	var list []Tariff
	for i, kind := range []string{"AD_HOC_PAYMENT", "PROFILE_FAST", "PROFILE_CHEAP", "REGULAR"} {
		v := tariff(t, "", element("", "FLAT "+string(rune('1'+i))))
		v.ID, v.Type = kind, kind
		list = append(list, v)
	}
	c := record(t, total221, "10:00 ENERGY 1")
	for preference, want := range map[string]string{"": "4/4", "REGULAR": "4/4", "FAST": "2/2", "CHEAP": "3/3", "GREEN": "1/1"} {
		if got := both(mustPrice(t, c, Options{Preference: preference}, list...).Total); got != want {
			t.Errorf("preference %q: got %s, want %s", preference, got, want)
		}
	}
	c.AdHoc = true
	if got := both(mustPrice(t, c, Options{Preference: "FAST"}, list...).Total); got != "1/1" {
		t.Errorf("a single payment: got %s, want 1/1", got)
	}
	list[3].ValidFrom = time.Date(2025, 6, 4, 0, 0, 0, 0, time.UTC)
	c.AdHoc = false
	list[0].Type = "" // for every preference
	if got := both(mustPrice(t, c, Options{}, list...).Total); got != "1/1" {
		t.Errorf("a tariff of tomorrow: got %s, want 1/1", got)
	}
}
