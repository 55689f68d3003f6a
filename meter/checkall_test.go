package meter

import (
	"crypto/elliptic"
	"fmt"
	"testing"
	"time"

	"wattdue/cdr"
)

// manyRecords are n records of one meter, every third with a changed end.
func manyRecords(t testing.TB, n int) ([]cdr.Record, oneKey) {
	key := testKey(t, elliptic.P256(), "one")
	records := make([]cdr.Record, n)
	for i := range records {
		end := swap(t, endPayload, `"MS":"MTR1"`, fmt.Sprintf(`"MS":"MTR%d"`, i))
		r := pairOf(t, key, swap(t, beginPayload, `"MS":"MTR1"`, fmt.Sprintf(`"MS":"MTR%d"`, i)), end)
		if i%3 == 0 {
			r.Signed.Values[1].Signed = b64(swap(t, signLine(t, key, end), "1021.75", "1022.75"))
		}
		records[i] = r
	}
	return records, oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
}

// The verdicts stand in the order of the records, however many work on them.
func TestCheckAll(t *testing.T) {
	records, ring := manyRecords(t, 50)
	for _, workers := range []int{0, 1, 2, 7, 100} {
		verdicts := Checker{Keys: NewKeys()}.CheckAll(records, ring, DefaultProfile(), workers)
		if len(verdicts) != len(records) {
			t.Fatalf("%d workers: %d verdicts", workers, len(verdicts))
		}
		for i, v := range verdicts {
			want := Valid
			if i%3 == 0 {
				want = InvalidSignature
			}
			if v.Word != want || want == Valid && v.MeterID != fmt.Sprintf("MTR%d", i) {
				t.Errorf("%d workers, record %d: %s of %s, want %s", workers, i, v.Word, v.MeterID, want)
			}
		}
	}
	if got := (Checker{}).CheckAll(nil, ring, DefaultProfile(), 4); len(got) != 0 {
		t.Errorf("%d verdicts of no record", len(got))
	}
}

// brokenRing panics, as a programming mistake in a worker would.
type brokenRing struct{ oneKey }

func (brokenRing) Registered(string, time.Time) ([]byte, bool) { panic("broken ring") }

func TestCheckAllPassesPanicsOn(t *testing.T) {
	records, _ := manyRecords(t, 5)
	defer func() {
		if r := recover(); r != "broken ring" {
			t.Errorf("recovered %v", r)
		}
	}()
	Checker{}.CheckAll(records, brokenRing{}, DefaultProfile(), 2)
	t.Error("no panic")
}

// BenchmarkCheckAll shows what a second core brings: compare ns/op of one and two workers.
func BenchmarkCheckAll(b *testing.B) {
	records, ring := manyRecords(b, 200)
	c := Checker{Keys: NewKeys()}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				c.CheckAll(records, ring, DefaultProfile(), workers)
			}
			b.ReportMetric(float64(b.N*len(records))/b.Elapsed().Seconds(), "records/s")
		})
	}
}
