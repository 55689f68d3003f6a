package meter

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// pcdfSession is the record of the tests up to its key: 21.250 kWh from 08:00 to 09:30, summer time.
const pcdfSession = "128.8.0(ST:261005080000)(CT:261005093000)(CD:013000)(TV:1)(BV:1)(CSC:42)(SP:1)(RV:0021.250*kWh)" +
	"(SI:04A1B2C3D4E5F6*1*TX-7)(CS:513f627b)(HW:12345678901)(DT:0)"

func pcdfSigner() curveSigner { return newSigner("secp256r1", "dispenser one") }

// pcdfLine signs the changed session with the key it names.
func pcdfLine(t testing.TB, oldNew ...string) string {
	text := swap(t, pcdfSession, oldNew...) + "(PK:" + hex.EncodeToString(pcdfSigner().point) + ")"
	return text + "(SG:" + hex.EncodeToString(pcdfSigner().der([]byte(text))) + ")"
}

func TestDecodePCDF(t *testing.T) {
	line := pcdfLine(t)
	m := DecodePCDF([]byte("\x02" + line + "\x03"))
	if len(m.Faults)+len(m.Notes) > 0 {
		t.Fatal(m.Faults, m.Notes)
	}
	begin := Entry{
		Tx: TxBegin, Time: time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC), Zone: 7200, Wall: true, Clock: ClockSynchronised,
		Unit: "kWh", OBIS: "128.8.0", Status: "BV 1, SP 1", Quality: Good,
	}
	end := begin
	end.Tx, end.Time, end.Value = TxEnd, time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC), Decimal{2125, -2}
	if m.Entries[0] != begin || m.Entries[1] != end {
		t.Errorf("got  %+v\nwant %+v %+v", m.Entries, begin, end)
	}
	for _, c := range [][2]string{
		{string(m.Signed), line[:strings.Index(line, "(SG:")]},
		{m.Session, "TX-7"},
		{m.User.Kind, "ISO14443"},
		{m.User.ID, "04A1B2C3D4E5F6"},
		{m.Meter, "12345678901"},
		{m.Firmware, "513f627b"},
		{m.Maker.Model, "DC meter 0"},
		{m.Key, hex.EncodeToString(pcdfSigner().point)},
		{m.Page.Text, "42"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
	if m.Page.Number != 42 || !m.Page.Read {
		t.Errorf("page %+v", m.Page)
	}
}

func TestPCDFUser(t *testing.T) {
	for _, c := range [][4]string{
		{"55*1*959bff1e", "ISO14443", "55", "959bff1e"},
		{"DE*TST*C12345678*2*7", "EMAID", "DE*TST*C12345678", "7"},
		{"4111*3*7", "ISO7812", "4111", "7"},
		{"app*4*7", "CENTRAL", "app", "7"},
		{"phone*5*7", "NFC", "phone", "7"},
		{"somebody*9*7", "", "somebody", "7"},
		{"*1*", "ISO14443", "", ""},
	} {
		var m Message
		m.pcdfUser(c[0])
		if m.User.Kind != c[1] || m.User.ID != c[2] || m.Session != c[3] || len(m.Faults) > 0 {
			t.Errorf("%s: %+v %q %v", c[0], m.User, m.Session, m.Faults)
		}
	}
}

// TestPCDFClockChanges: on 25 October 2026 the wall clock shows 02:00 to 03:00 twice, on 29 March it skips that hour.
func TestPCDFClockChanges(t *testing.T) {
	for _, c := range []struct {
		name, from, to, ran string
		begin, end          string // UTC
		clock               Clock
	}{
		{"across the clock change back", "261025013000", "261025033000", "030000", "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z", "S"},
		{"the first two o'clock", "261025013000", "261025023000", "010000", "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "S"},
		{"the second two o'clock", "261025013000", "261025023000", "020000", "2026-10-24T23:30:00Z", "2026-10-25T01:30:00Z", "S"},
		{"from the first to the second", "261025025000", "261025021000", "002000", "2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z", "S"},
		{"from the second on", "261025023000", "261025033000", "010000", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z", "S"},
		{"from the first on", "261025023000", "261025033000", "020000", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", "S"},
		{"across the clock change forward", "260329013000", "260329033000", "010000", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "S"},
		{"a second cut", "261005080000", "261005080959", "001000", "2026-10-05T06:00:00Z", "2026-10-05T06:09:59Z", "S"},
		{"two seconds are no cut", "261005080000", "261005080958", "001000", "2026-10-05T06:00:00Z", "2026-10-05T06:09:58Z", "I"},
	} {
		line := pcdfLine(t, "ST:261005080000", "ST:"+c.from, "CT:261005093000", "CT:"+c.to, "CD:013000", "CD:"+c.ran)
		e := DecodePCDF([]byte(line)).Entries
		begin, end := e[0].Time.Format(time.RFC3339), e[1].Time.Format(time.RFC3339)
		if begin != c.begin || end != c.end || e[0].Clock != c.clock || e[1].Clock != c.clock {
			t.Errorf("%s: %s to %s, %s %s", c.name, begin, end, e[0].Clock, e[1].Clock)
		}
	}
}

// pcdfCase is a record with signed changes.
func pcdfCase(oldNew ...string) func(testing.TB) []string {
	return func(t testing.TB) []string { return []string{pcdfLine(t, oldNew...)} }
}

// pcdfAfter changes a record after it was signed.
func pcdfAfter(oldNew ...string) func(testing.TB) []string {
	return func(t testing.TB) []string { return []string{swap(t, pcdfLine(t), oldNew...)} }
}

var pcdfCases = []evidenceCase{
	{name: "PCDF: a session", carried: pcdfCase(), word: Valid, signature: SignatureValid, session: SessionComplete},
	{
		name: "PCDF: the key inside is not enough for production", carried: pcdfCase(), profile: "strict",
		word: KeyMissing, signature: SignatureUnchecked, session: SessionComplete, codes: "key-not-registered",
	},
	{
		name: "PCDF: with frame and check character",
		carried: func(t testing.TB) []string {
			return []string{"\x02" + pcdfLine(t) + "\x03\x7e\r\n"}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "line-trailing",
	},
	{
		name: "PCDF: billing data declared invalid", carried: pcdfCase("BV:1", "BV:0"),
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "status-not-good status-not-good",
	},
	{
		name: "PCDF: not stopped regularly", carried: pcdfCase("SP:1", "SP:0"),
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "status-not-good status-not-good",
	},
	{
		name: "PCDF: times declared invalid", carried: pcdfCase("TV:1", "TV:0"),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-unusable",
	},
	{
		name: "PCDF: duration and times contradict each other", carried: pcdfCase("CD:013000", "CD:023000"),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "duration-differs clock-unusable",
	},
	{
		name: "PCDF: the end before the begin", carried: pcdfCase("CT:261005093000", "CT:261005073000"),
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "duration-differs time-falls clock-unusable",
	},
	{
		name: "PCDF: times that are none", carried: pcdfCase("ST:261005", "ST:261305", "CT:2610", "CT:26100", "CD:0130", "CD:0161"),
		word: RecordMalformed, signature: SignatureValid, session: SessionComplete, codes: "time-unreadable time-unreadable time-unreadable",
	},
	{
		name: "PCDF: energy that is no number", carried: pcdfCase("0021.250", "0021,250"),
		word: RecordMalformed, signature: SignatureValid, session: SessionComplete, codes: "value-unreadable",
	},
	{
		name: "PCDF: energy without a unit", carried: pcdfCase("*kWh", ""),
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "unit-unknown",
	},
	{
		name: "PCDF: nobody identified", carried: pcdfCase("*1*TX-7", ""),
		word: RecordMalformed, signature: SignatureValid, session: SessionComplete, codes: "record-form",
	},
	{
		name: "PCDF: a group is missing", carried: pcdfCase("(SP:1)", ""),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "PCDF: groups in another order", carried: pcdfCase("(TV:1)(BV:1)", "(BV:1)(TV:1)"),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "PCDF: a group in a group", carried: pcdfCase("TX-7", "TX(7)"),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "PCDF: cut off", carried: func(t testing.TB) []string { return []string{pcdfLine(t)[:60]} },
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "PCDF: no signature", carried: func(t testing.TB) []string {
			line := pcdfLine(t)
			return []string{line[:strings.Index(line, "(SG:")] + "(SG:)"}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-missing",
	},
	{
		name: "PCDF: a signature that is no hex", carried: pcdfAfter("(SG:30", "(SG:3z"),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-unreadable",
	},
	{
		name: "PCDF: more energy after signing", carried: pcdfAfter("0021.250", "0021.350"),
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid",
	},
	{
		name: "PCDF: another time after signing", carried: pcdfAfter("CT:261005093000", "CT:261005093001"),
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid",
	},
	{
		name: "PCDF: another user after signing", carried: pcdfAfter("04A1", "04B1"),
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid",
	},
	{
		name: "PCDF: another meter after signing", carried: pcdfAfter("HW:1", "HW:2"),
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid",
	},
	{
		name: "PCDF: a key off the curve", carried: func(t testing.TB) []string {
			line := []byte(pcdfLine(t))
			at := strings.Index(string(line), ")(SG:") - 1
			line[at] = map[bool]byte{true: '1', false: '0'}[line[at] == '0']
			return []string{string(line)}
		},
		word: KeyMalformed, signature: SignatureInvalid, session: SessionComplete, codes: "key-off-curve",
	},
	{
		name: "PCDF: one bit of the signature", carried: func(t testing.TB) []string {
			line := []byte(pcdfLine(t))
			at := len(line) - 2
			line[at] = map[bool]byte{true: '1', false: '0'}[line[at] == '0']
			return []string{string(line)}
		},
		word: InvalidSignature, signature: SignatureInvalid, session: SessionComplete, codes: "signature-invalid",
	},
}

func FuzzPCDF(f *testing.F) {
	f.Add([]byte(pcdfLine(f)))
	f.Add([]byte("\x02" + pcdfLine(f, "SI:", "SI:*") + "\x03"))
	f.Add([]byte("128.8.0(ST:000000000000)"))
	f.Fuzz(func(t *testing.T, b []byte) { checkForeign(t, DecodePCDF(b)) })
}
