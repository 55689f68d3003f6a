package curve

import "math/big"

// group is a curve calculated here. Its points stand on a curve with a = -3 or a = 0, where doubling is cheapest: the
// published one or, for the brainpool curves, the isomorphic one of RFC 5639 that has the points (z²x, z³y).
type group struct {
	p, n  field   // coordinates and scalars
	room  element // p - n, or 0 when that is negative
	aZero bool
	b     element // of the curve with a = -3 or 0, in Montgomery form

	// Multiplying by one of these leads from a published coordinate to a kept one in Montgomery form, and back.
	xIn, yIn, xOut, yOut element

	size      int // bytes of a coordinate
	bitLen    int // bits of the order
	total, gx *big.Int
	base      *table
}

func newGroup(hex parameters) *group {
	p, n := number(hex.p), number(hex.n)
	g := &group{p: newField(p), n: newField(n), size: (p.BitLen() + 7) / 8, bitLen: n.BitLen(), total: n, gx: number(hex.gx)}
	if n.Cmp(p) < 0 {
		g.room = elementOf(new(big.Int).Sub(p, n))
	}

	r := new(big.Int).Lsh(big.NewInt(1), uint(64*g.p.limbs))
	product := func(factors ...*big.Int) *big.Int {
		m := big.NewInt(1)
		for _, f := range factors {
			m.Mod(m.Mul(m, f), p)
		}
		return m
	}
	z := number(hex.z)
	zz, zzz := product(z, z), product(z, z, z)
	g.xIn, g.yIn = elementOf(product(zz, r, r)), elementOf(product(zzz, r, r))
	g.xOut, g.yOut = elementOf(zz.ModInverse(zz, p)), elementOf(zzz.ModInverse(zzz, p))

	a := product(number(hex.a), z, z, z, z)
	g.aZero = a.Sign() == 0
	if three := big.NewInt(3); !g.aZero && a.Add(a, three).Cmp(p) != 0 {
		panic("curve: z does not lead to a = -3")
	}
	g.b = elementOf(product(number(hex.b), z, z, z, z, z, z, r))

	base, ok := g.point(uncompressed(g.gx, number(hex.gy), g.size))
	if !ok {
		panic("curve: the base point is not on the curve")
	}
	g.base = g.newTable(&base, baseRows, baseWidth)
	return g
}

// number reads a number of parameters.
func number(hex string) *big.Int {
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		panic("curve: parameter is no hexadecimal number: " + hex)
	}
	return n
}

func (g *group) order() *big.Int { return g.total }
func (g *group) baseX() *big.Int { return g.gx }

func (g *group) parse(point []byte) (verifier, []byte, bool) {
	q, ok := g.point(point)
	if !ok {
		return nil, nil, false
	}
	return &groupKey{group: g, point: q}, g.encode(&q), true
}

// point reads 04||X||Y or 02/03||X and checks that it is on the curve.
func (g *group) point(b []byte) (q affine, ok bool) {
	f := &g.p
	x, _ := parseElement(b[1 : 1+g.size])
	y, _ := parseElement(b[1+g.size:])
	if !x.less(&f.p) || !y.less(&f.p) {
		return affine{}, false
	}
	f.mul(&q.x, &x, &g.xIn)
	square := g.ySquared(&q.x)
	if b[0] != 4 {
		q.y, ok = g.root(&square, b[0]&1)
		return q, ok
	}
	f.mul(&q.y, &y, &g.yIn)
	f.sqr(&y, &q.y)
	return q, y == square
}

// ySquared returns x³ + ax + b.
func (g *group) ySquared(x *element) element {
	f := &g.p
	var y, ax element
	f.sqr(&y, x)
	f.mul(&y, &y, x)
	if !g.aZero {
		f.add(&ax, x, x)
		f.add(&ax, &ax, x)
		f.sub(&y, &y, &ax)
	}
	f.add(&y, &y, &g.b)
	return y
}

// root returns the kept y with this square whose published form has the given lowest bit; false when there is none.
func (g *group) root(square *element, lowest byte) (y element, ok bool) {
	f := &g.p
	var plain element
	f.mul(&plain, square, &element{1})
	root := new(big.Int).ModSqrt(plain.number(), f.p.number())
	if root == nil {
		return element{}, false
	}
	plain = elementOf(root)
	f.mul(&y, &plain, &f.rr)
	f.mul(&plain, &y, &g.yOut)
	if byte(plain[0]&1) != lowest {
		f.sub(&y, &element{}, &y)
	}
	return y, true
}

// encode writes a point as 04||X||Y.
func (g *group) encode(q *affine) []byte {
	var x, y element
	g.p.mul(&x, &q.x, &g.xOut)
	g.p.mul(&y, &q.y, &g.yOut)
	return uncompressed(x.number(), y.number(), g.size)
}

func (g *group) baseMult(scalar []byte) []byte {
	k, _ := parseElement(scalar)
	terms := [1]term{{table: g.base}}
	terms[0].recode(&k, g.digits())
	var sum jacobian
	g.sum(&sum, terms[:])
	var q [1]affine
	g.normalize(q[:], []jacobian{sum})
	return g.encode(&q[0])
}
