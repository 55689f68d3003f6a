package meter

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"wattdue/meter/sml"
)

// list is the answer of a meter with the reading, as the test meters of the first generation send it: wall clock two
// hours ahead of UTC.
func (c edlCase) list(t testing.TB, signature []byte) sml.List {
	local := func(wall uint32) *sml.Time {
		return &sml.Time{Kind: sml.Local, Seconds: wall - 7200, Local: 60, Season: 60}
	}
	return sml.List{
		Server: edlServer, Signature: append(bytes.Clone(signature), unhexed(t, c.log)...),
		Values: []sml.Value{
			{
				Object: [6]byte{1, 0, 1, 0x11, 0, 255}, Status: uint64(c.status), HasStatus: true, Time: local(c.seconds), Unit: 30,
				Scaler: -1, Number: c.value, IsNumber: true,
			},
			{Object: [6]byte{0x81, 0, 0x60, 8, 0, 1}, Moment: &sml.Time{Kind: sml.Index, Seconds: c.index}},
			{Object: [6]byte{0x81, 0x80, 0x81, 0x71, 1, 255}, Number: int64(c.page), IsNumber: true},
			{Object: [6]byte{0x81, 0x82, 0x81, 0x54, 1, 255}, Time: local(c.since), Bytes: []byte(c.contract)},
		},
	}
}

func edlKey(t testing.TB) rawKey    { return rawKeyOf(t, "secp192r1", "edl") }
func edlKeyHex(t testing.TB) string { return hex.EncodeToString(edlKey(t).public()) }

// signedList signs the reading and writes the list, after a change of what is written.
func (c edlCase) signedList(t testing.TB, change func(l *sml.List)) []byte {
	l := c.list(t, edlKey(t).sign(c.block(t)))
	if change != nil {
		change(&l)
	}
	return sml.Write(l)
}

// laterList is the answer of a meter that signs on P-256, built by the table of its longer status word: bit 31 is bit 3 of
// the block, the synchronous clock. The bits 2 and 18 are not signed.
func laterList(t testing.TB, c edlCase, change func(l *sml.List)) []byte {
	block := c.block(t)
	copy(block[173:], []byte{1, 2, 3, 4, 0, 0, 0, 0}) // historic
	copy(block[181:], []byte{5, 6, 7, 0, 0, 0, 0, 0}) // compensated
	copy(block[189:], []byte{0xe8, 3})                // 1000
	copy(block[191:], []byte{0x10, 0x0e, 0, 0})       // 3600
	l := c.list(t, rawKeyOf(t, "secp256r1", "edl").sign(block))
	l.Values[0].Status = 1<<31 | 1<<18 | 1<<2
	number := func(object string, n int64) sml.Value {
		return sml.Value{Object: [6]byte(unhexed(t, object)), Number: n, IsNumber: true}
	}
	l.Values = append(l.Values, number("010001110064", 0x04030201), number("0100011100c8", 0x070605), number("00af6c6c72ff", 1000),
		number("00af647572ff", 3600), number("00af707263ff", 0), number("00af737672ff", 4))
	if change != nil {
		change(&l)
	}
	return sml.Write(l)
}

func laterPair() (begin, end edlCase) {
	begin, end = edlBegin, edlEnd
	begin.contract, end.contract, end.since = "\x01card", "\x02card", wallEnd-9
	return begin, end
}

func TestDecodeEDL40P(t *testing.T) {
	begin, end := DecodeEDL40P(edlBegin.signedList(t, nil)), DecodeEDL40P(edlEnd.signedList(t, nil))
	if !bytes.Equal(begin.Signed, edlBegin.block(t)) {
		t.Errorf("signed %x\nwant   %x", begin.Signed, edlBegin.block(t))
	}
	v := judgeEvidence(t, edlKey(t).public(), end, begin) // pages say which is first
	expectProof(t, v, "EDL_40_P", "secp192r1")
	if !v.TimeUsable || !v.DurationUsable || v.Manufacturer != "EMH" || v.MeterID != "0901454d480000123456" || codes(v) != "" {
		t.Errorf("%+v", v)
	}
}

func TestDecodeLaterEDL40P(t *testing.T) {
	b, e := laterPair()
	begin, end := DecodeEDL40P(laterList(t, b, nil)), DecodeEDL40P(laterList(t, e, nil))
	v := judgeEvidence(t, rawKeyOf(t, "secp256r1", "edl").public(), begin, end)
	expectProof(t, v, "EDL_40_P", "secp256r1")
	if begin.Version != "4" || begin.Cable != (Cable{Stated: true, Resistance: "1000"}) || begin.User.ID != "card" || codes(v) != "" {
		t.Errorf("%+v", begin)
	}
}

