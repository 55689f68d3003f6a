package meter

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"wattdue/cdr"
)

// readingsOf is an OCMF line with the given readings after a whole one; those that say nothing repeat it.
func readingsOf(more string) string {
	return `OCMF|{"FV":"1.0","GS":"GW1","MS":"MTR1","PG":"T1","RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1,` +
		`"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}` + more + `]}|{"SD":"3006020101020101"}`
}

// TestManyReadings: three bytes are a reading, so a small record could hold millions, which all are compared.
func TestManyReadings(t *testing.T) {
	line := readingsOf(strings.Repeat(",{}", maxReadings))
	if m := Decode([]byte(line))[0]; reasonCodes(m.Faults) != "payload-json" || len(m.Entries) > maxReadings {
		t.Errorf("one record: %s, %d readings", reasonCodes(m.Faults), len(m.Entries))
	}
	line = readingsOf(strings.Repeat(",{}", maxReadings-1))
	values := make([]cdr.SignedValue, 20)
	for i := range values {
		values[i].Signed = b64(line + strings.Repeat(" ", i))
	}
	e, _ := EvidenceOf(recordOf(values...))
	readings := 0
	for _, m := range e.Messages {
		readings += len(m.Entries)
	}
	if readings > maxMessages*readingsPerPart+maxReadings || reasonCodes(e.Messages[19].Faults) != "messages-too-many" {
		t.Errorf("many records: %d readings, the last: %s", readings, reasonCodes(e.Messages[19].Faults))
	}
}

// TestManyFindings: a finding per reading would fill verdict and database; each code is still there.
func TestManyFindings(t *testing.T) {
	var more strings.Builder
	for i := range 2 * maxReasons {
		fmt.Fprintf(&more, `,{"TX":"C","ST":"S%d"}`, i)
	}
	v := Check(recordOf(cdr.SignedValue{Signed: b64(readingsOf(more.String() + `,{"TX":"E","ST":"M"}`))}), nil, DefaultProfile())
	if len(v.Reasons) > maxReasons+len(rules) || !v.Has("status-not-good") || !v.Has("energy-mismatch") {
		t.Errorf("%d reasons, the last %+v", len(v.Reasons), v.Reasons[len(v.Reasons)-1])
	}
}

// TestManyArchives: archives of a few kilobytes, each of which unpacks to megabytes.
func TestManyArchives(t *testing.T) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	f, err := w.Create("1/secrrct")
	if err != nil {
		t.Fatal(err)
	}
	receipt := `{"meter_startreading":1,"meter_endreading":2,"station_mac":"0a"}`
	if _, err := f.Write([]byte(receipt + strings.Repeat(" ", 500_000))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	archive := base64.StdEncoding.EncodeToString(packed.Bytes())
	values := make([]cdr.SignedValue, 50)
	for i := range values {
		values[i].Signed = archive
	}
	e, _ := EvidenceOf(recordOf(values...))
	if got := reasonCodes(e.Messages[0].Faults); !strings.Contains(got, "signature-missing") {
		t.Errorf("the first: %s", got)
	}
	if got := reasonCodes(e.Messages[49].Faults); got != "messages-too-many" {
		t.Errorf("the last: %s", got)
	}
	file := "<values>" + strings.Repeat("<value><signedData>"+archive+"</signedData></value>", 50) + "</values>"
	if m := Decode([]byte(file)); len(m) != 1 || reasonCodes(m[0].Faults) != "messages-too-many" {
		t.Errorf("in a file: %d messages, %s", len(m), reasonCodes(m[0].Faults))
	}
}
