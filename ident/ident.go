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
)

// ID is a derived 128-bit identifier. It reads and writes the text form of a UUID, so that Postgres stores it in
// 16 bytes.
type ID [16]byte

// Derive returns the ID of a kind and its natural key. Every part is preceded by its length as a 32-bit
// big-endian number, so that ("ab","c") and ("a","bc") differ.
func Derive(kind string, parts ...string) ID {
	b := appendPart(make([]byte, 0, 256), kind)
	for _, p := range parts {
		b = appendPart(b, p)
	}
	sum := sha256.Sum256(b)
	return ID(sum[:16])
}

func appendPart(b []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
}

// Parse reads what String and Hex write, in either case: 32 hexadecimal digits, or the same with the four hyphens of
// a UUID.
func Parse(s string) (ID, error) {
	digits := s
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		digits = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	var id ID
	if len(digits) != 2*len(id) {
		return ID{}, fmt.Errorf("id of %d characters: want 32 hexadecimal digits, or a UUID", len(s))
	}
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, fmt.Errorf("id %q: want 32 hexadecimal digits, or a UUID", s)
	}
	return id, nil
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

// Scan reads an id from a database column of type uuid.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID{}
		return nil
	case []byte:
		return id.UnmarshalText(v)
	case string:
		return id.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("id: cannot read a %T", src)
}
