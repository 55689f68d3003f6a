package signer

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
)

// nonces yields the numbers k of RFC 6979, 3.2, with HMAC-SHA-256.
type nonces struct {
	n    *big.Int
	v, k []byte
	used bool
}

func newNonces(n, private *big.Int, digest []byte) *nonces {
	size := (n.BitLen() + 7) / 8
	e := leftmost(digest, n)
	if e.Cmp(n) >= 0 {
		e.Sub(e, n) // bits2octets
	}
	seed := append(private.FillBytes(make([]byte, size)), e.FillBytes(make([]byte, size))...)
	x := &nonces{n: n, v: make([]byte, sha256.Size), k: make([]byte, sha256.Size)}
	for i := range x.v {
		x.v[i] = 1
	}
	for _, separator := range []byte{0, 1} {
		x.k = x.hmac(x.v, []byte{separator}, seed)
		x.v = x.hmac(x.v)
	}
	return x
}

func (x *nonces) hmac(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, x.k)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// next returns a number from 1 to the order less 1.
func (x *nonces) next() *big.Int {
	size := (x.n.BitLen() + 7) / 8
	for {
		if x.used {
			x.k = x.hmac(x.v, []byte{0})
			x.v = x.hmac(x.v)
		}
		x.used = true
		var t []byte
		for len(t) < size {
			x.v = x.hmac(x.v)
			t = append(t, x.v...)
		}
		if k := leftmost(t[:size], x.n); k.Sign() > 0 && k.Cmp(x.n) < 0 {
			return k
		}
	}
}

// leftmost is the number made of as many leading bits as the order has (SEC 1, 4.1.3, step 5).
func leftmost(b []byte, n *big.Int) *big.Int {
	e := new(big.Int).SetBytes(b)
	if excess := 8*len(b) - n.BitLen(); excess > 0 {
		e.Rsh(e, uint(excess))
	}
	return e
}
