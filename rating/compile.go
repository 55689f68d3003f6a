package rating

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"wattdue/money"
)

// Compiled is a tariff that passed its checks, prepared for Rate. It may be used by many goroutines at once.
type Compiled struct {
	head   Tariff // without rows
	terms  terms
	values dictionary
	shapes []shape
	used   keySet                     // static keys that any row has
	dated  bool                       // some row has a date
	tops   [componentCount]*candidate // the row that ranks highest of all; nil when the tariff has none for the component
	free   [componentCount]bool       // no row is no fault
	hash   [32]byte
	spare  sync.Pool // of *Pricer: room to work in, which is all that ever changes
}

// shape holds the rows that have the same set of static keys.
type shape struct {
	keys  keySet
	cells map[cell]*bucket
}

// bucket holds the rows of one combination of values, for all components. Rows with dates are kept apart, so that a table
// of hourly prices costs a session only the days it touches.
type bucket struct {
	plain []*candidate
	dated []*candidate // by first day
	until []int32      // for each of dated, the latest end of it and those before
	comps uint32       // components priced here, as bits
}

// candidate is a row as the price of one component.
type candidate struct {
	row       string
	comp      int
	priority  int
	keys      keySet
	price     *Price
	condition *condition // nil: no moving keys
	bytes     []byte     // in traces
}

// outranks reports whether c wins over o where both match (rating rules, 3.3).
func (c *candidate) outranks(o *candidate) bool {
	if c.priority != o.priority {
		return c.priority > o.priority
	}
	return c.keys > o.keys
}

// terms are what holds for the whole tariff when quantities become amounts.
type terms struct {
	tariff    string
	version   int
	currency  money.Currency
	mode      Mode
	round     RoundAt
	rounding  money.Rounding
	minor     money.Exact // Exact units in a minor unit
	min, max  money.Exact
	minOnZero bool
	limitVAT  string
	discounts []Discount
	bytes     []byte // in traces
}

// Compile checks a tariff as for publication and prepares it. The error names every fault found: what is missing or
// negative, a component, mode, key or currency that is not known, duplicate row ids, an empty validity, and rows that
// could price the same component of the same moment with nothing to decide between them (rating rules, 3.4 and 3.7).
// The tariff may be changed by its owner afterwards.
func Compile(t Tariff) (*Compiled, error) {
	faults := check(&t)
	if len(faults) == 0 {
		c := &Compiled{head: t, terms: newTerms(&t), hash: contentHash(t)}
		c.head.Rows = nil
		for _, name := range t.Free {
			c.free[componentIndex(name)] = true
		}
		c.values.power = newPowerTable(t.Rows)
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

// newTerms prepares the terms of a checked tariff.
func newTerms(t *Tariff) terms {
	w := terms{
		tariff: t.Code, version: t.Version, currency: t.Currency, mode: t.Mode, round: t.Round, rounding: t.Rounding,
		minOnZero: t.MinOnZero, limitVAT: t.LimitVAT, discounts: slices.Clone(t.Discounts),
	}
	if w.round == "" {
		w.round = AtLine
	}
	w.minor, _ = t.Currency.Minor()
	w.min, _ = money.PerEvent(t.SessionMin, 1)
	w.max, _ = money.PerEvent(t.SessionMax, 1)
	w.bytes = w.encode(nil)
	return w
}

// place puts every row where its sessions will look for it and returns the clashes it meets, each pair once per component.
func (t *Compiled) place(rows []Row) []string {
	var holidays []int32
	if t.head.Holidays != nil {
		for _, d := range t.head.Holidays.Days {
			holidays = append(holidays, dayNumber(d))
		}
		slices.Sort(holidays)
	}
	for i := range rows {
		r := &rows[i]
		at, set := t.cells(r)
		condition := newCondition(&r.Moving, holidays)
		set |= r.Moving.keys()
		for comp := range components {
			price, ok := r.Prices[components[comp].name]
			if !ok {
				continue
			}
			price.Tiers = slices.Clone(price.Tiers)
			c := &candidate{row: r.ID, comp: comp, priority: r.Priority, keys: set, price: &price, condition: condition}
			c.bytes = c.encode(nil)
			if top := t.tops[comp]; top == nil || c.outranks(top) || !top.outranks(c) && c.row < top.row {
				t.tops[comp] = c
			}
			for _, in := range at {
				t.insert(in, c)
			}
		}
		t.used |= set.static()
	}
	// Most specific first, so that explanations do not depend on the order of rows.
	slices.SortFunc(t.shapes, func(a, b shape) int { return cmp.Compare(b.keys, a.keys) })
	return t.finish()
}

// cells returns every combination of the static values a row lists, and the keys it has.
func (t *Compiled) cells(r *Row) ([]cell, keySet) {
	list, set := []cell{{}}, keySet(0)
	for k := range keys {
		values := keys[k].row(r)
		if len(values) == 0 {
			continue
		}
		set |= keyBit(k)
		numbers := make([]uint32, 0, len(values))
		for _, v := range values {
			if k == powerKey {
				numbers = append(numbers, t.values.power.numbers(v)...)
			} else {
				numbers = append(numbers, t.values.add(k, v))
			}
		}
		slices.Sort(numbers)
		numbers = slices.Compact(numbers) // ranges of one row may overlap
		wider := make([]cell, 0, len(list)*len(numbers))
		for _, c := range list {
			for _, n := range numbers {
				c[k] = n
				wider = append(wider, c)
			}
		}
		list = wider
	}
	return list, set
}

// insert adds a candidate to a cell.
func (t *Compiled) insert(in cell, c *candidate) {
	static := c.keys.static()
	at := slices.IndexFunc(t.shapes, func(s shape) bool { return s.keys == static })
	if at < 0 {
		at = len(t.shapes)
		t.shapes = append(t.shapes, shape{keys: static, cells: map[cell]*bucket{}})
	}
	b := t.shapes[at].cells[in]
	if b == nil {
		b = &bucket{}
		t.shapes[at].cells[in] = b
	}
	b.comps |= 1 << c.comp
	if c.condition != nil && (c.condition.from != noDay || c.condition.to != noLastDay) {
		b.dated = append(b.dated, c)
		t.dated = true
	} else {
		b.plain = append(b.plain, c)
	}
}

// finish sorts the cells and reports the clashes in them.
func (t *Compiled) finish() []string {
	where := map[clash]string{} // of several cells the first by name, as cells come in no order
	for i := range t.shapes {
		for in, b := range t.shapes[i].cells {
			b.sort()
			for _, list := range [...][]*candidate{b.plain, b.dated} {
				for _, c := range clashes(list) {
					here := t.values.describe(in)
					if before, ok := where[c]; !ok || here < before {
						where[c] = here
					}
				}
			}
		}
	}
	faults := make([]string, 0, len(where))
	for c, here := range where {
		faults = append(faults, fmt.Sprintf("rows %q and %q both price %s for %s with priority %d%s; give one a higher priority or part them",
			c.row, c.with, components[c.component].name, here, c.priority, c.in))
	}
	slices.Sort(faults)
	return faults
}

func (b *bucket) sort() {
	byName := func(x, y *candidate) int { return cmp.Or(cmp.Compare(x.comp, y.comp), cmp.Compare(x.row, y.row)) }
	slices.SortFunc(b.plain, byName)
	slices.SortFunc(b.dated, func(x, y *candidate) int {
		return cmp.Or(cmp.Compare(x.condition.from, y.condition.from), byName(x, y))
	})
	last := int32(noDay)
	for _, c := range b.dated {
		last = max(last, c.condition.to)
		b.until = append(b.until, last)
	}
}
