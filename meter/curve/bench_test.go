package curve

import (
	"crypto/sha256"
	"math/big"
	"testing"
)

// BenchmarkVerify has one key for all signatures, BenchmarkVerifyCold reads the key for each.
func BenchmarkVerify(b *testing.B) {
	benchmark(b, func(b *testing.B, c *Curve, point, digest, r, s []byte) {
		k, err := c.Key(point)
		if err != nil || !k.Verify(digest, r, s) {
			b.Fatal("not valid", err)
		}
		for b.Loop() {
			if !k.Verify(digest, r, s) {
				b.Fatal("not valid")
			}
		}
	})
}

func BenchmarkVerifyCold(b *testing.B) {
	benchmark(b, func(b *testing.B, c *Curve, point, digest, r, s []byte) {
		for b.Loop() {
			k, err := c.Key(point)
			if err != nil || !k.Verify(digest, r, s) {
				b.Fatal("not valid", err)
			}
		}
	})
}

func benchmark(b *testing.B, run func(b *testing.B, c *Curve, point, digest, r, s []byte)) {
	for _, c := range references() {
		b.Run(c.Name(), func(b *testing.B) {
			d := new(big.Int).Rsh(c.n, 1)
			digest := sha256.Sum256([]byte("sample"))
			r, s := c.sign(d, c.nonce(d, digest[:]), digest[:])
			b.ReportAllocs()
			run(b, c.Curve, c.bytes(c.mul(d, c.g)), digest[:], r.Bytes(), s.Bytes())
		})
	}
}
