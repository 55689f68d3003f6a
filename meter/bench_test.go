package meter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"testing"
	"time"
)

// BenchmarkCheck judges a record of two signed values. The metric of-raw is its rate against nothing but the two
// verifications by crypto/ecdsa, measured right after.
func BenchmarkCheck(b *testing.B) {
	key := testKey(b, elliptic.P256(), "one")
	r := pairOf(b, key, beginPayload, endPayload)
	r.Signed.PublicKey = spkiBase64(b, key)
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(b, key)}
	c, p := Checker{Keys: NewKeys()}, DefaultProfile()
	verify := rawVerify(b, key)
	b.ReportAllocs()
	for b.Loop() {
		if v := c.Check(r, ring, p); v.Word != Valid {
			b.Fatal(v)
		}
	}
	checked := b.Elapsed()
	b.StopTimer()
	start := time.Now()
	for range b.N {
		verify()
	}
	b.ReportMetric(time.Since(start).Seconds()/checked.Seconds(), "of-raw")
}

// rawVerify returns a function that does nothing but verify the two signatures of the test session.
func rawVerify(b *testing.B, key *ecdsa.PrivateKey) func() {
	var digests, sigs [2][]byte
	for i, payload := range []string{beginPayload, endPayload} {
		sum := sha256.Sum256([]byte(payload))
		digests[i], sigs[i] = sum[:], signDER(b, key, payload)
	}
	return func() {
		for i := range sigs {
			if !ecdsa.VerifyASN1(&key.PublicKey, digests[i], sigs[i]) {
				b.Fatal("not valid")
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	line := []byte(b64(signLine(b, testKey(b, elliptic.P256(), "one"), endPayload)))
	b.ReportAllocs()
	for b.Loop() {
		if m := Decode(line); len(m[0].Faults) > 0 {
			b.Fatal(m[0].Faults)
		}
	}
}
