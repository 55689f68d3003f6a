package pricelist

import (
	"wattdue/money"
)

// roundings are the ways to round in the file's words. The first is what a file means that is silent.
var roundings = []struct {
	word string
	mode money.Rounding
}{
	{"half_away", money.HalfAway},
	{"half_even", money.HalfEven},
	{"down", money.Down},
	{"up", money.Up},
}

func roundingWords() []string {
	words := make([]string, len(roundings))
	for i := range roundings {
		words[i] = roundings[i].word
	}
	return words
}
