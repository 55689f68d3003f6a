package evidence

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"wattdue/cdr"
	"wattdue/meter"
)

// Two lines that nobody signed: this package finds evidence, it does not judge it.
const (
	beginLine = `OCMF|{"FV":"1.2","GS":"GW1","PG":"T1","MS":"M1","RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]}|{"SD":"3006020101020101"}`
	endLine   = `OCMF|{"FV":"1.2","GS":"GW1","PG":"T2","MS":"M1","RD":[{"TM":"2026-10-05T09:00:00,000+0200 S","TX":"E","RV":2,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]}|{"SD":"3006020101020101"}`
	bothLine  = `OCMF|{"FV":"1.2","GS":"GW1","PG":"T9","MS":"M1","RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{"TX":"E","RV":2}]}|{"SD":"3006020101020101"}`
)

// ocpiCharge is a charge record with signed values.
func ocpiCharge(id string, signed string) string {
	return `{"country_code":"DE","party_id":"TST","id":"` + id + `","start_date_time":"2026-10-05T06:00:00Z","end_date_time":"2026-10-05T07:00:00Z",
"cdr_token":{"country_code":"DE","party_id":"EMP","uid":"04A1","type":"RFID","contract_id":"DE-EMP-C1"},"auth_method":"WHITELIST",
"cdr_location":{"id":"L1","address":"A","city":"B","country":"DEU","coordinates":{"latitude":"52.5","longitude":"13.4"},"evse_uid":"1","evse_id":"DE*TST*E1*1",
"connector_id":"1","connector_standard":"IEC_62196_T2","connector_format":"SOCKET","connector_power_type":"AC_3_PHASE"},"currency":"EUR",
"charging_periods":[{"start_date_time":"2026-10-05T06:00:00Z","dimensions":[{"type":"ENERGY","volume":1}]}],
"total_cost":{"excl_vat":1},"total_energy":1,"total_time":1,"last_updated":"2026-10-05T08:00:00Z"` + signed + `}`
}

func signedData(lines ...string) string {
	var values []string
	for _, l := range lines {
		values = append(values, `{"nature":"Start","signed_data":"`+base64.StdEncoding.EncodeToString([]byte(l))+`"}`)
	}
	return `,"signed_data":{"encoding_method":"OCMF","public_key":"KEY","signed_values":[` + strings.Join(values, ",") + `]}`
}

func oicpCharge(id, rest string) string {
	return `{"SessionID":"` + id + `","EvseID":"DE*TST*E1*1","Identification":{"RFIDMifareFamilyIdentification":{"UID":"04A1"}},` +
		`"SessionStart":"2026-10-05T07:55:00+02:00","SessionEnd":"2026-10-05T09:10:00+02:00","ChargingStart":"2026-10-05T08:00:00+02:00",` +
		`"ChargingEnd":"2026-10-05T09:00:00+02:00","ConsumedEnergy":"1.0","MeterValueStart":1.5` + rest + `}`
}

func oicpSigned(lines ...string) string {
	var values []string
	for _, l := range lines {
		values = append(values, fmt.Sprintf(`{"SignedMeteringValue":%q,"MeteringStatus":"Start"}`, l))
	}
	return `,"CalibrationLawVerificationInfo":{"PublicKey":"KEY"},"SignedMeteringValues":[` + strings.Join(values, ",") + `]`
}

// disk is files that can all be read.
func disk(files ...File) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// TestUnread: a file that cannot be read is a problem, and the next one is read.
func TestUnread(t *testing.T) {
	files := func(yield func(File, error) bool) {
		_ = yield(File{Name: "a"}, errors.New("no right to read it")) && yield(File{"b", []byte(bothLine)}, nil)
	}
	n := 0
	for s, err := range Read(files) {
		if n++; (n == 1) != (err != nil) || n == 1 && err.Error() != "a: no right to read it" || n == 2 && s.File != "b" {
			t.Errorf("%d: %+v %v", n, s, err)
		}
	}
	for range Read(files) {
		break
	}
}

