package meter

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"wattdue/meter/sml"
)

// isaCase is the session of the tests as an ISA meter signs it.
type isaCase struct {
	start, actual             uint32 // on the wall
	startValue, actualValue   int64
	startStatus, actualStatus uint64
	list                      string // hex
	page                      uint32
}

var isaStop = isaCase{wallBegin, wallEnd, 1_000_500, 1_213_000, 0x0400000000000018, 0x04000004c0000018, "8180816202ff", 7}

const isaLog = "00a4"

func isaServer() []byte { return []byte{0x09, 0x01, 'I', 'S', 'A', 0, 0, 0, 0, 1} }

// valueSignature stands in the block like any other field; nobody has the key to check it.
func valueSignature() []byte { return bytes.Repeat([]byte{0x5b, 0x40, 0x4d}, 22) }

// block writes the fields at the places of the published layout.
func (c isaCase) block(t testing.TB) []byte {
	b, le := make([]byte, 320), binary.LittleEndian
	copy(b, isaServer())
	le.PutUint32(b[10:], c.actual)
	b[14] = byte(c.actualStatus)
	copy(b[15:], "\x01\x00\x01\x08\x00\xff\x1e\xff") // 1.8.0 in tenths of Wh
	le.PutUint64(b[23:], uint64(c.actualValue))
	copy(b[31:], unhexed(t, isaLog))
	copy(b[33:], valueSignature())
	copy(b[99:], "DE-TST-C12345678-9")
	le.PutUint32(b[227:], c.start)
	copy(b[231:], "ESTH bytes")
	b[251] = byte(c.startStatus)
	copy(b[252:], "\x01\x00\x01\x08\x00\x80\x1e\xff")
	le.PutUint64(b[260:], uint64(c.startValue))
	copy(b[268:], unhexed(t, c.list))
	le.PutUint32(b[274:], c.page)
	return b
}

func isaKey(t testing.TB) rawKey { return rawKeyOf(t, "secp256r1", "isa") }

func isaKeyHex(t testing.TB) string { return hex.EncodeToString(isaKey(t).public()) }

// file signs the session and writes the list, after a change of what is written. Times are the wall clock, called UTC.
func (c isaCase) file(t testing.TB, change func(l *sml.List)) []byte {
	reading := func(object string, at uint32, status uint64, value int64) sml.Value {
		return sml.Value{
			Object: [6]byte(unhexed(t, object)), Status: status, HasStatus: true, Time: &sml.Time{Kind: sml.Timestamp, Seconds: at},
			Unit: 30, Scaler: -1, Number: value, IsNumber: true,
		}
	}
	actual := reading("0100010800ff", c.actual, c.actualStatus, c.actualValue)
	actual.Signature = valueSignature()
	l := sml.List{
		Server: isaServer(), ListName: unhexed(t, c.list),
		Signature: append(isaKey(t).sign(c.block(t)), unhexed(t, isaLog)...),
		Values: []sml.Value{
			{Object: [6]byte(unhexed(t, "8182815401ff")), Bytes: []byte("DE-TST-C12345678-9")},
			reading("010001080080", c.start, c.startStatus, c.startValue),
			{Object: [6]byte(unhexed(t, "8180c7f040ff")), Number: int64(c.page), IsNumber: true},
			{Object: [6]byte(unhexed(t, "8180816101ff")), Bytes: []byte("ESTH bytes")},
			actual,
		},
	}
	if change != nil {
		change(&l)
	}
	return sml.Write(l)
}

// Places of the values in the list.
const (
	isaContract = iota
	isaStart
	isaPage
	isaESTH
	isaActual
)

