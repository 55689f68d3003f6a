package seal

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"math/big"
	"sync"
	"testing"
)

// stationKey is made once for all tests; no result depends on which key it is.
var stationKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func testKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := stationKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func spki(t testing.TB, public any) []byte {
	t.Helper()
	b, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recipe is a seal to be made. The functions, if there are any, spoil it at their stage.
type recipe struct {
	text     []byte
	deflate  bool
	units    func([]byte) []byte // the units before they are sealed
	unsealed func([]byte)        // prefix and ciphertext before RSA
	sealed   func([]byte)        // the data of the container
}

// Keys of the three rounds.
var (
	aes1 = []byte("first AES key 16")
	aes2 = []byte("second AES key 6")
	aes3 = []byte("third AES key 16")
)

// seal does what a charging station does, written from the description of the format and sharing no code with Open.
func (r recipe) seal(t testing.TB) []byte {
	t.Helper()
	key := testKey(t)
	text := r.text
	if r.deflate {
		text = deflated(t, text)
	}
	units := makeUnits(text)
	if r.units != nil {
		units = r.units(units)
	}
	units = encrypt(t, aes1, 0x00, units)
	units = encrypt(t, aes2, 0x40, units)
	for i, j := 0, len(units)-16; i < j; i, j = i+16, j-16 {
		first, last := bytes.Clone(units[i:i+16]), bytes.Clone(units[j:j+16])
		copy(units[i:], last)
		copy(units[j:], first)
	}
	units = encrypt(t, aes3, 0x80, units)
	data := append([]byte{0x3e, 0x7a}, units...)
	if r.unsealed != nil {
		r.unsealed(data)
	}
	first := new(big.Int).SetBytes(data[:256])
	first.Exp(first, key.D, key.N).FillBytes(data[:256])
	if r.sealed != nil {
		r.sealed(data)
	}
	return box(r.deflate, data)
}

func makeUnits(text []byte) []byte {
	var out []byte
	for i := 0; i == 0 || i*224 < len(text); i++ {
		unit := append(bytes.Clone(marker), 1, 2, 3, 4, 5, 6, 7, 8)
		unit = binary.BigEndian.AppendUint32(unit, uint32(len(text)))
		unit = binary.BigEndian.AppendUint32(unit, uint32(i))
		unit = append(unit, text[i*224:min((i+1)*224, len(text))]...)
		out = append(out, append(unit, make([]byte, 256-len(unit))...)...)
	}
	return out
}

func encrypt(t testing.TB, key []byte, vector byte, b []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(b))
	cipher.NewCBCEncrypter(block, append([]byte{vector}, make([]byte, 15)...)).CryptBlocks(out, b)
	return out
}

func deflated(t testing.TB, text []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// der writes one element (ITU-T X.690, 8.1).
func der(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	switch n := len(content); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	default:
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
	}
}

// Identifiers in DER: 1.3.6.1.4.1.60279.1.1, and 1.3.6.1.4.1.21876.1.1.1 with .1.0 and .2 behind. 60279 is
// 3·128² + 86·128 + 119, and 21876 is 128² + 42·128 + 116.
var (
	derSeal   = []byte{0x2b, 6, 1, 4, 1, 0x83, 0xd6, 0x77, 1, 1}
	derPlain  = []byte{0x2b, 6, 1, 4, 1, 0x81, 0xaa, 0x74, 1, 1, 1, 1, 0}
	derPacked = []byte{0x2b, 6, 1, 4, 1, 0x81, 0xaa, 0x74, 1, 1, 1, 2}
)

// box puts sealed data into its container.
func box(packed bool, data []byte) []byte {
	compression := derPlain
	if packed {
		compression = derPacked
	}
	keys := der(0x30, der(0x04, aes1), der(0x04, aes2), der(0x04, aes3))
	header := der(0x30, der(0xa1, der(0x06, compression)), der(0xa2, der(0x02, []byte{8, 0})), der(0xa4, keys))
	return der(0x30, der(0x06, derSeal), der(0x02, []byte{2}), der(0x60, header), der(0x61, der(0x30)), der(0x62, der(0x30)),
		der(0x04, data))
}
