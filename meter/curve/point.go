package curve

// affine is a point other than infinity, its coordinates in Montgomery form.
type affine struct{ x, y element }

// jacobian is the point (x/z², y/z³), or infinity when z = 0.
type jacobian struct{ x, y, z element }

func (p *jacobian) isInfinity() bool { return p.z.isZero() }

// set makes p the point q.
func (g *group) set(p *jacobian, q *affine) { *p = jacobian{q.x, q.y, g.p.one} }

// double sets p = 2p (Guide to Elliptic Curve Cryptography, algorithm 3.21; its first steps are those for a = -3 or
// a = 0). Infinity stays infinity. No point doubles to infinity, as the orders are odd.
func (g *group) double(p *jacobian) {
	f := &g.p
	var slope, t, xyy, y4 element
	if g.aZero { // slope = 3x²
		f.sqr(&t, &p.x)
	} else { // slope = 3x² - 3z⁴ = 3(x-z²)(x+z²)
		f.sqr(&t, &p.z)
		f.sub(&slope, &p.x, &t)
		f.add(&t, &p.x, &t)
		f.mul(&t, &t, &slope)
	}
	f.add(&slope, &t, &t)
	f.add(&slope, &slope, &t)

	f.add(&y4, &p.y, &p.y)
	f.mul(&p.z, &p.z, &y4) // z' = 2yz
	f.sqr(&y4, &y4)
	f.mul(&xyy, &y4, &p.x) // 4xy²
	f.mul(&y4, &y4, &p.y)
	f.mul(&y4, &y4, &p.y)
	f.add(&y4, &y4, &y4) // 8y⁴

	f.sqr(&p.x, &slope)
	f.sub(&p.x, &p.x, &xyy)
	f.sub(&p.x, &p.x, &xyy) // x' = slope² - 8xy²
	f.sub(&t, &xyy, &p.x)
	f.mul(&p.y, &slope, &t)
	f.sub(&p.y, &p.y, &y4) // y' = slope(4xy² - x') - 8y⁴
}

// add sets p = p+q (Guide to Elliptic Curve Cryptography, algorithm 3.22), also where p is infinity, q or -q.
func (g *group) add(p *jacobian, q *affine) {
	if p.isInfinity() {
		g.set(p, q)
		return
	}
	f := &g.p
	var h, r, t, v element
	f.sqr(&t, &p.z)
	f.mul(&h, &t, &q.x)
	f.mul(&t, &t, &p.z)
	f.mul(&r, &t, &q.y)
	f.sub(&h, &h, &p.x) // h = x₂z² - x
	f.sub(&r, &r, &p.y) // r = y₂z³ - y
	if h.isZero() {
		if r.isZero() {
			g.double(p)
		} else {
			*p = jacobian{}
		}
		return
	}
	f.mul(&p.z, &p.z, &h) // z' = zh
	f.sqr(&t, &h)
	f.mul(&v, &t, &p.x) // v = xh²
	f.mul(&t, &t, &h)   // t = h³
	f.sqr(&p.x, &r)
	f.sub(&p.x, &p.x, &t)
	f.sub(&p.x, &p.x, &v)
	f.sub(&p.x, &p.x, &v) // x' = r² - h³ - 2v
	f.mul(&t, &t, &p.y)
	f.sub(&v, &v, &p.x)
	f.mul(&p.y, &v, &r)
	f.sub(&p.y, &p.y, &t) // y' = r(v - x') - yh³
}

// normalize writes points other than infinity in affine form. One inversion serves all (Guide to Elliptic Curve
// Cryptography, algorithm 2.26: simultaneous inversion).
func (g *group) normalize(to []affine, from []jacobian) {
	f := &g.p
	products := make([]element, len(from)) // products[i] = z₀z₁…zᵢ₋₁
	all := f.one
	for i := range from {
		products[i] = all
		f.mul(&all, &all, &from[i].z)
	}
	f.inv(&all, &all)
	for i := len(from) - 1; i >= 0; i-- {
		var inverse, power element
		f.mul(&inverse, &all, &products[i])
		f.mul(&all, &all, &from[i].z)
		f.sqr(&power, &inverse)
		f.mul(&to[i].x, &from[i].x, &power)
		f.mul(&power, &power, &inverse)
		f.mul(&to[i].y, &from[i].y, &power)
	}
}
