package meter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"
	"testing"
)

// BenchmarkCheck judges a record of two signed values; compare with BenchmarkRawVerify, which does nothing but the
// two verifications.
func BenchmarkCheck(b *testing.B) {
	key := testKey(b, elliptic.P256(), "one")
	r := pairOf(b, key, beginPayload, endPayload)
	r.Signed.PublicKey = spkiBase64(b, key)
	ring := oneKey{"DE*TST*E1*1", spkiOf(b, key)}
	c, p := Checker{Keys: NewKeys()}, DefaultProfile()
	b.ReportAllocs()
	for b.Loop() {
		if v := c.Check(r, ring, p); v.Word != Valid {
			b.Fatal(v)
		}
	}
}

func BenchmarkRawVerify(b *testing.B) {
	key := testKey(b, elliptic.P256(), "one")
	var digests [2][]byte
	var sigs [2][2]*big.Int
	for i, payload := range []string{beginPayload, endPayload} {
		sum := sha256.Sum256([]byte(payload))
		digests[i] = sum[:]
		sig, _, _ := parseSignature(signDER(b, key, payload), 32)
		sigs[i] = [2]*big.Int{new(big.Int).SetBytes(sig.r), new(big.Int).SetBytes(sig.s)}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range sigs {
			if !ecdsa.Verify(&key.PublicKey, digests[i], sigs[i][0], sigs[i][1]) {
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
