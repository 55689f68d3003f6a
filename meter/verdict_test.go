package meter

import (
	"crypto/elliptic"
	"testing"
)

// TestMainReason: findings stand in the order they were made, and the first is not always the one that decided the word.
func TestMainReason(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	r := pairOf(t, key, swap(t, beginPayload, `"FV":"1.2"`, `"FV":"2.0"`), endPayload)
	v := Check(r, nil, DefaultProfile())
	if main, ok := v.Main(); !ok || v.Word != KeyMissing || v.Reasons[0].Code != "version-unknown" || main.Code != "key-not-registered" {
		t.Errorf("%s because of %s, of [%s]", v.Word, main.Code, codes(v))
	}
	r = pairOf(t, key, beginPayload, endPayload)
	if main, ok := Check(r, oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}, DefaultProfile()).Main(); ok {
		t.Errorf("a valid record has the main reason %s", main.Code)
	}
	// What a profile tolerates decides nothing.
	if main, ok := (Verdict{Word: Valid, Reasons: []Reason{{Code: "seal-only", Notice: true}}}).Main(); ok {
		t.Errorf("a tolerated finding decided: %s", main.Code)
	}
}
