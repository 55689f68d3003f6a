package signer

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"math/big"

	"wattdue/meter/curve"
)

// Key is the private key of a meter: a number on a curve of package curve, or a key of one of the algorithms some
// manufacturers use in OCMF beside ECDSA. It is safe for concurrent use. Everybody who knows the seed knows the key.
type Key struct {
	name  string
	point []byte // 04||X||Y, or the public key of another algorithm
	spki  []byte

	curve   *curve.Curve // nil for another algorithm
	order   *big.Int
	private *big.Int
	other   func(message []byte) []byte // signs by another algorithm
}

// NewKey derives a key from a seed: on a curve of package curve by any of its names, or for Ed25519, Ed448, ML-DSA-44,
// ML-DSA-65 or ML-DSA-87. The same seed gives unrelated keys on two curves. It fails for an unknown name only.
func NewKey(curveName, seed string) (*Key, error) {
	if c := curve.Named(curveName); c != nil {
		return newECDSA(c, seed), nil
	}
	for _, a := range others {
		if a.name == curveName {
			return a.key(seed), nil
		}
	}
	return nil, fmt.Errorf("key on %q: unknown curve or algorithm", curveName)
}

// newECDSA takes the private number from 1 to the order less 1. Half a curve's length more than needed makes all numbers
// as good as equally likely.
func newECDSA(c *curve.Curve, seed string) *Key {
	less := new(big.Int).Sub(c.Order(), big.NewInt(1))
	private := new(big.Int).SetBytes(expand(c.Name(), seed, c.OrderSize()*3/2))
	private.Mod(private, less).Add(private, big.NewInt(1))
	return ecdsaKey(c, private)
}

func ecdsaKey(c *curve.Curve, private *big.Int) *Key {
	point := c.BaseMult(private.Bytes())
	algorithm := append(der(tagOID, oidECPublicKey), der(tagOID, c.OID())...)
	return &Key{name: c.Name(), curve: c, order: c.Order(), private: private, point: point, spki: spki(algorithm, point)}
}

// expand draws n bytes out of a seed: SHA-256 of the topic, a counter and the seed, again and again.
func expand(topic, seed string, n int) []byte {
	var out []byte
	for counter := uint32(0); len(out) < n; counter++ {
		block := binary.BigEndian.AppendUint32([]byte("wattdue signer "+topic+" "), counter)
		sum := sha256.Sum256(append(block, seed...))
		out = append(out, sum[:]...)
	}
	return out[:n]
}

// Curve names the curve as SEC 2 or RFC 5639 do, or the algorithm.
func (k *Key) Curve() string { return k.name }

// Point returns a copy of the public key as 04||X||Y; for an algorithm other than ECDSA its raw bytes.
func (k *Key) Point() []byte { return append([]byte(nil), k.point...) }

// SPKI returns a copy of the public key as SubjectPublicKeyInfo in DER (RFC 5480, RFC 8410, RFC 9881).
func (k *Key) SPKI() []byte { return append([]byte(nil), k.spki...) }

// bare is X||Y, the form of the EDL40 family.
func (k *Key) bare() []byte { return k.point[1:] }

// compressed is 02 or 03 and X (SEC 1, 2.3.3).
func (k *Key) compressed() []byte {
	size := k.curve.Size()
	return append([]byte{2 + k.point[2*size]&1}, k.point[1:1+size]...)
}

// Signature is what a key made.
type Signature struct {
	R, S *big.Int // nil for an algorithm other than ECDSA

	size int    // bytes of each number in the raw form
	raw  []byte // of another algorithm
}

// Sign signs a message: with ECDSA its SHA-256, on secp521r1 its SHA-512; with another algorithm the message as it is.
func (k *Key) Sign(message []byte) Signature {
	if k.other != nil {
		return Signature{raw: k.other(message)}
	}
	if k.curve.OrderSize() > sha512.Size {
		digest := sha512.Sum512(message)
		return k.SignDigest(digest[:])
	}
	digest := sha256.Sum256(message)
	return k.SignDigest(digest[:])
}

// SignDigest signs a digest with ECDSA (SEC 1, 4.1.3) and the number k of RFC 6979 with SHA-256, so that equal digests
// have equal signatures. It panics for a key of another algorithm.
func (k *Key) SignDigest(digest []byte) Signature {
	n := k.order
	e := leftmost(digest, n)
	nonces := newNonces(n, k.private, digest)
	for {
		nonce := nonces.next()
		point := k.curve.BaseMult(nonce.Bytes())
		r := new(big.Int).SetBytes(point[1 : 1+k.curve.Size()])
		r.Mod(r, n)
		s := new(big.Int).Mul(r, k.private)
		s.Add(s, e).Mul(s, nonce.ModInverse(nonce, n)).Mod(s, n)
		if r.Sign() > 0 && s.Sign() > 0 {
			return Signature{R: r, S: s, size: k.curve.OrderSize()}
		}
	}
}

// Raw returns r||s, each as long as the order of the curve, or the signature of another algorithm.
func (g Signature) Raw() []byte {
	if g.R == nil {
		return g.raw
	}
	b := make([]byte, 2*g.size)
	g.R.FillBytes(b[:g.size])
	g.S.FillBytes(b[g.size:])
	return b
}

// DER returns SEQUENCE{INTEGER r, INTEGER s}, or the signature of another algorithm as it is.
func (g Signature) DER() []byte {
	if g.R == nil {
		return g.raw
	}
	return der(tagSequence, append(derInteger(g.R), derInteger(g.S)...))
}
