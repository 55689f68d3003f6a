package meter

import (
	"math/big"

	"wattdue/meter/curve"
)

// Tags of the few DER types that occur (ITU-T X.690).
const (
	tagInteger   = 0x02
	tagBitString = 0x03
	tagOID       = 0x06
	tagSequence  = 0x30
)

// signaturePair is an ECDSA signature as two unsigned numbers, big endian.
type signaturePair struct{ r, s []byte }

// inRange reports whether both numbers are above zero and below the order of the curve (SEC 1, 4.1.4).
func (p signaturePair) inRange(c *curve.Curve) bool {
	n := c.Order()
	for _, b := range [...][]byte{p.r, p.s} {
		if v := new(big.Int).SetBytes(b); v.Sign() == 0 || v.Cmp(n) >= 0 {
			return false
		}
	}
	return true
}

// parseSignature reads a signature: DER SEQUENCE{INTEGER r, INTEGER s}, else two raw numbers of the field length.
// Meters in the field write integers that strict ASN.1 readers refuse. Both integers are read as unsigned and
// every deviation is named in notices.
func parseSignature(b []byte, size int) (sig signaturePair, notices []Reason, ok bool) {
	if r, s, notices, ok := parseDERSignature(b); ok {
		return signaturePair{r, s}, notices, true
	}
	if sig, ok = rawSignature(b, size); !ok {
		return signaturePair{}, nil, false
	}
	return sig, []Reason{reason("signature-raw", "", "")}, true
}

// rawSignature reads r||s, both of the field length.
func rawSignature(b []byte, size int) (signaturePair, bool) {
	if size == 0 || len(b) != 2*size {
		return signaturePair{}, false
	}
	return signaturePair{b[:size], b[size:]}, true
}

func parseDERSignature(b []byte) (r, s []byte, notices []Reason, ok bool) {
	var d derReader
	body, rest, ok := d.element(b, tagSequence)
	if !ok {
		return nil, nil, nil, false
	}
	d.trailing(rest)
	if r, body, ok = d.integer(body); !ok {
		return nil, nil, nil, false
	}
	if s, body, ok = d.integer(body); !ok {
		return nil, nil, nil, false
	}
	d.trailing(body)
	return r, s, d.notices(), true
}

// derReader reads DER leniently and remembers the deviations.
type derReader struct {
	longLength, negative, padded, trail bool
}

// element cuts the first element of the given tag off b.
func (d *derReader) element(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	n, b := int(b[1]), b[2:]
	if n >= 0x80 {
		// 0x80 alone is the indefinite form of BER, which ends nowhere and is refused.
		digits := n & 0x7f
		if digits == 0 || digits > 4 || len(b) < digits {
			return nil, nil, false
		}
		n = 0
		for _, c := range b[:digits] {
			n = n<<8 | int(c)
		}
		minimal := n >= 0x80 && b[0] != 0
		d.longLength = d.longLength || !minimal
		b = b[digits:]
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// integer reads an INTEGER as an unsigned number.
func (d *derReader) integer(b []byte) (v, rest []byte, ok bool) {
	v, rest, ok = d.element(b, tagInteger)
	if !ok || len(v) == 0 {
		return nil, nil, false
	}
	if v[0] >= 0x80 {
		d.negative = true
	}
	if len(v) > 1 && v[0] == 0 && v[1] < 0x80 {
		d.padded = true
	}
	return v, rest, true
}

func (d *derReader) trailing(rest []byte) { d.trail = d.trail || len(rest) > 0 }

func (d *derReader) notices() []Reason {
	var out []Reason
	for _, n := range [...]struct {
		found bool
		code  string
	}{
		{d.negative, "der-negative"},
		{d.padded, "der-padding"},
		{d.longLength, "der-long-length"},
		{d.trail, "der-trailing"},
	} {
		if n.found {
			out = append(out, reason(n.code, "", ""))
		}
	}
	return out
}
