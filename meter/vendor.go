package meter

import (
	"crypto/ed25519"
	"strings"

	"github.com/cloudflare/circl/sign/ed448"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
)

// vendor is a signature algorithm some manufacturers use in OCMF beyond its specification. The signature is raw and
// covers the payload itself, not its hash.
type vendor struct {
	name      string // as verdicts show it
	algorithm string // as records state it
	oid       []byte // of the key, content of the object identifier in DER (RFC 8410; RFC 9881)
	keySize   int    // bytes
	verify    func(key, message, signature []byte) bool
}

// vendors lists them.
var vendors = []*vendor{
	{"Ed25519", "EdDSA-Ed25519", []byte{0x2b, 0x65, 0x70}, ed25519.PublicKeySize, verifyEd25519},
	{"Ed448", "EdDSA-Ed448", []byte{0x2b, 0x65, 0x71}, ed448.PublicKeySize, verifyEd448},
	{"ML-DSA-44", "ML-DSA-44", []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17}, mldsa44.PublicKeySize, verifyMLDSA44},
	{"ML-DSA-65", "ML-DSA-65", []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18}, mldsa65.PublicKeySize, verifyMLDSA65},
	{"ML-DSA-87", "ML-DSA-87", []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 19}, mldsa87.PublicKeySize, verifyMLDSA87},
}

// vendorNamed finds a vendor algorithm by its own name or the one records state; nil when unknown.
func vendorNamed(name string) *vendor {
	for _, v := range vendors {
		if strings.EqualFold(v.algorithm, name) || strings.EqualFold(v.name, name) {
			return v
		}
	}
	return nil
}

// vendorWithOID finds a vendor algorithm by the object identifier of its keys; nil when unknown.
func vendorWithOID(oid []byte) *vendor {
	for _, v := range vendors {
		if string(v.oid) == string(oid) {
			return v
		}
	}
	return nil
}

func verifyEd25519(key, message, signature []byte) bool {
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(key, message, signature)
}

func verifyEd448(key, message, signature []byte) bool {
	return len(signature) == ed448.SignatureSize && ed448.Verify(key, message, signature, "")
}

func verifyMLDSA44(key, message, signature []byte) bool {
	var k mldsa44.PublicKey
	return k.UnmarshalBinary(key) == nil && mldsa44.Verify(&k, message, nil, signature)
}

func verifyMLDSA65(key, message, signature []byte) bool {
	var k mldsa65.PublicKey
	return k.UnmarshalBinary(key) == nil && mldsa65.Verify(&k, message, nil, signature)
}

func verifyMLDSA87(key, message, signature []byte) bool {
	var k mldsa87.PublicKey
	return k.UnmarshalBinary(key) == nil && mldsa87.Verify(&k, message, nil, signature)
}

// checkVendor verifies a signature of a vendor algorithm.
func (x *examination) checkVendor(v *signedValue, a *vendor, key *Key) outcome {
	if key == nil {
		return unchecked
	}
	m := &v.message
	if a.verify(key.raw, m.Signed, m.Signature.Bytes) {
		x.add("algorithm-vendor", v.label, a.algorithm)
		return proven
	}
	x.add("signature-invalid", v.label, "")
	return refuted
}
