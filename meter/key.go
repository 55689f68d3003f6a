package meter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"

	"wattdue/meter/curve"
)

// Key is a public key that was read.
type Key struct {
	Curve      string   // secp256r1, or the vendor algorithm it belongs to
	SPKI       string   // DER of the SubjectPublicKeyInfo, hexadecimal, rebuilt from the point
	Hash       string   // SHA-256 of that DER, hexadecimal
	Odd        []string // how the carried form deviates from base64 of an SPKI
	Degenerate bool     // its private key is publicly known; such keys occur in published test data

	point  *curve.Key // nil for a vendor algorithm
	vendor *vendor
	raw    []byte // key of a vendor algorithm
}

// Same reports whether two keys are the same point of the same curve, however they were carried.
func (k *Key) Same(o *Key) bool { return k.SPKI == o.SPKI }

// fits reports whether the key can belong to a signature of the scheme.
func (k *Key) fits(s scheme) bool {
	switch {
	case s.vendor != nil:
		return k.vendor == s.vendor
	case s.curve != nil:
		return k.point != nil && k.point.Curve() == s.curve
	}
	return k.point != nil
}

// ocppPrefix opens the key form of OCPP and OCMF: oca:base16:asn1: and the SPKI in hex.
const ocppPrefix = "oca:base16:asn1:"

// maxKeyText bounds a carried key; OCPI allows 512 characters, ML-DSA-87 needs 5,300 in hex.
const maxKeyText = 8192

// ParseKey reads a public key from text: hex (any case, blanks and colons allowed), base64, base32, PEM or the
// wrapping of OCPP, around an SPKI, an uncompressed or compressed point or bare X||Y. curveName says the curve
// where the key itself does not. The error is a Faults with key-unreadable, key-off-curve, key-degenerate or
// curve-unsupported.
func ParseKey(text, curveName string) (*Key, error) {
	return refuseDegenerate(readKey(text, curveName))
}

// ParseSPKI reads a public key in DER, or one of the bare forms on the named curve. Errors as for ParseKey.
func ParseSPKI(der []byte, curveName string) (*Key, error) {
	return refuseDegenerate(readKeyBytes(der, curveName, ""))
}

func refuseDegenerate(k *Key, err error) (*Key, error) {
	if err == nil && k.Degenerate {
		return nil, keyFault("key-degenerate", "base point of "+k.Curve)
	}
	return k, err
}

// readKey is ParseKey for checking: a degenerate key is read, so that the verdict can say more than that.
func readKey(text, curveName string) (*Key, error) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), byteOrderMark))
	if len(text) > maxKeyText {
		return nil, keyFault("key-unreadable", "longer than any key")
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return readKeyBytes(block.Bytes, curveName, "PEM")
	}
	if wrapped, ok := cutFold(text, ocppPrefix); ok {
		return readKeyHex(wrapped, curveName, "OCPP wrapping")
	}
	packed := removeSpace([]byte(text))
	var firstErr error
	for _, enc := range encodings {
		b := packed
		if enc.name == "hex" {
			b = bytes.ReplaceAll(packed, []byte(":"), nil)
		}
		decoded, ok := enc.decode(b)
		if !ok {
			continue
		}
		if wrapped, ok := cutFold(string(decoded), ocppPrefix); ok {
			return readKeyHex(wrapped, curveName, "OCPP wrapping")
		}
		odd := ""
		if enc.name != "base64" {
			odd = enc.name
		}
		k, err := readKeyBytes(decoded, curveName, odd)
		if err == nil {
			return k, nil
		}
		// A better reason than "unreadable" means that the decoding was right and the key is bad.
		if firstErr == nil || !faultsHave(err, "key-unreadable") && faultsHave(firstErr, "key-unreadable") {
			firstErr = err
		}
	}
	if firstErr == nil {
		firstErr = keyFault("key-unreadable", "neither hex, base64, base32 nor PEM")
	}
	return nil, firstErr
}

func readKeyHex(text, curveName, odd string) (*Key, error) {
	b, ok := decodeHex(removeSpace([]byte(text)))
	if !ok {
		return nil, keyFault("key-unreadable", odd+" without hex")
	}
	return readKeyBytes(b, curveName, odd)
}

func readKeyBytes(b []byte, curveName, odd string) (*Key, error) {
	var oddities []string
	if odd != "" {
		oddities = append(oddities, odd)
	}
	if len(b) > 0 && b[0] == tagSequence {
		k, err := readSPKI(b, oddities)
		if err == nil || !faultsHave(err, "key-unreadable") {
			return k, err
		}
	}
	if v := vendorNamed(curveName); v != nil {
		return newVendorKey(v, b, append(oddities, "bare key"))
	}
	c := curve.Named(curveName)
	if c == nil {
		return nil, keyFault("key-unreadable", "no SPKI, and the record names no curve")
	}
	if len(b) == 2*c.Size() {
		return newKey(c, append([]byte{4}, b...), append(oddities, "bare X||Y"))
	}
	return newKey(c, b, append(oddities, "bare point"))
}

