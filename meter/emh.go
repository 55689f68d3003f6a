package meter

import (
	"math"
	"strconv"
	"strings"
)

// decodeEMH reads one element of the signedMeterValues of a chargeIT container that spells out the block of an EDL40
// meter. The contract id is signed as the characters of its text, not as the bytes these may stand for.
func decodeEMH(value node) Message {
	m := Message{Format: "CHARGEIT_EMH", Text: value.raw}
	m.Key = textOf(value.at("meterInfo", "publicKey"))
	m.Maker.Model = textOf(value.at("meterInfo", "type"))
	m.Outer.Transaction = textOf(value.at("transactionId"))
	d := emhDecoder{&m, value}
	m.takeRaw(d.hexadecimal("signature"), "hex")
	moment := value.at("measuredValue", "timestampLocal")
	b := edlBlock{
		server: m.fieldBytes("meterId", d.hexadecimal("meterInfo", "meterId"), serverSize),
		status: lastByte(d.optionalHex("additionalInfo", "status")), index: d.index(), page: d.page(),
		seconds: d.moment(true, "measuredValue", "timestampLocal"), since: d.moment(false, "contract", "timestampLocal"),
		unit:   byte(d.number(0, math.MaxUint8, "measuredValue", "unitEncoded")),
		scaler: int8(d.number(math.MinInt8, math.MaxInt8, "measuredValue", "scale")),
		value:  d.number(math.MinInt64, math.MaxInt64, "measuredValue", "value"),
	}
	b.contract = m.fieldBytes("contract id", []byte(contract(value)), contractSize)
	object := d.hexadecimal("measurand", "id")
	if len(object) == len(b.object) {
		b.object = [6]byte(object)
	} else {
		m.fault("field-unfit", "measurand.id")
	}
	log := m.fieldBytes("logBook", d.optionalHex("additionalInfo", "indexes", "logBook"), logSize)
	copy(b.log[logSize-len(log):], log)
	m.takeBlock(b.bytes(), emhOffset(moment))
	return m
}

// contract is the text of the contract id with every blank, because each is signed.
func contract(value node) string {
	id := value.at("contract", "id")
	if !id.isThere() {
		return ""
	}
	return id.text
}

// emhDecoder reads the fields of an element and reports those that are missing or cannot be read.
type emhDecoder struct {
	m     *Message
	value node
}

// required returns the text of a field.
func (d emhDecoder) required(path []string) string {
	text := textOf(d.value.at(path...))
	if text == "" {
		d.m.fault("field-missing", strings.Join(path, "."))
	}
	return text
}

// textOf is the text of a JSON value; empty for null.
func textOf(n node) string {
	if !n.isThere() {
		return ""
	}
	return strings.TrimSpace(n.text)
}

func (d emhDecoder) hexadecimal(path ...string) []byte {
	text := d.required(path)
	if text == "" {
		return nil
	}
	return d.unhex(text, path)
}

func (d emhDecoder) optionalHex(path ...string) []byte {
	text := textOf(d.value.at(path...))
	if text == "" {
		return nil
	}
	return d.unhex(text, path)
}

func (d emhDecoder) unhex(text string, path []string) []byte {
	b, ok := decodeHex(removeSpace([]byte(text)))
	if !ok {
		d.m.fault("field-unfit", strings.Join(path, "."))
	}
	return b
}

// number reads a whole number, written as number or text.
func (d emhDecoder) number(least, most int64, path ...string) int64 {
	text := d.required(path)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		d.m.fault("value-unreadable", strings.Join(path, "."))
		return 0
	}
	return n
}

// index reads the running seconds; some meters have none.
func (d emhDecoder) index() uint32 {
	if !d.value.at("additionalInfo", "indexes", "timer").isThere() {
		return 0
	}
	return uint32(d.number(0, math.MaxUint32, "additionalInfo", "indexes", "timer"))
}

// page reads the pagination, a number in hex with the first byte first.
func (d emhDecoder) page() uint32 {
	text := d.required([]string{"measurementId"})
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 16, 32)
	if err != nil {
		d.m.fault("field-unfit", "measurementId")
	}
	return uint32(n)
}

// moment reads a time as the wall showed it: seconds of UTC and two offsets in minutes.
func (d emhDecoder) moment(required bool, path ...string) uint32 {
	if !required && !d.value.at(path...).isThere() {
		return 0
	}
	seconds := d.number(0, math.MaxUint32, append(path, "timestamp")...)
	minutes := d.number(math.MinInt16, math.MaxInt16, append(path, "localOffset")...)
	minutes += d.number(math.MinInt16, math.MaxInt16, append(path, "seasonOffset")...)
	return d.m.fieldU32(strings.Join(path, "."), seconds+60*minutes)
}

// emhOffset is what a time states about its zone; faults are reported where the time is read.
func emhOffset(moment node) zoneOffset {
	local, err := strconv.ParseInt(moment.at("localOffset").text, 10, 16)
	season, err2 := strconv.ParseInt(moment.at("seasonOffset").text, 10, 16)
	if err != nil || err2 != nil {
		return zoneOffset{}
	}
	return zoneOffset{60 * int(local+season), true}
}

// lastByte is the low byte of a number that is written first byte first; 0 of an empty one.
func lastByte(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[len(b)-1]
}
