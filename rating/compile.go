package rating

import (
	"fmt"
	"slices"
	"strings"
)

// Compiled is a tariff that passed its checks, prepared for Rate. It never changes and may be used by many goroutines
// at once.
type Compiled struct {
	head   Tariff // without rows
	values dictionary
	index  [componentCount]index
	hash   [32]byte
}

// index finds the rows of one component.
type index struct {
	shapes []shape    // most specific first
	top    *candidate // the row that ranks highest of all; nil when the tariff has none for the component
}

// shape holds the rows that have the same set of keys.
type shape struct {
	keys  keySet
	cells map[cell][]*candidate // highest priority first, no two alike
}

// candidate is a row as the price of one component.
type candidate struct {
	row      string
	priority int
	keys     keySet
	price    Price
}

// outranks reports whether c wins over o where both match (rating rules, 3.3).
func (c *candidate) outranks(o *candidate) bool {
	if c.priority != o.priority {
		return c.priority > o.priority
	}
	return c.keys > o.keys
}

// Compile checks a tariff as for publication and prepares it. The error names every fault found: what is missing or
// negative, a component, mode or currency that is not known, duplicate row ids, an empty validity, and rows that
// could price the same component of the same session with nothing to decide between them (rating rules, 3.4 and 3.7).
// The tariff may be changed by its owner afterwards.
func Compile(t Tariff) (*Compiled, error) {
	faults := check(t)
	if len(faults) == 0 {
		c := &Compiled{head: t, hash: contentHash(t)}
		c.head.Rows = nil
		faults = c.place(t.Rows)
		if len(faults) == 0 {
			return c, nil
		}
	}
	return nil, fmt.Errorf("tariff %q version %d: %s", t.Code, t.Version, strings.Join(faults, "; "))
}

// Hash returns the content hash of the tariff: SHA-256 over everything it says, independent of the order of rows, of
// values inside a key, and of the zone its instants are written in.
func (t *Compiled) Hash() [32]byte { return t.hash }

// overlap is a pair of rows with nothing to decide between them for a component.
type overlap struct {
	component Component
	row, with string
}

// place puts every row where its sessions will look for it and returns the overlaps it meets, each pair once per
// component.
func (t *Compiled) place(rows []Row) []string {
	var faults []string
	reported := map[overlap]bool{}
	for _, r := range rows {
		at, set := t.cells(r)
		for i := range components {
			price, ok := r.Prices[components[i].name]
			if !ok {
				continue
			}
			c := &candidate{row: r.ID, priority: r.Priority, keys: set, price: price}
			ix := &t.index[i]
			if ix.top == nil || c.outranks(ix.top) {
				ix.top = c
			}
			for _, in := range at {
				other := ix.insert(in, c)
				if other == nil || reported[overlap{components[i].name, other.row, c.row}] {
					continue
				}
				reported[overlap{components[i].name, other.row, c.row}] = true
				faults = append(faults, fmt.Sprintf("rows %q and %q both price %s for %s with priority %d; give one a higher priority or part them",
					other.row, c.row, components[i].name, t.values.describe(in), c.priority))
			}
		}
	}
	return faults
}

// cells returns every combination of the values a row lists, and the keys it has.
func (t *Compiled) cells(r Row) ([]cell, keySet) {
	list, set := []cell{{}}, keySet(0)
	for k := range keys {
		values := keys[k].row(r)
		if len(values) == 0 {
			continue
		}
		set |= keyBit(k)
		wider := make([]cell, 0, len(list)*len(values))
		for _, c := range list {
			for _, v := range values {
				c[k] = t.values.add(k, v)
				wider = append(wider, c)
			}
		}
		list = wider
	}
	return list, set
}

// insert adds a candidate to a cell by its priority. It returns the one that is there already with the same priority.
func (ix *index) insert(in cell, c *candidate) *candidate {
	at, found := slices.BinarySearchFunc(ix.shapes, c.keys, func(s shape, keys keySet) int { return int(keys) - int(s.keys) })
	if !found {
		ix.shapes = slices.Insert(ix.shapes, at, shape{keys: c.keys, cells: map[cell][]*candidate{}})
	}
	cells := ix.shapes[at].cells
	at, found = slices.BinarySearchFunc(cells[in], c.priority, func(o *candidate, p int) int {
		switch {
		case o.priority > p:
			return -1
		case o.priority < p:
			return 1
		}
		return 0
	})
	if found {
		return cells[in][at]
	}
	cells[in] = slices.Insert(cells[in], at, c)
	return nil
}
