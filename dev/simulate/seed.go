package simulate

import (
	"crypto/sha256"
	"encoding/binary"
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
