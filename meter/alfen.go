package meter

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// alfenPrefix opens every line of the Alfen adapter.
const alfenPrefix = "AP;"

func isALFEN(payload []byte) bool { return bytes.HasPrefix(payload, []byte(alfenPrefix)) }

// Sizes of the three binary fields of a line.
const (
	alfenKeySize       = 25 // compressed point of secp192r1
	alfenSignatureSize = 48 // r||s
	alfenDatasetSize   = 82
)

// alfenVersion is the version of the line whose dataset is known here.
const alfenVersion = "3"

// Where the fields of the dataset stand. All numbers are little endian.
const (
	alfenAdapter    = 0  // 10 bytes
	alfenFirmware   = 10 // 4 characters
	alfenChecksum   = 14 // 2 bytes
	alfenMeter      = 16 // 10 bytes
	alfenMeterState = 26
	alfenState      = 28
	alfenSeconds    = 30
	alfenTime       = 34
	alfenOBIS       = 38 // 6 bytes
	alfenUnit       = 44
	alfenScaler     = 45
	alfenValue      = 46
	alfenUser       = 54 // 20 characters
	alfenSession    = 74
	alfenPage       = 78
)

// DecodeALFEN reads a line AP;type;version;key;dataset;signature; whose last three fields are base32. Only the dataset
// is signed: its command bits, not the type before it, say what the reading was taken for.
func DecodeALFEN(line []byte) Message {
	m := Message{Format: "ALFEN", Text: line}
	parts := strings.Split(string(removeSpace(line)), ";")
	if len(parts) < 6 || parts[0] != "AP" {
		m.fault("record-form", "not AP and five fields")
		return m
	}
	if rest := strings.Join(parts[6:], ";"); rest != "" {
		m.note("line-trailing", fmt.Sprintf("%d bytes", len(rest)))
	}
	if m.Version = parts[2]; m.Version != alfenVersion {
		m.note("version-unknown", clean(m.Version))
	}
	dataset, ok := decodeBase32([]byte(parts[4]))
	if !ok || len(dataset) != alfenDatasetSize {
		m.fault("record-form", fmt.Sprintf("dataset of %d bytes", len(dataset)))
		return m
	}
	m.Signed = dataset
	m.Signature = Signature{Algorithm: "ECDSA-secp192r1-SHA256", Encoding: "base32", Raw: true}
	m.alfenKey(parts[3])
	m.alfenSignature(parts[5])
	m.alfenDataset(dataset)
	m.alfenRole(parts[1])
	return m
}

// alfenKey keeps an odd key as it is: whoever needs it finds it unreadable.
func (m *Message) alfenKey(text string) {
	m.Key = text
	if key, ok := decodeBase32([]byte(text)); ok && len(key) == alfenKeySize {
		m.Key = hex.EncodeToString(key)
	}
}

func (m *Message) alfenSignature(text string) {
	sig, ok := decodeBase32([]byte(text))
	switch {
	case text == "":
		m.fault("signature-missing", "")
	case !ok || len(sig) != alfenSignatureSize:
		m.fault("signature-unreadable", fmt.Sprintf("%d bytes", len(sig)))
	default:
		m.Signature.Bytes = sig
	}
}

