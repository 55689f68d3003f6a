package finding

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"wattdue/meter"
)

// compareMeter compares the sessions of one meter.
func (c *comparison) compareMeter(g group) {
	busy := c.findOverlaps(g.nodes)
	for _, sheets := range counters(g.nodes) {
		c.compareSheets(sheets, busy)
	}
	c.compareInTime(g.nodes, busy)
}

// pair is two sessions, whichever comes first.
type pair [2]string

func pairOf(a, b *node) pair {
	if a.Charge < b.Charge {
		return pair{a.Charge, b.Charge}
	}
	return pair{b.Charge, a.Charge}
}

// sheet is a page a meter signed, and its session.
type sheet struct {
	meter.Print
	of          *node
	first, last bool // of its session
}

// counters lists the pages of a meter by its counters, in the order of their numbers.
func counters(nodes []*node) [][]sheet {
	byCounter := map[string][]sheet{}
	for _, n := range nodes {
		own := map[string][]sheet{}
		for _, p := range distinct(n.Prints) {
			if paged(p) {
				own[p.Counter] = append(own[p.Counter], sheet{Print: p, of: n})
			}
		}
		for counter, sheets := range own {
			slices.SortFunc(sheets, func(a, b sheet) int { return cmp.Compare(a.Page, b.Page) })
			sheets[0].first, sheets[len(sheets)-1].last = true, true
			byCounter[counter] = append(byCounter[counter], sheets...)
		}
	}
	names := make([]string, 0, len(byCounter))
	for name := range byCounter {
		names = append(names, name)
	}
	slices.Sort(names)
	all := make([][]sheet, len(names))
	for i, name := range names {
		// A session may carry two values of one page; no two sessions do, because the later one was taken out.
		slices.SortStableFunc(byCounter[name], func(a, b sheet) int { return cmp.Compare(a.Page, b.Page) })
		all[i] = byCounter[name]
	}
	return all
}

// compareSheets compares sessions whose pages follow each other.
func (c *comparison) compareSheets(sheets []sheet, busy map[pair]bool) {
	for i := 1; i < len(sheets); i++ {
		a, b := sheets[i-1], sheets[i]
		if a.of == b.of || !a.of.fresh && !b.of.fresh {
			continue
		}
		if !a.last || !b.first {
			c.contradict(Overlap, a.of, b.of, func(_, _ *node) string { return "page " + pageText(b.Print) + " after page " + pageText(a.Print) })
			busy[pairOf(a.of, b.of)] = true
			continue
		}
		if a.Rule == meter.PageNext && b.Rule == meter.PageNext && b.Page-a.Page > 1 {
			c.note(PageGap, b.of, a.of, gapText(a.Print, b.Print))
		}
		c.compareReadings(a.of, b.of, busy)
	}
	neighbours(sheets, func(s sheet) *node { return s.of }, func(a, b *node) { c.close(b, a, PageGap, AdvanceUnexplained) })
}

// gapText names the pages between two.
func gapText(a, b meter.Print) string {
	first, last := a, b
	first.Page, last.Page = a.Page+1, b.Page-1
	if first.Page == last.Page {
		return "page " + pageText(first)
	}
	return "pages " + pageText(first) + " to " + pageText(last)
}

// neighbours calls f for each two known sessions that followed each other until new ones came between.
func neighbours[T any](list []T, of func(T) *node, f func(a, b *node)) {
	var known *node
	between := false
	for _, item := range list {
		n := of(item)
		switch {
		case n.fresh || n.Waiting:
			between = true
			continue
		case known != nil && known != n && between:
			f(known, n)
		}
		known, between = n, false
	}
}

// compareInTime compares sessions of formats that count no pages by the order of their times.
func (c *comparison) compareInTime(nodes []*node, busy map[pair]bool) {
	var timed []*node
	for _, n := range nodes {
		if n.isTimed() && !slices.ContainsFunc(n.Prints, paged) {
			timed = append(timed, n)
		}
	}
	inTime(timed)
	for i := 1; i < len(timed); i++ {
		if a, b := timed[i-1], timed[i]; a.fresh || b.fresh {
			c.compareReadings(a, b, busy)
		}
	}
	neighbours(timed, func(n *node) *node { return n }, func(a, b *node) { c.close(b, a, AdvanceUnexplained) })
}

func inTime(nodes []*node) {
	slices.SortFunc(nodes, func(a, b *node) int {
		return cmp.Or(a.Begin.Time.Compare(b.Begin.Time), a.End.Time.Compare(b.End.Time), a.order(b))
	})
}

// compareReadings compares the end of a session with the begin of the next.
func (c *comparison) compareReadings(a, b *node, busy map[pair]bool) {
	if busy[pairOf(a, b)] || !a.continuous() || !b.continuous() || a.Register != b.Register {
		return
	}
	switch d := b.Begin.Value - a.End.Value; {
	case d < 0:
		c.contradict(CounterRegression, a, b, func(_, _ *node) string {
			return b.Begin.Value.KWh() + " kWh after " + a.End.Value.KWh() + " kWh"
		})
	case d > 0:
		c.note(AdvanceUnexplained, b, a, d.KWh()+" kWh")
	}
}

// continuous reports whether the readings come from a register that goes on from session to session. Some count each
// session from zero: the value of PCDF, the transaction registers B2, B3, C2 and C3 of OCMF, and the energy since turn-on
// of the BSM, which is storage group 198 of its register.
func (s Session) continuous() bool {
	if !s.hasReadings() || s.Format == "PCDF" {
		return false
	}
	body, storage, _ := strings.Cut(s.Register, "*")
	if storage == "198" {
		return false
	}
	_, value, ok := strings.Cut(body, ":")
	if !ok {
		return true
	}
	quantity, _, _ := strings.Cut(value, ".")
	switch strings.ToUpper(quantity) {
	case "B2", "B3", "C2", "C3":
		return false
	}
	return true
}

// hasReadings reports whether begin and end were found, which is not so in a record that lacks one of them.
func (s Session) hasReadings() bool {
	return !s.Begin.Time.IsZero() || !s.End.Time.IsZero() || s.Begin.Value != 0 || s.End.Value != 0
}

// compareEVSE tells what changed at a charge point from one session to the next.
func (c *comparison) compareEVSE(g group) {
	var timed []*node
	for _, n := range g.nodes {
		if n.isTimed() {
			timed = append(timed, n)
		}
	}
	inTime(timed)
	for i := 1; i < len(timed); i++ {
		if a, b := timed[i-1], timed[i]; a.fresh || b.fresh {
			c.findChange(a, b)
		}
	}
	neighbours(timed, func(n *node) *node { return n }, func(a, b *node) {
		c.close(b, a, MeterChanged, KeyChanged, FirmwareChanged)
	})
}

// findChange names the widest change only: another meter has another key and may run anything.
func (c *comparison) findChange(a, b *node) {
	switch {
	case a.MeterID != b.MeterID:
		c.note(MeterChanged, b, a, strconv.Quote(a.MeterID)+" to "+strconv.Quote(b.MeterID))
	case a.KeyHash != b.KeyHash:
		c.note(KeyChanged, b, a, brief(a.KeyHash)+" to "+brief(b.KeyHash))
	case a.Firmware != b.Firmware && a.Firmware != "" && b.Firmware != "":
		c.note(FirmwareChanged, b, a, strconv.Quote(a.Firmware)+" to "+strconv.Quote(b.Firmware))
	}
}

// brief shortens the hash of a key to what tells keys apart.
func brief(hash string) string { return hash[:min(len(hash), 16)] }
