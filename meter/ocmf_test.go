package meter

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// sd is a signature that merely decodes; these tests do not verify.
const sd = `{"SD":"3006020101020102"}`

func decodeOCMF(t *testing.T, line string) (Message, string) {
	t.Helper()
	m := DecodeOCMF([]byte(line))
	var found []string
	for _, r := range slices.Concat(m.Faults, m.Notes) {
		found = append(found, r.Code)
	}
	return m, strings.Join(found, " ")
}

// The fields of a line, as section 4.2 and 4.3 of the format name them.
func TestDecodeOCMFFields(t *testing.T) {
	m, found := decodeOCMF(t, "OCMF|"+beginPayload+"|"+`{"SA":"ECDSA-secp256r1-SHA256","SE":"hex","SM":"application/x-der","SD":"3006020101020102"}`)
	if found != "" {
		t.Fatal(found)
	}
	if m.Version != "1.2" || m.Gateway != "GW1" || m.Meter != "MTR1" || m.Page != (Page{"T1", "T", 1, PageNext, true}) {
		t.Errorf("header %+v", m)
	}
	if m.User.Kind != "ISO14443" || m.User.ID != "04A1B2C3D4E5F6" || m.User.Level != "VERIFIED" || strings.Join(m.User.Flags, ",") != "RFID_PLAIN" {
		t.Errorf("user %+v", m.User)
	}
	if m.Place != (Place{"EVSEID", "DE*TST*E1*1"}) || m.Cable != (Cable{true, "1", "1.5", "mOhm"}) {
		t.Errorf("place %+v, cable %+v", m.Place, m.Cable)
	}
	want := Entry{
		Tx: "B", Time: time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC), Zone: 7200, Clock: "S",
		Value: Decimal{10005, -1}, Unit: "kWh", OBIS: "1-0:1.8.0", Status: "G", Quality: Good, HasLoss: true,
	}
	if len(m.Entries) != 1 || m.Entries[0] != want {
		t.Errorf("got  %+v\nwant %+v", m.Entries, want)
	}
	if string(m.Signed) != beginPayload || m.Trimmed != nil {
		t.Errorf("signed bytes %s", m.Signed)
	}
}

