package signer

import "math/big"

// Tags of DER (X.690).
const (
	tagInteger   = 0x02
	tagBitString = 0x03
	tagOID       = 0x06
	tagSequence  = 0x30
)

// oidECPublicKey is id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480).
var oidECPublicKey = []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1}

// der puts tag and length before a content of less than 65,536 bytes.
func der(tag byte, content []byte) []byte {
	n := len(content)
	switch {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	}
	return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
}

// derInteger writes a number above zero: a leading zero byte where the top bit would make it negative.
func derInteger(n *big.Int) []byte {
	b := n.Bytes()
	if b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return der(tagInteger, b)
}

// spki writes a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
func spki(algorithm, key []byte) []byte {
	bits := der(tagBitString, append([]byte{0}, key...))
	return der(tagSequence, append(der(tagSequence, algorithm), bits...))
}
