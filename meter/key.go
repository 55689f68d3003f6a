package meter

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"strings"
)

// Key is a public key that was read. Keys on curves that cannot be verified are read too, so that the verdict can
// name the curve instead of calling the key bad.
type Key struct {
	Curve string   // secp256r1
	SPKI  string   // DER of the SubjectPublicKeyInfo, hexadecimal, rebuilt from the point
	Hash  string   // SHA-256 of that DER, hexadecimal
	Odd   []string // how the carried form deviates from base64 of an SPKI

	curve *curve
	point []byte           // as carried: 04||X||Y or, on curves we cannot verify, compressed
	std   *ecdsa.PublicKey // nil on curves we cannot verify
}

// Same reports whether two keys are the same point of the same curve, however they were carried.
func (k *Key) Same(o *Key) bool { return k.curve == o.curve && bytes.Equal(k.point, o.point) }

// ocppPrefix opens the key form of OCPP and OCMF: oca:base16:asn1: and the SPKI in hex.
const ocppPrefix = "oca:base16:asn1:"

// maxKeyText bounds a carried key; OCPI allows 512 characters.
const maxKeyText = 4096

// ParseKey reads a public key from text: hex (any case, blanks and colons allowed), base64, base32, PEM or the
// wrapping of OCPP, around an SPKI, an uncompressed or compressed point or bare X||Y. curveName says the curve
// where the key itself does not. The error is a Faults with key-unreadable, key-off-curve, key-degenerate or
// curve-unsupported.
func ParseKey(text, curveName string) (*Key, error) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), byteOrderMark))
	if len(text) > maxKeyText {
		return nil, keyFault("key-unreadable", "longer than any key")
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return parseKeyBytes(block.Bytes, curveName, "PEM")
	}
	if wrapped, ok := cutFold(text, ocppPrefix); ok {
		return parseKeyHex(wrapped, curveName, "OCPP wrapping")
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
			return parseKeyHex(wrapped, curveName, "OCPP wrapping")
		}
		odd := ""
		if enc.name != "base64" {
			odd = enc.name
		}
		k, err := parseKeyBytes(decoded, curveName, odd)
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

// ParseSPKI reads a public key in DER, or one of the bare forms on the named curve. Errors as for ParseKey.
func ParseSPKI(der []byte, curveName string) (*Key, error) {
	return parseKeyBytes(der, curveName, "")
}

func parseKeyHex(text, curveName, odd string) (*Key, error) {
	b, ok := decodeHex(removeSpace([]byte(text)))
	if !ok {
		return nil, keyFault("key-unreadable", odd+" without hex")
	}
	return parseKeyBytes(b, curveName, odd)
}

func parseKeyBytes(b []byte, curveName, odd string) (*Key, error) {
	var oddities []string
	if odd != "" {
		oddities = append(oddities, odd)
	}
	if len(b) > 0 && b[0] == tagSequence {
		if c, point, trailing, err := parseSPKI(b); err == nil || !faultsHave(err, "key-unreadable") {
			if err != nil {
				return nil, err
			}
			if trailing {
				oddities = append(oddities, "trailing bytes")
			}
			return newKey(c, point, oddities)
		}
	}
	c := curveNamed(curveName)
	if c == nil {
		return nil, keyFault("key-unreadable", "no SPKI, and the record names no curve")
	}
	if len(b) == 2*c.size {
		return newKey(c, append([]byte{4}, b...), append(oddities, "bare X||Y"))
	}
	return newKey(c, b, append(oddities, "bare point"))
}

// oidECPublicKey is id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480).
var oidECPublicKey = []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1}

