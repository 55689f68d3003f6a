package curve

// Multiplication by interleaving (Guide to Elliptic Curve Cryptography, algorithm 3.51): the scalars are written in
// width-w NAF, all sums share one chain of doublings, and every digit that is not zero adds a tabled odd multiple.
// A table of several rows shortens the chain: row j serves the digits from j·span on, with the multiples of
// 2^(j·span) times its point.

// table holds odd multiples of a point.
type table struct {
	width int      // w of the NAF: digits are odd and below 2^(w-1) in size
	span  int      // digits that a row serves
	rows  []affine // row by row: 1, 3, 5 … 2^(w-1)-1 times 2^(j·span) times the point
}

// newTable tabulates the multiples of q in the given number of rows.
func (g *group) newTable(q *affine, rows, width int) *table {
	row := 1 << (width - 2)
	t := &table{width: width, span: (g.digits() + rows - 1) / rows, rows: make([]affine, rows*row)}
	points := make([]jacobian, rows*row)
	var first jacobian
	g.set(&first, q)
	for j := range rows {
		if j > 0 {
			for range t.span {
				g.double(&first)
			}
		}
		g.oddMultiples(points[j*row:(j+1)*row], &first)
	}
	g.normalize(t.rows, points)
	return t
}

// oddMultiples sets to = p, 3p, 5p … for a point p other than infinity.
//
// Adding 2p again and again is cheaper when its z is 1. The additions therefore run on the isomorphic curve on which
// it is; p moves there too when it is first given the z of 2p, which is 2yz. Addition does not ask for the curve's
// coefficients, and multiplying z by that of 2p leads back. (Meloni: New Point Addition Formulae for ECC
// Applications, 2007, writes two points with one z in the same way.) None of the sums is infinity or a doubling, as
// the orders are large primes.
func (g *group) oddMultiples(to []jacobian, p *jacobian) {
	f := &g.p
	twice := *p
	g.double(&twice)
	step := affine{twice.x, twice.y}

	var y2, power element
	f.add(&y2, &p.y, &p.y)
	f.sqr(&power, &y2)
	sum := jacobian{z: f.one}
	f.mul(&sum.x, &p.x, &power)
	f.mul(&power, &power, &y2)
	f.mul(&sum.y, &p.y, &power)
	for i := range to {
		if i > 0 {
			g.add(&sum, &step)
		}
		to[i] = sum
		f.mul(&to[i].z, &sum.z, &twice.z)
	}
}

// digits returns how many NAF digits a scalar below the order can have: one more than bits.
func (g *group) digits() int { return g.bitLen + 1 }

// maxDigits is for an order of 384 bits, rounded up to fill four rows.
const maxDigits = 388

// term is a scalar, recoded for the table of its point.
type term struct {
	table  *table
	digits [maxDigits]int8
}

// recode writes a scalar in width-w NAF (Guide to Elliptic Curve Cryptography, algorithm 3.35), reading windows of
// bits from the lowest on.
func (t *term) recode(scalar *element, digits int) {
	w := t.table.width
	carry := uint64(0)
	for i := 0; i < digits; {
		window := scalar.bitsAt(i)
		if window&1 == carry {
			i++
			continue
		}
		digit := int(window&(1<<w-1) + carry)
		carry = uint64(digit >> (w - 1))
		t.digits[i] = int8(digit - int(carry)<<w)
		i += w
	}
}

// bitsAt returns the bits from place i on, at least eight of them.
func (x *element) bitsAt(i int) uint64 {
	limb, shift := i/64, i%64
	if limb >= len(x) {
		return 0
	}
	b := x[limb] >> shift
	if limb+1 < len(x) {
		b |= x[limb+1] << (64 - shift)
	}
	return b
}

// sum sets r to the sum of the terms.
func (g *group) sum(r *jacobian, terms []term) {
	*r = jacobian{}
	longest := 0
	for i := range terms {
		longest = max(longest, terms[i].table.span)
	}
	for i := longest - 1; i >= 0; i-- {
		if !r.isInfinity() {
			g.double(r)
		}
		for k := range terms {
			if i < terms[k].table.span {
				g.addDigits(r, &terms[k], i)
			}
		}
	}
}

// addDigits adds what a term has at place i of every row.
func (g *group) addDigits(r *jacobian, t *term, i int) {
	row := 1 << (t.table.width - 2)
	for at := 0; at < len(t.table.rows); at, i = at+row, i+t.table.span {
		switch digit := int(t.digits[i]); {
		case digit > 0:
			g.add(r, &t.table.rows[at+digit/2])
		case digit < 0:
			q := t.table.rows[at-digit/2]
			g.p.sub(&q.y, &element{}, &q.y)
			g.add(r, &q)
		}
	}
}