// Each bit of the longer status word, alone, in the bit of the byte it belongs to.
func TestStatusOfLaterMeters(t *testing.T) {
	want := map[int]byte{17: 1, 31: 8, 16: 16, 11: 32, 9: 64, 8: 128}
	for bit := range 64 {
		m := DecodeEDL40P(laterList(t, edlBegin, func(l *sml.List) { l.Values[0].Status = 1 << bit }))
		if got := m.Signed[14]; got != want[bit] {
			t.Errorf("bit %d: %08b, want %08b", bit, got, want[bit])
		}
	}
	// Of the first generation the low byte counts.
	m := DecodeEDL40P(edlBegin.signedList(t, func(l *sml.List) { l.Values[0].Status = 0x80020148 }))
	if m.Signed[14] != 0x48 {
		t.Errorf("first generation: %02x", m.Signed[14])
	}
}

func TestEDL40PFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(l *sml.List)
		faults string
	}{
		{"no reading", func(l *sml.List) { l.Values = l.Values[1:] }, "readings-missing"},
		{"the import register instead", func(l *sml.List) { l.Values[0].Object[3] = 8 }, ""},
		{"a reading that is no number", func(l *sml.List) { l.Values[0].IsNumber = false }, "value-unreadable"},
		{"no server id", func(l *sml.List) { l.Server = nil }, "field-missing"},
		{"a server id of eleven bytes", func(l *sml.List) { l.Server = make([]byte, 11) }, "field-unfit"},
		{"a contract of 129 bytes", func(l *sml.List) { l.Values[3].Bytes = make([]byte, 129) }, "field-unfit"},
		{"a contract of 128 bytes", func(l *sml.List) { l.Values[3].Bytes = make([]byte, 128) }, ""},
		{"a contract that is a number", func(l *sml.List) { l.Values[3].IsNumber = true }, "value-unreadable"},
		{"a page below zero", func(l *sml.List) { l.Values[2].Number = -1 }, "field-unfit"},
		{"a page of five bytes", func(l *sml.List) { l.Values[2].Number = 1 << 32 }, "field-unfit"},
		{"a time before 1970", func(l *sml.List) { l.Values[0].Time = &sml.Time{Kind: sml.Local, Local: -1} }, "field-unfit"},
		{"a time beyond four bytes", func(l *sml.List) {
			l.Values[0].Time = &sml.Time{Kind: sml.Local, Seconds: 1<<32 - 1, Local: 1}
		}, "field-unfit"},
		{"no time", func(l *sml.List) { l.Values[0].Time = nil }, ""},
		{"no signature", func(l *sml.List) { l.Signature = nil }, "signature-missing"},
		{"a short signature", func(l *sml.List) { l.Signature = l.Signature[:49] }, "signature-unreadable"},
	} {
		m := DecodeEDL40P(edlBegin.signedList(t, c.change))
		if got := reasonCodes(m.Faults); got != c.faults {
			t.Errorf("%s: %q, want %q", c.name, got, c.faults)
		}
	}
	if m := DecodeEDL40P([]byte("\x1b\x1b\x1b\x1b\x01\x01\x01\x01nothing")); reasonCodes(m.Faults) != "list-unreadable" {
		t.Errorf("%+v", m.Faults)
	}
}

