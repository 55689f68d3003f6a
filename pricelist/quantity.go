package pricelist

import (
	"fmt"
	"strings"
	"time"

	"wattdue/cdr"
)

const (
	wantDuration = "a duration such as 15 min, 90 s or 1 h 30 min"
	wantEnergy   = "an energy such as 0.1 kWh or 100 Wh"
	wantQuantity = "a duration such as 240 min or an energy such as 30 kWh"
)

// longest bounds durations: a month is longer than any session.
const longest = 31 * 24 * time.Hour

// largestEnergy bounds energies, in micro-kWh.
const largestEnergy cdr.MicroKWh = 999_999_999_999

// quantity is a duration or an energy.
type quantity struct {
	time   time.Duration
	energy cdr.MicroKWh
	isTime bool
}

var quantityUnits = map[string]quantity{
	"s": {time: time.Second, isTime: true}, "sec": {time: time.Second, isTime: true}, "sek": {time: time.Second, isTime: true},
	"min": {time: time.Minute, isTime: true}, "m": {time: time.Minute, isTime: true},
	"h": {time: time.Hour, isTime: true}, "std": {time: time.Hour, isTime: true},
	"kwh": {energy: 1_000_000}, "wh": {energy: 1_000},
}

// readQuantity reads "1 h 30 min" or "100 Wh". The advice says what to write instead.
func readQuantity(s, want string) (q quantity, advice string) {
	rest := strings.TrimSpace(s)
	for first := true; rest != ""; first = false {
		number, tail := splitNumber(rest)
		end := strings.IndexFunc(tail, func(c rune) bool { return c == ' ' || c >= '0' && c <= '9' })
		if end < 0 {
			end = len(tail)
		}
		unit, known := quantityUnits[strings.ToLower(tail[:end])]
		n, bad := millionths(number)
		switch {
		case bad != "":
			return quantity{}, bad
		case end == 0:
			return quantity{}, fmt.Sprintf("%s has no unit; want %s", shown(s), want)
		case !known:
			return quantity{}, fmt.Sprintf("the unit %s is not known; want %s", shown(tail[:end]), want)
		case !first && (unit.isTime != q.isTime || !unit.isTime):
			return quantity{}, fmt.Sprintf("%s is not understood; want %s", shown(s), want)
		}
		if q, bad = q.plus(unit, n, s); bad != "" {
			return quantity{}, bad
		}
		rest = strings.TrimSpace(tail[end:])
	}
	return q, ""
}

// plus adds n millionths of a unit.
func (q quantity) plus(unit quantity, n int64, s string) (quantity, string) {
	if unit.isTime {
		seconds, ok := times(n, int64(unit.time/time.Second))
		switch {
		case !ok || seconds/1_000_000 > int64(longest/time.Second):
			return q, fmt.Sprintf("%s is too long; at most 31 days are possible", shown(s))
		case seconds%1_000_000 != 0:
			return q, fmt.Sprintf("%s is not a whole number of seconds", shown(s))
		}
		q.isTime = true
		q.time += time.Duration(seconds/1_000_000) * time.Second
		return q, ""
	}
	energy, ok := times(n, int64(unit.energy))
	switch {
	case !ok || energy/1_000_000 > int64(largestEnergy):
		return q, fmt.Sprintf("%s is too much; at most 999999 kWh are possible", shown(s))
	case energy%1_000_000 != 0:
		return q, fmt.Sprintf("%s is finer than a thousandth of a Wh; round it", shown(s))
	}
	q.energy = cdr.MicroKWh(energy / 1_000_000)
	return q, ""
}

// duration reads a duration of a key that may be missing.
func (o object) duration(name string) time.Duration {
	s, n, ok := o.text(name, wantDuration)
	if !ok {
		return 0
	}
	q, advice := readQuantity(s, wantDuration)
	if advice == "" && !q.isTime {
		advice = shown(s) + " is an energy; want " + wantDuration
	}
	if advice != "" {
		o.p.faultf(n, o.field(name), "%s", advice)
	}
	return q.time
}

// energy reads an energy of a key that may be missing.
func (o object) energy(name string) cdr.MicroKWh {
	s, n, ok := o.text(name, wantEnergy)
	if !ok {
		return 0
	}
	q, advice := readQuantity(s, wantEnergy)
	if advice == "" && q.isTime {
		advice = shown(s) + " is a duration; want " + wantEnergy
	}
	if advice != "" {
		o.p.faultf(n, o.field(name), "%s", advice)
	}
	return q.energy
}

// spellTime prints whole seconds as "1 h 30 min"; from ten minutes on, full minutes stay minutes up to ten hours, as
// price lists write them: "240 min".
func spellTime(d time.Duration) string {
	s := int64(d / time.Second)
	switch {
	case s%60 == 0 && s > 0 && s < 36_000:
		return fmt.Sprintf("%d min", s/60)
	case s%3600 == 0 && s > 0:
		return fmt.Sprintf("%d h", s/3600)
	case s < 120:
		return fmt.Sprintf("%d s", s)
	}
	var parts []string
	for _, u := range []struct {
		n    int64
		name string
	}{{s / 3600, "h"}, {s / 60 % 60, "min"}, {s % 60, "s"}} {
		if u.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", u.n, u.name))
		}
	}
	return strings.Join(parts, " ")
}

// spellEnergy prints an energy in kWh with as many decimals as it has.
func spellEnergy(e cdr.MicroKWh) string {
	s := fmt.Sprintf("%d.%06d", e/1_000_000, e%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + " kWh"
}
