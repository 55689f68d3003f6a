package meter

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// evidenceCase is signed values of any format without a charge record, and everything the verdict must say.
type evidenceCase struct {
	name      string
	carried   func(t testing.TB) []string // each is decoded on its own; together they are one session
	key       func(t testing.TB) string   // beside the record; nil when the record carries its own
	profile   string                      // empty: reference
	word      Word
	signature SignatureState
	session   SessionState
	codes     string // all codes, in order
}

// allEvidenceCases lists the cases of all formats; a new format adds its own.
func allEvidenceCases() []evidenceCase {
	return slices.Concat(plainCases, edl40Cases, edl40SIGCases, mennekesCases, isaCases, emhCases, alfenCases, pcdfCases, bsmCases, chargeITCases, receiptCases, safeXMLCases, ptbCases)
}

// keyOne is the public key of the test meter in base64.
func keyOne(t testing.TB) string { return spkiBase64(t, testKey(t, elliptic.P256(), "one")) }

// linesOf signs payloads with the key of the test meter.
func linesOf(t testing.TB, payloads ...string) []string {
	lines := make([]string, len(payloads))
	for i, p := range payloads {
		lines[i] = signLine(t, testKey(t, elliptic.P256(), "one"), p)
	}
	return lines
}

var plainCases = []evidenceCase{
	{
		name:    "begin and end",
		carried: func(t testing.TB) []string { return linesOf(t, beginPayload, endPayload) },
		key:     keyOne, word: Valid, signature: SignatureValid, session: SessionComplete,
	},
	{
		name:    "only the begin",
		carried: func(t testing.TB) []string { return linesOf(t, beginPayload) },
		key:     keyOne, word: NotBillable, signature: SignatureValid, session: SessionIncomplete, codes: "end-missing",
	},
	{
		name:    "the begin again instead of the end",
		carried: func(t testing.TB) []string { return linesOf(t, beginPayload, beginPayload) },
		key:     keyOne, word: NotBillable, signature: SignatureValid, session: SessionInconsistent,
		codes: "value-repeated end-missing value-duplicate",
	},
	{
		name:    "no key at hand",
		carried: func(t testing.TB) []string { return linesOf(t, beginPayload, endPayload) },
		word:    KeyMissing, signature: SignatureUnchecked, session: SessionComplete, codes: "key-missing",
	},
	{
		name: "an end below the begin whose signature fails contradicts nothing",
		carried: func(t testing.TB) []string {
			lines := linesOf(t, beginPayload, endPayload)
			lines[1] = swap(t, lines[1], "1021.75", "0021.75")
			return lines
		},
		key: keyOne, word: InvalidSignature, signature: SignatureMixed, session: SessionComplete, codes: "signature-invalid value-falls",
	},
	{
		name: "more than any vehicle takes",
		carried: func(t testing.TB) []string {
			return linesOf(t, beginPayload, swap(t, endPayload, "1021.75", "2000.500001"))
		},
		key: keyOne, word: NotBillable, signature: SignatureValid, session: SessionComplete, codes: "energy-implausible",
	},
	{
		name: "nothing signed says which reading begins; the order of what is signed decides",
		carried: func(t testing.TB) []string {
			return linesOf(t, swap(t, endPayload, `"TX":"E",`, ""), swap(t, beginPayload, `"TX":"B",`, ""))
		},
		key: keyOne, word: Valid, signature: SignatureValid, session: SessionComplete, codes: "role-unsigned role-unsigned",
	},
	{
		name: "the same is not enough for production",
		carried: func(t testing.TB) []string {
			return linesOf(t, swap(t, beginPayload, `"TX":"B",`, ""), swap(t, endPayload, `"TX":"E",`, ""))
		},
		key: keyOne, profile: "strict", word: KeyMissing, signature: SignatureUnchecked, session: SessionComplete,
		codes: "key-not-registered role-unsigned role-unsigned",
	},
	{
		name: "Ed25519, which the specification does not name",
		carried: func(testing.TB) []string {
			both := swapAll(endPayload, `"RD":[{`, `"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":1000.5,"RI":"1-0:1.8.0","RU":"kWh","CL":0,"ST":"G"},{`)
			sig := ed25519.Sign(ed25519Key(), []byte(both))
			return []string{"OCMF|" + both + `|{"SA":"EdDSA-Ed25519","SD":"` + hex.EncodeToString(sig) + `"}`}
		},
		key:  func(testing.TB) string { return hex.EncodeToString(ed25519Key()[32:]) },
		word: Valid, signature: SignatureValid, session: SessionComplete, codes: "algorithm-vendor",
	},
}

func ed25519Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make64(3)[:32]) }

func swapAll(s, from, to string) string { return strings.ReplaceAll(s, from, to) }

// evidence decodes the carried values of a case.
func (c evidenceCase) evidence(t testing.TB) Evidence {
	var e Evidence
	if c.key != nil {
		e.Key = c.key(t)
	}
	for _, carried := range c.carried(t) {
		e.Messages = append(e.Messages, Decode([]byte(carried))...)
	}
	return e
}

func TestEvidence(t *testing.T) {
	for _, c := range allEvidenceCases() {
		t.Run(c.name, func(t *testing.T) {
			name := c.profile
			if name == "" {
				name = "reference"
			}
			profile, ok := ProfileNamed(name)
			if !ok {
				t.Fatalf("no profile %s", name)
			}
			v := Checker{}.Judge(c.evidence(t), nil, profile)
			if v.Word != c.word || v.Signature != c.signature || v.Session != c.session || codes(v) != c.codes {
				t.Errorf("got %s, %s, %s [%s]\nwant %s, %s, %s [%s]\n%+v",
					v.Word, v.Signature, v.Session, codes(v), c.word, c.signature, c.session, c.codes, v.Reasons)
			}
		})
	}
}
