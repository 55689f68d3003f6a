package seal

import (
	"bytes"
	"crypto/aes"
	"encoding/asn1"
	"errors"
	"fmt"
)

// Object identifiers of the container.
var (
	oidSeal    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 60279, 1, 1}
	oidDeflate = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 21876, 1, 1, 1, 2}
)

// version is the only one known of the container.
const version = 2

// What a header may hold at most; the real ones have some twenty elements, four deep.
const (
	maxElements = 200
	maxDepth    = 8
)

// container is a sealed record taken apart: SEQUENCE { OID, version, [0] header with three AES keys, [1], [2], data }.
type container struct {
	keys       [][]byte // the three AES keys, in the order they were used
	compressed bool
	data       []byte
	elements   int
}

func refuse(what string) error {
	return fmt.Errorf("sealed record: %s; take encodedData whole and unchanged", what)
}

// parse takes the container apart. The data is not copied.
func parse(encoded []byte) (*container, error) {
	if len(encoded) > maxEncoded {
		return nil, fmt.Errorf("sealed record: %d bytes, more than %d; send a single record", len(encoded), maxEncoded)
	}
	outer, rest, ok := element(encoded)
	if !ok || outer.Class != asn1.ClassUniversal || outer.Tag != asn1.TagSequence || len(bytes.TrimSpace(rest)) > 0 {
		return nil, refuse("no DER sequence")
	}
	id, rest, ok := element(outer.Bytes)
	if !ok || !isOID(id, oidSeal) {
		return nil, refuse("the sequence does not begin with the identifier of sealed records")
	}
	number, rest, ok := element(rest)
	if !ok || number.Class != asn1.ClassUniversal || number.Tag != asn1.TagInteger || !bytes.Equal(number.Bytes, []byte{version}) {
		return nil, refuse("not version 2")
	}
	c := &container{}
	for len(rest) > 0 {
		var e asn1.RawValue
		if e, rest, ok = element(rest); !ok {
			return nil, refuse("the container cannot be read to its end")
		}
		if e.Class == asn1.ClassUniversal && e.Tag == asn1.TagOctetString && !e.IsCompound {
			c.data = e.Bytes
			continue
		}
		if err := c.header(e, 0); err != nil {
			return nil, err
		}
	}
	if len(c.keys) != 3 {
		return nil, refuse(fmt.Sprintf("%d AES keys of 16 bytes in the header, not three", len(c.keys)))
	}
	return c, nil
}

// header walks through the description of the seal: it collects the AES keys and looks whether the text was compressed.
func (c *container) header(e asn1.RawValue, depth int) error {
	if c.elements++; c.elements > maxElements || depth > maxDepth {
		return refuse("the header has too many elements")
	}
	switch {
	case e.IsCompound:
		for rest := e.Bytes; len(rest) > 0; {
			inner, after, ok := element(rest)
			if !ok {
				return refuse("the header cannot be read")
			}
			if err := c.header(inner, depth+1); err != nil {
				return err
			}
			rest = after
		}
	case e.Class == asn1.ClassUniversal && e.Tag == asn1.TagOctetString && len(e.Bytes) == aes.BlockSize:
		c.keys = append(c.keys, e.Bytes)
	case isOID(e, oidDeflate):
		c.compressed = true
	}
	return nil
}

func element(b []byte) (e asn1.RawValue, rest []byte, ok bool) {
	rest, err := asn1.Unmarshal(b, &e)
	return e, rest, err == nil
}

func isOID(e asn1.RawValue, want asn1.ObjectIdentifier) bool {
	var got asn1.ObjectIdentifier
	if e.Class != asn1.ClassUniversal || e.Tag != asn1.TagOID {
		return false
	}
	rest, err := asn1.Unmarshal(e.FullBytes, &got)
	return err == nil && len(rest) == 0 && got.Equal(want)
}

var errData = errors.New("sealed record: the data is not two bytes and whole units of 256; take encodedData whole and unchanged")
