package rating

import "strings"

// key is one static match key of a row, and where it is written.
type key struct {
	name string // in messages and explanations
	row  func(*Row) []string
}

// keys lists the static match keys by rank: a row that has an earlier key is more specific than one that has not, whatever
// later keys they have (rating rules, 3.3).
var keys = [...]key{
	contractKey: {"contract", func(r *Row) []string { return r.Contracts }},
	customerKey: {"customer", func(r *Row) []string { return r.Customers }},
	groupKey:    {"group", func(r *Row) []string { return r.Groups }},
	evseKey:     {"evse", func(r *Row) []string { return r.EVSEs }},
	locationKey: {"location", func(r *Row) []string { return r.Locations }},
	zoneKey:     {"zone", func(r *Row) []string { return r.Zones }},
	operatorKey: {"operator", func(r *Row) []string { return r.Operators }},
	countryKey:  {"country", func(r *Row) []string { return r.Countries }},
	powerKey:    {"power", func(r *Row) []string { return r.Power }},
	channelKey:  {"channel", func(r *Row) []string { return r.Channels }},
}

const (
	contractKey = iota
	customerKey
	groupKey
	evseKey
	locationKey
	zoneKey
	operatorKey
	countryKey
	powerKey
	channelKey
	keyCount
)

// stated returns what the session shows for a key; nothing for groups, of which a contract has several in order (rating rules,
// 3.5), and for power, whose values are ranges. It is no function in the table, because calling one would move each session
// to the heap.
func stated(k int, c *Contract, s *Session) string {
	switch k {
	case contractKey:
		return c.No
	case customerKey:
		return c.Customer
	case evseKey:
		return s.EVSEID
	case locationKey:
		return s.Location
	case zoneKey:
		return s.Zone
	case operatorKey:
		return s.Operator
	case countryKey:
		return s.Country
	case channelKey:
		return s.Channel
	}
	return ""
}

// The moving keys rank below the static ones, in this order.
const (
	dateKey = keyCount + iota
	dayKey  // day types and days
	timeKey
	sinceKey // after and until
	rankCount
)

// keySet is the set of keys a row has. Earlier keys are higher bits, so the larger set is the more specific one.
type keySet uint32

func keyBit(k int) keySet { return 1 << (rankCount - 1 - k) }

func (ks keySet) has(k int) bool { return ks&keyBit(k) != 0 }

// static is the part of the set that decides where a row is looked for.
func (ks keySet) static() keySet { return ks >> (rankCount - keyCount) << (rankCount - keyCount) }

// cell is one combination of static key values, as numbers; 0 stands for a key the row has not.
type cell [keyCount]uint32

// dictionary numbers the values that the rows of a tariff name, from 1 per key. Power values are numbered by powerTable.
type dictionary struct {
	numbers [keyCount]map[string]uint32
	names   [keyCount][]string // by number - 1
	power   powerTable
}

// add returns the number of a value, giving it one if it is new.
func (d *dictionary) add(k int, value string) uint32 {
	if n, ok := d.numbers[k][value]; ok {
		return n
	}
	if d.numbers[k] == nil {
		d.numbers[k] = map[string]uint32{}
	}
	d.names[k] = append(d.names[k], value)
	n := uint32(len(d.names[k]))
	d.numbers[k][value] = n
	return n
}

// name returns the value behind a number; nothing for 0.
func (d *dictionary) name(k int, n uint32) string {
	switch {
	case n == 0:
		return ""
	case k == powerKey:
		return d.power.names[n-1]
	}
	return d.names[k][n-1]
}

// describe names the values of a cell, for messages.
func (d *dictionary) describe(c cell) string {
	var values KeyValues
	for k, n := range c {
		values[k] = d.name(k, n)
	}
	return values.String()
}

// KeyValues holds the values of the session by which a row matched, by rank of the static keys. A key the row has not is
// empty.
type KeyValues [keyCount]string

// String names the values, such as "group staff, location L1".
func (v KeyValues) String() string {
	var parts []string
	for k, value := range v {
		if value != "" {
			parts = append(parts, keys[k].name+" "+value)
		}
	}
	if len(parts) == 0 {
		return "every session"
	}
	return strings.Join(parts, ", ")
}
