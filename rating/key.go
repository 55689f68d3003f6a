package rating

// key is one match key of a row: where it is written and what a session shows for it.
type key struct {
	name string // in messages and explanations
	row  func(Row) []string
	// session is nil for groups: a contract has several, in order, and the order decides (rating rules, 3.5).
	session func(Contract, Session) string
}

// keys lists the match keys by rank: a row that has an earlier key is more specific than one that has not, whatever
// later keys they have (rating rules, 3.3).
var keys = [...]key{
	groupKey:    {name: "group", row: func(r Row) []string { return r.Groups }},
	locationKey: {name: "location", row: func(r Row) []string { return r.Locations }, session: func(_ Contract, s Session) string { return s.Location }},
}

const (
	groupKey = iota
	locationKey
	keyCount
)

// keySet is the set of keys a row has. Earlier keys are higher bits, so the larger set is the more specific one.
type keySet uint32

func keyBit(k int) keySet { return 1 << (keyCount - 1 - k) }

func (ks keySet) has(k int) bool { return ks&keyBit(k) != 0 }

// cell is one combination of key values, as numbers; 0 stands for a key the row has not.
type cell [keyCount]uint32

// dictionary numbers the values that the rows of a tariff name, from 1 per key.
type dictionary struct {
	numbers [keyCount]map[string]uint32
	names   [keyCount][]string // by number - 1
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
	if n == 0 {
		return ""
	}
	return d.names[k][n-1]
}

// describe names the values of a cell, for messages.
func (d *dictionary) describe(c cell) string {
	text := ""
	for k, n := range c {
		if n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += keys[k].name + " " + d.name(k, n)
	}
	if text == "" {
		return "every session"
	}
	return text
}
