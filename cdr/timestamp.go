package cdr

import "time"

// parseTime reads an OCPI date-time: RFC 3339 with or without fraction and zone. Without a zone it is UTC (OCPI
// 2.2.1, types, DateTime). Tolerated beyond that: a blank or t in place of T, z for Z, an offset without colon.
// Fractions are cut to microseconds, the finest that storage keeps. It reports false for anything else, dates that
// do not exist included.
func parseTime(s string) (time.Time, bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	if s[10] != 'T' && s[10] != 't' && s[10] != ' ' {
		return time.Time{}, false
	}
	century, ok1 := pair(s, 0)
	year, ok2 := pair(s, 2)
	month, ok3 := pair(s, 5)
	day, ok4 := pair(s, 8)
	hour, ok5 := pair(s, 11)
	minute, ok6 := pair(s, 14)
	second, ok7 := pair(s, 17)
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || month < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	micros, rest, ok := fraction(s[19:])
	if !ok {
		return time.Time{}, false
	}
	offset, ok := zoneOffset(rest)
	if !ok {
		return time.Time{}, false
	}
	t := time.Date(century*100+year, time.Month(month), day, hour, minute, second, micros*1000, time.UTC)
	if t.Day() != day || t.Month() != time.Month(month) {
		return time.Time{}, false // time.Date would turn 30 February into 2 March
	}
	return t.Add(-offset), true
}

// pair reads two digits.
func pair(s string, i int) (int, bool) {
	if !isDigit(s[i]) || !isDigit(s[i+1]) {
		return 0, false
	}
	return int(s[i]-'0')*10 + int(s[i+1]-'0'), true
}

// fraction reads an optional fraction of a second and returns its microseconds and what follows.
func fraction(s string) (micros int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	n := digitsFrom(s, 1)
	if n == 0 {
		return 0, "", false
	}
	for k := range 6 {
		micros *= 10
		if k < n {
			micros += int(s[1+k] - '0')
		}
	}
	return micros, s[1+n:], true
}

// zoneOffset reads nothing, Z, +hh:mm or +hhmm.
func zoneOffset(s string) (time.Duration, bool) {
	if s == "" || s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) == 6 && s[3] == ':' {
		s = s[:3] + s[4:]
	}
	if len(s) != 5 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	h, ok1 := pair(s, 1)
	m, ok2 := pair(s, 3)
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	offset := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}
