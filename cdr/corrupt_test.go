package cdr

import (
	"strings"
	"testing"
)

// TestOneWrongByteNeverCostsANeighbour damages the middle one of three records at many places, and expects the
// other two to be read, whatever has become of it.
func TestOneWrongByteNeverCostsANeighbour(t *testing.T) {
	a, b := numbered("A"), numbered("B")
	shapes := []struct{ name, before, after string }{
		{"one per line", a + "\n", "\n" + b},
		{"array", "[" + a + ",", "," + b + "]"},
		{"response", `{"data":[` + a + ",", "," + b + `],"status_code":1000}`},
		{"indented array", indented(t, "["+a+"]")[:len(indented(t, "["+a+"]"))-2] + ",\n", ",\n" + indented(t, "["+b+"]")[2:]},
	}
	const step = 41 // a prime, so that the places differ in kind
	for i, wrong := range []string{"", `"`, "{", "}", "[", "]", ",", ":", `\`, "\n", "x", "\x00", "{}", "}}", "]}"} {
		for at := i; at < len(sampleCDR); at += step {
			bad := sampleCDR[:at] + wrong + sampleCDR[at+1:]
			for _, shape := range shapes {
				got := read(t, shape.before+bad+shape.after)
				var ids string
				for _, r := range got.records {
					ids += strings.Replace(r.ID, "CDR-1", "", 1)
				}
				// One byte can split a record into some objects that look like records of their own, no more.
				if !strings.HasPrefix(ids, "A") || !strings.HasSuffix(ids, "B") || len(got.rejects) > 6 {
					t.Errorf("%s, byte %d replaced by %q: got %s", shape.name, at, wrong, got)
				}
			}
		}
	}
}
