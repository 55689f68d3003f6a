// Package archive keeps what must be kept: documents, bank files, mails and original records, each once, encrypted,
// under a name that proves the bytes.
//
// An object is sealed with the data key of the person it concerns, or of a month and class, and named by the SHA-256
// of what is stored. Data keys are wrapped by a master key. To erase is to destroy a data key. Sealing the same bytes
// with the same key gives the same object, so that a run that is repeated adds nothing.
//
// The package stores bytes; who may read them, how long they are kept and where keys live is decided elsewhere.
package archive

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// A sealed object is, from version 1 on:
//
//	1 byte    form: 1 the bytes themselves, 2 the bytes compressed by Zstandard (RFC 8878)
//	12 bytes  nonce
//	n bytes   AES-256-GCM ciphertext with its 16-byte tag (NIST SP 800-38D); the additional data is
//	          "wattdue object" followed by the form byte
const (
	formPlain      = 1
	formCompressed = 2

	nonceSize = 12
	tagSize   = 16
	overhead  = 1 + nonceSize + tagSize
)

// ErrSealed is returned for bytes that were not sealed with the given key, or were changed since.
var ErrSealed = errors.New("sealed bytes cannot be opened: another key, or they were changed")

// Seal encrypts plain and returns the object and its name. The same key and bytes give the same object.
func Seal(key [32]byte, plain []byte) (name string, sealed []byte) {
	sealed = seal(key, "wattdue object", formPlain, plain)
	return Name(sealed), sealed
}

// SealCompressed is Seal for text that is large and repetitive, such as original records. It compresses when that
// makes the object smaller. The name may change with the version of the compressor.
func SealCompressed(key [32]byte, plain []byte) (name string, sealed []byte) {
	packed := compress(plain)
	if len(packed) >= len(plain) {
		return Seal(key, plain)
	}
	sealed = seal(key, "wattdue object", formCompressed, packed)
	return Name(sealed), sealed
}

// Open decrypts an object made by Seal or SealCompressed, or returns ErrSealed.
func Open(key [32]byte, sealed []byte) ([]byte, error) {
	form, plain, err := open(key, "wattdue object", sealed)
	if err != nil {
		return nil, err
	}
	switch form {
	case formPlain:
		return plain, nil
	case formCompressed:
		return decompress(plain)
	}
	return nil, fmt.Errorf("object of form %d: made by a newer version", form)
}

// Name is the name of an object: the SHA-256 of the sealed bytes as 64 hexadecimal digits.
func Name(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:])
}

// Wrap encrypts a data key with the master key, for the database. The same keys give the same bytes.
func Wrap(master, key [32]byte) []byte { return seal(master, "wattdue data key", formPlain, key[:]) }

// Unwrap returns the data key that Wrap encrypted, or ErrSealed.
func Unwrap(master [32]byte, wrapped []byte) (key [32]byte, err error) {
	_, plain, err := open(master, "wattdue data key", wrapped)
	if err != nil {
		return key, err
	}
	if len(plain) != len(key) {
		return key, fmt.Errorf("wrapped key holds %d bytes, want %d", len(plain), len(key))
	}
	return [32]byte(plain), nil
}

// seal encrypts with a nonce derived from purpose, form and content instead of a random one. Reruns then agree, and a
// nonce comes twice only for the same content, which gives the same ciphertext and tells nobody anything but that
// the two are equal (the idea of synthetic nonces, RFC 5297 and RFC 8452). Two different contents under one key
// collide with a probability of about n²/2^97 for n objects.
func seal(key [32]byte, purpose string, form byte, plain []byte) []byte {
	sum := sha256.Sum256(plain)
	mac := hmac.New(sha256.New, key[:])
	mac.Write(sum[:])
	mac.Write(additional(purpose, form))
	nonce := mac.Sum(nil)[:nonceSize]

	out := make([]byte, 0, overhead+len(plain))
	out = append(out, form)
	out = append(out, nonce...)
	return gcm(key).Seal(out, nonce, plain, additional(purpose, form))
}

func open(key [32]byte, purpose string, sealed []byte) (form byte, plain []byte, err error) {
	if len(sealed) < overhead {
		return 0, nil, ErrSealed
	}
	form, nonce, body := sealed[0], sealed[1:1+nonceSize], sealed[1+nonceSize:]
	plain, err = gcm(key).Open(make([]byte, 0, len(body)), nonce, body, additional(purpose, form))
	if err != nil {
		return 0, nil, ErrSealed
	}
	return form, plain, nil
}

// additional is the authenticated part that is not stored: a wrapped key can never pass for an object, nor one form
// for the other.
func additional(purpose string, form byte) []byte { return append([]byte(purpose), form) }

func gcm(key [32]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // only for a key of another length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for a block of another size
	}
	return aead
}
