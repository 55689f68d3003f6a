package money

import "sort"

// Allocate splits total over the weights in proportion, without losing a unit: each share is rounded down in
// magnitude, and the missing units go to the largest remainders, the earlier share first on a tie. The weights
// must not be negative; when all are zero the first share takes everything. The shares always add up to total.
func Allocate(total int64, weights []int64) []int64 {
	shares := make([]int64, len(weights))
	if len(weights) == 0 {
		return shares
	}
	var sum int64
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		shares[0] = total
		return shares
	}
	rest := total
	remainders := make([]int64, len(weights))
	for i, w := range weights {
		shares[i], _ = mulDiv(total, w, sum, false)
		rest -= shares[i]
		// total*w mod sum fits: it is smaller than sum.
		remainders[i] = remainder(total, w, sum)
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return remainders[order[a]] > remainders[order[b]] })
	step := int64(1)
	if rest < 0 {
		step = -1
	}
	for i := 0; rest != 0; i++ {
		shares[order[i]] += step
		rest -= step
	}
	return shares
}