// found tells what Read yielded: file, name, number of messages and the first fault of each, or the problem.
func found(files ...File) []string {
	var out []string
	for s, err := range Read(disk(files...)) {
		var p *Problem
		switch {
		case errors.As(err, &p) && p.Harmless:
			out = append(out, p.File+" harmless")
			continue
		case errors.As(err, &p):
			out = append(out, p.File+" problem")
			continue
		}
		line := fmt.Sprintf("%s [%s] %d", s.File, s.Name, len(s.Evidence.Messages))
		for _, m := range s.Evidence.Messages {
			if len(m.Faults) > 0 {
				line += " " + m.Faults[0].Code
			}
		}
		out = append(out, line)
	}
	return out
}

func TestRead(t *testing.T) {
	safe := `<values><value transactionId="7"><signedData>` + bothLine + `</signedData></value><value transactionId="8"><signedData>x</signedData></value></values>`
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"one.ocmf", bothLine, []string{"one.ocmf [T9] 1"}},
		{"lines.txt", "\ufeff" + beginLine + "\r\n" + endLine + "\n" + bothLine + "\n", []string{"lines.txt [T1] 2", "lines.txt [T9] 1"}},
		{"pretty.ocmf", strings.Replace(bothLine, `,"PG"`, ",\n\"PG\"", 1), []string{"pretty.ocmf [T9] 1"}},
		{"file.xml", safe, []string{"file.xml [7] 1", "file.xml [8] 1 format-unknown"}},
		{"note.txt", "see you", []string{"note.txt [] 1 format-unknown"}},
		{"empty.txt", " \n", []string{"empty.txt problem"}},
		{"cdr.json", ocpiCharge("C1", signedData(beginLine, endLine)), []string{"cdr.json [DE/TST/C1] 2"}},
		{"cdrs.json", "[" + ocpiCharge("C1", signedData(bothLine)) + "," + ocpiCharge("C2", "") + "]", []string{"cdrs.json [DE/TST/C1] 1", "cdrs.json [DE/TST/C2] 0"}},
		{"cdrs.jsonl", ocpiCharge("C1", signedData("rubbish")) + "\n" + ocpiCharge("", ""), []string{"cdrs.jsonl [DE/TST/C1] 1 format-unknown", "cdrs.jsonl problem"}},
		{"page.json", `{"data":[` + ocpiCharge("C1", signedData(bothLine)) + `],"status_code":1000,"timestamp":"2026-10-05T08:00:00Z"}`, []string{"page.json [DE/TST/C1] 1"}},
		{"oicp.json", oicpCharge("S1", oicpSigned(beginLine, endLine)), []string{"oicp.json [S1] 2"}},
		{"oicps.json", "[" + oicpCharge("S1", oicpSigned(bothLine)) + "," + oicpCharge("S2", `,"SignedMeteringValues":null`) + "]", []string{"oicps.json [S1] 1", "oicps.json [S2] 0"}},
		{"oicp-page.json", `{"content":[` + oicpCharge("S1", oicpSigned(bothLine)) + `],"number":0}`, []string{"oicp-page.json [S1] 1"}},
		{"oicp-bad.json", oicpCharge("S1", `,"ConsumedEnergy":"much"`) + oicpCharge("S2", oicpSigned(bothLine)), []string{"oicp-bad.json problem", "oicp-bad.json [S2] 1"}},
		{"oicp-odd.json", oicpCharge("S1", `,"SignedMeteringValues":{"a":[{}]}`) + oicpCharge("S2", `,"SignedMeteringValues":[1]`) + oicpCharge("S3", `,"SignedMeteringValues":2`), []string{"oicp-odd.json [S1] 0", "oicp-odd.json [S2] 0", "oicp-odd.json [S3] 0"}},
		{"oicp-many.json", oicpCharge("S1", `,"SignedMeteringValues":[`+strings.Repeat("{},", maxOICPValues)+`{}]`), []string{"oicp-many.json problem"}},
		{"oicp-none.json", `["SessionID","EvseID"]`, []string{"oicp-none.json problem"}},
		{"oicp-page-odd.json", `{"content":{"SessionID":"EvseID","EvseID":1}}`, []string{"oicp-page-odd.json problem"}},
		{"oicp-cut.json", oicpCharge("S1", oicpSigned(bothLine)) + "\n" + oicpCharge("S2", "")[:80], []string{"oicp-cut.json [S1] 1", "oicp-cut.json problem"}},
		{"bundle.7z", "7z\xbc\xaf\x27\x1c0000", []string{"bundle.7z problem"}},
	} {
		if got := found(File{c.name, []byte(c.data)}); !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestReadInside: archives are opened, and their files named by the way to them.
func TestReadInside(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range []struct{ name, data string }{{"a/one.ocmf", bothLine}, {"b/two.txt", beginLine}} {
		part, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(f.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"october.zip > a/one.ocmf [T9] 1", "october.zip > b/two.txt [T1] 1"}
	if got := found(File{"october.zip", b.Bytes()}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestStopped: a caller that stops listening gets nothing more.
func TestStopped(t *testing.T) {
	files := []File{{"a", []byte(bothLine)}, {"b", nil}, {"c", []byte(ocpiCharge("C1", "") + ocpiCharge("C2", ""))}, {"d", []byte(oicpCharge("S", "") + oicpCharge("S", ""))}}
	for stop := 1; stop < 7; stop++ {
		n := 0
		for range Read(disk(files...)) {
			if n++; n == stop {
				break
			}
		}
		if n != min(stop, 6) {
			t.Errorf("%d yielded, stopped after %d", n, stop)
		}
	}
}

// TestCharges: what the sender states stands beside the signed values.
func TestCharges(t *testing.T) {
	for _, c := range []struct{ container, data string }{
		{"OCPI-CDR", ocpiCharge("C1", signedData(bothLine))},
		{"OICP-CDR", oicpCharge("S1", oicpSigned(bothLine))},
	} {
		for s, err := range Read(disk(File{"x", []byte(c.data)})) {
			if err != nil {
				t.Fatal(err)
			}
			r := s.Evidence.Stated
			if r == nil || r.Energy != 1_000_000 || r.Start.Format("15:04") != "06:00" || r.End.Format("15:04") != "07:00" || r.Location.EVSEID != "DE*TST*E1*1" ||
				r.Token.UID != "04A1" || s.Evidence.Key != "KEY" {
				t.Errorf("%s: %+v", c.container, r)
			}
			if m := s.Evidence.Messages[0]; m.Outer.Container != c.container || m.Outer.Role != meter.RoleBegin || len(m.Notes) != 0 {
				t.Errorf("%+v %+v", m.Outer, m.Notes)
			}
		}
	}
}

// TestManyLines: a text file with more records than any real one is refused, and a long pretty record is not.
func TestManyLines(t *testing.T) {
	if got := found(File{"x", []byte(strings.Repeat("AP;\n", maxLines+1))}); !slices.Equal(got, []string{"x problem"}) {
		t.Errorf("%q", got)
	}
	if got := found(File{"x", []byte(strings.Replace(bothLine, `,"PG"`, strings.Repeat("\n", 2*maxLines)+`,"PG"`, 1))}); !slices.Equal(got, []string{"x [T9] 1"}) {
		t.Errorf("%q", got)
	}
}

// TestOICPToken: the card or contract is found in whichever way the customer identified himself.
func TestOICPToken(t *testing.T) {
	for _, c := range []struct {
		identification string
		want           cdr.Token
	}{
		{`{"RFIDMifareFamilyIdentification":{"UID":"04A1"}}`, cdr.Token{Type: "RFID", UID: "04A1"}},
		{`{"RFIDIdentification":{"UID":"04A2","EvcoID":"DE-EMP-C1"}}`, cdr.Token{Type: "RFID", UID: "04A2", ContractID: "DE-EMP-C1"}},
		{`{"PlugAndChargeIdentification":{"EvcoID":"DE-EMP-C2"}}`, cdr.Token{ContractID: "DE-EMP-C2"}},
		{`{"RemoteIdentification":{"EvcoID":"DE-EMP-C3"}}`, cdr.Token{ContractID: "DE-EMP-C3"}},
		{`{"QRCodeIdentification":{"EvcoID":"DE-EMP-C4"}}`, cdr.Token{ContractID: "DE-EMP-C4"}},
		{`{}`, cdr.Token{}},
	} {
		charge := strings.Replace(oicpCharge("S1", ""), `{"RFIDMifareFamilyIdentification":{"UID":"04A1"}}`, c.identification, 1)
		for s, err := range Read(disk(File{"x", []byte(charge)})) {
			if err != nil || s.Evidence.Stated.Token != c.want {
				t.Errorf("%s: %+v %v", c.identification, s.Evidence.Stated, err)
			}
		}
	}
}

// TestOICPTimes: the times of the charging count, else those of the session; without any there is no record.
func TestOICPTimes(t *testing.T) {
	charge := oicpCharge(strings.Repeat("S", 100), "")
	charging := []string{`"ChargingStart":"2026-10-05T08:00:00+02:00",`, `"ChargingEnd":"2026-10-05T09:00:00+02:00",`}
	session := []string{`"SessionStart":"2026-10-05T07:55:00+02:00",`, `"SessionEnd":"2026-10-05T09:10:00+02:00",`}
	for _, c := range []struct {
		without []string
		want    string
	}{
		{nil, "06:00 07:00"},
		{charging[:1], "05:55 07:00"},
		{charging[1:], "06:00 07:10"},
		{session, "06:00 07:00"},
		{[]string{charging[0], session[0]}, "problem"},
		{[]string{charging[1], session[1]}, "problem"},
	} {
		data := charge
		for _, w := range c.without {
			data = strings.Replace(data, w, "", 1)
		}
		for s, err := range Read(disk(File{"x", []byte(data)})) {
			got := "problem"
			if err == nil {
				got = s.Evidence.Stated.Start.Format("15:04") + " " + s.Evidence.Stated.End.Format("15:04")
			} else if len(err.Error()) > 250 {
				t.Errorf("a long message: %v", err)
			}
			if got != c.want {
				t.Errorf("without %q: %s, want %s", c.without, got, c.want)
			}
		}
	}
}

// TestMicroKWh: 30.541 kWh are 30,541,000 millionths; what is finer is cut.
func TestMicroKWh(t *testing.T) {
	for text, want := range map[string]int64{"30.541": 30_541_000, `"30.541"`: 30_541_000, "0.0000019": 1, "1e3": 1_000_000_000, "-1": -1, "1e30": -1, "": -1, "true": -1} {
		got, ok := microKWh([]byte(text))
		if ok != (want >= 0) || ok && int64(got) != want {
			t.Errorf("%s: %d %t, want %d", text, got, ok, want)
		}
	}
}

// tarOf packs files for the tests.
func tarOf(t testing.TB, files ...File) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o600, Size: int64(len(f.Data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzRead: no file panics, every file is accounted for.
func FuzzRead(f *testing.F) {
	f.Add([]byte(beginLine + "\n" + endLine))
	f.Add([]byte("[" + ocpiCharge("C1", signedData(bothLine)) + "]"))
	f.Add([]byte(`{"content":[` + oicpCharge("S1", oicpSigned(bothLine)) + `]}`))
	f.Add(tarOf(f, File{"secrrct", []byte(`{"station_mac":"0024:b1","outlet":1}`)}, File{"secrrct.sign", []byte{0x30, 0}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 && len(found(File{"x", b})) == 0 && !isContainer(b) {
			t.Fatal("passed over in silence")
		}
	})
}

// isContainer reports an archive, which may be empty, or an empty list of records.
func isContainer(b []byte) bool {
	return isJSON(b) || bytes.HasPrefix(b, []byte("PK")) || len(b) >= 512 || bytes.HasPrefix(b, []byte("\x1f\x8b")) || bytes.HasPrefix(b, []byte("BZh"))
}
