package evidence

import (
	"bytes"
	"strings"
	"testing"
)

// TestBlanksBeforeLines: blanks before the first record are looked at once, not again for each line.
func TestBlanksBeforeLines(t *testing.T) {
	data := append(bytes.Repeat([]byte(" "), 1<<20), "x\n"...)
	data = append(data, bytes.Repeat([]byte("OCMF|\n"), 100_000)...)
	if records, ok := splitLines(data); !ok || len(records) != 1 {
		t.Errorf("%d records", len(records))
	}
	if records, _ := splitLines([]byte(" \n OCMF|{}\nAP;0\n rest\nOCMF|x")); len(records) != 3 {
		t.Errorf("%q", records)
	}
}

// TestReadingsOfManyLines: a reading that repeats the one before is three bytes of a file, and hundreds in memory.
func TestReadingsOfManyLines(t *testing.T) {
	line := strings.Replace(beginLine, "}]}|", "}"+strings.Repeat(",{}", 9_000)+"]}|", 1)
	for s, err := range Read(disk(File{Name: "a.ocmf", Data: []byte(strings.Repeat(line+"\n", 30))})) {
		if err == nil || !strings.Contains(err.Error(), "more readings") {
			t.Fatalf("%d messages, %v", len(s.Evidence.Messages), err)
		}
	}
}
