package meter

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// alfenReading is what a dataset of the tests says.
type alfenReading struct {
	kind              string // the unsigned type
	adapter, meter    string // hex, 10 bytes
	firmware          string
	meterState, state uint16
	seconds, at       uint32
	obis              string // hex
	unit, scaler      byte
	value             uint64
	user              string
	session, page     uint32
	version           string
}

// The session of the tests: 122360 Wh at 08:00, 133438 Wh at 09:30 summer time.
func alfenPair() (begin, end alfenReading) {
	begin = alfenReading{
		kind: "0", adapter: "0a0e5453540001000001", meter: "0a015453540033000001", firmware: "v016", state: 8192,
		seconds: 7000, at: uint32(time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC).Unix()), obis: "0100010800ff", unit: 30,
		value: 122360, user: "04A1B2C3D4E5F6", session: 22, page: 43, version: "3",
	}
	end = begin
	end.kind, end.state, end.seconds, end.at, end.value, end.page = "1", 4096, 7000+5400, begin.at+5400, 133438, 44
	return begin, end
}

// dataset lays the reading out by the published table of offsets.
func (a alfenReading) dataset(t testing.TB) []byte {
	t.Helper()
	le := binary.LittleEndian
	out := unhex(t, a.adapter)
	out = append(out, a.firmware...)
	out = append(out, 0xd3, 0xb0)
	out = append(out, unhex(t, a.meter)...)
	out = le.AppendUint16(out, a.meterState)
	out = le.AppendUint16(out, a.state)
	out = le.AppendUint32(out, a.seconds)
	out = le.AppendUint32(out, a.at)
	out = append(out, unhex(t, a.obis)...)
	out = append(out, a.unit, a.scaler)
	out = le.AppendUint64(out, a.value)
	out = append(out, (a.user + strings.Repeat("\x00", 20))[:20]...)
	out = le.AppendUint32(out, a.session)
	return le.AppendUint32(out, a.page)
}

func alfenSigner() curveSigner { return newSigner("secp192r1", "adapter one") }

func (a alfenReading) line(t testing.TB) string {
	t.Helper()
	dataset := a.dataset(t)
	if len(dataset) != 82 {
		t.Fatalf("test dataset of %d bytes", len(dataset))
	}
	return alfenLine(a.kind, a.version, alfenSigner().compressed(), dataset, alfenSigner().raw(dataset))
}

func alfenLine(kind, version string, key, dataset, signature []byte) string {
	enc := base32.StdEncoding.EncodeToString
	return fmt.Sprintf("AP;%s;%s;%s;%s;%s;", kind, version, enc(key), enc(dataset), enc(signature))
}