// parseSPKI reads a SubjectPublicKeyInfo with a named curve (RFC 5480, section 2). Curves given by explicit
// parameters are refused: whoever chooses the parameters can make any signature fit.
func parseSPKI(b []byte) (c *curve, point []byte, trailing bool, err error) {
	unreadable := keyFault("key-unreadable", "no SubjectPublicKeyInfo with a named curve")
	var d derReader
	info, rest, ok := d.element(b, tagSequence)
	if !ok {
		return nil, nil, false, unreadable
	}
	alg, info, ok := d.element(info, tagSequence)
	if !ok {
		return nil, nil, false, unreadable
	}
	kind, alg, ok := d.element(alg, tagOID)
	if !ok {
		return nil, nil, false, unreadable
	}
	bits, after, ok := d.element(info, tagBitString)
	if !ok || len(bits) < 2 || bits[0] != 0 {
		return nil, nil, false, unreadable
	}
	if !bytes.Equal(kind, oidECPublicKey) {
		return nil, nil, false, keyFault("algorithm-unsupported", "key algorithm "+hex.EncodeToString(kind))
	}
	oid, _, ok := d.element(alg, tagOID)
	if !ok {
		return nil, nil, false, unreadable
	}
	if c = curveWithOID(oid); c == nil {
		return nil, nil, false, keyFault("curve-unsupported", "object identifier "+hex.EncodeToString(oid))
	}
	return c, bits[1:], len(rest)+len(after) > 0, nil
}

// newKey checks a point and completes the key.
func newKey(c *curve, point []byte, odd []string) (*Key, error) {
	if isInfinity(point) {
		return nil, keyFault("key-degenerate", "point at infinity")
	}
	compressed := len(point) == 1+c.size && (point[0] == 2 || point[0] == 3)
	if !compressed && (len(point) != 1+2*c.size || point[0] != 4) {
		return nil, keyFault("key-unreadable", "no point of "+c.name)
	}
	k := &Key{Curve: c.name, Odd: odd, curve: c, point: point}
	if c.std != nil {
		if err := k.onCurve(compressed); err != nil {
			return nil, err
		}
	}
	spki := marshalSPKI(c, k.point)
	sum := sha256.Sum256(spki)
	k.SPKI, k.Hash = hex.EncodeToString(spki), hex.EncodeToString(sum[:])
	return k, nil
}

// isInfinity reports the encoding 00 of the point at infinity (SEC 1, 2.3.3) and coordinates of zeros only.
func isInfinity(point []byte) bool {
	if len(point) < 2 {
		return len(point) == 1 && point[0] == 0
	}
	return len(bytes.Trim(point[1:], "\x00")) == 0
}

// onCurve decompresses the point, checks that it lies on the curve and refuses the base point and its negative:
// their private keys are 1 and n-1, and the first occurs in published test data.
func (k *Key) onCurve(compressed bool) error {
	if compressed {
		x, y := elliptic.UnmarshalCompressed(k.curve.std, k.point)
		if x == nil {
			return keyFault("key-off-curve", k.curve.name)
		}
		size := k.curve.size
		k.point = append([]byte{4}, make([]byte, 2*size)...)
		x.FillBytes(k.point[1 : 1+size])
		y.FillBytes(k.point[1+size:])
		k.Odd = append(k.Odd, "compressed")
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(k.curve.std, k.point)
	if err != nil {
		return keyFault("key-off-curve", k.curve.name)
	}
	gx := k.curve.std.Params().Gx.FillBytes(make([]byte, k.curve.size))
	if bytes.Equal(gx, k.point[1:1+k.curve.size]) {
		return keyFault("key-degenerate", "base point of "+k.curve.name)
	}
	k.std = pub
	return nil
}

// marshalSPKI writes the SubjectPublicKeyInfo of a point, in DER.
func marshalSPKI(c *curve, point []byte) []byte {
	alg := derWrap(tagSequence, append(derWrap(tagOID, oidECPublicKey), derWrap(tagOID, c.oid)...))
	bits := derWrap(tagBitString, append([]byte{0}, point...))
	return derWrap(tagSequence, append(alg, bits...))
}

// derWrap puts tag and length before content of less than 256 bytes.
func derWrap(tag byte, content []byte) []byte {
	head := []byte{tag, byte(len(content))}
	if len(content) >= 0x80 {
		head = []byte{tag, 0x81, byte(len(content))}
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
