package curve

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ProtonMail/go-crypto/brainpool"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRFC6979 has the signatures with SHA-256 of RFC 6979, A.2.3 and A.2.5. The reference must make the same ones.
func TestRFC6979(t *testing.T) {
	const (
		secret192 = "6FAB034934E4C0FC9AE67F5B5659A9D7D1FEFD187EE09FD4"
		x192      = "AC2C77F529F91689FEA0EA5EFEC7F210D8EEA0B9E047ED56"
		y192      = "3BC723E57670BD4887EBC732C523063D0A7C957BC97C1C43"
		secret256 = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
		x256      = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
		y256      = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
	)
	for _, tt := range []struct{ curve, secret, x, y, message, r, s string }{
		{
			"secp192r1", secret192, x192, y192, "sample",
			"4B0B8CE98A92866A2820E20AA6B75B56382E0F9BFD5ECB55", "CCDB006926EA9565CBADC840829D8C384E06DE1F1E381B85",
		},
		{
			"secp192r1", secret192, x192, y192, "test",
			"3A718BD8B4926C3B52EE6BBE67EF79B18CB6EB62B1AD97AE", "5662E6848A4A19B1F1AE2F72ACD4B8BBE50F1EAC65D9124F",
		},
		{
			"secp256r1", secret256, x256, y256, "sample",
			"EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
			"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
		},
	} {
		c := referenceNamed(t, tt.curve)
		point := unhex(t, "04"+tt.x+tt.y)
		r, s := unhex(t, tt.r), unhex(t, tt.s)
		digest := sha256.Sum256([]byte(tt.message))
		k, err := c.Key(point)
		if err != nil {
			t.Fatal(err)
		}
		if !k.Verify(digest[:], r, s) {
			t.Errorf("%s: %q: the signature is refused", tt.curve, tt.message)
		}
		if got := c.BaseMult(unhex(t, tt.secret)); !bytes.Equal(got, point) {
			t.Errorf("%s: public key %x, want %x", tt.curve, got, point)
		}
		d := number(tt.secret)
		if gotR, gotS := c.sign(d, c.nonce(d, digest[:]), digest[:]); !bytes.Equal(gotR.Bytes(), r) || !bytes.Equal(gotS.Bytes(), s) {
			t.Errorf("%s: %q: the reference signs %x, %x", tt.curve, tt.message, gotR, gotS)
		}
	}
}

// TestRFC7027 has the key pairs of RFC 7027, A.1 and A.2.
func TestRFC7027(t *testing.T) {
	for _, tt := range []struct{ curve, secret, x, y string }{
		{
			"brainpoolP256r1", "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
			"44106E913F92BC02A1705D9953A8414DB95E1AAA49E81D9E85F929A8E3100BE5",
			"8AB4846F11CACCB73CE49CBDD120F5A900A69FD32C272223F789EF10EB089BDC",
		},
		{
			"brainpoolP256r1", "55E40BC41E37E3E2AD25C3C6654511FFA8474A91A0032087593852D3E7D76BD3",
			"8D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B",
			"990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A",
		},
		{
			"brainpoolP384r1",
			"1E20F5E048A5886F1F157C74E91BDE2B98C8B52D58E5003D57053FC4B0BD65D6F15EB5D1EE1610DF870795143627D042",
			"68B665DD91C195800650CDD363C625F4E742E8134667B767B1B476793588F885AB698C852D4A6E77A252D6380FCAF068",
			"55BC91A39C9EC01DEE36017B7D673A931236D2F1F5C83942D049E3FA20607493E0D038FF2FD30C2AB67D15C85F7FAA59",
		},
		{
			"brainpoolP384r1",
			"032640BC6003C59260F7250C3DB58CE647F98E1260ACCE4ACDA3DD869F74E01F8BA5E0324309DB6A9831497ABAC96670",
			"4D44326F269A597A5B58BBA565DA5556ED7FD9A8A9EB76C25F46DB69D19DC8CE6AD18E404B15738B2086DF37E71D1EB4",
			"62D692136DE56CBE93BF5FA3188EF58BC8A3A0EC6C1E151A21038A42E9185329B5B275903D192F8D4E1F32FE9CC78C48",
		},
	} {
		if got, want := Named(tt.curve).BaseMult(unhex(t, tt.secret)), unhex(t, "04"+tt.x+tt.y); !bytes.Equal(got, want) {
			t.Errorf("%s: %s times the base point is %x, want %x", tt.curve, tt.secret, got, want)
		}
	}
}

// TestBrainpoolModule verifies what an implementation by others signed.
func TestBrainpoolModule(t *testing.T) {
	chance := rand.NewChaCha8([32]byte{1})
	for _, c := range ownReferences() {
		other := brainpool.P256r1()
		switch c.Name() {
		case "brainpoolP384r1":
			other = brainpool.P384r1()
		case "brainpoolP256r1":
		default:
			continue
		}
		for i := range 4 {
			secret := big.NewInt(int64(1000 + i))
			secret.Exp(secret, big.NewInt(31), c.n)
			x, y := other.ScalarBaseMult(secret.Bytes()) //nolint:staticcheck // all that the module has
			point := uncompressed(x, y, c.Size())
			if got := c.BaseMult(secret.Bytes()); !bytes.Equal(got, point) {
				t.Fatalf("%s: %x times the base point is %x, want %x", c.Name(), secret, got, point)
			}
			k, err := c.Key(point)
			if err != nil {
				t.Fatal(err)
			}
			digest := sha256.Sum256([]byte{byte(i)})
			key := &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: other, X: x, Y: y}, D: secret} //nolint:staticcheck // the other ways refuse such curves
			r, s, err := ecdsa.Sign(chance, key, digest[:])
			if err != nil {
				t.Fatal(err)
			}
			if !k.Verify(digest[:], r.Bytes(), s.Bytes()) {
				t.Errorf("%s: the signature %x, %x is refused", c.Name(), r, s)
			}
			r.Xor(r, big.NewInt(1))
			if k.Verify(digest[:], r.Bytes(), s.Bytes()) {
				t.Errorf("%s: a changed signature is accepted", c.Name())
			}
		}
	}
}

// TestOthersCurves calculates curves that are left to others with the arithmetic of this package.
func TestOthersCurves(t *testing.T) {
	for _, c := range references()[len(ownReferences()):] {
		if c.n.BitLen() > 384 {
			continue
		}
		text := func(n *big.Int) string { return new(big.Int).Mod(n, c.p).Text(16) }
		g := newGroup(parameters{c.p.Text(16), text(c.a), text(c.b), text(c.g.x), text(c.g.y), c.n.Text(16), "1"})
		for i := range 10 {
			k := new(big.Int).Exp(big.NewInt(int64(i+3)), big.NewInt(401), c.n)
			if got, want := g.baseMult(k.Bytes()), c.BaseMult(k.Bytes()); !bytes.Equal(got, want) {
				t.Errorf("%s: %x times the base point is %x, want %x", c.Name(), k, got, want)
			}
			digest := sha256.Sum256([]byte{byte(i)})
			r, s := c.sign(k, c.nonce(k, digest[:]), digest[:])
			v, _, ok := g.parse(c.BaseMult(k.Bytes()))
			if !ok || !v.verify(digest[:], r.Bytes(), s.Bytes()) || v.verify(digest[1:], r.Bytes(), s.Bytes()) {
				t.Errorf("%s: signature %x, %x is refused, or accepted for another digest", c.Name(), r, s)
			}
		}
	}
}