func TestDecodeALFEN(t *testing.T) {
	begin, _ := alfenPair()
	begin.scaler, begin.meterState = 0xff, 256 // -1
	m := DecodeALFEN([]byte(begin.line(t)))
	if len(m.Faults)+len(m.Notes) > 0 {
		t.Fatal(m.Faults, m.Notes)
	}
	want := Entry{
		Tx: TxBegin, Time: time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC), Clock: ClockRelative,
		Value: Decimal{12236, 0}, Unit: "Wh", Scale: -1, OBIS: "1-0:1.8.0*255", Quality: Good,
		Status: "phase L1 lost, start command", Seconds: 7000, Counted: true,
	}
	if m.Entries[0] != want {
		t.Errorf("entry\n%+v, want\n%+v", m.Entries[0], want)
	}
	for _, c := range [][2]string{
		{m.Version, "3"},
		{m.Gateway, "0a0e5453540001000001 v016 d3b0"},
		{m.Firmware, "v016 d3b0"},
		{m.Meter, "0a015453540033000001"},
		{m.Maker.Vendor, "TST"},
		{m.Session, "22"},
		{m.User.ID, "04A1B2C3D4E5F6"},
		{m.Page.Text, "43"},
		{m.Key, hex.EncodeToString(alfenSigner().compressed())},
		{string(m.Signed), string(begin.dataset(t))},
		{string(m.Outer.Role), "begin"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
	if m.Page.Number != 43 || !m.Page.Read || m.Page.Rule != PageNext {
		t.Errorf("page %+v", m.Page)
	}
}

// TestALFENStatus tells a lost clock from energy nobody can rely on.
func TestALFENStatus(t *testing.T) {
	for _, c := range []struct {
		meter, adapter uint16
		at             uint32
		quality        Quality
		clock          Clock
		errors, status string
		tx             Tx
	}{
		{0, 8192, 1791180000, Good, "R", "", "start command", "B"},
		{0, 4096, 1791180000, Good, "R", "", "stop command", "E"},
		{0, 2048, 1791180000, Good, "R", "", "intermediate command", "C"},
		{0, 0, 1791180000, Good, "R", "", "", ""},
		{0, 4096 | 8192, 1791180000, Good, "R", "", "stop command, start command", ""},
		{1, 4096, 1791180000, Good, "U", "t", "meter clock, stop command", "E"},
		{0, 4096, 18, Good, "U", "", "stop command", "E"},
		{2, 4096, 1791180000, Bad, "R", "", "meter EEPROM, stop command", "E"},
		{4, 4096, 1791180000, Bad, "R", "", "meter flash, stop command", "E"},
		{256 | 512 | 1024 | 2048, 4096, 1791180000, Good, "R", "", "phase L1 lost, phase L2 lost, phase L3 lost, phase order, stop command", "E"},
		{0, 1, 1791180000, Bad, "R", "", "adapter fatal", ""},
		{0, 1024 | 4096, 1791180000, Bad, "R", "", "start/stop mismatch, stop command", "E"},
		{0, 16384 | 4096, 1791180000, Bad, "R", "", "stop command, adapter memory", "E"},
		{0, 32768 | 4096, 1791180000, Bad, "R", "", "stop command, meter link", "E"},
	} {
		r, _ := alfenPair()
		r.meterState, r.state, r.at = c.meter, c.adapter, c.at
		e := DecodeALFEN([]byte(r.line(t))).Entries[0]
		if e.Quality != c.quality || e.Clock != c.clock || e.Errors != c.errors || e.Status != c.status || e.Tx != c.tx {
			t.Errorf("%d, %d: got %d %q %q %q %q", c.meter, c.adapter, e.Quality, e.Clock, e.Errors, e.Status, e.Tx)
		}
	}
}

// alfenLines changes the session and returns both lines.
func alfenLines(change func(begin, end *alfenReading)) func(testing.TB) []string {
	return func(t testing.TB) []string {
		begin, end := alfenPair()
		if change != nil {
			change(&begin, &end)
		}
		return []string{begin.line(t), end.line(t)}
	}
}

// alfenAfter changes the fields of the end line after it was signed.
func alfenAfter(change func(fields []string)) func(testing.TB) []string {
	return func(t testing.TB) []string {
		lines := alfenLines(nil)(t)
		fields := strings.Split(lines[1], ";")
		change(fields)
		lines[1] = strings.Join(fields, ";")
		return lines
	}
}

// alfenFlip turns one bit of a field of the end line over, counted in bytes of the decoded field.
func alfenFlip(t testing.TB, field, at int) []string {
	return alfenAfter(func(fields []string) {
		b, err := base32.StdEncoding.DecodeString(fields[field])
		if err != nil {
			t.Fatal(err)
		}
		b[at] ^= 1
		fields[field] = base32.StdEncoding.EncodeToString(b)
	})(t)
}

var alfenCases = []evidenceCase{
	{
		name: "ALFEN: begin and end", carried: alfenLines(nil),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "ALFEN: without the last semicolon, with line breaks inside",
		carried: func(t testing.TB) []string {
			lines := alfenLines(nil)(t)
			return []string{strings.TrimSuffix(lines[0], ";"), lines[1][:90] + "\r\n  " + lines[1][90:]}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "ALFEN: old firmware signs no command; the pages decide",
		carried: alfenLines(func(begin, end *alfenReading) {
			begin.state, end.state = 0, 0
			*begin, *end = *end, *begin
		}),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "ALFEN: a type that contradicts the signed command",
		carried: alfenAfter(func(fields []string) {
			fields[1] = "0"
		}),
		word: DisagreesOutside, signature: SignatureValid, session: SessionComplete, codes: "outer-differs nature-contradicts clock-informative",
	},
	{
		name: "ALFEN: only the end", carried: func(t testing.TB) []string { return alfenLines(nil)(t)[1:] },
		word: NotBillable, signature: SignatureValid, session: SessionIncomplete, codes: "begin-missing",
	},
	{
		name: "ALFEN: a page is missing",
		carried: alfenLines(func(_, end *alfenReading) {
			end.page++
		}),
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "page-gap clock-informative",
	},
	{
		name:    "ALFEN: other firmware, user and session at the end",
		carried: alfenLines(func(_, end *alfenReading) { end.firmware, end.user, end.session = "v017", "04FF", 23 }),
		word:    NotBillable, signature: SignatureValid, session: SessionInconsistent,
		codes: "meter-differs session-differs user-differs clock-informative",
	},
	{
		name:    "ALFEN: other scaler at the end",
		carried: alfenLines(func(_, end *alfenReading) { end.scaler = 1 }),
		word:    NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "register-differs",
	},
	{
		name:    "ALFEN: the clock was lost at the end",
		carried: alfenLines(func(_, end *alfenReading) { end.at = 18 }),
		word:    NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "time-falls clock-unusable",
	},
	{
		name:    "ALFEN: the meter reports its clock; energy is proven, times are not",
		carried: alfenLines(func(_, end *alfenReading) { end.meterState = 1 }),
		word:    Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-unusable",
	},
	{
		name:    "ALFEN: the clock was set an hour forward in between",
		carried: alfenLines(func(_, end *alfenReading) { end.at += 3600 }),
		word:    Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-moved clock-unusable",
	},
	{
		name:    "ALFEN: the running seconds fall",
		carried: alfenLines(func(_, end *alfenReading) { end.seconds = 1 }),
		word:    NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "time-falls clock-moved clock-unusable",
	},
	{
		name:    "ALFEN: the meter memory is broken",
		carried: alfenLines(func(_, end *alfenReading) { end.meterState = 2 }),
		word:    NotBillable, signature: SignatureValid, session: SessionComplete, codes: "status-not-good clock-informative",
	},
	{
		name:    "ALFEN: a register in watts",
		carried: alfenLines(func(begin, end *alfenReading) { begin.unit, end.unit = 27, 27 }),
		word:    NotBillable, signature: SignatureValid, session: SessionComplete, codes: "unit-unknown",
	},
	{
		name:    "ALFEN: a counter no meter reaches",
		carried: alfenLines(func(_, end *alfenReading) { end.value = 1 << 63 }),
		word:    RecordMalformed, signature: SignatureValid, session: SessionComplete, codes: "value-unreadable",
	},
	{
		name: "ALFEN: a version nobody knows", carried: alfenLines(func(begin, end *alfenReading) { begin.version, end.version = "4", "4" }),
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "version-unknown version-unknown clock-informative",
	},
	{
		name: "ALFEN: unknown text after the signature", carried: alfenAfter(func(f []string) { f[6] = "more" }),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "line-trailing clock-informative",
	},
	{
		name: "ALFEN: a line cut off", carried: func(t testing.TB) []string {
			lines := alfenLines(nil)(t)
			return []string{lines[0], lines[1][:120]}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "ALFEN: a dataset without its last byte", carried: alfenAfter(func(f []string) { f[4] = f[4][:128] }),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "record-form",
	},
	{
		name: "ALFEN: no signature", carried: alfenAfter(func(f []string) { f[5] = "" }),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-missing",
	},
	{
		name: "ALFEN: half a signature", carried: alfenAfter(func(f []string) { f[5] = f[5][:40] }),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-unreadable",
	},
	{
		name: "ALFEN: no key", carried: alfenAfter(func(f []string) { f[3] = "" }),
		word: KeyMissing, signature: SignatureUnchecked, session: SessionComplete, codes: "key-missing clock-informative",
	},
}

// TestALFENTampered turns single bits over: no change may pass, and each is called what it is.
func TestALFENTampered(t *testing.T) {
	reference, _ := ProfileNamed("reference")
	for _, c := range []struct {
		name      string
		field, at int
		words     string
	}{
		{"value", 4, 46, "invalid signature"},
		{"time", 4, 34, "invalid signature"},
		{"meter id", 4, 25, "invalid signature"},
		{"user id", 4, 54, "invalid signature"},
		{"status", 4, 27, "invalid signature"},
		{"r of the signature", 5, 3, "invalid signature"},
		{"s of the signature", 5, 47, "invalid signature"},
		// The mirrored point, or one the other line was not signed with, or none at all.
		{"sign of the key", 3, 0, "key malformed"},
		{"x of the key", 3, 24, "key malformed"},
	} {
		e := evidenceCase{carried: func(t testing.TB) []string { return alfenFlip(t, c.field, c.at) }}.evidence(t)
		if v := (Checker{}).Judge(e, nil, reference); string(v.Word) != c.words {
			t.Errorf("%s: %s %+v", c.name, v.Word, v.Reasons)
		}
	}
}

func FuzzALFEN(f *testing.F) {
	for _, line := range alfenLines(nil)(f) {
		f.Add([]byte(line))
	}
	f.Add([]byte("AP;0;3;;;"))
	f.Add([]byte(alfenLine("9", "", []byte{2}, make([]byte, 82), make([]byte, 48))))
	f.Fuzz(func(t *testing.T, b []byte) { checkForeign(t, DecodeALFEN(b)) })
}

// checkForeign demands of whatever was made of foreign bytes: a fault or everything a verdict needs, and no word of
// it in a reason that a database would refuse.
func checkForeign(t *testing.T, m Message) {
	t.Helper()
	if len(m.Faults) == 0 && (len(m.Entries) == 0 || len(m.Signature.Bytes) == 0 || len(m.Signed) == 0) {
		t.Fatalf("accepted without readings, signature or signed bytes: %+v", m)
	}
	e := Evidence{Messages: []Message{m}}
	if v := (Checker{}).Judge(e, nil, DefaultProfile()); v.Billable() {
		t.Fatal("billable without any registered key")
	}
	reference, _ := ProfileNamed("reference")
	for _, r := range (Checker{}).Judge(e, nil, reference).Reasons {
		if clean(strings.ReplaceAll(r.Value, "...", "")) != strings.ReplaceAll(r.Value, "...", "") && len(r.Value) < 60 {
			t.Fatalf("reason %s shows bytes nobody can read: %q", r.Code, r.Value)
		}
	}
}
