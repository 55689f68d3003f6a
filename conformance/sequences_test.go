package conformance

import (
	"fmt"
	"slices"
	"testing"

	"wattdue/meter"
	"wattdue/meter/finding"
)

// TestEichrechtSequences compares the sessions of published records with each other: the manifest says which of them follow
// each other, leave a gap, repeat or contradict one another.
func TestEichrechtSequences(t *testing.T) {
	m := readManifest(t)
	if len(m.Sequences) < 6 {
		t.Fatalf("the manifest has %d sequences, want all of them", len(m.Sequences))
	}
	for _, s := range m.Sequences {
		t.Run(s.ID, func(t *testing.T) {
			var sessions []finding.Session
			for _, id := range s.Vectors {
				i := slices.IndexFunc(m.Vectors, func(v signedRecord) bool { return v.ID == id })
				if i < 0 {
					t.Fatalf("the manifest has no vector %s", id)
				}
				v := m.Vectors[i]
				sessions = append(sessions, provenBy(t, id, judgeFile(t, published(t, "eichrecht", v.File), v.Parts, keyBeside(v.PublicKey)))...)
			}
			if len(sessions) < 2 {
				t.Fatalf("%d proven sessions, want at least two", len(sessions))
			}
			result := finding.Compare(nil, sessions)
			if got := sequenceWord(result.Findings); got != s.Expect {
				t.Errorf("%s, want %s: %+v", got, s.Expect, result.Findings)
			}
		})
	}
}

// provenBy are the sessions of one file as the charges of an import, in the order of the file.
func provenBy(t *testing.T, id string, verdicts []meter.Verdict) []finding.Session {
	t.Helper()
	var sessions []finding.Session
	for i, v := range verdicts {
		s, ok := finding.SessionOf(v)
		if !ok {
			t.Fatalf("%s: session %d proves nothing: %s", id, i+1, v.Word)
		}
		s.Charge = fmt.Sprintf("%s %06d", id, i+1)
		s.Arrival = s.Charge
		sessions = append(sessions, s)
	}
	return sessions
}

// sequenceWord says in the words of the manifest what was found, the gravest first.
func sequenceWord(found []finding.Finding) string {
	words := map[finding.Code]string{
		finding.Replay: "duplicate", finding.PageConflict: "conflict", finding.Overlap: "conflict", finding.CounterRegression: "conflict",
		finding.PageGap: "gap", finding.AdvanceUnexplained: "gap",
	}
	for _, r := range finding.Rules() {
		if slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Code == r.Code }) {
			return words[r.Code]
		}
	}
	return "contiguous"
}
