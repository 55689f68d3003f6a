package curve

import (
	"bytes"
	"math/big"
)

// Key is a public key. It is safe for concurrent use.
type Key struct {
	curve    *Curve
	point    []byte // 04||X||Y
	verifier verifier
}

// Curve returns the curve of the key.
func (k *Key) Curve() *Curve { return k.curve }

// Bytes returns a copy of the point as 04||X||Y.
func (k *Key) Bytes() []byte { return bytes.Clone(k.point) }

// Degenerate reports whether the point is the base point or its negative. Everybody knows their private keys, 1 and
// the order less 1, and the first occurs in published test data.
func (k *Key) Degenerate() bool {
	x := new(big.Int).SetBytes(k.point[1 : 1+k.curve.size])
	return x.Cmp(k.curve.arith().baseX()) == 0
}

// Verify reports whether r and s, unsigned and big-endian, are a signature of the digest (SEC 1, 4.1.4). Of a digest
// that has more bits than the order, the leftmost count. Leading zeros of r and s do not matter, and a high s is as
// good as a low one.
func (k *Key) Verify(digest, r, s []byte) bool {
	return k.verifier.verify(digest, bytes.TrimLeft(r, "\x00"), bytes.TrimLeft(s, "\x00"))
}
