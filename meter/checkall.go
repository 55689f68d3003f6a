package meter

import (
	"sync"
	"sync/atomic"

	"wattdue/cdr"
)

// CheckAll judges many charge records with the given number of workers, and returns the verdicts in the order of the
// records. The ring is asked by several workers at once. A panic of a worker is passed on to the caller.
func (c Checker) CheckAll(records []cdr.Record, ring KeyRing, p Profile, workers int) []Verdict {
	verdicts := make([]Verdict, len(records))
	var next atomic.Int64
	var broken atomic.Value
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				broken.CompareAndSwap(nil, panicked{r})
			}
		}()
		for broken.Load() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(records) {
				return
			}
			verdicts[i] = c.Check(records[i], ring, p)
		}
	}
	var wg sync.WaitGroup
	for range min(max(workers, 1), len(records)) {
		wg.Go(work)
	}
	wg.Wait()
	if b, ok := broken.Load().(panicked); ok {
		panic(b.with)
	}
	return verdicts
}

// panicked carries what a worker panicked with.
type panicked struct{ with any }
