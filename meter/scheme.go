package meter

import (
	"crypto"
	"crypto/sha256"
	_ "crypto/sha512" // registers the hashes of vendor algorithms
	"fmt"
	"strings"

	"wattdue/meter/curve"
)

// scheme is what a record says it was signed with.
type scheme struct {
	curve  *curve.Curve // nil where the key decides
	hash   crypto.Hash
	vendor *vendor // set for algorithms other than ECDSA
}

// anyCurve stands for the curve in the name of an algorithm that leaves it to the key.
const anyCurve = "*"

// schemeNamed reads names such as ECDSA-secp256r1-SHA256 (OCMF 1.4, signature section, SA). The variants with SHA-384
// and SHA-512 and those without ECDSA are vendor extensions. ok is false for an unknown name.
func schemeNamed(name string) (s scheme, ok bool) {
	if v := vendorNamed(name); v != nil {
		return scheme{vendor: v}, true
	}
	parts := strings.Split(name, "-")
	if len(parts) != 3 || !strings.EqualFold(parts[0], "ECDSA") {
		return scheme{}, false
	}
	if s.hash, ok = hashNamed(parts[2]); !ok {
		return scheme{}, false
	}
	s.curve = curve.Named(parts[1])
	return s, s.curve != nil || parts[1] == anyCurve
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

// name is the curve or algorithm as verdicts show it; empty where the key decides.
func (s scheme) name() string {
	switch {
	case s.vendor != nil:
		return s.vendor.name
	case s.curve != nil:
		return s.curve.Name()
	}
	return ""
}

// digest hashes a message. Hashes longer than the order of the curve are cut by the verification.
func (s scheme) digest(message []byte) []byte {
	if s.hash == crypto.SHA256 {
		sum := sha256.Sum256(message)
		return sum[:]
	}
	h := s.hash.New()
	h.Write(message)
	return h.Sum(nil)
}

// check verifies the signature of a value with a key, which is nil when there is none: then only its form is judged.
func (x *examination) check(v *signedValue, s scheme, key *Key) outcome {
	if s.vendor != nil {
		return x.checkVendor(v, s.vendor, key)
	}
	sig, ok := x.parse(v, s, key)
	if !ok || key == nil {
		return unchecked
	}
	m := &v.message
	if key.point.Verify(s.digest(m.Signed), sig.r, sig.s) {
		return proven
	}
	if m.Trimmed != nil && key.point.Verify(s.digest(m.Trimmed), sig.r, sig.s) {
		x.add("payload-blanks", v.label, "")
		m.Signed = m.Trimmed
		return proven
	}
	if !sig.inRange(key.point.Curve()) {
		x.add("signature-range", v.label, "")
		return refuted
	}
	x.add("signature-invalid", v.label, "")
	return refuted
}

// parse reads the two numbers of the signature.
func (x *examination) parse(v *signedValue, s scheme, key *Key) (signaturePair, bool) {
	m, size := &v.message, 0
	switch {
	case s.curve != nil:
		size = s.curve.Size()
	case key != nil:
		size = key.point.Curve().Size()
	}
	var sig signaturePair
	var notes []Reason
	var ok bool
	if m.Signature.Raw {
		sig, ok = rawSignature(m.Signature.Bytes, size)
	} else {
		sig, notes, ok = parseSignature(m.Signature.Bytes, size)
	}
	x.adopt(v.label, notes)
	if !ok {
		m.fault("signature-unreadable", "")
		x.add("signature-unreadable", v.label, fmt.Sprintf("%d bytes", len(m.Signature.Bytes)))
	}
	return sig, ok
}
