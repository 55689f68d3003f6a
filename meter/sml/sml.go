// Package sml reads the signed list of values a meter sends in the Smart Message Language: the transport frame, the
// type-length encoding and the first GetList.Response of the file, following SML 1.04 (BSI TR-03109-1, annex IV). It
// also writes such files, because records for tests and demonstrations have to come from somewhere.
//
// It checks no signature and knows no meter: what the objects mean is said where a format is read. It does not ask
// for data, and of all messages it knows only the answer with the list; the others are stepped over.
package sml

import "slices"

// Kind says how a meter gives a time. The numbers are the tags of the choice SML_Time.
type Kind uint8

// The ways to give a time.
const (
	Index     Kind = 1 // seconds the meter has been running
	Timestamp Kind = 2 // seconds since 1970-01-01 in UTC
	Local     Kind = 3 // the same, with the offsets of the local clock
)

// Time is a moment by the meter's clock.
type Time struct {
	Kind    Kind
	Seconds uint32
	Local   int16 // minutes from UTC to the zone, Kind Local only
	Season  int16 // minutes of summer time on top, Kind Local only
}

// LocalSeconds counts the seconds since 1970-01-01 00:00 as the clock on the wall shows them: UTC and both offsets.
// For the other kinds it is Seconds.
func (t Time) LocalSeconds() int64 {
	if t.Kind != Local {
		return int64(t.Seconds)
	}
	return int64(t.Seconds) + 60*(int64(t.Local)+int64(t.Season))
}

// Value is one entry of the list. Absent parts are zero.
type Value struct {
	Object    [6]byte // OBIS code
	Status    uint64
	HasStatus bool
	Time      *Time
	Unit      uint8 // DLMS code, 30 is Wh
	Scaler    int8  // power of ten of Number

	// The value itself. A number is in Number, an octet string in Bytes. A boolean is the number 0 or 1, a time is in
	// Moment and its seconds are the number.
	Number   int64
	IsNumber bool
	Bytes    []byte
	Moment   *Time

	Signature []byte
}

// List is the answer of a meter: the values with the signature over all of them.
type List struct {
	Client      []byte
	Server      []byte // the meter
	ListName    []byte
	SensorTime  *Time
	Values      []Value
	Signature   []byte
	GatewayTime *Time

	// Deviations name what is wrong with the carriage; the content was read all the same. A signature decides.
	Deviations []Deviation
}

// Value returns the first entry of the object, and whether there is one.
func (l List) Value(object [6]byte) (Value, bool) {
	at := slices.IndexFunc(l.Values, func(v Value) bool { return v.Object == object })
	if at < 0 {
		return Value{}, false
	}
	return l.Values[at], true
}

// Deviation is something in the carriage that is not as it should be.
type Deviation string

// What may be wrong with the carriage.
const (
	FileCRC    Deviation = "file-crc"    // checksum of the file
	MessageCRC Deviation = "message-crc" // checksum of the message with the list
	Padding    Deviation = "padding"     // fewer fill bytes of zero than counted, more than three, or not up to a multiple of four
	NoEnd      Deviation = "no-end"      // the file stops before its end mark
	Trailing   Deviation = "trailing"    // bytes after the end mark
)