// alfenDataset reads the signed fields.
func (m *Message) alfenDataset(d []byte) {
	le := binary.LittleEndian
	firmware := printable(d[alfenFirmware:alfenChecksum])
	m.Firmware = firmware + " " + hex.EncodeToString(d[alfenChecksum:alfenMeter])
	// A new firmware in the middle of a session is as good as another adapter.
	m.Gateway = hex.EncodeToString(d[alfenAdapter:alfenFirmware]) + " " + m.Firmware
	m.Meter = hex.EncodeToString(d[alfenMeter:alfenMeterState])
	m.Maker.Vendor = serverVendor(d[alfenMeter:alfenMeterState])
	m.User.ID = printable(bytes.TrimRight(d[alfenUser:alfenSession], "\x00"))
	m.Session = strconv.FormatUint(uint64(le.Uint32(d[alfenSession:])), 10)
	page := le.Uint32(d[alfenPage:])
	m.Page = Page{Text: strconv.FormatUint(uint64(page), 10), Number: uint64(page), Rule: PageNext, Read: true}
	e := Entry{
		Time:    time.Unix(int64(le.Uint32(d[alfenTime:])), 0).UTC(),
		Seconds: uint64(le.Uint32(d[alfenSeconds:])), Counted: true,
		OBIS:  signedOBIS(d[alfenOBIS:alfenUnit]),
		Unit:  unitOfDLMS(int64(d[alfenUnit])),
		Scale: int(int8(d[alfenScaler])),
	}
	var ok bool
	if e.Value, ok = scaledValue(le.Uint64(d[alfenValue:]), e.Scale); !ok {
		m.fault("value-unreadable", "value beyond any meter")
	}
	alfenStatus(&e, le.Uint16(d[alfenMeterState:]), le.Uint16(d[alfenState:]))
	m.Entries = []Entry{e}
}

// alfenClockLost is the bit of the meter status that concerns the clock and not the energy.
const alfenClockLost = 1

// Command bits of the adapter status.
const (
	alfenIntermediate = 2048
	alfenStop         = 4096
	alfenStart        = 8192
)

// stateBit is one bit of a status word.
type stateBit struct {
	bit   uint16
	fatal bool // the energy cannot be relied on
	text  string
}

var alfenMeterBits = []stateBit{
	{alfenClockLost, false, "meter clock"},
	{2, true, "meter EEPROM"},
	{4, true, "meter flash"},
	{256, false, "phase L1 lost"},
	{512, false, "phase L2 lost"},
	{1024, false, "phase L3 lost"},
	{2048, false, "phase order"},
}

var alfenAdapterBits = []stateBit{
	{1, true, "adapter fatal"},
	{1024, true, "start/stop mismatch"},
	{alfenIntermediate, false, "intermediate command"},
	{alfenStop, false, "stop command"},
	{alfenStart, false, "start command"},
	{16384, true, "adapter memory"},
	{32768, true, "meter link"},
}

// alfenStatus says what both status words mean. The running seconds give an exact duration as long as the clock was
// ever set; when the power came back without it, the date starts in 1970.
func alfenStatus(e *Entry, meter, adapter uint16) {
	words, bad := stateWords(alfenMeterBits, meter)
	more, alsoBad := stateWords(alfenAdapterBits, adapter)
	e.Status, e.Quality = strings.Join(append(words, more...), ", "), Good
	if bad || alsoBad {
		e.Quality = Bad
	}
	e.Clock = ClockRelative
	if meter&alfenClockLost != 0 {
		e.Errors = "t"
	}
	if !e.hasDate() {
		e.Clock = ClockUnsynchronised
	}
	switch adapter & (alfenStart | alfenStop | alfenIntermediate) {
	case alfenStart:
		e.Tx = TxBegin
	case alfenStop:
		e.Tx = TxEnd
	case alfenIntermediate:
		e.Tx = TxCharge
	}
}

func stateWords(bits []stateBit, word uint16) (words []string, fatal bool) {
	for _, b := range bits {
		if word&b.bit != 0 {
			words, fatal = append(words, b.text), fatal || b.fatal
		}
	}
	return words, fatal
}

// alfenRole reads the unsigned type. It stands in where the adapter signs no command, as old firmware does; where it
// contradicts the command, somebody changed the line.
func (m *Message) alfenRole(text string) {
	roles := map[string]struct {
		role Role
		tx   Tx
	}{"0": {RoleBegin, TxBegin}, "1": {RoleEnd, TxEnd}, "2": {RoleIntermediate, TxCharge}}
	r, known := roles[text]
	signed := m.Entries[0].Tx
	if !known || signed != "" && signed != r.tx {
		m.note("outer-differs", "type "+clean(text))
	}
	m.Outer.Role = r.role
}
