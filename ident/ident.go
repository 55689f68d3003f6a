// Package ident derives the ids that leave the database from natural keys, so that the same fact has the same id
// on every machine and in every run.
//
// An ID is the first 128 bits of SHA-256 over a length-prefixed list of parts, the first part naming the kind.
// It depends on no sequence, clock or random source.
package ident

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// ID is a derived 128-bit identifier. It reads and writes the text form of a UUID, so that Postgres stores it in
// 16 bytes.
type ID [16]byte

// Derive returns the ID of a kind and its natural key. Every part is preceded by its length as a 32-bit
// big-endian number, so that ("ab","c") and ("a","bc") differ.
func Derive(kind string, parts ...string) ID {
	h := sha256.New()
	write := func(s string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	write(kind)
	for _, p := range parts {
		write(p)
	}
	return ID(h.Sum(nil)[:16])
}

// Parse reads the form that String writes; hyphens are optional.
func Parse(s string) (ID, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 {
		return ID{}, fmt.Errorf("id %q: want 32 hexadecimal digits", s)
	}
	return ID(b), nil
}

// String prints the id as a UUID, 8-4-4-4-12.
func (id ID) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Hex prints the 32 hexadecimal digits without hyphens.
func (id ID) Hex() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether the id is unset.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText writes the form of String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what Parse reads.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}
