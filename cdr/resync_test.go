package cdr

import (
	"bytes"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// breaks are ways in which one record gets broken. Each must cost exactly that record.
var breaks = []struct{ name, old, new string }{
	{"decimal comma", `"total_energy":11.078`, `"total_energy":11,078`},
	{"word without quotes", `"total_energy":11.078`, `"total_energy":ten`},
	{"missing comma", `"session_id":"S-1",`, `"session_id":"S-1"`},
	{"missing colon", `"session_id":"S-1"`, `"session_id" "S-1"`},
	{"missing opening quote", `"name":"Rathaus"`, `"name":Rathaus"`},
	{"missing closing quote", `"name":"Rathaus"`, `"name":"Rathaus`},
	{"quote inside text", `"name":"Rathaus"`, `"name":"Rat"haus"`},
	{"missing brace inside", `"connector_power_type":"AC_3_PHASE"}`, `"connector_power_type":"AC_3_PHASE"`},
	{"missing bracket inside", `{"type":"PARKING_TIME","volume":0.25}]`, `{"type":"PARKING_TIME","volume":0.25}`},
	{"a brace too many", `"connector_power_type":"AC_3_PHASE"}`, `"connector_power_type":"AC_3_PHASE"}}`},
	{"missing last brace", `"last_updated":"2026-10-05T19:35:00Z"}`, `"last_updated":"2026-10-05T19:35:00Z"`},
	{"cut in a text", `arkt 1","city":"Musterstadt"`, "\x00"},
	{"cut after a colon", `"Markt 1","city":"Musterstadt"`, "\x00"},
	{"bad escape", `"name":"Rathaus"`, `"name":"Rat\haus"`},
	{"control character", `"name":"Rathaus"`, "\"name\":\"Rat\x01haus\""},
	{"leading zero", `"total_time":1.5`, `"total_time":01.5`},
	{"not a number", `"total_time":1.5`, `"total_time":NaN`},
	{"comment", `"session_id":"S-1",`, `/* S-1 */`},
	{"too deep", `"session_id":"S-1"`, `"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70)},
}

// breakRecord applies a break; a new part of NUL means that the record ends there.
func breakRecord(t testing.TB, old, new string) string {
	t.Helper()
	text := edit(t, old, new)
	if before, _, cut := strings.Cut(text, "\x00"); cut {
		return before
	}
	return text
}

func TestOneBrokenRecordCostsOneRecord(t *testing.T) {
	a, b := numbered("A"), numbered("B")
	for _, c := range breaks {
		bad := breakRecord(t, c.old, c.new)
		for _, shape := range []struct{ name, before, after string }{
			{"one per line", a + "\n", "\n" + b + "\n"},
			{"array", "[" + a + ",", "," + b + "]"},
			{"array, one per line", "[\n" + a + ",\n", ",\n" + b + "\n]"},
			{"array, indented lines", "[\n  " + a + ",\n  ", ",\n  " + b + "\n]"},
			{"response", `{"data":[` + a + ",", "," + b + `],"status_code":1000}`},
		} {
			got := read(t, shape.before+bad+shape.after)
			if got.String() != "A "+CodeSyntax+" B" {
				t.Errorf("%s in %s: got %q %v", c.name, shape.name, got, got.rejects)
				continue
			}
			o := got.rejects[0].Origin
			if string(o.Raw) != bad || o.Length != int64(len(bad)) || o.Ordinal != 2 {
				t.Errorf("%s in %s: kept %q", c.name, shape.name, o.Raw)
			}
			if id := got.rejects[0].ID; id != "CDR-1" {
				t.Errorf("%s in %s: names record %q", c.name, shape.name, id)
			}
		}
	}
}

func TestBrokenIndentedRecord(t *testing.T) {
	good := indented(t, "["+numbered("A")+","+sampleCDR+","+numbered("B")+"]")
	at := strings.Index(good, `"CDR-1"`)
	text := good[:at] + strings.Replace(good[at:], `"name": "Rathaus"`, `"name": "Rathaus`, 1)
	got := read(t, text)
	if got.String() != "A "+CodeSyntax+" B" {
		t.Fatalf("got %q %v", got, got.rejects)
	}
	if raw := string(got.rejects[0].Origin.Raw); !strings.HasPrefix(raw, "{") || !strings.HasSuffix(raw, "}") {
		t.Errorf("kept %q ... %q", raw[:20], raw[len(raw)-20:])
	}
	line := strings.Count(text[:strings.Index(text, `"Rathaus,`)], "\n") + 1
	if line == 1 {
		t.Fatal("the break is not in the text")
	}
}

func TestBreakAtTheEndOfAPageKeepsTheNextPage(t *testing.T) {
	page := func(records string) string { return `{"data":[` + records + `],"status_code":1000}` + "\n" }
	for _, c := range breaks {
		bad := breakRecord(t, c.old, c.new)
		got := read(t, page(numbered("A")+","+bad)+page(numbered("B")+","+numbered("C"))+page(numbered("D")))
		if got.String() != "A "+CodeSyntax+" B C D" {
			t.Errorf("%s: got %q %v", c.name, got, got.rejects)
		}
	}
}

func TestSyntaxRejectNamesThePlace(t *testing.T) {
	got := read(t, numbered("A")+"\n{\"id\":\"X\",\n \"total_energy\":1,5}\n")
	want := `json-syntax: record X: broken JSON at line 3, column 19: expected a member name in double quotes; ask the sender to correct it`
	if len(got.rejects) != 1 || got.rejects[0].Error() != want || got.rejects[0].Origin.Line != 2 {
		t.Errorf("got %v", got.rejects)
	}
}

func TestTruncatedFiles(t *testing.T) {
	a, b := numbered("A"), numbered("B")
	for _, c := range []struct{ name, text, want string }{
		{"last line cut", a + "\n" + b[:700], "A " + CodeTruncated},
		{"only record cut", a[:300], CodeTruncated},
		{"a lone brace", "{", CodeTruncated},
		{"array cut inside a record", "[" + a + "," + b[:700], "A " + CodeTruncated},
		{"array cut between records", "[" + a + "," + b, "A B " + CodeTruncated},
		{"array cut after a comma", "[" + a + ",", "A " + CodeTruncated},
		{"array with a broken record, cut between records", "[{\"id\":1,5}," + a + "," + b, CodeSyntax + " A B " + CodeTruncated},
		{"response cut inside a record", `{"status_code":1000,"data":[` + a + "," + b[:700], "A " + CodeTruncated},
		{"response cut between records", `{"status_code":1000,"data":[` + a + ",", "A " + CodeTruncated},
		{"response cut after its data", `{"data":[` + a + `],"stat`, "A " + CodeTruncated},
	} {
		got := read(t, c.text)
		if got.String() != c.want {
			t.Errorf("%s: got %q %v, want %q", c.name, got, got.rejects, c.want)
		}
	}
}

func TestCutAnywhereIsOneReject(t *testing.T) {
	a := numbered("A") + "\n"
	for n := 1; n < len(sampleCDR); n += 7 {
		if got := read(t, a+sampleCDR[:n]); got.String() != "A "+CodeTruncated || string(got.rejects[0].Origin.Raw) != trimmed(sampleCDR[:n]) {
			t.Fatalf("cut at %d: got %q %v", n, got, got.rejects)
		}
	}
}

func trimmed(s string) string { return strings.TrimRight(s, " ,\r\n\t") }

func TestFilesThatAreNoRecords(t *testing.T) {
	noise := make([]byte, 1<<20)
	random := rand.NewChaCha8([32]byte{1})
	if _, err := random.Read(noise); err != nil {
		t.Fatal(err)
	}
	noise[0] = 0x80
	for _, c := range []struct{ name, text, code, says string }{
		{"nothing", "", CodeEmpty, "no record"},
		{"blanks", " \n\n\t", CodeEmpty, "no record"},
		{"byte order mark only", "\xef\xbb\xbf", CodeEmpty, "no record"},
		{"noise", string(noise), CodeNotJSON, "not JSON"},
		{"zeros", strings.Repeat("\x00", 300_000), CodeNotJSON, "not JSON"},
		{"a ZIP archive", "PK\x03\x04" + strings.Repeat("x", 100), CodeNotJSON, "ZIP"},
		{"XML", "<?xml version=\"1.0\"?>\n<cdrs>\n</cdrs>\n", CodeNotJSON, "XML"},
		{"UTF-16", "\xff\xfe{\x00}\x00", CodeNotJSON, "UTF-16"},
		{"CSV", "id;start;end\n1;2;3\n4;5;6\n", CodeNotJSON, "not JSON"},
		{"gzip twice", packed(t, packed(t, sampleCDR)), CodeNotJSON, "compressed twice"},
	} {
		got := read(t, c.text)
		if got.String() != c.code || !strings.Contains(got.rejects[0].Detail, c.says) {
			t.Errorf("%s: got %q %v", c.name, got, got.rejects)
		}
	}
}

func TestRubbishBetweenLines(t *testing.T) {
	a, b := numbered("A"), numbered("B")
	for _, c := range []struct{ name, text, want string }{
		{"a line of words", a + "\nHello, world\n" + b, "A " + CodeSyntax + " B"},
		{"many lines of words", a + "\none\ntwo\n\nthree\n" + b, "A " + CodeSyntax + " B"},
		{"words first", "Hello\n" + b, CodeNotJSON + " B"},
		{"two broken lines", a + "\n{\"id\":\n{\"id\":,}\n" + b, "A " + CodeSyntax + " " + CodeSyntax + " B"},
		{"an empty object", a + "\n{}\n" + b, "A " + CodeMissing + " B"},
		{"null in an array", "[" + a + ",null," + b + "]", "A " + CodeType + " B"},
		{"number in an array", "[1," + b + "]", CodeType + " B"},
		{"array in an array", "[[" + a + "]," + b + "]", CodeType + " B"},
		{"rubbish in an array", "[" + a + ",xyz," + b + "]", "A " + CodeSyntax + " B"},
		{"rubbish at the end of an array", "[" + a + "]xyz", "A " + CodeSyntax},
		{"rubbish behind the data of a response", `{"data":[` + a + "],x}\n" + b, "A " + CodeSyntax + " B"},
	} {
		if got := read(t, c.text); got.String() != c.want {
			t.Errorf("%s: got %q %v, want %q", c.name, got, got.rejects, c.want)
		}
	}
}

// repeat reads a text many times over, so that huge inputs need no memory in the test either.
type repeat struct {
	text string
	left int64
	at   int // position in text
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && r.left > 0 {
		k := copy(p[n:], r.text[r.at:])
		k = int(min(int64(k), r.left))
		n, r.left, r.at = n+k, r.left-int64(k), (r.at+k)%len(r.text)
	}
	return n, nil
}

func TestHugeLineIsOneRejectInBoundedMemory(t *testing.T) {
	a, b := numbered("A"), numbered("B")
	filler := strings.Repeat("x", 1<<16)
	for i, c := range []struct{ name, before, inside, after, want string }{
		{"a long text in a line", a + "\n{\"id\":\"X\",\"url\":\"", filler, "\"}\n" + b, "A " + CodeTooLarge + " B"},
		{"a long text in an array", "[" + a + ",{\"id\":\"X\",\"url\":\"", filler, "\"}," + b + "]", "A " + CodeTooLarge + " B"},
		{"a long list", a + "\n{\"id\":\"X\",\"url\":[0", strings.Repeat(",{\"a\":1}", 1<<13), "]}\n" + b, "A " + CodeTooLarge + " B"},
		{"a line without end", a + "\n{\"id\":\"X\",\"url\":\"", filler, "\n" + b, "A " + CodeTooLarge + " B"},
		{"a line of words", a + "\n", filler, "\n" + b, "A " + CodeSyntax + " B"},
	} {
		size := int64(6 << 20)
		if i == 0 {
			size = 50 << 20
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		in := io.MultiReader(strings.NewReader(c.before), &repeat{text: c.inside, left: size}, strings.NewReader(c.after))
		got := collect(t, ReadOCPI221(in))
		runtime.ReadMemStats(&after)
		if got.String() != c.want {
			t.Errorf("%s: got %q %v, want %q", c.name, got, got.rejects, c.want)
			continue
		}
		o := got.rejects[0].Origin
		if len(o.Raw) != 64<<10 || o.Length < size || o.Length > size+100 || o.Line != strings.Count(c.before, "\n")+1 {
			t.Errorf("%s: kept %d of %d bytes, line %d", c.name, len(o.Raw), o.Length, o.Line)
		}
		if !strings.Contains(got.rejects[0].Detail, "kept are the first 65536 of ") {
			t.Errorf("%s: does not tell what was kept: %s", c.name, got.rejects[0].Detail)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
			t.Errorf("%s: allocated %d bytes in all", c.name, used)
		}
	}
}

func TestHostileNestingStaysFast(t *testing.T) {
	// Every brace is a candidate for the next record. A megabyte takes a blink when the search is linear and minutes
	// when it is not.
	for _, unit := range []string{`},{"a":[{}`, `},{"a":{`, `},{"`, "\n {\"a\":[", `},{"a":"},{"`} {
		in := io.MultiReader(strings.NewReader(`{"x":`), &repeat{text: unit, left: 1 << 20})
		for rec, err := range ReadOCPI221(in) {
			if err == nil {
				t.Errorf("%s: got record %s", unit, rec.ID)
			}
		}
	}
}

func TestRawIsValidUntilTheNextStep(t *testing.T) {
	var text bytes.Buffer
	for range 200 {
		text.WriteString(sampleCDR + "\n")
	}
	for rec, err := range ReadOCPI221(&text) {
		if err != nil || string(rec.Origin.Raw) != sampleCDR {
			t.Fatalf("record %d: %v", rec.Origin.Ordinal, err)
		}
	}
}
