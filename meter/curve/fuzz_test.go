package curve

import (
	"bytes"
	"math/big"
	"testing"
)

// FuzzKey reads any bytes as a key of any curve. What is accepted is on the curve and reads back the same.
func FuzzKey(f *testing.F) {
	for i, c := range references() {
		q := c.mul(big.NewInt(11), c.g)
		f.Add(byte(i), c.bytes(q))
		f.Add(byte(i), c.squeezed(q))
		f.Add(byte(i), c.bytes(&spot{c.p, q.y}))
		f.Add(byte(i), make([]byte, 1+2*c.Size()))
	}
	f.Add(byte(0), []byte{0})
	f.Fuzz(func(t *testing.T, which byte, point []byte) {
		c := references()[int(which)%len(references())]
		k, err := c.Key(point)
		if err != nil {
			return
		}
		b := k.Bytes()
		q := &spot{new(big.Int).SetBytes(b[1 : 1+c.Size()]), new(big.Int).SetBytes(b[1+c.Size():])}
		if b[0] != 4 || !c.has(q) {
			t.Fatalf("%s: %x is accepted as %x, which is not on the curve", c.Name(), point, b)
		}
		if !bytes.Equal(point, b) && !bytes.Equal(point, c.squeezed(q)) {
			t.Fatalf("%s: %x is read as %x", c.Name(), point, b)
		}
		if again, err := c.Key(b); err != nil || !bytes.Equal(again.Bytes(), b) {
			t.Fatalf("%s: %x does not read back: %v", c.Name(), b, err)
		}
	})
}

// FuzzVerify judges any numbers and compares with the reference. Half of the time s is made to fit.
func FuzzVerify(f *testing.F) {
	c := referenceNamed(f, "secp224k1")
	f.Add(uint16(1), []byte("digest"), []byte{1}, []byte{2}, false)
	f.Add(uint16(2), bytes.Repeat([]byte{0xff}, 32), c.p.Bytes(), c.n.Bytes(), true)
	f.Add(uint16(77), []byte{}, []byte{9, 9}, new(big.Int).Rsh(c.n, 3).Bytes(), true)
	f.Fuzz(func(t *testing.T, secret uint16, digest, rBytes, sBytes []byte, fit bool) {
		d := big.NewInt(1 + int64(secret))
		q := c.mul(d, c.g)
		r, s := new(big.Int).SetBytes(rBytes), new(big.Int).SetBytes(sBytes)
		if k := new(big.Int).Mod(s, c.n); fit && k.Sign() > 0 {
			r, s = c.sign(d, k, digest)
		}
		want := c.verify(q, digest, r, s)
		k := c.key(t, q)
		if got := k.Verify(digest, r.Bytes(), s.Bytes()); got != want {
			t.Fatalf("secret %d, digest %x, r %x, s %x: got %t, want %t", d, digest, r, s, got, want)
		}
	})
}