func TestDecodeISA(t *testing.T) {
	m := DecodeISA(isaStop.file(t, nil))
	if !bytes.Equal(m.Signed, isaStop.block(t)) {
		t.Errorf("signed %x\nwant   %x", m.Signed, isaStop.block(t))
	}
	want := []Entry{
		{
			Tx: TxBegin, Time: parseUTC(t, "2026-10-05 06:00:00"), Zone: 7200, Wall: true, Clock: ClockSynchronised,
			Value: Decimal{10005, 2}, Unit: "Wh", Scale: -1, OBIS: "1-0:1.8.0*255", Status: "18", Quality: Good, Events: isaLog,
		},
		{
			Tx: TxEnd, Time: parseUTC(t, "2026-10-05 07:30:00"), Zone: 7200, Wall: true, Clock: ClockSynchronised,
			Value: Decimal{1213, 2}, Unit: "Wh", Scale: -1, OBIS: "1-0:1.8.0*255", Status: "18", Quality: Good, Events: isaLog,
		},
	}
	want[0].Value.Exp = 1 // 1,000,500 tenths are 10005 tens
	if len(m.Entries) != 2 || m.Entries[0] != want[0] || m.Entries[1] != want[1] {
		t.Errorf("got  %+v\nwant %+v", m.Entries, want)
	}
	if m.Meter != "09014953410000000001" || m.Maker.Vendor != "ISA" || m.User.ID != "DE-TST-C12345678-9" ||
		m.Page != (Page{"7", "", 7, PageNone, true}) || len(m.Faults)+len(m.Notes) > 0 {
		t.Errorf("%+v", m)
	}
	expectProof(t, judgeEvidence(t, isaKey(t).public(), m), "ISA_EDL_40_P", "secp256r1")
	if decoded := Decode(isaStop.file(t, nil)); len(decoded) != 1 || decoded[0].Format != "ISA_EDL_40_P" {
		t.Errorf("taken for %s", decoded[0].Format)
	}
}

// On 25 October 2026 the wall shows 02:50 and, 20 minutes later, 02:10.
func TestISAOverTheHour(t *testing.T) {
	c := isaStop
	c.start = uint32(parseUTC(t, "2026-10-25 02:50:00").Unix())
	c.actual = c.start - 40*60
	m := DecodeISA(c.file(t, nil))
	v := judgeEvidence(t, isaKey(t).public(), m)
	if v.Word != Valid || v.Begin.Time != parseUTC(t, "2026-10-25 00:50:00") || v.End.Time != parseUTC(t, "2026-10-25 01:10:00") {
		t.Errorf("%s [%s] from %s to %s", v.Word, codes(v), v.Begin.Time, v.End.Time)
	}
}

func TestISAFaults(t *testing.T) {
	without := func(i int) func(l *sml.List) {
		return func(l *sml.List) { l.Values = append(l.Values[:i:i], l.Values[i+1:]...) }
	}
	for _, c := range []struct {
		name   string
		change func(l *sml.List)
		faults string
	}{
		{"no start value", without(isaStart), "field-missing"},
		{"no actual value", without(isaActual), "field-missing field-missing"}, // and its signature with it
		{"no contract", without(isaContract), "field-missing"},
		{"no page", without(isaPage), "field-missing"},
		{"no ESTH", without(isaESTH), "field-missing"},
		{"no server id", func(l *sml.List) { l.Server = nil }, "field-missing"},
		{"no signature of the actual value", func(l *sml.List) { l.Values[isaActual].Signature = nil }, "field-missing"},
		{"a longer one", func(l *sml.List) { l.Values[isaActual].Signature = make([]byte, 67) }, "field-unfit"},
		{"ESTH of 21 bytes", func(l *sml.List) { l.Values[isaESTH].Bytes = make([]byte, 21) }, "field-unfit"},
		{"a contract of 129 bytes", func(l *sml.List) { l.Values[isaContract].Bytes = make([]byte, 129) }, "field-unfit"},
		{"no list name", func(l *sml.List) { l.ListName = nil }, "field-unfit"},
		{"a list name of another meter", func(l *sml.List) { l.ListName[3] = 0x73 }, "field-unfit"},
		{"a page that is text", func(l *sml.List) { l.Values[isaPage].IsNumber = false }, "value-unreadable"},
		{"a contract that is a number", func(l *sml.List) { l.Values[isaContract].IsNumber = true }, "value-unreadable"},
		{"a start that is text", func(l *sml.List) { l.Values[isaStart].IsNumber = false }, "value-unreadable"},
		{"no log book", func(l *sml.List) { l.Signature = l.Signature[:64] }, "signature-unreadable"},
		{"a signature of the other curve", func(l *sml.List) { l.Signature = l.Signature[:50] }, "signature-unreadable"},
		{"no signature", func(l *sml.List) { l.Signature = nil }, "signature-missing"},
	} {
		m := DecodeISA(isaStop.file(t, c.change))
		if got := reasonCodes(m.Faults); got != c.faults {
			t.Errorf("%s: %q, want %q", c.name, got, c.faults)
		}
		expectTwin(t, c.name, judgeEvidence(t, isaKey(t).public(), m), RecordMalformed)
	}
	if m := DecodeISA([]byte("nothing")); reasonCodes(m.Faults) != "list-unreadable" {
		t.Errorf("%+v", m.Faults)
	}
}

