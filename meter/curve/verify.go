package curve

import "sync"

// Shapes of the tables. The one of a base point has 256 points and is made once. The one of a key has 32 points in
// 3 KiB and is made by the first verification; it pays from the second on, and most keys sign a begin and an end.
const (
	baseRows, baseWidth = 4, 8
	keyRows, keyWidth   = 4, 5
)

// groupKey is a public key on a curve calculated here.
type groupKey struct {
	group    *group
	point    affine
	tabulate sync.Once
	table    *table
}

func (k *groupKey) multiples() *table {
	k.tabulate.Do(func() { k.table = k.group.newTable(&k.point, keyRows, keyWidth) })
	return k.table
}

// verify is algorithm 4.30 of the Guide to Elliptic Curve Cryptography.
func (k *groupKey) verify(digest, r, s []byte) bool {
	g := k.group
	rn, ok := g.scalar(r)
	if !ok {
		return false
	}
	w, ok := g.scalar(s)
	if !ok {
		return false
	}
	n := &g.n
	n.mul(&w, &w, &n.rr)
	n.inv(&w, &w)

	var u element
	terms := [2]term{{table: g.base}, {table: k.multiples()}}
	e := g.leftmost(digest)
	n.mul(&u, &e, &w)
	terms[0].recode(&u, g.digits())
	n.mul(&u, &rn, &w)
	terms[1].recode(&u, g.digits())

	var sum jacobian
	g.sum(&sum, terms[:])
	return !sum.isInfinity() && g.hasX(&sum, &rn)
}

// scalar reads a number from 1 to the order less 1.
func (g *group) scalar(b []byte) (element, bool) {
	e, ok := parseElement(b)
	return e, ok && !e.isZero() && e.less(&g.n.p)
}

// leftmost returns as many leading bits of a digest as the order has. The number may exceed the order.
func (g *group) leftmost(digest []byte) element {
	size := min(len(digest), (g.bitLen+7)/8)
	e, _ := parseElement(digest[:size])
	if excess := 8*size - g.bitLen; excess > 0 {
		for i := range len(e) - 1 {
			e[i] = e[i]>>excess | e[i+1]<<(64-excess)
		}
		e[len(e)-1] >>= excess
	}
	return e
}

// hasX reports whether the x of a point is r modulo the order. As the prime is below twice the order, x is r or r+n,
// as far as these are below the prime.
// Comparing r·z² with the kept x spares the division (a remark of Maxwell, as in libsecp256k1).
func (g *group) hasX(p *jacobian, r *element) bool {
	var zz element
	g.p.sqr(&zz, &p.z)
	is := func(x *element) bool {
		var kept element
		g.p.mul(&kept, x, &g.xIn)
		g.p.mul(&kept, &kept, &zz)
		return kept == p.x
	}
	if r.less(&g.p.p) && is(r) {
		return true
	}
	if !r.less(&g.room) {
		return false
	}
	x := r.plus(&g.n.p)
	return is(&x)
}
