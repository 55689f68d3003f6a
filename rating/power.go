package rating

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// powerTable makes a power key one number: the edges of all ranges in the tariff part the kilowatts into intervals, and a
// session lies in exactly one of them with one kind of current. So a range costs nothing at look-up, and two ranges overlap
// exactly where they share a number.
type powerTable struct {
	edges []int64  // watts, ascending
	names []string // by number - 1
}

// currents are the kinds of current; a session may state none.
var currents = [...]string{"", "AC", "DC"}

// powerRange is a value of a power key: a kind of current, or watts from inclusive, to exclusive.
type powerRange struct {
	current  string
	from, to int64
}

// parsePower reads AC, DC, or a range of kW such as 50-, 11-49.9 or -22.
func parsePower(s string) (powerRange, error) {
	if s == "AC" || s == "DC" {
		return powerRange{current: s, from: -1, to: math.MaxInt64}, nil
	}
	low, high, ok := strings.Cut(s, "-")
	r := powerRange{to: math.MaxInt64}
	var err error
	if ok && low != "" {
		r.from, err = parseKW(low)
	}
	if ok && err == nil && high != "" {
		r.to, err = parseKW(high)
	}
	if !ok || err != nil || low == "" && high == "" || r.from >= r.to {
		return r, fmt.Errorf("power %q: write AC, DC, or a range of kW such as 50-, 11-49.9 or -22", s)
	}
	return r, nil
}

func parseKW(s string) (int64, error) {
	whole, part, _ := strings.Cut(s, ".")
	if len(part) > 3 {
		return 0, strconv.ErrRange
	}
	n, err := strconv.ParseUint(whole+part+"000"[len(part):], 10, 40)
	return int64(n), err
}

// newPowerTable collects the edges of the ranges in rows that were checked.
func newPowerTable(rows []Row) powerTable {
	var t powerTable
	for i := range rows {
		for _, v := range rows[i].Power {
			r, err := parsePower(v)
			if err != nil || r.current != "" {
				continue
			}
			t.edges = append(t.edges, r.from)
			if r.to != math.MaxInt64 {
				t.edges = append(t.edges, r.to)
			}
		}
	}
	slices.Sort(t.edges)
	t.edges = slices.Compact(t.edges)
	for _, current := range currents {
		for i := range t.intervals() {
			t.names = append(t.names, strings.TrimSpace(current+" "+t.interval(i)))
		}
	}
	for i, name := range t.names {
		if name == "" {
			t.names[i] = "unknown"
		}
	}
	return t
}

// intervals is how many parts the watts have: unknown, below the first edge, and from each edge on.
func (t *powerTable) intervals() int { return len(t.edges) + 2 }

func (t *powerTable) interval(i int) string {
	kW := func(watts int64) string {
		return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%03d", watts/1000, watts%1000), "0"), ".")
	}
	switch {
	case i == 0 || len(t.edges) == 0:
		return ""
	case i == 1:
		return "below " + kW(t.edges[0]) + " kW"
	case i == len(t.edges)+1:
		return "from " + kW(t.edges[i-2]) + " kW"
	}
	return kW(t.edges[i-2]) + " to " + kW(t.edges[i-1]) + " kW"
}

// number returns where a session lies.
func (t *powerTable) number(current string, watts int64) uint32 {
	interval := 0
	if watts > 0 {
		at, exact := slices.BinarySearch(t.edges, watts)
		interval = at + 1
		if exact {
			interval++
		}
	}
	kind := 0
	switch current {
	case "AC":
		kind = 1
	case "DC":
		kind = 2
	}
	return uint32(kind*t.intervals()+interval) + 1
}

// numbers returns every place a value covers.
func (t *powerTable) numbers(value string) []uint32 {
	r, err := parsePower(value)
	if err != nil {
		return nil
	}
	var list []uint32
	for kind, current := range currents {
		for i := range t.intervals() {
			switch {
			case r.current != "":
				if current != r.current {
					continue
				}
			case i <= 1: // unknown, or below the first edge of all ranges
				continue
			case i > 1 && (t.edges[i-2] < r.from || t.edges[i-2] >= r.to):
				continue
			}
			list = append(list, uint32(kind*t.intervals()+i)+1)
		}
	}
	return list
}
