package jobs_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wattdue/dev/simulate"
)

// TestBadRecordsAreKeptAndTheRestIsBilled puts every kind of bad record among good ones. Each must be in quarantine with
// its bytes and one clear reason; every good one must be billed.
func TestBadRecordsAreKeptAndTheRestIsBilled(t *testing.T) {
	o := simulate.Options{Seed: 6, Customers: 10, Sessions: 40, Faults: -1}
	w, err := simulate.Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, o)
	inbox := h.InboxOf(w.Tenant.Code)
	good := h.oneRecord(t, inbox)
	// Each spoils a copy of a good record under an id of its own.
	spoil := func(id, old, new string) string {
		s := renamed(good, id)
		if old == "" {
			return s
		}
		re := regexp.MustCompile(old)
		if !re.MatchString(s) {
			t.Fatalf("%s: %q is not in the record", id, old)
		}
		at := re.FindStringIndex(s)
		return s[:at[0]] + re.ReplaceAllString(s[at[0]:at[1]], new) + s[at[1]:]
	}
	cases := []struct{ name, code, field, line string }{
		{"truncated", "json-truncated", "", good[:len(good)/2]},
		{"wrong type", "field-type", "charging_periods", spoil("B1", `"charging_periods":\s*\[`, `"charging_periods": 7, "x": [`)},
		{"missing field", "field-missing", "currency", spoil("B2", `"currency":\s*"EUR",?`, ``)},
		{"end before start", "time-order", "end_date_time", spoil("B3", `"end_date_time":\s*"2026`, `"end_date_time": "2025`)},
		{"1970", "time-implausible", "start_date_time", spoil("B4", `"start_date_time":\s*"2026`, `"start_date_time": "1970`)},
		{"unknown currency", "currency-unknown", "currency", spoil("B5", `"currency":\s*"EUR"`, `"currency": "XYZ"`)},
		{"energy as text", "field-type", "total_energy", spoil("B6", `"total_energy":\s*[0-9.]+`, `"total_energy": "twelve"`)},
		{"binary", "json-syntax", "", "\x00\x01\xfe\xff\x7f rubbish"},
		{"50 MB", "record-too-large", "", `{"id":"` + strings.Repeat("x", 50<<20) + `"}`},
	}
	var file bytes.Buffer
	for i, c := range cases {
		if c.name == "truncated" {
			continue // stands last, where nothing follows that could complete it
		}
		file.WriteString(spoil("GOOD-"+string(rune('A'+i)), "", "") + "\n")
		file.WriteString(c.line + "\n")
	}
	file.WriteString(spoil("GOOD-Z", "", "") + "\n" + cases[0].line)
	write(t, filepath.Join(inbox, "zz-bad.ndjson"), file.Bytes())
	write(t, filepath.Join(inbox, "zz-bomb.json.gz"), bomb(t))
	write(t, filepath.Join(inbox, "zz-rubbish.json"), []byte("\x89PNG\r\n\x1a\n\x00\x00"))
	h.start(t)
	h.month(t, 1000)

	rows, err := h.DB.QuarantineList(t.Context(), h.tenant.ID, "open")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		found := false
		for _, r := range rows {
			if r.File == "zz-bad.ndjson" && r.Code == c.code && (c.field == "" || strings.HasPrefix(r.Field, c.field)) {
				found = true
				kept, err := h.DB.QuarantinePayload(t.Context(), h.tenant.ID, r)
				if err != nil || len(kept) == 0 || !strings.HasPrefix(c.line, string(kept[:min(len(kept), 200)])) {
					t.Errorf("%s: its bytes are not kept (%d bytes, error %v)", c.name, len(kept), err)
				}
				if r.Reason == "" || strings.Contains(r.Reason, "\n") {
					t.Errorf("%s: the reason is not one clear line: %q", c.name, r.Reason)
				}
			}
		}
		if !found {
			t.Errorf("%s: no %s of %q in quarantine", c.name, c.code, c.field)
		}
	}
	for file, code := range map[string]string{"zz-bomb.json.gz": "gzip-bomb", "zz-rubbish.json": "not-json"} {
		found := false
		for _, r := range rows {
			found = found || r.File == file && r.Code == code
		}
		if !found {
			t.Errorf("%s: no %s in quarantine", file, code)
		}
	}
	if t.Failed() || len(rows) != len(cases)+2 {
		for _, r := range rows {
			t.Logf("%s %d %s %s %s", r.File, r.Ordinal, r.Code, r.Field, r.Reason)
		}
		t.Errorf("%d records in quarantine, want %d", len(rows), len(cases)+2)
	}
	billed := h.number(t, `select count(*) from charge where cdr_id like 'GOOD-%' and charge_id in (select charge_id from billed)`)
	if billed != int64(len(cases)) {
		t.Errorf("%d of the good records beside the bad are billed, want %d", billed, len(cases))
	}
}

// renamed is a record under another id.
func renamed(record, id string) string {
	return regexp.MustCompile(`("id":\s*)"[^"]*"`).ReplaceAllString(record, `${1}"`+id+`"`)
}

// oneRecord returns a record of the inbox as one line, without its signed values, and sees to it that none are required:
// copies of it under other ids would repeat them.
func (h *house) oneRecord(t *testing.T, inbox string) string {
	t.Helper()
	h.sql(t, `insert into signature_policy (tenant_id, rule_id, country, valid_from, note) values ($1, 'TEST', 'DE', '2020-01-01', 'for copies')`, h.tenant.ID)
	files, err := filepath.Glob(filepath.Join(inbox, "*.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file with one record per line in the inbox: %v", err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	const signed = `,"signed_data":`
	at := bytes.Index(line, []byte(signed))
	if at < 0 {
		t.Fatalf("the first record of %s carries no signed values", files[0])
	}
	rest := json.NewDecoder(bytes.NewReader(line[at+len(signed):]))
	if err := rest.Decode(new(json.RawMessage)); err != nil {
		t.Fatal(err)
	}
	return string(line[:at]) + string(line[at+len(signed)+int(rest.InputOffset()):])
}

// bomb is a small file that unfolds to 300 MB of white space.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	blank := bytes.Repeat([]byte{' '}, 1<<20)
	for range 300 {
		if _, err := z.Write(blank); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