// One thing changed after signing.
func TestTamperedISA(t *testing.T) {
	key := isaKey(t).public()
	for _, c := range []struct {
		name   string
		change func(l *sml.List)
	}{
		{"start value", func(l *sml.List) { l.Values[isaStart].Number ^= 1 }},
		{"actual value", func(l *sml.List) { l.Values[isaActual].Number ^= 1 }},
		{"start time", func(l *sml.List) { l.Values[isaStart].Time.Seconds ^= 1 }},
		{"actual time", func(l *sml.List) { l.Values[isaActual].Time.Seconds ^= 1 }},
		{"start status", func(l *sml.List) { l.Values[isaStart].Status ^= 1 }},
		{"actual scaler", func(l *sml.List) { l.Values[isaActual].Scaler ^= 1 }},
		{"meter id", func(l *sml.List) { l.Server = flip(l.Server, 72) }},
		{"contract id", func(l *sml.List) { l.Values[isaContract].Bytes = flip(l.Values[isaContract].Bytes, 0) }},
		{"page", func(l *sml.List) { l.Values[isaPage].Number ^= 1 }},
		{"ESTH", func(l *sml.List) { l.Values[isaESTH].Bytes = flip(l.Values[isaESTH].Bytes, 0) }},
		{"a start called stop", func(l *sml.List) { l.ListName[4] = 0 }},
		{"signature of the value", func(l *sml.List) { l.Values[isaActual].Signature[0] ^= 1 }},
		{"signature", func(l *sml.List) { l.Signature = flip(l.Signature, 9) }},
		{"log book", func(l *sml.List) { l.Signature = flip(l.Signature, 8*65) }},
	} {
		expectTwin(t, c.name, judgeEvidence(t, key, DecodeISA(isaStop.file(t, c.change))), InvalidSignature)
	}
	m := DecodeISA(isaStop.file(t, nil))
	expectTwin(t, "key", judgeEvidence(t, flip(key, 0), m), KeyMalformed)
	expectTwin(t, "key cut", judgeEvidence(t, key[:63], m), KeyMalformed)
	for i, file := 0, isaStop.file(t, nil); i < len(file); i++ {
		changed := DecodeISA(flip(file, 8*i+i%8))
		v := judgeEvidence(t, key, changed)
		if v.Word != Valid {
			expectTwin(t, fmt.Sprintf("byte %d", i), v, InvalidSignature, RecordMalformed)
			continue
		}
		if !bytes.Equal(changed.Signed, m.Signed) || !v.Has("transport-deviation") {
			t.Errorf("byte %d: accepted with other content", i)
		}
	}
}

// isaCarried is the session with another list name.
func isaCarried(lists ...string) func(t testing.TB) []string {
	return func(t testing.TB) []string {
		var out []string
		for i, list := range lists {
			c := isaStop
			c.list, c.page = list, c.page+uint32(i)
			if list == "8180816200ff" {
				c.actual, c.actualValue = c.start, c.startValue
			}
			out = append(out, hex.EncodeToString(c.file(t, nil)))
		}
		return out
	}
}

var isaCases = []evidenceCase{
	{
		name: "ISA_EDL_40_P, a stop list", carried: isaCarried("8180816202ff"), key: isaKeyHex, word: Valid,
		signature: SignatureValid, session: SessionComplete,
	},
	{
		name: "ISA_EDL_40_P, a start list alone", carried: isaCarried("8180816200ff"), key: isaKeyHex, word: NotBillable,
		signature: SignatureValid, session: SessionIncomplete, codes: "end-missing",
	},
	{
		name: "ISA_EDL_40_P, an update list alone", carried: isaCarried("8180816201ff"), key: isaKeyHex, word: NotBillable,
		signature: SignatureValid, session: SessionIncomplete, codes: "end-missing",
	},
	{
		name: "ISA_EDL_40_P, the lists of one session", carried: isaCarried("8180816200ff", "8180816201ff", "8180816202ff"), key: isaKeyHex,
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "begin-repeated",
	},
}

// FuzzISA: nothing panics, and what is read without faults has a block and a begin.
func FuzzISA(f *testing.F) {
	f.Add(isaStop.file(f, nil))
	f.Add(isaStop.file(f, func(l *sml.List) { l.ListName[4] = 1 }))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkBlockMessage(t, DecodeISA(b))
	})
}
