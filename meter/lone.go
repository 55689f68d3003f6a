package meter

// enterLone enters the reading of a session of which the other end is missing: nobody bills it, but it says what the meter
// showed on that page, which the sessions before and after must agree with.
func (x *examination) enterLone() {
	if x.verdict.Session != SessionIncomplete || len(x.values) == 0 || !x.proven() {
		return
	}
	var lone *Entry
	for i := range x.values {
		m := &x.values[i].message
		for j := range m.Entries {
			e := &m.Entries[j]
			if _, known := unitExponent(e.Unit); !known || isExport(e.OBIS) {
				continue
			}
			if lone == nil || e.Tx.IsBegin() && !lone.Tx.IsBegin() {
				lone = e
			}
		}
	}
	if lone == nil {
		return
	}
	if r, _, ok := lone.reading(); ok {
		x.verdict.Lone, x.verdict.Register = r, clean(lone.OBIS)
	}
}
