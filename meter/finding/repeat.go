package finding

import (
	"slices"
	"strconv"

	"wattdue/meter"
)

// findRepeats finds signed values that came before, and pages that were given before to other content. The sessions are
// looked at in the order in which they were there, so that the first to bring a value owns it.
func (c *comparison) findRepeats() {
	digests, pages := map[string]*node{}, map[pageKey]*node{}
	for _, n := range c.nodes {
		c.findReplay(digests, n)
		if !n.out {
			c.findConflict(pages, n)
		}
		if n.out {
			continue
		}
		for _, p := range n.Prints {
			digests[p.Digest] = n
			if paged(p) {
				pages[n.page(p)] = n
			}
		}
	}
}

func (c *comparison) findReplay(digests map[string]*node, n *node) {
	var first *node
	count := 0
	for _, p := range distinct(n.Prints) {
		owner, known := digests[p.Digest]
		if !known {
			continue
		}
		count++
		if first == nil || owner.precedes(first) {
			first = owner
		}
	}
	if first == nil {
		return
	}
	n.out = true
	all := len(distinct(n.Prints))
	c.contradict(Replay, n, first, func(_, _ *node) string {
		return strconv.Itoa(count) + " of " + strconv.Itoa(all) + " signed values"
	})
}

func (c *comparison) findConflict(pages map[pageKey]*node, n *node) {
	var first *node
	value := ""
	for _, p := range n.Prints {
		if !paged(p) {
			continue
		}
		owner, known := pages[n.page(p)]
		if !known || first != nil && !owner.precedes(first) {
			continue
		}
		first, value = owner, "page "+pageText(p)
	}
	if first == nil {
		return
	}
	n.out = true
	c.contradict(PageConflict, n, first, func(_, _ *node) string { return value })
}

// pageKey is a page of a meter.
type pageKey struct {
	unit, counter string
	page          uint64
}

func (s Session) page(p meter.Print) pageKey { return pageKey{s.unit(), p.Counter, p.Page} }

// paged reports whether a value has a page number that means anything. Page 0 of no counter is how an unreadable one looks.
func paged(p meter.Print) bool {
	return p.Rule != meter.PageNone && (p.Counter != "" || p.Page != 0)
}

// pageText writes a page as people find it in the record: its counter and number.
func pageText(p meter.Print) string { return p.Counter + strconv.FormatUint(p.Page, 10) }

// distinct leaves out values a record carries twice.
func distinct(prints []meter.Print) []meter.Print {
	kept := make([]meter.Print, 0, len(prints))
	for _, p := range prints {
		if !slices.ContainsFunc(kept, func(k meter.Print) bool { return k.Digest == p.Digest }) {
			kept = append(kept, p)
		}
	}
	return kept
}
