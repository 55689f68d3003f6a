package cdr

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func indented(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestShapes(t *testing.T) {
	a, b, c := numbered("A"), numbered("B"), numbered("C")
	const head = `"status_code":1000,"status_message":"Success","timestamp":"2026-11-01T00:00:00Z"`
	shapes := []struct {
		name, text, want string
		lines            []int
	}{
		{"one object", a, "A", []int{1}},
		{"one object over many lines", "\n\n" + indented(t, a) + "\n", "A", []int{3}},
		{"array", "[" + a + "," + b + "," + c + "]", "A B C", []int{1, 1, 1}},
		{"array, one per line", "[\n" + a + ",\n" + b + ",\n" + c + "\n]\n", "A B C", []int{2, 3, 4}},
		{"indented array", indented(t, "["+a+","+b+"]"), "A B", []int{2, 0}},
		{"empty array", "[]", "", nil},
		{"array with a comma too many", "[" + a + ",]", "A", []int{1}},
		{"two arrays", "[" + a + "]\n[" + b + "]", "A B", []int{1, 2}},
		{"response, status first", "{" + head + `,"data":[` + a + "," + b + "]}", "A B", []int{1, 1}},
		{"response, data first", `{"data":[` + a + "," + b + "]," + head + "}", "A B", []int{1, 1}},
		{"response, strange member first", `{"x":{"id":1},"data":[` + a + "]," + head + "}", "A", []int{1}},
		{"indented response", indented(t, "{"+head+`,"data":[`+a+","+b+"]}"), "A B", []int{6, 0}},
		{"response with one object", "{" + head + `,"data":` + a + "}", "A", []int{1}},
		{"response without records", "{" + head + `,"data":[]}`, "", nil},
		{"response with quoted status", `{"status_code":"1000","data":[` + a + "]}", "A", []int{1}},
		{"pages of responses, one per line", "{" + head + `,"data":[` + a + "]}\n{" + head + `,"data":[` + b + "]}\n", "A B", []int{1, 2}},
		{"array of responses", "[{" + head + `,"data":[` + a + "]},{" + head + `,"data":[` + b + "]}]", "A B", []int{1, 1}},
		{"one per line", a + "\n" + b + "\n" + c + "\n", "A B C", []int{1, 2, 3}},
		{"one per line, last line open", a + "\n" + b, "A B", []int{1, 2}},
		{"one per line, blank lines, CRLF", "\r\n" + a + "\r\n\r\n \t\r\n" + b + "\r\n", "A B", []int{2, 5}},
		{"one per line, commas at the ends", a + ",\n" + b + ",\n", "A B", []int{1, 2}},
		{"objects without any separator", a + b, "A B", []int{1, 1}},
		{"indented objects in a row", indented(t, a) + "\n" + indented(t, b), "A B", []int{1, 0}},
		{"two marked files joined", "\xef\xbb\xbf" + a + "\n\xef\xbb\xbf" + b, "A B", []int{1, 2}},
	}
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			plain := c.text
			for _, v := range []struct {
				name string
				in   io.Reader
			}{
				{"plain", strings.NewReader(plain)},
				{"byte by byte", iotest.OneByteReader(strings.NewReader(plain))},
				{"with byte order mark", strings.NewReader("\xef\xbb\xbf" + plain)},
				{"gzip", strings.NewReader(packed(t, plain))},
				{"gzip of a marked file", iotest.DataErrReader(strings.NewReader(packed(t, "\xef\xbb\xbf"+plain)))},
				{"gzip in two members", strings.NewReader(packed(t, plain[:len(plain)/2]) + packed(t, plain[len(plain)/2:]))},
			} {
				got := collect(t, ReadOCPI221(v.in))
				if got.String() != c.want || got.err != nil {
					t.Fatalf("%s: got %q %v %v, want %q", v.name, got, got.rejects, got.err, c.want)
				}
				for i, r := range got.records {
					o := r.Origin
					if o.Ordinal != i+1 || o.Length != int64(len(o.Raw)) || !strings.Contains(plain, string(o.Raw)) || !json.Valid(o.Raw) {
						t.Errorf("%s: record %d: wrong origin %d, %d bytes", v.name, i, o.Ordinal, o.Length)
					}
					if c.lines[i] != 0 && o.Line != c.lines[i] {
						t.Errorf("%s: record %s on line %d, want %d", v.name, r.ID, o.Line, c.lines[i])
					}
				}
			}
		})
	}
}

