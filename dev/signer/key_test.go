package signer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"wattdue/meter"
	"wattdue/meter/curve"
)

// TestRFC6979 signs the examples of RFC 6979, A.2, with SHA-256.
func TestRFC6979(t *testing.T) {
	tests := []struct{ curve, private, message, r, s string }{
		{
			"secp192r1", "6FAB034934E4C0FC9AE67F5B5659A9D7D1FEFD187EE09FD4", "sample",
			"4B0B8CE98A92866A2820E20AA6B75B56382E0F9BFD5ECB55", "CCDB006926EA9565CBADC840829D8C384E06DE1F1E381B85",
		},
		{
			"secp192r1", "6FAB034934E4C0FC9AE67F5B5659A9D7D1FEFD187EE09FD4", "test",
			"3A718BD8B4926C3B52EE6BBE67EF79B18CB6EB62B1AD97AE", "5662E6848A4A19B1F1AE2F72ACD4B8BBE50F1EAC65D9124F",
		},
		{
			"secp256r1", "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", "sample",
			"EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
			"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
		},
		{
			"secp384r1", "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5", "sample",
			"21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33BDE1E888E63355D92FA2B3C36D8FB2CD",
			"F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEBEFDC63ECCD1AC42EC0CB8668A4FA0AB0",
		},
	}
	for _, tt := range tests {
		private, ok := new(big.Int).SetString(tt.private, 16)
		if !ok {
			t.Fatal(tt.private)
		}
		digest := sha256.Sum256([]byte(tt.message))
		g := ecdsaKey(curve.Named(tt.curve), private).SignDigest(digest[:])
		if got := strings.ToUpper(hex.EncodeToString(g.Raw())); got != tt.r+tt.s {
			t.Errorf("%s, %q:\n got %s\nwant %s", tt.curve, tt.message, got, tt.r+tt.s)
		}
	}
}

// TestDER writes a signature of RFC 6979, A.2.5, in DER. Both numbers have the top bit set.
func TestDER(t *testing.T) {
	private, _ := new(big.Int).SetString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", 16)
	const want = "3046" +
		"022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716" +
		"022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
	der := ecdsaKey(curve.Named("secp256r1"), private).Sign([]byte("sample")).DER()
	if got := strings.ToUpper(hex.EncodeToString(der)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestSignaturesHold verifies signatures of every curve, with digests that have fewer and more bits than its order.
func TestSignaturesHold(t *testing.T) {
	for _, c := range curve.All() {
		k := newKey(t, c.Name(), "seed")
		public, err := c.Key(k.Point())
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 20, 32, 66, 80} {
			digest := bytes.Repeat([]byte{0xfe}, size)
			g := k.SignDigest(digest)
			if !public.Verify(digest, g.R.Bytes(), g.S.Bytes()) {
				t.Errorf("%s: the signature of %d bytes does not hold", c.Name(), size)
			}
			digest[0] ^= 0x80
			if public.Verify(digest, g.R.Bytes(), g.S.Bytes()) {
				t.Errorf("%s: the signature of %d bytes holds for others", c.Name(), size)
			}
		}
	}
}

func TestSeedsDecideKeys(t *testing.T) {
	seen := map[string]string{}
	for _, name := range ocmfCurves {
		for _, seed := range []string{"a", "b"} {
			k := newKey(t, name, seed)
			if !bytes.Equal(k.SPKI(), newKey(t, name, seed).SPKI()) {
				t.Errorf("%s: two keys of one seed", name)
			}
			if k.Curve() != name {
				t.Errorf("key on %s, want %s", k.Curve(), name)
			}
			point := string(k.Point())
			if other, again := seen[point]; again {
				t.Errorf("%s, %s: the key of %s", name, seed, other)
			}
			seen[point] = name + " " + seed
			parsed, err := meter.ParseSPKI(k.SPKI(), "")
			if err != nil || parsed.Curve != name || parsed.SPKI != hex.EncodeToString(k.SPKI()) {
				t.Errorf("%s: SPKI read as %+v, %v", name, parsed, err)
			}
		}
	}
	if _, err := NewKey("secp160r1", "a"); err == nil {
		t.Error("a key on a curve nobody knows")
	}
}

func newKey(tb testing.TB, curveName, seed string) *Key {
	tb.Helper()
	k, err := NewKey(curveName, seed)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func BenchmarkSign(b *testing.B) {
	for _, name := range append(ocmfCurves, "secp224k1") {
		b.Run(name, func(b *testing.B) {
			k, message := newKey(b, name, "seed"), make([]byte, 320)
			for b.Loop() {
				k.Sign(message)
			}
		})
	}
}
