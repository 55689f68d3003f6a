package invoicing

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// encodingVersion is the first byte of an encoded document. It changes whenever an old encoding would be read or
// written differently.
const encodingVersion = 1

// setDomain separates the hash of a draft set from every other hash.
const setDomain = "wattdue draft set 1"

// Encode returns the canonical bytes of a document: the version byte 1, then JSON without white space, members in the
// order of the struct, no HTML escapes, one line feed at the end. Equal documents have equal bytes.
func Encode(d Document) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte(encodingVersion)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("encode document %s: %w", d.ID, err)
	}
	return b.Bytes(), nil
}

// Decode reads what Encode wrote and nothing else: an unknown member, another spelling of the same content or bytes
// after the end are errors.
func Decode(b []byte) (Document, error) {
	if len(b) == 0 || b[0] != encodingVersion {
		return Document{}, errors.New("decode document: the version byte is missing or unknown; read it with the engine that wrote it")
	}
	dec := json.NewDecoder(bytes.NewReader(b[1:]))
	dec.DisallowUnknownFields()
	var d Document
	if err := dec.Decode(&d); err != nil {
		return Document{}, fmt.Errorf("decode document: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Document{}, errors.New("decode document: bytes after the end")
	}
	again, err := Encode(d)
	if err != nil {
		return Document{}, err
	}
	if !bytes.Equal(again, b) {
		return Document{}, errors.New("decode document: the bytes are not in canonical form")
	}
	return d, nil
}

// Hash returns the SHA-256 of the canonical bytes. A draft and the document issued from it differ by the number only,
// so they have different hashes.
func Hash(d Document) [sha256.Size]byte {
	b, err := Encode(d)
	if err != nil {
		panic(err) // a document holds only text and integers, which always encode
	}
	return sha256.Sum256(b)
}

// SetHash returns the hash a person signs for a set of drafts: SHA-256 over the text "wattdue draft set 1", the count
// as a 64-bit big-endian number and the hashes. Give them in the order of SortKey.
func SetHash(hashes [][sha256.Size]byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(setDomain))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(hashes))))
	for _, one := range hashes {
		h.Write(one[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}
