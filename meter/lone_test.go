package meter

import (
	"crypto/elliptic"
	"testing"
	"time"

	"wattdue/cdr"
)

// TestLoneReading: a session of which only one end came in shows that one, if its signature holds, and is not billable.
func TestLoneReading(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	begin := Reading{time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC), 7200, "S", 1_000_500_000, "G"}
	end := Reading{time.Date(2026, 10, 5, 7, 30, 0, 0, time.UTC), 7200, "S", 1_021_750_000, "G"}
	broken := swap(t, signLine(t, key, endPayload), "1021.75", "1021.74")
	for _, c := range []struct {
		name  string
		lines []string
		want  Reading
	}{
		{"begin only", []string{signLine(t, key, beginPayload)}, begin},
		{"end only", []string{signLine(t, key, endPayload)}, end},
		{"both", []string{signLine(t, key, beginPayload), signLine(t, key, endPayload)}, Reading{}},
		{"end only, and forged", []string{broken}, Reading{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var values []cdr.SignedValue
			for _, l := range c.lines {
				values = append(values, cdr.SignedValue{Signed: b64(l)})
			}
			v := Check(recordOf(values...), ring, DefaultProfile())
			if v.Lone != c.want || c.want != (Reading{}) && (v.Register != "1-0:1.8.0" || v.Billable() || v.Begin != Reading{}) {
				t.Errorf("%s: lone %+v in register %q, want %+v", v.Word, v.Lone, v.Register, c.want)
			}
		})
	}
}
