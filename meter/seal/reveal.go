package seal

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"slices"
)

// The sealed data: two bytes, then units with a head each.
const (
	unitSize    = 256
	headSize    = 32 // marker 16, nonce 8, length 4, counter 4
	payloadSize = unitSize - headSize
)

var (
	prefix = []byte{0x3e, 0x7a}
	marker = []byte{0x3e, 0x7a, 0xb1, 0x70, 0x5a, 0xfe, 0xe4, 0x21, 0xea, 0x41, 0x94, 0xe4, 0x04, 0x07, 0x07, 0xea}
)

// vectors are the first bytes of the initialisation vectors of the three rounds of AES-CBC; the others are zero.
var vectors = [3]byte{0x00, 0x40, 0x80}

// reveal undoes the sealing up to the units: RSA on the first block, then AES-CBC three times with the keys from last
// to first. After the first round the AES blocks change their order.
func (c *container) reveal(key *rsa.PublicKey) ([]byte, []Fault, error) {
	if len(c.data) < len(prefix)+unitSize || (len(c.data)-len(prefix))%unitSize != 0 || len(c.data) < key.Size() {
		return nil, nil, errData
	}
	out := bytes.Clone(c.data)
	faults := publicOperation(out[:key.Size()], key)
	if !bytes.HasPrefix(out, prefix) {
		faults = append(faults, Fault{Check: Prefix})
	}
	out = out[len(prefix):]
	for round := 2; round >= 0; round-- {
		block, err := aes.NewCipher(c.keys[round])
		if err != nil {
			return nil, nil, refuse("an AES key of the wrong size")
		}
		iv := [aes.BlockSize]byte{vectors[round]}
		cipher.NewCBCDecrypter(block, iv[:]).CryptBlocks(out, out)
		if round == 2 {
			reverseBlocks(out)
		}
	}
	return out, faults, nil
}

// publicOperation applies the bare RSA function to b in place. There is no padding to check: the markers of the units
// take its part.
func publicOperation(b []byte, key *rsa.PublicKey) []Fault {
	var faults []Fault
	sealed := new(big.Int).SetBytes(b)
	if sealed.Cmp(key.N) >= 0 {
		faults = []Fault{{Check: Range}}
	}
	sealed.Exp(sealed, big.NewInt(int64(key.E)), key.N).FillBytes(b)
	return faults
}

func reverseBlocks(b []byte) {
	blocks := slices.Collect(slices.Chunk(bytes.Clone(b), aes.BlockSize))
	for i, block := range blocks {
		copy(b[len(b)-(i+1)*aes.BlockSize:], block)
	}
}

// join checks the units and puts their payloads together. The first unit with its marker and a possible length says
// what the others must agree with, and how long the text is. Without such a unit the text is all there is up to the zeros
// that fill the last unit.
func join(units []byte) ([]byte, []Fault) {
	var text []byte
	var faults []Fault
	all := slices.Collect(slices.Chunk(units, unitSize))
	most := uint32(len(all) * payloadSize)
	at := slices.IndexFunc(all, func(u []byte) bool { return bytes.HasPrefix(u, marker) && unitLength(u) <= most })
	model := all[max(at, 0)]
	for i, u := range all {
		for _, check := range [...]struct {
			name   Check
			failed bool
		}{
			{Marker, !bytes.HasPrefix(u, marker)},
			{Nonce, !bytes.Equal(u[16:24], model[16:24])},
			{Length, unitLength(u) != unitLength(model) || unitLength(u) > most},
			{Counter, binary.BigEndian.Uint32(u[28:]) != uint32(i)},
		} {
			if check.failed {
				faults = append(faults, Fault{check.name, i})
			}
		}
		text = append(text, u[headSize:]...)
	}
	if at < 0 {
		return bytes.TrimRight(text, "\x00"), faults
	}
	return text[:unitLength(model)], faults
}

// unitLength is the length of the whole text as a unit gives it.
func unitLength(unit []byte) uint32 { return binary.BigEndian.Uint32(unit[24:]) }

// inflated undoes the compression of the text. A text that breaks off is kept as far as it goes.
func (o Opened) inflated() (Opened, error) {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(o.Text)), maxText+1))
	if len(text) > maxText {
		return Opened{}, errors.New("sealed record: the text inflates to more than 1 MiB; send a single record")
	}
	if err != nil {
		o.Faults = append(o.Faults, Fault{Check: Deflate})
	}
	o.Text = text
	return o, nil
}
