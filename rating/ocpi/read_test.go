package ocpi

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestForms reads the same tariff in every form that partners send.
func TestForms(t *testing.T) {
	plain := tariffText(`"min_price":{"excl_vat":0.5,"incl_vat":0.6},`, element(`"min_kwh":1`, "ENERGY 0.25 vat 19 step 100"))
	words := strings.NewReplacer(`0.25`, `"0.25"`, `19`, `"19.0"`, `100`, `1e2`, `"min_kwh":1`, `"min_kwh":"1.000"`,
		`0.5`, `"0.50"`, `"ENERGY"`, `"energy"`,
		`"EUR"`, `"eur"`)
	want := fmt.Sprintf("%+v", mustTariff(t, plain))
	for name, text := range map[string]string{
		"a byte order mark": "\xef\xbb\xbf" + plain, "an array of one": "[" + plain + "]", "a response": `{"status_code":1000,"data":` + plain + `}`,
		"a response with a list": `{"data":[` + plain + `],"status_code":1000}`, "numbers as strings": words.Replace(plain),
		"unknown members": strings.Replace(plain, `"id"`, `"x":{"y":[1,null]},"id"`, 1),
		"null members":    strings.Replace(plain, `"id"`, `"start_date_time":null,"id"`, 1),
	} {
		if got := fmt.Sprintf("%+v", mustTariff(t, text)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func mustTariff(t *testing.T, text string) Tariff {
	t.Helper()
	v, err := ParseTariff([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// TestVersions tells the versions apart by content (rating rules, 12.5).
func TestVersions(t *testing.T) {
	tests := []struct {
		members string
		want    Version
		total   string
	}{
		{`"total_cost":4.40,`, V211, "4.4/?"},
		{`"total_cost":"4.40",`, V211, "4.4/?"},
		{`"stop_date_time":"2025-06-03T11:00:00Z",`, V211, "?/?"},
		{`"total_cost":{"excl_vat":4,"incl_vat":4.40},`, V221, "4/4.4"},
		{`"total_cost":{"excl_vat":4},`, V221, "4/?"},
		{`"total_cost":{"before_taxes":4,"taxes":[{"name":"VAT","amount":0.4},{"name":"city","amount":"0.10"}]},`, V230, "4/4.5"},
		{`"total_cost":{"before_taxes":4},`, V230, "4/?"},
		{`"total_cost":{"before_taxes":4,"taxes":[]},`, V230, "4/?"},
		{`"total_energy_cost":{"before_taxes":4},`, V230, "?/?"},
		{``, V221, "?/?"},
	}
	for _, tt := range tests {
		c := record(t, tt.members, "10:00 ENERGY 1")
		if c.Version != tt.want || both(c.Stated.Total) != tt.total {
			t.Errorf("%s: version %s, total %s; want %s, %s", tt.members, c.Version, both(c.Stated.Total), tt.want, tt.total)
		}
	}
}

func TestReadCDR(t *testing.T) {
	c := record(t, `"start_date_time":"2025-06-03 12:00:00.250+0200","stop_date_time":"2025-06-03t11:30:00z","total_cost":1,"total_energy":"20.4500005",
		"total_time":1.5,"total_parking_time":0.25,"location":{"time_zone":"Europe/Berlin"},"cdr_token":{"type":"ad_hoc_user"},
		"home_charging_compensation":true,"country_code":"de","party_id":"ABC",`,
		"10:00 ENERGY 20.45 MIN_CURRENT 6 MAX_CURRENT 32 POWER 11 STATE_OF_CHARGE 80 WEATHER 1")
	if want := time.Date(2025, 6, 3, 10, 0, 0, 250e6, time.UTC); !c.Start.Equal(want) {
		t.Errorf("start %v, want %v", c.Start, want)
	}
	if want := time.Date(2025, 6, 3, 11, 30, 0, 0, time.UTC); !c.End.Equal(want) {
		t.Errorf("end %v, want %v", c.End, want)
	}
	// 20.4500005 kWh are rounded to the micro-kWh, half away.
	if c.Energy != 20_450_001 || c.Time != 90*time.Minute || c.Parking != 15*time.Minute || c.Has != HasEnergy|HasTime|HasParking {
		t.Errorf("totals %d, %v, %v, %b", c.Energy, c.Time, c.Parking, c.Has)
	}
	if c.TimeZone != "Europe/Berlin" || !c.AdHoc || !c.HomeCompensation || c.Country != "DE" {
		t.Errorf("zone %q, ad hoc %v, home %v, country %q", c.TimeZone, c.AdHoc, c.HomeCompensation, c.Country)
	}
	if p := c.Periods[0]; p.Energy != 20_450_000 || p.Current.Min.Micro != 6_000_000 || p.Current.Max.Micro != 32_000_000 || !p.Power.Mean.Known {
		t.Errorf("period %+v", p)
	}
	text := fmt.Sprint(c.Findings)
	for _, want := range []string{`UNKNOWN_COMPONENT charging_periods[0].dimensions[5].type`, "total_energy: \"20.4500005\" has more than 6 decimals"} {
		if !strings.Contains(text, want) {
			t.Errorf("findings %s lack %q", text, want)
		}
	}
}

// TestFaults: what cannot be read is refused with the name of the field.
func TestFaults(t *testing.T) {
	good := element("", "ENERGY 0.25")
	tests := []struct {
		name, text, want string
	}{
		{"no text", ``, "no JSON"},
		{"half a text", `{"id":"T"`, "no JSON at byte 9"},
		{"a list of two", `[{},{}]`, "array of 2; give one object at a time"},
		{"no object", `5`, "no JSON object"},
		{"a member twice", `{"id":"T","id":"U"}`, `member "id" stands twice`},
		{"too deep", strings.Repeat("[", 40) + strings.Repeat("]", 40), "levels"},
		{"too long", strings.Repeat(" ", maxBytes+1), "at most"},
		{"no currency", `{"id":"T","elements":[` + good + `]}`, "currency: the value is no currency"},
		{"no elements", `{"id":"T","currency":"EUR"}`, "elements: is missing or empty"},
		{"elements are no list", `{"id":"T","currency":"EUR","elements":{}}`, "elements: is no list"},
		{"an element is no object", `{"id":"T","currency":"EUR","elements":[1]}`, "elements[0]: is no object"},
		{"no components", tariffText("", `{"price_components":[]}`), "elements[0].price_components: is missing or empty"},
		{"no price", tariffText("", `{"price_components":[{"type":"FLAT"}]}`), "elements[0].price_components[0].price: is missing"},
		{"no type", tariffText("", `{"price_components":[{"price":1}]}`), "price_components[0].type: is missing"},
		{"a price with a comma", tariffText("", `{"price_components":[{"type":"FLAT","price":"0,25"}]}`), "price: the value is no number; send a decimal"},
		{"a price of a fortune", tariffText("", element("", "ENERGY 1e9")), `price: "1e9" is too large`},
		{"a negative step", tariffText("", element("", "ENERGY 1 step -1")), `step_size: "-1" is no whole number`},
		{"half a step", tariffText("", element("", "ENERGY 1 step 0.5")), `step_size: "0.5" is no whole number`},
		{"a negative tax", tariffText("", element("", "ENERGY 1 vat -19")), "vat: is below zero"},
		{"a time of day", tariffText("", element(`"start_time":"9:00"`, "ENERGY 1")), `elements[0].restrictions.start_time: "9:00" is no time of day`},
		{"a time beyond the day", tariffText("", element(`"end_time":"25:00"`, "ENERGY 1")), `end_time: "25:00" is no time`},
		{"a day that does not exist", tariffText("", element(`"end_date":"2025-02-30"`, "ENERGY 1")), `end_date: "2025-02-30" is no date`},
		{"a weekday", tariffText("", element(`"day_of_week":["SONNTAG"]`, "ENERGY 1")), `day_of_week: "SONNTAG" is no day`},
		{"a reservation", tariffText("", element(`"reservation":"MAYBE"`, "ENERGY 1")), `reservation: "MAYBE" is neither`},
		{"a restriction is no object", tariffText("", `{"price_components":[{"type":"FLAT","price":1}],"restrictions":[]}`), "restrictions: is no object"},
		{"a negative threshold", tariffText("", element(`"min_kwh":-1`, "ENERGY 1")), "min_kwh: is negative"},
		{"a minimum above the maximum", tariffText(`"min_price":{"excl_vat":2},"max_price":{"excl_vat":1},`, good), "min_price: is above max_price"},
		{"tax perhaps", tariffText(`"tax_included":"MAYBE",`, good), `tax_included: "MAYBE" is none of`},
		{"an instant", tariffText(`"end_date_time":"tomorrow",`, good), `end_date_time: "TOMORROW" is no date and time`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseTariff([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestFaultsOfRecords(t *testing.T) {
	dimension := func(d string) string {
		return `{"id":"C","currency":"EUR","charging_periods":[{"start_date_time":"2025-06-03T10:00:00Z","dimensions":[` + d + `]}]}`
	}
	tests := []struct{ name, text, want string }{
		{"no start of a period", `{"id":"C","currency":"EUR","charging_periods":[{}]}`, `record "C": charging_periods[0].start_date_time: is missing`},
		{"a volume of text", dimension(`{"type":"ENERGY","volume":"viel"}`), `dimensions[0].volume: "viel" is no number`},
		{"no volume", dimension(`{"type":"ENERGY"}`), "dimensions[0].volume: is missing"},
		{"negative energy", dimension(`{"type":"ENERGY","volume":-1}`), "volume: is negative"},
		{"negative time", dimension(`{"type":"TIME","volume":-1}`), "volume: is negative"},
		{"a century", dimension(`{"type":"TIME","volume":900000}`), "the unit is hours"},
		{"energy of a country", dimension(`{"type":"ENERGY","volume":1e12}`), "check the unit"},
		{"a dimension twice", dimension(`{"type":"ENERGY","volume":1},{"type":"energy","volume":1}`), "dimensions[1].type: \"ENERGY\" stands twice"},
		{"a credit of text", `{"id":"C","currency":"EUR","credit":"yes"}`, "credit: is neither true nor false"},
		{"an id of a list", `{"id":[],"currency":"EUR"}`, "id: is no text"},
		{"too many tariffs", `{"id":"C","currency":"EUR","tariffs":[` + strings.Repeat("{},", maxTariffs) + `{}]}`, "tariffs: has 65 entries; at most 64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseCDR([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
