package meter

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// bsmSnapshot is a snapshot of the tests. Fields that are shown outside the signature follow the signed ones, unless a
// test changes the text afterwards.
type bsmSnapshot struct {
	typ, rcr, total, count, seconds, epoch, zone, sets, setAt, events int64
	contract, evse                                                    string
	scale, unit                                                       int64
	withoutDefaults                                                   bool // leaves scale and unit out where the format has a default
}

// The session of the tests: 0 Wh at 08:00, 21250 Wh at 09:30 summer time.
func bsmPair() (begin, end bsmSnapshot) {
	begin = bsmSnapshot{
		typ: 1, total: 1_000_500, count: 305, seconds: 5_350_353,
		epoch: time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC).Unix(), zone: 120, sets: 110, setAt: 5_349_406,
		contract: "rfid:102bb22f", evse: "DE*TST*E1*1", unit: 30,
	}
	end = begin
	end.typ, end.rcr, end.total, end.count = 2, 21_250, 1_021_750, 306
	end.seconds, end.epoch = begin.seconds+5400, begin.epoch+5400
	return begin, end
}

func bsmSigner() curveSigner { return newSigner("secp256r1", "wall box one") }

// parts lists the fields by the published order: name, hex of the packed bytes, JSON of the measured value.
func (b bsmSnapshot) parts() [][3]string {
	number := func(name string, value, scale, unit int64) [3]string {
		shown := fmt.Sprintf(`"scale":%d,"unitEncoded":%d,"value":%d`, scale, unit, value)
		if b.withoutDefaults {
			shown = fmt.Sprintf(`"value":"%d"`, value)
		}
		return [3]string{name, fmt.Sprintf("%08x%02x%02x", uint32(value), uint8(scale), uint8(unit)), shown}
	}
	text := func(name, value string) [3]string {
		return [3]string{name, fmt.Sprintf("%08x%x", len(value), value), fmt.Sprintf(`"valueType":"String","value":"%s"`, value)}
	}
	return [][3]string{
		number("Typ", b.typ, 0, 255),
		number("RCR", b.rcr, b.scale, b.unit),
		number("TotWhImp", b.total, b.scale, b.unit),
		number("W", -70, 0, 27),
		text("MA1", "001TST0000000001"),
		number("RCnt", b.count, 0, 255),
		number("OS", b.seconds, 0, 7),
		number("Epoch", b.epoch, 0, 7),
		number("TZO", b.zone, 0, 6),
		number("EpochSetCnt", b.sets, 0, 255),
		number("EpochSetOS", b.setAt, 0, 7),
		number("DI", 1, 0, 255),
		number("DO", 0, 0, 255),
		text("Meta1", "contract-id: "+b.contract),
		text("Meta2", "evse-id: "+b.evse),
		text("Meta3", "csc-sw-version: v0.3.0"),
		number("Evt", b.events, 0, 255),
	}
}

// packed is the message that is signed.
func (b bsmSnapshot) packed(t testing.TB) []byte {
	var all strings.Builder
	for _, p := range b.parts() {
		all.WriteString(p[1])
	}
	return unhex(t, all.String())
}

func (b bsmSnapshot) json(t testing.TB) string {
	var fields []string
	for _, p := range b.parts() {
		fields = append(fields, fmt.Sprintf(`{"measurand":{"name":"%s"},"measuredValue":{%s}}`, p[0], p[2]))
	}
	kind, id, _ := strings.Cut(b.contract, ":")
	at := time.Unix(b.epoch, 0).In(time.FixedZone("", int(b.zone)*60)).Format(time.RFC3339)
	return fmt.Sprintf(`{"signature":"%x","contract":{"id":"%s","type":"%s"},`+
		`"meterInfo":{"meterId":"001TST0000000001","publicKey":"%s","type":"BSM-WS36A-H01","manufacturer":"TEST"},`+
		`"time":"%s","measurementId":%d,`+
		`"value":{"measurand":{"name":"RCR","id":"1-0:1.8.0*198"},"measuredValue":{"unit":"WATT_HOUR",%s}},"additionalValues":[%s]}`,
		bsmSigner().der(b.packed(t)), id, kind, bsmPublicKey(), at, b.count, b.parts()[1][2], strings.Join(fields, ","))
}

// bsmPublicKey is the SPKI in hex.
func bsmPublicKey() string {
	return hex.EncodeToString(marshalSPKI(bsmSigner().curve, bsmSigner().point))
}

