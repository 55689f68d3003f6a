package meter

import (
	"bytes"
	"crypto/elliptic"
	"encoding/hex"
	"testing"
	"time"
	"unicode/utf8"

	"wattdue/cdr"
)

// FuzzDecode feeds foreign bytes through text and OCMF decoding and the whole check. Nothing may panic, the signed
// bytes must be a part of the input as decoded, and no foreign record may become valid without a registered key.
func FuzzDecode(f *testing.F) {
	key := testKey(f, elliptic.P256(), "one")
	f.Add([]byte(signLine(f, key, beginPayload)))
	f.Add([]byte(b64(signLine(f, key, endPayload))))
	f.Add([]byte(hex.EncodeToString([]byte(signLine(f, key, endPayload)))))
	f.Add([]byte(`OCMF|{"RD":[{"TM":"2026-10-05T08:00:00,000+0200 S","TX":"B","RV":"  1e-3","RI":"1","RU":"Wh"},{"TX":"E","CL":-1}]}|{"SE":"base64","SD":"MAYCAQECAQI="}|key`))
	f.Add([]byte(`OCMF|{&quot;FV&quot;:&quot;1.0&quot;}|{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		messages := Decode(b)
		if len(messages) == 0 {
			t.Fatal("neither a message nor a fault")
		}
		for _, m := range messages {
			if len(m.Faults) == 0 && (len(m.Entries) == 0 || len(m.Signed) == 0 || len(m.Signature.Bytes) == 0 && m.Outer.Sealed == NotSealed) {
				t.Fatalf("accepted without readings, signature or signed bytes: %+v", m)
			}
		}
		v := Check(recordOf(cdr.SignedValue{Signed: string(b), Plain: string(b)}), nil, DefaultProfile())
		if v.Billable() {
			t.Fatal("billable without any registered key")
		}
		for _, r := range v.Reasons {
			if !utf8.ValidString(r.Value) || bytes.ContainsRune([]byte(r.Value), 0) {
				t.Fatalf("reason %s shows bytes no database takes: %q", r.Code, r.Value)
			}
		}
	})
}

// FuzzSignature: what is accepted as DER gives the same numbers when written strictly and read again.
func FuzzSignature(f *testing.F) {
	f.Add(signDER(f, testKey(f, elliptic.P256(), "one"), beginPayload))
	f.Add([]byte{0x30, 0x81, 7, 2, 2, 0, 0, 2, 1, 0x81, 9})
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, b []byte) {
		sig, _, ok := parseSignature(b, 32)
		if !ok || len(sig.r) > 100 || len(sig.s) > 100 {
			return
		}
		strict := func(n []byte) []byte { return derWrap(tagInteger, append([]byte{0}, n...)) }
		again, _, ok := parseSignature(derWrap(tagSequence, append(strict(sig.r), strict(sig.s)...)), 32)
		if !ok || !bytes.Equal(again.r[1:], sig.r) || !bytes.Equal(again.s[1:], sig.s) {
			t.Fatalf("%x: %v, again %v", b, sig, again)
		}
	})
}

// FuzzKey: what is accepted as a key lies on its curve and is read back the same from the SPKI shown to people.
func FuzzKey(f *testing.F) {
	spki := spkiOf(f, testKey(f, elliptic.P256(), "one"))
	f.Add(b64(string(spki)), "secp256r1")
	f.Add(hex.EncodeToString(spki[27:]), "secp256r1")
	f.Add(b64("oca:base16:asn1:"+hex.EncodeToString(spki)), "")
	f.Add("02"+hex.EncodeToString(spki[27:59]), "NIST P-256")
	f.Add("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "")
	f.Fuzz(func(t *testing.T, text, curveName string) {
		k, err := ParseKey(text, curveName)
		if err != nil {
			if len(faultsOf(err)) == 0 {
				t.Fatalf("an error without reasons: %v", err)
			}
			return
		}
		shown, err := hex.DecodeString(k.SPKI)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseSPKI(shown, "")
		if err != nil || !again.Same(k) || again.Hash != k.Hash {
			t.Fatalf("%q: %+v, again %+v %v", text, k, again, err)
		}
	})
}

// FuzzTime: a time that is accepted in the specified form is written back unchanged.
func FuzzTime(f *testing.F) {
	f.Add("2018-07-24T13:22:04,000+0200 S")
	f.Add("2024-02-29T23:30:00.500-0130")
	f.Fuzz(func(t *testing.T, s string) {
		stamp, ok := parseOCMFTime(s)
		if !ok || stamp.unusual || s[17:19] == "60" {
			return
		}
		local := stamp.time.In(time.FixedZone("", stamp.zone))
		if got := local.Format("2006-01-02T15:04:05,000-0700") + " " + stamp.clock; got != s && s[24:28] != "0000" {
			t.Fatalf("%q written back as %q", s, got)
		}
	})
}
