package curve

import (
	"math/big"
	"math/bits"
)

// element is a number below the modulus of its field, least significant limb first; limbs the field has no use for
// are zero. Coordinates are kept in Montgomery form: x stands as x·R mod p, with R = 2^(64·limbs).
type element [6]uint64

// field calculates modulo an odd number of 192, 256 or 384 bits or little less, by Montgomery's method (Guide to
// Elliptic Curve Cryptography, 2.2.4). The same code serves coordinates (modulo p) and scalars (modulo the order).
type field struct {
	limbs int     // 3, 4 or 6
	p     element // the modulus
	low   uint64  // -1/p mod 2^64
	one   element // R mod p: 1 in Montgomery form
	rr    element // R² mod p: multiplying by it brings a number into Montgomery form
}

func newField(p *big.Int) field {
	f := field{p: elementOf(p)}
	switch bitLen := p.BitLen(); {
	case bitLen <= 192:
		f.limbs = 3
	case bitLen <= 256:
		f.limbs = 4
	default:
		f.limbs = 6
	}
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*f.limbs))
	f.one = elementOf(new(big.Int).Mod(r, p))
	f.rr = elementOf(new(big.Int).Mod(new(big.Int).Mul(r, r), p))
	word := new(big.Int).Lsh(big.NewInt(1), 64)
	f.low = -new(big.Int).ModInverse(p, word).Uint64()
	return f
}

// elementOf takes over a number below 2^384 as it is.
func elementOf(n *big.Int) (e element) {
	e, ok := parseElement(n.Bytes())
	if !ok {
		panic("curve: number of more than 384 bits")
	}
	return e
}

// parseElement reads an unsigned big-endian number as it is. It must not have more than 384 bits; leading zeros do
// not count.
func parseElement(b []byte) (e element, ok bool) {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > 8*len(e) {
		return e, false
	}
	for i, v := range b {
		at := len(b) - 1 - i
		e[at/8] |= uint64(v) << (at % 8 * 8)
	}
	return e, true
}

// number returns a number as it is.
func (x *element) number() *big.Int {
	var b [8 * len(element{})]byte
	for i := range b {
		at := len(b) - 1 - i
		b[i] = byte(x[at/8] >> (at % 8 * 8))
	}
	return new(big.Int).SetBytes(b[:])
}

// plus returns the sum of two numbers as they are. It must be below 2^384.
func (x *element) plus(y *element) (sum element) {
	carry := uint64(0)
	for i := range x {
		sum[i], carry = bits.Add64(x[i], y[i], carry)
	}
	return sum
}

func (x *element) isZero() bool { return *x == element{} }

func (x *element) less(y *element) bool {
	for i := len(x) - 1; i > 0; i-- {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return x[0] < y[0]
}

// mul sets z = x·y/R mod p: the product when both are in Montgomery form, and the plain product when one of them
// is. One factor may be any number below R. z may be x or y.
func (f *field) mul(z, x, y *element) {
	switch f.limbs {
	case 3:
		f.mul3(z, x, y)
	case 4:
		f.mul4(z, x, y)
	default:
		f.mul6(z, x, y)
	}
}

func (f *field) sqr(z, x *element) { f.mul(z, x, x) }

// add sets z = x+y mod p. In fields of fewer limbs the carry stands in the limb above.
func (f *field) add(z, x, y *element) {
	s0, c := bits.Add64(x[0], y[0], 0)
	s1, c := bits.Add64(x[1], y[1], c)
	s2, c := bits.Add64(x[2], y[2], c)
	s3, c := bits.Add64(x[3], y[3], c)
	s4, c := bits.Add64(x[4], y[4], c)
	s5, c := bits.Add64(x[5], y[5], c)
	f.reduce(z, s0, s1, s2, s3, s4, s5, c)
}

// reduce sets z to a number below 2p: less p, or as it is when it is below p. carry is its limb 6.
func (f *field) reduce(z *element, s0, s1, s2, s3, s4, s5, carry uint64) {
	d0, b := bits.Sub64(s0, f.p[0], 0)
	d1, b := bits.Sub64(s1, f.p[1], b)
	d2, b := bits.Sub64(s2, f.p[2], b)
	d3, b := bits.Sub64(s3, f.p[3], b)
	d4, b := bits.Sub64(s4, f.p[4], b)
	d5, b := bits.Sub64(s5, f.p[5], b)
	keep := carry - b // all ones when p was too much
	z[0] = d0 ^ keep&(d0^s0)
	z[1] = d1 ^ keep&(d1^s1)
	z[2] = d2 ^ keep&(d2^s2)
	z[3] = d3 ^ keep&(d3^s3)
	z[4] = d4 ^ keep&(d4^s4)
	z[5] = d5 ^ keep&(d5^s5)
}

// sub sets z = x-y mod p.
func (f *field) sub(z, x, y *element) {
	d0, b := bits.Sub64(x[0], y[0], 0)
	d1, b := bits.Sub64(x[1], y[1], b)
	d2, b := bits.Sub64(x[2], y[2], b)
	d3, b := bits.Sub64(x[3], y[3], b)
	d4, b := bits.Sub64(x[4], y[4], b)
	d5, b := bits.Sub64(x[5], y[5], b)
	below := -b // all ones when p must be added again
	var c uint64
	z[0], c = bits.Add64(d0, f.p[0]&below, 0)
	z[1], c = bits.Add64(d1, f.p[1]&below, c)
	z[2], c = bits.Add64(d2, f.p[2]&below, c)
	z[3], c = bits.Add64(d3, f.p[3]&below, c)
	z[4], c = bits.Add64(d4, f.p[4]&below, c)
	z[5], _ = bits.Add64(d5, f.p[5]&below, c)
}

// inv sets z = 1/x in Montgomery form, by Fermat's little theorem: x^(p-2), four bits at a time. 1/0 is 0.
func (f *field) inv(z, x *element) {
	e := f.p
	e[0] -= 2 // every modulus here is odd and ends in more than 1
	var powers [16]element
	powers[0], powers[1] = f.one, *x
	for i := 2; i < len(powers); i++ {
		f.mul(&powers[i], &powers[i-1], x)
	}
	result := f.one
	for i := 16*f.limbs - 1; i >= 0; i-- {
		for range 4 {
			f.sqr(&result, &result)
		}
		if nibble := e[i/16] >> (i % 16 * 4) & 15; nibble != 0 {
			f.mul(&result, &result, &powers[nibble])
		}
	}
	*z = result
}
