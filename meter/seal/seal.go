// Package seal opens sealed records: the encodedData of the transparency software of S.A.F.E. e.V., data made with the
// private RSA key of a charging station and readable with the public one.
//
// A seal is carriage, not proof. The three AES keys travel in clear and RSA covers the first block only, so whoever
// changes the rest garbles some bytes of the text, often without breaking any check of the seal. Proof is the
// signature inside the text, and nothing here says otherwise. That is also why a broken seal still gives its text:
// people want to see what the record says, and the reader decides what it is worth.
package seal

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// Limits: a sealed record has some hundred bytes, and keys have 2048 bits.
const (
	maxEncoded = 1 << 20 // bytes of the container
	maxText    = 1 << 20 // bytes of the text after inflating
	minModulus = 1024    // bits
	maxModulus = 4096    // bits
)

// Check names a check of the seal.
type Check string

// The checks.
const (
	Prefix  Check = "prefix"  // the two bytes in front of the units; they belong to no unit and break nothing
	Range   Check = "range"   // the first block is a number beyond the modulus of the key
	Marker  Check = "marker"  // fixed bytes a unit begins with
	Nonce   Check = "nonce"   // the same in all units
	Length  Check = "length"  // the same in all units, and not more than they hold
	Counter Check = "counter" // counts the units from 0
	Deflate Check = "deflate" // the compressed text cannot be inflated to its end
)

// Fault is a check that failed. Unit counts from 0; it is 0 for the checks of the whole.
type Fault struct {
	Check Check
	Unit  int
}

// Opened is what came out of a seal. With faults the text is as much as could be recovered, and may have bytes that
// are not text.
type Opened struct {
	Text       []byte
	Compressed bool
	Faults     []Fault
}

// Broken reports whether a check of the seal failed. False does not mean that the text is what the station wrote.
func (o Opened) Broken() bool {
	return slices.ContainsFunc(o.Faults, func(f Fault) bool { return f.Check != Prefix })
}

// ParseKey reads the public key of a station from DER SubjectPublicKeyInfo. It must be an RSA key.
func ParseKey(spki []byte) (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, errors.New("public key of the seal: no SubjectPublicKeyInfo; take the key of the charging station as its maker gives it")
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("public key of the seal: no RSA key; sealed records need the RSA key of the charging station")
	}
	return key, checkKey(key)
}

// checkKey refuses keys that would seal nothing or take too long.
func checkKey(key *rsa.PublicKey) error {
	if key == nil || key.N == nil {
		return errors.New("public key of the seal: missing")
	}
	if bits := key.N.BitLen(); bits < minModulus || bits > maxModulus {
		return fmt.Errorf("public key of the seal: %d bits; %d to %d are possible", bits, minModulus, maxModulus)
	}
	if key.E < 3 || key.N.Sign() < 0 || key.N.Bit(0) == 0 {
		return errors.New("public key of the seal: degenerate; take the key of the charging station as its maker gives it")
	}
	return nil
}

// Open opens a sealed record: the bytes of encodedData without their hexadecimal or other coating, and the public key
// of the station. An error means that there is no text at all: no container, or a key that cannot be. Everything else
// that is wrong is in Faults.
func Open(encoded []byte, key *rsa.PublicKey) (Opened, error) {
	if err := checkKey(key); err != nil {
		return Opened{}, err
	}
	c, err := parse(encoded)
	if err != nil {
		return Opened{}, err
	}
	plain, faults, err := c.reveal(key)
	if err != nil {
		return Opened{}, err
	}
	text, more := join(plain)
	out := Opened{Text: text, Compressed: c.compressed, Faults: append(faults, more...)}
	if !c.compressed {
		return out, nil
	}
	return out.inflated()
}