// A field left out keeps the value of the reading before it, so a second register shares time and transaction.
func TestDecodeOCMFInheritsFields(t *testing.T) {
	m, found := decodeOCMF(t, `OCMF|{"FV":"1.0","MS":"M","RD":[`+
		`{"TM":"2021-10-06T13:13:56,000+0200 R","TX":"B","RV":57.584,"RI":"1-0:1.8.0","RU":"kWh","EF":"","ST":"G"},`+
		`{"RV":4.405,"RI":"1-0:2.8.0"},`+
		`{"TM":"2021-10-06T13:15:13,000+0200 R","TX":"E","RV":58.685,"RI":"1-0:1.8.0"},`+
		`{"RV":"4.405","RI":"1-0:2.8.0","EF":"E"},{"EF":""}]}|`+sd)
	if found != "" {
		t.Fatal(found)
	}
	var got []string
	for _, e := range m.Entries {
		got = append(got, string(e.Tx)+" "+e.OBIS+" "+e.Unit+" "+e.Status+" "+e.Errors+" "+e.Time.Format("15:04:05"))
	}
	want := []string{
		"B 1-0:1.8.0 kWh G  11:13:56", "B 1-0:2.8.0 kWh G  11:13:56", "E 1-0:1.8.0 kWh G  11:15:13",
		"E 1-0:2.8.0 kWh G E 11:15:13", "E 1-0:2.8.0 kWh G  11:15:13",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The payload ends with its object, whatever its texts contain; every byte up to the pipe is signed.
func TestDecodeOCMFSignedBytes(t *testing.T) {
	reading := `"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1,"RI":"1","RU":"kWh","ST":"G"}]}`
	for _, c := range []struct{ name, payload, trimmed string }{
		{"a pipe in a text", `{"FV":"1.0","MS":"M","TT":"Nacht|Tarif",` + reading, ""},
		{"braces and quotes in a text", `{"FV":"1.0","MS":"M","TT":"}|{\"SD\":\"",` + reading, ""},
		{"an escaped backslash before the quote", `{"FV":"1.0","MS":"M","TT":"\\",` + reading, ""},
		{"nested vendor objects", `{"FV":"1.0","MS":"M","UA":{"a":[{"b":"|"},[1,2,null,true]]},` + reading, ""},
		{"lines and tabs inside", "{\n\t\"FV\" : \"1.0\",\r\n \"MS\":\"M\"," + reading, ""},
		{"blanks outside", ` {"FV":"1.0","MS":"M",` + reading + "\n", `{"FV":"1.0","MS":"M",` + reading},
	} {
		m, found := decodeOCMF(t, "OCMF|"+c.payload+"|"+sd)
		if found != "" || string(m.Signed) != c.payload || string(m.Trimmed) != c.trimmed {
			t.Errorf("%s: [%s]\nsigned  %q\ntrimmed %q", c.name, found, m.Signed, m.Trimmed)
		}
	}
}

func TestDecodeOCMFDeviations(t *testing.T) {
	const head = `OCMF|{"FV":"1.0","MS":"M","PG":"T1",`
	const tail = `"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1,"RI":"1","RU":"kWh","ST":"G"}]}|` + sd
	for _, c := range []struct{ name, line, found string }{
		{"nothing odd", head + tail, ""},
		{"first version with text in IS", `OCMF|{"FV":"0.1","VI":"ABL","VV":"1.4","MS":"M","IS":"VERIFIED",` + tail, ""},
		{"serial as a number", `OCMF|{"FV":"1.0","MS":12345,` + tail, ""},
		{"one flag without brackets", head + `"IF":"RFID_PLAIN",` + tail, ""},
		{"key as fourth section", head + tail + "|3059...", ""},
		{"version with a third part", `OCMF|{"FV":"1.0.1","MS":"M",` + tail, ""},
		{"version as text", `OCMF|{"FV":"next","MS":"M",` + tail, "version-newer"},
		{"version 1.9", `OCMF|{"FV":"1.9","MS":"M",` + tail, "version-newer"},
		{"cable that is no object", head + `"LC":null,` + tail, ""},
		{"no pipe at all", `OCMF|`, "payload-json"},
		{"array as payload", `OCMF|[]|` + sd, "payload-json"},
		{"a comma too many", head + `"UA":[1,],` + tail, "payload-json"},
		{"a raw line break in a text", head + "\"UA\":\"a\nb\"," + tail, "payload-json"},
		{"an unknown escape", head + `"UA":"\q",` + tail, "payload-json"},
		{"half a surrogate pair", head + `"UA":"\ud83d\ude00 \ud83d",` + tail, ""},
		{"a name twice, once escaped", head + `"\u0050G":"T2",` + tail, "payload-json"},
		{"nesting without end", head + `"UA":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "," + tail, "payload-json"},
		{"readings that are no list", `OCMF|{"FV":"1.0","MS":"M","RD":{}}|` + sd, "payload-json"},
		{"no readings", `OCMF|{"FV":"1.0","MS":"M"}|` + sd, "readings-missing"},
		{"a reading without time and value", `OCMF|{"FV":"1.0","MS":"M","RD":[{}]}|` + sd, "time-unreadable value-unreadable"},
		{"payload only", strings.TrimSuffix(head+tail, "|"+sd), "signature-missing"},
		{"no SD", strings.TrimSuffix(head+tail, sd) + `{}`, "signature-missing"},
		{"signature section is text", strings.TrimSuffix(head+tail, sd) + `x`, "signature-json"},
		{"not this format", "AP;0;3;", "format-unknown"},
	} {
		if _, found := decodeOCMF(t, c.line); found != c.found {
			t.Errorf("%s: [%s], want [%s]", c.name, found, c.found)
		}
	}
}

func TestDecodeOCMFUserLevel(t *testing.T) {
	const tail = `"MS":"M","RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","RV":1}]}|` + sd
	for _, c := range []struct{ head, level string }{
		{`OCMF|{"FV":"0.1","IS":"VERIFIED",`, "VERIFIED"},
		{`OCMF|{"FV":"1.0","IS":true,"IL":"TRUSTED",`, "TRUSTED"},
		{`OCMF|{"FV":"1.0","IS":true,`, ""},
	} {
		if m, _ := decodeOCMF(t, c.head+tail); m.User.Level != c.level {
			t.Errorf("%s: level %q, want %q", c.head, m.User.Level, c.level)
		}
	}
}

func TestParseOCMFTime(t *testing.T) {
	for _, c := range []struct {
		text    string
		utc     string // empty: refused
		zone    int
		clock   string
		unusual bool
	}{
		{"2018-07-24T13:22:04,000+0200 S", "2018-07-24T11:22:04Z", 7200, "S", false},
		{"2024-02-29T23:30:00,500-0130 R", "2024-03-01T01:00:00.5Z", -5400, "R", false},
		{"1970-01-01T01:01:49,000+0100 U", "1970-01-01T00:01:49Z", 3600, "U", false},
		{"2026-10-25T02:30:00,000+0200 I", "2026-10-25T00:30:00Z", 7200, "I", false}, // clocks go back: first 02:30
		{"2026-10-25T02:30:00,000+0100 I", "2026-10-25T01:30:00Z", 3600, "I", false}, // and the second
		{"2026-10-05T08:00:00.123+0200 S", "2026-10-05T06:00:00.123Z", 7200, "S", true},
		{"2026-10-05T08:00:00+0200 S", "2026-10-05T06:00:00Z", 7200, "S", true},
		{"2026-10-05T08:00:00,000+02:00 S", "2026-10-05T06:00:00Z", 7200, "S", true},
		{"2026-10-05T08:00:00Z", "2026-10-05T08:00:00Z", 0, "", true},
		{"2026-10-05T08:00:00,000+0200", "2026-10-05T06:00:00Z", 7200, "", true},
		{"2026-10-05T08:00:00,000+0200 Q", "", 0, "", false},
		{"2026-10-05T08:00:00,000+0200S", "", 0, "", false},
		{"2026-10-05T08:00:00,000 S", "", 0, "", false},
		{"2026-10-05 08:00:00,000+0200 S", "", 0, "", false},
		{"2026-02-29T08:00:00,000+0200 S", "", 0, "", false},
		{"2026-10-05T24:00:00,000+0200 S", "", 0, "", false},
		{"2026-10-05T08:60:00,000+0200 S", "", 0, "", false},
		{"2026-10-05T08:00:00,000+9900 S", "", 0, "", false},
		{"26-10-05T08:00:00,000+0200 S", "", 0, "", false},
		{"", "", 0, "", false},
	} {
		got, ok := parseOCMFTime(c.text)
		if !ok {
			if c.utc != "" {
				t.Errorf("%q refused", c.text)
			}
			continue
		}
		if s := got.time.Format(time.RFC3339Nano); s != c.utc || got.zone != c.zone || got.clock != c.clock || got.unusual != c.unusual {
			t.Errorf("%q: %s %d %q %v, want %s %d %q %v", c.text, s, got.zone, got.clock, got.unusual, c.utc, c.zone, c.clock, c.unusual)
		}
	}
}
