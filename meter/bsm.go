package meter

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// bsmFormat is the id of the meter BSM-WS36A of Bauer.
const bsmFormat = "BSM_WS36A"

func isBSM(payload []byte) bool {
	return looksLikeObject(payload, "additionalValues", "measurementId", "signature")
}

// bsmField is a field of the signed message: a 32-bit number with scale and unit, or a text.
type bsmField struct {
	name     string
	text     bool
	unit     int64 // where the record states none
	negative bool  // the number is signed
}

// No unit in the codes of DLMS.
const dlmsNone = 255

// bsmFields stand in the order they are signed in.
var bsmFields = [...]bsmField{
	{name: "Typ", unit: dlmsNone},
	{name: "RCR", unit: dlmsWattHour},
	{name: "TotWhImp", unit: dlmsWattHour},
	{name: "W", unit: 27, negative: true},
	{name: "MA1", text: true},
	{name: "RCnt", unit: dlmsNone},
	{name: "OS", unit: 7},
	{name: "Epoch", unit: 7},
	{name: "TZO", unit: 6, negative: true},
	{name: "EpochSetCnt", unit: dlmsNone},
	{name: "EpochSetOS", unit: 7},
	{name: "DI", unit: dlmsNone},
	{name: "DO", unit: dlmsNone},
	{name: "Meta1", text: true},
	{name: "Meta2", text: true},
	{name: "Meta3", text: true},
	{name: "Evt", unit: dlmsNone},
}

// bsmRegisters are the OBIS codes of the two counters of energy: since the meter was turned on, and in all.
var bsmRegisters = map[string]string{"RCR": "1-0:1.8.0*198", "TotWhImp": "1-0:1.8.0*255"}

// bsmNumber is a number as it is signed.
type bsmNumber struct{ value, scale, unit int64 }

// DecodeBSM reads one signed snapshot of a meter BSM-WS36A, a JSON object with additionalValues.
func DecodeBSM(payload []byte) Message {
	value, err := parseJSON(payload)
	if err != nil {
		m := Message{Format: bsmFormat, Text: payload}
		m.fault("payload-json", err.Error())
		return m
	}
	return decodeBSM(value, "")
}

// decodeBSM reads an element of the signedMeterValues of a chargeIT container. The first value of a container may carry
// the key for those after it.
func decodeBSM(value node, firstKey string) Message {
	d := bsmDecoder{
		m:       &Message{Format: bsmFormat, Text: value.raw},
		value:   value,
		numbers: map[string]bsmNumber{},
		texts:   map[string]string{},
	}
	d.signature(firstKey)
	if d.fields() {
		d.message()
		d.compare()
	}
	return *d.m
}

// bsmKey is the public key an element carries.
func bsmKey(value node) string { return textOf(value.at("meterInfo", "publicKey")) }

// bsmDecoder collects the signed fields, which are the only ones that count.
type bsmDecoder struct {
	m       *Message
	value   node
	numbers map[string]bsmNumber
	texts   map[string]string
}

func (d *bsmDecoder) signature(firstKey string) {
	m := d.m
	m.Key = bsmKey(d.value)
	if m.Key == "" {
		m.Key = firstKey
	}
	m.Maker = Maker{textOf(d.value.at("meterInfo", "manufacturer")), textOf(d.value.at("meterInfo", "type"))}
	m.Outer.Transaction = textOf(d.value.at("transactionId"))
	text := textOf(d.value.at("signature"))
	sig, ok := decodeHex([]byte(text))
	switch {
	case text == "":
		m.fault("signature-missing", "")
	case !ok:
		m.fault("signature-unreadable", "no hex")
	default:
		m.Signature.Bytes = sig
	}
}

// fields rebuilds the signed message. ok is false when a part of it is missing: then nothing can be verified.
func (d *bsmDecoder) fields() (ok bool) {
	given := map[string]node{}
	for _, item := range d.value.at("additionalValues").items {
		name := item.at("measurand", "name").text
		if _, twice := given[name]; twice {
			d.m.fault("record-form", "field "+clean(name)+" twice")
			return false
		}
		given[name] = item
	}
	var signed []byte
	ok = true
	for _, f := range bsmFields {
		item, there := given[f.name]
		if !there {
			d.m.fault("field-missing", f.name)
			ok = false
			continue
		}
		part, readable := d.field(f, item)
		signed, ok = append(signed, part...), ok && readable
	}
	if ok {
		d.m.Signed = signed
		d.m.Signature.Algorithm, d.m.Signature.Encoding = "ECDSA-secp256r1-SHA256", "hex"
	}
	return ok
}

