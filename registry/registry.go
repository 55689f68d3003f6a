// Package registry reads lists of public keys of meters and decides what becomes of each beside the keys that are
// registered already.
//
// A key is registered for an EVSE, or without one for a meter wherever it is built in, and holds until the next one of the
// same owner. What is registered is never overwritten: who registers a key vouches for it, and every signature checked
// since rests on it. Keys come from a list somebody made (CSV), or are pinned on first sight from charge records, which is
// the weaker source and is named as such. The package knows no storage and no clock.
package registry

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"wattdue/meter"
)

// SourceOCPI is the source of keys that were pinned from charge records.
const SourceOCPI = "ocpi"

// Entry is a key with its owner and validity.
type Entry struct {
	EVSE    string // empty: of the meter wherever it is built in
	MeterID string
	SPKI    []byte // DER
	Hash    string // SHA-256 of the SPKI, hexadecimal
	From    time.Time
	Until   time.Time // zero: open end; equal to From: never valid
	Source  string
	Revoked bool // for good
	Line    int  // where it stands in the file it comes from; 0: it comes from none
}

// Owner names whose key it is.
func (e Entry) Owner() string { return owner(e.EVSE, e.MeterID) }

func owner(evse, meterID string) string {
	switch {
	case evse != "":
		return "evse " + evse
	case meterID != "":
		return "meter " + meterID
	}
	return ""
}

// never reports that the key was withdrawn before it began.
func (e Entry) never() bool { return e.Until.Equal(e.From) }

// newEntry completes an entry with its key.
func newEntry(e Entry, k *meter.Key) (Entry, error) {
	der, err := hex.DecodeString(k.SPKI)
	if err != nil {
		return e, fmt.Errorf("key %s: %w", k.Hash, err)
	}
	e.SPKI, e.Hash = der, k.Hash
	return e, nil
}

// Fault is one thing wrong with a line or record of a file. It says what to do.
type Fault struct {
	Line   int    `json:"line"`             // from 1
	Record string `json:"record,omitempty"` // evse or meter with its name, or the charge record
	Field  string `json:"field,omitempty"`
	Text   string `json:"text"`
}

// String prints the fault on one line, without the file.
func (f Fault) String() string {
	s := fmt.Sprintf("%d: ", f.Line)
	if f.Record != "" {
		s += f.Record + ": "
	}
	if f.Field != "" {
		s += f.Field + ": "
	}
	return s + f.Text
}

// SortFaults puts faults into the order of their lines; faults of one line keep theirs.
func SortFaults(faults []Fault) {
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
}

// State says in one word how a key stands at a moment.
type State string

// The states of a key.
const (
	Valid     State = "valid"
	Future    State = "future"    // has not begun
	Replaced  State = "replaced"  // a newer one of the owner has begun
	Ended     State = "ended"     // its validity is over
	Revoked   State = "revoked"   // somebody ended it
	Withdrawn State = "withdrawn" // never was valid
)

// StateOf tells how a key stands at a moment beside all keys of its owner, itself among them or not.
func StateOf(e Entry, all []Entry, at time.Time) State {
	switch {
	case e.Revoked:
		return Revoked
	case e.never():
		return Withdrawn
	case at.Before(e.From):
		return Future
	}
	for _, o := range all {
		if o.From.After(e.From) && !o.From.After(at) && !o.never() {
			return Replaced
		}
	}
	if !e.Until.IsZero() && !at.Before(e.Until) {
		return Ended
	}
	return Valid
}
