package cdr

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// typicalCDR has the size of a signed record from the field, some 2.4 KB: two OCMF texts, plain and in base64.
func typicalCDR(tb testing.TB) string {
	const ocmf = `OCMF|{\"FV\":\"1.0\",\"GI\":\"METER 1\",\"GS\":\"0001\",\"GV\":\"1.0\",\"PG\":\"T1\",\"MV\":\"ACME\",\"MM\":\"M1\",\"MS\":\"0001\",` +
		`\"IS\":true,\"IT\":\"ISO14443\",\"ID\":\"0011\",\"RD\":[{\"TM\":\"2026-10-05T20:00:00,000+0200 S\",\"TX\":\"B\",\"RV\":0.2596,\"RI\":\"1-b:1.8.0\",` +
		`\"RU\":\"kWh\",\"EF\":\"\",\"ST\":\"G\"}]}|{\"SD\":\"304502\"}`
	text := edit(tb, `"plain_data":""`, `"plain_data":"`+ocmf+`"`)
	return strings.Replace(text, `"T0NNRh=="`, `"`+strings.Repeat("T0NNRnx7", 55)+`"`, 1)
}

func benchmarkFile(b *testing.B) []byte {
	line := typicalCDR(b)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	return []byte(strings.Repeat(line+"\n", 200))
}

func BenchmarkReadOCPI221(b *testing.B) {
	file := benchmarkFile(b)
	for n := 0; n < b.N; {
		for _, err := range ReadOCPI221(bytes.NewReader(file)) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
}

// BenchmarkRawJSON is the yardstick: the standard library's decoder over the same bytes.
func BenchmarkRawJSON(b *testing.B) {
	file := benchmarkFile(b)
	for n := 0; n < b.N; {
		dec := json.NewDecoder(bytes.NewReader(file))
		for dec.More() {
			var v any
			if err := dec.Decode(&v); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
}

func BenchmarkContentHash(b *testing.B) {
	rec := one(b, typicalCDR(b))
	b.ReportAllocs()
	for range b.N {
		ContentHash(rec)
	}
}
