package simulate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"
)

func TestGermanIBAN(t *testing.T) {
	// The example of the Bundesbank and of the IBAN registry for Germany.
	if got := germanIBAN("37040044", 532013000); got != "DE89370400440532013000" {
		t.Errorf("got %s, want DE89370400440532013000", got)
	}
}

// TestIBANsOfAWorld checks each by the rule for readers: country and check digits moved to the end, remainder 1.
func TestIBANsOfAWorld(t *testing.T) {
	w := generate(t, Options{Seed: 5, Customers: 60, Sessions: -1})
	ibans := []string{w.Tenant.Issuer.IBAN}
	for _, m := range w.Mandates {
		ibans = append(ibans, m.IBAN)
	}
	seen := map[string]bool{}
	for _, iban := range ibans {
		n, ok := new(big.Int).SetString(iban[4:]+"1314"+iban[2:4], 10)
		if len(iban) != 22 || !ok || new(big.Int).Mod(n, big.NewInt(97)).Int64() != 1 {
			t.Errorf("IBAN %s…%s is wrong", iban[:4], iban[18:])
		}
		if iban[4] != '9' {
			t.Errorf("IBAN %s…%s could belong to somebody", iban[:4], iban[18:])
		}
		if seen[iban] {
			t.Errorf("IBAN %s…%s twice", iban[:4], iban[18:])
		}
		seen[iban] = true
	}
}

func TestGermanVATID(t *testing.T) {
	// Worked by hand: product 2, 7, 1, 9, 5, 8, 3, 6 for eight nines, check digit 11-6.
	if got := germanVATID("99999999"); got != "DE999999995" {
		t.Errorf("got %s, want DE999999995", got)
	}
}

// TestSignatureIsDeterministic signs the message "sample" with the P-256 key of RFC 6979, appendix A.2.5.
func TestSignatureIsDeterministic(t *testing.T) {
	scalar, _ := hex.DecodeString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	der, err := sign(key, []byte("sample"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "3046" +
		"022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716" +
		"022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
	if got := fmt.Sprintf("%X", der); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
