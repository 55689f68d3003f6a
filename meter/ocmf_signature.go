package meter

import (
	"slices"
	"strings"

	"wattdue/meter/curve"
)

// Defaults of the signature section (OCMF 1.4, signature section).
const (
	ocmfDefaultAlgorithm = "ECDSA-secp256r1-SHA256"
	ocmfDefaultEncoding  = "hex"
)

// signature reads the second section. Names beyond SA, SE, SM and SD are vendor or downstream fields.
func (d *ocmfDecoder) signature(s *jsonScanner) error {
	var data string
	err := s.object(func(name []byte) error {
		switch string(name) {
		case "SA":
			return readText(s, &d.m.Signature.Algorithm)
		case "SE":
			return readText(s, &d.m.Signature.Encoding)
		case "SD":
			return readText(s, &data)
		}
		return s.skip()
	})
	if err != nil {
		return err
	}
	if d.m.Signature.Algorithm == "" {
		d.m.Signature.Algorithm = ocmfDefaultAlgorithm
	}
	if d.m.Signature.Encoding == "" {
		d.m.Signature.Encoding = ocmfDefaultEncoding
	}
	d.signatureData(removeSpace([]byte(data)))
	return nil
}

// signatureData decodes SD as SE says, or the other way where only that gives a signature.
func (d *ocmfDecoder) signatureData(data []byte) {
	if len(data) == 0 {
		d.m.fault("signature-missing", "SD is empty")
		return
	}
	stated, other := decodeHex, decodeBase64
	if strings.EqualFold(d.m.Signature.Encoding, "base64") {
		stated, other = decodeBase64, decodeHex
	}
	asStated, ok := stated(data)
	if ok && (plausibleSignature(asStated) || vendorNamed(d.m.Signature.Algorithm) != nil) {
		d.m.Signature.Bytes = asStated
		return
	}
	if asOther, okOther := other(data); okOther && plausibleSignature(asOther) {
		d.m.Signature.Bytes = asOther
		d.m.note("signature-encoding", "SE "+clean(d.m.Signature.Encoding))
		return
	}
	if !ok {
		d.m.fault("signature-unreadable", "SD is not "+clean(d.m.Signature.Encoding))
		return
	}
	d.m.Signature.Bytes = asStated
}

// rawLengths are those of the raw signatures r||s of all curves.
var rawLengths = func() []int {
	var lengths []int
	for _, c := range curve.All() {
		lengths = append(lengths, 2*c.Size())
	}
	return lengths
}()

// plausibleSignature tells a decoded signature from text that merely decodes: DER begins with a SEQUENCE, and two
// raw numbers have twice the field length of a curve.
func plausibleSignature(b []byte) bool {
	if len(b) > 8 && b[0] == tagSequence {
		return true
	}
	return slices.Contains(rawLengths, len(b))
}
