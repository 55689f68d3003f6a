package pricelist

import (
	"slices"
	"strconv"
	"strings"

	"wattdue/rating"
)

// The keys whose values are open: what no row names is as good as any other.
const (
	contractKey = iota
	customerKey
	groupKey
	evseKey
	locationKey
	zoneKey
	operatorKey
	countryKey
	openKeys
)

var keyWords = [openKeys]string{"contract", "customer", "group", "evse", "location", "zone", "operator", "country"}

func openValues(r *rating.Row) [openKeys][]string {
	return [openKeys][]string{r.Contracts, r.Customers, r.Groups, r.EVSEs, r.Locations, r.Zones, r.Operators, r.Countries}
}

// place is a kind of session as the static keys see it. An empty value is one that no row names.
type place struct {
	values  [openKeys]string
	groups  []string // of the contract in order of precedence; values[groupKey] is not used to match
	power   powerPoint
	channel string
}

// powerPoint stands for all powers between two edges of the rows.
type powerPoint struct {
	current string // AC or DC; empty where no row looks at power
	watts   int64
}

// allOthers names the place of sessions with values that no row names.
const allOthers = "all others"

// String names the place for people.
func (p place) String() string {
	var parts []string
	for k, v := range p.values {
		if v != "" {
			parts = append(parts, keyWords[k]+" "+v)
		}
	}
	if p.power.current != "" {
		text := p.power.current
		if p.power.watts > 1 {
			text += " from " + plain(p.power.watts*1000) + " kW"
		}
		parts = append(parts, text)
	}
	if p.channel != "" {
		parts = append(parts, p.channel)
	}
	if len(parts) == 0 {
		return allOthers
	}
	return strings.Join(parts, ", ")
}

// places lists the kinds of sessions that rows tell apart: every combination of values of one row, with the values of
// other rows left open, and one of which no row names any value. Where a price is missing at all, it is missing at the
// latter, because naming more values only makes more rows match.
func places(rows []*rating.Row) []place {
	points, ways := powerPoints(rows), channelPoints(rows)
	seen := map[string]bool{}
	var list []place
	add := func(p place) {
		key := p.key()
		if !seen[key] {
			seen[key] = true
			list = append(list, p)
		}
	}
	for _, r := range append([]*rating.Row{{}}, rows...) {
		for _, p := range placesOf(r, points, ways) {
			add(p)
		}
	}
	return list
}

func (p place) key() string {
	return strings.Join(p.values[:], "\x00") + "\x00" + p.power.current + strconv.FormatInt(p.power.watts, 10) + "\x00" + p.channel
}

// placesOf lists the combinations of the values of one row.
func placesOf(r *rating.Row, points []powerPoint, ways []string) []place {
	list := []place{{}}
	for k, values := range openValues(r) {
		if len(values) == 0 {
			continue
		}
		wider := make([]place, 0, len(list)*len(values))
		for _, p := range list {
			for _, v := range values {
				p.values[k] = v
				if k == groupKey {
					p.groups = []string{v}
				}
				wider = append(wider, p)
			}
		}
		list = wider
	}
	var full []place
	for _, p := range list {
		for _, p.power = range points {
			for _, p.channel = range ways {
				if matchesPower(r, p.power) && matchesChannel(r, p.channel) {
					full = append(full, p)
				}
			}
		}
	}
	return full
}

// powerPoints are one point between each two edges of the rows' ranges, for either current.
func powerPoints(rows []*rating.Row) []powerPoint {
	edges := []int64{1}
	used := false
	for _, r := range rows {
		for _, v := range r.Power {
			used = true
			if low, high, ok := wattRange(v); ok {
				edges = append(edges, max(low, 1))
				if high > 0 {
					edges = append(edges, high)
				}
			}
		}
	}
	if !used {
		return []powerPoint{{}}
	}
	slices.Sort(edges)
	var list []powerPoint
	for _, current := range []string{"AC", "DC"} {
		for _, w := range slices.Compact(edges) {
			list = append(list, powerPoint{current, w})
		}
	}
	return list
}

// wattRange reads a range of kW as watts, from inclusive, to exclusive; 0 is open.
func wattRange(s string) (low, high int64, ok bool) {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, false
	}
	read := func(s string) int64 {
		n, _ := millionths(s) // empty or broken is open; Compile tells what is broken
		return n / 1000
	}
	return read(from), read(to), true
}

func matchesPower(r *rating.Row, p powerPoint) bool {
	if len(r.Power) == 0 || p.current == "" {
		return len(r.Power) == 0
	}
	return slices.ContainsFunc(r.Power, func(v string) bool {
		low, high, ok := wattRange(v)
		return v == p.current || ok && p.watts >= low && (high == 0 || p.watts < high)
	})
}

func channelPoints(rows []*rating.Row) []string {
	for _, r := range rows {
		if len(r.Channels) > 0 {
			return channels
		}
	}
	return []string{""}
}

func matchesChannel(r *rating.Row, channel string) bool {
	return len(r.Channels) == 0 || listed(r.Channels, channel)
}