// field packs one field: a text with its length, or a number with scale and unit.
func (d *bsmDecoder) field(f bsmField, item node) (packed []byte, ok bool) {
	measured := item.at("measuredValue")
	if f.text {
		text := measured.at("value")
		if text.kind != '"' {
			d.m.fault("field-unfit", f.name)
			return nil, false
		}
		d.texts[f.name] = text.text
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(text.text))), text.text...), true
	}
	n, ok := f.number(measured)
	if !ok {
		d.m.fault("value-unreadable", f.name)
		return nil, false
	}
	d.numbers[f.name] = n
	return append(binary.BigEndian.AppendUint32(nil, uint32(n.value)), byte(n.scale), byte(n.unit)), true
}

// number reads a number within the range of its type, so that no other number is packed into the same bytes.
func (f bsmField) number(measured node) (n bsmNumber, ok bool) {
	least, most := int64(0), int64(math.MaxUint32)
	if f.negative {
		least, most = math.MinInt32, math.MaxInt32
	}
	n.value, ok = wholeNumber(measured.at("value"), least, most)
	n.unit = f.unit
	if unit := measured.at("unitEncoded"); ok && unit.isThere() {
		n.unit, ok = wholeNumber(unit, 0, math.MaxUint8)
	}
	if scale := measured.at("scale"); ok && scale.isThere() {
		n.scale, ok = wholeNumber(scale, math.MinInt8, math.MaxInt8)
	}
	return n, ok
}

func wholeNumber(n node, least, most int64) (int64, bool) {
	v, err := strconv.ParseInt(textOf(n), 10, 64)
	return v, err == nil && v >= least && v <= most
}

// message says what the signed fields mean.
func (d *bsmDecoder) message() {
	m := d.m
	m.Meter = d.texts["MA1"]
	page := uint64(d.numbers["RCnt"].value)
	m.Page = Page{Text: strconv.FormatUint(page, 10), Number: page, Rule: PageNext, Read: true}
	d.meta()
	e := d.reading()
	for _, name := range [...]string{"RCR", "TotWhImp"} {
		n := d.numbers[name]
		e.OBIS, e.Unit, e.Scale = bsmRegisters[name], unitOfDLMS(n.unit), int(n.scale)
		value, ok := scaledValue(uint64(n.value), e.Scale)
		if !ok {
			m.fault("value-unreadable", name)
		}
		e.Value = value
		m.Entries = append(m.Entries, e)
	}
}

// reading is what both counters have in common.
func (d *bsmDecoder) reading() Entry {
	for _, name := range [...]string{"Typ", "RCnt", "OS", "Epoch", "TZO", "EpochSetCnt", "EpochSetOS", "Evt"} {
		if d.numbers[name].scale != 0 {
			d.m.fault("value-unreadable", name+" with a scale")
		}
	}
	e := Entry{
		Time: time.Unix(d.numbers["Epoch"].value, 0).UTC(), Zone: int(d.numbers["TZO"].value) * 60,
		Seconds: uint64(d.numbers["OS"].value), Counted: true,
		Resets:  fmt.Sprintf("%d at %d", d.numbers["EpochSetCnt"].value, d.numbers["EpochSetOS"].value),
		Quality: Good, Clock: ClockRelative,
	}
	switch typ := d.numbers["Typ"].value; typ {
	case 0:
		e.Tx = TxCharge
	case 1, 3: // the relay turned on; a session began
		e.Tx = TxBegin
	case 2, 4: // it turned off; the session ended
		e.Tx = TxEnd
	default:
		d.m.fault("value-unreadable", fmt.Sprintf("Typ %d", typ))
	}
	if evt := d.numbers["Evt"].value; evt != 0 {
		e.Status, e.Quality = fmt.Sprintf("events %08x", evt), Bad
	}
	if !e.hasDate() {
		e.Clock = ClockUnsynchronised
	}
	return e
}

// Names of the lines in the signed texts.
const (
	bsmContract = "contract-id"
	bsmEVSE     = "evse-id"
	bsmSoftware = "csc-sw-version"
)

// meta reads user, charge point and software from the three free texts.
func (d *bsmDecoder) meta() {
	for _, name := range [...]string{"Meta1", "Meta2", "Meta3"} {
		for line := range strings.Lines(d.texts[name]) {
			label, text, _ := strings.Cut(strings.TrimSpace(line), ":")
			switch text = strings.TrimSpace(text); label {
			case bsmContract:
				d.m.User = bsmUser(text)
			case bsmEVSE:
				d.m.Place = Place{"EVSEID", text}
			case bsmSoftware:
				d.m.Firmware = text
			}
		}
	}
}

// bsmUserKinds translates the type before a contract id.
var bsmUserKinds = map[string]string{"rfid": "ISO14443", "emaid": "EMAID"}

// bsmUser reads type:id. An id without a type stands alone.
func bsmUser(text string) User {
	kind, id, typed := strings.Cut(text, ":")
	if !typed {
		return User{ID: text}
	}
	u := User{Kind: kind, ID: id}
	if known := bsmUserKinds[strings.ToLower(kind)]; known != "" {
		u.Kind = known
	}
	if u.Kind == "ISO14443" {
		u.Flags = []string{"RFID_PLAIN"}
	}
	return u
}