func chargeITOf(values ...string) string {
	return `{"placeInfo":{"evseId":"DE*TST*E1*1"},"signedMeterValues":[` + strings.Join(values, ",") + `]}`
}

func TestDecodeBSM(t *testing.T) {
	_, end := bsmPair()
	end.scale = 1
	m := DecodeBSM([]byte(end.json(t)))
	if len(m.Faults)+len(m.Notes) > 0 {
		t.Fatal(m.Faults, m.Notes)
	}
	want := Entry{
		Tx: TxEnd, Time: time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC), Zone: 7200, Clock: ClockRelative,
		Value: Decimal{2125, 2}, Unit: "Wh", Scale: 1, OBIS: "1-0:1.8.0*198", Quality: Good,
		Seconds: 5_355_753, Counted: true, Resets: "110 at 5349406",
	}
	total := want
	total.OBIS, total.Value = "1-0:1.8.0*255", Decimal{102175, 2}
	if len(m.Entries) != 2 || m.Entries[0] != want || m.Entries[1] != total {
		t.Errorf("got  %+v\nwant %+v %+v", m.Entries, want, total)
	}
	for _, c := range [][2]string{
		{hex.EncodeToString(m.Signed), hex.EncodeToString(end.packed(t))},
		{m.Meter, "001TST0000000001"},
		{m.Maker.Vendor + " " + m.Maker.Model, "TEST BSM-WS36A-H01"},
		{m.User.Kind + " " + m.User.ID, "ISO14443 102bb22f"},
		{m.Place.Kind + " " + m.Place.ID, "EVSEID DE*TST*E1*1"},
		{m.Firmware, "v0.3.0"},
		{m.Key, bsmPublicKey()},
		{m.Page.Text, "306"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

// TestBSMPacking spells the first bytes out: Typ 2, RCR 21250 Wh, the total, and -70 W.
func TestBSMPacking(t *testing.T) {
	_, end := bsmPair()
	m := DecodeBSM([]byte(end.json(t)))
	const want = "00000002" + "00" + "ff" + "00005302" + "00" + "1e" + "000f9736" + "00" + "1e" + "ffffffba" + "00" + "1b" +
		"00000010" + "30303154535430303030303030303031" // 001TST0000000001
	if got := hex.EncodeToString(m.Signed); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got[:len(want)], want)
	}
}

func TestBSMUser(t *testing.T) {
	for _, c := range [][3]string{
		{"rfid:102bb22f", "ISO14443", "102bb22f"},
		{"emaid:DE-TST-C12345678", "EMAID", "DE-TST-C12345678"},
		{"app:a:b", "app", "a:b"},
		{"102bb22f", "", "102bb22f"},
	} {
		if u := bsmUser(c[0]); u.Kind != c[1] || u.ID != c[2] {
			t.Errorf("%s: %+v", c[0], u)
		}
	}
}

// bsmChanged is the session with signed changes.
func bsmChanged(change func(begin, end *bsmSnapshot)) func(testing.TB) []string {
	return func(t testing.TB) []string {
		begin, end := bsmPair()
		if change != nil {
			change(&begin, &end)
		}
		return []string{chargeITOf(begin.json(t), end.json(t))}
	}
}

// bsmAfter changes the text of the end after it was signed.
func bsmAfter(oldNew ...string) func(testing.TB) []string {
	return func(t testing.TB) []string {
		begin, end := bsmPair()
		return []string{chargeITOf(begin.json(t), swap(t, end.json(t), oldNew...))}
	}
}

// bsmOuter is a case of a readable field that was changed after signing.
func bsmOuter(name string, oldNew ...string) evidenceCase {
	return evidenceCase{
		name: "BSM: shown " + name, carried: bsmAfter(oldNew...),
		word: DisagreesOutside, signature: SignatureValid, session: SessionComplete, codes: "outer-differs clock-informative",
	}
}

// bsmTampered is a case of a signed field that was changed after signing.
func bsmTampered(name, codes string, oldNew ...string) evidenceCase {
	return evidenceCase{
		name: "BSM: signed " + name + " changed", carried: bsmAfter(oldNew...),
		word: InvalidSignature, signature: SignatureMixed, session: SessionComplete, codes: codes,
	}
}

// bsmFault is a case of a snapshot that cannot be rebuilt.
func bsmFault(name, codes string, oldNew ...string) evidenceCase {
	return evidenceCase{
		name: "BSM: " + name, carried: bsmAfter(oldNew...),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: codes,
	}
}

