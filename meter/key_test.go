package meter

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// marshalSPKI must write what the standard library writes (RFC 5480).
func TestMarshalSPKI(t *testing.T) {
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		key := testKey(t, c, "one")
		want, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		if got := spkiOf(t, key); string(got) != string(want) {
			t.Errorf("%s: got %x\nwant %x", c.Params().Name, got, want)
		}
	}
}

// Every way to carry the same key gives the same key, and names how it was carried.
func TestParseKeyForms(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	spki := spkiOf(t, key)
	point, xy := spki[26:], spki[27:]
	compressed := append([]byte{2 | point[64]&1}, point[1:33]...)
	b64, hx := base64.StdEncoding.EncodeToString, hex.EncodeToString
	want, err := ParseSPKI(spki, "")
	if err != nil {
		t.Fatal(err)
	}
	if want.SPKI != hx(spki) || want.Curve != "secp256r1" || len(want.Odd) != 0 {
		t.Fatalf("%+v", want)
	}
	for _, c := range []struct{ name, text, odd string }{
		{"base64", b64(spki), ""},
		{"base64 without padding", strings.TrimRight(b64(spki), "="), ""},
		{"base64 in lines", b64(spki)[:64] + "\r\n" + b64(spki)[64:] + "\r\n", ""},
		{"base64 for URLs", base64.URLEncoding.EncodeToString(spki), ""},
		{"base64 behind a byte order mark", byteOrderMark + b64(spki), ""},
		{"hex", hx(spki), "hex"},
		{"hex in capitals", strings.ToUpper(hx(spki)), "hex"},
		{"hex with colons", colons(spki), "hex"},
		{"hex with blanks", strings.ReplaceAll(colons(spki), ":", " "), "hex"},
		{"base32", base32.StdEncoding.EncodeToString(spki), "base32"},
		{"PEM", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})), "PEM"},
		{"OCPP", b64([]byte("oca:base16:asn1:" + hx(spki))), "OCPP wrapping"},
		{"OCPP without the base64", "oca:base16:asn1:" + hx(spki), "OCPP wrapping"},
		{"uncompressed point", hx(point), "hex, bare point"},
		{"compressed point", hx(compressed), "hex, bare point, compressed"},
		{"bare X||Y", b64(xy), "bare X||Y"},
		{"SPKI of a compressed point", b64(marshalSPKI(want.point.Curve(), compressed)), "compressed"},
		{"bytes after the SPKI", b64(append(spki[:len(spki):len(spki)], 0)), "trailing bytes"},
	} {
		got, err := ParseKey(c.text, "secp256r1")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !got.Same(want) || got.Hash != want.Hash || strings.Join(got.Odd, ", ") != c.odd {
			t.Errorf("%s: carried as %q, want %q; same %v", c.name, strings.Join(got.Odd, ", "), c.odd, got.Same(want))
		}
	}
}

func colons(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = fmt.Sprintf("%02X", c)
	}
	return strings.Join(parts, ":")
}

