package simulate

import "fmt"

// germanIBAN returns the IBAN of a bank code (8 digits) and an account number (at most 10 digits), with its check
// digits: 98 minus the remainder of BBAN, country and 00 by 97, letters as numbers (ISO 13616, D=13, E=14).
func germanIBAN(bankCode string, account uint64) string {
	bban := fmt.Sprintf("%s%010d", bankCode, account)
	rest := 0
	for _, c := range bban + "131400" {
		rest = (rest*10 + int(c-'0')) % 97
	}
	return fmt.Sprintf("DE%02d%s", 98-rest, bban)
}

// germanVATID returns the VAT id of eight digits with its check digit (ISO 7064, MOD 11,10).
func germanVATID(digits string) string {
	product := 10
	for _, c := range digits {
		sum := (int(c-'0') + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = 2 * sum % 11
	}
	return fmt.Sprintf("DE%s%d", digits, (11-product)%10)
}
