package meter

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"

	"wattdue/meter/curve"
)

// rawKey is a key pair derived from a name, for the formats whose keys are bare points.
type rawKey struct {
	curve *curve.Curve
	d     *big.Int
}

func rawKeyOf(t testing.TB, curveName, name string) rawKey {
	t.Helper()
	c := curve.Named(curveName)
	if c == nil {
		t.Fatalf("no curve %s", curveName)
	}
	seed := sha256.Sum256([]byte("test meter " + name))
	d := new(big.Int).SetBytes(seed[:])
	return rawKey{c, d.Mod(d, c.Order())}
}

// public is X||Y.
func (k rawKey) public() []byte { return k.curve.BaseMult(k.d.Bytes())[1:] }

// sign makes r||s over SHA-256 of a message (SEC 1, 4.1.3), with a number derived from key and message.
func (k rawKey) sign(message []byte) []byte {
	n, size := k.curve.Order(), k.curve.Size()
	digest := sha256.Sum256(message)
	e := new(big.Int).SetBytes(digest[:])
	e.Rsh(e, uint(max(0, 256-n.BitLen())))
	seed := sha256.Sum256(append(digest[:], k.d.Bytes()...))
	secret := new(big.Int).SetBytes(seed[:])
	secret.Mod(secret, n)
	r := new(big.Int).SetBytes(k.curve.BaseMult(secret.Bytes())[1 : 1+size])
	r.Mod(r, n)
	s := new(big.Int).Mul(r, k.d)
	s.Add(s, e).Mul(s, new(big.Int).ModInverse(secret, n)).Mod(s, n)
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

// edlCase is one reading of the test meters as the block holds it.
type edlCase struct {
	seconds  uint32 // on the wall
	status   byte
	index    uint32
	page     uint32
	value    int64
	log      string // hex
	contract string
	since    uint32
}

// The session of the tests: 05.10.2026 08:00:00 to 09:30:00 on the wall in Berlin, 100.05 to 121.30 kWh, so 21.25 kWh.
const (
	wallBegin = 1791187200
	wallEnd   = 1791192600
)

var (
	edlServer = []byte{0x09, 0x01, 'E', 'M', 'H', 0, 0, 0x12, 0x34, 0x56}
	edlBegin  = edlCase{wallBegin, 8, 5000, 41, 1_000_500, "001a", "\x04\xa1\xb2\xc3", wallBegin - 4}
	edlEnd    = edlCase{wallEnd, 8, 10400, 42, 1_213_000, "001a", "\x04\xa1\xb2\xc3", wallBegin - 4}
)

// block writes the fields at the places of the published layout.
func (c edlCase) block(t testing.TB) []byte {
	b := make([]byte, 320)
	copy(b, edlServer)
	binary.LittleEndian.PutUint32(b[10:], c.seconds)
	b[14] = c.status
	binary.LittleEndian.PutUint32(b[15:], c.index)
	binary.LittleEndian.PutUint32(b[19:], c.page)
	copy(b[23:], "\x01\x00\x01\x11\x00\xff\x1e\xff") // 1.17.0 in tenths of Wh
	binary.LittleEndian.PutUint64(b[31:], uint64(c.value))
	copy(b[39:], unhexed(t, c.log))
	copy(b[41:], c.contract)
	binary.LittleEndian.PutUint32(b[169:], c.since)
	return b
}

func unhexed(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every field has another value, so that none can stand in the place of another.
func TestBlockLayout(t *testing.T) {
	b := edlBlock{
		server:  []byte{0x0a, 0x01, 'E', 'M', 'H', 0xa1, 0xa2, 0xa3, 0xa4, 0xa5},
		seconds: 0x14131211, status: 0x15, index: 0x19181716, page: 0x1d1c1b1a, object: [6]byte{0x21, 0x22, 0x23, 0x24, 0x25, 0x26},
		unit: 0x1e, scaler: -2, value: -0x0102030405060708, log: [2]byte{0x31, 0x32}, contract: []byte("contract"),
		since: 0x44434241, historic: 0x5857565554535251, compensated: 0x6867666564636261, resistance: 0x7271,
		stopWatch: 0x84838281, price: 0x9192,
	}
	want := "0a01454d48a1a2a3a4a5" + "11121314" + "15" + "16171819" + "1a1b1c1d" + "212223242526" + "1e" + "fe" +
		"f8f8f9fafbfcfdfe" + "3132" + "636f6e7472616374" + strings.Repeat("00", 120) + "41424344" + "5152535455565758" +
		"6162636465666768" + "7172" + "81828384" + "9192" + strings.Repeat("00", 123)
	got := b.bytes()
	if hex.EncodeToString(got) != want {
		t.Fatalf("got  %x\nwant %s", got, want)
	}
	again := readBlock(got)
	if !bytes.Equal(again.bytes(), got) || again.value != b.value || again.scaler != b.scaler || string(again.contract) != "contract" {
		t.Errorf("read back as %+v", again)
	}
}

// 21.25 kWh, an hour and a half, page 41 to 42.
func TestTakeBlock(t *testing.T) {
	m := Message{Signature: Signature{Algorithm: edlAlgorithmP192}}
	block := edlBegin.block(t)
	m.takeBlock(block, zoneOffset{7200, true})
	want := Entry{
		Time: parseUTC(t, "2026-10-05 06:00:00"), Zone: 7200, Wall: true, Clock: ClockSynchronised, Value: Decimal{10005, 1},
		Unit: "Wh", Scale: -1, OBIS: "1-0:1.17.0*255", Status: "08", Quality: Good, Events: "001a", Seconds: 5000, Counted: true,
	}
	if len(m.Entries) != 1 || m.Entries[0] != want {
		t.Errorf("got  %+v\nwant %+v", m.Entries, want)
	}
	if m.Meter != "0901454d480000123456" || m.Maker.Vendor != "EMH" || m.Page != (Page{"41", "", 41, PageRising, true}) ||
		m.User.ID != "04a1b2c3" || m.User.Since != "2026-10-05T07:59:56" || m.Cable.Stated || len(m.Notes) > 0 ||
		!bytes.Equal(m.Signed, block) {
		t.Errorf("%+v", m)
	}
}

func TestBlockMeaning(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(b *edlBlock)
		stated zoneOffset
		got    func(m *Message) string
		want   string
	}{
		{"a clock that is not synchronous counts seconds", func(b *edlBlock) { b.status = 0x90 }, zoneOffset{}, clockOf, "R"},
		{"without a counter it only informs", func(b *edlBlock) { b.status, b.index = 0, 0 }, zoneOffset{}, clockOf, "I"},
		{"an error", func(b *edlBlock) { b.status = 0x09 }, zoneOffset{}, statusOf, "bad 09: error"},
		{"a magnetic field", func(b *edlBlock) { b.status = 0x48 }, zoneOffset{}, statusOf, "bad 48: magnetic field"},
		{"both", func(b *edlBlock) { b.status = 0x41 }, zoneOffset{}, statusOf, "bad 41: error, magnetic field"},
		{"every other bit", func(b *edlBlock) { b.status = 0xbe }, zoneOffset{}, statusOf, "good be"},
		{"a unit of power", func(b *edlBlock) { b.unit = 27 }, zoneOffset{}, unitOf, "DLMS unit 27"},
		{"no unit", func(b *edlBlock) { b.unit = 0 }, zoneOffset{}, unitOf, "DLMS unit 0"},
		{"another register", func(b *edlBlock) { b.object = [6]byte{1, 0, 2, 8, 0, 255} }, zoneOffset{}, obisOf, "1-0:2.8.0*255"},
		{"a contract as text", func(b *edlBlock) { b.contract = []byte("DE-TST-C1") }, zoneOffset{}, userOf, "DE-TST-C1"},
		{"a contract ending in zeros", func(b *edlBlock) { b.contract = []byte{1, 0, 0} }, zoneOffset{}, userOf, "01"},
		{"no contract", func(b *edlBlock) { b.contract, b.since = nil, 0 }, zoneOffset{}, userOf, ""},
		{"another manufacturer", func(b *edlBlock) { copy(b.server[2:], "ESY") }, zoneOffset{}, makerText, "ESY"},
		{"no letters", func(b *edlBlock) { b.server[2] = 'e' }, zoneOffset{}, makerText, ""},
		{"an offset of winter in summer", func(*edlBlock) {}, zoneOffset{3600, true}, notesOf, "zone-contradicts"},
		{"a clock at UTC", func(*edlBlock) {}, zoneOffset{0, true}, notesOf, "zone-contradicts"},
		{"no offset at all", func(*edlBlock) {}, zoneOffset{}, notesOf, ""},
		{"the offset of a clock never set", func(b *edlBlock) { b.seconds = 777 }, zoneOffset{0, true}, notesOf, ""},
		{"a resistance", func(b *edlBlock) { b.resistance = 1000 }, zoneOffset{}, func(m *Message) string { return m.Cable.Resistance }, "1000"},
	} {
		b := readBlock(edlBegin.block(t))
		c.change(&b)
		m := Message{Signature: Signature{Algorithm: edlAlgorithmP192}}
		m.takeBlock(b.bytes(), c.stated)
		if got := c.got(&m); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func clockOf(m *Message) string { return string(m.Entries[0].Clock) }

func statusOf(m *Message) string {
	words := map[Quality]string{Good: "good ", Bad: "bad "}
	return words[m.Entries[0].Quality] + m.Entries[0].Status
}
func unitOf(m *Message) string    { return m.Entries[0].Unit }
func obisOf(m *Message) string    { return m.Entries[0].OBIS }
func userOf(m *Message) string    { return m.User.ID }
func makerText(m *Message) string { return m.Maker.Vendor }
func notesOf(m *Message) string   { return reasonCodes(m.Notes) }

func reasonCodes(reasons []Reason) string {
	var codes []string
	for _, r := range reasons {
		codes = append(codes, r.Code)
	}
	return strings.Join(codes, " ")
}

// The later meters are told the contract anew for each reading, with the number of the reading before it.
func TestUserOfLaterMeters(t *testing.T) {
	for contract, want := range map[string]string{"\x01AB": "AB", "\x02AB": "AB", "\x03AB": "034142", "AB": "AB", "\x01": "", "": ""} {
		m := Message{Signature: Signature{Algorithm: edlAlgorithmP256}}
		if got := m.edlUser(edlBlock{contract: []byte(contract), since: 5}); got.ID != want || got.Since != "" {
			t.Errorf("%q: %+v, want %q", contract, got, want)
		}
	}
}

func TestTakeRaw(t *testing.T) {
	for _, c := range []struct {
		length    int
		algorithm string
		size, log int
		fault     string
	}{
		{0, "", 0, 0, "signature-missing"},
		{47, "", 0, 0, "signature-unreadable"},
		{48, edlAlgorithmP192, 48, 0, ""},
		{49, "", 0, 0, "signature-unreadable"},
		{50, edlAlgorithmP192, 48, 2, ""},
		{64, edlAlgorithmP256, 64, 0, ""},
		{66, edlAlgorithmP256, 64, 2, ""},
		{68, "", 0, 0, "signature-unreadable"},
	} {
		var m Message
		log := m.takeRaw(make([]byte, c.length), "hex")
		if m.Signature.Algorithm != c.algorithm || len(m.Signature.Bytes) != c.size || len(log) != c.log ||
			reasonCodes(m.Faults) != c.fault || m.Signature.Raw != (c.size > 0) {
			t.Errorf("%d bytes: %+v, log %x", c.length, m, log)
		}
	}
}

// judgeMessages judges messages with the key beside them under the profile reference.
func judgeEvidence(t testing.TB, key []byte, messages ...Message) Verdict {
	t.Helper()
	p, ok := ProfileNamed("reference")
	if !ok {
		t.Fatal("no profile reference")
	}
	return Checker{}.Judge(Evidence{Key: hex.EncodeToString(key), Messages: messages}, nil, p)
}

// expectTwin demands that a changed record is refused with one of the right words.
func expectTwin(t *testing.T, name string, v Verdict, words ...Word) {
	t.Helper()
	if !slices.Contains(words, v.Word) {
		t.Errorf("%s: got %q [%s], want one of %q", name, v.Word, codes(v), words)
	}
}

// expectProof demands the session of the tests.
func expectProof(t *testing.T, v Verdict, format, curveName string) {
	t.Helper()
	if v.Word != Valid || v.Energy != 21_250_000 || v.Format != format || v.Curve != curveName {
		t.Fatalf("got %s [%s], %d µkWh, %s on %s: %+v", v.Word, codes(v), v.Energy, v.Format, v.Curve, v.Reasons)
	}
	if v.Begin.Time != parseUTC(t, "2026-10-05 06:00:00") || v.End.Time != parseUTC(t, "2026-10-05 07:30:00") {
		t.Errorf("from %s to %s", v.Begin.Time, v.End.Time)
	}
}

// flip changes one bit.
func flip(b []byte, bit int) []byte {
	out := bytes.Clone(b)
	out[bit/8] ^= 1 << (bit % 8)
	return out
}
