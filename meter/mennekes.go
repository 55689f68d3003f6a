package meter

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// isMennekes reports the root element of the bills of MENNEKES charge points. Other files may be called Billing too, so
// the name of a charging process must occur.
func isMennekes(payload []byte) bool {
	return xmlRoot(payload) == "Billing" && bytes.Contains(payload, []byte("ChargingProcess"))
}

// mennekesPath leads from the root element to the sessions.
var mennekesPath = []string{"BillingPeriods", "BillingPeriod", "ChargingProcesses", "ChargingProcess"}

// decodeMennekes reads a bill of MENNEKES charge points (namespace http://www.mennekes.de/Mennekes.EdlVerification.xsd):
// per charging process the measurements of start and end, each with the fields of an EDL40 block and a signature of its
// own. Which one is the start is not signed. Customer and site are neither read nor kept: they are personal data and prove
// nothing. So the messages have no Text.
func decodeMennekes(payload []byte, _ opener) []Message {
	root, err := parseXML(payload)
	if err != nil {
		m := newMennekes()
		m.fault("xml-unreadable", clean(err.Error()))
		return []Message{m}
	}
	var messages []Message
	for i, n := range root.all(mennekesPath...) {
		p := mennekesProcess{
			server: n.at("ServerId").text, key: n.at("PublicKey").text,
			contract: n.at("CustomerIdent").text, since: n.at(contractMoment).text,
		}
		for _, measurement := range n.children {
			role, known := mennekesRoles[measurement.name]
			if !known {
				continue
			}
			m := newMennekes()
			m.Outer.Role, m.Outer.Transaction = role, fmt.Sprintf("%s process %d", p.server, i+1)
			mennekesReader{&m, p, measurement}.read()
			if messages = append(messages, m); len(messages) > maxMessages {
				return messages // refused as a whole by the caller
			}
		}
	}
	return messages
}

// mennekesRoles names the measurements of a process.
var mennekesRoles = map[string]Role{"MeasurementStart": RoleBegin, "MeasurementEnd": RoleEnd}

// mennekesProcess is what a charging process says once for both measurements.
type mennekesProcess struct{ server, key, contract, since string }

// contractMoment is when the contract was entered.
const contractMoment = "TimestampCustomerIdent"

func newMennekes() Message { return Message{Format: "EDL_40_MENNEKES"} }

// mennekesReader reads one measurement.
type mennekesReader struct {
	m           *Message
	process     mennekesProcess
	measurement xmlNode
}

func (r mennekesReader) read() {
	m := r.m
	m.Key = r.process.key
	log := m.takeRawText(r.measurement.at("Signature"))
	moment := r.moment("Timestamp", r.measurement.at("Timestamp").text)
	b := edlBlock{
		server: m.fieldBytes("ServerId", r.serverID(), serverSize), seconds: moment.seconds,
		status: byte(r.number("MeterStatus", 0, math.MaxInt64)), index: uint32(r.number("SecondIndex", 0, math.MaxUint32)),
		page: uint32(r.number("Pagination", 0, math.MaxUint32)), object: objectSigned, unit: dlmsWattHour,
		scaler: int8(r.number("Scaler", math.MinInt8, math.MaxInt8)), value: r.number("Value", math.MinInt64, math.MaxInt64),
		contract: m.fieldBytes("CustomerIdent", r.contract(), contractSize), since: r.since(),
	}
	if copy(b.log[:], log) == 0 {
		binary.BigEndian.PutUint16(b.log[:], uint16(r.number("EventCounter", 0, math.MaxUint16)))
	}
	m.takeBlock(b.bytes(), moment.zone)
}

// field returns the text of an element of the measurement that is part of the block.
func (r mennekesReader) field(name string) string {
	text := r.measurement.at(name).text
	if text == "" {
		r.m.fault("field-missing", name)
	}
	return text
}

func (r mennekesReader) number(name string, least, most int64) int64 {
	text := r.field(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		r.m.fault("value-unreadable", name)
		return 0
	}
	return n
}

func (r mennekesReader) serverID() []byte {
	text := r.process.server
	id, ok := decodeHex(removeSpace([]byte(text)))
	switch {
	case text == "":
		r.m.fault("field-missing", "ServerId")
	case !ok:
		r.m.fault("field-unfit", "ServerId")
	}
	return id
}

// contract gives the bytes of the contract id, written in hex. Text that is no hex stands for itself.
func (r mennekesReader) contract() []byte {
	if id, ok := decodeHex(removeSpace([]byte(r.process.contract))); ok {
		return id
	}
	return []byte(r.process.contract)
}

// since is when the contract was entered: as the measurement says, else as the process does.
func (r mennekesReader) since() uint32 {
	text := cmp.Or(r.measurement.at(contractMoment).text, r.process.since)
	if text == "" {
		return 0
	}
	return r.moment(contractMoment, text).seconds
}

// wallMoment is a time with the digits of the wall clock, and the offset that is stated with it.
type wallMoment struct {
	seconds uint32
	zone    zoneOffset
}

// moment reads a time of ISO 8601. Signed are the digits up to the second as they stand, whatever zone follows.
func (r mennekesReader) moment(name, text string) wallMoment {
	const digits = "2006-01-02T15:04:05"
	if text == "" {
		r.m.fault("field-missing", name)
		return wallMoment{}
	}
	if len(text) < len(digits) {
		r.m.fault("time-unreadable", name)
		return wallMoment{}
	}
	wall, err := time.Parse(digits, text[:len(digits)])
	zone, ok := isoZone(text[len(digits):])
	if err != nil || !ok || wall.Unix() < 0 || wall.Unix() > math.MaxUint32 {
		r.m.fault("time-unreadable", name)
		return wallMoment{}
	}
	return wallMoment{uint32(wall.Unix()), zone}
}

// isoZone reads what follows the seconds: a fraction, and Z, an offset or nothing.
func isoZone(s string) (zone zoneOffset, ok bool) {
	if s != "" && s[0] == '.' {
		s = strings.TrimLeft(s[1:], "0123456789")
	}
	if s == "" {
		return zoneOffset{}, true
	}
	t, err := time.Parse("Z07:00", s)
	if err != nil {
		return zoneOffset{}, false
	}
	_, seconds := t.Zone()
	return zoneOffset{seconds, true}, true
}
