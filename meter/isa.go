package meter

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"wattdue/meter/sml"
)

// Objects only the meters of ISA have, and the names of their lists: what the meter was told when it signed.
var (
	objectStart   = [6]byte{1, 0, 1, 8, 0, 0x80} // the import register at the start of the session
	objectESTH    = [6]byte{0x81, 0x80, 0x81, 0x61, 1, 255}
	objectISAPage = [6]byte{0x81, 0x80, 0xc7, 0xf0, 0x40, 255}

	listStart  = [6]byte{0x81, 0x80, 0x81, 0x62, 0, 255}
	listUpdate = [6]byte{0x81, 0x80, 0x81, 0x62, 1, 255}
	listStop   = [6]byte{0x81, 0x80, 0x81, 0x62, 2, 255}
)

// Sizes of fields of the block that EDL40 does not have.
const (
	esthSize           = 20
	valueSignatureSize = 66
)

// isISA reports the one object that tells these lists from those of other meters.
func isISA(payload []byte) bool { return hasObject(payload, objectStart) && sml.Recognises(payload) }

// DecodeISA reads the signed list of an ISA meter: one message with the register at the start of the session and now.
// Only the list the meter signs when it is told to stop ends the session; before, the actual value is one in between.
func DecodeISA(payload []byte) Message {
	m := Message{Format: "ISA_EDL_40_P", Text: payload}
	d := listDecoder{m: &m}
	if !d.open(payload) {
		return m
	}
	log := m.takeRaw(d.list.Signature, "")
	start, actual := d.required(objectStart, "start value"), d.required(objectImport, "actual value")
	if len(log) != logSize || !m.signsOnP256() {
		d.refuseLength()
	}
	b := isaBlock{
		server: m.fieldBytes("server id", d.list.Server, serverSize), start: d.reading(start), actual: d.reading(actual),
		valueSignature: m.fieldBytes("signature of the actual value", actual.Signature, valueSignatureSize),
		contract:       m.fieldBytes("contract id", d.octets(objectContract, "contract id"), contractSize),
		esth:           m.fieldBytes("ESTH", d.octets(objectESTH, "ESTH"), esthSize),
		page:           m.fieldU32("pagination", d.numberOf(d.required(objectISAPage, "pagination"), "pagination")),
		name:           m.fieldBytes("list name", d.list.ListName, len(listStop)),
		log:            log,
	}
	if len(actual.Signature) == 0 {
		m.fault("field-missing", "signature of the actual value")
	}
	b.enter(&m, offsetOf(start.Time), offsetOf(actual.Time))
	return m
}

// required reads an object that the block has no meaning without.
func (d *listDecoder) required(object [6]byte, name string) sml.Value {
	v, ok := d.list.Value(object)
	if !ok {
		d.m.fault("field-missing", name)
		return sml.Value{IsNumber: true}
	}
	return v
}

func (d *listDecoder) octets(object [6]byte, name string) []byte {
	v := d.required(object, name)
	if v.IsNumber && v.Object == object {
		d.m.fault("value-unreadable", name)
	}
	return v.Bytes
}

func (d *listDecoder) reading(v sml.Value) edlReading {
	return edlReading{
		d.seconds(v.Time, "time of a value"), byte(v.Status), v.Object, v.Unit, v.Scaler, d.numberOf(v, "value"),
	}
}

// refuseLength reports a signature that can be none of this format, which knows 64 bytes and two of the log book.
func (d *listDecoder) refuseLength() {
	if d.m.Signature.Bytes == nil {
		return // reported already
	}
	d.m.Signature = Signature{}
	d.m.fault("signature-unreadable", strconv.Itoa(len(d.list.Signature))+" bytes")
}

// isaBlock is the content of the block of 320 bytes that ISA meters sign.
type isaBlock struct {
	server         []byte
	start, actual  edlReading
	log            []byte
	valueSignature []byte
	contract       []byte
	esth           []byte
	name           []byte // of the list
	page           uint32
}

// bytes builds the block; unused bytes are zero.
func (b *isaBlock) bytes() []byte {
	out := make([]byte, blockSize)
	le := binary.LittleEndian
	copy(out[0:10], b.server)
	le.PutUint32(out[10:], b.actual.seconds)
	out[14] = b.actual.status
	copy(out[15:21], b.actual.object[:])
	out[21], out[22] = b.actual.unit, byte(b.actual.scaler)
	le.PutUint64(out[23:], uint64(b.actual.value))
	copy(out[31:33], b.log)
	copy(out[33:99], b.valueSignature)
	copy(out[99:227], b.contract)
	le.PutUint32(out[227:], b.start.seconds)
	copy(out[231:251], b.esth)
	out[251] = b.start.status
	copy(out[252:258], b.start.object[:])
	out[258], out[259] = b.start.unit, byte(b.start.scaler)
	le.PutUint64(out[260:], uint64(b.start.value))
	copy(out[268:274], b.name)
	le.PutUint32(out[274:], b.page)
	return out
}

// enter says what the block holds.
func (b *isaBlock) enter(m *Message, stateOfStart, stateOfActual zoneOffset) {
	m.Signed = b.bytes()
	m.takeServer(b.server)
	m.Page = Page{Text: strconv.FormatUint(uint64(b.page), 10), Number: uint64(b.page), Rule: PageNone, Read: true}
	m.User = User{ID: printable(bytes.TrimRight(b.contract, "\x00"))}
	start, actual := b.start.entry(m, stateOfStart), b.actual.entry(m, stateOfActual)
	start.OBIS = actual.OBIS // the start value is what that register showed
	start.Events, actual.Events = hex.EncodeToString(b.log), hex.EncodeToString(b.log)
	if actual.Time.Before(start.Time) {
		actual.anHourLater() // no session ends before it starts, but the wall clock may show an hour twice
	}
	start.Tx, actual.Tx = TxBegin, TxCharge
	switch {
	case bytes.Equal(b.name, listStop[:]):
		actual.Tx = TxEnd
	case bytes.Equal(b.name, listStart[:]), bytes.Equal(b.name, listUpdate[:]):
	default:
		m.fault("field-unfit", "list name")
	}
	m.Entries = []Entry{start, actual}
	m.distrustBlock()
}
