package money

import (
	"math"
	"slices"
	"testing"
)

func TestAllocate(t *testing.T) {
	cases := []struct {
		name    string
		total   int64
		weights []int64
		want    []int64
	}{
		{"E4: 6.51 over 5.145 and 1.365, the tie goes to the first", 651, []int64{5145, 1365}, []int64{515, 136}},
		{"10.00 in three", 1000, []int64{1, 1, 1}, []int64{334, 333, 333}},
		{"20.00 in three", 2000, []int64{1, 1, 1}, []int64{667, 667, 666}},
		{"the larger remainder wins over the earlier share", 100, []int64{334, 666}, []int64{33, 67}},
		{"-10.00 mirrors", -1000, []int64{1, 1, 1}, []int64{-334, -333, -333}},
		{"a weight of zero gets nothing", 5, []int64{0, 1, 1}, []int64{0, 3, 2}},
		{"no weight at all: the first takes it", 7, []int64{0, 0}, []int64{7, 0}},
		{"nothing to split", 0, []int64{3, 4}, []int64{0, 0}},
		{"one share", 99, []int64{12}, []int64{99}},
		{"nobody", 5, nil, []int64{}},
		{"weights whose sum exceeds 64 bits", 4, []int64{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64}, []int64{1, 1, 1, 1}},
		{"the largest total", math.MaxInt64, []int64{1, 1}, []int64{math.MaxInt64/2 + 1, math.MaxInt64 / 2}},
		{"the lowest total", -math.MaxInt64, []int64{1, 1}, []int64{-math.MaxInt64/2 - 1, -math.MaxInt64 / 2}},
	}
	for _, c := range cases {
		if got := Allocate(c.total, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestAllocatePanics(t *testing.T) {
	for name, call := range map[string]func(){
		"negative weight": func() { Allocate(10, []int64{3, -1}) },
		"lowest total":    func() { Allocate(math.MinInt64, []int64{1}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
