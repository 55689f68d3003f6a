package meter

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"testing"

	"wattdue/meter/curve"
)

// curveSigner signs on any curve, also on those the standard library lacks.
type curveSigner struct {
	curve  *curve.Curve
	secret *big.Int
	point  []byte // 04||X||Y
}

func newSigner(curveName, name string) curveSigner {
	c := curve.Named(curveName)
	d := numberBelow(c, "key", []byte(name))
	return curveSigner{c, d, c.BaseMult(d.Bytes())}
}

// numberBelow derives a number from 1 to the order less 1.
func numberBelow(c *curve.Curve, purpose string, text []byte) *big.Int {
	sum := sha256.Sum256(append([]byte("test "+purpose+" "), text...))
	least := big.NewInt(1)
	n := new(big.Int).Sub(c.Order(), least)
	return n.Mod(new(big.Int).SetBytes(sum[:]), n).Add(n, least)
}

// sign makes r and s over SHA-256 of the message (SEC 1, 4.1.3).
func (s curveSigner) sign(message []byte) (r, t *big.Int) {
	n := s.curve.Order()
	sum := sha256.Sum256(message)
	z := new(big.Int).SetBytes(sum[:])
	if extra := 256 - n.BitLen(); extra > 0 {
		z.Rsh(z, uint(extra))
	}
	k := numberBelow(s.curve, "nonce", sum[:])
	x := s.curve.BaseMult(k.Bytes())[1 : 1+s.curve.Size()]
	r = new(big.Int).Mod(new(big.Int).SetBytes(x), n)
	t = new(big.Int).Mul(r, s.secret)
	t.Add(t, z).Mul(t, new(big.Int).ModInverse(k, n)).Mod(t, n)
	return r, t
}

func (s curveSigner) raw(message []byte) []byte {
	r, t := s.sign(message)
	out := make([]byte, 2*s.curve.Size())
	r.FillBytes(out[:s.curve.Size()])
	t.FillBytes(out[s.curve.Size():])
	return out
}

func (s curveSigner) der(message []byte) []byte {
	r, t := s.sign(message)
	whole := func(n *big.Int) []byte { return derWrap(tagInteger, n.FillBytes(make([]byte, n.BitLen()/8+1))) }
	return derWrap(tagSequence, append(whole(r), whole(t)...))
}

func (s curveSigner) compressed() []byte {
	size := s.curve.Size()
	return append([]byte{2 + s.point[2*size]&1}, s.point[1:1+size]...)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
