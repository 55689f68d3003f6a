// Package wire is sessions and prices as JSON, for programs and for people who try a tariff without a database.
//
// ParseSession reads a session with its contract and tells every fault at once, with line, member and what to write;
// WriteSession is its mirror, so that the session behind a stored price can be priced again. NewPrice is a price as it is
// shown, with both sides of tax and the trace, opened and as bytes. The formats are described in docs/formats/session.md.
//
// The package prices nothing: that is package rating. It does not know VAT rates: the caller looks them up.
package wire

import (
	"time"

	"wattdue/rating"
)

// Case is a session and who pays it.
type Case struct {
	Session  rating.Session
	Contract rating.Contract
}

// Lookups answer what this package does not know.
type Lookups struct {
	// TimeZone finds a zone by its IANA name.
	TimeZone func(name string) (*time.Location, error)
}
