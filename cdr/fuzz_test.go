package cdr

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// FuzzReadOCPI221 feeds foreign bytes. Whatever they are: no panic, no hang, no bytes beyond the limits, ordinals
// without gaps, every record sound JSON that reads as the same record elsewhere.
func FuzzReadOCPI221(f *testing.F) {
	a := numbered("A")
	f.Add([]byte(a))
	f.Add([]byte("[" + a + "," + sampleCDR + "]"))
	f.Add([]byte(`{"data":[` + a + `],"status_code":1000}`))
	f.Add([]byte(a + "\n{\"id\":1,5}\n" + sampleCDR[:600]))
	f.Add([]byte(packed(f, a)))
	for _, c := range breaks {
		f.Add([]byte("[" + breakRecord(f, c.old, c.new) + "," + a + "]"))
	}
	limits := Limits{MaxRecord: 32 << 10, KeptBytes: 1 << 10, MaxExpanded: 1 << 20}
	f.Fuzz(func(t *testing.T, b []byte) {
		ordinal := 0
		for rec, err := range OCPI221(limits)(bytes.NewReader(b)) {
			ordinal++
			var rej *Reject
			if errors.As(err, &rej) {
				if rej.Origin.Ordinal != ordinal || len(rej.Origin.Raw) > limits.KeptBytes || rej.Origin.Length < int64(len(rej.Origin.Raw)) {
					t.Fatalf("reject %d: origin %d, %d of %d bytes", ordinal, rej.Origin.Ordinal, len(rej.Origin.Raw), rej.Origin.Length)
				}
				if rej.Code == "" || rej.Detail == "" || strings.ContainsAny(rej.Error(), "\r\n") {
					t.Fatalf("reject %d: %q", ordinal, rej.Error())
				}
				continue
			}
			if err != nil {
				t.Fatalf("a file in memory cannot fail: %v", err)
			}
			o := rec.Origin
			if o.Ordinal != ordinal || o.Line < 1 || len(o.Raw) > limits.MaxRecord || !json.Valid(o.Raw) {
				t.Fatalf("record %d: origin %d, line %d, %q", ordinal, o.Ordinal, o.Line, o.Raw)
			}
			if again := one(t, `{"data":[`+string(o.Raw)+`]}`); ContentHash(again) != ContentHash(rec) {
				t.Fatalf("record %d reads differently elsewhere: %q", ordinal, o.Raw)
			}
			if p, err := DecodePeriods(EncodePeriods(rec.Periods)); err != nil || len(p) != len(rec.Periods) {
				t.Fatalf("record %d: periods do not come back: %v", ordinal, err)
			}
		}
		if ordinal == 0 && len(bytes.TrimSpace(b)) == 0 {
			t.Fatal("an empty file passes in silence")
		}
	})
}

// FuzzScanner compares the scanner with encoding/json: both accept the same texts.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `[1,-0.5e+7,"a\u00e4\n",true,false,null,{"a":[{}]}]`, `[01]`, `["\x"]`, `[1,]`, `{"a"}`, "[\"\x01\"]", sampleCDR} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = bytes.TrimRight(b, " \t\r\n")
		if len(b) == 0 || b[len(b)-1] != '}' && b[len(b)-1] != ']' || bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) > maxDepth {
			return
		}
		sc := scanner{b: b}
		ok := sc.skip() == nil && sc.i == len(b)
		if want := json.Valid(b); ok != want {
			t.Errorf("%q: scanner says %v, encoding/json %v", b, ok, want)
		}
	})
}
