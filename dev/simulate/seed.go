package simulate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// stream returns the random numbers of one topic. Each topic has its own, so that one more customer does not
// change the fleet.
func stream(seed uint64, topic string) *rand.Rand {
	h := sha256.Sum256([]byte("wattdue simulate " + topic))
	return rand.New(rand.NewPCG(seed, binary.BigEndian.Uint64(h[:8])))
}

// between returns a whole number from low to high, both included.
func between(r *rand.Rand, low, high int64) int64 { return low + r.Int64N(high-low+1) }

// oneIn reports true once in n times.
func oneIn(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

// pick returns one element of a list.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// deriveKey returns the P-256 key of a charge point and its SubjectPublicKeyInfo. The scalar is a hash of seed and
// name; a hash that is no valid scalar (chance 2^-32) is hashed once more with the next counter.
func deriveKey(seed uint64, name string) (*ecdsa.PrivateKey, []byte, error) {
	var last error
	for counter := range 4 {
		h := sha256.Sum256(fmt.Appendf(nil, "wattdue simulate key %d %d %s", seed, counter, name))
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), h[:])
		if err != nil {
			last = err
			continue
		}
		spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			return nil, nil, fmt.Errorf("key of %s: %w", name, err)
		}
		return key, spki, nil
	}
	return nil, nil, fmt.Errorf("key of %s: %w", name, last)
}

// sign returns the DER signature of the SHA-256 of the bytes. Without a random source crypto/ecdsa takes the nonce
// from key and hash (RFC 6979), so that equal bytes have equal signatures.
func sign(key *ecdsa.PrivateKey, signed []byte) ([]byte, error) {
	h := sha256.Sum256(signed)
	return key.Sign(nil, h[:], crypto.SHA256)
}
