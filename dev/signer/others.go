package signer

import (
	"crypto/ed25519"

	"github.com/cloudflare/circl/sign/ed448"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
)

// algorithm is one that signs messages as they are. All of them need no chance: equal messages have equal signatures.
type algorithm struct {
	name     string
	oid      []byte // of the key (RFC 8410; RFC 9881)
	seedSize int
	keys     func(seed []byte) (public []byte, sign func(message []byte) []byte)
}

// others are the algorithms beside ECDSA.
var others = []algorithm{
	{"Ed25519", []byte{0x2b, 0x65, 0x70}, ed25519.SeedSize, keysEd25519},
	{"Ed448", []byte{0x2b, 0x65, 0x71}, ed448.SeedSize, keysEd448},
	{"ML-DSA-44", []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17}, mldsa44.SeedSize, keysMLDSA44},
	{"ML-DSA-65", []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18}, mldsa65.SeedSize, keysMLDSA65},
	{"ML-DSA-87", []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 19}, mldsa87.SeedSize, keysMLDSA87},
}

func (a algorithm) key(seed string) *Key {
	public, sign := a.keys(expand(a.name, seed, a.seedSize))
	return &Key{name: a.name, point: public, spki: spki(der(tagOID, a.oid), public), other: sign}
}

func keysEd25519(seed []byte) ([]byte, func([]byte) []byte) {
	k := ed25519.NewKeyFromSeed(seed)
	return k[ed25519.SeedSize:], func(m []byte) []byte { return ed25519.Sign(k, m) }
}

func keysEd448(seed []byte) ([]byte, func([]byte) []byte) {
	k := ed448.NewKeyFromSeed(seed)
	return k[ed448.SeedSize:], func(m []byte) []byte { return ed448.Sign(k, m, "") }
}

func keysMLDSA44(seed []byte) ([]byte, func([]byte) []byte) {
	public, private := mldsa44.NewKeyFromSeed((*[mldsa44.SeedSize]byte)(seed))
	return public.Bytes(), func(m []byte) []byte {
		out := make([]byte, mldsa44.SignatureSize)
		return signed(out, mldsa44.SignTo(private, m, nil, false, out))
	}
}

func keysMLDSA65(seed []byte) ([]byte, func([]byte) []byte) {
	public, private := mldsa65.NewKeyFromSeed((*[mldsa65.SeedSize]byte)(seed))
	return public.Bytes(), func(m []byte) []byte {
		out := make([]byte, mldsa65.SignatureSize)
		return signed(out, mldsa65.SignTo(private, m, nil, false, out))
	}
}

func keysMLDSA87(seed []byte) ([]byte, func([]byte) []byte) {
	public, private := mldsa87.NewKeyFromSeed((*[mldsa87.SeedSize]byte)(seed))
	return public.Bytes(), func(m []byte) []byte {
		out := make([]byte, mldsa87.SignatureSize)
		return signed(out, mldsa87.SignTo(private, m, nil, false, out))
	}
}

// signed returns the signature. ML-DSA refuses a context that is too long and nothing else, and there is none.
func signed(signature []byte, err error) []byte {
	if err != nil {
		panic("signer: " + err.Error())
	}
	return signature
}