func TestRecordsAcrossManyWindows(t *testing.T) {
	const n = 400 // a window holds some 60
	var ndjson, want strings.Builder
	for i := range n {
		fmt.Fprintf(&ndjson, "%s\n", numbered(fmt.Sprint("N", i)))
		fmt.Fprintf(&want, " N%d", i)
	}
	array := "[" + strings.ReplaceAll(strings.TrimSpace(ndjson.String()), "\n", ",") + "]"
	for name, text := range map[string]string{"one per line": ndjson.String(), "array": array} {
		got := read(t, text)
		if got.String() != want.String()[1:] {
			t.Errorf("%s: got %d records and %d rejects", name, len(got.records), len(got.rejects))
		}
		for i, r := range got.records {
			if string(r.Origin.Raw) != numbered(fmt.Sprint("N", i)) {
				t.Fatalf("%s: record %d has other bytes", name, i)
			}
		}
	}
}

func TestRecordLargerThanAWindow(t *testing.T) {
	long := edit(t, `"T0NNRg=="`, `"`+strings.Repeat("A", 3<<20)+`"`)
	got := read(t, numbered("A")+"\n"+long+"\n"+numbered("B"))
	if got.String() != "A CDR-1 B" || len(got.records[1].Signed.Values[0].Signed) != 3<<20 {
		t.Errorf("got %q", got)
	}
}

func TestResponseThatReportsAnError(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"client error", `{"status_code":2001,"status_message":"no","timestamp":"2026-11-01T00:00:00Z"}`, CodeStatus},
		{"server error with empty data", `{"data":[],"status_code":3000}`, CodeStatus},
		{"error after records", `{"data":[` + sampleCDR + `],"status_code":2000}`, "CDR-1 " + CodeStatus},
		{"no status at all", `{"data":[` + sampleCDR + `]}`, "CDR-1"},
		{"nonsense for a status", `{"status_code":{},"data":[` + sampleCDR + `]}`, "CDR-1 " + CodeStatus},
		{"success without data", `{"status_code":1000}`, CodeMissing},
		{"success with null data", `{"status_code":1000,"data":null}`, CodeMissing},
		{"then the next page", "{\"status_code\":2001}\n{\"status_code\":1000,\"data\":[" + sampleCDR + "]}", CodeStatus + " CDR-1"},
	} {
		got := read(t, c.text)
		if got.String() != c.want {
			t.Errorf("%s: got %q %v, want %q", c.name, got, got.rejects, c.want)
		}
	}
	if d := read(t, `{"status_code":2001}`).rejects[0].Detail; !strings.Contains(d, "2001") {
		t.Errorf("status is not named: %s", d)
	}
}

func TestStopsWhenAsked(t *testing.T) {
	n := 0
	for range ReadOCPI221(strings.NewReader(numbered("A") + "\n{broken\n" + numbered("B") + "\n")) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("got %d steps", n)
	}
}

func TestStreamErrorEndsTheFile(t *testing.T) {
	broken := errors.New("connection reset")
	for name, text := range map[string]string{"between records": numbered("A") + "\n", "inside a record": numbered("A") + "\n" + numbered("B")[:500]} {
		for kind, text := range map[string]string{"plain": text, "gzip": packed(t, text)} {
			if kind == "gzip" {
				text = text[:len(text)-8] // before the checksum, so that the file is not complete
			}
			got := collect(t, ReadOCPI221(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))))
			if got.String() != "A" || !errors.Is(got.err, broken) {
				t.Errorf("%s, %s: got %q and %v", name, kind, got, got.err)
			}
		}
	}
	if got := collect(t, ReadOCPI221(stuck{})); !errors.Is(got.err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", got.err)
	}
}

// stuck never gives a byte nor an error.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }
