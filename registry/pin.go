package registry

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"wattdue/meter"
)

// Sighting is a key that came with a charge record and verifies it.
type Sighting struct {
	EVSE    string
	MeterID string
	Key     *meter.Key
	At      time.Time // start of the session
	Line    int       // of the record
	Record  string    // country/party/id
}

// Pin makes one entry of the sightings of each EVSE: the key, valid from the earliest session on. Of an EVSE whose records
// carry different keys nothing is pinned, because none of them is more likely to be the meter's.
func Pin(sightings []Sighting) ([]Entry, []Fault) {
	byEVSE, order := map[string][]Sighting{}, []string{}
	for _, s := range sightings {
		if _, seen := byEVSE[s.EVSE]; !seen {
			order = append(order, s.EVSE)
		}
		byEVSE[s.EVSE] = append(byEVSE[s.EVSE], s)
	}
	slices.Sort(order)
	var entries []Entry
	var faults []Fault
	for _, evse := range order {
		seen := byEVSE[evse]
		first := slices.MinFunc(seen, func(a, b Sighting) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Line, b.Line)) })
		if i := slices.IndexFunc(seen, func(s Sighting) bool { return !s.Key.Same(first.Key) }); i >= 0 {
			faults = append(faults, Fault{
				Line: seen[i].Line, Record: "evse " + evse,
				Text: fmt.Sprintf("the records carry different keys (SHA-256 %.16s and %.16s); "+
					"ask the operator when the meter was exchanged, and register both by a list with their dates",
					first.Key.Hash, seen[i].Key.Hash),
			})
			continue
		}
		e := Entry{EVSE: evse, MeterID: first.MeterID, From: first.At.UTC().Truncate(time.Second), Source: SourceOCPI, Line: first.Line}
		e, err := newEntry(e, first.Key)
		if err != nil {
			faults = append(faults, Fault{Line: first.Line, Record: "evse " + evse, Text: err.Error()})
			continue
		}
		entries = append(entries, e)
	}
	return entries, faults
}
