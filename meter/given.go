package meter

import (
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"wattdue/meter/curve"
)

// GivenKey is a key ring of one key that counts as the registered one for every record, also for those that name
// neither EVSE nor meter: whoever asks about a record vouches for the key.
type GivenKey []byte

// Registered implements KeyRing.
func (k GivenKey) Registered(string, time.Time) (spki []byte, ok bool) { return k, true }

// Keyed implements KeyRing.
func (GivenKey) Keyed(string) bool { return true }

// RegisteredMeter implements KeyRing.
func (k GivenKey) RegisteredMeter(string, time.Time) (spki []byte, ok bool) { return k, true }

// ReadGivenKey reads a key in any of the forms of ParseKey without knowing what it is for: an SPKI, also of RSA, or a
// point, whose curve the record will tell. The error is a Faults with key-unreadable.
func ReadGivenKey(text string) (GivenKey, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxKeyText {
		return nil, keyFault("key-unreadable", "longer than any key")
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	if k, err := ParseKey(text, ""); err == nil {
		spki, err := hex.DecodeString(k.SPKI)
		return spki, err
	}
	packed := removeSpace([]byte(text))
	for _, enc := range encodings {
		b := packed
		if enc.name == "hex" {
			b = []byte(strings.ReplaceAll(string(packed), ":", ""))
		}
		if key, ok := enc.decode(b); ok && looksLikeKey(key) {
			return key, nil
		}
	}
	return nil, keyFault("key-unreadable", "neither hex, base64, base32 nor PEM of a key")
}

// looksLikeKey reports a DER sequence, or the length of a bare key of a vendor algorithm or of a point of one of the curves.
func looksLikeKey(b []byte) bool {
	if len(b) > 0 && b[0] == tagSequence {
		return true
	}
	if slices.ContainsFunc(vendors, func(v *vendor) bool { return len(b) == v.keySize }) {
		return true
	}
	for _, c := range curve.All() {
		switch {
		case len(b) == 2*c.Size(), len(b) == 1+2*c.Size() && b[0] == 4, len(b) == 1+c.Size() && (b[0] == 2 || b[0] == 3):
			return true
		}
	}
	return false
}
