package cdr

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// signedVersion is the first byte of encoded signed data.
const signedVersion = 1

var errSigned = errors.New("encoded signed data is damaged")

// EncodeSigned packs signed data for storage: a version byte, then method, version, public key and URL, the number
// of values, and of each value nature, plain and signed text. A text is its length as a varint and its bytes. Nil
// gives nil.
func EncodeSigned(s *SignedData) []byte {
	if s == nil {
		return nil
	}
	size := 64 + len(s.Method) + len(s.PublicKey) + len(s.URL)
	for _, v := range s.Values {
		size += 16 + len(v.Nature) + len(v.Plain) + len(v.Signed)
	}
	b := append(make([]byte, 0, size), signedVersion)
	for _, t := range [...]string{s.Method, s.Version, s.PublicKey, s.URL} {
		b = appendText(b, t)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Values)))
	for _, v := range s.Values {
		b = appendText(appendText(appendText(b, v.Nature), v.Plain), v.Signed)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// DecodeSigned reads what EncodeSigned wrote; no bytes give nil. It accepts no other bytes: encoding its result
// gives them back.
func DecodeSigned(b []byte) (*SignedData, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0] != signedVersion {
		return nil, fmt.Errorf("%w: unknown version %d", errSigned, b[0])
	}
	d := decoder{b: b[1:]}
	s := &SignedData{Method: d.text(), Version: d.text(), PublicKey: d.text(), URL: d.text()}
	const least = 3 // bytes of a value
	n := d.unsigned()
	if n > uint64(len(d.b)/least) {
		return nil, fmt.Errorf("%w: too short for %d values", errSigned, n)
	}
	if n > 0 {
		s.Values = make([]SignedValue, n)
	}
	for i := range s.Values {
		s.Values[i] = SignedValue{Nature: d.text(), Plain: d.text(), Signed: d.text()}
	}
	if d.bad || len(d.b) > 0 {
		return nil, errSigned
	}
	return s, nil
}