// oidECPublicKey is id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480).
var oidECPublicKey = []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1}

// readSPKI reads a SubjectPublicKeyInfo with a named curve (RFC 5480, section 2) or of a vendor algorithm. Curves given
// by explicit parameters are refused: whoever chooses the parameters can make any signature fit.
func readSPKI(b []byte, odd []string) (*Key, error) {
	unreadable := keyFault("key-unreadable", "no SubjectPublicKeyInfo with a named curve")
	var d derReader
	info, rest, ok := d.element(b, tagSequence)
	if !ok {
		return nil, unreadable
	}
	alg, info, ok := d.element(info, tagSequence)
	if !ok {
		return nil, unreadable
	}
	kind, alg, ok := d.element(alg, tagOID)
	if !ok {
		return nil, unreadable
	}
	bits, after, ok := d.element(info, tagBitString)
	if !ok || len(bits) < 2 || bits[0] != 0 {
		return nil, unreadable
	}
	if len(rest)+len(after) > 0 {
		odd = append(odd, "trailing bytes")
	}
	if v := vendorWithOID(kind); v != nil {
		return newVendorKey(v, bits[1:], odd)
	}
	if !bytes.Equal(kind, oidECPublicKey) {
		return nil, keyFault("algorithm-unsupported", "key algorithm "+hex.EncodeToString(kind))
	}
	oid, _, ok := d.element(alg, tagOID)
	if !ok {
		return nil, unreadable
	}
	c := curve.WithOID(oid)
	if c == nil {
		return nil, keyFault("curve-unsupported", "object identifier "+hex.EncodeToString(oid))
	}
	return newKey(c, bits[1:], odd)
}

// newKey checks a point and completes the key.
func newKey(c *curve.Curve, point []byte, odd []string) (*Key, error) {
	p, err := c.Key(point)
	switch {
	case errors.Is(err, curve.ErrInfinity):
		return nil, keyFault("key-degenerate", "point at infinity")
	case errors.Is(err, curve.ErrForm):
		return nil, keyFault("key-unreadable", "no point of "+c.Name())
	case err != nil:
		return nil, keyFault("key-off-curve", c.Name())
	}
	if len(point) == 1+c.Size() {
		odd = append(odd, "compressed")
	}
	k := &Key{Curve: c.Name(), Odd: odd, Degenerate: p.Degenerate(), point: p}
	k.name(marshalSPKI(c, p.Bytes()))
	return k, nil
}

// newVendorKey completes the key of a vendor algorithm.
func newVendorKey(v *vendor, raw []byte, odd []string) (*Key, error) {
	if len(raw) != v.keySize {
		return nil, keyFault("key-unreadable", "no key of "+v.name)
	}
	k := &Key{Curve: v.name, Odd: odd, vendor: v, raw: bytes.Clone(raw)}
	k.name(derSPKI(derWrap(tagOID, v.oid), raw))
	return k, nil
}

func (k *Key) name(spki []byte) {
	sum := sha256.Sum256(spki)
	k.SPKI, k.Hash = hex.EncodeToString(spki), hex.EncodeToString(sum[:])
}

// marshalSPKI writes the SubjectPublicKeyInfo of a point, in DER.
func marshalSPKI(c *curve.Curve, point []byte) []byte {
	return derSPKI(append(derWrap(tagOID, oidECPublicKey), derWrap(tagOID, c.OID())...), point)
}

// derSPKI writes a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
func derSPKI(algorithm, key []byte) []byte {
	bits := derWrap(tagBitString, append([]byte{0}, key...))
	return derWrap(tagSequence, append(derWrap(tagSequence, algorithm), bits...))
}

// derWrap puts tag and length before content of less than 65,536 bytes.
func derWrap(tag byte, content []byte) []byte {
	n := len(content)
	head := []byte{tag, byte(n)}
	switch {
	case n >= 0x100:
		head = []byte{tag, 0x82, byte(n >> 8), byte(n)}
	case n >= 0x80:
		head = []byte{tag, 0x81, byte(n)}
	}
	return append(head, content...)
}

// cutFold cuts a prefix without regard to case.
func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func keyFault(code, value string) error { return Faults{reason(code, "", value)} }

func faultsHave(err error, code string) bool {
	for _, r := range faultsOf(err) {
		if r.Code == code {
			return true
		}
	}
	return false
}
