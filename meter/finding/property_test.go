package finding_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wattdue/meter/finding"
)

// TestCleanSequence: whatever the order in which it arrives and however it is cut, a meter that did nothing odd gives no
// finding; information given meanwhile is closed when the rest has come in.
func TestCleanSequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawArrivals(t, sessions(rapid.IntRange(0, 12).Draw(t, "n")))
		if left := inBatches(t, list); len(left) > 0 {
			t.Fatalf("findings %v", left)
		}
	})
}

// TestOneMissing: deleting one session gives exactly the gap and the advance at its place.
func TestOneMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 12).Draw(t, "n")
		gone := rapid.IntRange(1, n-2).Draw(t, "gone")
		after, before := session(gone+1).Charge, session(gone-1).Charge
		list := drawArrivals(t, slices.Delete(sessions(n), gone, gone+1))
		want := []string{
			fmt.Sprintf("page-gap %s %s: pages T%d to T%d", after, before, 10+2*gone, 11+2*gone),
			fmt.Sprintf("advance-unexplained %s %s: 5.000 kWh", after, before),
		}
		if d := cmp.Diff(want, briefs(finding.Compare(nil, list).Findings)); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	})
}

// TestOneTwice: repeating one session gives exactly one replay, against the one that arrived later.
func TestOneTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		twice := rapid.IntRange(0, n-1).Draw(t, "twice")
		list := drawArrivals(t, append(sessions(n), again(session(twice), "x", "")))
		first, later := session(twice).Charge, "x"
		if arrivalOf(list, later) < arrivalOf(list, first) {
			first, later = later, first
		}
		want := []string{fmt.Sprintf("replay %s %s: 2 of 2 signed values", later, first)}
		if d := cmp.Diff(want, briefs(finding.Compare(nil, list).Findings)); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	})
}

// TestOrderOfArgumentsDoesNotMatter, whatever is wrong with the sessions.
func TestOrderOfArgumentsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawMess(t)
		known := rapid.IntRange(0, len(list)).Draw(t, "known")
		want := finding.Compare(list[:known], list[known:])
		got := finding.Compare(rapid.Permutation(list[:known]).Draw(t, "history"), rapid.Permutation(list[known:]).Draw(t, "fresh"))
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	})
}

// TestBatchesGiveTheUnion: comparing what arrives in batches with what is known gives the findings of one pass over all,
// once what was closed is taken away, for missing and repeated sessions.
func TestBatchesGiveTheUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawArrivals(t, drawLosses(t))
		want := map[[3]string]bool{}
		for _, f := range finding.Compare(nil, list).Findings {
			want[[3]string{f.Charge, string(f.Code), f.Other}] = true
		}
		if d := cmp.Diff(want, inBatches(t, list)); d != "" {
			t.Fatalf("(-one pass +batches)\n%s", d)
		}
	})
}

// TestContradictionsAreHeldInEveryBatch: whatever is wrong, a charge that one pass over all holds for a repeated value or
// page or an overlap is held when its batch comes, however the batches are cut.
func TestContradictionsAreHeldInEveryBatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawArrivals(t, drawMess(t))
		got := inBatches(t, list)
		for _, f := range finding.Compare(nil, list).Findings {
			switch f.Code {
			case finding.Replay, finding.PageConflict, finding.PowerAboveLimit:
				if !got[[3]string{f.Charge, string(f.Code), f.Other}] {
					t.Fatalf("%s is missing in batches", brief(f))
				}
			}
		}
	})
}

// drawArrivals gives sessions another order of arrival.
func drawArrivals(t *rapid.T, list []finding.Session) []finding.Session {
	list = rapid.Permutation(list).Draw(t, "arrivals")
	for i := range list {
		list[i].Arrival = fmt.Sprintf("1/%06d", i)
	}
	return list
}

// drawLosses is a sequence with sessions missing and repeated.
func drawLosses(t *rapid.T) []finding.Session {
	var list []finding.Session
	for i := range rapid.IntRange(0, 12).Draw(t, "n") {
		switch rapid.IntRange(0, 5).Draw(t, "fate") {
		case 0:
		case 1:
			list = append(list, session(i), again(session(i), fmt.Sprintf("x%d", i), ""))
		default:
			list = append(list, session(i))
		}
	}
	if rapid.Bool().Draw(t, "silent") {
		return silent(list)
	}
	return list
}

// drawMess is a sequence with anything wrong.
func drawMess(t *rapid.T) []finding.Session {
	list := drawLosses(t)
	for i := range list {
		s := &list[i]
		switch rapid.IntRange(0, 9).Draw(t, "fault") {
		case 0:
			s.Begin.Value -= 700_000
		case 1:
			s.Begin.Time = s.Begin.Time.Add(-50 * clockStep)
		case 2:
			s.Prints[0].Page += 2
		case 3:
			s.Firmware = "2.0"
		case 4:
			s.End.Value += 60_000_000
		}
	}
	return list
}

// inBatches compares a list in the order of arrival, cut anywhere, and returns what stands at the end.
func inBatches(t *rapid.T, list []finding.Session) map[[3]string]bool {
	left := map[[3]string]bool{}
	for from := 0; from < len(list); {
		to := rapid.IntRange(from+1, len(list)).Draw(t, "cut")
		r := finding.Compare(list[:from], list[from:to])
		for _, f := range r.Findings {
			left[[3]string{f.Charge, string(f.Code), f.Other}] = true
		}
		for _, c := range r.Closed {
			delete(left, [3]string{c.Charge, string(c.Code), c.Other})
		}
		from = to
	}
	return left
}

func arrivalOf(list []finding.Session, charge string) string {
	return list[slices.IndexFunc(list, func(s finding.Session) bool { return s.Charge == charge })].Arrival
}
