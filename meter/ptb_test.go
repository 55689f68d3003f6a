package meter

import (
	"encoding/json"
	"testing"
)

// ptbFile is a file of the PTB around two lines.
func ptbFile(t testing.TB, begin, end string) string {
	b, err := json.Marshal(map[string]any{
		"format": "ptb", "publicKey": keyOne(t), "chargeboxIdentifier": "DE*TST*E1*1",
		"address": map[string]string{"city": "Teststadt"}, "geoLocation": map[string]int{"lat": 52, "lng": 13},
		"ocmfBegin": begin, "ocmfEnd": end,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func ptbPair(t testing.TB, begin, end string) string {
	lines := linesOf(t, begin, end)
	return ptbFile(t, lines[0], lines[1])
}

var ptbCases = []evidenceCase{
	fileCase("a file of the PTB", func(t testing.TB) string { return ptbPair(t, beginPayload, endPayload) }, Valid, SignatureValid, SessionComplete, ""),
	fileCase("rudimentary payloads", func(t testing.TB) string {
		return ptbPair(t, swap(t, beginPayload, `"TX":"B",`, "", `"RU":"kWh",`, "", `"FV":"1.2",`, ""), swap(t, endPayload, `"TX":"E",`, "", `"RU":"kWh",`, "", `"FV":"1.2",`, ""))
	}, Valid, SignatureValid, SessionComplete, "version-missing unit-unstated version-missing unit-unstated role-unsigned role-unsigned"),
	{
		name: "the same in production",
		carried: func(t testing.TB) []string {
			return []string{ptbPair(t, swap(t, beginPayload, `"RU":"kWh",`, ""), swap(t, endPayload, `"RU":"kWh",`, ""))}
		},
		profile: "strict", word: KeyMissing, signature: SignatureUnchecked, session: SessionComplete,
		codes: "unit-unstated unit-unstated key-not-registered",
	},
	fileCase("the begin in both places", func(t testing.TB) string { return ptbPair(t, beginPayload, beginPayload) },
		NotBillable, SignatureValid, SessionInconsistent, "value-repeated end-missing value-duplicate"),
	fileCase("no end", func(t testing.TB) string { return ptbFile(t, linesOf(t, beginPayload)[0], "") },
		NotBillable, SignatureValid, SessionIncomplete, "end-missing"),
	fileCase("neither line", func(t testing.TB) string { return ptbFile(t, "", "") },
		RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-empty"),
	fileCase("another charge point outside", func(t testing.TB) string {
		return swap(t, ptbPair(t, beginPayload, endPayload), `"DE*TST*E1*1"`, `"DE*TST*E2*1"`)
	}, DisagreesOutside, SignatureValid, SessionComplete, "evse-mismatch"),
	fileCase("broken JSON", func(t testing.TB) string { return `{"ocmfBegin":"OCMF|{}",}` },
		RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-unreadable"),
}

// TestPTBWattHours: 1000 and 3500 without a unit are 2.5 kWh.
func TestPTBWattHours(t *testing.T) {
	file := ptbPair(t, swap(t, beginPayload, `"RU":"kWh",`, "", "1000.5", "1000"), swap(t, endPayload, `"RU":"kWh",`, "", "1021.75", "3500"))
	v := (Checker{}).Judge(Evidence{Messages: Decode([]byte(file))}, nil, mustProfile(t, "reference"))
	if v.Word != Valid || v.Energy.KWh() != "2.500" || v.Container != ptbJSON {
		t.Errorf("%s %s kWh %s [%s]", v.Word, v.Energy.KWh(), v.Container, codes(v))
	}
}

// FuzzPTB: no file panics; what is accepted has readings in a unit.
func FuzzPTB(f *testing.F) {
	for _, c := range ptbCases {
		f.Add([]byte(c.carried(f)[0]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range decodePTB(b, opener{Decode, newBudget()}) {
			for _, e := range m.Entries {
				if e.Unit == "" {
					t.Fatalf("a reading without a unit: %+v", m)
				}
			}
		}
	})
}