var bsmCases = []evidenceCase{
	{
		name: "BSM: begin and end", carried: bsmChanged(nil),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "BSM: snapshots bare, each on its own", carried: func(t testing.TB) []string {
			begin, end := bsmPair()
			return []string{end.json(t), begin.json(t)}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "BSM: session began and ended, scales and units left out, numbers as text",
		carried: bsmChanged(func(begin, end *bsmSnapshot) {
			begin.typ, end.typ, begin.withoutDefaults, end.withoutDefaults = 3, 4, true, true
		}),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "BSM: a reading in between", carried: func(t testing.TB) []string {
			begin, end := bsmPair()
			between := begin
			between.typ, between.rcr, between.count, between.seconds, between.epoch = 0, 9, 306, begin.seconds+60, begin.epoch+60
			end.count = 307
			return []string{chargeITOf(begin.json(t), between.json(t), end.json(t))}
		},
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "BSM: only the first value carries the key", carried: bsmAfter(`"publicKey":"`+bsmPublicKey()+`",`, ""),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-informative",
	},
	{
		name: "BSM: a container that names another charge point", carried: func(t testing.TB) []string {
			return []string{swap(t, bsmChanged(nil)(t)[0], `"evseId":"DE*TST*E1*1"`, `"evseId":"DE*TST*E2*1"`)}
		},
		word: DisagreesOutside, signature: SignatureValid, session: SessionComplete, codes: "clock-informative evse-mismatch",
	},
	{
		name: "BSM: a reading is missing", carried: bsmChanged(func(_, end *bsmSnapshot) { end.count++ }),
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "page-gap clock-informative",
	},
	{
		name: "BSM: turned on twice", carried: bsmChanged(func(_, end *bsmSnapshot) { end.typ = 3 }),
		word: NotBillable, signature: SignatureValid, session: SessionIncomplete, codes: "end-missing",
	},
	{
		name: "BSM: another user at the end", carried: bsmChanged(func(_, end *bsmSnapshot) { end.contract = "rfid:102bb230" }),
		word: NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "user-differs clock-informative",
	},
	{
		name: "BSM: the meter reports an event", carried: bsmChanged(func(_, end *bsmSnapshot) { end.events = 128 }),
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "status-not-good clock-informative",
	},
	{
		name: "BSM: the clock was set in between, by nothing", carried: bsmChanged(func(_, end *bsmSnapshot) { end.sets++ }),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-moved clock-unusable",
	},
	{
		name: "BSM: the clock jumped without being set", carried: bsmChanged(func(_, end *bsmSnapshot) { end.epoch += 60 }),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-moved clock-unusable",
	},
	{
		name: "BSM: the clock was never set",
		carried: bsmChanged(func(begin, end *bsmSnapshot) {
			begin.epoch, end.epoch = 100, 5500
		}),
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "clock-unusable",
	},
	{
		name:    "BSM: the meter ran fewer seconds at the end",
		carried: bsmChanged(func(_, end *bsmSnapshot) { end.seconds = 1 }),
		word:    NotBillable, signature: SignatureValid, session: SessionInconsistent, codes: "time-falls clock-moved clock-unusable",
	},
	{
		name: "BSM: counters in watts, shown as energy", carried: bsmChanged(func(begin, end *bsmSnapshot) { begin.unit, end.unit = 27, 27 }),
		word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "outer-differs outer-differs unit-unknown",
	},
	bsmOuter("value", `"unit":"WATT_HOUR","scale":0,"unitEncoded":30,"value":21250`, `"unit":"WATT_HOUR","scale":0,"unitEncoded":30,"value":31250`),
	bsmOuter("value in words",
		`"unit":"WATT_HOUR","scale":0,"unitEncoded":30,"value":21250`, `"unit":"WATT_HOUR","scale":0,"unitEncoded":30,"value":"much"`),
	bsmOuter("scale", `"unit":"WATT_HOUR","scale":0`, `"unit":"WATT_HOUR","scale":3`),
	bsmOuter("unit code", `"unit":"WATT_HOUR","scale":0,"unitEncoded":30`, `"unit":"WATT_HOUR","scale":0,"unitEncoded":27`),
	bsmOuter("unit", `"WATT_HOUR"`, `"KILOWATT_HOUR"`),
	bsmOuter("register", `*198`, `*255`),
	bsmOuter("name of the register", `"name":"RCR","id"`, `"name":"Price","id"`),
	bsmOuter("number of the reading", `"measurementId":306`, `"measurementId":307`),
	bsmOuter("meter", `"meterId":"001TST0000000001"`, `"meterId":"001TST0000000002"`),
	bsmOuter("time", "T09:30:00+02:00", "T09:31:00+02:00"),
	bsmOuter("zone", "T09:30:00+02:00", "T08:30:00+01:00"),
	bsmOuter("time in words", "2026-10-05T09:30:00+02:00", "half past nine"),
	bsmOuter("user", `"contract":{"id":"102bb22f"`, `"contract":{"id":"102bb230"`),
	bsmOuter("kind of user", `"type":"rfid"`, `"type":"emaid"`),
	bsmTampered("energy", "outer-differs signature-invalid clock-informative",
		`"RCR"},"measuredValue":{"scale":0,"unitEncoded":30,"value":21250`, `"RCR"},"measuredValue":{"scale":0,"unitEncoded":30,"value":21251`),
	bsmTampered("energy, inside and outside", "signature-invalid clock-informative", "21250", "21251", "21250", "21251"),
	bsmTampered("time", "outer-differs signature-invalid clock-moved clock-unusable", `"unitEncoded":7,"value":17911`, `"unitEncoded":7,"value":27911`),
	bsmTampered("meter", "outer-differs signature-invalid meter-differs clock-informative",
		`"String","value":"001TST0000000001"`, `"String","value":"001TST0000000002"`),
	bsmTampered("user", "outer-differs signature-invalid user-differs clock-informative", "contract-id: rfid:102bb22f", "contract-id: rfid:102bb230"),
	bsmTampered("digital input", "signature-invalid clock-informative", `"DI"},"measuredValue":{"scale":0,"unitEncoded":255,"value":1`,
		`"DI"},"measuredValue":{"scale":0,"unitEncoded":255,"value":0`),
	bsmFault("a field is missing", "field-missing", `"name":"DO"`, `"name":"DOO"`),
	bsmFault("a field twice", "record-form", `"name":"DO"`, `"name":"DI"`),
	bsmFault("a number of 33 bits, which would be packed like a smaller one", "value-unreadable", `"value":1021750`, `"value":4295988046`),
	bsmFault("a negative counter, which would be packed like a large one", "value-unreadable", `"value":1021750`, `"value":-1`),
	bsmFault("a scale of 16 bits", "value-unreadable", `"DO"},"measuredValue":{"scale":0`, `"DO"},"measuredValue":{"scale":256`),
	bsmFault("a unit of 16 bits", "value-unreadable", `"scale":0,"unitEncoded":255,"value":0}}]`, `"scale":0,"unitEncoded":511,"value":0}}]`),
	bsmFault("a text that is a number", "field-unfit", `"String","value":"csc-sw-version: v0.3.0"`, `"Number","value":3`),
	{
		name: "BSM: an unknown type of reading", carried: bsmChanged(func(_, end *bsmSnapshot) { end.typ = 9 }),
		word: RecordMalformed, signature: SignatureValid, session: SessionIncomplete, codes: "value-unreadable",
	},
	{
		name: "BSM: seconds with a scale", carried: bsmAfter(`"OS"},"measuredValue":{"scale":0`, `"OS"},"measuredValue":{"scale":1`),
		word: RecordMalformed, signature: SignatureMixed, session: SessionComplete, codes: "value-unreadable signature-invalid",
	},
	{
		name: "BSM: no signature", carried: func(t testing.TB) []string {
			begin, _ := bsmPair()
			text := begin.json(t)
			return []string{chargeITOf(`{"signature":""` + text[strings.Index(text, `,"contract"`):])}
		},
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionIncomplete, codes: "signature-missing",
	},
	{
		name: "BSM: a signature that is no hex", carried: bsmAfter(`"signature":"30`, `"signature":"3z`),
		word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "signature-unreadable",
	},
	{
		name: "BSM: another key at the end", carried: func(t testing.TB) []string {
			begin, end := bsmPair()
			other := newSigner("secp256r1", "other")
			return []string{chargeITOf(begin.json(t), swap(t, end.json(t), bsmPublicKey(),
				hex.EncodeToString(marshalSPKI(other.curve, other.point))))}
		},
		word: KeyMalformed, signature: SignatureMixed, session: SessionComplete, codes: "key-conflict signature-invalid clock-informative",
	},
}

func FuzzBSM(f *testing.F) {
	begin, end := bsmPair()
	end.withoutDefaults = true
	f.Add([]byte(begin.json(f)))
	f.Add([]byte(end.json(f)))
	f.Add([]byte(`{"signature":"","measurementId":1,"additionalValues":[{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) { checkForeign(t, DecodeBSM(b)) })
}