// One bit in each of value, time, id, key and signature, and in whatever else the block takes from the list.
func TestTamperedEDL40P(t *testing.T) {
	key := edlKey(t).public()
	for _, c := range []struct {
		name   string
		change func(l *sml.List)
	}{
		{"value", func(l *sml.List) { l.Values[0].Number ^= 1 }},
		{"time", func(l *sml.List) { l.Values[0].Time.Seconds ^= 1 }},
		{"zone", func(l *sml.List) { l.Values[0].Time.Season = 0 }},
		{"unit", func(l *sml.List) { l.Values[0].Unit ^= 1 }},
		{"scaler", func(l *sml.List) { l.Values[0].Scaler ^= 1 }},
		{"status", func(l *sml.List) { l.Values[0].Status ^= 1 }},
		{"register", func(l *sml.List) { l.Values[0].Object[3] = 8 }},
		{"meter id", func(l *sml.List) { l.Server = flip(l.Server, 72) }},
		{"contract id", func(l *sml.List) { l.Values[3].Bytes = flip(l.Values[3].Bytes, 8) }},
		{"contract time", func(l *sml.List) { l.Values[3].Time.Seconds ^= 1 }},
		{"page", func(l *sml.List) { l.Values[2].Number ^= 4 }},
		{"second index", func(l *sml.List) { l.Values[1].Moment.Seconds ^= 1 }},
		{"r", func(l *sml.List) { l.Signature = flip(l.Signature, 5) }},
		{"s", func(l *sml.List) { l.Signature = flip(l.Signature, 300) }},
		{"log book", func(l *sml.List) { l.Signature = flip(l.Signature, 8*49) }},
	} {
		end := DecodeEDL40P(edlEnd.signedList(t, c.change))
		expectTwin(t, c.name, judgeEvidence(t, key, DecodeEDL40P(edlBegin.signedList(t, nil)), end), InvalidSignature)
	}
	begin, end := DecodeEDL40P(edlBegin.signedList(t, nil)), DecodeEDL40P(edlEnd.signedList(t, nil))
	expectTwin(t, "key", judgeEvidence(t, flip(key, 0), begin, end), KeyMalformed)
	expectTwin(t, "key of another meter", judgeEvidence(t, rawKeyOf(t, "secp192r1", "other").public(), begin, end), InvalidSignature)
	expectTwin(t, "key of another curve", judgeEvidence(t, rawKeyOf(t, "secp256r1", "edl").public(), begin, end), KeyMalformed)
}

// A change anywhere in the file either leaves everything signed as it was, and then the frame tells, or is refused.
func TestEveryByteOfEDL40P(t *testing.T) {
	key, file := edlKey(t).public(), edlEnd.signedList(t, nil)
	begin, whole := DecodeEDL40P(edlBegin.signedList(t, nil)), DecodeEDL40P(file)
	for i := range file {
		changed := DecodeEDL40P(flip(file, 8*i+i%8))
		v := judgeEvidence(t, key, begin, changed)
		if v.Word != Valid {
			expectTwin(t, fmt.Sprintf("byte %d", i), v, InvalidSignature, RecordMalformed)
			continue
		}
		if !bytes.Equal(changed.Signed, whole.Signed) || changed.Entries[0] != whole.Entries[0] || !v.Has("transport-deviation") {
			t.Errorf("byte %d: accepted with other content: %+v", i, changed)
		}
	}
}

func edlCarried(cases ...func(t testing.TB) []byte) func(t testing.TB) []string {
	return func(t testing.TB) []string {
		var out []string
		for _, c := range cases {
			out = append(out, hex.EncodeToString(c(t)))
		}
		return out
	}
}

// edlPair is the session of the tests with other values in it, each signed as it is.
func edlPair(change func(begin, end *edlCase)) func(t testing.TB) []string {
	begin, end := edlBegin, edlEnd
	change(&begin, &end)
	return edlCarried(
		func(t testing.TB) []byte { return begin.signedList(t, nil) },
		func(t testing.TB) []byte { return end.signedList(t, nil) },
	)
}

