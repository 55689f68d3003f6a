package meter

import (
	"bytes"
	"strconv"

	"wattdue/meter/sml"
)

// Objects of the list of an EDL40 meter.
var (
	objectImport      = [6]byte{1, 0, 1, 8, 0, 255}
	objectSigned      = [6]byte{1, 0, 1, 17, 0, 255} // the register whose values are signed
	objectContract    = [6]byte{0x81, 0x82, 0x81, 0x54, 1, 255}
	objectPage        = [6]byte{0x81, 0x80, 0x81, 0x71, 1, 255}
	objectIndex       = [6]byte{0x81, 0, 0x60, 8, 0, 1}
	objectHistoric    = [6]byte{1, 0, 1, 17, 0, 0x64}
	objectCompensated = [6]byte{1, 0, 1, 17, 0, 0xc8}
	objectResistance  = [6]byte{0, 0xaf, 0x6c, 0x6c, 0x72, 255}
	objectStopWatch   = [6]byte{0, 0xaf, 0x64, 0x75, 0x72, 255}
	objectPrice       = [6]byte{0, 0xaf, 0x70, 0x72, 0x63, 255}
	objectVersion     = [6]byte{0, 0xaf, 0x73, 0x76, 0x72, 255}
)

func isEDL40P(payload []byte) bool { return sml.Recognises(payload) }

// DecodeEDL40P reads the signed list of an EDL40 meter, a GetList.Response of SML 1.04. The signature covers a block
// rebuilt from some of its objects; what else the list holds is not signed and not read.
func DecodeEDL40P(payload []byte) Message {
	m := Message{Format: "EDL_40_P", Text: payload}
	d := listDecoder{m: &m}
	if !d.open(payload) {
		return m
	}
	log := m.takeRaw(d.list.Signature, "")
	value, ok := d.list.Value(objectSigned)
	if !ok {
		value, ok = d.list.Value(objectImport)
	}
	if !ok {
		m.fault("readings-missing", "")
		return m
	}
	b := edlBlock{
		server: m.fieldBytes("server id", d.list.Server, serverSize), object: value.Object, value: d.numberOf(value, "value"),
		seconds: d.seconds(value.Time, "time of the value"), unit: value.Unit, scaler: value.Scaler, status: byte(value.Status),
		index: m.fieldU32("second index", d.number(objectIndex, "second index")),
		page:  m.fieldU32("pagination", d.number(objectPage, "pagination")),
	}
	copy(b.log[:], log)
	d.contract(&b)
	if m.signsOnP256() {
		d.secondGeneration(&b, value.Status)
	}
	m.takeBlock(b.bytes(), offsetOf(value.Time))
	if _, paged := d.list.Value(objectPage); !paged {
		m.Page.Text, m.Page.Read = "", false
	}
	return m
}

// listDecoder takes what is signed out of the list of a meter.
type listDecoder struct {
	m    *Message
	list sml.List
}

// open reads the list; false when there is none.
func (d *listDecoder) open(payload []byte) bool {
	var err error
	if d.list, err = sml.Read(payload); err != nil {
		d.m.fault("list-unreadable", clean(err.Error()))
		return false
	}
	for _, deviation := range d.list.Deviations {
		d.m.note("transport-deviation", string(deviation))
	}
	if len(d.list.Server) == 0 {
		d.m.fault("field-missing", "server id")
	}
	if v, ok := d.list.Value(objectVersion); ok && v.IsNumber {
		d.m.Version = strconv.FormatInt(v.Number, 10)
	}
	return true
}

// number reads an object that is a number or a time; an absent one is zero.
func (d *listDecoder) number(object [6]byte, name string) int64 {
	v, ok := d.list.Value(object)
	if !ok {
		return 0
	}
	return d.numberOf(v, name)
}

func (d *listDecoder) numberOf(v sml.Value, name string) int64 {
	if !v.IsNumber {
		d.m.fault("value-unreadable", name)
	}
	return v.Number
}

// seconds gives a time as the wall shows it, in the four bytes of the block.
func (d *listDecoder) seconds(t *sml.Time, name string) uint32 {
	if t == nil {
		return 0
	}
	return d.m.fieldU32(name, t.LocalSeconds())
}

// contract fills in who charges, and since when the meter knows.
func (d *listDecoder) contract(b *edlBlock) {
	v, ok := d.list.Value(objectContract)
	if !ok {
		return
	}
	if v.IsNumber {
		d.m.fault("value-unreadable", "contract id")
	}
	b.contract = d.m.fieldBytes("contract id", v.Bytes, contractSize)
	b.since = d.seconds(v.Time, "time of the contract id")
}

// secondGeneration fills in what meters that sign on P-256 have in addition, and moves the bits of their longer status
// word into the status byte.
func (d *listDecoder) secondGeneration(b *edlBlock, status uint64) {
	b.historic = d.number(objectHistoric, "historic value")
	b.compensated = d.number(objectCompensated, "compensated value")
	b.resistance = d.m.fieldU16("resistance", d.number(objectResistance, "resistance"))
	b.stopWatch = d.m.fieldU32("stop watch", d.number(objectStopWatch, "stop watch"))
	b.price = d.m.fieldU16("price", d.number(objectPrice, "price"))
	b.status = 0
	for to, from := range [8]int{0: 17, 3: 31, 4: 16, 5: 11, 6: 9, 7: 8} {
		if from != 0 && status>>from&1 != 0 {
			b.status |= 1 << to
		}
	}
}

// offsetOf is what a time of the list states about its zone. A timestamp states none: meters put the wall clock there too.
func offsetOf(t *sml.Time) zoneOffset {
	if t == nil || t.Kind != sml.Local {
		return zoneOffset{}
	}
	return zoneOffset{60 * (int(t.Local) + int(t.Season)), true}
}

// hasObject reports whether an SML file names an object, without reading it.
func hasObject(payload []byte, object [6]byte) bool {
	return bytes.Contains(payload, append([]byte{0x07}, object[:]...))
}
