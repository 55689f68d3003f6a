package curve

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"math/big"
)

// nist is a curve of the standard library.
type nist struct {
	curve elliptic.Curve
	ecdh  ecdh.Curve
}

func (c nist) order() *big.Int { return c.curve.Params().N }
func (c nist) baseX() *big.Int { return c.curve.Params().Gx }

func (c nist) parse(point []byte) (verifier, []byte, bool) {
	if point[0] != 4 {
		x, y := elliptic.UnmarshalCompressed(c.curve, point)
		if x == nil {
			return nil, nil, false
		}
		point = uncompressed(x, y, len(point)-1)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(c.curve, point)
	if err != nil {
		return nil, nil, false
	}
	return (*nistKey)(pub), append([]byte(nil), point...), true
}

func (c nist) baseMult(scalar []byte) []byte {
	key, err := c.ecdh.NewPrivateKey(scalar)
	if err != nil {
		panic("curve: scalar out of range: " + err.Error())
	}
	return key.PublicKey().Bytes()
}

// uncompressed writes a point as 04||X||Y.
func uncompressed(x, y *big.Int, size int) []byte {
	b := make([]byte, 1+2*size)
	b[0] = 4
	x.FillBytes(b[1 : 1+size])
	y.FillBytes(b[1+size:])
	return b
}

type nistKey ecdsa.PublicKey

// verify hands the numbers over in DER, which spares the way through big.Int that ecdsa.Verify takes.
func (k *nistKey) verify(digest, r, s []byte) bool {
	const longest = 66 // bytes of an order
	if len(r) == 0 || len(s) == 0 || len(r) > longest || len(s) > longest {
		return false
	}
	der := make([]byte, 0, 3+2*(3+longest))
	der = append(der, 0x30)
	if body := integerLen(r) + integerLen(s); body < 0x80 {
		der = append(der, byte(body))
	} else {
		der = append(der, 0x81, byte(body))
	}
	der = appendInteger(appendInteger(der, r), s)
	return ecdsa.VerifyASN1((*ecdsa.PublicKey)(k), digest, der)
}

// integerLen returns the bytes that appendInteger needs.
func integerLen(n []byte) int { return 2 + len(n) + int(n[0]>>7) }

// appendInteger appends a DER INTEGER: a zero comes first where the top bit would make the number negative.
func appendInteger(der, n []byte) []byte {
	der = append(der, 2, byte(integerLen(n)-2))
	if n[0]>>7 == 1 {
		der = append(der, 0)
	}
	return append(der, n...)
}
