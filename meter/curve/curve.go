// Package curve holds the elliptic curves met in signed meter values, and verifies ECDSA signatures on them.
//
// OCMF 1.4 names most of them. What the standard library has is left to it, and secp256k1 to a module; the others
// (secp192r1, secp192k1, secp224k1, brainpoolP256r1, brainpoolP384r1) are calculated here, with textbook methods that
// are named where they stand. All have cofactor 1: a point on the curve is a point of the group.
//
// There are public keys and no secrets: everything here takes as long as its numbers need. Do not sign with it.
package curve

import (
	"bytes"
	"crypto/ecdh"
	"crypto/elliptic"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
)

// Curve is one named curve. There is one value for each, to be compared by pointer.
type Curve struct {
	name  string   // as SEC 2 and RFC 5639 have it
	alias []string // as others call it
	oid   []byte
	size  int // bytes of a coordinate
	arith func() arithmetic
}

// arithmetic is how a curve is calculated. Points and numbers come as bytes in the forms that Curve promises.
type arithmetic interface {
	// parse takes 04||X||Y or 02/03||X of the right length and returns the point as 04||X||Y, or false when it is
	// not on the curve.
	parse(point []byte) (verifier, []byte, bool)
	// baseMult takes a scalar from 1 to the order less 1, as many bytes as the order has.
	baseMult(scalar []byte) []byte
	order() *big.Int
	baseX() *big.Int // of the base point
}

// verifier is a public key.
type verifier interface {
	// verify takes r and s without leading zeros.
	verify(digest, r, s []byte) bool
}

var curves = []*Curve{
	{"secp192r1", []string{"prime192v1", "NIST P-192", "P-192"}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1}, 24, ours(secp192r1)},
	{"secp192k1", nil, []byte{0x2b, 0x81, 4, 0, 31}, 24, ours(secp192k1)},
	{"secp224k1", nil, []byte{0x2b, 0x81, 4, 0, 32}, 28, ours(secp224k1)},
	{"secp256r1", []string{"prime256v1", "NIST P-256", "P-256"}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}, 32, others(nist{elliptic.P256(), ecdh.P256()})},
	{"secp256k1", nil, []byte{0x2b, 0x81, 4, 0, 10}, 32, others(koblitz{})},
	{"brainpoolP256r1", []string{"brainpool256r1"}, []byte{0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7}, 32, ours(brainpoolP256r1)},
	{"secp384r1", []string{"prime384v1", "NIST P-384", "P-384"}, []byte{0x2b, 0x81, 4, 0, 34}, 48, others(nist{elliptic.P384(), ecdh.P384()})},
	{"brainpoolP384r1", []string{"brainpool384r1"}, []byte{0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11}, 48, ours(brainpoolP384r1)},
	{"secp521r1", []string{"prime521v1", "NIST P-521", "P-521"}, []byte{0x2b, 0x81, 4, 0, 35}, 66, others(nist{elliptic.P521(), ecdh.P521()})},
}

// All returns every curve, the shortest first.
func All() []*Curve { return slices.Clone(curves) }

// Named finds a curve by one of its names without regard to case; nil when unknown.
func Named(name string) *Curve {
	is := func(n string) bool { return strings.EqualFold(n, name) }
	return find(func(c *Curve) bool { return is(c.name) || slices.ContainsFunc(c.alias, is) })
}

// WithOID finds a curve by the content of its object identifier in DER; nil when unknown.
func WithOID(der []byte) *Curve {
	return find(func(c *Curve) bool { return bytes.Equal(c.oid, der) })
}

func find(is func(*Curve) bool) *Curve {
	if i := slices.IndexFunc(curves, is); i >= 0 {
		return curves[i]
	}
	return nil
}

// Name returns the name of SEC 2 or RFC 5639, such as secp192r1.
func (c *Curve) Name() string { return c.name }

// Size returns the bytes of a coordinate.
func (c *Curve) Size() int { return c.size }

// OrderSize returns the bytes of the order. secp224k1 has one more of them than a coordinate has.
func (c *Curve) OrderSize() int { return (c.arith().order().BitLen() + 7) / 8 }

// Order returns a copy of the number of points.
func (c *Curve) Order() *big.Int { return new(big.Int).Set(c.arith().order()) }

// OID returns a copy of the content of the object identifier in DER.
func (c *Curve) OID() []byte { return bytes.Clone(c.oid) }

// BaseMult returns scalar times the base point as 04||X||Y, for simulators and tests; nil when that is infinity. The
// scalar is big-endian and of any length. The time this takes depends on it: never use it with a real secret.
func (c *Curve) BaseMult(scalar []byte) []byte {
	n := c.arith().order()
	k := new(big.Int).SetBytes(scalar)
	if k.Mod(k, n).Sign() == 0 {
		return nil
	}
	return c.arith().baseMult(k.FillBytes(make([]byte, c.OrderSize())))
}

// Why bytes are no public key.
var (
	ErrForm     = errors.New("not a point of this curve's length in form 02, 03 or 04")
	ErrInfinity = errors.New("point at infinity")
	ErrOffCurve = errors.New("point is not on the curve")
)

// Key reads a public key: 04||X||Y, or 02 or 03 and X (SEC 1, 2.3.4). The error wraps ErrForm, ErrInfinity or
// ErrOffCurve; the last also stands for a coordinate that is not below the prime.
func (c *Curve) Key(point []byte) (*Key, error) {
	if isInfinity(point) {
		return nil, fmt.Errorf("%s: %w", c.name, ErrInfinity)
	}
	if !c.isForm(point) {
		return nil, fmt.Errorf("%s: %w", c.name, ErrForm)
	}
	v, full, ok := c.arith().parse(point)
	if !ok {
		return nil, fmt.Errorf("%s: %w", c.name, ErrOffCurve)
	}
	return &Key{curve: c, point: full, verifier: v}, nil
}

// isInfinity reports the encoding 00 of SEC 1 and 04 followed by zeros, as which some write it.
func isInfinity(point []byte) bool {
	if len(point) == 0 || len(bytes.Trim(point[1:], "\x00")) > 0 {
		return false
	}
	return point[0] == 0 && len(point) == 1 || point[0] == 4 && len(point) > 1
}

func (c *Curve) isForm(point []byte) bool {
	switch len(point) {
	case 1 + c.size:
		return point[0] == 2 || point[0] == 3
	case 1 + 2*c.size:
		return point[0] == 4
	}
	return false
}

// ours is a curve calculated here, prepared when it is first needed.
func ours(p parameters) func() arithmetic {
	return sync.OnceValue(func() arithmetic { return newGroup(p) })
}

// others is a curve calculated elsewhere.
func others(a arithmetic) func() arithmetic { return func() arithmetic { return a } }
