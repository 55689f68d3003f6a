package sml

import (
	"fmt"
	"math"
)

// getListResponse is the tag of the message with the values.
const getListResponse = 0x0701

// maxValues is the number of entries a list may have; meters send some ten.
const maxValues = 1000

// Elements of a message, of the answer with the list, and of an entry.
const (
	messageElements  = 6
	responseElements = 7
	valueElements    = 7
)

// Recognises reports whether b is an SML file: one in its transport frame, or messages without a frame that can be
// read up to a list.
func Recognises(b []byte) bool {
	if framed(b) {
		return true
	}
	_, err := Read(b)
	return err == nil
}

// Read returns the first list of values of a file. The file may be in its transport frame, or begin with the list of
// a message or of a GetList.Response. The error says what cannot be read and at which byte of the file.
func Read(b []byte) (List, error) {
	content, err := unwrap(b)
	if err != nil {
		return List{}, err
	}
	d := &decoder{b: content.bytes}
	l, found := d.file()
	if d.err != nil {
		return List{}, fmt.Errorf("SML: byte %d: %w; the record is damaged", content.origin(d.where), d.err)
	}
	if !found {
		return List{}, errNoList
	}
	l.Deviations = append(content.deviations, l.Deviations...)
	return l, nil
}

// file reads messages up to the first with a list.
func (d *decoder) file() (l List, found bool) {
	if d.next() == typeList|responseElements {
		return d.response(), true
	}
	for d.err == nil && d.next() != endOfMessage && !found {
		l, found = d.message()
	}
	return l, found
}

// message reads one message; found tells whether it holds a list.
func (d *decoder) message() (l List, found bool) {
	begin := d.at
	d.list("a message", messageElements)
	d.octets("the transaction id")
	d.integer("the group number", 0, math.MaxUint8)
	d.integer("the abort flag", 0, math.MaxUint8)
	d.list("the message body", 2)
	if d.integer("the message tag", 0, math.MaxUint32) == getListResponse {
		l, found = d.response(), true
	} else {
		d.skip("the message content", 2)
	}
	end := d.at
	if crc := d.integer("the message checksum", 0, math.MaxUint16); d.err == nil && !messageCRC(d.b[begin:end], crc) {
		l.Deviations = append(l.Deviations, MessageCRC)
	}
	if d.err == nil && (d.at >= len(d.b) || d.b[d.at] != endOfMessage) {
		d.failf(d.at, "the message has no end")
	}
	d.at++
	return l, found
}

// messageCRC compares the checksum of a message. Its low byte is written first, as in the transport.
func messageCRC(message []byte, written int64) bool {
	crc := crc16(message)
	return written == int64(crc<<8|crc>>8)
}

func (d *decoder) response() List {
	d.list("the answer with the list", responseElements)
	l := List{Client: d.octets("the client id"), Server: d.octets("the server id"), ListName: d.octets("the list name")}
	l.SensorTime = d.time("the sensor time")
	l.Values = d.values()
	l.Signature = d.octets("the list signature")
	l.GatewayTime = d.time("the gateway time")
	return l
}

func (d *decoder) values() []Value {
	begin := d.at
	kind, n := d.head("the value list")
	if kind != typeList {
		d.failf(begin, "the value list is no list")
	}
	if n > maxValues {
		d.failf(begin, "the value list has %d entries, more than %d", n, maxValues)
	}
	var out []Value
	for range n {
		if d.err != nil {
			return nil
		}
		out = append(out, d.value())
	}
	return out
}

func (d *decoder) value() Value {
	d.list("a value", valueElements)
	begin := d.at
	object := d.octets("an object")
	if len(object) != 6 {
		d.failf(begin, "an object of %d bytes; an OBIS code has 6", len(object))
		return Value{}
	}
	v := Value{Object: [6]byte(object)}
	if !d.missing() {
		v.Status, v.HasStatus = d.status(), true
	}
	v.Time = d.time("the time of a value")
	if !d.missing() {
		v.Unit = uint8(d.integer("a unit", 0, math.MaxUint8))
	}
	if !d.missing() {
		v.Scaler = int8(d.integer("a scaler", math.MinInt8, math.MaxInt8))
	}
	d.reading(&v)
	v.Signature = d.octets("the signature of a value")
	return v
}

// status reads a status word of up to 64 bits.
func (d *decoder) status() uint64 {
	begin := d.at
	kind, n := d.head("a status")
	if kind != typeUnsigned {
		d.failf(begin, "a status is no unsigned number")
	}
	return d.content(begin, "a status", n)
}

// reading reads the value itself: octets, a boolean, a number or a time.
func (d *decoder) reading(v *Value) {
	switch d.next() & 0x70 {
	case typeOctets:
		v.Bytes = d.octets("a value")
	case typeBoolean:
		begin := d.at
		if _, n := d.head("a value"); n != 1 {
			d.failf(begin, "a boolean of %d bytes", n)
		}
		if d.content(begin, "a value", 1) != 0 {
			v.Number = 1
		}
		v.IsNumber = true
	case typeList:
		v.Moment = d.wrappedTime()
		v.Number, v.IsNumber = int64(v.Moment.Seconds), true
	default:
		v.Number, v.IsNumber = d.integer("a value", math.MinInt64, math.MaxInt64), true
	}
}

// time reads a time that may be left out.
func (d *decoder) time(what string) *Time {
	if d.missing() {
		return nil
	}
	d.list(what, 2)
	t := d.choice(what)
	return &t
}

// wrappedTime reads a time in the place of a value. SML 1.04 wraps the choice into another one, whose tag 1 stands for
// a time; meters of older versions write the time directly.
func (d *decoder) wrappedTime() *Time {
	const what = "a value that is a time"
	d.list(what, 2)
	begin := d.at
	tag := d.integer(what, 1, math.MaxUint8)
	if d.next() == typeList|2 {
		if tag != 1 {
			d.failf(begin, "a value of the unknown kind %d", tag)
		}
		d.list(what, 2)
	} else {
		d.at = begin
	}
	t := d.choice(what)
	return &t
}

// choice reads tag and content of SML_Time.
func (d *decoder) choice(what string) Time {
	begin := d.at
	t := Time{Kind: Kind(d.integer(what, 0, math.MaxUint8))}
	switch t.Kind {
	case Index, Timestamp:
		t.Seconds = uint32(d.integer(what, 0, math.MaxUint32))
	case Local:
		d.list(what, 3)
		t.Seconds = uint32(d.integer(what, 0, math.MaxUint32))
		t.Local = int16(d.integer(what, math.MinInt16, math.MaxInt16))
		t.Season = int16(d.integer(what, math.MinInt16, math.MaxInt16))
	default:
		d.failf(begin, "%s is of the unknown kind %d", what, t.Kind)
	}
	return t
}
