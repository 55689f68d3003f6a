package cdr

import (
	"io"
	"iter"
	"slices"
	"time"
)

// formats holds one row per import format. A new format is one file and one row.
var formats = []Format{
	{Name: "ocpi-2.2.1", File: "ocpi221.go", New: OCPI221},
}

// Format describes one import format.
type Format struct {
	Name string              // as the operator writes it, such as ocpi-2.2.1
	File string              // the source file that reads it
	New  func(Limits) Reader // builds a reader with the given limits
}

// Reader reads charge records from a stream, one at a time. Each step yields either a Record and nil, or a zero
// Record and a *Reject for something that could not be read; reading then goes on. Any other error means that the
// stream itself broke and is the last one. A sequence can be walked once, because it uses up the stream.
type Reader func(io.Reader) iter.Seq2[Record, error]

// Formats returns the known formats in the order of the table.
func Formats() []Format { return slices.Clone(formats) }

// ReaderFor returns the reader of a format with default limits; false when the format is not known.
func ReaderFor(name string) (Reader, bool) {
	return ReaderWith(name, Limits{})
}

// ReaderWith returns the reader of a format with the given limits; false when the format is not known.
func ReaderWith(name string, limits Limits) (Reader, bool) {
	for _, f := range formats {
		if f.Name == name {
			return f.New(limits), true
		}
	}
	return nil, false
}

// Limits bounds what a reader accepts. A zero member means its default, so Limits{} is ready to use.
type Limits struct {
	MaxRecord   int           // bytes of one record; default 4 MiB. Memory use stays within a few times this.
	KeptBytes   int           // bytes kept of a stretch that cannot be read; default 64 KiB
	MaxExpanded int64         // bytes a compressed file may expand to; default 8 GiB
	MaxRatio    int64         // times its size a compressed file may expand, checked from 4 MiB on; default 200
	Earliest    time.Time     // start of the earliest plausible session; default 2010-01-01 UTC
	Latest      time.Time     // end of the latest plausible session; zero: not checked, as a reader has no clock
	MaxSession  time.Duration // longest plausible session; default 366 days
}

// withDefaults fills the members that are zero.
func (l Limits) withDefaults() Limits {
	if l.MaxRecord <= 0 {
		l.MaxRecord = 4 << 20
	}
	if l.KeptBytes <= 0 {
		l.KeptBytes = 64 << 10
	}
	if l.MaxExpanded <= 0 {
		l.MaxExpanded = 8 << 30
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = 200
	}
	if l.Earliest.IsZero() {
		// Charge points report 1970 when their clock was never set; nothing was billed by OCPI before 2010.
		l.Earliest = time.Date(2010, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	if l.MaxSession <= 0 {
		l.MaxSession = 366 * 24 * time.Hour
	}
	return l
}
