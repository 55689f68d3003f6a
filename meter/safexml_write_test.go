package meter

import (
	"crypto/elliptic"
	"encoding/hex"
	"strings"
	"testing"
)

// TestWriteSAFEXML: what is written reads back to the same verdict, for every case of every format that is valid.
func TestWriteSAFEXML(t *testing.T) {
	written := map[string]int{}
	for _, c := range allEvidenceCases() {
		if c.word != Valid {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			name := c.profile
			if name == "" {
				name = "reference"
			}
			e, profile := c.evidence(t), mustProfile(t, name)
			want := (Checker{}).Judge(e, nil, profile)
			file, err := WriteSAFEXML(e.Messages, want.PublicKey)
			if err != nil {
				if m := e.Messages[0]; m.Outer.Sealed == NotSealed && safeFormats[m.Format] != 0 && !strings.Contains(err.Error(), "convention") {
					t.Fatal(err)
				}
				return
			}
			written[e.Messages[0].Format]++
			groups := Sessions(Decode(file))
			if len(groups) != 1 {
				t.Fatalf("%d sessions in\n%s", len(groups), file)
			}
			got := (Checker{}).Judge(Evidence{Messages: groups[0]}, nil, profile)
			if got.Word != want.Word || got.Signature != want.Signature || got.Session != want.Session || got.Energy != want.Energy ||
				got.Begin != want.Begin || got.End != want.End || got.PublicKey != want.PublicKey || got.Container != safeXML {
				t.Errorf("got  %+v\nwant %+v\n%s", got, want, file)
			}
		})
	}
	if written["OCMF"] == 0 {
		t.Errorf("formats written: %v", written)
	}
}

// TestSAFEXMLBytes is a file by hand: two values, their contexts from what they sign, the key in hexadecimal.
func TestSAFEXMLBytes(t *testing.T) {
	lines := linesOf(t, beginPayload, swap(t, endPayload, "Test gateway", "A&B"))
	messages := append(Decode([]byte(lines[0])), Decode([]byte(b64(lines[1])))...)
	file, err := WriteSAFEXML(messages, hex.EncodeToString(spkiOf(t, testKey(t, elliptic.P256(), "one"))))
	if err != nil {
		t.Fatal(err)
	}
	key := hex.EncodeToString(spkiOf(t, testKey(t, elliptic.P256(), "one")))
	want := `<?xml version="1.0" encoding="UTF-8"?>
<values xmlns="http://transparenz.software/schema/2018/07">
  <value transactionId="1" context="Transaction.Begin">
    <signedData format="OCMF" encoding="plain">` + lines[0] + `</signedData>
    <publicKey encoding="hex">` + key + `</publicKey>
  </value>
  <value transactionId="1" context="Transaction.End">
    <signedData format="OCMF" encoding="base64">` + b64(lines[1]) + `</signedData>
    <publicKey encoding="hex">` + key + `</publicKey>
  </value>
</values>
`
	if string(file) != want {
		t.Errorf("%s", file)
	}
}

// TestSAFEXMLContext: what is signed counts, else what was said, else the order.
func TestSAFEXMLContext(t *testing.T) {
	silent := []string{`"TX":"B",`, ""}
	for _, c := range []struct {
		name     string
		messages []Message
		want     string
	}{
		{"both in one", Decode([]byte("OCMF|" + bothPayload(t) + `|{"SD":"` + strings.Repeat("00", 64) + `"}`)), "Transaction.End"},
		{"nothing known", Decode([]byte("OCMF|" + swap(t, beginPayload, silent...) + `|{"SD":"` + strings.Repeat("00", 64) + `"}`)), ""},
		{"said beside it", withRole(Decode([]byte("OCMF|"+swap(t, beginPayload, silent...)+`|{"SD":"`+strings.Repeat("00", 64)+`"}`)), RoleBegin), "Transaction.Begin"},
	} {
		if got := contextOf(c.messages, 0); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	three := append(Decode([]byte("OCMF|"+swap(t, beginPayload, silent...)+`|{}`)), Decode([]byte("OCMF|"+swap(t, endPayload, `"TX":"E",`, "")+`|{}`))...)
	three = append(three, Decode([]byte("OCMF|"+swap(t, endPayload, `"TX":"E",`, "", `"T2"`, `"T3"`)+`|{}`))...)
	for i, want := range []string{"Transaction.Begin", "", "Transaction.End"} {
		if got := contextOf(three, i); got != want {
			t.Errorf("value %d of three: %q", i+1, got)
		}
	}
}

func withRole(messages []Message, role Role) []Message {
	messages[0].Outer.Role = role
	return messages
}

// TestSAFEXMLRefused: what cannot be handed over says why.
func TestSAFEXMLRefused(t *testing.T) {
	for _, c := range []struct {
		name     string
		messages []Message
		key      string
		want     string
	}{
		{"nothing", nil, "", "no signed value to write"},
		{"unreadable", Decode([]byte("x")), "", "format-unknown"},
		{"sealed", Decode([]byte(sealedFile(t, "OCMF|"+bothPayload(t)+`|{"SD":""}`, nil))), "", "seal"},
		{"a format of others", []Message{{Format: "CHARGEPOINT", Record: []byte("{}")}}, "", "reads no CHARGEPOINT"},
		{"no key", Decode([]byte(linesOf(t, beginPayload)[0])), "00", "key-unreadable"},
	} {
		if _, err := WriteSAFEXML(c.messages, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestReadGivenKey: a key is taken in all its forms, with or without its curve.
func TestReadGivenKey(t *testing.T) {
	spki := spkiOf(t, testKey(t, elliptic.P256(), "one"))
	point := spki[len(spki)-64:]
	for _, c := range []struct {
		text string
		want []byte
	}{
		{b64(string(spki)), spki},
		{hex.EncodeToString(spki), spki},
		{"oca:base16:asn1:" + hex.EncodeToString(spki), spki},
		{"-----BEGIN PUBLIC KEY-----\n" + b64(string(spki)) + "\n-----END PUBLIC KEY-----\n", spki},
		{hex.EncodeToString(point), point},
		{b64(string(point)), point},
		{b64(string(point[:48])), point[:48]},
		{hex.EncodeToString(sealSPKI(t)), sealSPKI(t)},
		{hex.EncodeToString(ed25519Key()[32:]), ed25519Key()[32:]},
	} {
		if got, err := ReadGivenKey(c.text); err != nil || string(got) != string(c.want) {
			t.Errorf("%.40s: %x %v", c.text, got, err)
		}
	}
	for _, text := range []string{"", "no key", strings.Repeat("0", maxKeyText+2), "ffff"} {
		if k, err := ReadGivenKey(text); err == nil {
			t.Errorf("%.20q taken as %x", text, k)
		}
	}
}

// TestGivenKey counts for a record without EVSE and meter, and another one is a wrong key.
func TestGivenKey(t *testing.T) {
	file := ptbPair(t, swap(t, beginPayload, `"MS":"MTR1",`, "", `"GS":"GW1",`, ""), swap(t, endPayload, `"MS":"MTR1",`, "", `"GS":"GW1",`, ""))
	e := Evidence{Messages: Decode([]byte(file))}
	for name, want := range map[string]Word{"one": Valid, "two": KeyMalformed} {
		v := (Checker{}).Judge(e, GivenKey(spkiOf(t, testKey(t, elliptic.P256(), name))), mustProfile(t, "strict"))
		if v.Word != want || v.KeySource != keyRegistered {
			t.Errorf("%s: %s %s [%s]", name, v.Word, v.KeySource, codes(v))
		}
	}
}
