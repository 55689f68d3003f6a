package meter

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	_ "crypto/sha512" // registers the hashes of vendor algorithms
	"math/big"
	"slices"
	"strings"
)

// curve is one named elliptic curve. Those without std are known by name only and cannot be verified.
type curve struct {
	name  string // as verdicts show it (SEC 2, RFC 5639)
	alias []string
	oid   []byte // content of the object identifier in DER
	size  int    // bytes of a coordinate
	std   elliptic.Curve
}

// curves lists every curve met in signed meter values.
var curves = []*curve{
	{"secp192r1", []string{"prime192v1", "NIST P-192"}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1}, 24, nil},
	{"secp192k1", nil, []byte{0x2b, 0x81, 4, 0, 31}, 24, nil},
	{"secp224k1", nil, []byte{0x2b, 0x81, 4, 0, 32}, 28, nil},
	{"secp256r1", []string{"prime256v1", "NIST P-256"}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}, 32, elliptic.P256()},
	{"secp256k1", nil, []byte{0x2b, 0x81, 4, 0, 10}, 32, nil},
	{"brainpoolP256r1", []string{"brainpool256r1"}, []byte{0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7}, 32, nil},
	{"secp384r1", []string{"prime384v1", "NIST P-384"}, []byte{0x2b, 0x81, 4, 0, 34}, 48, elliptic.P384()},
	{"brainpoolP384r1", []string{"brainpool384r1"}, []byte{0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11}, 48, nil},
	{"secp521r1", []string{"NIST P-521"}, []byte{0x2b, 0x81, 4, 0, 35}, 66, nil},
}

// curveNamed finds a curve by name or alias without regard to case; nil when unknown.
func curveNamed(name string) *curve {
	for _, c := range curves {
		if strings.EqualFold(c.name, name) {
			return c
		}
		for _, a := range c.alias {
			if strings.EqualFold(a, name) {
				return c
			}
		}
	}
	return nil
}

// curveWithOID finds a curve by the content of its object identifier; nil when unknown.
func curveWithOID(oid []byte) *curve {
	for _, c := range curves {
		if bytes.Equal(c.oid, oid) {
			return c
		}
	}
	return nil
}

// isRawLength reports whether n is the length of a raw signature r||s of some curve.
func isRawLength(n int) bool {
	return slices.ContainsFunc(curves, func(c *curve) bool { return n == 2*c.size })
}

// order returns the number of points of the group.
func (c *curve) order() *big.Int { return c.std.Params().N }

// algorithm is what a record says it was signed with.
type algorithm struct {
	curve *curve // nil when the algorithm is unknown
	hash  crypto.Hash
}

// algorithmNamed reads names such as ECDSA-secp256r1-SHA256 (OCMF 1.4, signature section, SA). The variants with
// SHA-384 and SHA-512 are vendor extensions. An unknown name gives a nil curve.
func algorithmNamed(name string) algorithm {
	parts := strings.Split(name, "-")
	if len(parts) != 3 || !strings.EqualFold(parts[0], "ECDSA") {
		return algorithm{}
	}
	hash, ok := hashNamed(parts[2])
	if !ok {
		return algorithm{}
	}
	return algorithm{curveNamed(parts[1]), hash}
}

func hashNamed(name string) (crypto.Hash, bool) {
	switch strings.ToUpper(name) {
	case "SHA256":
		return crypto.SHA256, true
	case "SHA384":
		return crypto.SHA384, true
	case "SHA512":
		return crypto.SHA512, true
	}
	return 0, false
}

// digest hashes a message. Hashes longer than the order of the curve are cut by the verification.
func (a algorithm) digest(message []byte) []byte {
	if a.hash == crypto.SHA256 {
		sum := sha256.Sum256(message)
		return sum[:]
	}
	h := a.hash.New()
	h.Write(message)
	return h.Sum(nil)
}
