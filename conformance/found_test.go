package conformance

import (
	"slices"
	"testing"

	"wattdue/conformance/checker"
)

// TestWrongFindingIsFound changes what was found and what should have been, one at a time.
func TestWrongFindingIsFound(t *testing.T) {
	s := readSources(t)
	wrong := func(what string, found []checker.Found) {
		t.Helper()
		m := s.read
		m.Found = found
		if len(m.Check()) == 0 {
			t.Errorf("%s: not found", what)
		}
	}
	for i, f := range s.read.Found {
		changed := func(change func(*checker.Found)) []checker.Found {
			list := slices.Clone(s.read.Found)
			change(&list[i])
			return list
		}
		name := f.Code + " about " + f.Record
		wrong(name+" missing", slices.Delete(slices.Clone(s.read.Found), i, i+1))
		wrong(name+" twice", append(slices.Clone(s.read.Found), f))
		wrong(name+" about another record", changed(func(f *checker.Found) { f.Record += "0" }))
		wrong(name+" against another record", changed(func(f *checker.Found) { f.Other += "0" }))
		wrong(name+" closed", changed(func(f *checker.Found) { f.State = "closed" }))
		wrong(name+" decided", changed(func(f *checker.Found) { f.State = "decided" }))
	}
	for i, r := range s.read.Truth {
		for j, f := range r.Findings {
			m := s.read
			m.Truth = slices.Clone(m.Truth)
			m.Truth[i].Findings = slices.Delete(slices.Clone(r.Findings), j, j+1)
			if len(m.Check()) == 0 {
				t.Errorf("%s about %s is not in the truth: not found", f.Code, r.Record)
			}
		}
	}
	if len(s.read.Found) < 15 {
		t.Errorf("only %d findings in the month", len(s.read.Found))
	}
}
