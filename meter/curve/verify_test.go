package curve

import (
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func (c *reference) key(t testing.TB, q *spot) *Key {
	t.Helper()
	k, err := c.Key(c.bytes(q))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestVerify signs with the reference and expects every signature to hold, and none with one bit changed.
func TestVerify(t *testing.T) {
	for _, c := range references() {
		d := new(big.Int).Div(c.n, big.NewInt(3))
		k := c.key(t, c.mul(d, c.g))
		other := c.key(t, c.mul(big.NewInt(77), c.g))
		sign := func(digest []byte) (r, s *big.Int) { return c.sign(d, c.nonce(d, digest), digest) }
		var kept [][3][]byte
		for i := range 6 {
			digest := sha512.Sum512([]byte{byte(i)})
			cut := digest[:[]int{64, 48, 32, 28, 20, 1}[i]]
			r, s := sign(cut)
			kept = append(kept, [3][]byte{cut, r.Bytes(), s.Bytes()})
			if !k.Verify(cut, r.Bytes(), s.Bytes()) {
				t.Errorf("%s: signature of a digest of %d bytes is refused", c.Name(), len(cut))
			}
			if !k.Verify(cut, append([]byte{0, 0, 0}, r.Bytes()...), append(make([]byte, 80), s.Bytes()...)) {
				t.Errorf("%s: leading zeros are refused", c.Name())
			}
			if high := new(big.Int).Sub(c.n, s); !k.Verify(cut, r.Bytes(), high.Bytes()) {
				t.Errorf("%s: the other s is refused", c.Name())
			}
			if k.Verify(cut, s.Bytes(), r.Bytes()) || other.Verify(cut, r.Bytes(), s.Bytes()) {
				t.Errorf("%s: r and s exchanged, or another key, are accepted", c.Name())
			}
		}
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			signed := rapid.SampledFrom(kept).Draw(t, "signed")
			parts := [3][]byte{}
			for i := range parts {
				parts[i] = append([]byte(nil), signed[i]...)
			}
			part := rapid.SampledFrom(parts[:]).Draw(t, "part")
			// Bits beyond those of the order do not count.
			bits := 8 * len(part)
			if &part[0] == &parts[0][0] {
				bits = min(bits, c.n.BitLen())
			}
			bit := rapid.IntRange(0, bits-1).Draw(t, "bit")
			part[bit/8] ^= 0x80 >> (bit % 8)
			if k.Verify(parts[0], parts[1], parts[2]) {
				t.Fatalf("bit %d changed in %x gives a signature", bit, part)
			}
		}))
	}
}

// TestVerifyIgnoresTheTail changes what stands behind the leftmost bits of a digest.
func TestVerifyIgnoresTheTail(t *testing.T) {
	for _, c := range references() {
		bits := c.n.BitLen()
		digest := make([]byte, 80)
		digest[0] = 0xa5
		r, s := c.sign(big.NewInt(9), big.NewInt(1234567), digest)
		k := c.key(t, c.mul(big.NewInt(9), c.g))
		digest[bits/8] ^= 0x80 >> (bits % 8) // the first that does not count
		if !k.Verify(digest, r.Bytes(), s.Bytes()) {
			t.Errorf("%s: bit %d of the digest counts", c.Name(), bits)
		}
		digest[(bits-1)/8] ^= 0x80 >> ((bits - 1) % 8) // the last that counts
		if k.Verify(digest, r.Bytes(), s.Bytes()) {
			t.Errorf("%s: bit %d of the digest does not count", c.Name(), bits-1)
		}
	}
}

func TestVerifyRange(t *testing.T) {
	for _, c := range references() {
		digest := sha256.Sum256([]byte("range"))
		r, s := c.sign(big.NewInt(5), big.NewInt(99), digest[:])
		k := c.key(t, c.mul(big.NewInt(5), c.g))
		if !k.Verify(digest[:], r.Bytes(), s.Bytes()) {
			t.Fatalf("%s: the signature is refused", c.Name())
		}
		long := new(big.Int).Lsh(big.NewInt(1), 8*70)
		for _, bad := range []*big.Int{
			new(big.Int), c.n, new(big.Int).Add(c.n, big.NewInt(1)), new(big.Int).Add(c.n, r), new(big.Int).Add(c.n, s),
			new(big.Int).Add(long, r), new(big.Int).Add(long, s),
		} {
			if k.Verify(digest[:], bad.Bytes(), s.Bytes()) || k.Verify(digest[:], r.Bytes(), bad.Bytes()) {
				t.Errorf("%s: %x is accepted", c.Name(), bad)
			}
		}
		if k.Verify(digest[:], nil, s.Bytes()) || k.Verify(digest[:], r.Bytes(), []byte{0, 0}) {
			t.Errorf("%s: an empty number is accepted", c.Name())
		}
	}
}

