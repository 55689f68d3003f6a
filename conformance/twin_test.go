package conformance

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"wattdue/meter"
)

// What a bit is turned of in a message that a meter signed, and in one that only a seal protects; beside these, of the key.
var (
	inMessage = []string{"value", "time", "id", "signature"}
	inSeal    = []string{"cipher"}
)

// TestTamperedTwins makes twins of every published record that is valid. In a twin one bit is turned, of the signed value,
// time or id, of the key or of the signature; everything around the bit is written as it was, checksums made to fit.
// A twin must be refused with the word it deserves, and the record it is a twin of must not be.
func TestTamperedTwins(t *testing.T) {
	made := map[string]map[string]int{} // twins by format and kind
	for _, v := range readManifest(t).Vectors {
		if made[v.Format] == nil {
			made[v.Format] = map[string]int{}
		}
		if v.Expect != "valid" {
			continue
		}
		t.Run(v.ID, func(t *testing.T) {
			c := carried{key: keyBeside(v.PublicKey)}
			for f, err := range filesOf(published(t, "eichrecht", v.File), v.Parts) {
				if err != nil {
					t.Fatal(err)
				}
				c.files = append(c.files, f)
			}
			count(made[v.Format], c.twins(t))
		})
	}
	for _, format := range slices.Sorted(maps.Keys(made)) {
		of := made[format]
		needed := inMessage
		if of["cipher"] > 0 {
			needed = inSeal
		}
		for _, kind := range append(needed[:len(needed):len(needed)], "key") {
			if of[kind] == 0 {
				t.Errorf("%s: no twin with another %s", format, kind)
			}
		}
		t.Logf("%s: %v", format, of)
	}
}

func count(all, more map[string]int) {
	for kind, n := range more {
		all[kind] += n
	}
}

// judged is what the verdicts on the sessions of a vector come to.
type judged struct {
	verdicts []meter.Verdict
	billable int
}

func (c carried) judge(t *testing.T) judged {
	j := judged{verdicts: judgeEvidence(t, c.all(), c.key)}
	for _, v := range j.verdicts {
		if v.Billable() {
			j.billable++
		}
	}
	return j
}

// twins makes and judges all twins of a vector and counts them by kind.
func (c carried) twins(t *testing.T) map[string]int {
	whole := c.judge(t)
	if whole.billable != len(whole.verdicts) {
		t.Fatalf("%d of %d sessions are billable before any bit is turned", whole.billable, len(whole.verdicts))
	}
	made := map[string]int{}
	try := func(kind string, s spot, want fate) {
		if !c.equal(s.wrap(s.data)) {
			t.Fatalf("%s: the record was not put together as it was", kind)
		}
		want.of(t, fmt.Sprintf("%s, byte %d of %d", kind, s.byte, len(s.data)), whole, s.turned().judge(t))
		made[kind]++
	}
	messages, keys := c.signedPlaces(t)
	if read := c.messages(); len(messages) != read {
		t.Errorf("%d signed messages were found, and the decoders read %d", len(messages), read)
	}
	for i, m := range some(messages) {
		needed := inMessage
		if len(m["cipher"]) > 0 {
			needed = inSeal
		}
		for _, kind := range needed {
			if len(m[kind]) == 0 {
				t.Errorf("message %d: no %s was found", i+1, kind)
			}
			for _, s := range m[kind] {
				// Another id may tear a session apart; then the half that is whole misses the other.
				try(kind, s, fate{s.word, whole.billable - 1, kind == "id"})
			}
		}
	}
	if len(keys) == 0 {
		t.Error("no key was found")
	}
	for _, s := range some(keys) {
		word := s.word
		if len(keys) > 1 {
			word = meter.KeyMalformed // off the curve, or another key than the one beside the other value
		}
		try("key", s, fate{word, whole.billable - 1, false})
	}
	if len(keys) > 1 {
		fate{keys[0].word, 0, false}.of(t, "key, everywhere", whole, c.withKeys(t).judge(t))
		made["key"]++
	}
	return made
}

// some are the first, the one in the middle and the last of many: a file with a hundred sessions of one charging station is a
// hundred times the same, and each twin of it is judged whole.
func some[E any](all []E) []E {
	const many = 10
	if len(all) <= many {
		return all
	}
	return []E{all[0], all[len(all)/2], all[len(all)-1]}
}

// withKeys is the vector with the bit turned in every copy of the key.
func (c carried) withKeys(t *testing.T) carried {
	_, keys := c.signedPlaces(t)
	for i := range keys {
		c = keys[i].turned()
		_, keys = c.signedPlaces(t)
	}
	return c
}

// fate is what becomes of a twin: the word for the session with the bit, how many sessions stay billable, and whether
// another session may be incomplete.
type fate struct {
	word     meter.Word
	billable int
	torn     bool
}

func (want fate) of(t *testing.T, name string, whole, twin judged) {
	t.Helper()
	if twin.billable != want.billable {
		t.Errorf("%s: %d sessions are billable, want %d", name, twin.billable, want.billable)
	}
	found := false
	for _, v := range twin.verdicts {
		switch {
		case v.Word == want.word && !v.Billable():
			found = true
		case v.Word == meter.Valid, v.Word == meter.NotBillable && want.torn:
		default:
			t.Errorf("%s: %s, want %s: %+v", name, v.Word, want.word, v.Reasons)
		}
		// Damage to what the record is wrapped in would reveal the twin before the signature does.
		if has(v, "transport-deviation") && !has(whole.verdicts[0], "transport-deviation") {
			t.Errorf("%s: the transport reveals the twin", name)
		}
	}
	if !found {
		t.Errorf("%s: no session is called %s", name, want.word)
	}
}

func has(v meter.Verdict, code string) bool {
	return slices.ContainsFunc(v.Reasons, func(r meter.Reason) bool { return r.Code == code })
}
