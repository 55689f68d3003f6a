package pricelist

import (
	"testing"
	"time"

	"wattdue/calendar"
	"wattdue/rating"
)

// Moments of a week of 2026: 2 January is a Friday, 3 January a Saturday (rating rules, 4.2 and 4.3).
func TestMovingKeysHold(t *testing.T) {
	friday, saturday := calendar.Date{Year: 2026, Month: 1, Day: 2}, calendar.Date{Year: 2026, Month: 1, Day: 3}
	night := []rating.Window{{From: 1320, To: 360}}
	for _, c := range []struct {
		name string
		keys rating.Moving
		at   moment
		want bool
	}{
		{"from 22:00 on", rating.Moving{Times: night}, moment{day: friday, minute: 1320}, true},
		{"a minute before", rating.Moving{Times: night}, moment{day: friday, minute: 1319}, false},
		{"until 06:00", rating.Moving{Times: night}, moment{day: friday, minute: 359}, true},
		{"06:00 is out", rating.Moving{Times: night}, moment{day: friday, minute: 360}, false},
		{"00:00 as an end is that of the day", rating.Moving{Times: []rating.Window{{From: 1320}}}, moment{day: friday, minute: 1439}, true},
		{"and not the next morning", rating.Moving{Times: []rating.Window{{From: 1320}}}, moment{day: friday, minute: 0}, false},
		{"the same twice is the whole day", rating.Moving{Times: []rating.Window{{From: 360, To: 360}}}, moment{day: friday, minute: 0}, true},
		{"Saturday morning is no Friday", rating.Moving{Times: night, Days: []rating.Day{5}}, moment{day: saturday, minute: 300}, false},
		{"but belongs to its night", rating.Moving{Times: night, Days: []rating.Day{5}, DayOfStart: true}, moment{day: saturday, minute: 300}, true},
		{"Friday morning belongs to Thursday", rating.Moving{Times: night, Days: []rating.Day{5}, DayOfStart: true}, moment{day: friday, minute: 300}, false},
		{"the last day of a span", rating.Moving{DateFrom: friday, DateTo: saturday}, moment{day: friday}, true},
		{"the day after", rating.Moving{DateFrom: friday, DateTo: saturday}, moment{day: saturday}, false},
		{"a second before after", rating.Moving{AfterTime: time.Hour}, moment{day: friday, since: time.Hour - time.Second}, false},
		{"exactly after", rating.Moving{AfterTime: time.Hour}, moment{day: friday, since: time.Hour}, true},
		{"a second before until", rating.Moving{UntilTime: time.Hour}, moment{day: friday, since: time.Hour - time.Second}, true},
		{"exactly until", rating.Moving{UntilTime: time.Hour}, moment{day: friday, since: time.Hour}, false},
		{"exactly after an energy", rating.Moving{AfterEnergy: 5}, moment{day: friday, energy: 5}, true},
		{"exactly until an energy", rating.Moving{UntilEnergy: 5}, moment{day: friday, energy: 5}, false},
		{"a holiday", rating.Moving{DayTypes: []rating.DayType{rating.Holiday}}, moment{day: saturday}, true},
		{"a holiday is no weekend", rating.Moving{DayTypes: []rating.DayType{rating.Weekend}}, moment{day: saturday}, false},
		{"but it is a Saturday", rating.Moving{Days: []rating.Day{6}}, moment{day: saturday}, true},
	} {
		if got := (dayBook{saturday: true}).holds(&c.keys, &c.at); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
