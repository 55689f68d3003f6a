package meter

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// valuesOf is a transparency file of values.
func valuesOf(values ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><values xmlns="http://transparenz.software/schema/2018/07">` + strings.Join(values, "\n") + `</values>`
}

// valueOf is a value with the key of the test meter.
func valueOf(t testing.TB, attributes, data string) string {
	return `<value ` + attributes + `><signedData format="OCMF" encoding="plain">` + data + `</signedData><publicKey encoding="base64">` + keyOne(t) + `</publicKey></value>`
}

// pairFile is the session of the tests as a transparency file; the end stands first, as it may.
func pairFile(t testing.TB) string {
	lines := linesOf(t, beginPayload, endPayload)
	return valuesOf(valueOf(t, `transactionId="7" context="Transaction.End"`, lines[1]),
		valueOf(t, `transactionId="7" context="Transaction.Begin"`, lines[0]))
}

// bothPayload holds begin and end.
func bothPayload(t testing.TB) string {
	return swap(t, endPayload, `"RD":[`, beginPayload[strings.Index(beginPayload, `"RD":[`):len(beginPayload)-2]+",")
}

// fileCase is a case of one carried file.
func fileCase(name string, carried func(t testing.TB) string, word Word, signature SignatureState, session SessionState, codes string) evidenceCase {
	return evidenceCase{
		name: name, carried: func(t testing.TB) []string { return []string{carried(t)} },
		word: word, signature: signature, session: session, codes: codes,
	}
}

var safeXMLCases = []evidenceCase{
	fileCase("a transparency file", func(t testing.TB) string { return pairFile(t) }, Valid, SignatureValid, SessionComplete, ""),
	fileCase("no namespace, base64, key in hexadecimal", func(t testing.TB) string {
		both := signLine(t, testKey(t, elliptic.P256(), "one"), bothPayload(t))
		return `<values><value><publicKey encoding="hex">` + hex.EncodeToString(spkiOf(t, testKey(t, elliptic.P256(), "one"))) +
			"</publicKey><signedData>\n" + b64(both) + "\n</signedData></value></values>"
	}, Valid, SignatureValid, SessionComplete, ""),
	fileCase("in CDATA, with a prefix", func(t testing.TB) string {
		both := signLine(t, testKey(t, elliptic.P256(), "one"), bothPayload(t))
		file := swap(t, valueOf(t, ``, "DATA"), "DATA", "<![CDATA["+both+"]]>")
		for _, name := range []string{"value", "signedData", "publicKey"} {
			file = strings.NewReplacer("<"+name, "<t:"+name, "</"+name, "</t:"+name).Replace(file)
		}
		return `<t:values xmlns:t="http://transparenz.software/schema/2018/07"><!-- one --><note/>` + file + `</t:values> trailing`
	}, Valid, SignatureValid, SessionComplete, ""),
	fileCase("ISO-8859-1", func(t testing.TB) string {
		both := signLine(t, testKey(t, elliptic.P256(), "one"), swap(t, bothPayload(t), "Test gateway", "Gerät"))
		file := swap(t, valuesOf(valueOf(t, ``, both)), "UTF-8", "ISO-8859-1")
		return strings.ReplaceAll(file, "ä", "\xe4")
	}, Valid, SignatureValid, SessionComplete, ""),
	fileCase("escaped twice", func(t testing.TB) string {
		both := signLine(t, testKey(t, elliptic.P256(), "one"), bothPayload(t))
		return valuesOf(valueOf(t, ``, strings.ReplaceAll(both, `"`, "&amp;quot;")))
	}, Valid, SignatureValid, SessionComplete, "text-escaped"),
	fileCase("contexts exchanged", func(t testing.TB) string {
		return strings.NewReplacer("Transaction.End", "Transaction.Begin", "Transaction.Begin", "Transaction.End").Replace(pairFile(t))
	}, Valid, SignatureValid, SessionComplete, "nature-contradicts nature-contradicts"),
	fileCase("cut off in the second value", func(t testing.TB) string {
		file := pairFile(t)
		return file[:len(file)-60]
	}, RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-unreadable"),
	fileCase("an entity of its own", func(t testing.TB) string {
		return `<!DOCTYPE values [<!ENTITY a "aaaaaaaa">]><values><value><signedData>&a;</signedData></value></values>`
	}, RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-unreadable"),
	fileCase("elements in elements without end", func(testing.TB) string { return valuesOf(strings.Repeat("<a>", 1000)) },
		RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-unreadable"),
	fileCase("a tag with more attributes than any real one", func(testing.TB) string {
		return valuesOf("<value " + strings.Repeat(`a="" `, maxTag/5) + "/>")
	}, RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-unreadable"),
	fileCase("no value", func(testing.TB) string { return valuesOf() }, RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-empty"),
	fileCase("a value without data", func(t testing.TB) string { return valuesOf("<value/>") }, RecordMalformed, SignatureUnchecked, SessionIncomplete, "value-empty"),
	fileCase("more values than any real file", func(testing.TB) string {
		return valuesOf(strings.Repeat("<value/>", maxMessages+1))
	}, RecordMalformed, SignatureUnchecked, SessionIncomplete, "messages-too-many"),
	fileCase("files in files in files", func(t testing.TB) string {
		file := pairFile(t)
		for range maxNesting {
			file = valuesOf("<value><signedData>" + b64(file) + "</signedData></value>")
		}
		return file
	}, RecordMalformed, SignatureUnchecked, SessionIncomplete, "nested-too-deep nested-too-deep"),
	fileCase("sealed, without a signature of the meter", func(t testing.TB) string {
		return sealedFile(t, "OCMF|"+bothPayload(t)+`|{"SD":""}`, nil)
	}, Valid, SignatureValid, SessionComplete, "seal-only"),
	{
		name:    "the same in production",
		carried: func(t testing.TB) []string { return []string{sealedFile(t, "OCMF|"+bothPayload(t)+`|{"SD":""}`, nil)} },
		profile: "strict", word: RecordMalformed, signature: SignatureUnchecked, session: SessionComplete, codes: "seal-only key-not-registered",
	},
	fileCase("sealed and signed: the signature decides", func(t testing.TB) string {
		both := signLine(t, testKey(t, elliptic.P256(), "one"), bothPayload(t)) + "|" + keyOne(t)
		return sealedFile(t, both, nil)
	}, Valid, SignatureValid, SessionComplete, ""),
	fileCase("the head of the seal is garbled", func(t testing.TB) string {
		return sealedFile(t, "OCMF|"+bothPayload(t)+`|{"SD":""}`, func(data []byte) { data[len(data)-1] ^= 1 })
	}, InvalidSignature, SignatureInvalid, SessionComplete, "seal-broken seal-only"),
	fileCase("a damaged text in a seal that holds", func(t testing.TB) string {
		return sealedFile(t, strings.Replace("OCMF|"+bothPayload(t)+`|{"SD":""}`, `"IT":"ISO14443"`, "\x01\x02\x03\xff", 1), nil)
	}, RecordMalformed, SignatureValid, SessionComplete, "payload-json seal-only"),
	fileCase("a seal without its key", func(t testing.TB) string {
		file := sealedFile(t, "OCMF|"+bothPayload(t)+`|{"SD":""}`, nil)
		return file[:strings.Index(file, "<publicKey")] + "</value></values>"
	}, KeyMissing, SignatureUnchecked, SessionIncomplete, "key-missing"),
	fileCase("a seal with the key of a meter", func(t testing.TB) string {
		file := sealedFile(t, "x", nil)
		return file[:strings.Index(file, "<publicKey")] + "<publicKey>" + keyOne(t) + "</publicKey></value></values>"
	}, KeyMalformed, SignatureUnchecked, SessionIncomplete, "key-unreadable"),
	fileCase("no seal where one should be", func(t testing.TB) string {
		return swap(t, sealedFile(t, "x", nil), "<encodedData>", "<encodedData>00")
	}, RecordMalformed, SignatureUnchecked, SessionIncomplete, "container-unreadable"),
}

// TestSAFEXMLOutside: what the attributes say is kept apart from what is signed, and a file is split by transaction.
func TestSAFEXMLOutside(t *testing.T) {
	both := signLine(t, testKey(t, elliptic.P256(), "one"), bothPayload(t))
	file := strings.Replace(valuesOf(
		valueOf(t, `transactionId="A" context="Transaction.Begin - valid"`, both),
		swap(t, valueOf(t, `context="Context"`, both), `format="OCMF"`, `format="OCMF" transactionId="B"`),
		valueOf(t, ``, both), valueOf(t, ``, both),
	), "<values ", `<values transactionId="1" context="Transaction.End" `, 1)
	messages := Decode([]byte(file))
	if len(messages) != 4 {
		t.Fatalf("%d messages", len(messages))
	}
	for i, want := range []struct {
		transaction string
		role        Role
	}{{"A", RoleBegin}, {"B", ""}, {"", ""}, {"", ""}} {
		o := messages[i].Outer
		if o.Transaction != want.transaction || o.Role != want.role || o.Key != keyOne(t) || o.Container != safeXML || o.Encoding != "plain" {
			t.Errorf("value %d: %+v", i+1, o)
		}
	}
	if n := len(Sessions(messages)); n != 4 {
		t.Errorf("%d sessions, want 4", n)
	}
	if v := (Checker{}).Judge(Evidence{Messages: messages[:1]}, nil, mustProfile(t, "reference")); v.Container != safeXML || v.Curve != "secp256r1" {
		t.Errorf("%+v", v)
	}
}

// TestSealKey: a registered key of the seal is enough for it, another one is a wrong key, and the verdict names the key.
func TestSealKey(t *testing.T) {
	file := sealedFile(t, "OCMF|"+bothPayload(t)+`|{"SD":""}`, nil)
	e := Evidence{Messages: Decode([]byte(file))}
	own := sealSPKI(t)
	for _, c := range []struct {
		registered      []byte
		word            Word
		source, outcome string
	}{
		{nil, Valid, "record", "seal-only"},
		{own, Valid, "registered", "seal-only"},
		{spkiOf(t, testKey(t, elliptic.P256(), "one")), KeyMalformed, "", "seal-only wrong-key"},
	} {
		v := (Checker{}).Judge(e, meterKey{c.registered}, mustProfile(t, "reference"))
		if v.Word != c.word || v.KeySource != c.source || codes(v) != c.outcome {
			t.Errorf("registered %t: %s %s [%s]", c.registered != nil, v.Word, v.KeySource, codes(v))
		}
		if v.Word == Valid && (v.PublicKey != hex.EncodeToString(own) || v.Curve != "RSA-1024" || len(v.Prints) != 1) {
			t.Errorf("%+v", v)
		}
	}
}

func mustProfile(t testing.TB, name string) Profile {
	p, ok := ProfileNamed(name)
	if !ok {
		t.Fatal(name)
	}
	return p
}

// sealKey is an RSA key from two fixed primes of 512 bits, the next ones after 3·2^510 and 7·2^509: it protects nothing.
func sealKey(t testing.TB) *rsa.PrivateKey {
	next := func(factor int64, shift uint) *big.Int {
		p := new(big.Int).Lsh(big.NewInt(factor), shift)
		for p.SetBit(p, 0, 1); !p.ProbablyPrime(20) || new(big.Int).Mod(p, big.NewInt(65537)).Int64() == 1; p.Add(p, big.NewInt(2)) {
			continue
		}
		return p
	}
	p, q, one := next(3, 510), next(7, 509), big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}}
	key.D = new(big.Int).ModInverse(big.NewInt(65537), phi)
	if key.D == nil || key.N.BitLen() != 1024 {
		t.Fatal("no key")
	}
	return key
}

func sealSPKI(t testing.TB) []byte {
	spki, err := x509.MarshalPKIXPublicKey(&sealKey(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return spki
}

// sealedFile seals a text as the stations do: units of 256 bytes, three rounds of AES, RSA over the first block. spoil may
// change the sealed data.
func sealedFile(t testing.TB, text string, spoil func(data []byte)) string {
	var units []byte
	for i, part := range slices.Collect(slices.Chunk([]byte(text), 224)) {
		unit := append([]byte("\x3e\x7a\xb1\x70\x5a\xfe\xe4\x21\xea\x41\x94\xe4\x04\x07\x07\xea"), "noncenon"...)
		unit = binary.BigEndian.AppendUint32(unit, uint32(len(text)))
		unit = append(binary.BigEndian.AppendUint32(unit, uint32(i)), part...)
		units = append(units, append(unit, make([]byte, 256-len(unit))...)...)
	}
	var keys []byte
	for round, key := range []string{"first AES key 16", "second AES key 6", "third AES key 16"} {
		if round == 2 {
			blocks := slices.Collect(slices.Chunk(slices.Clone(units), 16))
			slices.Reverse(blocks)
			units = slices.Concat(blocks...)
		}
		block, err := aes.NewCipher([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		iv := [16]byte{byte(round) << 6}
		cipher.NewCBCEncrypter(block, iv[:]).CryptBlocks(units, units)
		keys = append(keys, derWrap(0x04, []byte(key))...)
	}
	data, rsaKey := append([]byte{0x3e, 0x7a}, units...), sealKey(t)
	first := new(big.Int).SetBytes(data[:rsaKey.Size()])
	first.Exp(first, rsaKey.D, rsaKey.N).FillBytes(data[:rsaKey.Size()])
	if spoil != nil {
		spoil(data)
	}
	oid := derWrap(0x06, []byte{0x2b, 6, 1, 4, 1, 0x83, 0xd6, 0x77, 1, 1})
	box := derWrap(0x30, slices.Concat(oid, derWrap(0x02, []byte{2}), derWrap(0x60, derWrap(0x30, derWrap(0xa4, derWrap(0x30, keys)))), derWrap(0x04, data)))
	return fmt.Sprintf("<values><value><encodedData>%x</encodedData><publicKey>%x</publicKey></value></values>", box, sealSPKI(t))
}

// FuzzSAFEXML: no file panics, and values that are read fully say what container they came in.
func FuzzSAFEXML(f *testing.F) {
	for _, c := range safeXMLCases {
		if c.name == "more values than any real file" {
			continue
		}
		f.Add([]byte(c.carried(f)[0]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range decodeSAFEXML(b, opener{Decode, newBudget()}) {
			if len(m.Faults) == 0 && len(m.Entries) == 0 {
				t.Fatalf("accepted without readings: %+v", m)
			}
			if m.Outer.Sealed == NotSealed && len(m.Faults) == 0 && len(m.Signature.Bytes) == 0 {
				t.Fatalf("accepted without a signature: %+v", m)
			}
		}
	})
}

// meterKey is a key ring that knows one key, for every meter.
type meterKey struct{ spki []byte }

func (meterKey) Registered(string, time.Time) ([]byte, bool) { return nil, false }

func (meterKey) Keyed(string) bool                                  { return false }
func (k meterKey) RegisteredMeter(string, time.Time) ([]byte, bool) { return k.spki, k.spki != nil }

// TestLongTag: only tags are bounded, not what stands between them.
func TestLongTag(t *testing.T) {
	long := strings.Repeat("x", maxTag)
	for text, want := range map[string]bool{
		"<a>" + long + "</a>": false, "<a " + long + ">": true, "<!--" + long + "-->": false, "<a><![CDATA[" + long + "]]></a>": false,
		"<": false, "<a": false, "<a " + long[:maxTag-3] + ">": false, "": false, strings.Repeat("<", 2*maxTag): true,
	} {
		if got := hasLongTag([]byte(text)); got != want {
			t.Errorf("%.20s...: %t", text, got)
		}
	}
}
