package meter

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// emhText is an element of a chargeIT container with the reading. The contract id is signed as the characters it is
// written with.
func (c edlCase) emhText(t testing.TB) string {
	return fmt.Sprintf(`{"timestamp":%d,"meterInfo":{"firmwareVersion":"123","publicKey":"%X","meterId":"%X","type":"eHZ",`+
		`"manufacturer":"EMH"},"transactionId":"T7","contract":{"type":"RFID_TAG_ID","timestampLocal":{"timestamp":%d,`+
		`"localOffset":60,"seasonOffset":60},"timestamp":%d,"id":"%s"},"measurementId":"%08X","measuredValue":{"timestampLocal":`+
		`{"timestamp":%d,"localOffset":60,"seasonOffset":60},"value":"%d","unit":"WATT_HOUR","scale":-1,"valueType":"Integer64",`+
		`"unitEncoded":30},"measurand":{"id":"0100011100FF","name":"ENERGY_TOTAL"},"additionalInfo":{"indexes":{"timer":%d,`+
		`"logBook":"%s"},"status":"%02X"},"signature":"%X"}`,
		c.seconds, edlKey(t).public(), edlServer, c.since-7200, c.since, c.contract, c.page, c.seconds-7200, c.value, c.index, c.log,
		c.status, edlKey(t).sign(c.block(t)))
}

func emhPair() (begin, end edlCase) {
	begin, end = edlBegin, edlEnd
	begin.contract, end.contract = "8057F5AA592904", "8057F5AA592904"
	return begin, end
}

func decodeEMHText(t testing.TB, text string) Message {
	t.Helper()
	n, err := parseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decodeEMH(n)
}

func TestDecodeEMH(t *testing.T) {
	b, e := emhPair()
	begin, end := decodeEMHText(t, b.emhText(t)), decodeEMHText(t, e.emhText(t))
	if !bytes.Equal(begin.Signed, b.block(t)) {
		t.Errorf("signed %x\nwant   %x", begin.Signed, b.block(t))
	}
	if begin.User.ID != "8057F5AA592904" || begin.Maker != (Maker{"EMH", "eHZ"}) || begin.Outer.Transaction != "T7" ||
		begin.Page.Number != 41 || len(begin.Faults)+len(begin.Notes) > 0 || string(begin.Text) != b.emhText(t) {
		t.Errorf("%+v", begin)
	}
	v := judgeEvidence(t, nil, end, begin)
	expectProof(t, v, "CHARGEIT_EMH", "secp192r1")
	if codes(v) != "" {
		t.Error(codes(v))
	}
	led := decodeEMHText(t, swap(t, e.emhText(t), `"publicKey":"`, `"publicKey":"04`)) // X||Y or 04||X||Y
	expectProof(t, judgeEvidence(t, nil, begin, led), "CHARGEIT_EMH", "secp192r1")
}

func TestEMHForms(t *testing.T) {
	reading, _ := emhPair()
	whole := reading.emhText(t)
	sig := fmt.Sprintf("%X", edlKey(t).sign(reading.block(t)))
	for _, c := range []struct {
		name, from, to string
		same           bool // the signed bytes are those of the test reading
		faults         string
	}{
		{"a value that is a number", `"value":"1000500"`, `"value":1000500`, true, ""},
		{"numbers that are text", `"scale":-1`, `"scale":"-1"`, true, ""},
		{"blanks around", `"0901454D`, `" 0901454D`, true, ""},
		{"a blank in the contract id", `"8057F5`, `" 8057F5`, false, ""},
		{"no contract", `"contract":`, `"other":`, false, ""},
		{"a contract that is null", `"id":"8057F5AA592904"`, `"id":null`, false, ""},
		{"no running seconds", `"timer":5000`, `"timer":null`, false, ""},
		{"no log book", `"logBook":"001a"`, `"logBook":""`, false, ""},
		{"a log book of one byte", `"001a"`, `"1a"`, true, ""},
		{"a log book of three bytes", `"001a"`, `"00001a"`, true, "field-unfit"},
		{"a status of four bytes", `"status":"08"`, `"status":"00010108"`, true, ""},
		{"no status", `,"status":"08"`, ``, false, ""},
		{"a status of letters", `"status":"08"`, `"status":"OK"`, true, "field-unfit"},
		{"no value", `"value":"1000500",`, ``, true, "field-missing"},
		{"a value with a point", `"1000500"`, `"1000.5"`, true, "value-unreadable"},
		{"a value with an exponent", `"1000500"`, `1e6`, true, "value-unreadable"},
		{"no unit", `"unitEncoded":30`, `"unitEncoded":null`, true, "field-missing"},
		{"a unit beyond a byte", `"unitEncoded":30`, `"unitEncoded":286`, true, "value-unreadable"},
		{"a scale beyond a byte", `"scale":-1`, `"scale":255`, true, "value-unreadable"},
		{"no time", `"timestampLocal":{"timestamp":1791180000,`, `"timestampLocal":{`, true, "field-missing"},
		{"a time before 1970", `"timestamp":1791180000,"localOffset":60`, `"timestamp":0,"localOffset":-600`, true, "field-unfit"},
		{"no offset", `"timestamp":1791180000,"localOffset":60,`, `"timestamp":1791180000,`, true, "field-missing"},
		{"no page", `"measurementId":"00000029",`, ``, true, "field-missing"},
		{"a page of five bytes", `"00000029"`, `"100000029"`, true, "field-unfit"},
		{"a page of letters", `"00000029"`, `"page"`, true, "field-unfit"},
		{"no register", `"0100011100FF"`, `""`, true, "field-missing field-unfit"},
		{"a register of five bytes", `"0100011100FF"`, `"0100011100"`, true, "field-unfit"},
		{"no meter", `"meterId"`, `"meter"`, true, "field-missing"},
		{"a meter of letters", `0901454D480000123456`, `EMH`, true, "field-unfit"},
		{"a meter of eleven bytes", `0901454D480000123456`, `0901454D48000012345600`, true, "field-unfit"},
		{"no signature", sig, ``, true, "field-missing signature-missing"},
		{"half a signature", sig, sig[:48], true, "signature-unreadable"},
	} {
		m := decodeEMHText(t, swap(t, whole, c.from, c.to))
		if got := reasonCodes(m.Faults); got != c.faults {
			t.Errorf("%s: %q, want %q", c.name, got, c.faults)
		}
		if c.faults == "" && bytes.Equal(m.Signed, reading.block(t)) != c.same {
			t.Errorf("%s: signed %x", c.name, m.Signed)
		}
	}
	if m := decodeEMHText(t, `{}`); len(m.Faults) == 0 || m.Signed != nil {
		t.Errorf("%+v", m)
	}
}

