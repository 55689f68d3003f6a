package meter

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The EDL40 family: meters that sign a block of 320 bytes, rebuilt from a list of values (EDL_40_P), carried as it is
// (EDL_40_SIG) or spelled out in XML (EDL_40_MENNEKES) or JSON (CHARGEIT_EMH). The layout is that of the transparency
// software of SAFE e.V.; what stands in a Message is always read back from the block, so that nothing is shown that the
// meter did not sign.

// blockSize is the length of the signed block.
const blockSize = 320

// Sizes of the fields that hold bytes.
const (
	serverSize   = 10
	logSize      = 2
	contractSize = 128
)

// edlBlock is the content of the block of EDL40. Fields that a record leaves out are zero.
type edlBlock struct {
	server      []byte // at most serverSize
	seconds     uint32 // on the wall clock since 1970-01-01 00:00
	status      byte
	index       uint32 // running seconds counter of the meter
	page        uint32
	object      [6]byte // OBIS code
	unit        byte
	scaler      int8
	value       int64
	log         [logSize]byte
	contract    []byte // at most contractSize
	since       uint32 // when the contract was entered, on the wall clock
	historic    int64
	compensated int64
	resistance  uint16
	stopWatch   uint32
	price       uint16
}

// bytes builds the block. Unused bytes are zero. The byte order of the price is that of the transparency software; no
// published record states one.
func (b *edlBlock) bytes() []byte {
	out := make([]byte, blockSize)
	le := binary.LittleEndian
	copy(out[0:10], b.server)
	le.PutUint32(out[10:], b.seconds)
	out[14] = b.status
	le.PutUint32(out[15:], b.index)
	le.PutUint32(out[19:], b.page)
	copy(out[23:29], b.object[:])
	out[29], out[30] = b.unit, byte(b.scaler)
	le.PutUint64(out[31:], uint64(b.value))
	copy(out[39:41], b.log[:])
	copy(out[41:169], b.contract)
	le.PutUint32(out[169:], b.since)
	le.PutUint64(out[173:], uint64(b.historic))
	le.PutUint64(out[181:], uint64(b.compensated))
	le.PutUint16(out[189:], b.resistance)
	le.PutUint32(out[191:], b.stopWatch)
	binary.BigEndian.PutUint16(out[195:], b.price)
	return out
}

// readBlock reads a block of blockSize bytes.
func readBlock(in []byte) edlBlock {
	le := binary.LittleEndian
	return edlBlock{
		server: in[0:10], seconds: le.Uint32(in[10:]), status: in[14], index: le.Uint32(in[15:]), page: le.Uint32(in[19:]),
		object: [6]byte(in[23:29]), unit: in[29], scaler: int8(in[30]), value: int64(le.Uint64(in[31:])),
		log: [logSize]byte(in[39:41]), contract: bytes.TrimRight(in[41:169], "\x00"), since: le.Uint32(in[169:]),
		historic: int64(le.Uint64(in[173:])), compensated: int64(le.Uint64(in[181:])), resistance: le.Uint16(in[189:]),
		stopWatch: le.Uint32(in[191:]), price: binary.BigEndian.Uint16(in[195:]),
	}
}

// takeBlock enters what a signed block says. The record signs no role and no zone; stated is the offset it states beside.
func (m *Message) takeBlock(block []byte, stated zoneOffset) {
	b := readBlock(block)
	m.Signed = block
	m.takeServer(b.server)
	m.Page = Page{Text: strconv.FormatUint(uint64(b.page), 10), Number: uint64(b.page), Rule: PageRising, Read: true}
	m.User = m.edlUser(b)
	if b.resistance != 0 {
		m.Cable = Cable{Stated: true, Resistance: strconv.Itoa(int(b.resistance))}
	}
	e := edlReading{b.seconds, b.status, b.object, b.unit, b.scaler, b.value}.entry(m, stated)
	e.Events = hex.EncodeToString(b.log[:])
	if e.Seconds, e.Counted = uint64(b.index), b.index != 0; e.Counted && e.Clock == ClockInformative {
		e.Clock = ClockRelative
	}
	m.Entries = []Entry{e}
	m.distrustBlock()
}

// distrustBlock forgets a signature when a field of the block could not be read: that it does not fit would say nothing.
func (m *Message) distrustBlock() {
	if len(m.Faults) > 0 {
		m.Signed, m.Signature.Bytes = nil, nil
	}
}

// takeServer enters the id of the meter, which names the manufacturer.
func (m *Message) takeServer(server []byte) {
	m.Meter, m.Maker.Vendor = hex.EncodeToString(server), serverVendor(server)
}

