package pricelist

import (
	"slices"
	"strings"
	"testing"

	"wattdue/calendar"
)

// Days of 2026 by the laws of the states; Easter Sunday is 5 April. A calendar on the wall shows the same.
func TestGermanHolidays(t *testing.T) {
	everywhere := "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"
	for name, more := range map[string]string{
		"DE": "", "DE-BW": "01-06 06-04 11-01", "DE-BY": "01-06 06-04 11-01", "DE-BE": "03-08", "DE-BB": "04-05 05-24 10-31", "DE-HB": "10-31",
		"DE-HH": "10-31", "DE-HE": "06-04", "DE-MV": "03-08 10-31", "DE-NI": "10-31", "DE-NW": "06-04 11-01", "DE-RP": "06-04 11-01",
		"DE-SL": "06-04 08-15 11-01", "DE-SN": "10-31 11-18", "DE-ST": "01-06 10-31", "DE-SH": "10-31", "DE-TH": "09-20 10-31",
	} {
		var want []calendar.Date
		for _, s := range strings.Fields(everywhere + " " + more) {
			d, err := calendar.ParseDate("2026-" + s)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, d)
		}
		slices.SortFunc(want, calendar.Date.Compare)
		got, ok := GermanHolidays(name, 2026, 2026)
		if !ok || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestHolidaysThatCameOrWereForOnce(t *testing.T) {
	for _, c := range []struct {
		name, day string
		want      bool
	}{
		{"DE-MV", "2022-03-08", false},
		{"DE-MV", "2023-03-08", true},
		{"DE-BE", "2020-05-08", true},
		{"DE-BE", "2024-05-08", false},
		{"DE-BE", "2025-05-08", true},
		{"DE-BE", "2028-06-17", true},
		{"DE-BE", "2027-06-17", false},
		{"DE-SN", "2023-11-22", true}, // 22 November is a Wednesday
		{"DE-SN", "2028-11-22", true},
		{"DE-SN", "2024-11-20", true},
	} {
		d, err := calendar.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		days, _ := GermanHolidays(c.name, d.Year, d.Year)
		if got := slices.Contains(days, d); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.name, c.day, got, c.want)
		}
	}
	for _, bad := range []string{"", "de", "DE-XX", "DE-", "AT"} {
		if _, ok := GermanHolidays(bad, 2026, 2026); ok {
			t.Errorf("%q has holidays", bad)
		}
	}
	if _, ok := GermanHolidays("DE", 2018, 2026); ok {
		t.Error("the year 2018 is known, when other laws held")
	}
}
