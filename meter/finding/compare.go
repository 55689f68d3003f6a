package finding

import (
	"cmp"
	"slices"
	"strings"
)

// Compare compares fresh sessions with each other and with those known before, and returns what is new: findings in which a
// fresh session has a part, in which contradictions always stand against a fresh one, and information about neighbours
// that are neighbours no longer. History need not be complete: enough is, for each fresh session, what shares a signed value
// or page with it, what overlaps it, and what comes next before and after it by page, by time at its meter, and by time at
// its EVSE; and of these the next that are not Waiting. The order of the arguments does not matter, and a session named twice counts once.
//
// Of two sessions that contradict each other the one that was let pass before was there first, else the one that arrived
// first. A session with a value or page of an earlier one takes no part in further comparisons: it says nothing new.
func Compare(history, fresh []Session) Result {
	c := newComparison(history, fresh)
	c.findRepeats()
	c.findPower()
	meters, evses := c.groups()
	for _, m := range meters {
		c.compareMeter(m)
	}
	for _, e := range evses {
		c.compareEVSE(e)
	}
	return c.result()
}

// node is a session during the comparison.
type node struct {
	Session
	fresh bool
	out   bool // repeats an earlier one
}

// precedes reports whether the session was there before another one.
func (n *node) precedes(o *node) bool { return n.order(o) < 0 }

func (n *node) order(o *node) int {
	if n.Settled != o.Settled {
		if n.Settled {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(n.Arrival, o.Arrival), cmp.Compare(n.Charge, o.Charge))
}

type comparison struct {
	nodes    []*node // in the order in which they were there
	findings map[[3]string]Finding
	against  map[[2]string]*node // of a contradiction: the charge and code to the one that was there first
	closed   map[[3]string]Closed
}

func newComparison(history, fresh []Session) *comparison {
	c := &comparison{findings: map[[3]string]Finding{}, against: map[[2]string]*node{}, closed: map[[3]string]Closed{}}
	known := make(map[string]bool, len(history)+len(fresh))
	take := func(sessions []Session, isFresh bool) {
		for _, s := range sessions {
			if known[s.Charge] {
				continue
			}
			known[s.Charge] = true
			c.nodes = append(c.nodes, &node{Session: s, fresh: isFresh})
		}
	}
	take(fresh, true)
	take(history, false)
	slices.SortFunc(c.nodes, (*node).order)
	return c
}

// note adds a finding about a charge in comparison with another; other may be nil.
func (c *comparison) note(code Code, n, other *node, value string) {
	rule, _ := RuleOf(code)
	f := Finding{Code: code, Charge: n.Charge, Value: value, Text: rule.Text, Holds: rule.Holds}
	if other != nil {
		f.Other = other.Charge
	}
	key := [3]string{f.Charge, string(code), f.Other}
	if _, known := c.findings[key]; !known {
		c.findings[key] = f
	}
}

// contradict adds a finding against the one of two sessions that came later, when it is fresh: what was let pass is not
// touched, and what waits elsewhere is compared when it comes on. A charge has one finding of a code, against the first
// it contradicts.
func (c *comparison) contradict(code Code, a, b *node, value func(later, first *node) string) {
	first, later := a, b
	if b.precedes(a) {
		first, later = b, a
	}
	if !later.fresh {
		return
	}
	key := [2]string{later.Charge, string(code)}
	if known, ok := c.against[key]; ok {
		if known.order(first) <= 0 {
			return
		}
		delete(c.findings, [3]string{later.Charge, string(code), known.Charge})
	}
	c.against[key] = first
	c.note(code, later, first, value(later, first))
}

// close says that two sessions are neighbours no longer.
func (c *comparison) close(n, other *node, codes ...Code) {
	for _, code := range codes {
		c.closed[[3]string{n.Charge, string(code), other.Charge}] = Closed{code, n.Charge, other.Charge}
	}
}

func (c *comparison) result() Result {
	var r Result
	for _, f := range c.findings {
		r.Findings = append(r.Findings, f)
	}
	for _, x := range c.closed {
		r.Closed = append(r.Closed, x)
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Charge, b.Charge), cmp.Compare(a.Code.rank(), b.Code.rank()), cmp.Compare(a.Other, b.Other))
	})
	slices.SortFunc(r.Closed, func(a, b Closed) int {
		return cmp.Or(cmp.Compare(a.Charge, b.Charge), cmp.Compare(a.Code.rank(), b.Code.rank()), cmp.Compare(a.Other, b.Other))
	})
	return r
}

// group is the sessions of one meter or EVSE.
type group struct {
	name  string
	nodes []*node
}

// unit names the signing unit: a serial number alone is given twice by different makers, and a key may sign for several
// meters.
func (s Session) unit() string { return s.KeyHash + " " + s.MeterID }

// groups puts the sessions that repeat no earlier one together by meter and by EVSE.
func (c *comparison) groups() (meters, evses []group) {
	byMeter, byEVSE := map[string][]*node{}, map[string][]*node{}
	for _, n := range c.nodes {
		if n.out {
			continue
		}
		byMeter[n.unit()] = append(byMeter[n.unit()], n)
		if n.EVSE != "" {
			byEVSE[n.EVSE] = append(byEVSE[n.EVSE], n)
		}
	}
	return sorted(byMeter), sorted(byEVSE)
}

func sorted(m map[string][]*node) []group {
	groups := make([]group, 0, len(m))
	for name, nodes := range m {
		groups = append(groups, group{name, nodes})
	}
	slices.SortFunc(groups, func(a, b group) int { return strings.Compare(a.name, b.name) })
	return groups
}
