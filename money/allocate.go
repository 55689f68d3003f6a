package money

import (
	"math"
	"math/big"
	"sort"
)

// Allocate splits total over the weights in proportion, without losing a unit: each share is rounded down in
// magnitude, and the missing units go to the largest remainders, the earlier share first on a tie. When all weights
// are zero the first share takes everything. The shares always add up to total, and the shares of -total are the
// exact mirror. A negative weight panics, and so does the lowest int64 as total, which is no amount.
func Allocate(total int64, weights []int64) []int64 {
	if total == math.MinInt64 {
		panic("money: amount without a mirror")
	}
	shares := make([]int64, len(weights))
	if len(weights) == 0 {
		return shares
	}
	// The sum of the weights may exceed 64 bits; this is no hot path, so big integers carry all of it.
	sum := new(big.Int)
	for _, w := range weights {
		if w < 0 {
			panic("money: negative weight")
		}
		sum.Add(sum, big.NewInt(w))
	}
	if sum.Sign() == 0 {
		shares[0] = total
		return shares
	}
	sign, magnitude := int64(1), total
	if total < 0 {
		sign, magnitude = -1, -total
	}
	missing := magnitude
	remainders := make([]*big.Int, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		product := new(big.Int).Mul(big.NewInt(magnitude), big.NewInt(w))
		share, rest := product.QuoRem(product, sum, new(big.Int))
		shares[i] = sign * share.Int64()
		missing -= share.Int64()
		remainders[i], order[i] = rest, i
	}
	sort.SliceStable(order, func(a, b int) bool { return remainders[order[a]].Cmp(remainders[order[b]]) > 0 })
	for _, i := range order[:missing] {
		shares[i] += sign
	}
	return shares
}