// edlUser tells who entered a contract, and when. Meters that sign on P-256 are told the contract anew for each reading:
// in published records the first byte is 1 at the begin and 2 at the end, and the moment belongs to the reading, not to
// the user. No document says so; the byte is therefore no role, and only left out of the comparison of users.
func (m *Message) edlUser(b edlBlock) User {
	if !m.signsOnP256() {
		return User{ID: printable(b.contract), Since: wallText(b.since)}
	}
	id := b.contract
	if len(id) > 0 && (id[0] == 1 || id[0] == 2) {
		id = id[1:]
	}
	return User{ID: printable(id)}
}

// wallText shows seconds on the wall clock; empty for none.
func wallText(seconds uint32) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(int64(seconds), 0).UTC().Format("2006-01-02T15:04:05")
}

// edlReading is one reading inside a block.
type edlReading struct {
	seconds uint32
	status  byte
	object  [6]byte
	unit    byte
	scaler  int8
	value   int64
}

// entry interprets a reading. Only the wall clock is signed, so it is taken as German time; an offset beside it that says
// otherwise is noted and, except for the hour that occurs twice, without effect.
func (r edlReading) entry(m *Message, stated zoneOffset) Entry {
	e := Entry{
		Wall: true, Value: Decimal{r.value, int(r.scaler)}.trimmed(), Unit: unitOfDLMS(int64(r.unit)), Scale: int(r.scaler),
		OBIS: signedOBIS(r.object[:]), Clock: ClockInformative,
	}
	e.Time, e.Zone = germanTime(time.Unix(int64(r.seconds), 0).UTC(), stated)
	if stated.stated && stated.seconds != e.Zone && e.hasDate() {
		m.note("zone-contradicts", strconv.Itoa(stated.seconds/60)+" minutes stated")
	}
	if r.status&statusSynchronous != 0 {
		e.Clock = ClockSynchronised
	}
	e.Status, e.Quality = edlStatus(r.status)
	return e
}

// Bits of the status byte.
const (
	statusError       = 1
	statusSynchronous = 8
	statusMagnet      = 64
)

// edlStatus says what the status byte means; an error or a magnetic field makes the value unusable.
func edlStatus(status byte) (text string, quality Quality) {
	var words []string
	if status&statusError != 0 {
		words = append(words, "error")
	}
	if status&statusMagnet != 0 {
		words = append(words, "magnetic field")
	}
	text = fmt.Sprintf("%02x", status)
	if len(words) == 0 {
		return text, Good
	}
	return text + ": " + strings.Join(words, ", "), Bad
}

// Algorithms of the family. The length of the signature tells which.
const (
	edlAlgorithmP192 = "ECDSA-secp192r1-SHA256"
	edlAlgorithmP256 = "ECDSA-secp256r1-SHA256"
)

// signatureSizes are the lengths of r||s on both curves, without and with log book bytes.
var signatureSizes = []int{48, 48 + logSize, 64, 64 + logSize}

func (m *Message) signsOnP256() bool { return m.Signature.Algorithm == edlAlgorithmP256 }

// takeRaw enters a signature r||s, of which the length decides the curve, and returns the two log book bytes that may
// follow it. They belong to the block, not to the signature.
func (m *Message) takeRaw(sig []byte, encoding string) (log []byte) {
	var size int
	switch len(sig) {
	case 0:
		m.fault("signature-missing", "")
		return nil
	case 48, 48 + logSize:
		size, m.Signature.Algorithm = 48, edlAlgorithmP192
	case 64, 64 + logSize:
		size, m.Signature.Algorithm = 64, edlAlgorithmP256
	default:
		m.fault("signature-unreadable", fmt.Sprintf("%d bytes", len(sig)))
		return nil
	}
	m.Signature.Encoding, m.Signature.Raw, m.Signature.Bytes = encoding, true, sig[:size]
	return sig[size:]
}

// fieldU32 puts a number into a field of the block.
func (m *Message) fieldU32(name string, n int64) uint32 {
	if n < 0 || n > math.MaxUint32 {
		m.fault("field-unfit", name)
		return 0
	}
	return uint32(n)
}

// fieldU16 puts a number into a field of the block.
func (m *Message) fieldU16(name string, n int64) uint16 {
	if n < 0 || n > math.MaxUint16 {
		m.fault("field-unfit", name)
		return 0
	}
	return uint16(n)
}

// fieldBytes refuses what the block has no room for: cut off, it would be shown unsigned.
func (m *Message) fieldBytes(name string, b []byte, size int) []byte {
	if len(b) > size {
		m.fault("field-unfit", fmt.Sprintf("%s of %d bytes", name, len(b)))
		return nil
	}
	return b
}
