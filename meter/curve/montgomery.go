package curve

import "math/bits"

// Montgomery multiplication row by row (Koç, Acar, Kaliski: Analyzing and Comparing Montgomery Multiplication
// Algorithms, 1996, "coarsely integrated operand scanning"), unrolled along the row. Each row adds a limb of x times
// y to the sum t, then a multiple of p that clears the lowest limb of t, and drops that limb. t stays below 2p.

func (f *field) mul3(z, x, y *element) {
	var t0, t1, t2, t3 uint64
	for i := range 3 {
		h0, l0 := bits.Mul64(x[i], y[0])
		h1, l1 := bits.Mul64(x[i], y[1])
		h2, l2 := bits.Mul64(x[i], y[2])
		var c, t4 uint64
		t0, c = bits.Add64(t0, l0, 0)
		t1, c = bits.Add64(t1, l1, c)
		t2, c = bits.Add64(t2, l2, c)
		t3 += c
		t1, c = bits.Add64(t1, h0, 0)
		t2, c = bits.Add64(t2, h1, c)
		t3, t4 = bits.Add64(t3, h2, c)

		q := t0 * f.low
		h0, l0 = bits.Mul64(q, f.p[0])
		h1, l1 = bits.Mul64(q, f.p[1])
		h2, l2 = bits.Mul64(q, f.p[2])
		_, c = bits.Add64(t0, l0, 0)
		t0, c = bits.Add64(t1, l1, c)
		t1, c = bits.Add64(t2, l2, c)
		t2, c = bits.Add64(t3, 0, c)
		t3 = t4 + c
		t0, c = bits.Add64(t0, h0, 0)
		t1, c = bits.Add64(t1, h1, c)
		t2, c = bits.Add64(t2, h2, c)
		t3 += c
	}
	d0, b := bits.Sub64(t0, f.p[0], 0)
	d1, b := bits.Sub64(t1, f.p[1], b)
	d2, b := bits.Sub64(t2, f.p[2], b)
	keep := t3 - b // all ones when t was below p
	z[0] = d0 ^ keep&(d0^t0)
	z[1] = d1 ^ keep&(d1^t1)
	z[2] = d2 ^ keep&(d2^t2)
	z[3], z[4], z[5] = 0, 0, 0
}

func (f *field) mul4(z, x, y *element) {
	var t0, t1, t2, t3, t4 uint64
	for i := range 4 {
		h0, l0 := bits.Mul64(x[i], y[0])
		h1, l1 := bits.Mul64(x[i], y[1])
		h2, l2 := bits.Mul64(x[i], y[2])
		h3, l3 := bits.Mul64(x[i], y[3])
		var c, t5 uint64
		t0, c = bits.Add64(t0, l0, 0)
		t1, c = bits.Add64(t1, l1, c)
		t2, c = bits.Add64(t2, l2, c)
		t3, c = bits.Add64(t3, l3, c)
		t4 += c
		t1, c = bits.Add64(t1, h0, 0)
		t2, c = bits.Add64(t2, h1, c)
		t3, c = bits.Add64(t3, h2, c)
		t4, t5 = bits.Add64(t4, h3, c)

		q := t0 * f.low
		h0, l0 = bits.Mul64(q, f.p[0])
		h1, l1 = bits.Mul64(q, f.p[1])
		h2, l2 = bits.Mul64(q, f.p[2])
		h3, l3 = bits.Mul64(q, f.p[3])
		_, c = bits.Add64(t0, l0, 0)
		t0, c = bits.Add64(t1, l1, c)
		t1, c = bits.Add64(t2, l2, c)
		t2, c = bits.Add64(t3, l3, c)
		t3, c = bits.Add64(t4, 0, c)
		t4 = t5 + c
		t0, c = bits.Add64(t0, h0, 0)
		t1, c = bits.Add64(t1, h1, c)
		t2, c = bits.Add64(t2, h2, c)
		t3, c = bits.Add64(t3, h3, c)
		t4 += c
	}
	d0, b := bits.Sub64(t0, f.p[0], 0)
	d1, b := bits.Sub64(t1, f.p[1], b)
	d2, b := bits.Sub64(t2, f.p[2], b)
	d3, b := bits.Sub64(t3, f.p[3], b)
	keep := t4 - b
	z[0] = d0 ^ keep&(d0^t0)
	z[1] = d1 ^ keep&(d1^t1)
	z[2] = d2 ^ keep&(d2^t2)
	z[3] = d3 ^ keep&(d3^t3)
	z[4], z[5] = 0, 0
}

func (f *field) mul6(z, x, y *element) {
	var t0, t1, t2, t3, t4, t5, t6 uint64
	for i := range 6 {
		h0, l0 := bits.Mul64(x[i], y[0])
		h1, l1 := bits.Mul64(x[i], y[1])
		h2, l2 := bits.Mul64(x[i], y[2])
		h3, l3 := bits.Mul64(x[i], y[3])
		h4, l4 := bits.Mul64(x[i], y[4])
		h5, l5 := bits.Mul64(x[i], y[5])
		var c, t7 uint64
		t0, c = bits.Add64(t0, l0, 0)
		t1, c = bits.Add64(t1, l1, c)
		t2, c = bits.Add64(t2, l2, c)
		t3, c = bits.Add64(t3, l3, c)
		t4, c = bits.Add64(t4, l4, c)
		t5, c = bits.Add64(t5, l5, c)
		t6 += c
		t1, c = bits.Add64(t1, h0, 0)
		t2, c = bits.Add64(t2, h1, c)
		t3, c = bits.Add64(t3, h2, c)
		t4, c = bits.Add64(t4, h3, c)
		t5, c = bits.Add64(t5, h4, c)
		t6, t7 = bits.Add64(t6, h5, c)

		q := t0 * f.low
		h0, l0 = bits.Mul64(q, f.p[0])
		h1, l1 = bits.Mul64(q, f.p[1])
		h2, l2 = bits.Mul64(q, f.p[2])
		h3, l3 = bits.Mul64(q, f.p[3])
		h4, l4 = bits.Mul64(q, f.p[4])
		h5, l5 = bits.Mul64(q, f.p[5])
		_, c = bits.Add64(t0, l0, 0)
		t0, c = bits.Add64(t1, l1, c)
		t1, c = bits.Add64(t2, l2, c)
		t2, c = bits.Add64(t3, l3, c)
		t3, c = bits.Add64(t4, l4, c)
		t4, c = bits.Add64(t5, l5, c)
		t5, c = bits.Add64(t6, 0, c)
		t6 = t7 + c
		t0, c = bits.Add64(t0, h0, 0)
		t1, c = bits.Add64(t1, h1, c)
		t2, c = bits.Add64(t2, h2, c)
		t3, c = bits.Add64(t3, h3, c)
		t4, c = bits.Add64(t4, h4, c)
		t5, c = bits.Add64(t5, h5, c)
		t6 += c
	}
	f.reduce(z, t0, t1, t2, t3, t4, t5, t6)
}
