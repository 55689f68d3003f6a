package pricelist

import (
	"slices"
	"strings"

	"wattdue/rating"
)

// dayWords are names of days in English and German, from Monday.
var dayWords = [7][]string{
	{"mo", "mon", "monday", "montag"},
	{"tu", "di", "tue", "tuesday", "dienstag"},
	{"we", "mi", "wed", "wednesday", "mittwoch"},
	{"th", "do", "thu", "thursday", "donnerstag"},
	{"fr", "fri", "friday", "freitag"},
	{"sa", "sat", "saturday", "samstag", "sonnabend"},
	{"su", "so", "sun", "sunday", "sonntag"},
}

var dayShort = [7]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

var dayTypeWords = map[string]rating.DayType{
	"holiday": rating.Holiday, "holidays": rating.Holiday, "feiertag": rating.Holiday, "feiertage": rating.Holiday,
	"weekday": rating.Weekday, "weekdays": rating.Weekday, "werktag": rating.Weekday, "werktage": rating.Weekday,
	"weekend": rating.Weekend, "wochenende": rating.Weekend,
}

const wantDays = "days such as Mo-Fr, or Sa, Su"

// days reads days of the week and kinds of days. Both keys in one row must both hold.
func (o object) days(m *rating.Moving) {
	for _, it := range o.list("day_type", "day types: holiday, weekday, weekend") {
		kind, known := dayTypeWords[strings.ToLower(it.text)]
		switch {
		case !known:
			o.p.faultf(it.node, o.field("day_type"), "the day type %s is not known; want holiday, weekday or weekend", shown(it.text))
		case slices.Contains(m.DayTypes, kind):
			o.p.faultf(it.node, o.field("day_type"), "%s is there twice", shown(it.text))
		default:
			m.DayTypes = append(m.DayTypes, kind)
		}
	}
	var set [7]bool
	for _, it := range o.list("days", wantDays) {
		from, to, advice := readDays(it.text)
		if advice != "" {
			o.p.faultf(it.node, o.field("days"), "%s", advice)
			continue
		}
		for d := from; ; d = (d + 1) % 7 {
			if set[d] {
				o.p.faultf(it.node, o.field("days"), "%s is there twice", dayShort[d])
			}
			set[d] = true
			if d == to {
				break
			}
		}
	}
	for d, in := range set {
		if in {
			m.Days = append(m.Days, rating.Day(d+1))
		}
	}
}

// readDays reads "Mo" or "Mo-Fr"; a span may go over Sunday.
func readDays(s string) (from, to int, advice string) {
	first, last, isSpan := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	from = dayByWord(first)
	to = from
	if isSpan {
		to = dayByWord(last)
	}
	if from < 0 || to < 0 {
		if kind, ok := dayTypeWords[strings.ToLower(s)]; ok {
			return 0, 0, shown(s) + " is a kind of day; write day_type: " + string(kind)
		}
		return 0, 0, shown(s) + " is no day of the week; want " + wantDays
	}
	return from, to, ""
}

func dayByWord(s string) int {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
	return slices.IndexFunc(dayWords[:], func(words []string) bool { return listed(words, s) })
}

// spellDays prints days as "Mo-Fr, Su". Three days in a row or more become a span.
func spellDays(days []rating.Day) string {
	var parts []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == days[j]+1 {
			j++
		}
		if j-i < 2 {
			j = i
			parts = append(parts, spellDay(days[i]))
		} else {
			parts = append(parts, spellDay(days[i])+"-"+spellDay(days[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

func spellDay(d rating.Day) string {
	if d < 1 || d > 7 {
		return "?"
	}
	return dayShort[d-1]
}