var edl40Cases = []evidenceCase{
	{
		name: "EDL_40_P, begin and end", carried: edlPair(func(_, _ *edlCase) {}), key: edlKeyHex,
		word: Valid, signature: SignatureValid, session: SessionComplete,
	},
	{
		name: "EDL_40_P, only one reading", carried: edlCarried(func(t testing.TB) []byte { return edlBegin.signedList(t, nil) }),
		key: edlKeyHex, word: NotBillable, signature: SignatureValid, session: SessionIncomplete, codes: "begin-missing end-missing",
	},
	{
		name: "EDL_40_P, the log book grew during the session", carried: edlPair(func(_, e *edlCase) { e.log = "001b" }), key: edlKeyHex,
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "event-counter",
	},
	{
		name: "EDL_40_P, the same page twice", carried: edlPair(func(b, e *edlCase) { e.page = b.page }), key: edlKeyHex,
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "page-gap",
	},
	{
		name: "EDL_40_P, pages with others between", carried: edlPair(func(_, e *edlCase) { e.page += 10 }), key: edlKeyHex,
		word: Valid, signature: SignatureValid, session: SessionComplete,
	},
	{
		name: "EDL_40_P, another contract", carried: edlPair(func(_, e *edlCase) { e.contract = "\x04\xa1\xb2\xc4" }), key: edlKeyHex,
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "user-differs",
	},
	{
		name: "EDL_40_P, the same contract entered anew", carried: edlPair(func(_, e *edlCase) { e.since++ }), key: edlKeyHex,
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "user-differs",
	},
	{
		name: "EDL_40_P, an error at the end", carried: edlPair(func(_, e *edlCase) { e.status |= 1 }), key: edlKeyHex,
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "status-not-good",
	},
	{
		name: "EDL_40_P, seconds that ran backwards", carried: edlPair(func(_, e *edlCase) { e.index = 4999 }), key: edlKeyHex,
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "time-falls",
	},
	{
		name: "EDL_40_P, a clock that is not synchronous", carried: edlPair(func(b, e *edlCase) { b.status, e.status = 0, 0 }), key: edlKeyHex,
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "EDL_40_P, neither clock nor counter", carried: edlPair(func(b, e *edlCase) { *b, *e = b.withoutClock(), e.withoutClock() }),
		key: edlKeyHex, word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-unusable",
	},
	{
		name: "EDL_40_P, a cut list", key: edlKeyHex, word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete,
		codes:   "list-unreadable",
		carried: edlCarried(func(t testing.TB) []byte { return edlBegin.signedList(t, nil)[:100] }),
	},
	{
		name: "EDL_40_P, a value signed with the wrong key and a damaged frame", key: edlKeyHex, word: InvalidSignature,
		signature: SignatureInvalid, session: SessionIncomplete, codes: "transport-deviation signature-invalid begin-missing end-missing",
		carried: edlCarried(func(t testing.TB) []byte {
			file := edlBegin.signedList(t, func(l *sml.List) { l.Values[0].Number++ })
			return flip(file, 8*len(file)-1)
		}),
	},
	{
		name: "EDL_40_P, another zone stated than Berlin has", key: edlKeyHex, word: Valid, signature: SignatureValid,
		session: SessionComplete, codes: "zone-contradicts zone-contradicts",
		carried: edlCarried(
			func(t testing.TB) []byte { return edlBegin.signedList(t, atUTC) },
			func(t testing.TB) []byte { return edlEnd.signedList(t, atUTC) },
		),
	},
	{
		name: "EDL_40_P, a contract that does not fit", key: edlKeyHex, word: RecordMalformed, signature: SignatureUnchecked,
		session: SessionIncomplete, codes: "field-unfit",
		carried: edlCarried(func(t testing.TB) []byte {
			return edlBegin.signedList(t, func(l *sml.List) { l.Values[3].Bytes = []byte(strings.Repeat("A", 129)) })
		}),
	},
	{
		name: "EDL_40_P, no server id", key: edlKeyHex, word: RecordMalformed, signature: SignatureUnchecked,
		session: SessionIncomplete, codes: "field-missing",
		carried: edlCarried(func(t testing.TB) []byte {
			return edlBegin.signedList(t, func(l *sml.List) { l.Server = nil })
		}),
	},
}

func (c edlCase) withoutClock() edlCase {
	c.status, c.index = 0, 0
	return c
}

// atUTC writes the same wall clock as one without any offset.
func atUTC(l *sml.List) {
	*l.Values[0].Time = sml.Time{Kind: sml.Local, Seconds: uint32(l.Values[0].Time.LocalSeconds())}
}

// FuzzEDL40P: nothing panics, and what is read without faults has a block of the right length that says what is shown.
func FuzzEDL40P(f *testing.F) {
	f.Add(edlBegin.signedList(f, nil))
	b, e := laterPair()
	f.Add(laterList(f, b, nil))
	f.Add(laterList(f, e, func(l *sml.List) { l.GatewayTime = &sml.Time{Kind: sml.Timestamp, Seconds: 5} }))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkBlockMessage(t, DecodeEDL40P(b))
	})
}

// checkBlockMessage holds for every message of the family.
func checkBlockMessage(t *testing.T, m Message) {
	t.Helper()
	if len(m.Faults) > 0 {
		return
	}
	if len(m.Signed) != 320 || len(m.Entries) == 0 || len(m.Signature.Bytes) != 48 && len(m.Signature.Bytes) != 64 {
		t.Fatalf("accepted without block, reading or signature: %+v", m)
	}
	if m.Meter != hex.EncodeToString(m.Signed[:10]) && !strings.HasPrefix(hex.EncodeToString(m.Signed[:10]), m.Meter) {
		t.Fatalf("meter %s, signed %x", m.Meter, m.Signed[:10])
	}
	if v := judgeEvidence(t, nil, m); v.Billable() {
		t.Fatal("billable without a key")
	}
}