func TestTamperedEMH(t *testing.T) {
	b, e := emhPair()
	begin, whole := decodeEMHText(t, b.emhText(t)), e.emhText(t)
	key := fmt.Sprintf("%X", edlKey(t).public())
	for _, c := range []struct {
		name, from, to string
		word           Word
	}{
		{"value", `"1213000"`, `"1213001"`, InvalidSignature},
		{"scale", `"scale":-1`, `"scale":0`, InvalidSignature},
		{"unit", `"unitEncoded":30`, `"unitEncoded":31`, InvalidSignature},
		{"time", `{"timestamp":1791185400`, `{"timestamp":1791185401`, InvalidSignature},
		{"zone", `1791185400,"localOffset":60`, `1791185400,"localOffset":0`, InvalidSignature},
		{"meter id", `123456"`, `123457"`, InvalidSignature},
		{"contract id", `592904"`, `592905"`, InvalidSignature},
		{"the same contract id in small letters", `8057F5AA592904`, `8057f5aa592904`, InvalidSignature},
		{"contract time", `{"timestamp":1791179996`, `{"timestamp":1791179997`, InvalidSignature},
		{"page", `"0000002A"`, `"0000002B"`, InvalidSignature},
		{"running seconds", `10400`, `10401`, InvalidSignature},
		{"register", `0100011100FF`, `0100010800FF`, InvalidSignature},
		{"status", `"08"`, `"09"`, InvalidSignature},
		{"log book", `"001a"`, `"001b"`, InvalidSignature},
		{"signature", fmt.Sprintf("%X", edlKey(t).sign(e.block(t))[:4]), "00000000", InvalidSignature},
		{"signature cut", fmt.Sprintf("%X", edlKey(t).sign(e.block(t))[:4]), "", RecordMalformed},
		{"key", key[:4], "0000", KeyMalformed},
		{"key cut", key[:4], "", KeyMalformed},
		{"key of another meter", key, hex.EncodeToString(rawKeyOf(t, "secp192r1", "other").public()), KeyMalformed}, // two keys in one session
	} {
		expectTwin(t, c.name, judgeEvidence(t, nil, begin, decodeEMHText(t, swap(t, whole, c.from, c.to))), c.word)
	}
}

var emhCases = []evidenceCase{
	{
		name: "CHARGEIT_EMH, begin and end", carried: emhCarried(), word: Valid, signature: SignatureValid, session: SessionComplete,
	},
	{
		name: "CHARGEIT_EMH, the end raised", carried: emhCarried(`"1213000"`, `"1213001"`), word: InvalidSignature,
		signature: SignatureMixed, session: SessionComplete, codes: "signature-invalid",
	},
}

// emhCarried is a container with the session of the tests, with replacements.
func emhCarried(oldNew ...string) func(t testing.TB) []string {
	return func(t testing.TB) []string {
		b, e := emhPair()
		return []string{swap(t, `{"signedMeterValues":[`+b.emhText(t)+","+e.emhText(t)+"]}", oldNew...)}
	}
}

func TestTooManyEMH(t *testing.T) {
	m := Decode([]byte(`{"signedMeterValues":[` + strings.Repeat("{},", 10_000) + "{}]}"))
	if len(m) != 1 || reasonCodes(m[0].Faults) != "messages-too-many" {
		t.Errorf("%d messages", len(m))
	}
}

// FuzzEMH: nothing panics, and what is read without faults has a block.
func FuzzEMH(f *testing.F) {
	b, e := emhPair()
	f.Add([]byte(b.emhText(f)))
	f.Add([]byte(swap(f, e.emhText(f), `"value":"1213000"`, `"value":-9223372036854775808`, `"timer":10400`, `"timer":null`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parseJSON(b)
		if err != nil {
			return
		}
		m := decodeEMH(n)
		m.Key = ""
		checkBlockMessage(t, m)
	})
}