// keyFor returns the key under which (r, s) is a signature of the digest whose u₁G + u₂Q is the given point.
func (c *reference) keyFor(sum *spot, digest []byte, r, s *big.Int) *spot {
	// Q = (s·sum - eG)/r
	q := c.add(c.mul(s, sum), c.negative(c.mul(c.integer(digest), c.g)))
	return c.mul(new(big.Int).ModInverse(new(big.Int).Mod(r, c.n), c.n), q)
}

// TestVerifyWrap takes points whose x is not below the order, which no honest signer will ever meet: r is x - n.
func TestVerifyWrap(t *testing.T) {
	digest := sha256.Sum256([]byte("wrap"))
	s := big.NewInt(0x1234567)
	for _, c := range references() {
		if c.n.Cmp(c.p) > 0 {
			continue // secp224k1: no x is as large as the order
		}
		sum := c.spotWithX(c.n)
		r := new(big.Int).Sub(sum.x, c.n)
		if r.Sign() == 0 {
			sum = c.spotWithX(new(big.Int).Add(c.n, big.NewInt(1)))
			r.Sub(sum.x, c.n)
		}
		q := c.keyFor(sum, digest[:], r, s)
		if !c.verify(q, digest[:], r, s) {
			t.Fatalf("%s: the reference refuses r = %x", c.Name(), r)
		}
		if !c.key(t, q).Verify(digest[:], r.Bytes(), s.Bytes()) {
			t.Errorf("%s: r = x - n = %x is refused", c.Name(), r)
		}
		if c.key(t, q).Verify(digest[:], sum.x.Bytes(), s.Bytes()) {
			t.Errorf("%s: r = x = %x is accepted, though above the order", c.Name(), r)
		}
		if c.key(t, q).Verify(digest[:], r.Bytes(), new(big.Int).Add(s, c.n).Bytes()) {
			t.Errorf("%s: s + n is accepted", c.Name())
		}
	}
}

// TestVerifyShort takes numbers of unusual length, which the forms of others must carry. Among them are those of
// secp521r1 whose DER is as long as needs the long form of lengths.
func TestVerifyShort(t *testing.T) {
	digest := sha256.Sum256([]byte("short"))
	for _, c := range references() {
		for _, short := range []int{0, 1, 8, 9, 10} {
			bits := uint(c.n.BitLen() - 8*short - 2)
			sum := c.spotWithX(new(big.Int).Lsh(big.NewInt(1), bits))
			r := new(big.Int).Mod(sum.x, c.n)
			s := new(big.Int).Lsh(big.NewInt(1), uint(c.n.BitLen()-1))
			s.Sub(s, big.NewInt(1))
			k := c.key(t, c.keyFor(sum, digest[:], r, s))
			if !k.Verify(digest[:], r.Bytes(), s.Bytes()) {
				t.Errorf("%s: r of %d and s of %d bytes are refused", c.Name(), len(r.Bytes()), len(s.Bytes()))
			}
			if k.Verify(digest[:], append(r.Bytes(), 0), s.Bytes()) || k.Verify(digest[:], r.Bytes(), append(s.Bytes(), 0)) {
				t.Errorf("%s: a zero at the end does not matter", c.Name())
			}
		}
	}
}

