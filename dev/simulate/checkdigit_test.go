package simulate

import (
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
