package registry

import (
	"fmt"
	"slices"
	"time"
)

// Fate is what becomes of an offered key.
type Fate string

// The fates. A key that is refused becomes a Fault instead.
const (
	New     Fate = "new"
	Changed Fate = "changed"   // known, with another end of its validity
	Same    Fate = "as before" // nothing to do
)

// Outcome is an offered key with its fate.
type Outcome struct {
	Entry
	Fate Fate
}

// Registered is what is known beside a file: the keys of the owners it names, those of its keys that were revoked anywhere,
// and which of its EVSEs exist.
type Registered struct {
	Keys  []Entry
	EVSEs map[string]bool
}

// Decide says what becomes of the keys of a list, in their order.
func (r Registered) Decide(offered []Entry) ([]Outcome, []Fault) {
	byOwner := r.byOwner()
	var outcomes []Outcome
	var faults []Fault
	for _, e := range offered {
		fate, field, text := r.fate(e, byOwner[e.Owner()])
		if text != "" {
			faults = append(faults, Fault{Line: e.Line, Record: e.Owner(), Field: field, Text: text})
			continue
		}
		outcomes = append(outcomes, Outcome{e, fate})
	}
	return outcomes, faults
}

func (r Registered) byOwner() map[string][]Entry {
	m := map[string][]Entry{}
	for _, k := range r.Keys {
		m[k.Owner()] = append(m[k.Owner()], k)
	}
	return m
}

const notLoaded = "no such charge point is loaded; load it with the master data first, or leave evse_id empty to register the key for the meter"

func (r Registered) fate(e Entry, have []Entry) (fate Fate, field, text string) {
	if e.EVSE != "" && !r.EVSEs[e.EVSE] {
		return "", colEVSE, notLoaded
	}
	for _, k := range have {
		switch {
		case k.Revoked && k.Hash == e.Hash:
			return "", colKey, "was revoked for good; ask the operator for the meter's new key"
		case !k.From.Equal(e.From):
			continue
		case k.Hash != e.Hash || k.MeterID != e.MeterID:
			return "", colFrom, fmt.Sprintf("another meter or key (SHA-256 %.16s) is registered from the same instant on; "+
				"registered keys never change, give the new one a later valid_from", k.Hash)
		case !k.Until.Equal(e.Until):
			return Changed, "", ""
		default:
			return Same, "", ""
		}
	}
	return New, "", ""
}

// DecidePins says what becomes of keys seen in charge records, in their order: one is taken only where nothing is
// registered for the EVSE, nor for the meter, and never when it was revoked somewhere, because nobody vouches for it. What
// differs from the registry is told and changes nothing.
func (r Registered) DecidePins(offered []Entry) ([]Outcome, []Fault) {
	byOwner := r.byOwner()
	var outcomes []Outcome
	var faults []Fault
	for _, e := range offered {
		have := slices.Concat(byOwner[e.Owner()], byOwner[owner("", e.MeterID)])
		fate, text := New, ""
		switch {
		case !r.EVSEs[e.EVSE]:
			text = notLoaded
		case len(have) > 0:
			fate, text = Same, differs(e, have)
		case slices.ContainsFunc(r.Keys, func(k Entry) bool { return k.Revoked && k.Hash == e.Hash }):
			text = "the records carry a key that was revoked for good elsewhere; nothing was changed: ask the operator for the key of this meter, then register it by a list"
		}
		if text != "" {
			faults = append(faults, Fault{Line: e.Line, Record: e.Owner(), Text: text})
			continue
		}
		outcomes = append(outcomes, Outcome{e, fate})
	}
	return outcomes, faults
}

// differs says how a key differs from all that are registered; empty when it is one of them.
func differs(e Entry, have []Entry) string {
	latest := have[0]
	for _, k := range have {
		if k.Hash == e.Hash && !k.Revoked && !k.never() {
			return ""
		}
		if k.From.After(latest.From) {
			latest = k
		}
	}
	return fmt.Sprintf("the records carry the key with SHA-256 %.16s, registered is %.16s since %s; nothing was changed: "+
		"ask the operator whether the meter was exchanged, then register the new key by a list with its date",
		e.Hash, latest.Hash, latest.From.UTC().Format(time.DateOnly))
}