// TestVerifyLargeR takes the curve whose order is above the prime: r = x + p is below n and means another x.
func TestVerifyLargeR(t *testing.T) {
	c := referenceNamed(t, "secp224k1")
	digest := sha256.Sum256([]byte("large"))
	s := big.NewInt(0x7654321)
	sum := c.spotWithX(big.NewInt(1))
	r := new(big.Int).Add(sum.x, c.p)
	q := c.keyFor(sum, digest[:], r, s)
	if r.Cmp(c.n) >= 0 || c.verify(q, digest[:], r, s) {
		t.Fatal("the reference accepts r = x + p")
	}
	if c.key(t, q).Verify(digest[:], r.Bytes(), s.Bytes()) {
		t.Error("r = x + p is accepted")
	}
	q = c.keyFor(sum, digest[:], sum.x, s)
	if !c.key(t, q).Verify(digest[:], sum.x.Bytes(), s.Bytes()) {
		t.Error("r = x is refused")
	}
}

func TestVerifyInfinity(t *testing.T) {
	for _, c := range references() {
		// u₁G + u₂Q with Q = dG is infinity when e = -rd; then r is anything.
		d, r, s := big.NewInt(3), big.NewInt(21), big.NewInt(1000)
		e := new(big.Int).Sub(c.n, new(big.Int).Mul(r, d))
		digest := c.digestOf(e)
		q := c.mul(d, c.g)
		if got := c.integer(digest); got.Cmp(e) != 0 {
			t.Fatalf("%s: digest is %x, want %x", c.Name(), got, e)
		}
		if c.key(t, q).Verify(digest, r.Bytes(), s.Bytes()) {
			t.Errorf("%s: infinity is accepted", c.Name())
		}
	}
}

// digestOf returns the digest whose leftmost bits are e.
func (c *reference) digestOf(e *big.Int) []byte {
	size := c.OrderSize()
	return new(big.Int).Lsh(e, uint(8*size-c.n.BitLen())).FillBytes(make([]byte, size))
}

// TestVerifySmallKeys lets the sums meet themselves: keys that are small multiples of the base point, small digests.
func TestVerifySmallKeys(t *testing.T) {
	for _, c := range references() {
		for _, d := range []int64{1, 2, 3, 5, 15, 16, -1, -2, -3, -16} {
			secret := new(big.Int).Mod(big.NewInt(d), c.n)
			q := c.mul(secret, c.g)
			k := c.key(t, q)
			if k.Degenerate() != (d == 1 || d == -1) {
				t.Errorf("%s: key %d: Degenerate() = %t", c.Name(), d, k.Degenerate())
			}
			for _, e := range []int64{0, 1, 2, 255, -1, -2} {
				digest := c.digestOf(new(big.Int).Mod(big.NewInt(e), c.n))
				r, s := c.sign(secret, big.NewInt(2), digest)
				if s.Sign() == 0 {
					continue
				}
				if e == 0 && !k.Verify(nil, r.Bytes(), s.Bytes()) {
					t.Errorf("%s: key %d: no digest is not 0", c.Name(), d)
				}
				if !k.Verify(digest, r.Bytes(), s.Bytes()) {
					t.Errorf("%s: key %d, digest %d: the signature is refused", c.Name(), d, e)
				}
				s.Add(s, big.NewInt(1)).Mod(s, c.n)
				if k.Verify(digest, r.Bytes(), s.Bytes()) {
					t.Errorf("%s: key %d, digest %d: s + 1 is accepted", c.Name(), d, e)
				}
			}
		}
	}
}

// TestVerifyTogether lets many make the table of one key; the race detector watches.
func TestVerifyTogether(t *testing.T) {
	digest := sha256.Sum256([]byte("together"))
	for _, c := range references() {
		r, s := c.sign(big.NewInt(8), big.NewInt(88), digest[:])
		k := c.key(t, c.mul(big.NewInt(8), c.g))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if !k.Verify(digest[:], r.Bytes(), s.Bytes()) {
					t.Errorf("%s: the signature is refused", c.Name())
				}
			})
		}
		all.Wait()
	}
}

// TestVerifyAllocatesNothing holds for a key that was used before.
func TestVerifyAllocatesNothing(t *testing.T) {
	digest := sha256.Sum256([]byte("lean"))
	for _, c := range ownReferences() {
		r, s := c.sign(big.NewInt(8), big.NewInt(88), digest[:])
		k, rb, sb := c.key(t, c.mul(big.NewInt(8), c.g)), r.Bytes(), s.Bytes()
		if n := testing.AllocsPerRun(5, func() { k.Verify(digest[:], rb, sb) }); n != 0 {
			t.Errorf("%s: %v allocations", c.Name(), n)
		}
	}
}
