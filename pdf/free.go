package pdf

import (
	"slices"

	"wattdue/invoicing"
	"wattdue/rating"
)

// isFree reports whether a line costs nothing because its price is zero. A line with a price may come to 0.00 as
// well, within the free minutes say, and so does what an allowance covers; those tell the reader something.
func isFree(l invoicing.Line) bool {
	return l.Kind == rating.QuantityLine && l.Unit == 0 && l.Amount == 0
}

// printed returns the lines of a session the page shows: those priced at zero are left out beside others. A session
// with no others shows them all, so that it does not stand there without a reason for its 0.00.
func printed(lines []invoicing.Line) []invoicing.Line {
	hasPrice := func(l invoicing.Line) bool { return !isFree(l) }
	if !slices.ContainsFunc(lines, isFree) || !slices.ContainsFunc(lines, hasPrice) {
		return lines
	}
	return slices.DeleteFunc(slices.Clone(lines), isFree)
}
