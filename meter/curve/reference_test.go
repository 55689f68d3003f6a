package curve

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
	"sync"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// The reference is written after SEC 1 with math/big, in affine coordinates, one step after the other. It shares
// nothing with the package but the parameters of the curves.

// reference is a curve y² = x³ + ax + b.
type reference struct {
	*Curve
	p, a, b, n *big.Int
	g          *spot
}

// spot is a point; nil is infinity.
type spot struct{ x, y *big.Int }

// ourParameters are those of the curves calculated here.
var ourParameters = map[string]parameters{
	"secp192r1": secp192r1, "secp192k1": secp192k1, "secp224k1": secp224k1,
	"brainpoolP256r1": brainpoolP256r1, "brainpoolP384r1": brainpoolP384r1,
}

// references returns all curves, the own ones first.
var references = sync.OnceValue(func() []*reference {
	var own, others []*reference
	for _, c := range All() {
		if p, ok := ourParameters[c.Name()]; ok {
			g := &spot{number(p.gx), number(p.gy)}
			own = append(own, &reference{c, number(p.p), number(p.a), number(p.b), number(p.n), g})
			continue
		}
		if std, ok := c.arith().(nist); ok {
			p := std.curve.Params()
			others = append(others, &reference{c, p.P, big.NewInt(-3), p.B, p.N, &spot{p.Gx, p.Gy}})
			continue
		}
		p := secp256k1.Params()
		others = append(others, &reference{c, p.P, big.NewInt(0), big.NewInt(7), p.N, &spot{p.Gx, p.Gy}})
	}
	return append(own, others...)
})

// ownReferences returns the curves calculated here.
func ownReferences() []*reference { return references()[:len(ourParameters)] }

func referenceNamed(t testing.TB, name string) *reference {
	t.Helper()
	for _, c := range references() {
		if c.Name() == name {
			return c
		}
	}
	t.Fatalf("no curve %s", name)
	return nil
}

func (c *reference) group(t testing.TB) *group {
	t.Helper()
	g, ok := c.arith().(*group)
	if !ok {
		t.Fatalf("%s is not calculated here", c.Name())
	}
	return g
}

// square returns x³ + ax + b.
func (c *reference) square(x *big.Int) *big.Int {
	y := new(big.Int).Mul(x, x)
	y.Add(y, c.a).Mul(y, x).Add(y, c.b)
	return y.Mod(y, c.p)
}

func (c *reference) has(q *spot) bool {
	if q.x.Sign() < 0 || q.y.Sign() < 0 || q.x.Cmp(c.p) >= 0 || q.y.Cmp(c.p) >= 0 {
		return false
	}
	y := new(big.Int).Mul(q.y, q.y)
	return y.Mod(y, c.p).Cmp(c.square(q.x)) == 0
}

// add follows SEC 1, 2.2.1.
func (c *reference) add(q, r *spot) *spot {
	if q == nil {
		return r
	}
	if r == nil {
		return q
	}
	above, below := new(big.Int), new(big.Int)
	switch {
	case q.x.Cmp(r.x) != 0:
		above.Sub(r.y, q.y)
		below.Sub(r.x, q.x)
	case q.y.Cmp(r.y) != 0:
		return nil
	default:
		above.Mul(q.x, q.x).Mul(above, big.NewInt(3)).Add(above, c.a)
		below.Lsh(q.y, 1)
	}
	slope := above.Mul(above, below.ModInverse(below.Mod(below, c.p), c.p))
	slope.Mod(slope, c.p)
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, q.x).Sub(x, r.x).Mod(x, c.p)
	y := new(big.Int).Sub(q.x, x)
	y.Mul(y, slope).Sub(y, q.y).Mod(y, c.p)
	return &spot{x, y}
}

func (c *reference) negative(q *spot) *spot {
	if q == nil {
		return nil
	}
	return &spot{q.x, new(big.Int).Sub(c.p, q.y)}
}

func (c *reference) mul(k *big.Int, q *spot) *spot {
	var r *spot
	k = new(big.Int).Mod(k, c.n)
	for i := k.BitLen() - 1; i >= 0; i-- {
		r = c.add(r, r)
		if k.Bit(i) == 1 {
			r = c.add(r, q)
		}
	}
	return r
}

func (c *reference) bytes(q *spot) []byte { return uncompressed(q.x, q.y, c.Size()) }

// integer returns the leftmost bits of a digest (SEC 1, 4.1.3, step 5).
func (c *reference) integer(digest []byte) *big.Int {
	e := new(big.Int).SetBytes(digest)
	if excess := 8*len(digest) - c.n.BitLen(); excess > 0 {
		e.Rsh(e, uint(excess))
	}
	return e
}

// sign follows SEC 1, 4.1.3.
func (c *reference) sign(d, k *big.Int, digest []byte) (r, s *big.Int) {
	r = new(big.Int).Mod(c.mul(k, c.g).x, c.n)
	s = new(big.Int).Mul(r, d)
	s.Add(s, c.integer(digest)).Mul(s, new(big.Int).ModInverse(k, c.n))
	return r, s.Mod(s, c.n)
}

// verify follows SEC 1, 4.1.4.
func (c *reference) verify(q *spot, digest []byte, r, s *big.Int) bool {
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.n) >= 0 || s.Cmp(c.n) >= 0 {
		return false
	}
	w := new(big.Int).ModInverse(s, c.n)
	u1, u2 := new(big.Int).Mul(c.integer(digest), w), new(big.Int).Mul(r, w)
	sum := c.add(c.mul(u1, c.g), c.mul(u2, q))
	return sum != nil && new(big.Int).Mod(sum.x, c.n).Cmp(r) == 0
}

// nonce is the k of RFC 6979, section 3.2, with SHA-256.
func (c *reference) nonce(d *big.Int, digest []byte) *big.Int {
	size := c.OrderSize()
	seed := d.FillBytes(make([]byte, size))
	e := c.integer(digest)
	seed = append(seed, e.Mod(e, c.n).FillBytes(make([]byte, size))...)
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	key, v := make([]byte, 32), make([]byte, 32)
	for i := range v {
		v[i] = 1
	}
	for i := range 2 {
		key = mac(key, v, []byte{byte(i)}, seed)
		v = mac(key, v)
	}
	for {
		var t []byte
		for len(t)*8 < c.n.BitLen() {
			v = mac(key, v)
			t = append(t, v...)
		}
		if k := c.integer(t); k.Sign() > 0 && k.Cmp(c.n) < 0 {
			return k
		}
		key = mac(key, v, []byte{0})
		v = mac(key, v)
	}
}

// spotWithX returns a point with the first x from the given one on that a point has; 0 follows p-1.
func (c *reference) spotWithX(x *big.Int) *spot {
	for x = new(big.Int).Set(x); ; x.Add(x, big.NewInt(1)).Mod(x, c.p) {
		if y := new(big.Int).ModSqrt(c.square(x), c.p); y != nil {
			return &spot{x, y}
		}
	}
}