func TestParseKeyRefuses(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	spki := spkiOf(t, key)
	off := append([]byte(nil), spki...)
	off[len(off)-1] ^= 1
	infinity := append(append([]byte(nil), spki[:23]...), 0x03, 2, 0, 0)
	infinity[1] = byte(len(infinity) - 2)
	negative := append([]byte(nil), basePointSPKI()...)
	p := elliptic.P256().Params()
	y := new(big.Int).Sub(p.P, p.Gy).FillBytes(make([]byte, 32))
	copy(negative[len(negative)-32:], y)
	noResidue := append([]byte{2}, make([]byte, 32)...)
	noResidue[32] = 2 // x = 2: x^3 - 3x + b is no square modulo p
	if x, _ := elliptic.UnmarshalCompressed(elliptic.P256(), noResidue); x != nil {
		noResidue[32] = 4
	}
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ name, text, curve, code string }{
		{"empty", "", "secp256r1", "key-unreadable"},
		{"words", "the key is under the mat", "secp256r1", "key-unreadable"},
		{"a made-up key", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfakePublicKeyBase64==", "secp256r1", "key-unreadable"},
		{"cut off", b64(spki[:60]), "secp256r1", "key-unreadable"},
		{"a point without a curve", b64(spki[26:]), "", "key-unreadable"},
		{"a point of another length", b64(spki[26:]), "secp384r1", "key-unreadable"},
		{"hybrid point", b64(append([]byte{6}, spki[27:]...)), "secp256r1", "key-unreadable"},
		{"off the curve", b64(off), "", "key-off-curve"},
		{"off the curve, in hex", hex.EncodeToString(off), "secp256r1", "key-off-curve"},
		{"compressed, no such point", hex.EncodeToString(noResidue), "secp256r1", "key-off-curve"},
		{"infinity", b64(infinity), "", "key-degenerate"},
		{"zeros", b64(make([]byte, 64)), "secp256r1", "key-degenerate"},
		{"base point", b64(basePointSPKI()), "", "key-degenerate"},
		{"negative base point", b64(negative), "", "key-degenerate"},
		{"a curve nobody knows", b64(derSPKI(append(derWrap(tagOID, oidECPublicKey), derWrap(tagOID, []byte{0x2b, 1, 2, 3})...), spki[26:])), "secp256r1", "curve-unsupported"},
		{"an RSA key", b64(derWrap(0x30, append(derWrap(0x30, derWrap(6, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0xd, 1, 1, 1})), 3, 2, 0, 1))), "secp256r1", "algorithm-unsupported"},
		{"a curve given by parameters", b64(derWrap(0x30, append(derWrap(0x30, append(derWrap(6, oidECPublicKey), 0x30, 0)), 3, 2, 0, 4))), "secp256r1", "key-unreadable"},
		{"endless", strings.Repeat("00", 9000), "secp256r1", "key-unreadable"},
	} {
		k, err := ParseKey(c.text, c.curve)
		if err == nil || faultsOf(err)[0].Code != c.code {
			t.Errorf("%s: %v, %v, want %s", c.name, k, err, c.code)
		}
	}
}

func TestKeysRememberAndForget(t *testing.T) {
	keys := NewKeys()
	key := testKey(t, elliptic.P256(), "one")
	first, err := keys.parse(spkiBase64(t, key), "secp256r1")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := keys.parse(spkiBase64(t, key), "secp256r1")
	if again != first {
		t.Error("the second parse was not taken from memory")
	}
	if _, err := keys.parse("rubbish!", "secp256r1"); err == nil {
		t.Error("rubbish accepted")
	}
	if _, err := keys.parse("rubbish!", "secp256r1"); err == nil {
		t.Error("rubbish accepted from memory")
	}
	for i := range maxKeys {
		keys.store(keyID{carried: fmt.Sprint(i)}, parsedKey{})
	}
	if n := len(keys.parsed); n > maxKeys {
		t.Errorf("%d keys remembered, more than %d", n, maxKeys)
	}
	third, err := keys.parse(spkiBase64(t, key), "secp256r1")
	if err != nil || third == first || !third.Same(first) {
		t.Error("after the memory was emptied the key must be parsed again, to the same")
	}
}

// The parsed key verifies what the private key signed.
func TestParsedKeyVerifies(t *testing.T) {
	key := testKey(t, elliptic.P256(), "one")
	k, err := ParseKey(spkiBase64(t, key), "")
	if err != nil {
		t.Fatal(err)
	}
	scheme, _ := schemeNamed(ocmfDefaultAlgorithm)
	digest := scheme.digest([]byte(beginPayload))
	sig, _, _ := parseSignature(signDER(t, key, beginPayload), 32)
	if !k.point.Verify(digest, sig.r, sig.s) {
		t.Error("not verified")
	}
}
