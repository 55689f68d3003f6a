package meter

import (
	"crypto/elliptic"
	"testing"
)

// A key registered by the number of a meter counts where the EVSE never had one. An EVSE whose key ended has none: its
// operator must not choose another meter by naming it.
func TestKeyOfTheMeterIsNoSubstitute(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	record := pairOf(t, key, beginPayload, endPayload)
	for _, c := range []struct {
		name  string
		ended bool
		want  Word
	}{
		{"the EVSE never had a key", false, Valid},
		{"the key of the EVSE ended", true, KeyMissing},
	} {
		ring := oneKey{evse: "DE*TST*E1*1", meter: spkiOf(t, key), ended: c.ended}
		if v := Check(record, ring, DefaultProfile()); v.Word != c.want {
			t.Errorf("%s: %s [%s], want %s", c.name, v.Word, codes(v), c.want)
		}
	}
}

// Where a record signs the energy before and behind the cable, the customer pays what came out of it, in whatever order the
// two stand: 21.75 kWh before the cable, 21.25 kWh behind it.
func TestEnergyBehindTheCableIsBilled(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	second := func(payload, value string) string {
		return swap(t, payload, `"ST":"G"}]`, `"ST":"G"},{"RI":"01-00:B0.08.00*FF","RV":`+value+`}]`, `"RI":"1-0:1.8.0"`, `"RI":"01-00:B1.08.00*FF"`)
	}
	swapped := func(payload string) string {
		return swap(t, payload, "B0.08", "Bx.08", "B1.08", "B0.08", "Bx.08", "B1.08")
	}
	begin, end := second(beginPayload, "2000"), second(endPayload, "2021.75")
	ring := oneKey{evse: "DE*TST*E1*1", spki: spkiOf(t, key)}
	if v := Check(pairOf(t, key, begin, end), ring, DefaultProfile()); v.Word != Valid || v.Energy != 21_250_000 {
		t.Errorf("behind the cable first: %s [%s], %s kWh", v.Word, codes(v), v.Energy.KWh())
	}
	r := pairOf(t, key, swapped(begin), swapped(end))
	r.Energy = 21_750_000
	if v := Check(r, ring, DefaultProfile()); v.Word != Valid || v.Energy != 21_750_000 || v.Register != "01-00:B1.08.00*FF" {
		t.Errorf("before the cable first: %s [%s], %s kWh of %s", v.Word, codes(v), v.Energy.KWh(), v.Register)
	}
}

// A card number that ends in zero bytes stands shorter in a field that is filled up with zeros.
func TestPaddedCardIsTheSame(t *testing.T) {
	for _, c := range []struct {
		signed, card string
		other        bool
	}{
		{"04D0D6D8", "04D0D6D8000000", false},
		{"04D0D6D8", "04D0D6D8000100", true},
		{"04D0D6D8", "000000D8D6D004", false},
		{"04D0D6D8", "04D0D6D7", true},
	} {
		token := recordOf().Token
		token.UID = c.card
		if got := isOther(c.signed, token); got != c.other {
			t.Errorf("%s beside %s: other %v", c.signed, c.card, got)
		}
	}
}
